"""States of a run while it goes: where it begins, when a state is due, and what becomes of states at the end."""

import contextlib
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colonnade.errors import InputError, SimulationError, UnsupportedError
from colonnade.files import sha256
from colonnade.simulation.engines.engine import Engine
from colonnade.simulation.engines.registry import REFERENCE, EngineKind
from colonnade.simulation.identity import Identity, waves_sum
from colonnade.simulation.journal import Journal
from colonnade.simulation.loading import Loaded
from colonnade.simulation.output import DiskFull
from colonnade.simulation.ranks import Ranks
from colonnade.simulation.spike_file import SpikeFile
from colonnade.simulation.states import RunFolders, SavedState, engine_path, keep_latest, state_path, write_state
from colonnade.sonata.config import SimulationConfig

log = logging.getLogger(__name__)
GATHERED_SPIKES = 1 << 20  # which rank 0 takes from all ranks at once (16 MB)


@dataclass(frozen=True)
class StateSettings:
    """What is asked for: a state each ``every`` ms of the run's time (None: only where the run is stopped); the last
    states kept after the end; ``fresh``, which passes over states; a folder with a state to begin from, which has to
    suit if ``must_suit``; a folder for the state at the end."""

    every: float | None = None
    keep: bool = False
    fresh: bool = False
    start_from: Path | None = None
    must_suit: bool = False
    save_to: Path | None = None

    @classmethod
    def of(cls, config: SimulationConfig, **given) -> "StateSettings":
        """Return what a config asks for; what is ``given`` and not None stands above it."""
        own, run = config.settings, config.values.get("run") or {}
        place = config.output_path(str(config.output.get("state_dir") or run.get("save_state_dir") or "state"))
        found = {"every": own.get("checkpoint_every"), "keep": bool(own.get("keep_state", False))}
        if run.get("save_state"):
            if not place.resolve().is_relative_to(config.output_dir) or place.resolve() == config.output_dir:
                raise InputError("leaves the output folder", file=config.path, key="output.state_dir", value=str(place),
                                 expected=f"a folder below {config.output_dir}")  # fmt: skip
            found["save_to"] = place
        if run.get("start_from_state"):
            found |= {"start_from": place, "must_suit": True}
        settings = cls(**found | {key: value for key, value in given.items() if value is not None})
        every = settings.every
        if every and not (isinstance(every, int | float) and every >= config.dt):
            raise InputError("is no time between two states", file=config.path, key="colonnade.checkpoint_every",
                             value=every, expected=f"{config.dt:g} ms or more")  # fmt: skip
        return settings


