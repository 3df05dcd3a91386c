"""The calls by which BMTK's tutorials set up and run a simulation, so that a script changes only its import lines."""

import argparse
import json
import logging
import sys
from pathlib import Path
from types import SimpleNamespace

from colonnade.bmtk.environment import build_env_bionet
from colonnade.errors import InputError, UnsupportedError
from colonnade.simulation.network.populations import Network
from colonnade.simulation.network.weights import synaptic_weight
from colonnade.simulation.recorders.saved_synapses import SavedSynapses
from colonnade.simulation.run import Simulation
from colonnade.sonata.config import SimulationConfig, parse_config, read_values


class Config(dict):
    """A simulation config as a dict, its variables resolved; a changed value counts when the simulation is made."""

    path: Path

    @classmethod
    def from_json(cls, config_file, validate: bool = False, **variables) -> "Config":
        """Read a config; ``variables`` stand for ``${name}`` in it. A config is always validated."""
        path = Path(config_file).resolve()
        config = cls(read_values(path, variables))
        config.path = path
        config.parsed()
        return config

    @classmethod
    def from_dict(cls, values: dict, **variables) -> "Config":
        """Make a config of ``values``, whose paths are absolute or relative to the working directory."""
        path = Path.cwd() / "config.json"
        config = cls(read_values(path, variables, json.loads(json.dumps(values))))
        config.path = path
        config.parsed()
        return config

    @classmethod
    def load(cls, config_file, **options) -> "Config":
        """Read a config from a JSON file, or make it of a dict."""
        return (cls.from_dict if isinstance(config_file, dict) else cls.from_json)(config_file, **options)

    def parsed(self) -> SimulationConfig:
        """Return the config with its types; raises ``InputError`` for what is wrong in it."""
        return parse_config(self, self.path)

    @property
    def output_dir(self) -> str:
        return str(self.parsed().output_dir)

    def build_env(self, force: bool = False) -> None:
        """Make the output folder. An existing one stays as it is."""
        self.parsed().output_dir.mkdir(parents=True, exist_ok=True)


class SaveSynapses:
    """A module for ``add_mod``: the synapses of the simulation, as edge files in the folder ``network_dir``.

    A relative path counts from the working directory. There is a file for each pair of populations, never one for all.
    """

    def __init__(self, network_dir, single_file: bool = False, **_):
        if single_file:
            raise UnsupportedError("one file for all edges is not written", key="single_file", value=single_file)
        self.folder = Path(network_dir).absolute()


class BioNetwork:
    """The network of a config."""

    def __init__(self, config: Config):
        self.config = config

    @classmethod
    def from_config(cls, conf: Config) -> "BioNetwork":
        """Take the network that ``conf`` names; its files are read when the simulation is made."""
        return cls(_as_config(conf))

    def read(self) -> Network:
        """Return the populations, edges and node sets of the files."""
        return Network(self.config.parsed())


class BioSimulator:
    """One simulation of a network."""

    def __init__(self, simulation: Simulation):
        self.simulation = simulation

    @classmethod
    def from_config(cls, conf: Config, network: BioNetwork, **settings) -> "BioSimulator":
        """Build cells, connections, inputs and reports; ``settings`` may be ``engine`` and ``threads``."""
        show_log()
        simulation = Simulation(_as_config(conf).parsed(), keep_synapses=True, **settings)
        simulation.load()
        return cls(simulation)

    def add_mod(self, module: "SaveSynapses") -> None:
        """Have a ``SaveSynapses`` write its files at the end; reports of other kinds stand in the config."""
        if not isinstance(module, SaveSynapses):
            raise UnsupportedError("modules of this kind are not supported", key="add_mod", value=type(module).__name__,
                                   expected="SaveSynapses(network_dir); or a report in the config")  # fmt: skip
        loaded = self.simulation.loaded
        loaded.saved.append(SavedSynapses(module.folder, loaded.network, loaded.kept, self.simulation.ranks))

    def run(self) -> None:
        """Run to the end and write spikes and reports."""
        self.simulation.loaded.kept.clear()  # a SaveSynapses has taken what it needs
        self.simulation.run()


def show_log() -> None:
    """Show what Colonnade says on stderr, unless the program has arranged for it or wants less, by a level set."""
    logger = logging.getLogger("colonnade")
    if not logger.hasHandlers():
        handler = logging.StreamHandler(sys.stderr)
        handler.setLevel(logger.level or logging.INFO)
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)


def _as_config(conf) -> Config:
    if isinstance(conf, Config):
        return conf
    if isinstance(conf, dict):
        return Config.from_dict(conf)
    if isinstance(conf, (str, Path)):
        return Config.from_json(conf)
    raise InputError("this is not a config", value=type(conf).__name__, expected="Config.from_json(...)")


def _quit_execution() -> None:
    """Leave MPI; without it there is nothing to do, and a notebook goes on."""
    from colonnade.simulation.ranks import Ranks

    Ranks().leave()


def reset() -> None:
    """Forget the cells of earlier simulations in this process; each simulation of Colonnade does so by itself."""
    from colonnade.cells.interpreter import h

    h.ParallelContext().gid_clear()


class ArgumentParser(argparse.ArgumentParser):
    """A parser of the command line, which passes over that of ``nrniv -python script.py`` before the script."""

    def parse_known_args(self, args=None, namespace=None):
        if args is None and Path(sys.argv[0]).stem == "nrniv" and "-python" in sys.argv:
            args = sys.argv[sys.argv.index("-python") + 2 :]
        return super().parse_known_args(args, namespace)


nrn = SimpleNamespace(quit_execution=_quit_execution, reset=reset, synaptic_weight=synaptic_weight)

__all__ = [
    "ArgumentParser",
    "BioNetwork",
    "BioSimulator",
    "Config",
    "SaveSynapses",
    "build_env_bionet",
    "nrn",
    "reset",
    "show_log",
]
