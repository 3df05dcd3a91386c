"""What an NMODL file says, read by NEURON's own parser: variables, and statements as small tuples.

An expression is ("num", text), ("var", name), ("neg", a), ("not", a), (operator, a, b) or ("call", name, [arguments]).
A statement is ("set", name, expression), ("do", call), ("local", names), ("if", [(condition, body), ...], body),
("while", condition, body), ("from", name, first, last, body), ("ode", state, expression), ("initial", body),
("reaction", from, to, forward, backward), ("conserve", names, total), ("solve", block, method), ("conductance", name),
("table", names, first, last, intervals), ("equation", what is to be 0).
"""

import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from colonnade.errors import UnsupportedError

# Values of NEURON 9's units, CODATA 2018.
UNIT_CONSTANTS = {
    ("faraday", "coulomb"): "96485.3321233100184",
    ("faraday", "coulombs"): "96485.3321233100184",
    ("faraday", "kilocoulombs"): "96.4853321233100184",
    ("faraday", "10000 coulomb"): "9.64853321233100184",
    ("k-mole", "joule/degC"): "8.3144626181532395",
    ("pi", "1"): "3.14159265358979323846",
}
IGNORED = ("UnitState", "LineComment", "BlockComment", "Model", "UnitDef", "ThreadSafe")
BLOCKS = ("DerivativeBlock", "KineticBlock", "LinearBlock", "ProcedureBlock", "FunctionBlock")


@dataclass
class Block:
    """A DERIVATIVE, KINETIC, LINEAR, PROCEDURE or FUNCTION block with the names of its arguments."""

    kind: str
    arguments: list[str]
    body: list


@dataclass
class Mechanism:
    """One mechanism: ``kind`` is density, point or artificial; ``ions`` maps names to (read, written) variables."""

    path: Path
    name: str = ""
    kind: str = "density"
    ions: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    currents: list[str] = field(default_factory=list)
    electrode: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    assigned: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    initial: list = field(default_factory=list)
    breakpoint: list = field(default_factory=list)
    receive: Block | None = None

    def refused(self, what: str, word: str = "") -> UnsupportedError:
        """Return the error that the engine cannot take ``what``, with the line of ``word`` in the file."""
        text = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        found = [i for i, line in enumerate(text, 1) if word and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", line)]
        where = f", line {found[0]}" if found else ""
        return UnsupportedError(
            f"lockstep cannot simulate {what}{where}",
            file=self.path,
            key="engine",
            value=self.name,
            expected="engine neuron (--engine neuron)",
        )


def read_mechanism(path: Path, program: Path) -> Mechanism:
    """Read an NMODL file with NEURON's ``program`` nmodl; ``UnsupportedError`` names the line it cannot take."""
    mechanism = Mechanism(path)
    with tempfile.TemporaryDirectory() as scratch:
        command = [program, path.absolute(), "-o", scratch, "--scratch", scratch, "passes", "--json-ast"]
        # Without Python it stops after the tree is written, which is all that is needed.
        answer = subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            cwd=scratch,
            env={**os.environ, "NMODLHOME": str(program.parent.parent)},
        )
        tree = Path(scratch) / f"{path.stem}.ast.json"
        if not tree.is_file():
            said = [line for line in (answer.stdout + answer.stderr).splitlines() if "Error" in line or "^" in line]
            raise mechanism.refused("what NEURON's nmodl cannot read (" + " ".join(said)[:300] + ")")
        program_node = json.loads(tree.read_text(encoding="utf-8"))
    for kind, parts in _parts(program_node["Program"]):
        _read_block(mechanism, kind, parts)
    return mechanism


def _parts(nodes: list[dict]):
    for node in nodes:
        yield from node.items()


def _name(node: dict) -> str:
    """Return the name in a (nested) node; of an element of an array, name and number as one word."""
    (kind, inner), *_ = node.items()
    if kind == "name":
        return inner
    if kind == "IndexedName":
        return f"{_name(inner[0])}_at_{_name(inner[1])}"
    return _name(inner[0])


