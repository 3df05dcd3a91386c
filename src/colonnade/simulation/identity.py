"""What a run is made from up to some time, as checksums by part: a state of it suits no other run."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from colonnade.code_facts import with_local_modules
from colonnade.errors import InputError
from colonnade.files import canonical_json, sha256, text_sha256
from colonnade.provenance import code_checksum
from colonnade.simulation.engines.registry import ENGINES, EngineKind
from colonnade.simulation.inputs.spike_trains import kind_of
from colonnade.simulation.loading import FUNCTIONS, Loaded
from colonnade.simulation.model import Clamp, CurrentClamp, ExtracellularPotential
from colonnade.sonata.config import SimulationConfig

PLACES = ("input_file", "spike_file", "spikes_file", "file", "electrode_positions")  # keys of files, read by content
SPIKES = ("spikes", "replay", "syn_activity")  # kinds of inputs that count by their spikes
SPARE = 1e-9  # ms, within which a spike belongs to a time


class Identity:
    """The parts that decide what a run of ``config`` is at a time step, on ``n_ranks`` ranks; threads do not count.

    What comes later does not count either: spikes after that step, constant currents and reports that begin after it,
    and how long the run is. ``waves`` are the ``waves_sum`` of all ranks: other currents and clamps count whole, since
    an engine may hold them as a table in which it only knows its place. ``read`` are the ``stamps`` of the files from
    before they were read.
    """

    def __init__(self, config: SimulationConfig, loaded: Loaded, kind: EngineKind, waves: list[str], read: list):
        self._config, self._loaded, self._kind, self._waves, self._read = config, loaded, kind, waves, read

    def at(self, step: int) -> dict[str, str]:
        """Return the SHA-256 of each part, in the order in which they are compared."""
        return {**self._fixed, "reports": self._reports(step), "inputs": self._inputs(step)}

    @cached_property
    def _fixed(self) -> dict[str, str]:
        config, model = self._config, self._loaded.model
        values = {key: getattr(config, key) for key in ("dt", "dL", "celsius", "v_init", "spike_threshold")}
        values |= {"merge_synapses": model.merge_synapses, "extracellular": model.extracellular}
        for section in FUNCTIONS:
            functions = config.settings.get(section, {})
            values[section] = {name: _code(place, config) for name, place in functions.items()}
        if stamps(config) != self._read:
            raise InputError(
                "files of the network or of its models were changed after they were read", file=config.path
            )
        return {
            "engine": f"{self._kind.name} {self._kind.version()}",
            "code": code_checksum(Path(__file__).with_name("run.py"), [ENGINES[self._kind.name]]),
            "number of ranks": str(len(self._waves)),
            "config": text_sha256(canonical_json(values)),
            "network": text_sha256(canonical_json([sha256(path) for path in _network(config)])),
            "components": text_sha256(canonical_json(_contents(_components(config)))),
            "mechanisms": text_sha256(canonical_json([library.key for library in model.mechanisms])),
        }

    def _reports(self, step: int) -> str:
        precision = self._config.settings.get("report_precision", "double")
        begun = {recorder.report.name for recorder in self._loaded.recorders if recorder.rows_before(step)}
        entries = {name: _entry(self._config.reports[name], ("end_time", "file_name")) for name in sorted(begun)}
        return text_sha256(canonical_json([precision, entries]))

    def _inputs(self, step: int) -> str:
        """Return the sum of all spikes up to ``step``, and of the currents that flow before it."""
        t, loaded = step * self._config.dt, self._loaded
        spikes = hashlib.sha256()
        early = loaded.spike_times <= t + SPARE
        for column in (loaded.spike_times, loaded.spike_gids):
            spikes.update(column[early].tobytes())
        entries = []
        for name, entry in self._config.inputs.items():
            kind = kind_of(name, entry, self._config.path)
            if kind in SPIKES:
                entries.append({key: value for key, value in entry.items() if key not in PLACES})
            elif (before := current_before(entry, t) if kind == "IClamp" else entry) is not None:
                chosen = before.get("node_set")
                chosen = self._config.node_sets.get(chosen, chosen) if isinstance(chosen, str) else chosen
                entries.append(_entry({**before, "node_set": chosen}))
        return text_sha256(canonical_json([spikes.hexdigest(), entries, self._waves]))


def stamps(config: SimulationConfig) -> list[tuple[str, int, int]]:
    """Return path, size and time of each file of the network and of its models, which a run reads once."""
    paths = [*_network(config), *(path for folder in _components(config) for path in sorted(folder.rglob("*")))]
    return [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths if path.is_file()]


def waves_sum(clamps: Iterable[Clamp | ExtracellularPotential]) -> str:
    """Return the SHA-256 of all clamps but constant currents, and of potentials outside the cells."""
    found = hashlib.sha256()
    for clamp in clamps:
        if not isinstance(clamp, CurrentClamp):
            for value in (type(clamp).__name__, *vars(clamp).values()):
                found.update(np.asarray(value).tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return found.hexdigest()


def current_before(entry: Mapping, t: float) -> Mapping | None:
    """Return the part of a constant current that flows before ``t`` ms, None where it begins later.

    Of other currents all is returned: how they begin may depend on how they end.
    """
    delay, duration = entry.get("delay"), entry.get("duration")
    constant = entry.get("input_type") == "current_clamp" and str(entry.get("module")).lower() == "iclamp"
    if not constant or not all(isinstance(value, int | float) for value in (delay, duration)):
        return entry
    return {**entry, "duration": min(duration, t - delay)} if delay < t else None


def _network(config: SimulationConfig) -> list[Path]:
    return [path for files in (*config.nodes, *config.edges) for path in (files.elements, files.types) if path]


def _components(config: SimulationConfig) -> list[Path]:
    named = config.components.items()
    return [folder for name, folders in named if name != "mechanisms_dir" for folder in folders]


def _entry(entry: Mapping, without: Iterable[str] = ()) -> dict:
    """Return an entry with the checksums of files in place of their paths."""
    kept = {key: value for key, value in entry.items() if key not in without}
    return {key: sha256(value) if key in PLACES and Path(str(value)).is_file() else value
            for key, value in kept.items()}  # fmt: skip


def _contents(folders: Iterable[Path]) -> dict[str, str]:
    return {f"{folder.name}/{path.relative_to(folder).as_posix()}": sha256(path)
            for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()}  # fmt: skip


def _code(place: str, config: SimulationConfig) -> list[str]:
    """Return the checksums of the file of a user's function, and of what it imports from its own folder."""
    return list(map(sha256, with_local_modules(str(config.path.parent / place.rpartition(":")[0]))))
