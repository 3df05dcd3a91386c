"""Every kind of figure keeps the contract; a kind is tested by being there."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from small_result import write_result

from colonnade.errors import InputError
from colonnade.experiment.schema import config_schema
from colonnade.figures.registry import FORMATS, PAGE, figure_kind, figure_kinds, figure_reads
from colonnade.provenance import source_files

ROOT = Path(__file__).resolve().parents[2]
PLOT = ROOT / "scripts" / "plot.py"
READS = {"nodes", "edges", "spikes", "reports", "morphologies", "points"}
# What a kind cannot do without, beside its defaults.
NEEDED = {
    "traces": {"report": "v"},
    "sweep": {"x": "inputs.mthalamus.firing_rate"},
    "own": {"function": f"{Path(__file__).parent.parent}/unit/own_panel.py:spike_count"},
    "phase_response": {"edges": "mthalamus_to_mcortex"},
    "difference": {"other": "this result"},
    "panel": {"rows": [["raster"]], "figures": {"raster": {"kind": "raster"}}},
}


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Path:
    """The simulation config of a small result, with the table of a sweep beside it."""
    folder = tmp_path_factory.mktemp("result")
    header = "point,inputs.mthalamus.firing_rate,replicate,status,population,group,rate_mean_hz"
    rows = [f"rate~{rate},{rate},0,done,mcortex,Scnn1a,{2 * rate}" for rate in (5.0, 10.0)]
    (folder / "points.csv").write_text("\n".join([header, *rows]) + "\n")
    return write_result(folder, tstop=300.0)


# Calls the program for one kind after another, since its imports take a second; what fails is said of its kind.
DRAW = """
import json, runpy, sys, traceback
program, jobs = sys.argv[1], json.loads(sys.stdin.read())
sys.path.insert(0, program.rpartition("/")[0])
failed = {}
for name, words in jobs:
    sys.argv = [program, *words]
    try:
        runpy.run_path(program, run_name="__main__")
    except (Exception, SystemExit):
        failed[name] = traceback.format_exc()
print(json.dumps(failed))
"""


@pytest.fixture(scope="module")
def drawn(result, tmp_path_factory) -> list[tuple[Path, dict[str, str]]]:
    """Two folders with all kinds of figures, drawn by two processes in opposite orders, and what failed of each."""
    found = []
    for order in (1, -1):
        folder, jobs = tmp_path_factory.mktemp("drawn"), []
        for name in list(figure_kinds())[::order]:
            settings = {"kind": name} | NEEDED.get(name, {}) | ({"other": str(result)} if name == "difference" else {})
            given = ["--config", result, "--points", result.parent / "points.csv", "--settings", json.dumps(settings)]
            jobs.append((name, [*map(str, given), "--output", *map(str, files_of(folder, name))]))
        command = [sys.executable, "-c", DRAW, str(PLOT)]
        answer = subprocess.run(command, input=json.dumps(jobs), capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
        found.append((folder, json.loads(answer.stdout.splitlines()[-1])))
    return found


def files_of(folder: Path, name: str) -> list[Path]:
    """Return the files of a figure of a kind."""
    forms = (*FORMATS, *([PAGE] if figure_kind(name).page else []))
    return [folder / name / f"figure.{form}" for form in forms]


@pytest.mark.parametrize("name", figure_kinds())
class TestKind:
    @pytest.mark.xdist_group("figures")
    def test_it_is_drawn_to_the_same_bytes_twice(self, name, drawn):
        for _, failed in drawn:
            assert name not in failed, failed[name]
        first, second = ([path.read_bytes() for path in files_of(folder, name)] for folder, _ in drawn)
        assert all(first)
        assert first == second

    def test_each_setting_is_explained_and_others_are_refused(self, name):
        schema = figure_kind(name).schema()
        for key, part in schema["properties"].items():
            assert key == "kind" or part["description"]
        validator = jsonschema.Draft202012Validator(schema)
        validator.check_schema(schema)
        needed = {key: value for key, value in NEEDED.get(name, {}).items() if key in schema["properties"]}
        assert validator.is_valid({"kind": name} | needed)
        assert not validator.is_valid({"kind": name, "no_such_setting": 1} | needed)
        if figure_kind(name).required:
            assert not validator.is_valid({"kind": name})

    def test_the_config_takes_it_and_the_report_has_a_caption(self, name):
        assert name in config_schema()["properties"]["figures"]["additionalProperties"]["properties"]["kind"]["enum"]
        assert "page.caption or" in (ROOT / "workflow" / "report" / f"{name}.rst").read_text()
        assert f"kind={name}" in (ROOT / "config" / "README.md").read_text()

    def test_it_says_when_to_use_it_and_stands_in_the_gallery(self, name):
        assert figure_kind(name).use
        assert f"## {name}\n" in (ROOT / "docs" / "gallery.md").read_text()

    def test_it_says_what_it_is_drawn_from(self, name):
        assert set(figure_reads({"kind": name} | NEEDED.get(name, {}))) <= READS
        assert figure_kind(name).reads or name == "panel"

    def test_its_code_is_its_own_module_and_not_another_kinds(self, name):
        module = figure_kind(name).draw.__module__
        files = {Path(path).name for path in source_files(PLOT, [module]) if "/kinds/" in path}
        assert files == {"__init__.py", f"{name}.py"}


def test_a_kind_that_is_not_there_gets_the_nearest_name():
    with pytest.raises(InputError, match=r"'rastr'.*Did you mean 'raster'"):
        figure_kind("rastr")


def test_the_kinds_are_known_without_what_draws_or_simulates():
    program = (
        "import sys\nfrom colonnade.figures.registry import figure_kinds\nfigure_kinds()\n"
        "sys.exit(', '.join({'matplotlib', 'pandas', 'h5py', 'scipy', 'neuron'} & set(sys.modules)) or None)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
