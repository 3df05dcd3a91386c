"""Synapses as arrays: where each one sits, from which cell, with which weight, delay and kinetics."""

import ast
import itertools
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from colonnade.errors import InputError, did_you_mean, in_file
from colonnade.geometry.segments import SegmentTable, bmtk_stream
from colonnade.simulation.network.gap_junctions import COLUMN as GAP_COLUMN
from colonnade.simulation.network.gap_junctions import GapJunctions, are_gap_junctions, check_conductances
from colonnade.simulation.network.own_synapses import named_synapse
from colonnade.simulation.network.populations import Network, Population
from colonnade.simulation.network.synapse_models import (
    SynapseModel,
    dynamics_of,
    synapse_model,
    unused_parameters,
)
from colonnade.simulation.network.weights import Rows, edge_weights
from colonnade.sonata.attributes import distinct
from colonnade.sonata.edge_index import order_by_source
from colonnade.sonata.edges import EdgePopulation

log = logging.getLogger(__name__)
MOST_SYNAPSES = 1e10  # of one process
LARGEST_WEIGHT = 100.0  # uS; whole cells have input conductances of 0.01 uS
GAP = -2  # in place of a model, while edges get their places
REAL = ("x", "weight", "delay")
EFFERENT = ("efferent_section_id", "efferent_section_pos")
SITE_COLUMNS = (("sec_id", "sec_x"), ("afferent_section_id", "afferent_section_pos"))


@dataclass
class Synapses:
    """Synapses, S of them.

    ``source`` and ``target`` (S,) are gids; ``section`` (S,) the index in the target's section list, -1 on a point
    neuron; ``x`` (S,) the place along the section in 0..1; ``model`` (S,) an index into the ``models`` of the whole
    simulation, -1 on a point neuron; ``weight`` (S,) in uS (a point neuron: its own unit); ``delay`` (S,) in ms.
    """

    source: np.ndarray
    target: np.ndarray
    section: np.ndarray
    x: np.ndarray
    model: np.ndarray
    weight: np.ndarray
    delay: np.ndarray

    def __len__(self) -> int:
        return len(self.source)

    def chosen(self, rows: np.ndarray) -> "Synapses":
        """Return the synapses at ``rows`` (ascending or not), in their order; all of them without a copy."""
        if len(rows) == len(self) and np.array_equal(rows, np.arange(len(self))):
            return self
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass
class Placed(Synapses):
    """Synapses and gap junctions while they get their places: ``edge`` (S,) is the row of each in the file."""

    edge: np.ndarray


@dataclass(frozen=True)
class Kept:
    """Synapses of ``edges`` with the row of each in its file, and the halves of gap junctions on their sources."""

    edges: EdgePopulation
    placed: Placed
    efferent: Placed | None


