"""Which variables of a mechanism are the same everywhere, which each row keeps, and which live for one step only."""

from dataclasses import dataclass, field

from colonnade.simulation.engines.lockstep.nmodl import Mechanism, calls_in, names_in

BUILT_IN = {
    "exp": "exp_",
    "log": "log_",
    "log10": "log10_",
    "pow": "pow_",
    "sqrt": "sqrt_",
    "fabs": "fabs_",
    "abs": "fabs_",
    "fmin": "fmin_",
    "fmax": "fmax_",
}
EVENTS = ("net_send", "net_event", "net_move")
CLOCK = ("t",)
GIVEN = ("dt", "celsius")  # the same everywhere, for the whole run


@dataclass
class Variables:
    """The variables of a mechanism, sorted.

    ``uniform`` are the same on all rows; those in ``derived`` are computed once, from INITIAL. ``slots`` are kept for
    each row and lane, states first. ``constant`` never change after INITIAL. ``outputs`` are RANGE variables that are
    computed in a step and kept only where they are recorded. ``ion_fields`` maps variables to (ion, field).
    """

    uniform: list[str] = field(default_factory=list)
    derived: list[str] = field(default_factory=list)
    slots: list[str] = field(default_factory=list)
    constant: set[str] = field(default_factory=set)
    outputs: list[str] = field(default_factory=list)
    ion_fields: dict[str, tuple[str, str]] = field(default_factory=dict)


def sort_variables(m: Mechanism) -> Variables:
    """Return the variables of ``m``, sorted; ``UnsupportedError`` for a name that is nothing known."""
    found = Variables()
    for ion, (read, written) in m.ions.items():
        fields = {f"e{ion}": "E", f"i{ion}": "I", f"{ion}i": "CI", f"{ion}o": "CO"}
        for name in (*read, *written):
            if name not in fields:
                raise m.refused(f"the ion variable {name}", name)
            found.ion_fields[name] = (ion, fields[name])
    special = {"v", *CLOCK, *GIVEN, *found.ion_fields}
    later = assigned_by(m, [*m.breakpoint, *(m.receive.body if m.receive else [])])
    per_row = set(m.ranges) if m.kind != "point" else set()
    changing = later | {name for name in m.parameters if name in per_row} | set(m.states)
    plain = [name for name in m.parameters if name not in changing and name not in special]
    found.derived = _derived(m, set(plain), later, special)
    found.uniform = list(dict.fromkeys([*plain, *found.derived]))
    exposed = _exposed(m)
    kept = [name for name in (*m.parameters, *m.assigned) if name not in special and name not in found.uniform]
    kept = [name for name in kept if name in m.parameters or name in exposed]
    found.slots = [name for name in m.states if name not in special] + list(dict.fromkeys(kept))
    found.constant = {name for name in found.slots if name not in later and name not in m.states}
    own = [name for name, (_, kind) in found.ion_fields.items() if kind == "I" and name in assigned_by(m, m.breakpoint)]
    temporary = [name for name in m.assigned if name not in (*found.slots, *found.uniform, *special)] + own
    found.outputs = [name for name in dict.fromkeys((*m.currents, *m.electrode, *m.ranges)) if name in temporary]
    return found


def walk(body: list):
    """Yield all statements, those inside others too."""
    for statement in body:
        yield statement
        kind = statement[0]
        if kind == "if":
            for _, inner in statement[1]:
                yield from walk(inner)
            yield from walk(statement[2])
        elif kind in ("while", "from", "initial"):
            yield from walk(statement[-1])


def expressions(statement: tuple) -> list[tuple]:
    """Return the expressions that stand in a statement itself, not in those inside it."""
    kind = statement[0]
    if kind in ("set", "ode"):
        return [statement[2]]
    if kind == "do":
        return [statement[1]]
    if kind == "if":
        return [condition for condition, _ in statement[1]]
    if kind in ("while", "equation"):
        return [statement[1]]
    if kind == "from":
        return [statement[2], statement[3]]
    if kind == "reaction":
        return [("var", statement[1]), ("var", statement[2]), statement[3], statement[4]]
    if kind == "conserve":
        return [*(("var", name) for name in statement[1]), statement[2]]
    return []


def called(m: Mechanism, body: list, seen: frozenset = frozenset()) -> set[str]:
    """Return the blocks of the file that ``body`` calls, directly or not."""
    found = set()
    for statement in walk(body):
        for expression in expressions(statement):
            found |= {name for name in calls_in(expression) if name in m.blocks}
        if statement[0] == "solve" and statement[1] in m.blocks:
            found |= called(m, m.blocks[statement[1]].body)
    new = found - seen
    return found.union(*(called(m, m.blocks[name].body, seen | new) for name in new)) if new else found


