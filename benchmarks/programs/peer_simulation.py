"""Run a SONATA config with BMTK and time its phases: `python peer_simulation.py CONFIG`; prints one line of JSON."""

import json
import os
import sys
import time

start = time.perf_counter()
from bmtk.simulator import bionet  # noqa: E402


def main() -> None:
    imported = time.perf_counter()
    config = bionet.Config.from_json(sys.argv[1], validate=True)
    config.build_env()
    network = bionet.BioNetwork.from_config(config)
    simulation = bionet.BioSimulator.from_config(config, network=network)
    loaded = time.perf_counter()
    simulation.run()
    done = time.perf_counter()
    print(json.dumps({"import": imported - start, "load": loaded - imported, "run": done - loaded}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
