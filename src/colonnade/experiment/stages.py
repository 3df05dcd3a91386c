"""The stages of an experiment: the settings each depends on, its folder in a sweep, and what it takes from others.

A stage is named ``kind`` or ``kind/name`` (``simulation``, ``nodes/mcortex``). Its settings are a pure choice from the
config, which is what makes both kinds of sharing sound: an edit elsewhere in the config cannot change them, and a sweep
value that cannot change them, or those of a stage before, does not appear in the stage's folder.
"""

from functools import cached_property
from pathlib import Path

from colonnade.errors import InputError
from colonnade.experiment.config import resolve
from colonnade.experiment.sweep import Point, points_of, with_values
from colonnade.figures.settings import reads, settings_of
from colonnade.files import canonical_json

FOLDERS = {"nodes": "network", "edges": "network"}
_PROBE = "\N{REPLACEMENT CHARACTER}"  # stands for any other value when a dependence is looked for


class Experiment:
    """A resolved config with its sweep. ``values`` is the YAML file's content, ``file`` its name for errors."""

    def __init__(self, values: dict, file=None):
        self.config = resolve(values, file)
        self.file = file
        self.name = self.config["experiment"]
        self.points = points_of(self.config, file)
        self._configs = {}
        for point in self.points:
            config = point.apply(self.config)
            try:
                self._configs[point] = resolve(config, file) if point.choices else config
            except InputError as error:
                raise InputError(f"sweep point {point.name()}: {error}") from error
        self._dependences = {}

    @property
    def folder(self) -> str:
        """Folder of all results, relative to the working directory."""
        return f"{self.config['results']}/{self.name}"

    @property
    def has_sweep(self) -> bool:
        return len(self.points) > 1 or bool(self.points[0].choices)

    @cached_property
    def populations(self) -> tuple[str, ...]:
        """Networks in the order of the config, in which gids are given."""
        return tuple(self.config["networks"])

    @cached_property
    def edge_pairs(self) -> tuple[tuple[str, str], ...]:
        """(source, target) of each edge file, those from virtual cells last."""
        return tuple(sorted(_pairs(self.config), key=lambda pair: _kind(self.config["networks"][pair[0]]) == "virtual"))

    @cached_property
    def spike_inputs(self) -> tuple[str, ...]:
        """Names of the inputs that are spike trains."""
        return tuple(name for name, value in self.config["inputs"].items() if value["type"] != "current_clamp")

    @cached_property
    def reports(self) -> tuple[str, ...]:
        return tuple(self.config["simulation"]["reports"])

    @cached_property
    def figures(self) -> dict[str, dict]:
        """Settings of the figures by name."""
        return self.config.get("figures", {})

    def figure_reads(self, name: str) -> tuple[str, ...]:
        """Return the kinds of files that a figure is drawn from: nodes, edges, spikes, reports, points."""
        return reads(self.settings(f"figures/{name}"))

    def settings(self, stage: str, point: Point | None = None) -> dict:
        """Return exactly the settings that ``stage`` depends on at ``point`` (default: the first)."""
        if stage == "components":
            return _components(list(self._configs.values()))
        return _settings(stage, self._configs[point or self.points[0]])

    def canonical_settings(self, stage: str, point: Point | None = None) -> str:
        return canonical_json(self.settings(stage, point))

    def before(self, stage: str) -> tuple[str, ...]:
        """Return the stages whose files ``stage`` reads."""
        kind, _, name = stage.partition("/")
        nodes = tuple(f"nodes/{population}" for population in self.populations)
        edges = tuple(f"edges/{source}_{target}" for source, target in self.edge_pairs)
        inputs = tuple(f"inputs/{name}" for name in self.spike_inputs)
        if kind == "edges":
            source, target = next(pair for pair in self.edge_pairs if "_".join(pair) == name)
            return tuple(dict.fromkeys((f"nodes/{source}", f"nodes/{target}")))
        if kind == "inputs":
            return (f"nodes/{self.config['inputs'][name].get('population', name)}",)
        if kind == "simulation":
            return (*nodes, *edges, *inputs, "mechanisms")
        if kind == "figures":
            files = self.figure_reads(name)
            if not {"spikes", "reports"} & set(files):
                return (*(nodes if "nodes" in files else ()), *(edges if "edges" in files else ()))
        if kind in ("statistics", "figures"):
            return (*nodes, *edges, *inputs, "simulation")
        return ()

    def origin(self, stage: str, point: Point | None = None) -> dict[str, dict]:
        """Return the settings of ``stage`` and of all stages before it: what made its files."""
        made_by = {stage: self.settings(stage, point)}
        for other in self.before(stage):
            made_by |= self.origin(other, point)
        return made_by

    def point_name(self, stage: str, point: Point) -> str:
        """Return the part of the point's name that matters to ``stage``; '' where none of it does."""
        return point.name(self._dependence(stage))

    def instances(self, stage: str) -> dict[str, Point]:
        """Return the stage's own points: their names and, for each, the first point of the sweep that has it."""
        instances = {}
        for point in self.points:
            instances.setdefault(self.point_name(stage, point), point)
        return instances

    def stage_folder(self, stage: str, point: Point | None = None) -> str:
        """Return the folder of the stage's files at ``point``, such as results/rates/inputs/firing_rate~10."""
        kind = stage.partition("/")[0]
        name = self.point_name(stage, point or self.points[0])
        return f"{self.folder}/{FOLDERS.get(kind, kind)}" + (f"/{name}" if name else "")

    def user_files(self, stage: str) -> list[str]:
        """Return the files of the user's own functions ('file.py:function') that the stage's settings name."""
        found = {}
        for point in self.instances(stage).values():
            _find_user_files(self.settings(stage, point), found)
        for path in found:
            if not Path(path).is_file():
                raise InputError("no such file of user functions", file=self.file, key=stage, value=path)
        return list(found)

    def all_user_files(self) -> list[str]:
        """Return the files of the user's own functions that any stage names."""
        stages = [f"nodes/{name}" for name in self.populations]
        stages += [f"edges/{source}_{target}" for source, target in self.edge_pairs]
        stages += [f"inputs/{name}" for name in self.spike_inputs]
        return list(dict.fromkeys(path for stage in stages for path in self.user_files(stage)))

    def _dependence(self, stage: str) -> frozenset[str]:
        """Return the sweep keys that the stage depends on; a figure of the sweep shows all points and stands once."""
        kind, _, name = stage.partition("/")
        if kind == "figures" and self.figures[name]["kind"] == "sweep":
            return frozenset()
        if stage not in self._dependences:
            found = set()
            for key, choice in {key: choice for point in self.points for key, choice in point.choices}.items():
                probed = with_values(self.config, [(path, _PROBE) for path, _ in choice.values])
                if stage != "components" and canonical_json(_settings(stage, probed)) != canonical_json(
                    _settings(stage, self.config)
                ):
                    found.add(key)
            for other in self.before(stage):
                found |= self._dependence(other)
            self._dependences[stage] = frozenset(found)
        return self._dependences[stage]


