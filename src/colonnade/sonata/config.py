"""SONATA configs: one file or split, with manifest variables, any age of spelling, read into one typed object."""

import logging
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from colonnade.errors import InputError, MissingFile, UnsupportedError, raise_all
from colonnade.json_file import read_json
from colonnade.sonata.forms import wrong_forms
from colonnade.sonata.hdf5 import recorded_seeds
from colonnade.sonata.keys import misspelt

log = logging.getLogger(__name__)
MOST_STEPS = 1e12
BOILING = 100.0  # degrees Celsius
POTENTIALS = (-200.0, 100.0)  # mV, within which membranes of cells are
VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
CHILD_KEYS = ("network", "circuit", "simulation")
NETWORK_FILES = ("nodes_file", "node_types_file", "edges_file", "edge_types_file", "node_sets_file")
FILE_KEYS = frozenset(
    (*NETWORK_FILES, "input_file", "file", "spike_file", "spikes_file", "electrode_positions", "positions_file")
) | {"waveform", "waveforms", "comsol_files"}


@dataclass(frozen=True)
class NetworkFiles:
    """The HDF5 file of some populations and the CSV file of their types (``None`` where the config has none)."""

    elements: Path
    types: Path | None


@dataclass
class SimulationConfig:
    """One SONATA simulation, variables resolved and paths absolute.

    Times are in ms, ``dL`` in um, ``celsius`` in degrees, ``v_init`` and ``spike_threshold`` in mV. ``settings`` is
    the top-level key ``colonnade``, which other readers pass over: ``engine``, ``threads``, ``merge_synapses``,
    ``weight_functions`` (name -> ``file.py:function``).
    """

    path: Path
    values: dict = field(repr=False)
    nodes: list[NetworkFiles]
    edges: list[NetworkFiles]
    components: dict[str, list[Path]]
    node_sets: dict
    inputs: dict[str, dict]
    reports: dict[str, dict]
    output: dict
    output_dir: Path
    tstop: float
    dt: float
    dL: float
    spike_threshold: float
    celsius: float
    v_init: float
    settings: dict

    @property
    def n_steps(self) -> int:
        """The number of time steps."""
        return round(self.tstop / self.dt)

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that made the network and the inputs, as their files record them, the network's first."""
        inputs = [entry.get("input_file", entry.get("file")) for entry in self.inputs.values()]
        return recorded_seeds([*(files.elements for files in (*self.nodes, *self.edges)), *filter(None, inputs)])

    def component(self, name: str) -> Path | None:
        """Return the first folder of a component such as ``morphologies_dir``, or ``None``."""
        return self.components.get(name, [None])[0]

    def output_path(self, name: str) -> Path:
        """Return where the output file ``name`` goes: below ``output_dir``, which ``name`` may repeat."""
        for written in self.values.get("output_dir_as_written", []):
            if name.startswith(f"{written}/"):
                name = name[len(written) :].lstrip("/")
        path = Path(name)
        return path if path.is_absolute() else self.output_dir / path


def read_config(path, output_dir=None, variables: dict | None = None) -> SimulationConfig:
    """Read the simulation config at ``path``, with its circuit config where it is split.

    A relative path is looked for in the folder of the file which holds it, then in that of the first config, then in
    the working directory. ``variables`` stand for ``${name}`` in the file; ``output_dir`` replaces the file's own.
    Raises ``InputError`` with the file and the key of what is wrong.
    """
    try:
        path = Path(path).resolve(strict=Path(path).is_symlink())
    except (OSError, RuntimeError) as error:  # a loop of links, or a link to nothing
        raise MissingFile(f"there is no such config ({error})", file=path) from None
    return parse_config(read_values(path, variables), path, output_dir)


def read_values(path: Path, variables: dict | None = None, values: dict | None = None) -> dict:
    """Return the values of a config, with those of the files it is split into, variables and paths resolved.

    ``values`` are taken instead of the content of the file ``path``.
    """
    return _read_merged(path, [path.parent, Path.cwd()], dict(variables or {}), (), values)


