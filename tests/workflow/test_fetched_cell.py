"""A fetched cell runs, and its response is held against its recorded sweep."""

import subprocess
import sys

from test_allen import SPECIMEN, service  # noqa: F401  a server that speaks the database's protocol


def colonnade(folder, *words) -> str:
    command = [sys.executable, "-m", "colonnade", *map(str, words)]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_a_fetched_cell_runs_and_its_response_stands_beside_the_recording(service, tmp_path):  # noqa: F811
    address, _, _ = service
    said = colonnade(tmp_path, "fetch", SPECIMEN, "--service", address, "--output", "cell")
    assert "colonnade response" in said
    folder = tmp_path / "cell"
    colonnade(folder, "run")
    said = colonnade(folder, "response")
    rows = {line.rsplit(maxsplit=2)[0]: line.split()[-2:] for line in said.splitlines()[1:-1]}
    assert rows["spikes"][0] == "0"  # of the recording of the test, which has none
    assert float(rows["resting potential (mV)"][0]) < -65.0
    assert float(rows["distance below threshold (mV)"][1]) > 0.0
    for form in ("pdf", "svg", "png"):
        assert (folder / "response" / f"response.{form}").stat().st_size > 1000
    assert (folder / "response" / "response.csv").read_text().startswith("measure,recorded,model\n")
