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
ids, xs = reader.choose_sections(["basal"], [50.0, 150.0], n_sections=4)
found["chosen"] = len(ids) == len(xs) == 4
print(json.dumps(found))
"""
IMPORTS = {"bmtk": "from bmtk.builder.bionet import SWCReader", "colonnade": "from colonnade.bmtk import SWCReader"}


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
    np.testing.assert_allclose(mine.pop("middles"), theirs.pop("middles"), atol=1e-3)  # um
    for key, value in theirs.items():
        if key.startswith("["):
            assert mine[key][0] == value[0], key
            np.testing.assert_allclose(mine[key][1], value[1], rtol=1e-6, err_msg=key)
        else:
            assert mine[key] == value, key
