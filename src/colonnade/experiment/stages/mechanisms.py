"""Stage: NMODL files to the libraries that NEURON and, where it is the engine, CoreNEURON load."""

from pathlib import Path

from colonnade.experiment.stages.stage import Stage
from colonnade.mechanisms.toolchain import library_name
from colonnade.simulation.engines.registry import engine_kind

MOD_FILE_SUFFIXES = (".mod", ".inc", ".h", ".hpp")


class Mechanisms(Stage):
    kind = "mechanisms"
    program = "compile_mechanisms"
    folder = "mechanisms"
    pattern = "mechanisms"
    folders = "libraries", "mod_files"
    wanted = False

    def settings(self, config, name):
        engine = engine_kind(config["simulation"]["engine"])
        return {**config["mechanisms"], "coreneuron": engine.needs_coreneuron_library}

    def files(self, config, name):
        folder = library_name().partition("/")[0]
        return {"libraries": folder, "mod_files": "modfiles", "manifest": "mechanisms.json"}

    def project_files(self):
        return "mechanisms/*"

    def user_files(self, config, name):
        directory = config["mechanisms"].get("directory")
        return {"mod_files": _files_in(Path(directory))} if directory else {}


def _files_in(folder: Path) -> list[str]:
    """Return the .mod files of a user's folder, or of its modfiles/, and what they may include."""
    place = folder if any(folder.glob("*.mod")) else folder / "modfiles"
    return sorted(str(path) for path in place.glob("*") if path.suffix in MOD_FILE_SUFFIXES)


STAGE = Mechanisms()
