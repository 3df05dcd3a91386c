"""Scripts in BMTK's names: the same script with Colonnade's import lines, and a way to run either."""

import os
import subprocess
from pathlib import Path

IMPORTS = {
    "from bmtk.analyzer.compartment import": "from colonnade.figures import",
    "from bmtk.analyzer.spike_trains import plot_": "from colonnade.figures import plot_",
    "from bmtk.analyzer.spike_trains import to_dataframe": "from colonnade.bmtk import to_dataframe",
    "from bmtk.builder.auxi.edge_connectors import": "from colonnade.builder import",
    "from bmtk.builder.auxi.node_params import": "from colonnade.builder import",
    "from bmtk.builder.networks import": "from colonnade.builder import",
    "from bmtk.simulator import bionet": "from colonnade import simulation as bionet",
    "from bmtk.utils.reports.spike_trains import": "from colonnade.spikes import",
    "from bmtk.utils.sim_setup import": "from colonnade.simulation import",
}


def with_our_imports(script: Path, folder: Path) -> Path:
    """Write the script with other import lines into ``folder``; every other line is as it was."""
    lines = script.read_text().splitlines(keepends=True)
    for i, line in enumerate(lines):
        old = [old for old in IMPORTS if line.startswith(old)]
        if old:
            lines[i] = line.replace(old[0], IMPORTS[old[0]])
    path = folder / script.name
    path.write_text("".join(lines))
    assert "import bmtk" not in path.read_text()
    assert "from bmtk" not in path.read_text()
    return path


def run(python: Path, script: Path, folder: Path, *steps: str, **variables: str) -> None:
    """Run the script in ``folder`` with the programs of that Python's environment on the path."""
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"MPLBACKEND": "Agg", "PATH": path} | variables
    command = [str(python), str(script), *steps]
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