def assigned_by(m: Mechanism, body: list) -> set[str]:
    """Return the mechanism's variables that ``body`` or what it calls may assign."""
    found = set()
    for part in [body, *(m.blocks[name].body for name in called(m, body))]:
        local = {name for statement in walk(part) if statement[0] == "local" for name in statement[1]}
        for statement in walk(part):
            if statement[0] in ("set", "ode") and statement[1] not in local:
                found.add(statement[1])
            elif statement[0] == "reaction":
                found |= set(statement[1:3])
            elif statement[0] == "equation":
                found |= names_in(statement[1]) & set(m.states)
            elif statement[0] == "solve" and statement[1] in m.blocks:
                found |= assigned_by(m, m.blocks[statement[1]].body)
    return found


def read_by(m: Mechanism, body: list) -> set[str]:
    """Return the names that ``body`` or what it calls may read."""
    found = set().union(*(read_by(m, m.blocks[s[1]].body) for s in walk(body) if s[0] == "solve" and s[1] in m.blocks))
    for name, part in [("", body), *((name, m.blocks[name].body) for name in called(m, body))]:
        own = {name for statement in walk(part) if statement[0] == "local" for name in statement[1]}
        own |= set(m.blocks[name].arguments) if name else set()
        for statement in walk(part):
            for expression in expressions(statement):
                found |= names_in(expression) - own
    return found


def _derived(m: Mechanism, plain: set[str], later: set[str], special: set[str]) -> list[str]:
    """Return what INITIAL itself computes from what is the same everywhere, in the order of its assignments."""
    inside = set().union(*(assigned_by(m, m.blocks[name].body) for name in called(m, m.initial)), set())
    local = {name for statement in walk(m.initial) if statement[0] == "local" for name in statement[1]}
    candidates = {*m.assigned, *m.parameters, *local} - later - inside - special - set(m.states)
    candidates -= {name for name in m.parameters if name not in plain}
    known = {*plain, *GIVEN, *m.constants}
    found: list[str] = []

    def scan(body: list, uniform: bool) -> None:
        for statement in body:
            if statement[0] == "if":
                same = uniform
                for condition, inner in statement[1]:
                    same = same and _uniform(condition, known | set(found))
                    scan(inner, same)
                scan(statement[2], same)
            elif statement[0] == "set":
                name = statement[1]
                if uniform and name in candidates and _uniform(statement[2], known | set(found)):
                    found.append(name)
                else:
                    spoiled.add(name)
            elif statement[0] in ("while", "from"):
                spoiled.update(inner[1] for inner in walk(statement[-1]) if inner[0] == "set")

    while True:
        spoiled: set[str] = set()
        found.clear()
        scan(m.initial, True)
        if not spoiled & candidates:
            break
        candidates -= spoiled
        known -= spoiled
    return [name for name in dict.fromkeys(found) if name not in local]


def _uniform(expression: tuple, known: set[str]) -> bool:
    return names_in(expression) <= known and calls_in(expression) <= set(BUILT_IN)


def _exposed(m: Mechanism) -> set[str]:
    """Return the variables that some part of a step may read before it has assigned them."""
    bodies = [m.breakpoint, *([m.receive.body] if m.receive else [])]
    bodies += [m.blocks[s[1]].body for s in walk(m.breakpoint) if s[0] == "solve" and s[1] in m.blocks]
    exposed: set[str] = set()
    for body in bodies:
        _flow(m, body, set(), exposed, ())
    return exposed


def _flow(m: Mechanism, body: list, defined: set, exposed: set, stack: tuple) -> None:
    """Follow ``body``; add to ``defined`` what is surely assigned, to ``exposed`` what may be read before."""

    def read(expression: tuple) -> None:
        exposed.update(names_in(expression) - defined)
        for name in sorted(calls_in(expression)):
            if name in m.blocks and name not in stack:
                block = m.blocks[name]
                own = set(block.arguments) | {name}
                inside: set[str] = set()
                result = defined | own
                _flow(m, block.body, result, inside, (*stack, name))
                local = {n for s in walk(block.body) if s[0] == "local" for n in s[1]}
                exposed.update(inside - own - local)
                defined.update(result - own - local)

    for statement in body:
        for expression in expressions(statement):
            read(expression)
        kind = statement[0]
        if kind == "set":
            defined.add(statement[1])
        elif kind == "if":
            ends = []
            for _, inner in statement[1]:
                branch = set(defined)
                _flow(m, inner, branch, exposed, stack)
                ends.append(branch)
            branch = set(defined)
            _flow(m, statement[2], branch, exposed, stack)
            always = any(condition == ("num", "1") for condition, _ in statement[1])
            defined.update(set.intersection(*(ends if always else [*ends, branch])))
        elif kind in ("while", "from"):
            _flow(m, statement[-1], set(defined), exposed, stack)
        elif kind == "initial":
            _flow(m, statement[1], set(defined), exposed, stack)
