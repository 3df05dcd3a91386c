"""Stage: NMODL files to the libraries that NEURON and CoreNEURON load."""

from pathlib import Path

from colonnade.experiment.stages.stage import Stage


class Mechanisms(Stage):
    kind = "mechanisms"
    program = "compile_mechanisms"
    folder = "mechanisms"
    pattern = "mechanisms"

    def settings(self, config, name):
        return dict(config["mechanisms"])

    def files(self, config, name):
        return {"library": "x86_64/libnrnmech.so", "manifest": "mechanisms.json"}

    def project_files(self):
        return "mechanisms/*"

    def user_files(self, config, name):
        directory = config["mechanisms"].get("directory")
        return {"mod_files": sorted(map(str, Path(directory).glob("*.mod")))} if directory else {}


STAGE = Mechanisms()
