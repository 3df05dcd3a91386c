"""The same node types give the same cells: sections, segments, parameters and voltages to the last bit."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

PROGRAM = Path(__file__).resolve().parent / "peer" / "build_cells.py"

GRADED = """\
// a template which divides its sections by itself, then spreads a channel unevenly
begintemplate Graded
public soma, dend, apic, axon, all, somatic, basal, apical, axonal
objref all, somatic, basal, apical, axonal, this, reader, gui, channels
create soma[1], dend[1], apic[1], axon[1]
proc init() {
    forall delete_section()
    all = new SectionList()  somatic = new SectionList()  basal = new SectionList()
    apical = new SectionList()  axonal = new SectionList()
    reader = new Import3d_SWC_read()
    reader.quiet = 1
    reader.input($s1)
    gui = new Import3d_GUI(reader, 0)
    gui.instantiate(this)
    forsec all { nseg = 1 + 2*int(L/50)  insert pas  Ra = 120  cm = 1.2  e_pas = -85  g_pas = 3e-5 }
    soma[0] { insert hh  ena = 53  ek = -100 }
    soma[0] distance()
    forsec basal { insert hh  for (x, 0) { gnabar_hh(x) = 0.02/(1 + distance(x)/100)  gkbar_hh(x) = 0.01 } }
}
endtemplate Graded
"""

NEUROML = """\
<neuroml xmlns="http://www.neuroml.org/schema/neuroml2">
  <concentrationModel id="CaDynamics" type="CaDynamics" segmentGroup="soma" minCai="1e-4 mM" decay="700.5 ms"
                      depth="0.1 um" gamma="0.00125" ion="ca"/>
  <cell id="example"><biophysicalProperties id="biophys">
    <membraneProperties>
      <channelDensity id="gbar_Ih" segmentGroup="soma" ion="hcn" ionChannel="Ih" erev="-45 mV"
                      condDensity="4.1e-05 S_per_cm2"/>
      <channelDensity id="gbar_NaTs" segmentGroup="soma" ion="na" ionChannel="NaTs" erev="53.0 mV"
                      condDensity="0.9 S_per_cm2"/>
      <channelDensity id="gbar_Kv3_1" segmentGroup="soma" ion="k" ionChannel="Kv3_1" erev="-107.0 mV"
                      condDensity="0.06 S_per_cm2"/>
      <channelDensity id="g_pas_soma" segmentGroup="soma" ion="non_specific" ionChannel="pas" erev="-90.5 mV"
                      condDensity="5.5e-06 S_per_cm2"/>
      <channelDensity id="g_pas_axon" segmentGroup="axon" ion="non_specific" ionChannel="pas" erev="-90.5 mV"
                      condDensity="0.0004 S_per_cm2"/>
      <channelDensity id="g_pas_dend" segmentGroup="dend" ion="non_specific" ionChannel="pas" erev="-90.5 mV"
                      condDensity="3.2e-06 S_per_cm2"/>
      <channelDensity id="g_pas_apic" segmentGroup="apic" ion="non_specific" ionChannel="pas" erev="-90.5 mV"
                      condDensity="9.5e-05 S_per_cm2"/>
      <channelDensityNernst id="gbar_Ca_HVA" ionChannel="Ca_HVA" condDensity="0.0005 S_per_cm2" segmentGroup="soma"
                            ion="ca"/>
      <specificCapacitance segmentGroup="soma" value="1.0 uF_per_cm2"/>
      <specificCapacitance segmentGroup="axon" value="1.0 uF_per_cm2"/>
      <specificCapacitance segmentGroup="dend" value="2.1 uF_per_cm2"/>
      <specificCapacitance segmentGroup="apic" value="2.1 uF_per_cm2"/>
    </membraneProperties>
    <intracellularProperties><resistivity segmentGroup="all" value="138.3 ohm_cm"/></intracellularProperties>
  </biophysicalProperties></cell>
</neuroml>
"""


@pytest.fixture(scope="module")
def built(peer_python, models, peer_mechanisms, tmp_path_factory) -> dict:
    """Return for each maker the arrays and the states of all cells of ``peer/build_cells.py``."""
    folder = tmp_path_factory.mktemp("cells")
    (folder / "Graded.hoc").write_text(GRADED)
    (folder / "example.nml").write_text(NEUROML)
    found = {}
    for python, maker in ((peer_python, "bmtk"), (sys.executable, "colonnade")):
        command = [python, PROGRAM, maker, models, peer_mechanisms, folder]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found[maker] = dict(np.load(folder / f"{maker}.npz")), json.loads((folder / f"{maker}.json").read_text())
    return found


def test_sections_segments_and_parameters_are_the_same(built):
    (_, theirs), (_, ours) = built["bmtk"], built["colonnade"]
    assert len(ours) == len(theirs) > 40
    for mine, reference in zip(ours, theirs, strict=True):
        assert list(mine) == list(reference)
        for name in reference:
            assert mine[name] == reference[name], name


def test_segment_tables_are_the_same(built):
    (theirs, _), (ours, _) = built["bmtk"], built["colonnade"]
    for name in theirs:
        np.testing.assert_array_equal(ours[name], theirs[name])


def test_voltages_under_a_current_step_are_the_same_to_the_last_bit(built):
    (theirs, _), (ours, _) = built["bmtk"], built["colonnade"]
    assert (theirs["v"].max(axis=1) > 0).sum() > 10  # many of the cells spike
    np.testing.assert_array_equal(ours["v"], theirs["v"])
