"""Copy the models of the BMTK wheel and compile its .mod files with its own NEURON: `peer_models.py PYTHON FOLDER`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def main() -> None:
    python, folder = Path(sys.argv[1]), Path(sys.argv[2])
    find = "import importlib.util as u; print(u.find_spec('bmtk').origin)"
    package = subprocess.run([python, "-c", find], capture_output=True, text=True, check=True).stdout.strip()
    models = Path(package).parent / "utils" / "scripts" / "bionet"
    for name in ("morphologies", "biophysical_neuron_models", "synaptic_models", "mechanisms"):
        shutil.copytree(models / name, folder / name, dirs_exist_ok=True)
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    command = [python.parent / "nrnivmodl", "modfiles"]
    subprocess.run(command, cwd=folder / "mechanisms", env={**os.environ, "PATH": path}, check=True)


if __name__ == "__main__":
    main()
