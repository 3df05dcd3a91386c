"""A cell of the Allen Cell Types Database by its specimen id: model, form, recordings, as a project that runs.

The service is the RESTful API of the Brain Map (help.brain-map.org, "RMA"): a query for the models of a specimen with
their files, then each file by its id. Recordings are NWB 1 files, whose sweeps lie in ``epochs/Sweep_N``.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import yaml

from colonnade.errors import InputError
from colonnade.files import atomic_write, sha256, text_sha256, write_json

SERVICE = "https://api.brain-map.org"
MODELS = {
    "perisomatic": ("Biophysical - perisomatic", "aibs_perisomatic"),
    "all-active": ("Biophysical - all active", "aibs_allactive"),
}
FIT, FORM, RECORDINGS = "NeuronalModelParameters", "3DNeuronReconstruction", "NWBDownload"
LARGEST = 2_000_000_000  # bytes of a file
PATIENCE = 60.0  # s
LICENCE = """Allen Cell Types Database (2015), celltypes.brain-map.org, Allen Institute for Brain Science.
Used under the Allen Institute's Terms of Use, https://alleninstitute.org/terms-of-use/, which ask for this citation.
"""


@dataclass(frozen=True)
class Sweep:
    """One recorded sweep: ``times`` (T,) in ms from its begin, ``current`` (T,) in nA, ``potential`` (T,) in mV."""

    number: int
    times: np.ndarray
    current: np.ndarray
    potential: np.ndarray


def fetch_cell(specimen_id: int, folder: Path, *, model: str = "perisomatic", sweep: int | None = None,
               service: str = SERVICE) -> Path:  # fmt: skip
    """Make ``folder`` a project of the cell ``specimen_id`` under the current of a ``sweep``; return its config's path.

    Without ``sweep`` it is the long square of the greatest current with spikes. Every file is recorded with address,
    time, checksum and licence in models/checksums.json; where that is there already, what comes has to be the same.
    InputError where the service does not answer, knows no such model, or sends something else.
    """
    found = _model_of(specimen_id, model, service)
    forms = [file for each in found["specimen"]["neuron_reconstructions"] for file in each["well_known_files"]]
    wanted = {
        "fit": _one_file(found["well_known_files"], FIT),
        "form": _one_file(forms, FORM),
        "recordings": _one_file(found["specimen"]["ephys_result"]["well_known_files"], RECORDINGS),
    }
    places = {
        "fit": f"biophysical_neuron_models/{found['id']}_fit.json",
        "form": f"morphologies/{specimen_id}.swc",
        "recordings": f"recordings/{specimen_id}.nwb",
    }
    models = folder / "models"
    records = _records(models)
    for part, file in wanted.items():
        address = urllib.parse.urljoin(service, f"/api/v2/well_known_file_download/{file['id']}")
        records[places[part]] = _download(address, models / places[part], records.get(places[part]))
    with atomic_write(models / "LICENSE") as temporary:
        temporary.write_text(LICENCE, encoding="utf-8")
    write_json(models / "checksums.json", records)
    chosen = _choose(found["specimen"].get("ephys_sweeps", []), sweep)
    recorded = read_sweep(models / places["recordings"], chosen)
    fit = json.loads((models / places["fit"]).read_text(encoding="utf-8"))
    return _write_project(folder, specimen_id, found["id"], MODELS[model][1], places, fit, recorded)


def read_sweep(path: Path, number: int) -> Sweep:
    """Return a sweep of an NWB 1 file of the Allen Institute, within the epoch that is the experiment."""
    import h5py

    with h5py.File(path, "r") as file:
        name = f"epochs/Sweep_{number}"
        if name not in file:
            known = [each.removeprefix("Sweep_") for each in file.get("epochs", {}) if each.startswith("Sweep_")]
            raise InputError("no such sweep", file=path, key="--sweep", value=number, options=known)
        given = file[name]["stimulus"]
        start, count = int(given["idx_start"][()]), int(given["count"][()])
        rate = float(given["timeseries/starting_time"].attrs["rate"])
        current = np.asarray(given["timeseries/data"][start : start + count], float)
        potential = np.asarray(file[name]["response/timeseries/data"][start : start + count], float)
    return Sweep(number, np.arange(len(current)) / rate * 1e3, current * 1e9, potential * 1e3)


def _model_of(specimen_id: int, model: str, service: str) -> dict:
    if model not in MODELS:
        raise InputError("no such kind of model", key="--model", value=model, options=MODELS)
    criteria = (
        f"model::NeuronalModel,rma::criteria,[specimen_id$eq{specimen_id}],"
        f"neuronal_model_template[name$eq'{MODELS[model][0]}'],rma::include,well_known_files(well_known_file_type),"
        "specimen(ephys_result(well_known_files(well_known_file_type)),"
        "neuron_reconstructions(well_known_files(well_known_file_type)),ephys_sweeps)"
    )
    address = urllib.parse.urljoin(service, f"/api/v2/data/query.json?criteria={urllib.parse.quote(criteria)}")
    try:
        answer = json.loads(_read(address))
        models = answer["msg"] if answer["success"] else []
    except (ValueError, LookupError, TypeError) as error:
        raise InputError(f"the answer of the service cannot be read ({error})", key="service", value=service) from error
    if not models:
        raise InputError(f"the database has no {model} model of this specimen", key="specimen", value=specimen_id,
                         expected="a specimen with a biophysical model, or --model all-active")  # fmt: skip
    return models[0]


def _one_file(files: list[dict], kind: str) -> dict:
    chosen = [file for file in files if file.get("well_known_file_type", {}).get("name") == kind]
    if not chosen:
        known = [file.get("well_known_file_type", {}).get("name", "") for file in files]
        raise InputError(
            "the database names no such file of this model", key="well_known_files", value=kind, options=known
        )
    return chosen[0]


def _records(models: Path) -> dict[str, dict]:
    path = models / "checksums.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _download(address: str, path: Path, before: Mapping | None) -> dict:
    """Fetch a file unless it is there as recorded; return its record. InputError where it is not what it was."""
    if before and path.is_file() and sha256(path) == before["sha256"]:
        return dict(before)
    with atomic_write(path) as temporary:
        temporary.write_bytes(_read(address))
        digest = sha256(temporary)
        if before and digest != before["sha256"]:
            raise InputError(
                "the database has another file than before", file=path, value=digest, expected=before["sha256"]
            )
    time = datetime.now(UTC).isoformat(timespec="seconds")
    return {"url": address, "sha256": digest, "fetched": time, "licence": "Allen Institute Terms of Use"}


def _read(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            content = answer.read(LARGEST + 1)
    except (urllib.error.URLError, OSError) as error:
        raise InputError(f"the service does not answer ({error})", key="service", value=address,
                         expected="a network; what is fetched already needs none") from error  # fmt: skip
    if len(content) > LARGEST:
        raise InputError("a file larger than recordings are", key="service", value=address)
    return content


def _choose(sweeps: list[dict], number: int | None) -> int:
    if number is not None:
        return number
    squares = [
        each for each in sweeps if each.get("stimulus_name") == "Long Square" and (each.get("num_spikes") or 0) > 0
    ]
    if not squares:
        raise InputError(
            "no long square with spikes is known of this cell", key="--sweep", expected="the number of a sweep"
        )
    return int(max(squares, key=lambda each: float(each.get("stimulus_absolute_amplitude") or 0.0))["sweep_number"])


def _write_project(folder, specimen_id, model_id, processing, places, fit, recorded: Sweep) -> Path:
    """Write stimulus, recording and config."""
    import h5py

    conditions = (fit.get("conditions") or [{}])[0]
    dt = 0.025
    tstop = round(float(np.floor(recorded.times[-1] / dt + 1e-6) * dt), 6)
    cell = {
        "pop_name": "cell", "N": 1, "model_type": "biophysical", "model_template": "ctdb:Biophys1.hoc",
        "model_processing": processing, "morphology": Path(places["form"]).name,
        "dynamics_params": Path(places["fit"]).name,
    }  # fmt: skip
    config = {
        "experiment": f"cell_{specimen_id}",
        "title": f"Specimen {specimen_id} of the Allen Cell Types Database, model {model_id}, sweep {recorded.number}",
        "seed": 1,
        "components": {"source": "directory", "directory": "models"},
        "networks": {"cell": {"nodes": [cell]}},
        "inputs": {"sweep": {"type": "array", "population": "cell", "file": "stimulus.csv"}},
        "simulation": {
            "tstop": tstop, "dt": dt, "engine": "neuron", "threads": 1,
            "celsius": float(conditions.get("celsius", 34.0)), "v_init": float(conditions.get("v_init", -80.0)),
            "reports": {"v": {"variable": "v", "cells": "cell", "sections": "soma"}},
        },
        "figures": {"potential": {"kind": "traces", "report": "v", "node_ids": [0], "mean": False},
                    "form": {"kind": "morphology", "report": "v"}},
    }  # fmt: skip
    text = yaml.safe_dump(config, sort_keys=False)
    path = folder / "config.yaml"
    if path.is_file() and sha256(path) not in (text_sha256(text), _config_made(folder / "recorded.h5")):
        raise InputError("is there already, with edits", file=path, expected="another folder as --output")
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    changed = np.flatnonzero(np.append(True, np.diff(recorded.current) != 0))
    changed = np.unique(np.append(changed, len(recorded.current) - 1))
    rows = zip(recorded.times[changed].tolist(), recorded.current[changed].tolist(), strict=True)
    with atomic_write(folder / "stimulus.csv") as temporary:
        temporary.write_text("timestamps,amps\n" + "".join(f"{t:.6g},{i:.6g}\n" for t, i in rows), encoding="utf-8")
    junction = float((fit.get("fitting") or [{}])[0].get("junction_potential", 0.0))
    with atomic_write(folder / "recorded.h5") as temporary, h5py.File(temporary, "w") as file:
        file["times"], file["v"] = recorded.times, recorded.potential + junction
        file.attrs.update(specimen=specimen_id, sweep=recorded.number, junction_potential_mV=junction)
        file.attrs["config_sha256"] = text_sha256(text)
    return path


def _config_made(recorded: Path) -> str | None:
    """Return the checksum of the config that was made with a recording; None where there is none."""
    import h5py

    if not recorded.is_file():
        return None
    with h5py.File(recorded, "r") as file:
        return file.attrs.get("config_sha256")
