"""A cell of the Allen Cell Types Database, from a server on this machine that speaks the service's protocol."""

import http.server
import json
import threading
import urllib.parse
from pathlib import Path

import h5py
import numpy as np
import pytest
import yaml

from colonnade.allen import fetch_cell, read_sweep
from colonnade.analysis.response import response_table, spike_times
from colonnade.errors import InputError
from colonnade.experiment import Experiment

MODELS = Path(__file__).resolve().parents[1] / "workflow" / "models"
SPECIMEN, RATE = 7001, 20_000.0


def recordings(path: Path) -> None:
    """Write an NWB 1 file with two sweeps as the Allen Institute's have them: SI units, an epoch within the sweep."""
    with h5py.File(path, "w") as file:
        for number, amplitude in ((11, 1e-10), (12, 2e-10)):
            current = np.zeros(4000)
            current[2000:3000] = amplitude
            sweep = file.create_group(f"epochs/Sweep_{number}")
            for side, values in (("stimulus", current), ("response", np.full(4000, -0.07) + current * 1e8)):
                sweep[f"{side}/timeseries/data"] = values
                sweep[f"{side}/timeseries/starting_time"] = 0.0
                sweep[f"{side}/timeseries/starting_time"].attrs["rate"] = RATE
                sweep[f"{side}/idx_start"], sweep[f"{side}/count"] = 1000, 3000


@pytest.fixture
def service(tmp_path):
    """Address and requests of a server with one specimen; ``files`` may be changed."""
    recordings(tmp_path / "r.nwb")
    files = {
        "1": (MODELS / "biophysical_neuron_models" / "ball_and_stick.json").read_bytes(),
        "2": (MODELS / "morphologies" / "ball_and_stick.swc").read_bytes(),
        "3": (tmp_path / "r.nwb").read_bytes(),
    }

    def file(number, kind):
        return {"id": number, "well_known_file_type": {"name": kind}}

    sweeps = [
        {"sweep_number": 11, "stimulus_name": "Long Square", "num_spikes": 2, "stimulus_absolute_amplitude": 100.0},
        {"sweep_number": 12, "stimulus_name": "Long Square", "num_spikes": 5, "stimulus_absolute_amplitude": 200.0},
        {"sweep_number": 13, "stimulus_name": "Noise 1", "num_spikes": 50, "stimulus_absolute_amplitude": 900.0},
    ]
    model = {
        "id": 88,
        "well_known_files": [file(1, "NeuronalModelParameters"), file(9, "BiophysicalModelDescription")],
        "specimen": {
            "ephys_result": {"well_known_files": [file(3, "NWBDownload")]},
            "neuron_reconstructions": [
                {"well_known_files": [file(8, "3DNeuronMarker"), file(2, "3DNeuronReconstruction")]}
            ],
            "ephys_sweeps": sweeps,
        },
    }
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            address = urllib.parse.urlparse(self.path)
            asked.append(urllib.parse.unquote(self.path))
            if address.path == "/api/v2/data/query.json":
                criteria = urllib.parse.parse_qs(address.query)["criteria"][0]
                known = f"[specimen_id$eq{SPECIMEN}]" in criteria and "'Biophysical - perisomatic'" in criteria
                body = json.dumps({"success": True, "msg": [model] if known else []}).encode()
            else:
                body = files.get(address.path.rpartition("/")[2])
            self.send_response(200 if body is not None else 404)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", files, asked
        server.shutdown()


