"""Run the same SONATA config by BMTK, in an environment of its own, and by Colonnade."""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from peer_programs import HERE, ROOT, once, run


@pytest.fixture(scope="session")
def models(peer_python) -> Path:
    """Return the folder of the BMTK wheel which holds its morphologies, cell and synapse models and .mod files."""
    found = run([peer_python, "-c", "import importlib.util as u; print(u.find_spec('bmtk').origin)"])
    return Path(found.stdout.strip()).parent / "utils" / "scripts" / "bionet"


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """Return one folder for all the workers of this test run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "peer"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def peer_mechanisms(peer_python, models, pytestconfig) -> Path:
    """Return the wheel's .mod files, and ours for BMTK, with the library that its own nrnivmodl makes of them; kept."""
    own = HERE / "peer" / "mechanisms"
    sources = [*sorted((models / "mechanisms" / "modfiles").glob("*.mod")), *sorted(own.glob("*.mod"))]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in [*sources, peer_python.parent / "nrnivmodl"]))
    folder = pytestconfig.cache.mkdir("peer") / key.hexdigest()[:16]

    def compile_here() -> None:
        shutil.copytree(models / "mechanisms" / "modfiles", folder / "modfiles", dirs_exist_ok=True)
        shutil.copytree(own, folder / "modfiles", dirs_exist_ok=True)
        path = f"{peer_python.parent}{os.pathsep}{os.environ['PATH']}"
        run([peer_python.parent / "nrnivmodl", "modfiles"], cwd=folder, env={**os.environ, "PATH": path})

    once(folder, compile_here)
    return folder


@pytest.fixture(scope="session")
def peer(peer_python, models, peer_mechanisms, shared) -> Callable[[str], Path]:
    """Return ``peer(case)``: the folder of a case of ``peer/cases``, built and run by BMTK once."""

    def case_folder(case: str) -> Path:
        folder = shared / case
        program = HERE / "peer" / "run_case.py"
        once(folder, lambda: run([peer_python, program, case, folder, models, peer_mechanisms]))
        return folder

    return case_folder


@pytest.fixture(scope="session")
def ours() -> Callable[..., Path]:
    """Return ``ours(config, *options)``: the folder with the result of our simulation of a config file, run once."""

    def output(config: Path, *options: str) -> Path:
        folder = config.parent / "-".join(["ours", config.stem, *(option.lstrip("-") for option in options)])
        command = [sys.executable, ROOT / "scripts" / "simulate.py", "--config", config, "--output", folder, *options]
        once(folder, lambda: run(command))
        return folder

    return output
