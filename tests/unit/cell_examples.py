"""Small cells of our own for the tests: SWC files, a fit, a NeuroML file; all on NEURON's built-in channels."""

from pathlib import Path

BALL_AND_STICK = """\
# a soma of 20 um and a dendrite of 200 um
1 1 0 0 0 10 -1
2 1 0 -10 0 10 1
3 1 0 10 0 10 1
4 3 10 0 0 1 1
5 3 110 0 0 1 4
6 3 210 0 0 1 5
"""

BRANCHED = """\
# soma, a dendrite with two branches, an apical dendrite with a taper, an axon with a branch
1 1 0 0 0 8 -1
2 1 0 6 0 8 1
3 1 0 14 0 7 2
4 3 -30 -5 0 1.2 1
5 3 -80 -15 4 1.0 4
6 3 -120 -60 4 0.7 5
7 3 -160 -90 9 0.5 6
8 3 -130 20 4 0.8 5
9 3 -170 60 -7 0.4 8
10 4 0 40 0 2.0 3
11 4 5 150 0 1.5 10
12 4 60 260 30 0.6 11
13 4 -50 250 -30 0.9 11
14 2 10 -20 0 0.5 1
15 2 40 -90 3 0.4 14
16 2 90 -120 3 0.3 15
17 2 10 -160 3 0.35 15
"""

HH_FIT = {
    "passive": [
        {
            "ra": 120.0,
            "e_pas": -68.5,
            "cm": [
                {"section": name, "cm": cm} for name, cm in (("soma", 1), ("dend", 2), ("apic", 2.5), ("axon", 0.9))
            ],
        }
    ],
    "genome": [
        {"section": "soma", "name": "g_pas", "value": 3e-5, "mechanism": ""},
        {"section": "dend", "name": "g_pas", "value": "5e-05", "mechanism": ""},
        {"section": "apic", "name": "g_pas", "value": 6e-5, "mechanism": ""},
        {"section": "axon", "name": "g_pas", "value": 7e-5, "mechanism": ""},
        {"section": "soma", "name": "gnabar_hh", "value": 0.15, "mechanism": "hh"},
        {"section": "soma", "name": "gkbar_hh", "value": 0.04, "mechanism": "hh"},
    ],
    "conditions": [{"celsius": 99, "v_init": 11, "erev": [{"section": "soma", "ena": 53.0, "ek": -91.0}]}],
}

HH_NEUROML = """\
<neuroml xmlns="http://www.neuroml.org/schema/neuroml2">
  <cell id="example">
    <biophysicalProperties id="biophys">
      <membraneProperties>
        <channelDensity id="gnabar_hh" segmentGroup="soma" ion="na" ionChannel="hh" erev="53.0 mV"
                        condDensity="0.15 S_per_cm2"/>
        <channelDensity id="gkbar_hh" segmentGroup="soma" ion="k" ionChannel="hh" erev="-0.091 V"
                        condDensity="40 mS_per_cm2"/>
        <channelDensity id="g_pas_all" segmentGroup="all" ion="non_specific" ionChannel="pas" erev="-68.5 mV"
                        condDensity="0.3 S_per_m2"/>
        <specificCapacitance segmentGroup="soma" value="1.0 uF_per_cm2"/>
        <specificCapacitance segmentGroup="dend" value="0.02 F_per_m2"/>
        <spikeThresh value="-20 mV"/>
      </membraneProperties>
      <intracellularProperties>
        <resistivity segmentGroup="all" value="1.2 ohm_m"/>
      </intracellularProperties>
    </biophysicalProperties>
  </cell>
</neuroml>
"""

TEMPLATE = """\
// a soma and a dendrite whose channel density falls along it
begintemplate TwoParts
public soma, dend, all
objref all
create soma, dend
proc init() { local x
    all = new SectionList()
    connect dend(0), soma(1)
    soma { L = $1  diam = $1  all.append() }
    dend { L = $2  diam = 2  nseg = 5  all.append()  insert pas  for (x, 0) { g_pas(x) = 1e-4*(1 - x/2) } }
}
endtemplate TwoParts
"""


def write(folder: Path, name: str, text: str) -> Path:
    """Write ``text`` into a file of ``folder`` and return its path."""
    path = folder / name
    path.write_text(text)
    return path
