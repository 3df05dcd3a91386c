"""Synapse sites: which section of a biophysical target, and where on it, drawn when the network is built."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colonnade.builder.nodes import NodeTable
from colonnade.cells.cell_type import axon_treatment
from colonnade.errors import InputError, MissingFile
from colonnade.geometry.morphology import swc_segments
from colonnade.geometry.segments import place
from colonnade.sonata.types import literal
from colonnade.user_functions import LISTED, is_reference, words_of


@dataclass(frozen=True)
class Placement:
    """How sites are drawn: the folder of the morphologies and the length (um) of the segments, as in the simulation.

    The folder is looked at where a cell has a morphology.
    """

    morphologies_dir: Path
    dL: float

    def __post_init__(self):
        if not 0 < self.dL < np.inf:
            raise InputError("is no length of a segment", key="dL", value=self.dL, expected="> 0 um")


class Sites:
    """The places for the synapses of one set of edges: segments of each kind of target cell within the given range.

    ``kind`` (T,) numbers the morphology of each target, -1 for targets that are no biophysical cells with one, and for
    those that a user's function makes or processes: their segments are known, and the sites drawn, when they are there.
    """

    def __init__(self, targets: NodeTable, placement: Placement, edge_properties: dict):
        self.kind, kinds = _kinds(targets)
        self._tables = [_segments(placement, morphology, processing) for morphology, processing in kinds]
        self._range = literal(edge_properties.get("distance_range"))
        self._sections = literal(edge_properties.get("target_sections"))
        if kinds:
            self._check()

    def _check(self) -> None:
        expected = {"distance_range": "[nearest, farthest] in um", "target_sections": "such as ['basal', 'apical']"}
        for name, value in (("distance_range", self._range), ("target_sections", self._sections)):
            if not isinstance(value, list | tuple):
                raise InputError(
                    "is needed to place synapses on biophysical cells",
                    key=name,
                    value=value,
                    expected=expected[name],
                )
        for table in self._tables:
            if not len(table.targets(self._range, self._sections)[0]):
                raise InputError(
                    f"leaves no place for a synapse on {list(self._sections)}",
                    key="distance_range",
                    value=self._range,
                    expected=f"a range that holds one, within {table.distance.max():.0f} um",
                )

    def draw(self, target_rows: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return sections (E,) uint32 and places on them (E,), 0 to 1, for synapses onto ``target_rows`` (E,)."""
        section_id = np.zeros(len(target_rows), dtype=np.uint32)
        section_pos = np.zeros(len(target_rows))
        kinds = self.kind[target_rows]
        for number, table in enumerate(self._tables):
            members = np.flatnonzero(kinds == number)
            chosen = place(table, len(members), self._range, self._sections, rng)
            section_id[members], section_pos[members] = table.section_id[chosen], table.x[chosen]
        return section_id, section_pos


def _kinds(targets: NodeTable) -> tuple[np.ndarray, list[tuple[str, str | None]]]:
    """Number the pairs of morphology and processing among the biophysical targets, in the order of first use."""
    numbers: dict[tuple[str, str | None], int] = {}
    kind = np.full(len(targets), -1, dtype=np.int32)
    columns = (targets.get_any(name) for name in ("model_type", "morphology", LISTED, "model_template"))
    for row, (model_type, morphology, processing, template) in enumerate(zip(*columns, strict=True)):
        own = any(map(is_reference, (template, *words_of(LISTED, processing))))
        if model_type == "biophysical" and morphology is not None and not own:
            kind[row] = numbers.setdefault((str(morphology), axon_treatment(processing)), len(numbers))
    return kind, list(numbers)


def _segments(placement: Placement, morphology: str, processing: str | None):
    folder = Path(placement.morphologies_dir)
    if not folder.is_dir():
        raise MissingFile("there is no such folder", file=folder, expected="a folder of SWC files")
    path = folder / morphology
    if not path.is_file() and not path.suffix:
        path = path.with_suffix(".swc")
    if not path.is_file():
        raise MissingFile(
            f"is not in {folder}",
            key="morphology",
            value=morphology,
            options=[each.name for each in folder.glob("*.swc")],
        )
    table = swc_segments(path, processing, placement.dL)
    if table is None:
        from colonnade.cells.placement import segment_table  # loads NEURON, which only these forms need

        table = segment_table(path, processing, placement.dL)
    return table
