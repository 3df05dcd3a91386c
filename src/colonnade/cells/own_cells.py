"""Cells that a user's functions make and process, by BMTK's names: which functions there are, how they are called."""

from collections.abc import Callable, Mapping
from contextlib import contextmanager

from colonnade.errors import InputError
from colonnade.streams import seeded
from colonnade.user_functions import check_function, is_reference, users_code, where_defined

ANY = "*"  # model_type: any
_models: dict[tuple[str, str], Callable] = {}
_processors: dict[str, Callable] = {}


def add_cell_model(function: Callable, directive: str, model_type: str | None = ANY, overwrite: bool = True) -> None:
    """Let nodes whose model_template is ``directive``, or begins with ``directive:``, be the cells that it makes.

    ``function(cell, template_name, dynamics_params)`` gets the node, what stands behind the colon, and the parameters
    (a dict or None); it returns NEURON's object of a cell with ``soma`` and ``all``, or an artificial cell for
    model_type point_neuron. Without ``overwrite``, a directive that is known keeps its function.
    """
    from colonnade.cells.cell_type import TEMPLATES

    check_function(function, "add_cell_model")
    key = (directive, model_type or ANY)
    of_ours = {template.partition(":")[0] for template in TEMPLATES}
    if overwrite or not (key in _models or directive.partition(":")[0] in of_ours):
        _models[key] = function


def cell_model(
    *function, directive: str | None = None, name: str | None = None, model_type: str | None = ANY, overwrite=True
):
    """Register a function as ``add_cell_model`` does, as a decorator; without a directive, its name is it.

    The directive may also stand alone, or be called ``name``.
    """
    alone = function[0] if function and isinstance(function[0], str) else None

    def decorated(each: Callable) -> Callable:
        add_cell_model(each, directive or name or alone or each.__name__, model_type, overwrite)
        return each

    return decorated(*function) if function and alone is None else decorated


def add_cell_processor(function: Callable, name: str | None = None, overwrite: bool = True) -> None:
    """Let cells whose model_processing has the word ``name`` (default: the function's own) be processed by it.

    ``function(hobj, cell, dynamics_params)`` gets the cell, its node and the parameters, and returns the cell.
    """
    from colonnade.cells.cell_type import PROCESSINGS

    check_function(function, "add_cell_processor")
    name = name or function.__name__
    if overwrite or name not in (*_processors, *PROCESSINGS):
        _processors[name] = function


def cell_processor(*function, name: str | None = None, overwrite: bool = True):
    """Register a function as ``add_cell_processor`` does, as a decorator with or without a name."""

    def decorated(each: Callable) -> Callable:
        add_cell_processor(each, name, overwrite)
        return each

    return decorated(*function) if function else decorated


model_processing = cell_processor


class OwnFunctions:
    """The user's functions for cells: those of a script and those that a config names, ``load(reference)`` each.

    ``models`` and ``processors`` map model_templates (or their part before the colon) and words of model_processing to
    ``file.py:function``. Without ``load``, any ``file.py:function`` is taken for one: nothing is called.
    """

    def __init__(
        self,
        models: Mapping[str, str] | None = None,
        processors: Mapping[str, str] | None = None,
        load: Callable[[str, str], Callable] | None = None,
    ):
        self._models, self._processors, self._load = dict(models or {}), dict(processors or {}), load

    @property
    def model_names(self) -> list[str]:
        return [*dict.fromkeys(directive for directive, _ in _models), *self._models]

    @property
    def processor_names(self) -> list[str]:
        return [*_processors, *self._processors]

    def has_model(self, template: str, model_type: str) -> bool:
        return self._model(template, model_type) is not None or (self._load is None and is_reference(template))

    def has_processor(self, name: str) -> bool:
        return name in _processors or name in self._processors or (self._load is None and is_reference(name))

    def model(self, template: str, model_type: str) -> Callable:
        found = self._model(template, model_type)
        return self._load(found, "colonnade.cell_models") if isinstance(found, str) else found

    def processor(self, name: str) -> Callable:
        return _processors.get(name) or self._load(self._processors[name], "colonnade.cell_processors")

    def _model(self, template: str, model_type: str) -> Callable | str | None:
        """Return the function, or its reference, for the whole template, else for its part before the colon."""
        names = template, template.partition(":")[0]
        found = (_models.get((name, kind)) for name in names for kind in (model_type, ANY))
        return next((each for each in (*found, *map(self._models.get, names)) if each is not None), None)


class Node:
    """A node as a user's function gets it: ``cell["tuning_angle"]``, ``cell.node_id``, ``cell.morphology_file``."""

    def __init__(
        self, values: Mapping, node_id: int = 0, gid: int = 0, population: str = "", more: Callable | None = None
    ):
        self._values, self._more = {key: value for key, value in values.items() if value is not None}, more
        self.node_id, self.gid, self.population = node_id, gid, population

    def __getitem__(self, name: str):
        if name not in self._values and self._more is not None:
            self._values[name] = self._more(name)
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def get(self, name: str, default=None):
        """Return an attribute of the node, ``default`` where it has none."""
        try:
            value = self[name]
        except KeyError:
            return default
        return default if value is None else value

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        if name in ("morphology_file", "morphology", "dynamics_params", "model_processing", "model_template"):
            return self.get(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the node has no attribute {name!r}") from None


@contextmanager
def calling(title: str, function: Callable, node: Node, key: str):
    """Call a user's function in the block: errors name file and line, and each call for a node draws the same."""
    place = f"{key} of node {node.node_id} of {node.population}" if node.population else key
    with users_code(title, function, place), seeded(0, "cell", node.population, int(node.node_id)):
        yield


def checked_cell(made, function: Callable, key: str):
    """Return what a function made, if it is a cell with sections; else ``InputError`` with where the function is."""
    where = f"the function {function.__name__} made no cell{where_defined(function)}"
    if made is None:
        raise InputError(where, key=key, value="None", expected="a cell with soma and all")
    for part in ("soma", "all"):
        if not hasattr(made, part):
            raise InputError(f"{where}: it has no {part!r}", key=key, value=type(made).__name__,
                             expected="a list of sections 'all' and a section or sections 'soma'")  # fmt: skip
    try:
        sections = list(made.all)
        soma = made.soma if hasattr(made.soma, "nseg") else made.soma[0]
    except (TypeError, IndexError, RuntimeError) as error:
        raise InputError(f"{where}: {error}", key=key, expected="sections in 'soma' and in 'all'") from error
    if not all(hasattr(section, "nseg") for section in sections) or soma not in sections:
        raise InputError(f"{where}: 'all' has to hold NEURON's sections, that of the soma among them", key=key)
    return made