def joined(parts: list[Synapses], kind: type[Synapses] = Synapses) -> Synapses:
    """Return the synapses of all parts, one after the other."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return kind(*(np.zeros(0, float if field.name in REAL else np.int64) for field in fields(kind)))
    if len(parts) == 1:
        return kind(*(getattr(parts[0], field.name) for field in fields(kind)))
    return kind(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(kind)))


class Connector:
    """Turns edges into synapses, one edge population after the other.

    The order of the calls matters where the files hold no sites: these are then drawn as BMTK draws them, from one
    stream a target cell, ``RandomState(gid)``. ``table_of`` gives the segments of the cell with a gid;
    ``local`` tells by gid which cells are on this rank. Edges that are gap junctions become ``halves``. With ``keep``
    all synapses are ``kept`` with the rows of their edges.
    """

    def __init__(
        self, network: Network, table_of: Callable[[int], SegmentTable], local: np.ndarray, keep: bool = False
    ):
        self.network, self._table_of, self._local, self._keep = network, table_of, local, keep
        self.kept: list[Kept] = []
        self.halves: list[GapJunctions] = []
        self._next_number = 0  # of the gap junctions of all ranks
        self.models: list[SynapseModel] = []
        self._model_number: dict[SynapseModel, int] = {}
        self._unused: set[tuple] = set()  # parameters without an effect that were warned of
        self._streams: dict[int, np.random.RandomState] = {}

    def connect(self, edges: EdgePopulation, chosen: np.ndarray, source_gids: np.ndarray | None = None) -> Synapses:
        """Return the synapses of the edges at rows ``chosen`` (ascending) whose targets are local.

        They come ordered by target row, then by their place in the file. ``source_gids`` (E,) replaces the gids of the
        source nodes, for sources that are stood in for. Gap junctions have the same numbers on all ranks if
        these make the same calls.
        """
        number = self._next_number
        self._next_number += 2 * edges.stored if edges.has(GAP_COLUMN) else 0  # whatever this rank has of them
        if not len(chosen):
            return joined([])
        placed = self._placed(edges, chosen, source_gids)
        gap = are_gap_junctions(edges, len(edges.source_ids))
        if not gap.any():
            self._keep_synapses(edges, placed)
            return joined([placed])
        afferent = placed.chosen(np.flatnonzero(placed.model == GAP))
        efferent = self._efferent(edges, chosen[gap[chosen]])
        self._keep_synapses(edges, placed, efferent)
        for half, end in ((afferent, 0), (efferent, 1)):
            self._check_complete(half, edges, chosen[gap[chosen]], end)
            check_conductances(half.weight, edges)
            here = number + 2 * edges.places(half.edge) + end
            place = half.target, half.section, half.x, half.weight
            self.halves.append(GapJunctions(*place, here, here + 1 - 2 * end))
        return joined([placed.chosen(np.flatnonzero(placed.model != GAP))])

    def _keep_synapses(self, edges: EdgePopulation, placed: Placed, efferent: Placed | None = None) -> None:
        if self._keep:  # an input may change the weights, which are those of the simulation, not of the network
            self.kept.append(Kept(edges, replace(placed, weight=placed.weight.copy()), efferent))

    def _check_complete(self, halves: Placed, edges: EdgePopulation, rows: np.ndarray, end: int) -> None:
        """Raise ``InputError`` where a half of a gap junction has found no place on its local cell."""
        name, ids = (
            (edges.target_population, edges.target_ids) if end == 0 else (edges.source_population, edges.source_ids)
        )
        population = self.network.populations[name]
        local = rows[self._local[population.gids[population.rows(ids[rows])]]]
        lost = np.setdiff1d(local, halves.edge)
        if len(lost):
            node = f"node {int(ids[lost[0]])} of {name}"
            raise InputError("there is no place for a gap junction: no segment lies there", file=edges.file,
                             key="target_sections, distance_range", value=node)  # fmt: skip

    def _efferent(self, edges: EdgePopulation, chosen: np.ndarray) -> Placed:
        """Return the halves of gap junctions on their local source cells, which stand as targets in the result.

        Where there are no sites they are drawn as BMTK draws them, after all of the targets; where only the targets
        have sites, these are for both cells.
        """
        population = self.network.populations[edges.source_population]
        source_rows = population.rows(edges.source_ids[chosen])
        gids = population.gids[source_rows]
        here = self._local[gids]
        places = order_by_source(edges.file, edges.name, edges.stored)[edges.places(chosen[here])]
        order = np.lexsort((places, source_rows[here]))
        rows, gids = chosen[here][order], gids[here][order]
        edge_rows = Rows(edges, rows)
        weight = self._weights(edges, rows)
        nothing = np.full(len(rows), -1)
        base = Placed(nothing, gids, nothing.copy(), np.zeros(len(rows)), np.full(len(rows), GAP), weight,
                       np.zeros(len(rows)), rows)  # fmt: skip
        every = np.arange(len(rows))
        section, x = _explicit_sites(edge_rows, every, edges, (EFFERENT,))
        unknown = section < 0
        afferent_section, afferent_x = _explicit_sites(edge_rows, every[unknown], edges)
        section[unknown], x[unknown] = afferent_section, afferent_x
        base.section, base.x = section, x
        self._check_sites(base, np.flatnonzero(section >= 0), edges)
        if (section >= 0).all():
            return base
        return self._place(base, np.flatnonzero(section < 0), every, edge_rows, edges)

    def _weights(self, edges: EdgePopulation, rows: np.ndarray) -> np.ndarray:
        """Return the weights (K,) of the edges at ``rows`` (K,)."""
        source_population = self.network.populations[edges.source_population]
        target_population = self.network.populations[edges.target_population]
        sources = Rows(source_population.nodes, source_population.rows(edges.source_ids[rows]))
        targets = Rows(target_population.nodes, target_population.rows(edges.target_ids[rows]))
        settings = self.network.config.settings.get("weight_functions", {})
        folder = self.network.config.path.parent
        with in_file(edges.file):
            return edge_weights(Rows(edges, rows), sources, targets, settings, edges.file, folder)

    def _local_rows(self, edges: EdgePopulation, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the edges (K,) at ``chosen`` whose targets are local, by target, and the rows (K,) of these."""
        population = self.network.populations[edges.target_population]
        target_rows = population.rows(edges.target_ids[chosen])
        here = self._local[population.gids[target_rows]]
        order = np.argsort(target_rows[here], kind="stable")
        return chosen[here][order], target_rows[here][order]

    def _placed(self, edges: EdgePopulation, chosen: np.ndarray, source_gids: np.ndarray | None) -> Placed:
        source_population = self.network.populations[edges.source_population]
        target_population = self.network.populations[edges.target_population]
        rows, target_rows = self._local_rows(edges, chosen)
        if not len(rows):
            return joined([], Placed)
        edge_rows = Rows(edges, rows)
        weight = self._weights(edges, rows)
        gap = are_gap_junctions(edge_rows, len(rows))
        delay = np.full(len(rows), np.inf)
        delay[~gap] = _delays(edge_rows, np.flatnonzero(~gap), edges, self.network.config.dt)
        dynamics = self._dynamics(edges, edge_rows)
        on_point = target_population.point[target_rows]
        _check_weights(weight[~on_point], edges)
        base = Placed(
            source_population.first_gid + edges.source_ids[rows].astype(np.int64)
            if source_gids is None
            else source_gids[rows],
            target_population.gids[target_rows],
            np.full(len(rows), -1),
            np.zeros(len(rows)),
            np.where(gap, GAP, -1),
            weight,
            delay,
            rows,
        )
        parts = []
        if on_point.any():
            parts.append(_onto_points(base, np.flatnonzero(on_point), edge_rows, dynamics))
        if not on_point.all():
            parts.append(self._onto_sections(base, np.flatnonzero(~on_point), edges, edge_rows, dynamics))
        return joined(parts, Placed)

    def _dynamics(self, edges: EdgePopulation, rows: Rows) -> "Dynamics":
        folder = self.network.config.component("synaptic_models_dir")
        return Dynamics(edges, rows, folder, self.network.config.path)

    def _model(self, template: str | None, parameters: dict, file) -> SynapseModel:
        config = self.network.config
        own = config.settings.get("synapse_models", {})
        with in_file(file):
            found = named_synapse(template, parameters, own, config.path.parent)
        return found or synapse_model(template, parameters, file)

    def _onto_sections(self, base: Synapses, subset, edges: EdgePopulation, rows: Rows, dynamics: "Dynamics"):
        base = base.chosen(subset)
        chemical = np.flatnonzero(base.model != GAP)
        for part, template, parameters in dynamics.kinds(subset[chemical]):
            file = dynamics.file_of(subset[chemical[part]][0])
            base.model[chemical[part]] = self._number(self._model(template, parameters, file))
            for name, options in unused_parameters(template, parameters).items():
                if (file, name) not in self._unused:
                    self._unused.add((file, name))
                    log.warning("%s: %s: is no parameter of this synapse, and has no effect%s", file, name,
                                did_you_mean(name, options))  # fmt: skip
        section, x = _explicit_sites(rows, subset, edges)
        explicit = section >= 0
        base.section[explicit], base.x[explicit] = section[explicit], x[explicit]
        self._check_sites(base, np.flatnonzero(explicit), edges)
        if explicit.all():
            return base
        return self._place(base, np.flatnonzero(~explicit), subset, rows, edges)

    def _place(self, base: Synapses, missing: np.ndarray, subset: np.ndarray, rows: Rows, edges: EdgePopulation):
        """Draw the sites of the edges at ``missing``, each of which stands for ``nsyns`` synapses, or for one."""
        counts = np.ones(len(base), np.int64)
        if "nsyns" in rows:
            counting = missing[edges.attributes.is_told("nsyns")[rows.indices[subset[missing]]]]
            counts[counting] = _counts(rows["nsyns"][subset[counting]], edges)
        regions, region_of = _regions(rows, subset[missing], edges)
        region = np.full(len(base), -1)
        region[missing] = region_of
        counts[base.model == GAP] = 1  # of which BMTK makes one, whatever their number
        copies = np.repeat(np.arange(len(base)), counts)
        expanded, region = base.chosen(copies), region[copies]
        keep = np.ones(len(expanded), bool)
        bounds = np.flatnonzero(np.diff(expanded.target, prepend=-1, append=-1))
        homeless = {}
        for begin, end in itertools.pairwise(bounds.tolist()):
            gid = int(expanded.target[begin])
            table, stream = self._table_of(gid), self._streams.get(gid)
            if stream is None:
                stream = self._streams[gid] = bmtk_stream(gid)
            drawn = np.flatnonzero(region[begin:end] >= 0) + begin
            with in_file(edges.types_file or edges.file):
                reachable = {number: table.targets(*regions[number]) for number in np.unique(region[drawn]).tolist()}
            for number in [number for number, (segments, _) in reachable.items() if not len(segments)]:
                lost = drawn[region[drawn] == number]
                keep[lost] = False
                homeless[regions[number]] = homeless.get(regions[number], 0) + len(lost)
            drawn = drawn[keep[drawn]]
            uniform = stream.random_sample(len(drawn))
            segment = np.empty(len(drawn), np.int64)
            for number, (segments, cumulated) in reachable.items():
                part = region[drawn] == number
                if len(segments):
                    segment[part] = segments[cumulated.searchsorted(uniform[part], side="right")]
            expanded.section[drawn] = table.section_id[segment]
            # BMTK puts a gap junction in the middle of the section.
            expanded.x[drawn] = np.where(expanded.model[drawn] == GAP, 0.5, table.x[segment])
        for (distances, sections), count in homeless.items():
            log.warning(
                "%s: %d synapses are left out, as BMTK does: no segment of %s lies within %s um of the soma",
                edges.file,
                count,
                "/".join(sections),
                list(distances),
            )
        return expanded if keep.all() else expanded.chosen(np.flatnonzero(keep))

    def _check_sites(self, synapses: Synapses, explicit: np.ndarray, edges: EdgePopulation) -> None:
        if not len(explicit):
            return
        gids = np.unique(synapses.target[explicit])
        n_sections = np.zeros(int(gids.max()) + 1, np.int64)
        for gid in gids.tolist():
            n_sections[gid] = int(self._table_of(gid).section_id[-1]) + 1
        bad = synapses.section[explicit] >= n_sections[synapses.target[explicit]]
        if bad.any():
            first = explicit[bad][0]
            count = n_sections[synapses.target[first]]
            raise InputError(
                f"a synapse is on a section that its cell {synapses.target[first]} does not have",
                file=edges.file,
                key="afferent_section_id",
                value=int(synapses.section[first]),
                expected=f"0 to {count - 1}",
            )
        x = synapses.x[explicit]
        if not ((x >= 0) & (x <= 1)).all():
            bad = x[~((x >= 0) & (x <= 1))][0]
            raise InputError(
                "a synapse is off its section", file=edges.file, key="afferent_section_pos", value=bad, expected="0..1"
            )

    def _number(self, model: SynapseModel) -> int:
        if model not in self._model_number:
            self._model_number[model] = len(self.models)
            self.models.append(model)
        return self._model_number[model]