def _kind(network: dict) -> str:
    """Return the model type of a network's cells; 'biophysical' where there are several."""
    kinds = {group["model_type"] for group in network["nodes"]}
    return kinds.pop() if len(kinds) == 1 else "biophysical"


def _settings(stage: str, config: dict) -> dict:
    kind, _, name = stage.partition("/")
    return _CHOICES[kind](config, name)


def _seed(config: dict, section: str):
    return config["seeds"].get(section, config["seed"])


def _mechanisms(config, _):
    return dict(config["mechanisms"])


def _nodes(config, network):
    """Cells without any function draw nothing, so a replicate's seed is not theirs."""
    groups = config["networks"][network]["nodes"]
    draws = any(isinstance(value, dict) for group in groups for value in group.values())
    return {"seed": _seed(config, "networks") if draws else config["seed"], "network": network, "nodes": groups}


def _pairs(config: dict) -> list[tuple[str, str]]:
    """Return (source, target) of each edge file, in the order of the config."""
    return list(
        dict.fromkeys(
            (source, edges.get("target_network", source))
            for source, network in config["networks"].items()
            for edges in network["edges"]
        )
    )


def _edges(config, pair):
    source, target = next(names for names in _pairs(config) if "_".join(names) == pair)
    edges = [
        {key: value for key, value in edges.items() if key != "target_network"}
        for edges in config["networks"][source]["edges"]
        if edges.get("target_network", source) == target
    ]
    seed, dL = _seed(config, "networks"), config["simulation"]["dL"]
    return {"seed": seed, "source_network": source, "target_network": target, "dL": dL, "edges": edges}


def _inputs(config, name):
    settings = {"name": name, "population": name, **config["inputs"][name]}
    return {"seed": _seed(config, "inputs"), **settings} if settings["type"] == "poisson" else settings


def _simulation(config, _):
    """Threads are left out: they change no result."""
    inputs = {
        name: value
        if value["type"] == "current_clamp"
        else {"type": value["type"], "population": value.get("population", name)}
        for name, value in config["inputs"].items()
    }
    simulation = {key: value for key, value in config["simulation"].items() if key != "threads"}
    populations = {name: _kind(network) for name, network in config["networks"].items()}
    return {"populations": populations, "inputs": inputs, "simulation": simulation}


def _statistics(config, _):
    return {"seed": _seed(config, "statistics"), "statistics": config.get("statistics", {})}


def _figures(config, name):
    seed = _seed(config, "statistics")
    figures = {other: {**figure, "seed": seed} for other, figure in config["figures"].items()}
    return settings_of(figures, name, config["networks"])


_CHOICES = {
    "mechanisms": _mechanisms,
    "nodes": _nodes,
    "edges": _edges,
    "inputs": _inputs,
    "simulation": _simulation,
    "statistics": _statistics,
    "figures": _figures,
}


def _components(configs: list[dict]) -> dict:
    """Return the source of the models and the sorted names of the files that any point needs, by kind."""
    files = {"morphologies": set(), "biophysical_neuron_models": set(), "point_neuron_models": set()}
    files |= {"synaptic_models": set(), "templates": set()}
    for config in configs:
        for network in config["networks"].values():
            for group in network["nodes"]:
                if group["model_type"] == "virtual":
                    continue
                point = group["model_type"] == "point_neuron"
                files["morphologies"].add(group.get("morphology"))
                kind = "point_neuron_models" if point else "biophysical_neuron_models"
                files[kind].add(group.get("dynamics_params"))
                schema, _, template = group.get("model_template", "").partition(":")
                if schema == "hoc":
                    files["templates"].add(template if template.endswith(".hoc") else f"{template}.hoc")
                if schema == "nml":
                    files["biophysical_neuron_models"].add(template)
            files["synaptic_models"].update(edges.get("dynamics_params") for edges in network["edges"])
    wanted = {kind: sorted(name for name in names if name) for kind, names in files.items()}
    return {**configs[0]["components"], "files": {kind: names for kind, names in wanted.items() if names}}


def _find_user_files(value, found: dict) -> None:
    if isinstance(value, dict):
        for inner in value.values():
            _find_user_files(inner, found)
    elif isinstance(value, list):
        for inner in value:
            _find_user_files(inner, found)
    elif isinstance(value, str):
        path, separator, function = value.rpartition(":")
        if separator and path.endswith(".py") and function.isidentifier():
            found[path] = True
