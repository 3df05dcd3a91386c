"""An experiment: its resolved config, and the points of its sweep, each with a config of its own."""

from colonnade.errors import InputError
from colonnade.experiment.config import resolve
from colonnade.experiment.sweep import Point, check_paths, points_of


class Experiment:
    """A resolved config with its sweep. ``values`` is the YAML file's content, ``file`` its name for errors."""

    def __init__(self, values: dict, file=None):
        self.config = resolve(values, file)
        self.file = file
        self.name = self.config["experiment"]
        self.points = points_of(self.config, file)
        check_paths(self.points, self.config, file)
        self._configs = {point: self._config_at(point) for point in self.points}

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

    def _config_at(self, point: Point) -> dict:
        if not point.choices:
            return self.config
        try:
            return resolve(point.apply(self.config), self.file)
        except InputError as error:
            raise InputError(f"sweep point {point.name()}: {error}") from error
