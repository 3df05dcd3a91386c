"""What each step asks of a machine.

Memory, time and disk follow from the size of a step's point (``estimate``) and from a model that was fitted to measured
runs: benchmarks/needs.csv holds these, benchmarks/programs/fit_needs.py makes needs.json of them.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from colonnade.experiment.estimate import Size, size_of
from colonnade.experiment.plan import Plan
from colonnade.experiment.sweep import Point

MODEL = Path(__file__).with_name("needs.json")
SPARE = {"memory": 1.5, "seconds": 3.0, "disk": 1.2}  # what is asked for, over what the model gives
# Steps that take what another one takes.
SAME = {"settle_inputs": "inputs", "currents": "inputs", "simulation_config": "nodes", "settle_config": "nodes"}
KINDS = ("mechanisms", "kernels", "nodes", "edges", "inputs", "currents", "settle_inputs", "settle_config", "settle",
         "simulation_config", "simulation", "statistics", "figures")  # fmt: skip
LIBRARIES = ("mechanisms", "kernels")  # compiled for the processor of the node that compiles them
COMPILERS = 4  # at work at the same time, where the measurements have the largest
HELD = 256e6  # bytes of a rank, ROW_MEMORY in simulation/run.py
PREPARED = ("nodes", "edges", "inputs", "currents", "settle_inputs")  # before a simulation
SHOWN = ("statistics", "figures")  # after it
LEAST_MINUTES, LEAST_MB = 10, 300
# Of a simulation that shares its job. Where it is alone in it after all, Slurm's signal of the time limit, two minutes
# before it, must not come while the simulation starts.
LEAST_SHARED_MINUTES = 5
MORE_EACH_ATTEMPT = 0.5
LIGHT_SECONDS, LIGHT_MEMORY = 30.0, 1e9  # of all jobs of a rule together: not worth a job of a cluster
JOB_SECONDS = 600.0  # of short points that share a job
MOST_POINTS = 50  # in one job


@dataclass(frozen=True)
class Need:
    """What one job takes: memory and disk in bytes, time in s on the threads of its rule."""

    memory: float
    seconds: float
    disk: float


@cache
def model() -> dict[str, dict[str, dict[str, float]]]:
    """Return the coefficients of the model: by kind of step, and by engine for simulations."""
    return json.loads(MODEL.read_text())


def terms(size: Size, threads: int = 1, ranks: int = 1) -> dict[str, float]:
    """Return what the model is linear in, by name: counts, bytes, and steps of each thread."""
    steps = size.steps / (threads * ranks)
    return {
        "start": 1.0,
        "cells": float(size.cells),
        "simulated": float(size.simulated),
        "compartments": size.compartments,
        "channels": size.channels,
        "synapses": size.synapses + size.gap_junctions,  # both halves
        "spikes": size.input_spikes,
        "recorded": size.recorded,
        "held": min(8 * size.columns * size.steps, HELD * ranks),  # recorded rows that wait to be written
        "transfer": 8 * size.transfer,
        "compartment_steps": size.compartments * steps,
        "channel_steps": size.channels * steps,
        "synapse_steps": (size.synapses + size.gap_junctions) * steps,
    }


def need_of(config: dict, kind: str, ranks: int = 1) -> Need:
    """Return what a job of the stage ``kind`` takes at a point with the resolved ``config``; ``ranks`` simulate."""
    simulation, simulates = config["simulation"], kind in ("simulation", "settle")
    size = size_of(config)
    coefficients = model()["simulation." + simulation["engine"] if simulates else SAME.get(kind, kind)]
    given = terms(size, simulation["threads"], ranks) if simulates else terms(size)
    memory, seconds = (
        sum(factor * given[name] for name, factor in coefficients[which].items()) for which in ("memory", "seconds")
    )
    memory += (ranks - 1) * coefficients["memory"]["start"] if simulates else 0.0
    return Need(memory * (COMPILERS if kind in LIBRARIES else 1), seconds, size.disk)


def in_words(cells: int, synapses: float, needs: list[Need], free: float) -> str:
    """Return what simulations of up to so many cells and synapses take, with ``free`` bytes on the disk."""
    memory = max(need.memory for need in needs)
    disk, seconds = sum(need.disk for need in needs), sum(need.seconds for need in needs)
    runs = f"{len(needs)} simulations" if len(needs) > 1 else "1 simulation"
    each = " each" if len(needs) > 1 else ""
    return (
        f"Estimate: {runs} of up to {cells} cells and {synapses:.2g} synapses; {_bytes(memory)} of memory{each}, "
        f"{_bytes(disk)} on disk ({_bytes(free)} free), {_duration(seconds)} of simulation"
    )


class Needs:
    """The resources of a plan's jobs, as Snakemake asks for them, and which are too light for a cluster.

    ``ranks`` is the number of MPI ranks of a simulation.
    """

    def __init__(self, plan: Plan, ranks: int = 1):
        self._plan, self._ranks = plan, ranks
        self._known: dict[tuple[str, Point], Need] = {}

    def of(self, pattern: str) -> dict[str, Callable]:
        """Return the resources of a rule: functions of the wildcards and of the attempt, by name."""

        def need(wildcards: Mapping) -> Need:
            job = pattern.format(**wildcards)
            return self._need(_kind(job), self._plan.point_of(job, wildcards))

        def mem_mb(wildcards, attempt):
            return _mem_mb(need(wildcards), attempt)

        def runtime(wildcards, attempt):
            return _runtime(need(wildcards), attempt, self._least_minutes(_kind(pattern)))

        def disk_mb(wildcards):
            return _disk_mb(need(wildcards))

        return {"mem_mb": mem_mb, "runtime": runtime, "disk_mb": disk_mb}

    def in_words(self) -> str:
        """Return what the jobs of each stage ask for at their first attempt, as a table."""
        lines = [f"{'step':<16}{'jobs':>6}{'mem_mb':>9}{'runtime':>9}{'disk_mb':>9}  of the largest; runtime in min"]
        for kind in dict.fromkeys(map(_kind, self._plan.jobs)):
            if needs := list(self._all(kind)):
                least = self._least_minutes(kind)
                asked = [max(_mem_mb(need, 1) for need in needs), max(_runtime(need, 1, least) for need in needs),
                         max(_disk_mb(need) for need in needs)]  # fmt: skip
                where = "  beside Snakemake" if self.are_light(kind) else ""
                lines.append(f"{kind:<16}{len(needs):>6}" + "".join(f"{value:>9}" for value in asked) + where)
        return "\n".join(lines)

    def are_light(self, kind: str) -> bool:
        """Return whether all jobs of a stage are too little work for a cluster, with the stages beside it.

        Those before a simulation are so together, and those after it, as none in between could leave its group.
        """
        kinds = next((kinds for kinds in (PREPARED, SHOWN) if kind in kinds), None)
        if kinds is None:
            return False
        needs = [need for each in kinds for need in self._all(each)]
        return sum(need.seconds for need in needs) < LIGHT_SECONDS and all(n.memory < LIGHT_MEMORY for n in needs)

    @cached_property
    def points_in_a_job(self) -> int:
        """How many points of a sweep one job of a cluster takes: more than one where they are short."""
        points = self._plan.instances("simulation")
        own = [
            job
            for job in self._plan.jobs
            if _kind(job) in KINDS and (_kind(job) in SHOWN or len(self._plan.instances(job)) == len(points))
        ]
        each = [sum(self._need(_kind(job), point).seconds for job in own) for point in points.values()]
        return max(1, min(MOST_POINTS, math.floor(JOB_SECONDS / max(each))))

    def _least_minutes(self, kind: str) -> int:
        together = 1 if kind in (*LIBRARIES, "settle") else self.points_in_a_job
        return max(LEAST_SHARED_MINUTES if kind == "simulation" else 1, LEAST_MINUTES // together)

    def _all(self, kind: str) -> Iterator[Need]:
        if kind not in KINDS:
            return
        for job in self._plan.jobs:
            if _kind(job) == kind:
                yield from (self._need(kind, point) for point in self._plan.instances(job).values())

    def _need(self, kind: str, point: Point) -> Need:
        if (kind, point) not in self._known:
            self._known[kind, point] = need_of(self._plan.experiment.config_at(point), kind, self._ranks)
        return self._known[kind, point]


def _mem_mb(need: Need, attempt: int) -> int:
    return max(LEAST_MB, _asked(need.memory / 1e6, "memory", attempt))


def _runtime(need: Need, attempt: int, least: int) -> int:
    return max(least, _asked(need.seconds / 60, "seconds", attempt))


def _disk_mb(need: Need) -> int:
    return max(1, _asked(need.disk / 1e6, "disk", 1))


def _asked(value: float, which: str, attempt: int) -> int:
    return math.ceil(value * SPARE[which] * (1 + MORE_EACH_ATTEMPT * (attempt - 1)))


def _kind(job: str) -> str:
    return job.partition("/")[0]


def _bytes(value: float) -> str:
    return f"{value / 1e9:.2g} GB" if value >= 1e9 else f"{max(1.0, value / 1e6):.0f} MB"


def _duration(seconds: float) -> str:
    for unit, length in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"about {seconds / length:.0f} {unit}"
    return f"about {max(1.0, seconds):.0f} s"
