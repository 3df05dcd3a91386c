"""Run a SONATA config with BMTK, and let it save its synapses: `python save_synapses.py CONFIG FOLDER`.

It leaves as BMTK does. With no FOLDER the config is run alone.
"""

import os
import sys
from pathlib import Path

from bmtk.simulator import bionet
from bmtk.simulator.bionet.modules import SaveSynapses

config, *folder = (Path(word).absolute() for word in sys.argv[1:3])
os.chdir(config.parent)
conf = bionet.Config.from_json(str(config), validate=True)
conf.build_env()
network = bionet.BioNetwork.from_config(conf)
simulation = bionet.BioSimulator.from_config(conf, network=network)
for each in folder:
    simulation.add_mod(SaveSynapses(str(each)))
simulation.run()
bionet.nrn.quit_execution()