def _read_block(mechanism: Mechanism, kind: str, parts: list) -> None:
    if kind in ("NeuronBlock",):
        for what, inner in _parts(parts[0]["StatementBlock"]):
            _read_statement_of_neuron(mechanism, what, inner)
    elif kind == "UnitBlock":
        for what, inner in _parts(parts):
            if what == "FactorDef":
                mechanism.constants[_name(inner[0])] = _factor(mechanism, inner)
    elif kind == "ConstantBlock":
        for _, inner in _parts(parts):
            variable = inner[0]["ConstantVar"]
            mechanism.constants[_name(variable[0])] = _name(variable[1])
    elif kind == "ParamBlock":
        for _, inner in _parts(parts):
            _no_array(mechanism, inner)
            numbers = [part for part in inner[1:] if next(iter(part)) in ("Double", "Integer", "Float")]
            mechanism.parameters[_name(inner[0])] = _name(numbers[0]) if numbers else "0"
    elif kind in ("AssignedBlock", "StateBlock"):
        names = mechanism.assigned if kind == "AssignedBlock" else mechanism.states
        for _, inner in _parts(parts):
            _no_array(mechanism, inner)
            names.append(_name(inner[0]))
    elif kind == "InitialBlock":
        mechanism.initial = _body(mechanism, parts)
    elif kind == "BreakpointBlock":
        mechanism.breakpoint = _body(mechanism, parts)
    elif kind in BLOCKS:
        arguments = [_name(inner[0]) for what, inner in _parts(parts) if what == "Argument"]
        mechanism.blocks[_name(parts[0])] = Block(kind.removesuffix("Block"), arguments, _body(mechanism, parts))
    elif kind == "NetReceiveBlock":
        arguments = [_name(inner[0]) for what, inner in _parts(parts) if what == "Argument"]
        mechanism.receive = Block("NetReceive", arguments, _body(mechanism, parts))
    elif kind not in IGNORED:
        raise mechanism.refused(f"a {kind}", _keyword(kind))


def _no_array(mechanism: Mechanism, inner: list) -> None:
    """Refuse an array; the tree tells a length and the ends of a range alike, so that the text decides."""
    name = _name(inner[0]).partition("_at_")[0]
    text = mechanism.path.read_text(encoding="utf-8", errors="replace")
    if "IndexedName" in inner[0] or ("Integer" in str(inner[1:2]) and re.search(rf"\b{name}\s*\[\s*\w+\s*\]", text)):
        raise mechanism.refused("an array of variables", name)


def _read_statement_of_neuron(mechanism: Mechanism, what: str, inner) -> None:
    if what == "Suffix":
        kinds = {"SUFFIX": "density", "POINT_PROCESS": "point", "ARTIFICIAL_CELL": "artificial"}
        mechanism.kind, mechanism.name = kinds[_name(inner[0])], _name(inner[1])
    elif what == "Useion":
        read = [_name(part["ReadIonVar"][0]) for part in inner if "ReadIonVar" in part]
        written = [_name(part["WriteIonVar"][0]) for part in inner if "WriteIonVar" in part]
        mechanism.ions[_name(inner[0])] = (read, written)
    elif what == "Nonspecific":
        mechanism.currents += [_name(part) for part in inner]
    elif what in ("ElectrodeCurrent", "ElectrodeCurVar"):
        mechanism.electrode += [_name(part) for part in inner]
    elif what == "Range":
        mechanism.ranges += [_name(part) for part in inner]
    elif what != "Global" and what != "name" and what not in IGNORED:
        raise mechanism.refused(f"a mechanism with {_keyword(what)}", _keyword(what))


def _keyword(kind: str) -> str:
    """Return the word in the file for a kind of node."""
    words = {
        "Pointer": "POINTER",
        "BbcorePointer": "BBCOREPOINTER",
        "Verbatim": "VERBATIM",
        "External": "EXTERNAL",
        "FunctionTableBlock": "FUNCTION_TABLE",
        "NonLinearBlock": "NONLINEAR",
        "BeforeBlock": "BEFORE",
        "AfterBlock": "AFTER",
        "DiscreteBlock": "DISCRETE",
        "WatchStatement": "WATCH",
        "ForNetcon": "FOR_NETCONS",
        "DestructorBlock": "DESTRUCTOR",
        "ConstructorBlock": "CONSTRUCTOR",
        "RandomVarList": "RANDOM",
        "LagStatement": "LAG",
        "Compartment": "COMPARTMENT",
        "Include": "INCLUDE",
    }
    return words.get(kind, kind)


def _factor(mechanism: Mechanism, inner: list) -> str:
    units = tuple(_name(part) for what, part in ((next(iter(p)), p) for p in inner[1:]) if what == "Unit")
    numbers = [_name(part) for part in inner[1:] if next(iter(part)) in ("Double", "Integer", "Float")]
    if numbers:
        return numbers[0]
    if units not in UNIT_CONSTANTS:
        raise mechanism.refused(f"the unit constant {units}", _name(inner[0]))
    return UNIT_CONSTANTS[units]


def _body(mechanism: Mechanism, parts: list) -> list:
    """Return the statements of the StatementBlock among ``parts``."""
    block = next((part["StatementBlock"] for part in parts if "StatementBlock" in part), [])
    if not isinstance(block, list):
        return []
    body = []
    for kind, inner in _parts(block):
        if kind not in IGNORED and kind != "name":
            body += _statement(mechanism, kind, inner)
    return body