class Dynamics:
    """The kinetics of edges: model_template and parameters, from the JSON file and from dynamics_params in HDF5."""

    def __init__(self, edges: EdgePopulation, rows: Rows, folder, config_file):
        self._rows, self._folder, self._config_file, self.edges = rows, folder, config_file, edges
        none = np.full(len(rows), None, object)
        self._files = rows["dynamics_params"].astype(object, copy=False) if "dynamics_params" in rows else none
        self._templates = rows["model_template"].astype(object, copy=False) if "model_template" in rows else none
        names = edges.attributes.dynamics if hasattr(edges, "attributes") else []
        self._own = {name: np.asarray(edges.attributes.dynamics_values(name))[rows.indices] for name in names}

    def file_of(self, row: int):
        """Return the JSON file of an edge, for errors."""
        name = self._files[row]
        in_types = not name or name.startswith("{")
        return self.edges.types_file or self.edges.file if in_types else self._folder and self._folder / name

    def parameters(self, row: int) -> dict:
        """Return all parameters of one edge; those in HDF5 stand above those of the JSON file."""
        name, parameters = self._files[row], {}
        if isinstance(name, str) and name.startswith("{"):
            parameters.update(_written_out(name, self.edges.types_file or self.edges.file))
        elif isinstance(name, str) and name:
            if self._folder is None:
                raise InputError(
                    "the config names no folder of synapse models",
                    file=self._config_file,
                    key="components.synaptic_models_dir",
                )
            parameters.update(dynamics_of(self._folder / name))
        try:
            own = {name: float(values[row]) for name, values in self._own.items()}
        except (TypeError, ValueError) as error:
            raise InputError(f"a value is no number ({error})", file=self.edges.file, key="dynamics_params") from None
        parameters.update({name: value for name, value in own.items() if np.isfinite(value)})
        return parameters

    def kinds(self, subset: np.ndarray) -> list[tuple[np.ndarray, str | None, dict]]:
        """Return (indices into ``subset``, template, parameters) for each set of edges with the same kinetics."""
        number = np.zeros(len(subset), np.int64)
        for column in (self._templates, self._files, *self._own.values()):
            of_column, values = distinct(column[subset])
            number = number * max(1, len(values)) + of_column
        number, kinds = distinct(number)
        found = []
        for k in range(len(kinds)):
            part = np.flatnonzero(number == k)
            found.append((part, self._templates[subset[part[0]]], self.parameters(subset[part[0]])))
        return found


