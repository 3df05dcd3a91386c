"""What kind of value stands at each place of a SONATA simulation config: words, numbers, objects; of those we read."""

import math
from collections.abc import Iterator
from numbers import Real

from colonnade.errors import InputError

# Place (``*`` is any name) -> kind. What is absent or null is not looked at.
KINDS = {
    "manifest run conditions output inputs reports component components colonnade networks colonnade.weight_functions "
    "colonnade.cell_models colonnade.cell_processors colonnade.synapse_models colonnade.spikes_generators": "object",
    "inputs.* reports.* networks.nodes.* networks.edges.*": "object",
    "networks.nodes networks.edges": "list",
    "run.tstop run.dt run.dL run.tstart run.spike_threshold run.nsteps_block conditions.celsius conditions.v_init "
    "reports.*.dt reports.*.start_time reports.*.end_time colonnade.largest_potential": "number",
    "colonnade.threads": "count",
    "colonnade.merge_synapses inputs.*.enabled reports.*.enabled networks.edges.*.enabled output.overwrite_output_dir":
        "truth value",
    "target_simulator node_sets_file output.output_dir output.log_file output.spikes_file output.spikes_file_csv "
    "inputs.*.module inputs.*.input_type inputs.*.input_file inputs.*.file reports.*.module reports.*.file_name "
    "reports.*.type reports.*.unit networks.nodes.*.nodes_file networks.nodes.*.node_types_file "
    "networks.edges.*.edges_file networks.edges.*.edge_types_file colonnade.engine colonnade.report_precision "
    "colonnade.weight_functions.* colonnade.cell_models.* colonnade.cell_processors.* "
    "colonnade.synapse_models.* colonnade.spikes_generators.*": "text",
    "network": "text or object",
    "node_sets": "text or object",
}  # fmt: skip
MOST_THREADS = 1024


def wrong_forms(values: dict, file) -> Iterator[InputError]:
    """Yield an error for each value of a config that is of another kind than its place wants."""
    for places, kind in KINDS.items():
        for place in places.split():
            for key, value in _found(values, place.split("."), ()):
                if value is not None and not _IS[kind](value):
                    yield InputError("wrong kind of value", file=file, key=key, value=value, expected=_WORDS[kind])


def _found(value, parts: list[str], walked: tuple) -> Iterator[tuple[str, object]]:
    """Yield (key, value) of everything at a place."""
    if not parts:
        yield ".".join(walked), value
        return
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        if parts[0] in ("*", key):
            yield from _found(part, parts[1:], (*walked, str(key)))


def _is_number(value) -> bool:
    if isinstance(value, bool):
        return False
    try:
        return isinstance(value, Real | str) and math.isfinite(float(value))
    except (ValueError, OverflowError):
        return False


_IS = {
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "number": _is_number,
    "count": lambda value: isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_THREADS,
    "truth value": lambda value: value in (True, False) if isinstance(value, bool | int) else False,
    "text": lambda value: isinstance(value, str),
    "text or object": lambda value: isinstance(value, str | dict),
}
_WORDS = {
    "object": "{...}",
    "list": "[...]",
    "number": "a finite number",
    "count": f"a whole number, 1 to {MOST_THREADS}",
    "truth value": "true or false",
    "text": "a text in quotes",
    "text or object": "a file, or {...}",
}