def _statement(m: Mechanism, kind: str, inner: list) -> list:
    if kind in ("ExpressionStatement", "ProtectStatement"):
        (what, parts), *_ = inner[0].items()
        return _expression_statement(m, what, parts)
    if kind == "StatementBlock":
        return [("if", [(("num", "1"), _body(m, [{kind: inner}]))], [])]
    if kind == "LocalListStatement":
        return [("local", [_name(part) for part in inner])]
    if kind == "IfStatement":
        branches, rest = [(_condition(m, inner[0]), _body(m, inner[1:2]))], []
        for part in inner[2:]:
            if "ElseIfStatement" in part:
                branches.append((_condition(m, part["ElseIfStatement"][0]), _body(m, part["ElseIfStatement"][1:])))
            elif "ElseStatement" in part:
                rest = _body(m, part["ElseStatement"])
        return [("if", branches, rest)]
    if kind == "WhileStatement":
        return [("while", _condition(m, inner[0]), _body(m, inner[1:]))]
    if kind == "FromStatement":
        return [("from", _name(inner[0]), _expression(m, inner[1]), _expression(m, inner[2]), _body(m, inner[3:]))]
    if kind == "ConductanceHint":
        return [("conductance", _name(inner[0]))]
    if kind == "TableStatement":
        ends = [_expression(m, part) for part in inner if next(iter(part)) not in ("Name", "VarName")]
        names = [_name(part) for part in inner if next(iter(part)) in ("Name", "VarName")]
        return [("table", names, ends[0], ends[1], int(float(ends[2][1])))]
    if kind == "ReactionStatement":
        return [_reaction(m, inner)]
    if kind == "Conserve":
        return [("conserve", re.findall(r"\w+", _text(_expression(m, inner[0]))), _expression(m, inner[1]))]
    raise m.refused(f"a statement {_keyword(kind)}", _keyword(kind))


def _expression_statement(m: Mechanism, what: str, parts: list) -> list:
    if what == "SolveBlock":
        names = [_name(part) for part in parts]
        return [("solve", names[0], names[1] if len(names) > 1 else "")]
    if what == "LinEquation":
        return [("equation", ("-", _expression(m, parts[0]), _expression(m, parts[1])))]
    if what == "InitialBlock":
        return [("initial", _body(m, parts))]
    if what == "StatementBlock":
        return _body(m, [{what: parts}])
    if what == "DiffEqExpression":
        left, _, right = parts[0]["BinaryExpression"]
        prime = left["VarName"][0]
        return [("ode", _name(prime), _expression(m, right))]
    if what == "WrappedExpression":
        (what, parts), *_ = parts[0].items()
    if what == "FunctionCall":
        return [("do", _expression(m, {what: parts}))]
    if what == "BinaryExpression" and _name(parts[1]) == "=":
        return [("set", _name(parts[0]), _expression(m, parts[2]))]
    raise m.refused(f"a statement {_keyword(what)}", _keyword(what))


def _reaction(m: Mechanism, inner: list) -> tuple:
    sides, rates = [inner[0], inner[2]], inner[3:]
    if _name(inner[1]) != "<->" or len(rates) != 2 or any("ReactVarName" not in side for side in sides):
        raise m.refused("a reaction that is not of the first order", "~")
    if any("Integer" in part for side in sides for part in side["ReactVarName"]):
        raise m.refused("a reaction with a stoichiometry", "~")
    return ("reaction", *(_name(side) for side in sides), *(_expression(m, rate) for rate in rates))


def _condition(m: Mechanism, node: dict) -> tuple:
    return _expression(m, node)


def _expression(m: Mechanism, node: dict) -> tuple:
    (kind, inner), *_ = node.items()
    if kind in ("WrappedExpression", "ParenExpression", "DoubleUnit"):
        return _expression(m, inner[0])
    if kind in ("Double", "Integer", "Float"):
        return ("num", _name(node))
    if kind in ("VarName", "Name", "PrimeName", "ReactVarName"):
        return ("var", _name(node))
    if kind == "UnaryExpression":
        operator = {"-": "neg", "!": "not", "+": "+"}[_name(inner[0])]
        inside = _expression(m, inner[1])
        return inside if operator == "+" else (operator, inside)
    if kind == "BinaryExpression":
        return (_name(inner[1]), _expression(m, inner[0]), _expression(m, inner[2]))
    if kind == "FunctionCall":
        return ("call", _name(inner[0]), [_expression(m, part) for part in inner[1:]])
    raise m.refused(f"an expression {_keyword(kind)}", _keyword(kind))


def _text(expression: tuple) -> str:
    """Return the names in an expression, with blanks between them."""
    return " ".join(sorted(names_in(expression)))


def names_in(expression: tuple) -> set[str]:
    """Return the variables that an expression reads."""
    kind, *parts = expression
    if kind == "var":
        return {parts[0]}
    if kind == "num":
        return set()
    inner = parts[1] if kind == "call" else parts
    return set().union(*(names_in(part) for part in inner)) if inner else set()


def calls_in(expression: tuple) -> set[str]:
    """Return the functions that an expression calls."""
    kind, *parts = expression
    if kind in ("var", "num"):
        return set()
    inner = parts[1] if kind == "call" else parts
    return ({parts[0]} if kind == "call" else set()).union(*(calls_in(part) for part in inner))