def _written_out(text: str, file) -> dict:
    """Return the parameters of a synapse that stand in the table of edge types themselves, as JSON."""
    try:
        return dict(json.loads(text))
    except ValueError as error:
        raise InputError(f"no parameters in JSON ({error})", file=file, key="dynamics_params", value=text) from None


def _onto_points(base: Synapses, subset: np.ndarray, rows: Rows, dynamics: Dynamics) -> Synapses:
    """One connection an edge; weight x sign x nsyns, as BMTK has it, where the edge counts synapses and has no site."""
    points = base.chosen(subset)
    if "nsyns" not in rows:
        return points
    section, _ = _explicit_sites(rows, subset, dynamics.edges)
    counted = np.flatnonzero(np.isfinite(rows["nsyns"][subset].astype(float)) & (section < 0))
    for part, _, parameters in dynamics.kinds(subset[counted]):
        sign = parameters.get("sign", 1)
        if sign not in (1, -1):
            raise InputError("no sign", file=dynamics.file_of(subset[counted[part[0]]]), key="sign", value=sign,
                             expected="1 or -1")  # fmt: skip
        points.weight[counted[part]] *= sign
    points.weight[counted] *= _counts(rows["nsyns"][subset[counted]], dynamics.edges)
    return points


def _explicit_sites(
    rows: Rows, subset: np.ndarray, edges: EdgePopulation, columns=SITE_COLUMNS
) -> tuple[np.ndarray, np.ndarray]:
    """Return section (K,), -1 where an edge has none, and x (K,)."""
    section, x = np.full(len(subset), -1), np.zeros(len(subset))
    for section_name, x_name in reversed(columns):
        if section_name not in rows:
            if x_name in rows and np.isfinite(numbers(rows, x_name, edges)[subset]).any():
                raise InputError(f"the edges have {x_name} but no {section_name}", file=edges.file)
            continue
        ids = numbers(rows, section_name, edges)[subset]
        there = np.isfinite(ids)
        if not there.any():
            continue
        if x_name not in rows:
            raise InputError(f"the edges have {section_name} but no {x_name}", file=edges.file)
        places = numbers(rows, x_name, edges)[subset]
        half = there != np.isfinite(places)
        if half.any():
            raise InputError(f"a synapse has only one of {section_name} and {x_name}", file=edges.file,
                             key=f"edge {int(edges.places(rows.indices[subset[np.argmax(half)]]))}")  # fmt: skip
        if (ids[there] < 0).any():
            raise InputError("no section has this id", file=edges.file, key=section_name,
                             value=float(ids[there].min()), expected="0 or more")  # fmt: skip
        section[there], x[there] = ids[there].astype(np.int64), places[there]
    return section, x


