"""An experiment: its resolved config, and the points of its sweep, each with a config of its own."""

from colonnade.errors import InputError, raise_all
from colonnade.experiment.config import resolve
from colonnade.experiment.sweep import Point, check_paths, points_of


class Experiment:
    """A resolved config with its sweep. ``values`` is the YAML file's content, ``file`` its name for errors."""

    def __init__(self, values: dict, file=None):
        self.config = resolve(values, file)
        self.file = file
        self.name = self.config["experiment"]
        self.points = points_of(self.config, file)
        raise_all(check_paths(self.points, self.config, file))
        self._configs = self._resolved()

    @property
    def folder(self) -> str:
        """Folder of all results, relative to the working directory."""
        return f"{self.config['results']}/{self.name}"

    @property
    def has_sweep(self) -> bool:
        return len(self.points) > 1 or bool(self.points[0].choices)

    @property
    def figures(self) -> dict[str, dict]:
        """Settings of the figures by name."""
        return self.config.get("figures", {})

    def config_at(self, point: Point | None = None) -> dict:
        """Return the resolved config of ``point`` (default: the first)."""
        return self._configs[point or self.points[0]]

    def _resolved(self) -> dict[Point, dict]:
        """Return the config of each point; raises one error for what is wrong at any of them."""
        configs, problems = {}, {}
        for point in self.points:
            try:
                config = point.apply(self.config)
                configs[point] = resolve(config, self.file, like=self.config) if point.choices else self.config
            except InputError as error:
                for each in getattr(error, "errors", [error]):
                    problems.setdefault(str(each), []).append(point.name())
        raise_all(InputError(f"{_points(names)}: {text}") for text, names in problems.items())
        return configs


def _points(names: list[str]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"sweep point {names[0]}{more}"
