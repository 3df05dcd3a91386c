"""What an NMODL file says about its mechanism: name, kind, variables and ions."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from colonnade.errors import InputError, MissingFile

# Statements of a NEURON block (Hines & Carnevale 2000, doi:10.1162/089976600300015475).
# fmt: off
_STATEMENTS = frozenset((
    "SUFFIX", "POINT_PROCESS", "ARTIFICIAL_CELL", "ELECTRODE_CURRENT", "NONSPECIFIC_CURRENT", "USEION", "READ", "WRITE",
    "VALENCE", "REPRESENTS", "RANGE", "SECTION", "GLOBAL", "POINTER", "BBCOREPOINTER", "EXTERNAL", "THREADSAFE",
    "RANDOM",
))
# fmt: on
_KINDS = {"SUFFIX": "density", "POINT_PROCESS": "point", "ARTIFICIAL_CELL": "artificial"}
_INTERPRETER_OBJECT = re.compile(r"\b(vector_arg|hoc_objgetarg|hoc_pgetarg|nrn_random_arg|hoc_obj_ref)\b")
_LINEAR = re.compile(r"^\s*[:?]\s*colonnade:\s*linear\s*$", re.MULTILINE)
_HEARS_CELL = re.compile(r"^\s*[:?]\s*colonnade:\s*hears its cell\s*$", re.MULTILINE)


@dataclass(frozen=True)
class ModFile:
    """One NMODL file.

    ``name`` is what NEURON calls the mechanism, ``kind`` one of density, point, artificial, functions (a file without
    a mechanism). ``linear`` says that the file has the comment line ``: colonnade: linear``: its conductance is a sum
    over all earlier events, so several synapses may share one instance. ``hears_cell`` says that it has the line
    ``: colonnade: hears its cell``: it gets each spike of the cell that it is on, as an event of weight -1.
    ``electrode`` says that it lets in a current from outside of the cell (ELECTRODE_CURRENT).
    ``keeps_interpreter_object`` says that its own C++ code takes objects of NEURON's interpreter, such as a Vector, and
    has no way to hand them to CoreNEURON.
    """

    path: Path
    name: str
    kind: str
    range_variables: tuple[str, ...]
    global_variables: tuple[str, ...]
    states: tuple[str, ...]
    ions: tuple[str, ...]
    currents: tuple[str, ...]
    threadsafe: bool
    linear: bool
    hears_cell: bool
    electrode: bool
    keeps_interpreter_object: bool
    sha256: str

    def entry(self) -> dict:
        """Return what the manifest says about this mechanism."""
        return {
            "kind": self.kind,
            "file": self.path.name,
            "sha256": self.sha256,
            "range_variables": list(self.range_variables),
            "global_variables": list(self.global_variables),
            "states": list(self.states),
            "ions": list(self.ions),
            "currents": list(self.currents),
            "threadsafe": self.threadsafe,
            "linear": self.linear,
            "hears_cell": self.hears_cell,
            "electrode": self.electrode,
        }


def read_mod_file(path: Path) -> ModFile:
    """Read an NMODL file. Raises ``InputError`` where there is no mechanism's name in it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MissingFile(f"this .mod file cannot be read: {error.strerror}", file=path) from error
    text = content.decode("utf-8", errors="replace")
    code = _without_comments(text)
    block = re.search(r"\bNEURON\s*\{([^}]*)\}", code)
    if block is None:
        raise InputError("there is no NEURON block in this file", file=path, expected="NEURON { SUFFIX name ... }")
    statements = _statements(block[1])
    names = [(keyword, word) for keyword, words in statements for word in words[:1] if keyword in _KINDS]
    if not names:
        raise InputError(
            "the NEURON block gives the mechanism no name",
            file=path,
            expected="SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL",
        )
    keyword, name = names[0]

    def words(*keywords):
        return tuple(dict.fromkeys(word for key, found in statements if key in keywords for word in found))

    return ModFile(
        path=path,
        name=name,
        kind="functions" if (keyword, name) == ("SUFFIX", "nothing") else _KINDS[keyword],
        range_variables=words("RANGE"),
        global_variables=words("GLOBAL"),
        states=_states(code),
        ions=tuple(dict.fromkeys(found[0] for key, found in statements if key == "USEION" and found)),
        currents=words("NONSPECIFIC_CURRENT", "ELECTRODE_CURRENT"),
        threadsafe=any(key == "THREADSAFE" for key, _ in statements),
        linear=bool(_LINEAR.search(text)),
        hears_cell=bool(_HEARS_CELL.search(text)),
        electrode=bool(words("ELECTRODE_CURRENT")),
        keeps_interpreter_object=bool(_INTERPRETER_OBJECT.search(text)) and not words("BBCOREPOINTER", "RANDOM"),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _without_comments(text: str) -> str:
    for begin, end in (("VERBATIM", "ENDVERBATIM"), ("COMMENT", "ENDCOMMENT")):
        text = re.sub(rf"^\s*{begin}\b.*?^\s*{end}\b", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"[:?].*", "", text)


def _statements(block: str) -> list[tuple[str, list[str]]]:
    """Split a NEURON block into (keyword, words) pairs."""
    statements: list[tuple[str, list[str]]] = []
    for word in re.findall(r"\w+", block):
        if word in _STATEMENTS:
            statements.append((word, []))
        elif statements:
            statements[-1][1].append(word)
    return statements


def _states(code: str) -> tuple[str, ...]:
    found = []
    for block in re.findall(r"\bSTATE\s*\{([^}]*)\}", code):
        block = re.sub(r"\([^)]*\)|\bFROM\s+\S+\s+TO\s+\S+|\bSTART\s+\S+|<[^>]*>|\[\w+\]", " ", block)
        found += re.findall(r"[A-Za-z_]\w*", block)
    return tuple(found)