def numbers(rows: Rows, name: str, edges: EdgePopulation) -> np.ndarray:
    """Return a column (K,) as floats, NaN where an edge has none; ``InputError`` where it holds something else."""
    try:
        column = rows[name].astype(float)
        if column.ndim != 1:
            raise ValueError(f"an array of the shape {column.shape}")
        return column
    except (TypeError, ValueError) as error:
        file = edges.types_file or edges.file
        raise InputError(f"a value is no number ({error})", file=file, key=name) from None


def _check_weights(weight: np.ndarray, edges: EdgePopulation) -> None:
    """Raise ``InputError`` for a weight (uS) that no synapse on a membrane has."""
    bad = (weight < 0) | (weight > LARGEST_WEIGHT)
    if bad.any():
        raise InputError("no conductance of a synapse", file=edges.file, key="syn_weight",
                         value=float(weight[bad][0]), expected=f"0 to {LARGEST_WEIGHT:g} uS")  # fmt: skip


def _counts(nsyns: np.ndarray, edges: EdgePopulation) -> np.ndarray:
    try:
        counts = nsyns.astype(float)
    except (TypeError, ValueError):
        counts = np.array([np.nan])
    if not ((counts >= 0) & (counts == np.floor(counts))).all():
        raise InputError("a number of synapses is not a whole number", file=edges.file, key="nsyns")
    if counts.sum() > MOST_SYNAPSES:
        raise InputError("there would be too many synapses", file=edges.file, key="nsyns", value=float(counts.sum()),
                         expected=f"at most {MOST_SYNAPSES:g}")  # fmt: skip
    return counts.astype(np.int64)