def test_a_specimen_becomes_a_project_with_its_current_and_recording(service, tmp_path, monkeypatch):
    address, files, asked = service
    folder = tmp_path / "cell"
    path = fetch_cell(SPECIMEN, folder, service=address)
    monkeypatch.chdir(folder)
    config = Experiment(yaml.safe_load(path.read_text())).config
    assert "sweep 12" in config["title"]  # the strongest long square
    group = config["networks"]["cell"]["nodes"][0]
    assert (folder / "models" / "morphologies" / group["morphology"]).read_bytes() == files["2"]
    assert (folder / "models" / "biophysical_neuron_models" / group["dynamics_params"]).read_bytes() == files["1"]
    given = np.loadtxt("stimulus.csv", delimiter=",", skiprows=1)
    np.testing.assert_allclose(given[:3], [[0, 0], [50, 0.2], [100, 0]])  # ms, nA
    with h5py.File("recorded.h5") as file:
        assert file["v"][0] == pytest.approx(-70.0 + file.attrs["junction_potential_mV"])
        assert len(file["times"]) == 3000
    assert config["simulation"]["tstop"] == pytest.approx(149.95)
    records = json.loads((folder / "models" / "checksums.json").read_text())
    assert len(records) == 3
    assert all(record["url"].startswith(address) and record["licence"] for record in records.values())
    assert "Terms of Use" in (folder / "models" / "LICENSE").read_text()
    assert sum("well_known_file_download" in each for each in asked) == 3


def test_what_is_there_is_not_fetched_again_and_something_else_is_refused(service, tmp_path):
    address, files, asked = service
    fetch_cell(SPECIMEN, tmp_path / "cell", service=address)
    before = len(asked)
    fetch_cell(SPECIMEN, tmp_path / "cell", service=address, sweep=11)
    assert len(asked) == before + 1  # the query
    assert "sweep 11" in (tmp_path / "cell" / "config.yaml").read_text()
    with open(tmp_path / "cell" / "config.yaml", "a") as file:
        file.write("# mine\n")
    with pytest.raises(InputError, match=r"config\.yaml: is there already, with edits"):
        fetch_cell(SPECIMEN, tmp_path / "cell", service=address)
    files["2"] += b"# changed\n"
    (tmp_path / "cell" / "models" / "morphologies" / f"{SPECIMEN}.swc").unlink()
    with pytest.raises(InputError, match="another file than before"):
        fetch_cell(SPECIMEN, tmp_path / "cell", service=address)
    assert not (tmp_path / "cell" / "models" / "morphologies" / f"{SPECIMEN}.swc").exists()


def test_what_cannot_be_had_is_told(service, tmp_path):
    address, files, _ = service
    with pytest.raises(InputError, match="no perisomatic model"):
        fetch_cell(1, tmp_path / "a", service=address)
    with pytest.raises(InputError, match="Did you mean 'all-active'"):
        fetch_cell(SPECIMEN, tmp_path / "a", service=address, model="all-activ")
    with pytest.raises(InputError, match=r"no such sweep.*12"):
        fetch_cell(SPECIMEN, tmp_path / "a", service=address, sweep=99)
    del files["3"]
    with pytest.raises(InputError, match="does not answer"):
        fetch_cell(SPECIMEN, tmp_path / "b", service=address)
    with pytest.raises(InputError, match="does not answer"):
        fetch_cell(SPECIMEN, tmp_path / "b", service="http://127.0.0.1:9")


def test_a_sweep_is_read_in_our_units(tmp_path):
    recordings(tmp_path / "r.nwb")
    sweep = read_sweep(tmp_path / "r.nwb", 11)
    assert (sweep.times[1], sweep.current.max()) == pytest.approx((0.05, 0.1))
    assert sweep.potential.max() == pytest.approx(-60.0)


def test_a_response_is_judged_by_spikes_latency_and_distance():
    times = np.arange(0, 200, 0.1)
    recorded, model = np.full((2, len(times)), -70.0)
    for begin in (60.0, 80.0, 100.0):
        recorded[(times >= begin) & (times < begin + 1)] = 20.0
    for begin in (65.0, 95.0):
        model[(times >= begin) & (times < begin + 1)] = 20.0
    model[times < 50] += 3.0
    np.testing.assert_allclose(spike_times(times, recorded, -15.0), [60, 80, 100])
    rows = {name: values for name, *values in response_table((times, recorded), (times, model), 50.0, -15.0)}
    assert rows["spikes"] == [3, 2]
    assert rows["latency (ms)"] == pytest.approx([10, 15])
    assert rows["mean interval (ms)"] == pytest.approx([20, 30])
    assert rows["resting potential (mV)"] == pytest.approx([-70, -67])
    assert rows["distance below threshold (mV)"][1] == pytest.approx(np.sqrt(9 * 500 / (2000 - 50)), rel=1e-3)
