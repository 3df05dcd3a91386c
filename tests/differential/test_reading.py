"""A script that reads results by BMTK's names prints the same with BMTK's import lines and with ours."""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))
from small_result import write_result

IMPORTS = {
    "bmtk": "from bmtk.utils.reports.spike_trains import SpikeTrains\n"
    "from bmtk.utils.reports.compartment import CompartmentReport\n"
    "from bmtk.analyzer.spike_trains import spike_statistics\n",
    "colonnade": "from colonnade.bmtk import CompartmentReport, SpikeTrains, spike_statistics\n",
}
SCRIPT = """
import json, sys
import numpy as np
folder = sys.argv[1]
spikes = SpikeTrains.load(folder + "/spikes.h5")
table = spikes.to_dataframe().sort_values(["timestamps", "node_ids"])
report = CompartmentReport.load(folder + "/v.h5")
found = {
    "populations": list(spikes.populations), "n_spikes": int(spikes.n_spikes()), "length": len(spikes),
    "times": np.sort(spikes.get_times(node_id=3)).tolist(),
    "window": np.sort(spikes.get_times(node_id=3, time_window=[20.0, 150.0])).tolist(),
    "nodes": sorted(int(i) for i in spikes.node_ids(population="mcortex")),
    "columns": sorted(table.columns), "rows": table["timestamps"].tolist(), "ids": table["node_ids"].tolist(),
    "report": [list(report.populations), report.units(), report.tstart(), report.tstop(),
               report.dt(), [int(i) for i in report.node_ids()], int(report.n_elements(5))],
    "trace": np.ravel(report.data(node_id=5)).tolist(),
    "origin": np.ravel(report.data(node_id=5, sections="origin")).tolist(),
    "all": list(np.shape(report.data())),
    "shapes": [list(np.shape(report.data(5, **each))) for each in ({}, {"sections": "origin"}, {"sections": "all"},
                                                                  {"time_window": [10.0, 20.0]})],
    "custom": sorted(report.custom_columns()), "default": report.default_population,
    "same": list(CompartmentReport.load(report).populations),
    "elements": [np.ravel(report.element_ids(5)).tolist(), np.ravel(report.element_pos(5)).tolist()],
}
statistics = spike_statistics(folder + "/spikes.h5")
found["statistics"] = [[int(node) for _, node in statistics.index], statistics["count"].tolist()]
found["intervals"] = np.round(statistics["isi"], 9).tolist()
written = SpikeTrains(population="other")
for node in (3, 5):
    written.add_spikes(node_ids=node, timestamps=spikes.get_times(node))
written.to_sonata(folder + "/written.h5")
again = SpikeTrains.load(folder + "/written.h5")
found["written"] = [list(again.populations), np.sort(again.get_times(3)).tolist()]
written.add_spikes(node_ids=7, timestamps=[1.0], population="third")
written.to_sonata(folder + "/two.h5")
one = SpikeTrains.load(folder + "/two.h5", population="third")
found["one"] = [list(one.populations), one.to_dataframe()["node_ids"].tolist(), int(one.n_spikes())]
found["meant"] = int(SpikeTrains.load(folder + "/two.h5", default_population="third").n_spikes())
found["equal"] = [bool(spikes.is_equal(SpikeTrains.load(folder + "/spikes.h5"))), bool(spikes.is_equal(written))]
print(json.dumps(found))
"""


def test_the_same_calls_give_the_same_answers(peer_python, tmp_path):
    write_result(tmp_path, tstop=200.0)
    found = {}
    for name, python in (("bmtk", peer_python), ("colonnade", sys.executable)):
        (tmp_path / f"with_{name}.py").write_text(IMPORTS[name] + SCRIPT)
        answer = subprocess.run([python, tmp_path / f"with_{name}.py", tmp_path], capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
        found[name] = json.loads(answer.stdout.splitlines()[-1])
    assert found["colonnade"].keys() == found["bmtk"].keys()
    for key, value in found["bmtk"].items():
        assert found["colonnade"][key] == value, key
