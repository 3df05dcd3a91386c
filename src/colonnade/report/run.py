"""The finished experiment as the templates in workflow/report/ see it: texts in ``snakemake.config.report_texts``."""

import base64
import json
import textwrap
from functools import cached_property
from pathlib import Path

import yaml

from colonnade.experiment import Plan, Point
from colonnade.experiment.sweep import point_label
from colonnade.figures.registry import figure_kind
from colonnade.figures.style import size_inches
from colonnade.files import sha256
from colonnade.log_lines import WARNING
from colonnade.provenance import compiler_version, git_state, versions
from colonnade.report.page import Page
from colonnade.report.steps import steps, summary
from colonnade.report.tables import escaped, folded, interval, number, read_table, rst_block, rst_table

_REM_AN_INCH = 6.6  # a column's width beside another one


class RunReport:
    """What a report says of the experiment of ``plan``, whose project is in the folder ``root``; read when asked."""

    def __init__(self, plan: Plan, root: Path):
        self.plan = plan
        self.experiment = experiment = plan.experiment
        self.config = experiment.config
        self.name = experiment.name
        self.title = escaped(self.config["title"] or self.name)
        self.root = root

    def texts(self) -> dict:
        """Return all that the templates show, as plain values; what has not been run yet is left out or empty."""
        jobs = [(job, name, point) for job in self.plan.jobs for name, point in self.plan.instances(job).items()]
        keys = (
            "name",
            "title",
            "style",
            "points",
            "figures",
            "cells",
            "edges",
            "inputs",
            "steps",
            "seconds",
            "warnings",
        )
        return {
            **{key: getattr(self, key) for key in (*keys, "user_functions", "models", "software", "resolved_config")},
            "seed": self.config["seed"],
            "sweep_points": len(self.experiment.points) if self.experiment.has_sweep else 0,
            "timing": self.whole.timing,
            "statistics": self.whole.statistics,
            "pages": {
                f"{job}/{name}" if name else job: Page(self.plan, job, point).texts() for job, name, point in jobs
            },
        }

    @cached_property
    def whole(self) -> "Page":
        """The first point; the only one where there is no sweep."""
        return Page(self.plan, "simulation", self.experiment.points[0])

    @property
    def style(self) -> str:
        """The report's style, for a template that shows a table."""
        style = Path(self.root, "workflow", "report", "report.css").read_text(encoding="utf-8")
        return f".. raw:: html\n\n   <style>{' '.join(style.split())}</style>\n"

    @property
    def points(self) -> str:
        """The table of all points of the sweep: what was varied, the status, the rate of each group."""
        rows = read_table(Path(self.experiment.folder, "statistics", "points.csv"))
        varied = list(dict.fromkeys(path for point in self.experiment.points for path in _varied(point)))
        columns = [*(path for path in varied if path in (rows[0] if rows else ())), "replicate", "status"]
        short = [path.rpartition(".")[2] for path in columns]
        heads = [name if short.count(name) == 1 else path for name, path in zip(short, columns, strict=True)]
        cells = [
            [*(row[column] for column in columns), f"{row.get('population', '')} {row.get('group', '')}",
             row.get("n_spikes", ""), interval(row, "rate", "hz"), number(row.get("cv_mean"))]
            for row in rows
        ]  # fmt: skip
        return rst_table([*heads, "cells", "spikes", "rate (Hz)", "CV"], cells)

    @property
    def figures(self) -> list[tuple[str, str, float]]:
        """Title, data URI and width (rem) of each figure; of those at every point of a sweep, the middle one's.

        The figures of the whole experiment come first. The URI stands on several lines, since docutils refuses long
        ones; browsers leave line ends out.
        """
        found = []
        for name, settings in self.experiment.figures.items():
            job = f"figures/{name}"
            instances = self.plan.instances(job).items()
            drawn = [(where, Path(self.plan.job_folder(job, point), f"{name}.png")) for where, point in instances]
            drawn = [(where, path) for where, path in drawn if path.is_file()]
            if drawn:
                where, path = drawn[len(drawn) // 2]
                others = len(instances) - 1
                lines = textwrap.wrap(base64.b64encode(path.read_bytes()).decode(), 4000)
                title = f"{name}, at {point_label(where)} ({others} more under Simulations)" if others else name
                width = size_inches(settings.get("width", figure_kind(settings["kind"]).width), 1)[0] * _REM_AN_INCH
                found.append((where != "", title, "\n   ".join(["data:image/png;base64,", *lines]), round(width, 1)))
        return [figure[1:] for figure in sorted(found, key=lambda figure: figure[0])]

    @property
    def cells(self) -> str:
        """Table of the groups of cells."""
        rows = [
            (name, group.get("pop_name", ""), group["N"], group["model_type"].replace("_", " "),
             group.get("morphology", ""), group.get("dynamics_params", ""), _function(group.get("positions")))
            for name, network in self.config["networks"].items() for group in network["nodes"]
        ]  # fmt: skip
        return rst_table(["network", "group", "cells", "model", "morphology", "parameters", "positions"], rows)

    @property
    def edges(self) -> str:
        """Table of the groups of connections."""
        rows = []
        for name, network in self.config["networks"].items():
            for edges in network["edges"]:
                chosen = [_filter(edges.get("source")), _filter(edges.get("target"))]
                pair = f"{name}{chosen[0]} to {edges.get('target_network', name)}{chosen[1]}"
                rule, weight = edges.get("connection_rule", 1), edges.get("syn_weight", "")
                rows.append((pair, rule, weight, edges.get("delay", ""), edges.get("dynamics_params", "")))
        return rst_table(["connections", "rule", "weight", "delay (ms)", "synapse"], rows)

    @property
    def inputs(self) -> str:
        """Table of the inputs."""
        rows = []
        for name, value in self.config["inputs"].items():
            said = ", ".join(f"{key}: {value[key]}" for key in value if key not in ("type", "population"))
            rows.append((name, value["type"].replace("_", " "), value.get("population", name), said))
        return rst_table(["input", "type", "population", "settings"], rows)

    @property
    def steps(self) -> str:
        """Table of time and memory: of each kind of step, and folded, of each job."""
        jobs = steps(Path(self.experiment.folder, "benchmarks"))
        rows = [(kind.replace("_", " "), n, *map(number, values)) for kind, n, *values in summary(jobs)]
        table = rst_table(["step", "jobs", "time (s)", "longest (s)", "peak memory (MB)"], rows)
        rows = [(job.name, number(job.seconds), number(job.cpu_seconds), number(job.peak_mb)) for job in jobs]
        each = rst_table(["job", "time (s)", "processor time (s)", "peak memory (MB)"], rows)
        return f"{table}\n{folded('Each job', each)}"

    @property
    def warnings(self) -> str:
        """What the steps have warned of, as a list; '' where they have not."""
        found: dict[str, int] = {}
        for path in sorted(Path(self.experiment.folder, "logs").rglob("*.log")):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                _, mark, said = line.partition(WARNING)
                if mark:
                    found[said.strip()] = found.get(said.strip(), 0) + 1
        times = (f" ({count} times)" if count > 1 else "" for count in found.values())
        return "\n".join(f"- {escaped(said)}{more}" for said, more in zip(found, times, strict=True))

    @property
    def seconds(self) -> str:
        """Time of all steps together."""
        return number(sum(job.seconds for job in steps(Path(self.experiment.folder, "benchmarks"))))

    @property
    def user_functions(self) -> str:
        """The files of the user's own functions, each with its checksum and its text; '' where there are none."""
        parts = []
        for name in self.plan.user_files():
            path = Path(name)
            text = rst_block(path.read_text(encoding="utf-8"), "python")
            parts.append(f"``{name}``, sha256 ``{sha256(path)}``\n\n{folded(path.name, text)}")
        return "\n".join(parts)

    @property
    def models(self) -> str:
        """Table of the models of others: where each comes from, its licence and its checksum."""
        records = sorted(Path(self.experiment.folder, "components", "records").rglob("*.json"))
        rows = []
        for path in records:
            record = json.loads(path.read_text(encoding="utf-8"))
            source = " ".join(filter(None, (record["source"], record["version"])))
            rows.append((record["file"], source, record["licence"] or "not stated", record["sha256"][:16]))
        return rst_table(["file", "source", "licence", "sha256 (first 16)"], rows)

    @property
    def software(self) -> str:
        """Table of versions, and the commit of the project."""
        git = git_state(self.root)
        state = {True: ", with changes", False: "", None: ""}[git["dirty"]]
        rows = [*versions().items(), ("compiler", compiler_version()), ("git commit", f"{git['commit']}{state}")]
        return rst_table(["program", "version"], rows if git["commit"] else rows[:-1])

    @property
    def resolved_config(self) -> str:
        """The config with all defaults, as YAML, folded."""
        text = yaml.safe_dump(self.config, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None)
        return folded("Config with all defaults (YAML)", rst_block(text, "yaml"))


def _varied(point: Point) -> list[str]:
    return [path for _, choice in point.choices for path, _ in choice.values]


def _function(value) -> str:
    return str(value.get("function", "")) if isinstance(value, dict) else ""


def _filter(chosen) -> str:
    return "" if not chosen else " (" + ", ".join(f"{key}: {value}" for key, value in chosen.items()) + ")"
