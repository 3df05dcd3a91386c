"""Where the results of a simulation go: within its output folder, each to a file of its own, onto no input."""

from collections.abc import Iterator
from pathlib import Path

from colonnade.errors import InputError, raise_all
from colonnade.simulation.recorders.membrane import is_membrane, membrane_reports
from colonnade.simulation.recorders.saved_synapses import save_folders
from colonnade.sonata.config import SimulationConfig

OF_OURS = ("timing.json", ".simulation.lock")


def check_output_files(config: SimulationConfig) -> None:
    """Raise ``InputError`` for each output that leaves the output folder, or would replace an input or another output.

    With ``overwrite_output_dir: false`` outputs that are there are not replaced, either.
    """
    raise_all(_clashes(config))


def _clashes(config: SimulationConfig) -> Iterator[InputError]:
    folder = config.output_dir.resolve()
    taken = dict.fromkeys((folder / name for name in OF_OURS), "the run itself") | _inputs(config)
    for key, name, path in _outputs(config):
        place = path.resolve()
        if not name or not place.is_relative_to(folder) or place == folder:
            yield InputError("leaves the output folder", file=config.path, key=key, value=name,
                             expected=f"a file below {folder}")  # fmt: skip
        elif place.is_dir():
            yield InputError("is a folder", file=config.path, key=key, value=name, expected="the name of a file")
        elif place in taken:
            yield InputError(f"would replace a file of {taken[place]}", file=config.path, key=key, value=name,
                             expected="a name of its own")  # fmt: skip
        elif config.output.get("overwrite_output_dir") is False and place.is_file() and key != "output.log_file":
            yield InputError("is there already, and output.overwrite_output_dir is false", file=config.path, key=key,
                             value=str(place), expected="another folder")  # fmt: skip
        taken.setdefault(place, key)


def _outputs(config: SimulationConfig) -> Iterator[tuple[str, str, Path]]:
    """Yield (key, name as written, path) of each output."""
    for key, name in (("spikes_file", "spikes.h5"), ("spikes_file_csv", None), ("log_file", None)):
        name = config.output.get(key) or name
        if name:
            yield f"output.{key}", name, config.output_path(name)
    for report in membrane_reports(config):
        yield (
            f"reports.{report.name}.file_name",
            config.reports[report.name].get("file_name") or report.name,
            report.path,
        )
    saved = save_folders(config)
    for name, folder in saved.items():
        yield f"reports.{name}.network_dir", config.reports[name].get("network_dir", name), folder / "edges"
    for name, entry in config.reports.items():
        if not is_membrane(entry) and entry.get("module") != "spikes_report" and name not in saved:
            file = str(entry.get("file_name") or entry.get("ecp_file") or name)
            path = config.output_path(file if file.endswith((".h5", ".hdf5")) else f"{file}.h5")
            yield f"reports.{name}.file_name", file, path


def _inputs(config: SimulationConfig) -> dict[Path, str]:
    """Return the files that the simulation reads, each with its place in the config."""
    found = {config.path.resolve(): "the config itself"}
    for section, entries in (("networks.nodes", config.nodes), ("networks.edges", config.edges)):
        for files in entries:
            found |= {path.resolve(): section for path in (files.elements, files.types) if path is not None}
    for name, entry in config.inputs.items():
        for key in ("input_file", "file", "spike_file"):
            if isinstance(entry.get(key), str):
                found[Path(entry[key]).resolve()] = f"inputs.{name}"
    return found
