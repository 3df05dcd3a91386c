"""The sections that build scripts read from a morphology are those of BMTK, at the same places."""

import json
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = """
import json, sys
{imports}
folder, name = sys.argv[1:3]
reader = SWCReader(folder + "/morphologies/" + name)
found = {{"n": int(reader.n_sections)}}
found["middles"] = [[float(v) for v in reader.get_coords(i, 0.5)] for i in (0, 5, 10)]
reader = SWCReader(folder + "/morphologies/" + name)
reader.fix_axon()
found["n_fixed"] = int(reader.n_sections)
for sections, distances in ((["basal", "apical"], [30.0, 60.0]), (["soma"], [0.0, 10.0]), (["dend"], [0.0, 1e20])):
    ids, parts = reader.find_sections(sections, distances)
    found[str(sections)] = [[int(i) for i in ids], [float(p) for p in parts]]
divided = SWCReader(folder + "/morphologies/" + name)
divided.set_segment_dl(15.0)
ids, parts = divided.find_sections(["basal"], [30.0, 60.0])
found["['divided']"] = [[int(i) for i in ids], [float(p) for p in parts]]
found["nseg"] = int(divided.nseg)
for field in ("type", "x", "dist", "length", "dist0", "dist1", "sec_id"):
    found["of_" + field] = [float(v) for v in getattr(divided.seg_props, field)]
ids, xs = reader.choose_sections(["basal"], [50.0, 150.0], n_sections=4)
found["chosen"] = len(ids) == len(xs) == 4
found["numbers"] = [[float(v) for v in reader.get_swc_id(i, x)] for i in range(10) for x in (0.0, 0.1, 0.77, 1.0)]
cell = {{"morphology": name, "node_id": 0, "x": 10.0, "y": -20.0, "z": 5.0, "rotation_angle_yaxis": 1.2,
        "rotation_angle_zaxis": 0.3, "model_processing": "aibs_perisomatic"}}
placed = get_swc(cell, morphology_dir=folder + "/morphologies")
found["placed"] = [[float(v) for v in placed.get_coords(i, 0.5)] for i in (0, 5, 10)]
found["rule"] = [len(rand_syn_locations(None, cell, morphology_dir=folder + "/morphologies", return_coords=wanted))
                 for wanted in (False, True)]
print(json.dumps(found))
"""
NAMES = "import SWCReader, get_swc, rand_syn_locations"
IMPORTS = {"bmtk": f"from bmtk.builder.bionet {NAMES}", "colonnade": f"from colonnade.bmtk {NAMES}"}


@pytest.mark.parametrize("name", ["Scnn1a_473845048_m.swc", "Pvalb_470522102_m.swc"])
def test_a_morphology_has_the_sections_of_bmtk(peer_python, models, tmp_path, name):
    found = {}
    for library, python in (("bmtk", peer_python), ("colonnade", sys.executable)):
        (tmp_path / f"{library}_script.py").write_text(SCRIPT.format(imports=IMPORTS[library]))
        command = [python, tmp_path / f"{library}_script.py", models, name]
        answer = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
        found[library] = json.loads(answer.stdout.splitlines()[-1])
    mine, theirs = found["colonnade"], found["bmtk"]
    assert mine.keys() == theirs.keys()
    for places in ("middles", "placed"):
        np.testing.assert_allclose(mine.pop(places), theirs.pop(places), atol=1e-3)  # um
    np.testing.assert_allclose(mine.pop("numbers"), theirs.pop("numbers"), atol=1e-9)
    for key, value in theirs.items():
        if key.startswith("["):
            assert mine[key][0] == value[0], key
            np.testing.assert_allclose(mine[key][1], value[1], rtol=1e-6, err_msg=key)
        elif key.startswith("of_"):
            np.testing.assert_allclose(mine[key], value, rtol=1e-6, atol=1e-6, err_msg=key)
        else:
            assert mine[key] == value, key
