"""Set up the folder of a simulation by one call: config, models, mechanisms, for network files that are there."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from colonnade.components import BMTK, KINDS, wheel_folder
from colonnade.errors import InputError, UnsupportedError
from colonnade.files import canonical_json, write_json
from colonnade.json_file import read_json
from colonnade.mechanisms import compile_mechanisms as compile_mod_files
from colonnade.simulation.network.local_cells import OWN_MECHANISMS


def build_env_bionet(
    base_dir=".",
    network_dir=None,
    components_dir=None,
    output_dir=None,
    *,
    config_file: str | None = None,
    config_name: str | None = None,
    report_vars: Sequence = (),
    spikes_inputs: Sequence[tuple] | None = None,
    current_clamp: dict | None = None,
    tstart: float = 0.0,
    tstop: float = 1000.0,
    dt: float | None = None,
    dL: float = 20.0,
    spikes_threshold: float = -15.0,
    nsteps_block: int = 5000,
    v_init: float = -80.0,
    celsius: float = 34.0,
    include_examples: bool = False,
    compile_mechanisms: bool = False,
    overwrite: bool = False,
    overwrite_config: bool = False,
    run_script: bool = False,
    use_relative_paths: bool = True,
    **unknown,
) -> Path:
    """Write ``config.json`` into ``base_dir``, for all node and edge files in ``network_dir``; return its path.

    Arguments are those of BMTK's function of this name, times in ms. ``report_vars``: names of variables, or pairs of
    a population and a name, recorded at the soma. ``spikes_inputs``: pairs of a virtual population (``None``: all) and
    a spike file. ``current_clamp``: ``amp`` (nA), ``delay``, ``duration`` and perhaps ``node_set``.
    ``include_examples`` copies the models of the BMTK wheel and Colonnade's mechanisms into ``components_dir``, without
    replacing a file; ``compile_mechanisms`` compiles these beforehand. An existing config that says something else is
    an ``InputError`` unless ``overwrite``.
    """
    for name, value in unknown.items():
        if value not in (None, False, [], {}, ()):
            raise UnsupportedError("this argument is not supported", key=f"build_env_bionet({name}=)", value=value)
    base = Path(base_dir).resolve()
    network = _folder(base, network_dir, "network")
    components = _folder(base, components_dir, "components")
    config_path = base / (config_file or (f"config.{config_name}.json" if config_name else "config.json"))
    for kind in (*KINDS, "mechanisms"):
        (components / kind).mkdir(parents=True, exist_ok=True)
    if include_examples:
        copy_examples(components)
    mechanisms = components / "mechanisms"
    if compile_mechanisms:
        sources = mechanisms if _has_mod_files(mechanisms) else OWN_MECHANISMS
        compile_mod_files(sources, mechanisms, coreneuron="try")

    def place(path) -> str:
        relative = os.path.relpath(Path(path).resolve(), config_path.parent)
        return "$BASE_DIR/" + Path(relative).as_posix() if use_relative_paths else str(Path(path).resolve())

    config = {
        "manifest": {"$BASE_DIR": "${configdir}"},
        "target_simulator": "NEURON",
        "run": {"tstart": tstart, "tstop": tstop, "dt": 0.1 if dt is None else dt, "dL": dL,
                "spike_threshold": spikes_threshold, "nsteps_block": nsteps_block},
        "conditions": {"celsius": celsius, "v_init": v_init},
        "components": {f"{kind}_dir": place(components / kind) for kind in (*KINDS, "mechanisms")},
        "networks": {kind: [{f"{kind}_file": place(h5), f"{kind[:-1]}_types_file": place(csv)} for h5, csv in
                            network_files(network, kind)] for kind in ("nodes", "edges")},
        "inputs": {**_spikes(spikes_inputs, place), **_clamp(current_clamp)},
        "output": {"log_file": "log.txt", "output_dir": place(base / (output_dir or "output")),
                   "spikes_file": "spikes.h5"},
        "reports": dict(_report(variable) for variable in
                        ([report_vars] if isinstance(report_vars, str) else report_vars)),
    }  # fmt: skip
    if config_path.is_file() and not (overwrite or overwrite_config):
        if canonical_json(read_json(config_path)) != canonical_json(config):
            raise InputError("the config exists and says something else", file=config_path, expected="overwrite=True")
        return config_path
    write_json(config_path, config)
    return config_path


def network_files(folder: Path, kind: str) -> list[tuple[Path, Path]]:
    """Return the pairs of an HDF5 and a types file of ``kind`` (nodes, edges) in a folder, by name."""
    pairs = []
    for h5 in sorted(folder.glob(f"*_{kind}.h5")):
        csv = h5.with_name(f"{h5.stem[: -len(kind)]}{kind[:-1]}_types.csv")
        if not csv.is_file():
            raise InputError("the types file is missing", file=csv, expected=f"the types of {h5.name}")
        pairs.append((h5, csv))
    return pairs


def copy_examples(components: Path) -> None:
    """Copy the models of the BMTK wheel and Colonnade's mechanisms into ``components``; files that exist stay."""
    source = wheel_folder(BMTK)
    for kind in KINDS:
        for path in sorted((source / kind).glob("*")) if (source / kind).is_dir() else []:
            if path.is_file():
                _copy(path, components / kind / path.name)
    if not _has_mod_files(components / "mechanisms"):
        for path in sorted(OWN_MECHANISMS.glob("*.mod")):
            _copy(path, components / "mechanisms" / "modfiles" / path.name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        shutil.copyfile(source, target)


def _has_mod_files(folder: Path) -> bool:
    return any(folder.glob("*.mod")) or any(folder.glob("modfiles/*.mod"))


def _folder(base: Path, given, default: str) -> Path:
    """Return a folder: as given if it is there or absolute, else below ``base``."""
    if given is None:
        return base / default
    path = Path(given)
    return path.resolve() if path.is_absolute() or path.is_dir() else base / path


def _spikes(spikes_inputs, place) -> dict:
    inputs = {}
    for population, path in spikes_inputs or ():
        if not Path(path).is_file():
            raise InputError("there is no such spike file", file=path, key="spikes_inputs")
        module = "csv" if str(path).endswith(".csv") else "sonata"
        inputs[f"{population or 'input'}_spikes"] = {
            "input_type": "spikes",
            "module": module,
            "input_file": place(path),
            "node_set": population or "all",
        }
    return inputs


def _clamp(current_clamp: dict | None) -> dict:
    if not current_clamp:
        return {}
    chosen = current_clamp.get("node_set", "all")
    gids = current_clamp.get("gids", "all")
    if gids != "all":
        chosen = {"node_id": gids if isinstance(gids, list) else [gids]}
    pulse = {key: current_clamp[key] for key in ("amp", "delay", "duration")}
    return {"current_clamp": {"input_type": "current_clamp", "module": "IClamp", "node_set": chosen, **pulse}}


def _report(variable) -> tuple[str, dict]:
    population, name = variable if isinstance(variable, (list, tuple)) else (None, variable)
    cells = {"population": population} if population else "all"
    return f"{name}_report", {"variable_name": name, "cells": cells, "module": "membrane_report", "sections": "soma"}
