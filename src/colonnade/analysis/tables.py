"""The tables of a result: cells, populations, intervals, rates over time, spectra, correlations, degrees, distances."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from colonnade.analysis.activity import Activity
from colonnade.analysis.bootstrap import bootstrap_mean
from colonnade.analysis.connectivity import connection_probability
from colonnade.analysis.field_potentials import BANDS, field_parts, field_spectrum, power_in
from colonnade.analysis.measures import MEASURES
from colonnade.analysis.result import Result
from colonnade.analysis.synchrony import chi, correlation_matrix, pairs, sampled_cells, spike_contrast
from colonnade.analysis.time_course import power_spectrum, psth
from colonnade.analysis.trains import rates
from colonnade.errors import InputError
from colonnade.streams import stream

HIGHEST_FREQUENCY = 500.0  # Hz, in the tables of field potentials
KEYS = ["population", "group"]
COLUMNS = {
    "cells": ["n_spikes", *(measure.column for measure in MEASURES.values())],
    "intervals": ["start_ms", "stop_ms", "n"],
    "psth": ["start_ms", "rate_hz"],
    "spectrum": ["frequency_hz", "power_hz2_per_hz"],
    "correlations": ["node_id", "other_node_id", "correlation"],
}


@dataclass(frozen=True)
class Settings:
    """How the statistics are made; the meaning and unit of each is in workflow/schemas/statistics.schema.json."""

    window: tuple[float | None, float | None] = (0, None)
    group_by: str = "pop_name"
    psth_bin: float = 10.0
    count_window: float = 100.0
    correlation_bin: float = 10.0
    spectrum_bin: float = 1.0
    spectrum_segment: float = 500.0
    distance_bin: float = 10.0
    intervals_per_decade: int = 10
    most_cells: int = 200
    confidence: float = 0.95
    resamples: int = 10_000

    @classmethod
    def of(cls, values: Mapping) -> "Settings":
        """Return the settings of a mapping; InputError for an unknown key."""
        known = [field.name for field in fields(cls)]
        for key in values:
            if key not in known:
                raise InputError("unknown key", key=f"statistics.{key}", value=key, options=known)
        return cls(**values)


def field_tables(result: Result, settings: Settings) -> dict[str, pd.DataFrame]:
    """Return the tables of the electrodes: each channel with its power, and all spectra; none without electrodes.

    They are field_potentials and field_spectra, of all cells and of each population that was kept.
    """
    channels, spectra = [], []
    for name, path in result.field_files.items():
        for population in [None, *field_parts(path)]:
            field = result.field_potential(name, population).within(result.window(settings.window))
            about = {"electrode": name, "population": population or "all"}
            frequencies, power = field_spectrum(field, settings.spectrum_segment)
            shown = frequencies <= HIGHEST_FREQUENCY
            rows = {**about, "channel": field.channels}
            rows |= {f"{axis}_um": column for axis, column in zip("xyz", field.positions.T, strict=True)}
            rows["rms_mv"] = field.potentials.std(axis=0)
            rows["peak_frequency_hz"] = frequencies[1:][np.argmax(power[1:], axis=0)]
            rows |= {f"{band}_mv2": power_in(frequencies, power, limits) for band, limits in BANDS.items()}
            channels.append(pd.DataFrame(rows))
            for number, channel in enumerate(field.channels.tolist()):
                columns = {"frequency_hz": frequencies[shown], "power_mv2_per_hz": power[shown, number]}
                spectra.append(pd.DataFrame({**about, "channel": channel, **columns}))
    if not channels:
        return {}
    tables = {"field_potentials": channels, "field_spectra": spectra}
    return {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}


def activity_tables(result: Result, settings: Settings, seed: int) -> dict[str, pd.DataFrame]:
    """Return the tables of the simulated cells' spikes by name.

    These are cells, populations, intervals, psth, spectrum and correlations. Without spikes they hold their columns
    and what can be said (a rate of 0).
    """
    parts = [
        (name, activity.group(name))
        for population in result.populations()
        for activity in [result.activity(population, settings.group_by, settings.window)]
        for name in activity.group_names
    ]
    tables = {
        "cells": [_cells(part, settings) for _, part in parts],
        "intervals": [_intervals(part, settings) for _, part in parts],
        "psth": [_psth(part, settings) for _, part in parts],
        "spectrum": [_spectrum(part, settings) for _, part in parts],
        "correlations": [_correlations(_sample(part, settings, seed), settings) for _, part in parts],
    }
    found = {}
    for table, pieces in tables.items():
        keyed = [
            pd.concat([pd.DataFrame({"population": part.population, "group": name}, index=piece.index), piece], axis=1)
            for (name, part), piece in zip(parts, pieces, strict=True)
            if len(piece)
        ]
        front = [*KEYS, "node_id"] if table == "cells" else KEYS
        found[table] = pd.concat(keyed, ignore_index=True) if keyed else pd.DataFrame(columns=[*front, *COLUMNS[table]])
    found["populations"] = pd.DataFrame(
        [_population(name, part, found, settings, seed) for name, part in parts],
        columns=None if parts else [*KEYS, "n_cells", "n_active", "n_spikes"],
    )
    return found


def input_table(result: Result, settings: Settings) -> pd.DataFrame:
    """Return a row for each population that is played back: population, n_cells, n_spikes, rate_mean_hz."""
    rows = []
    for population in result.nodes:
        if population not in result.simulated:
            part = result.activity(population, settings.group_by, settings.window)
            row = {"population": population, "n_cells": len(part.node_ids), "n_spikes": len(part.times)}
            rows.append(row | {"rate_mean_hz": float(rates(part).mean())})
    return pd.DataFrame(rows, columns=["population", "n_cells", "n_spikes", "rate_mean_hz"])


def degree_table(result: Result, settings: Settings) -> pd.DataFrame:
    """Return in- and out-degrees: a row for each edge population, direction and cell.

    Columns: edges, direction (in, out), population and group of the cell, node_id, n_cells (connected to it),
    n_synapses.
    """
    columns = ["edges", "direction", *KEYS, "node_id", "n_cells", "n_synapses"]
    tables = []
    for edges in result.edge_populations():
        wired = result.wiring(edges)
        for direction, population, ids, degrees, synapses in (
            ("in", edges.target_population, wired.target_ids, wired.in_degrees(), wired.in_synapses()),
            ("out", edges.source_population, wired.source_ids, wired.out_degrees(), wired.out_synapses()),
        ):
            groups = result.groups(population, settings.group_by)
            values = [edges.name, direction, population, groups, ids, degrees, synapses]
            tables.append(pd.DataFrame(dict(zip(columns, values, strict=True))))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def distance_table(result: Result, settings: Settings, seed: int) -> pd.DataFrame:
    """Return connection probabilities in bins of distance, for the edge populations whose cells have positions.

    Columns: edges, start_um, stop_um, distance_um (mean), n_pairs, n_connected, probability, low, high (Wilson).
    """
    columns = ["start_um", "stop_um", "distance_um", "n_pairs", "n_connected", "probability", "low", "high"]
    tables = []
    for edges in result.edge_populations():
        sources, targets = result.positions(edges.source_population), result.positions(edges.target_population)
        if sources is None or targets is None:
            continue
        rng = stream(seed, "connection_probability", edges.name)
        placed = [np.isfinite(places).all(axis=1) for places in (sources, targets)]
        wired = result.wiring(edges).between(*placed)
        found = connection_probability(
            wired,
            sources[placed[0]],
            targets[placed[1]],
            settings.distance_bin,
            rng=rng,
            confidence=settings.confidence,
        )
        values = [found.edges[:-1], found.edges[1:], found.distance, found.n_pairs, found.n_connected]
        values += [found.probability, found.low, found.high]
        tables.append(pd.DataFrame({"edges": edges.name} | dict(zip(columns, values, strict=True))))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["edges", *columns])


def _cells(part: Activity, settings: Settings) -> pd.DataFrame:
    values = {measure.column: measure.function(part, settings.count_window) for measure in MEASURES.values()}
    return pd.DataFrame({"node_id": part.node_ids, "n_spikes": part.counts(), **values})


def _intervals(part: Activity, settings: Settings) -> pd.DataFrame:
    """Return the histogram of the interspike intervals in bins of equal ratio."""
    intervals = part.intervals()
    intervals = intervals[intervals > 0]
    if not intervals.size:
        return pd.DataFrame()
    place = np.floor(np.log10(intervals) * settings.intervals_per_decade + 1e-9).astype(int)
    bins = np.arange(place.min(), place.max() + 2)
    edges = 10.0 ** (bins / settings.intervals_per_decade)
    counts = np.bincount(place - place.min(), minlength=len(bins) - 1)
    return pd.DataFrame({"start_ms": edges[:-1], "stop_ms": edges[1:], "n": counts})


def _psth(part: Activity, settings: Settings) -> pd.DataFrame:
    starts, rate = psth(part, part.fitting(settings.psth_bin))
    return pd.DataFrame({"start_ms": starts, "rate_hz": rate})


def _spectrum(part: Activity, settings: Settings) -> pd.DataFrame:
    if not part.times.size or part.duration < 2 * settings.spectrum_bin:
        return pd.DataFrame()
    frequency, power = power_spectrum(part, settings.spectrum_bin, settings.spectrum_segment)
    return pd.DataFrame({"frequency_hz": frequency, "power_hz2_per_hz": power})


def _sample(part: Activity, settings: Settings, seed: int) -> Activity:
    rng = stream(seed, "sampled cells", part.population, part.group_names[0])
    return sampled_cells(part, settings.most_cells, rng)


def _correlations(part: Activity, settings: Settings) -> pd.DataFrame:
    matrix = correlation_matrix(part, part.fitting(settings.correlation_bin))
    rows, columns = np.triu_indices(len(matrix), k=1)
    values = matrix[rows, columns]
    kept = ~np.isnan(values)
    one, other = part.node_ids[rows[kept]], part.node_ids[columns[kept]]
    return pd.DataFrame({"node_id": one, "other_node_id": other, "correlation": values[kept]})


def _population(name: str, part: Activity, tables: Mapping, settings: Settings, seed: int) -> dict:
    """Return one row of the table of populations: numbers, means with intervals over cells, synchrony."""
    cells = tables["cells"]
    own = cells[(cells["population"] == part.population) & (cells["group"] == name)]
    row = {
        "population": part.population,
        "group": name,
        "n_cells": len(own),
        "n_active": int((own["n_spikes"] > 0).sum()),
    }
    row |= {"n_spikes": int(own["n_spikes"].sum()), "start_ms": part.window[0], "stop_ms": part.window[1]}
    for measure in MEASURES.values():
        rng = stream(seed, "bootstrap over cells", part.population, name, measure.key)
        found = bootstrap_mean(own[measure.column], rng, level=settings.confidence, resamples=settings.resamples)
        row |= {measure.column_of(statistic): getattr(found, statistic) for statistic in ("mean", "low", "high")}
    sample = _sample(part, settings, seed)
    correlations = pairs(correlation_matrix(sample, part.fitting(settings.correlation_bin)))
    row["correlation_mean"] = float(correlations.mean()) if correlations.size else float("nan")
    row["synchrony_chi"] = chi(sample, part.fitting(settings.correlation_bin))
    row["synchrony_spike_contrast"] = spike_contrast(sample)
    return row


def rows_of(table: pd.DataFrame) -> Iterator[dict]:
    """Yield the rows as mappings that JSON can hold: None for NaN."""
    for row in table.to_dict("records"):
        yield {
            key: None
            if isinstance(value, float) and value != value
            else getattr(value, "item", lambda value=value: value)()
            for key, value in row.items()
        }
