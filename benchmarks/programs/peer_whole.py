"""Chapter 3 from nothing to the figures with BMTK: `python peer_whole.py FOLDER MODELS` (mechanisms are compiled)."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from bmtk.analyzer.compartment import plot_traces
from bmtk.analyzer.spike_trains import plot_raster
from bmtk.simulator import bionet

TSTOP = 3000.0
PROGRAMS = Path(__file__).parent


def main() -> None:
    folder, models = Path(sys.argv[1]), Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    build = [PROGRAMS / "build_network.py", "bmtk", "100", folder, "--input", str(TSTOP)]
    config = [PROGRAMS / "write_config.py", folder, "--models", models, "--mechanisms", models / "mechanisms"]
    config += ["--tstop", str(TSTOP), "--config", "config.json", "--results", "output"]
    for command in (build, config):
        subprocess.run([sys.executable, *map(str, command)], check=True, stdout=subprocess.DEVNULL)
    path = str(folder / "config.json")
    conf = bionet.Config.from_json(path)
    conf.build_env()
    network = bionet.BioNetwork.from_config(conf)
    bionet.BioSimulator.from_config(conf, network=network).run()
    plot_raster(config_file=path, show=False, save_as=str(folder / "raster.png"))
    for name in ("v", "cai"):
        options = {"config_file": path, "report_name": name, "show": False}
        plot_traces(**options, average=True, save_as=str(folder / f"{name}_mean.png"))
        plot_traces(**options, node_ids=[50], save_as=str(folder / f"{name}_50.png"))
    print(json.dumps({}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
