"""Links of any kind, and bits that flip in compiled libraries: what is used is what was meant, or nothing is."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
import yaml

from colonnade.cache import _is_intact
from colonnade.errors import InputError
from colonnade.experiment import Experiment, Plan
from colonnade.experiment.user_file_checks import missing_files
from colonnade.mechanisms import compile_mechanisms, load_mechanisms, toolchain
from colonnade.places import project_folder

pytestmark = pytest.mark.xdist_group("flips")

ROOT = project_folder()
LEAK = """
NEURON { SUFFIX flipleak NONSPECIFIC_CURRENT i RANGE g, e, i }
PARAMETER { g = 0.001 (S/cm2)  e = -65 (mV) }
ASSIGNED { v (mV)  i (mA/cm2) }
BREAKPOINT { i = g*(v - e) }
"""
FLIPS = 50  # places, of each library


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A cache with a mechanism compiled for both engines, its source, and the folder of the result."""
    folder = tmp_path_factory.mktemp("flips")
    (folder / "mods").mkdir()
    (folder / "mods" / "flipleak.mod").write_text(LEAK)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLONNADE_CACHE", str(folder / "cache"))
        patch.setattr(toolchain, "DEFAULT_FLAGS", "-O0 -march=native")
        made = compile_mechanisms(folder / "mods", folder / "result")
        yield folder, made


def flipped(path, rng) -> bytes:
    """Flip one bit of a file; return what it held before."""
    before = path.read_bytes()
    content = bytearray(before)
    content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)
    return before


@pytest.mark.parametrize("engine", ["library", "coreneuron_library"])
def test_a_library_with_a_flipped_bit_is_never_loaded(compiled, engine):
    folder, made = compiled
    library, rng = getattr(made, engine), np.random.default_rng(7)
    for _ in range(FLIPS):
        before = flipped(library, rng)
        with pytest.raises(InputError, match=f"{library.name}: sha256: the compiled library is damaged") as caught:
            load_mechanisms(folder / "result")
        assert "compile the mechanisms again" in str(caught.value)
        library.write_bytes(before)


@pytest.mark.parametrize("entry", ["neuron-*/*/libnrnmech.*", "coreneuron-*/*/libcorenrnmech.*",
                                   "coreneuron-*/refusals.json", "neuron-*/checksums.json"])  # fmt: skip
def test_a_flipped_bit_in_the_cache_is_found(compiled, entry):
    folder, _ = compiled
    path, rng = next((folder / "cache" / "mechanisms").glob(entry)), np.random.default_rng(8)
    holder = next(each for each in path.parents if each.parent.name == "mechanisms")
    for _ in range(FLIPS):
        before = flipped(path, rng)
        assert not _is_intact(holder)
        path.write_bytes(before)
    assert _is_intact(holder)


def test_a_damaged_entry_of_the_cache_is_made_anew(compiled):
    folder, made = compiled
    rng, libraries = np.random.default_rng(9), (made.library, made.coreneuron_library)
    damaged = [next((folder / "cache" / "mechanisms").glob(f"*/*/{library.name}")) for library in libraries]
    before = [flipped(path, rng) for path in damaged]
    compile_mechanisms(folder / "mods", folder / "again")
    for path, content, library in zip(damaged, before, libraries, strict=True):
        assert _is_intact(path.parents[1])
        assert path.stat().st_size == len(content)
        assert (folder / "again" / library.relative_to(made.directory)).read_bytes() == path.read_bytes()


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A working directory with the small experiment; a function gives its problems."""
    shutil.copytree(ROOT / "tests" / "workflow" / "models", tmp_path / "models")
    shutil.copy(ROOT / "tests" / "workflow" / "experiment.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems() -> str:
    with open("experiment.yaml") as file:
        config = yaml.safe_load(file)
    try:
        return "\n".join(map(str, missing_files(Plan(Experiment(config, file="experiment.yaml"), ROOT))))
    except InputError as error:
        return str(error)


def test_models_in_another_folder_may_be_linked(small):
    (small / "models").rename(small / "elsewhere")
    (small / "models").symlink_to("elsewhere")
    assert problems() == ""
    (small / "models").unlink()
    (small / "models").mkdir()
    for folder in (small / "elsewhere").iterdir():
        (small / "models" / folder.name).symlink_to(folder)
    assert problems() == ""


@pytest.mark.parametrize(("link", "target", "said"), [
    ("models", "nowhere", "components.directory: there is no such folder (found 'models')"),
    ("models", "models", "components.directory: there is no such folder (found 'models')"),
    ("models/morphologies/ball_and_stick.swc", "gone.swc", "models/morphologies/ball_and_stick.swc"),
    ("models/morphologies/ball_and_stick.swc", "ball_and_stick.swc", "models/morphologies/ball_and_stick.swc"),
    ("models/synaptic_models/excitatory.json", "../synaptic_models", "models/synaptic_models/excitatory.json"),
    ("results", "nowhere", "results cannot go there: the link leads nowhere (found 'results')"),
    ("results", "results", "results cannot go there: the link leads nowhere (found 'results')"),
    ("results", "experiment.yaml", "results cannot go there: it is no folder"),
])  # fmt: skip
def test_a_link_that_leads_nowhere_or_to_itself_or_to_another_kind_is_named(link, target, said, small):
    path = small / link
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    assert said in problems()


def test_a_folder_with_a_loop_of_links_beside_the_models_does_no_harm(small):
    (small / "models" / "again").symlink_to("..")
    (small / "models" / "morphologies" / "up").symlink_to("..")
    assert problems() == ""


def test_results_may_be_a_link_to_another_disk(small):
    (small / "disk").mkdir()
    (small / "results").symlink_to("disk")
    assert problems() == ""


@pytest.mark.parametrize("option", ["--settings", "--provenance"])
@pytest.mark.parametrize("given", ["[]", "1", '"raster"', "null", "{"])
def test_plot_wants_an_object(option, given, tmp_path):
    command = [sys.executable, ROOT / "scripts" / "plot.py", option, given, "--output", tmp_path / "a.pdf"]
    answer = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    assert option in answer.stderr
    assert not list(tmp_path.iterdir())
