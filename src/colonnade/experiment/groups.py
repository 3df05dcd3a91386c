"""How steps are dealt out to a cluster's jobs: Snakemake submits the steps of a group that depend on each other as one.

A simulation takes into its job all that only it needs and what follows from it. Short simulations of a sweep share a
job, and what they share with the simulations of other jobs is in one before them.
"""

from collections.abc import Callable, Mapping

from colonnade.experiment.needs import SHOWN, Needs
from colonnade.experiment.plan import Plan

POINTS = "points"  # and a number
BEFORE, SETTLE, AFTER = "before", "settle", "after"  # what goes with several jobs of points
ON_RANKS = ("simulation", "settle")


class Groups:
    """The groups of a plan's rules. With ``on_ranks`` each simulation is a job of its own."""

    def __init__(self, plan: Plan, needs: Needs, on_ranks: bool):
        self._plan, self._needs, self._on_ranks = plan, needs, on_ranks
        self._numbers: dict[str, dict[str, set[int]]] = {}

    def of(self, pattern: str) -> Callable[[Mapping], str] | None:
        """Return a function that gives the group of a job; None for a rule whose jobs are in none."""
        kind = pattern.partition("/")[0]
        if self._needs.are_light(kind) or (self._on_ranks and kind in ON_RANKS):
            return None

        def group(wildcards: Mapping) -> str:
            job = pattern.format(**wildcards)
            gathers = kind in SHOWN and "points" in self._plan.files_read(job)  # which no job of points makes
            apart = self._on_ranks and kind not in SHOWN
            numbers = self._numbers_of(job)[self._plan.point_name(job, self._plan.point_of(job, wildcards))]
            if len(numbers) == 1 and not (gathers or apart):
                return f"{POINTS}{min(numbers)}"
            settles = kind in ("settle", "settle_config") and not self._on_ranks
            return AFTER if kind in SHOWN else SETTLE if settles else BEFORE

        return group

    def parents(self) -> dict[str, str]:
        """Return the name under which a profile says how many parts of a group are one job, by the group."""
        count = len(self._plan.instances("simulation"))
        return {f"{POINTS}{number}": POINTS for number in range(-(-count // self._needs.points_in_a_job))}

    def _numbers_of(self, job: str) -> dict[str, set[int]]:
        """Return the numbers of the jobs whose simulations go with each instance of ``job``, by its point's name."""
        if job not in self._numbers:
            plan = self._plan
            places = {name: place for place, name in enumerate(plan.instances("simulation"))}
            found: dict[str, set[int]] = {}
            for point in plan.experiment.points:
                number = places[plan.point_name("simulation", point)] // self._needs.points_in_a_job
                found.setdefault(plan.point_name(job, point), set()).add(number)
            self._numbers[job] = found
        return self._numbers[job]