def _regions(rows: Rows, subset: np.ndarray, edges: EdgePopulation) -> tuple[list, np.ndarray]:
    """Return the different (distance_range, target_sections) and which of them (K,) each edge has."""
    file = edges.types_file or edges.file
    for name in ("distance_range", "target_sections"):
        if name not in rows:
            raise InputError(f"the edges have neither sites nor {name}", file=file, key=name)
    columns = [rows[name][subset].tolist() for name in ("distance_range", "target_sections")]
    numbers, regions, of_text = np.empty(len(subset), np.int64), [], {}
    for i, pair in enumerate(zip(*map(_hashable, columns), strict=True)):
        if pair not in of_text:
            of_text[pair] = len(regions)
            regions.append((_distances(pair[0], file), _sections(pair[1], file)))
        numbers[i] = of_text[pair]
    return regions, numbers


def _hashable(column: list) -> list:
    return [tuple(value) if isinstance(value, (list, np.ndarray)) else value for value in column]


def _distances(value, file) -> tuple[float, float]:
    try:
        pair = json.loads(value.replace("(", "[").replace(")", "]")) if isinstance(value, str) else value
        pair = [0.0, float(pair)] if isinstance(pair, (int, float)) else [float(end) for end in pair]
        if len(pair) == 2 and pair[0] <= pair[1]:
            return pair[0], pair[1]
    except (TypeError, ValueError):
        pass
    raise InputError(
        "not a range of distances", file=file, key="distance_range", value=value, expected="[nearest, farthest] in um"
    )


def _sections(value, file) -> tuple[str, ...]:
    if isinstance(value, str) and value[:1] in "[(":
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            raise InputError("not a list of sections", file=file, key="target_sections", value=value) from None
    if isinstance(value, str):
        value = (value,)
    if not isinstance(value, (list, tuple)) or not value:
        raise InputError("the edges have no target sections", file=file, key="target_sections", value=value)
    return tuple(str(name) for name in value)


def _delays(rows: Rows, subset: np.ndarray, edges: EdgePopulation, dt: float) -> np.ndarray:
    if not len(subset):
        return np.zeros(0)
    if "delay" not in rows:
        raise InputError("the edges have no delay", file=edges.types_file or edges.file, expected="a delay in ms")
    delay = numbers(rows, "delay", edges)[subset]
    if not (np.isfinite(delay) & (delay >= 0)).all():
        bad = delay[~(np.isfinite(delay) & (delay >= 0))][0]
        raise InputError(
            "a synapse has an impossible delay (NEURON would run it)",
            file=edges.file,
            key="delay",
            value=float(bad),
            expected="a delay in ms, 0 or more",
        )
    if (delay < dt).any():
        log.warning("%s: %d synapses have a delay below the time step, the shortest of %g ms", edges.file,
                    (delay < dt).sum(), delay.min())  # fmt: skip
    return delay


def is_recurrent(edges: EdgePopulation, populations: Mapping[str, Population]) -> np.ndarray:
    """Return for each edge (E,) whether its source is a simulated cell (else it is virtual)."""
    source = populations[edges.source_population]
    return ~source.virtual[source.rows(edges.source_ids)]
