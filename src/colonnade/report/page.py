"""One stage of a finished experiment at one sweep point, as the captions in workflow/report/ see it."""

import json
from pathlib import Path
from string import ascii_uppercase

from colonnade.analysis.measures import MEASURES
from colonnade.experiment import Plan, Point
from colonnade.experiment.sweep import point_label
from colonnade.report.tables import escaped, interval, number, read_table, rst_table
from colonnade.simulation.engines.registry import engine_kind


class Page:
    """What there is to say of the files of one job at one sweep point."""

    def __init__(self, plan: Plan, job: str, point: Point):
        self.plan = plan
        self.job = job
        self.point = point
        self.settings = plan.settings(job, point)
        self.simulation = plan.settings("simulation", point)["simulation"]

    def texts(self) -> dict:
        """Return what the templates show, as plain values."""
        keys = ("at", "caption", "span", "rates", "parts", "measures", "synchrony", "statistics", "timing")
        found = {key: getattr(self, key) for key in (*keys, "group_sizes", "connections")}
        return found | {"settings": self.settings, "reports": self.simulation["reports"]}

    @property
    def where(self) -> str:
        """The sweep point in words, such as 'firing_rate 10, replicate 0'; '' where there is none."""
        return point_label(self.plan.point_name(self.job, self.point))

    @property
    def at(self) -> str:
        """The sweep point as the end of a sentence."""
        return f" at {escaped(self.where)}" if self.where else ""

    @property
    def caption(self) -> str | None:
        """The caption that the config gives a figure; None for other files."""
        return self.plan.experiment.figures.get(self.job.partition("/")[2], {}).get("caption")

    @property
    def groups(self) -> list[dict[str, str]]:
        """Rows of statistics/populations.csv of this point."""
        return read_table(Path(self.plan.job_folder("statistics", self.point), "populations.csv"))

    @property
    def shown_groups(self) -> list[dict[str, str]]:
        """Those of ``groups`` which the figure shows."""
        wanted = self.settings.get("population")
        names = [wanted] if isinstance(wanted, str) else wanted
        return [row for row in self.groups if names is None or row["population"] in names]

    @property
    def span(self) -> str:
        """The window of a figure, or the whole run, in ms."""
        start, stop = self.settings.get("window") or (None, None)
        return f"{number(start or 0)} to {number(self.simulation['tstop'] if stop is None else stop)} ms"

    @property
    def rates(self) -> str:
        """A sentence for each shown group: cells, spikes, mean rate."""
        said = []
        for row in self.shown_groups:
            name, n = f"{row['group']} ({row['population']})", int(row["n_cells"])
            cells = "1 cell" if n == 1 else f"{n:,} cells"
            spikes = f"{int(row['n_spikes']):,} spikes from {number(row['start_ms'])} to {number(row['stop_ms'])} ms"
            mean = f", {interval(row, 'rate', 'hz')} Hz a cell" if n > 1 else f", {number(row['rate_mean_hz'])} Hz"
            said.append(f"{name}: {cells}, {spikes}{mean}.")
        return escaped(" ".join(said))

    @property
    def parts(self) -> str:
        """The figures of a panel by their letters."""
        names = [name for row in self.settings.get("rows", []) for name in row]
        return escaped(", ".join(f"{letter}: {name}" for letter, name in zip(ascii_uppercase, names, strict=False)))

    @property
    def measures(self) -> str:
        """A sentence for each shown group with all measures of a cell."""
        said = []
        for row in self.shown_groups:
            parts = [f"{each.title} {interval(row, each.key, each.unit)}" for each in MEASURES.values()]
            said.append(f"{row['group']} ({row['population']}): {', '.join(parts)}.")
        return escaped(" ".join(said))

    @property
    def synchrony(self) -> str:
        """A sentence for each shown group: mean pairwise correlation, and the synchrony measure chi."""
        said = [
            f"{row['group']} ({row['population']}): mean {number(row.get('correlation_mean'))}, "
            f"synchrony chi {number(row.get('synchrony_chi'))}."
            for row in self.shown_groups
        ]
        return escaped(" ".join(said))

    @property
    def statistics(self) -> str:
        """Table of the measures of each group, with bootstrap intervals over cells."""
        groups = self.groups
        rows = [("Cells", *(row["n_cells"] for row in groups)), ("Spikes", *(row["n_spikes"] for row in groups))]
        rows += [
            (measure.title, *(interval(row, measure.key, measure.unit) for row in groups))
            for measure in MEASURES.values()
        ]
        rows.append(("Correlation", *(number(row.get("correlation_mean")) for row in groups)))
        return rst_table(["", *(f"{row['group']} ({row['population']})" for row in groups)], rows if groups else [])

    @property
    def timing(self) -> str:
        """A sentence on engine and speed of the simulation."""
        path = Path(self.plan.job_folder("simulation", self.point), "output", "timing.json")
        if not path.is_file():
            return ""
        try:
            timing = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            return ""
        seconds = timing["seconds"]
        engine = engine_kind(timing["engine"]).title
        threads = "1 thread" if timing["threads"] == 1 else f"{timing['threads']} threads"
        return (
            f"{number(self.simulation['tstop'])} ms in steps of {self.simulation['dt']:g} ms on {engine}, {threads}: "
            f"{number(seconds['total'])} s in all, {number(seconds['run'])} s of it the run itself."
        )

    @property
    def group_sizes(self) -> str:
        """A sentence on how many cells of each group there are."""
        said = []
        for name in self.plan.names("nodes"):
            groups = self.plan.settings(f"nodes/{name}", self.point)["nodes"]
            said += [f"{group['N']:,} of {group.get('pop_name', 'no group')} ({name})" for group in groups]
        return escaped(f"Cells: {', '.join(said)}.")

    @property
    def connections(self) -> str:
        """A sentence for each population of edges: connected pairs and synapses."""
        pairs, synapses = {}, {}
        for row in read_table(Path(self.plan.job_folder("statistics", self.point), "degrees.csv")):
            if row["direction"] == "in":
                pairs[row["edges"]] = pairs.get(row["edges"], 0) + int(row["n_cells"])
                synapses[row["edges"]] = synapses.get(row["edges"], 0) + int(row["n_synapses"])
        if self.job.startswith("edges/"):
            shown = "{source_network}_to_{target_network}".format(**self.settings)
        else:
            shown = self.settings.get("edges") or list(pairs)
        names = [name for name in ([shown] if isinstance(shown, str) else shown) if name in pairs]
        said = [f"{name}: {pairs[name]:,} connected pairs with {synapses[name]:,} synapses." for name in names]
        return escaped(" ".join(said))