class Checkpoints:
    """The states of one run, and its journal; the same calls are made on all ranks. ``read``: see ``Identity``."""

    def __init__(self, config: SimulationConfig, loaded: Loaded, kind: EngineKind, ranks: Ranks,
                 settings: StateSettings, read: list):  # fmt: skip
        self._config, self._loaded, self._kind, self._ranks, self._settings = config, loaded, kind, ranks, settings
        waves = ranks.gather(waves_sum([*loaded.model.clamps, *loaded.model.fields])) or []
        self._identity = Identity(config, loaded, kind, waves, read)
        self._folders = RunFolders(config.output_dir)
        self._n_steps = loaded.model.n_steps
        self._every = round(settings.every / config.dt) if settings.every else self._n_steps
        self._state: SavedState | None = None
        self._folder = self._folders.folder
        self._steps: list[int] = []  # at which this run has states
        self._recent: list[tuple[np.ndarray, np.ndarray]] = []  # spikes of this rank that the first has not yet
        self._n_recent = 0
        self._unsaved: list[tuple[np.ndarray, np.ndarray]] = []  # of all ranks, on the first, on their way to the disk
        if (settings.every or settings.keep or settings.save_to) and not kind.saves_states:
            raise UnsupportedError(f"{kind.title} cannot save its state exactly", key="engine", value=kind.name,
                                   expected=f"engine {REFERENCE} (--engine {REFERENCE})")  # fmt: skip

    def choose(self) -> int:
        """Choose where to begin: the latest usable state, else 0. Return that step."""
        chosen = None
        if self._ranks.is_first:
            self._folders.clear_stateless()
            try:
                chosen = self._usable()
            except InputError as error:
                chosen = error
        chosen = self._ranks.broadcast(chosen)
        if isinstance(chosen, InputError):
            raise chosen
        self._state = chosen
        return chosen.step if chosen else 0

    @property
    def takes_room(self) -> bool:
        """Whether reports need room on the disk that they do not have already."""
        return not self._goes_on_in_place()

    def begin(self, engine: Engine) -> None:
        """Bring the engine, the reports and the spikes to where the run begins."""
        state, first = self._state, self._ranks.is_first
        own = state is not None and state.folder.parent == self._folders.folder
        if first:
            self._folder = state.folder if own else self._folders.new()
            self._steps = sorted(each.step for each in self._folders.states() if own and each.folder == state.folder
                                 and each.step <= state.step)  # fmt: skip
            keep_latest(self._folder, self._steps)  # a later one, that cannot be used, would be in the way
        self._folder = self._ranks.broadcast(self._folder)
        if state is None:
            engine.initialise()
            self.journal = Journal(self._folder)
        else:
            log.info("going on at %g ms, from %s", state.step * self._config.dt, state.path)
            self._restore(engine, state)
            said = state.said["journals"][self._ranks.rank]
            self.journal = Journal(self._folder, said, state.folder, self._goes_on_in_place())
        if first:
            self.journal.open_spikes()
        for recorder in self._loaded.recorders:
            recorder.open(self.journal)

    def next_after(self, step: int) -> int:
        """Return the next step at which a state is due, or the last step."""
        return min(self._n_steps, (step // self._every + 1) * self._every)

    def is_due(self, step: int) -> bool:
        """Return whether a state is due at ``step``; at the end it is ``finish`` that saves one."""
        return step % self._every == 0 and step < self._n_steps

    def add_spikes(self, spikes: tuple[np.ndarray, np.ndarray]) -> None:
        """Take the spikes of this rank since the last call: times (S,) in ms and gids (S,)."""
        self._recent.append(spikes)
        self._n_recent += len(spikes[0])
        if self._ranks.highest(self._n_recent) >= GATHERED_SPIKES // self._ranks.count:
            self._gather_spikes()

    def save(self, engine: Engine, step: int) -> str | None:
        """Save a state at ``step``, whole or not at all; return why it could not be, None where it is there."""
        if not self._kind.saves_states:
            return f"{self._kind.title} cannot save its state exactly"
        said, problem = None, None
        self._gather_spikes()
        try:
            path = engine_path(self._folder, step, self._ranks.rank)
            engine.save(path)
            if self._ranks.is_first:
                self._store_spikes()
            said = {"file": path.name, "sum": sha256(path), "journal": self.journal.done()}
        except (OSError, InputError) as error:
            problem = getattr(error, "strerror", None) or str(error)
        parts = self._ranks.gather((problem, said))
        if parts is not None:
            problem = next((text for text, _ in parts if text), None) or self._write(step, [part for _, part in parts])
            if problem:
                keep_latest(self._folder, self._steps)
        problem = self._ranks.broadcast(problem)
        if problem:
            log.warning("the state at %g ms could not be saved: %s", step * self._config.dt, problem)
        return problem

    def finish(self, engine: Engine) -> SpikeFile | None:
        """Save the last state if it is wanted; return the spikes of the run, on rank 0."""
        settings = self._settings
        self._gather_spikes()
        self._problem = None
        if settings.keep or settings.save_to:
            self._problem = self.save(engine, self._n_steps)
        self._store_spikes()
        return self.journal.spikes

    def put_results(self) -> None:
        """Put the reports in their places, then the last state in its own; others are deleted."""
        settings = self._settings
        self.journal.finish(keep=settings.keep or settings.save_to is not None)
        self._ranks.wait()
        if not self._ranks.is_first:
            return
        if settings.save_to is not None:
            if self._problem:
                raise DiskFull(f"{settings.save_to}: the state at the end could not be saved: {self._problem}")
            keep_latest(self._folder, [self._n_steps])
            _replace(self._folder, settings.save_to, also=settings.keep)
        self._folders.clear(but=self._folder if settings.keep else None)

    def leave(self) -> None:
        """Leave no folder of a run without a state; when the run has failed."""
        if self._ranks.is_first:
            self._folders.clear_stateless()

    def _usable(self) -> SavedState | None:
        settings, refused = self._settings, None
        if settings.fresh or not self._kind.saves_states:
            return None
        if settings.start_from is not None and not settings.start_from.is_dir():
            raise InputError(
                "there is no such folder of a state", file=self._config.path, value=str(settings.start_from)
            )
        for state in self._folders.states(settings.start_from):
            try:
                if state.step > self._n_steps:
                    raise InputError("is of a later time than this run's end", file=state.path)
                if not (self._kind.goes_further or settings.start_from or state.said["n_steps"] == self._n_steps):
                    raise InputError(
                        f"is of a shorter run, from which {self._kind.title} cannot go on", file=state.path
                    )
                state.check(self._identity.at(state.step))
                return state
            except InputError as error:
                refused = error
                log.warning("a state is not used: %s", error)
        if settings.must_suit:
            raise refused or InputError("holds no state", file=settings.start_from)
        return None

    def _goes_on_in_place(self) -> bool:
        state = self._state
        own = state is not None and state.folder.parent == self._folders.folder
        return own and state.said["n_steps"] == self._n_steps

    def _restore(self, engine: Engine, state: SavedState) -> None:
        path = state.engine_path(self._ranks.rank)
        try:
            engine.restore(path, state.step)
        except RuntimeError as error:  # NEURON's
            raise SimulationError(
                f"{path}: the engine cannot take this state ({error}); begin anew with --fresh"
            ) from None

    def _gather_spikes(self) -> None:
        """Bring the spikes of all ranks since the last call to the first rank, and to its disk."""
        empty = np.zeros(0), np.zeros(0, np.int64)
        times, gids = (np.concatenate(column) for column in zip(empty, *self._recent, strict=True))
        self._recent, self._n_recent = [], 0
        at_once = max(1, GATHERED_SPIKES // self._ranks.count)
        for begin in range(0, self._ranks.highest(len(times)), at_once):
            part = slice(begin, begin + at_once)
            self._unsaved += self._ranks.gather((times[part], gids[part])) or ()
            with contextlib.suppress(OSError):  # what does not fit on the disk waits for the next time
                self._store_spikes()

    def _store_spikes(self) -> None:
        if self._unsaved:
            self.journal.spikes.append(*(np.concatenate(column) for column in zip(*self._unsaved, strict=True)))
        self._unsaved = []

    def _write(self, step: int, parts: list[dict]) -> str | None:
        """Write the state's own file, which makes it a state; older ones go. Return why it could not be, if so."""
        try:
            said = {
                "step": step,
                "time": step * self._config.dt,
                "n_steps": self._n_steps,
                "made_from": self._identity.at(step),
                "engine_files": {part["file"]: part["sum"] for part in parts},
                "journals": [{"spikes": parts[0]["journal"]["spikes"], **part["journal"]} for part in parts],
            }
            write_state(self._folder, said)
        except (OSError, InputError) as error:
            state_path(self._folder, step).unlink(missing_ok=True)
            return getattr(error, "strerror", None) or str(error)
        self._steps = [*(each for each in self._steps if each != step), step]
        keep_latest(self._folder, self._steps)
        self._folders.clear(but=self._folder)
        return None


def _replace(folder: Path, place: Path, also: bool) -> None:
    """Put a folder at ``place``, instead of one that is there; ``also`` leaves it where it is, too."""
    new = place.with_name(f".{place.name}-new")
    shutil.rmtree(new, ignore_errors=True)
    new.parent.mkdir(parents=True, exist_ok=True)
    if also:
        shutil.copytree(folder, new)
    else:
        shutil.move(folder, new)
    if place.exists():
        shutil.rmtree(place)
    new.rename(place)