def parse_config(values: dict, path, output_dir=None) -> SimulationConfig:
    """Make a ``SimulationConfig`` of ``values``, in which variables and paths are resolved already."""
    path = Path(path)
    raise_all(wrong_forms(values, path))
    run = _section(values, "run", path)
    conditions = _section(values, "conditions", path)
    networks = _section(values, "networks", path)
    output = _section(values, "output", path)
    _refuse_unsupported(values, run, networks, path)
    raise_all(misspelt(values, path))
    nodes = [
        _network_files(entry, "node", path, f"networks.nodes[{i}]")
        for i, entry in enumerate(networks.get("nodes") or [])
    ]
    if not nodes:
        raise InputError("the config names no node files", file=path, key="networks.nodes", expected="a list of files")
    edges = [
        _network_files(entry, "edge", path, f"networks.edges[{i}]")
        for i, entry in enumerate(networks.get("edges") or [])
        if entry.get("enabled", True)
    ]
    if output_dir is None:
        output_dir = output.get("output_dir", path.parent / "output")
    config = SimulationConfig(
        path=path,
        values=values,
        nodes=nodes,
        edges=edges,
        components=_components(values, path),
        node_sets=_node_sets(values, path),
        inputs=_enabled(_section(values, "inputs", path), "inputs", path),
        reports=_enabled(_section(values, "reports", path), "reports", path),
        output=output,
        output_dir=Path(output_dir).resolve(),
        tstop=_number(run, "tstop", path, "run", None, "ms", lower=0),
        dt=_number(run, "dt", path, "run", 0.1, "ms", lower=0),
        dL=_number(run, "dL", path, "run", 20.0, "um", lower=0),
        spike_threshold=_number(run, "spike_threshold", path, "run", -15.0, "mV"),
        celsius=_number(conditions, "celsius", path, "conditions", 34.0, "degrees Celsius", lower=-273.15),
        v_init=_number(conditions, "v_init", path, "conditions", -80.0, "mV"),
        settings=_section(values, "colonnade", path),
    )
    for key, place in (("v_init", "conditions"), ("spike_threshold", "run")):
        if not POTENTIALS[0] <= getattr(config, key) <= POTENTIALS[1]:
            raise InputError("no membrane potential of a cell", file=path, key=f"{place}.{key}",
                             value=getattr(config, key), expected="{:g} to {:g} mV".format(*POTENTIALS))  # fmt: skip
    if not config.tstop / config.dt <= MOST_STEPS:
        raise InputError("there would be too many steps", file=path, key="run.dt", value=config.dt,
                         expected=f"at most {MOST_STEPS:g} of them until run.tstop, {config.tstop:g} ms")  # fmt: skip
    if config.celsius >= BOILING:
        raise InputError("no cell lives there", file=path, key="conditions.celsius", value=config.celsius,
                         expected=f"degrees Celsius below {BOILING:g}")  # fmt: skip
    if config.dt > config.tstop:
        raise InputError("the time step is longer than the run", file=path, key="run.dt", value=config.dt)
    if abs(config.tstop / config.dt - config.n_steps) > 1e-6 * config.n_steps:
        log.warning("%s: run.tstop: %g ms is no multiple of run.dt, %g ms; the run ends at %.12g ms", path,
                    config.tstop, config.dt, config.n_steps * config.dt)  # fmt: skip
    return config


def _read_merged(path: Path, folders: list[Path], outer: dict, seen: tuple, raw: dict | None = None) -> dict:
    if path in seen:
        raise InputError("the config refers to itself", file=path)
    raw = dict(read_json(path) if raw is None else raw)
    folders = [path.parent, *folders]
    raise_all(wrong_forms({"manifest": raw.get("manifest"), "network": raw.get("network")}, path))
    variables = _manifest(raw.pop("manifest", None) or {}, path, outer)
    values = _resolve(raw, variables, folders, path, ())
    if isinstance(raw.get("output"), dict) and isinstance(raw["output"].get("output_dir"), str):
        written = str(_substitute(raw["output"]["output_dir"], variables)).rstrip("/")
        values["output_dir_as_written"] = [written, values["output"]["output_dir"]]
    if isinstance(values.get("network"), dict):
        values.setdefault("networks", values.pop("network"))
    for key in CHILD_KEYS:
        if isinstance(values.get(key), str):
            child = Path(_locate(values.pop(key), folders))
            child_values = _read_merged(child, folders, variables, (*seen, path))
            for name, value in child_values.items():
                both = isinstance(value, dict) and isinstance(values.get(name), dict)
                values[name] = {**values[name], **value} if both else value
    return values


def _manifest(manifest: dict, path: Path, outer: dict) -> dict:
    variables = {**outer, "configdir": str(path.parent), "configfname": str(path), "workingdir": str(Path.cwd())}
    pending = {key.strip("${}"): value for key, value in manifest.items()}
    for key in set(pending) & set(outer) - {"configdir", "configfname", "workingdir"}:
        variables.pop(key)
    while pending:
        solved = {key: _substitute(value, variables) for key, value in pending.items()}
        ready = {key: value for key, value in solved.items() if not VARIABLE.search(str(value))}
        if not ready:
            key, value = next(iter(pending.items()))
            raise InputError(
                "a manifest variable cannot be resolved",
                file=path,
                key=f"manifest.{key}",
                value=value,
                options=[*variables, *pending],
            )
        variables.update(ready)
        pending = {key: value for key, value in pending.items() if key not in ready}
    return variables


def _substitute(text, variables: dict):
    if not isinstance(text, str):
        return text
    whole = VARIABLE.fullmatch(text)
    if whole and (whole[1] or whole[2]) in variables:
        return variables[whole[1] or whole[2]]
    return VARIABLE.sub(lambda match: str(variables.get(match[1] or match[2], match[0])), text)


