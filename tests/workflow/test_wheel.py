"""The installed package is whole: a wheel in a fresh environment runs an experiment where no clone is in sight."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("wheel")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel that `pip wheel` builds of this clone, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True, capture_output=True)
    return next(folder.glob("colonnade-*.whl"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """The Python of a fresh environment with the wheel; its dependencies are those of the environment of the tests."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    packages = Path(subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
                                            text=True).strip())  # fmt: skip
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (packages / "of_the_tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    for name in ("nrnivmodl", "nrnivmodl-core"):
        (folder / "bin" / name).symlink_to(Path(sysconfig.get_path("scripts")) / name)
    return python


def call(python: Path, folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    """Run the fresh environment's Python in ``folder``, with nothing of this one in its environment."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL"))}
    answer = subprocess.run([python, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    if check:
        assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer


def test_the_library_is_the_installed_one_and_finds_its_files(python, tmp_path):
    code = "import colonnade, colonnade.places as p; print(colonnade.__file__); print(p.project_folder())"
    file, folder = call(python, tmp_path, "-c", code).stdout.split()
    assert Path(file).is_relative_to(python.parent.parent)
    assert Path(folder).is_relative_to(python.parent.parent)
    for part in ("Snakefile", "workflow/schemas", "mechanisms/NaTs.mod", "scripts/simulate.py", "profiles/slurm",
                 "envs/environment.yaml", "config/experiments/ei_column.yaml"):  # fmt: skip
        assert Path(folder, part).exists(), part
    assert not list(Path(folder).rglob("__pycache__"))


def test_a_newcomer_with_nothing_but_the_wheel_gets_figures_and_a_report_once_and_packs_them(python, tmp_path):
    origin = ROOT / "tests" / "workflow" / "experiment.yaml"
    call(python, tmp_path, "-m", "colonnade", "init", "demo", "--from", str(origin))
    folder = tmp_path / "demo"
    said = call(python, folder, "-m", "colonnade", "run").stdout
    assert "report  results/demo/report.html" in said
    assert len(said.splitlines()) < 25
    results = folder / "results" / "demo"
    assert (results / "figures" / "raster.pdf").is_file()
    # The fast synapse is ours: without our mechanisms a slower one would be taken without a word.
    assert "Exp2SynFixed" in (results / "mechanisms" / "mechanisms.json").read_text()
    code = "from colonnade.places import project_file; print(project_file('Snakefile'))"
    snakefile = call(python, folder, "-c", code).stdout.strip()
    plain = ["-m", "snakemake", "--snakefile", snakefile, "--configfile", "config.yaml", "--cores", "2"]
    assert "Nothing to be done" in call(python, folder, *plain, "--dry-run").stdout
    # The wheel in the archive is made anew of what is installed: the same files as in the one that was built.
    call(python, folder, "-m", "colonnade", "archive")
    with zipfile.ZipFile(folder / "demo.zip") as archive:
        (name,) = (name for name in archive.namelist() if "/wheels/colonnade-" in name)
        (tmp_path / "again.whl").write_bytes(archive.read(name))
    with zipfile.ZipFile(tmp_path / "again.whl") as again:
        assert again.testzip() is None
        names = set(again.namelist())
    assert {"colonnade/bundled/Snakefile", "colonnade/command/main.py"} <= names
    assert any(name.endswith("entry_points.txt") for name in names)


def test_an_installation_without_the_workflows_files_says_so(python, tmp_path):
    packages = tmp_path / "packages"
    library = Path(call(python, tmp_path, "-c", "import colonnade; print(colonnade.__path__[0])").stdout.strip())
    shutil.copytree(library, packages / "colonnade", ignore=shutil.ignore_patterns("bundled"))
    code = f"import sys; sys.path.insert(0, {str(packages)!r}); import colonnade.experiment as e; e.resolve({{}})"
    answer = call(python, tmp_path, "-c", code, check=False)
    assert answer.returncode != 0
    assert "install Colonnade again" in answer.stderr
