"""Models come from the pinned wheel or a folder, whole and checked, with or without a network once they are cached."""

import json
import os
import stat
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from colonnade import components
from colonnade.components import BMTK, fetch_component, fetch_components, wheel_folder
from colonnade.errors import InputError, MissingFile
from colonnade.files import sha256

ROOT = Path(__file__).resolve().parent.parent.parent
CHAPTER3 = {
    "morphologies": ["Scnn1a_473845048_m.swc"],
    "biophysical_neuron_models": ["472363762_fit.json"],
    "synaptic_models": ["AMPA_ExcToExc.json"],
}
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}


@pytest.fixture
def own_models(tmp_path):
    """A user's folder with one morphology."""
    folder = tmp_path / "models"
    (folder / "morphologies").mkdir(parents=True)
    (folder / "morphologies" / "ball.swc").write_text("1 1 0 0 0 10 -1\n")
    return folder


def wheel_of(path, members):
    """Write an archive with ``members`` (name or ZipInfo -> text); return a Wheel pinned to it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return replace(BMTK, folder="models", sha256=sha256(path))


@pytest.fixture
def unpacked(tmp_path, monkeypatch):
    """A function that makes a wheel of ``members`` and unpacks it, through the whole of wheel_folder but pip."""

    def unpack(members):
        path = tmp_path / "some.whl"
        wheel = wheel_of(path, members)
        monkeypatch.setenv("COLONNADE_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(components, "_download", lambda *_: path)
        return wheel_folder(wheel)

    return unpack


def test_the_models_of_chapter_3_are_fetched_with_their_source_and_licence(tmp_path):
    found = fetch_components({"source": "bmtk", "files": CHAPTER3}, tmp_path / "out")
    assert (tmp_path / "out/morphologies/Scnn1a_473845048_m.swc").stat().st_size == 165301
    assert json.loads((tmp_path / "out/synaptic_models/AMPA_ExcToExc.json").read_text())["tau2"] == 3.0
    records = json.loads((tmp_path / "out/components.json").read_text())
    assert [record["file"] for record in records] == [name for names in CHAPTER3.values() for name in names]
    for record, component in zip(records, found, strict=True):
        path = tmp_path / "out" / record["kind"] / record["file"]
        assert record["sha256"] == sha256(path) == component.sha256
        assert (record["source"], record["version"], record["licence"]) == ("bmtk", "1.2.0", "BSD-3-Clause")
        assert record["source_sha256"] == BMTK.sha256
        assert "Allen Institute" in record["licence_text"]


def test_the_pin_is_that_of_the_environment_for_comparisons():
    assert f"bmtk=={BMTK.version} \\\n    --hash=sha256:{BMTK.sha256}" in (ROOT / "envs" / "bench.lock").read_text()


def test_only_what_was_asked_for_is_copied(tmp_path):
    fetch_components({"source": "bmtk", "files": {"synaptic_models": ["AMPA_ExcToExc.json"]}}, tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "AMPA_ExcToExc.json",
        "components.json",
    ]


def test_a_warm_cache_needs_no_network(tmp_path, monkeypatch):
    wheel_folder(BMTK)
    for key, value in OFFLINE.items():
        monkeypatch.setenv(key, value)
    fetch_components({"source": "bmtk", "files": CHAPTER3}, tmp_path)
    assert (tmp_path / "components.json").is_file()


def test_without_network_and_cache_one_line_says_what_to_do(tmp_path):
    settings = json.dumps({"source": "bmtk", "files": {"synaptic_models": ["AMPA_ExcToExc.json"]}})
    program = [sys.executable, str(ROOT / "scripts" / "fetch_component.py"), "--settings", settings]
    answer = subprocess.run(
        [*program, "--output", str(tmp_path / "out.json")],
        env={**os.environ, **OFFLINE, "COLONNADE_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    for words in ("not in the cache", "Connect to the network once", "PIP_FIND_LINKS", "source: directory"):
        assert words in answer.stderr
    assert not (tmp_path / "out.json").exists()
    assert not list((tmp_path / "cache" / "components").glob("[!.]*"))


def test_the_program_copies_one_file_and_records_it(tmp_path, own_models):
    settings = json.dumps(
        {"source": "directory", "directory": str(own_models), "files": {"morphologies": ["ball.swc"]}}
    )
    program = [sys.executable, str(ROOT / "scripts" / "fetch_component.py"), "--settings", settings]
    output, record = tmp_path / "out" / "ball.swc", tmp_path / "record.json"
    subprocess.run([*program, "--output", str(output), "--record", str(record)], check=True, capture_output=True)
    assert output.read_text() == "1 1 0 0 0 10 -1\n"
    assert json.loads(record.read_text())["sha256"] == sha256(output)


def test_a_wrong_name_gets_the_nearest_right_one(tmp_path, own_models):
    with pytest.raises(MissingFile, match=r"Did you mean '472363762_fit\.json'"):
        fetch_component({"source": "bmtk"}, "biophysical_neuron_models", "47236376_fit.json", tmp_path / "x")
    mine = {"source": "directory", "directory": str(own_models)}
    with pytest.raises(MissingFile, match=r"no such file among the morphologies.*Did you mean 'ball\.swc'"):
        fetch_component(mine, "morphologies", "bal.swc", tmp_path / "x")
    with pytest.raises(InputError, match="Did you mean 'morphologies'"):
        fetch_component(mine, "morphology", "ball.swc", tmp_path / "x")
    with pytest.raises(InputError, match="Did you mean 'bmtk'"):
        fetch_component({"source": "bmkt"}, "morphologies", "ball.swc", tmp_path / "x")


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "a/b.swc", "", ".."])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, own_models, name):
    with pytest.raises(InputError, match="must not hold a folder"):
        fetch_component({"source": "directory", "directory": str(own_models)}, "morphologies", name, tmp_path / "x")


def test_a_checksum_that_differs_is_refused_and_leaves_no_file(tmp_path, own_models):
    settings = {"source": "directory", "directory": str(own_models)}
    digest = sha256(own_models / "morphologies" / "ball.swc")
    fetch_component({**settings, "sha256": {"ball.swc": digest}}, "morphologies", "ball.swc", tmp_path / "good.swc")
    with pytest.raises(InputError, match="not the one that the config demands"):
        fetch_component(
            {**settings, "sha256": {"ball.swc": "0" * 64}}, "morphologies", "ball.swc", tmp_path / "bad.swc"
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.swc", "models"]


def test_the_licence_of_a_users_folder_is_recorded(tmp_path, own_models):
    settings = {"source": "directory", "directory": str(own_models)}
    assert fetch_component(settings, "morphologies", "ball.swc", tmp_path / "x").licence is None
    (own_models / "LICENCE.md").write_text("free\n")
    found = fetch_component(settings, "morphologies", "ball.swc", tmp_path / "x")
    assert (found.licence, found.licence_text) == ("LICENCE.md", "free\n")
    with pytest.raises(MissingFile, match="no such folder of models"):
        fetch_component({**settings, "directory": "nowhere"}, "morphologies", "ball.swc", tmp_path / "x")


def test_unpacking_takes_the_models_and_the_licence_only(unpacked):
    folder = unpacked({"models/morphologies/a.swc": "a", "other/b.py": "b", "some.dist-info/licenses/LICENSE": "free"})
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert found == ["LICENSE.txt", "checksums.json", "morphologies/a.swc"]


def symbolic_link(name):
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("models/../../evil.swc", "leads out of it"),
        ("/models/evil.swc", "leads out of it"),
        ("models\\..\\evil.swc", "leads out of it"),
        ("C:/models/evil.swc", "leads out of it"),
        (symbolic_link("models/morphologies/link.swc"), "symbolic link"),
    ],
)
def test_an_archive_that_would_write_elsewhere_is_refused_and_leaves_nothing(unpacked, tmp_path, member, message):
    with pytest.raises(InputError, match=message):
        unpacked({"models/morphologies/a.swc": "a", member: "evil"})
    assert not list(tmp_path.rglob("evil*"))
    assert not list((tmp_path / "cache" / "components").glob("[!.]*"))


def test_an_archive_that_unpacks_to_too_much_is_refused(unpacked, monkeypatch):
    monkeypatch.setattr(components, "LARGEST_FILE", 1000)
    with pytest.raises(InputError, match="more than models can be"):
        unpacked({"models/morphologies/big.swc": "0" * 1001})
    monkeypatch.setattr(components, "LARGEST_FOLDER", 1500)
    with pytest.raises(InputError, match="more than models can be"):
        unpacked({f"models/morphologies/{n}.swc": "0" * 900 for n in range(2)})


def test_an_archive_without_models_is_refused(unpacked):
    with pytest.raises(InputError, match="no models"):
        unpacked({"something/else.txt": "x"})


def test_another_wheel_than_the_pinned_one_is_refused(tmp_path, monkeypatch):
    """pip itself holds the download against the checksum."""
    wheelhouse = tmp_path / "wheels"
    wheelhouse.mkdir()
    wheel_of(wheelhouse / "bmtk-1.2.0-py3-none-any.whl", {"bmtk/utils/scripts/bionet/morphologies/a.swc": "a"})
    monkeypatch.setenv("COLONNADE_CACHE", str(tmp_path / "cache"))
    for key, value in {**OFFLINE, "PIP_FIND_LINKS": str(wheelhouse)}.items():
        monkeypatch.setenv(key, value)
    with pytest.raises(InputError, match="cannot be downloaded"):
        wheel_folder(BMTK)