def _resolve(value, variables: dict, folders: list[Path], path: Path, place: tuple):
    """Replace variables in all strings, and make the values of file keys absolute."""
    if isinstance(value, dict):
        return {key: _resolve(item, variables, folders, path, (*place, str(key))) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, variables, folders, path, (*place, i)) for i, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    text = _substitute(value, variables)
    unknown = VARIABLE.search(text) if isinstance(text, str) else None
    if unknown:
        raise InputError(
            f"the variable {unknown[0]} is not in the manifest",
            file=path,
            key=".".join(map(str, place)),
            value=value,
            options=["$" + name for name in variables],
        )
    if isinstance(text, str) and _is_path(place):
        return _locate(text, folders[:1] if place[0] == "output" else folders)
    return text


def _is_path(place: tuple) -> bool:
    names = [part for part in place if isinstance(part, str)]
    if not names:
        return False
    if names[0] == "output":
        return names[-1] == "output_dir"
    if names[0] == "reports":
        return names[-1] == "electrode_positions"
    return names[0] in ("components", "component", "mechanisms_dir") or names[-1] in FILE_KEYS


def _locate(text: str, folders: list[Path]) -> str:
    if text in ("", "NULL"):
        return text
    path = Path(text)
    if path.is_absolute():
        return str(path)
    candidates = [folder / path for folder in folders]
    return str(next((candidate for candidate in candidates if candidate.exists()), candidates[0]).resolve())


def _section(values: dict, key: str, path: Path) -> dict:
    section = values.get(key)
    if section is None:
        return {}
    if not isinstance(section, dict):
        raise InputError("this section is a JSON object", file=path, key=key, value=section, expected="{...}")
    return section


def _enabled(section: dict, key: str, path: Path) -> dict[str, dict]:
    for name, entry in section.items():
        if not isinstance(entry, dict):
            raise InputError("each entry is a JSON object", file=path, key=f"{key}.{name}", value=entry)
    return {name: entry for name, entry in section.items() if entry.get("enabled", True)}


def _number(section, key, path, place, default, unit, lower=None) -> float:
    value = section.get(key, default)
    if value is None:
        raise InputError("this value is missing", file=path, key=f"{place}.{key}", expected=f"a number in {unit}")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            "this is not a number", file=path, key=f"{place}.{key}", value=value, expected=f"a number in {unit}"
        ) from None
    if number != number or abs(number) == float("inf") or (lower is not None and number <= lower):
        expected = f"a finite number in {unit}" + ("" if lower is None else f" above {lower}")
        raise InputError("the value is out of range", file=path, key=f"{place}.{key}", value=value, expected=expected)
    return number


def _network_files(entry, kind: str, path: Path, key: str) -> NetworkFiles:
    if not isinstance(entry, dict) or f"{kind}s_file" not in entry:
        raise InputError("the entry names no file", file=path, key=key, value=entry, expected=f"'{kind}s_file': path")
    elements, types = entry[f"{kind}s_file"], entry.get(f"{kind}_types_file")
    types = None if types in (None, "", "NULL") else Path(types)
    for name, file in ((f"{kind}s_file", Path(elements)), (f"{kind}_types_file", types)):
        if file is not None and not file.is_file():
            raise MissingFile("there is no such file", file=path, key=f"{key}.{name}", value=str(file))
    return NetworkFiles(Path(elements), types)


def _components(values: dict, path: Path) -> dict[str, list[Path]]:
    section = {**_section(values, "component", path), **_section(values, "components", path)}
    if "mechanisms_dir" in values:
        section.setdefault("mechanisms_dir", values["mechanisms_dir"])
    components = {}
    for name, value in section.items():
        folders = value if isinstance(value, list) else [value]
        folders = [Path(folder) for folder in folders if isinstance(folder, str) and folder not in ("", "NULL")]
        if folders:
            components[name] = folders
    return components


def _node_sets(values: dict, path: Path) -> dict:
    inline = values.get("node_sets") or {}
    file = values.get("node_sets_file")
    if isinstance(inline, str):
        inline, file = {}, _locate(inline, [path.parent, Path.cwd()])
    if not file:
        return dict(inline)
    return {**read_json(Path(file)), **inline}


def _refuse_unsupported(values: dict, run: dict, networks: dict, path: Path) -> None:
    def refuse(key, value, message):
        raise UnsupportedError(message, file=path, key=key, value=value)

    if values.get("gid_mapping_file"):
        refuse("gid_mapping_file", values["gid_mapping_file"], "a gid mapping file is not supported")
    if float(run.get("tstart") or 0) != 0:
        refuse("run.tstart", run["tstart"], "a run starts at 0 ms; another start is not supported")
    if _section(values, "conditions", path).get("mechanisms"):
        refuse("conditions.mechanisms", "...", "values of mechanisms in the conditions are not supported")
