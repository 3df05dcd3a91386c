"""NMODL's statements and expressions as C++, where a T is one number or a lane of each of several cells."""

from colonnade.simulation.engines.lockstep.nmodl import Mechanism
from colonnade.simulation.engines.lockstep.variables import BUILT_IN, EVENTS, sort_variables

COMPARISONS = {"<", ">", "<=", ">=", "==", "!="}
LOGIC = {"&&": "both", "||": "either"}


class Statements:
    """Prints bodies of statements: variables get the prefix n_, functions f_; a mask k says which lanes are meant."""

    def __init__(self, m: Mechanism):
        self.m, self.v = m, sort_variables(m)
        self.lines: list[str] = []
        self.hoisted_uniform: list[tuple[str, str]] = []
        self.hoisted_slot: list[tuple[str, str]] = []
        self._masks = 0
        self.tables: list[tuple] = []  # name, variables, first, width, intervals, place, is a function
        self.n_table = 0
        self.known = {
            *m.parameters,
            *m.assigned,
            *m.states,
            *m.constants,
            *self.v.ion_fields,
            "v",
            "t",
            "dt",
            "celsius",
        }
        self.known |= {"flag", "area", "diam"} if m.kind != "density" else {"area", "diam"}

    def _body(self, body: list, local: set[str], mask: str = "k", indent: int = 2) -> str:
        local = set(local)
        lines = []
        for s in body:
            kind = s[0]
            if kind == "local":
                local |= set(s[1])
                lines += [f"T n_{name}{{}};" for name in s[1]]
            elif kind == "set":
                self._known(s[1], local)
                lines.append(f"put(n_{s[1]}, {self._value(s[2], local)}, {mask});")
            elif kind == "do":
                lines.append(self._value(s[1], local, mask) + ";")
            elif kind == "if":
                lines += self._if(s, local, mask, indent)
            elif kind == "while":
                self._masks += 1
                name, condition = f"k{self._masks}", self._condition(s[1], local)
                lines.append(
                    f"for (auto {name} = both({mask}, {condition}); any({name}); {name} = both({name}, {condition})) {{"
                )
                lines += [self._body(s[2], local, name, indent + 1).rstrip("\n").lstrip(), "}"]
            elif kind == "from":
                first, last = (self._value(e, local) for e in s[2:4])
                lines.append(f"for (double n_{s[1]} = {first}; n_{s[1]} <= {last}; n_{s[1]} += 1.0) {{")
                lines += [self._body(s[4], local | {s[1]}, mask, indent + 1).rstrip("\n").lstrip(), "}"]
            elif kind == "table":
                continue
            elif kind == "solve":
                lines += ["{", *self._solved_at_once(s).splitlines(), "}"]
            else:
                raise self.m.refused(f"a statement {kind} here")
        return "".join("    " * indent + line + "\n" for line in lines)

    def _if(self, s: tuple, local: set[str], mask: str, indent: int) -> list[str]:
        if s[1][0][0] == ("num", "1"):  # a plain block
            return ["{", self._body(s[1][0][1], local, mask, indent + 1).rstrip("\n").lstrip(), "}"]
        lines, rest = ["{"], mask
        for condition, inner in s[1]:
            self._masks += 1
            number = self._masks
            lines.append(f"    const auto c{number} = {self._condition(condition, local)};")
            lines.append(f"    const auto k{number} = both({rest}, c{number});")
            lines.append(f"    const auto r{number} = both({rest}, negated(c{number}));")
            lines.append(f"    (void)k{number}; (void)r{number};")
            lines.append(self._body(inner, local, f"k{number}", indent + 1).rstrip("\n").lstrip())
            rest = f"r{number}"
        lines += [self._body(s[2], local, rest, indent + 1).rstrip("\n").lstrip(), "}"]
        return [line for line in lines if line]

    def _condition(self, e: tuple, local: set[str]) -> str:
        return f"truth({self._value(e, local)})"

    def _known(self, name: str, local: set[str]) -> None:
        made = {n for n, _ in (*self.hoisted_uniform, *self.hoisted_slot)}
        if name not in local and name not in self.known and name not in made and not name.startswith("rate_"):
            raise self.m.refused(f"the variable {name}, which is declared nowhere", name)

    def _value(self, e: tuple, local: set[str], mask: str = "k") -> str:
        kind = e[0]
        if kind == "num":
            text = e[1] if any(c in e[1] for c in ".eExX") else f"{e[1]}.0"
            return text
        if kind == "var":
            self._known(e[1], local)
            return f"n_{e[1]}"
        if kind == "neg":
            return f"(-{self._value(e[1], local, mask)})"
        if kind == "not":
            return f"negated({self._condition(e[1], local)})"
        if kind == "call":
            arguments = [self._value(a, local, mask) for a in e[2]]
            if e[1] in EVENTS:
                return self._event(e[1], arguments, mask)
            if e[1] in BUILT_IN:
                return f"{BUILT_IN[e[1]]}({', '.join(arguments)})"
            return f"f_{e[1]}({', '.join([mask, *arguments])})"
        if kind == "^":
            return self._power(e, local, mask)
        a, b = self._value(e[1], local, mask), self._value(e[2], local, mask)
        if kind in LOGIC:
            return f"{LOGIC[kind]}(truth({a}), truth({b}))"
        if kind in COMPARISONS or kind in "+-*/":
            return f"({a} {kind} {b})"
        raise self.m.refused(f"the operator {kind}", kind)

    def _power(self, e: tuple, local: set[str], mask: str) -> str:
        base = self._value(e[1], local, mask)
        if e[2][0] == "num" and float(e[2][1]) in range(2, 9):
            return f"power({base}, {int(float(e[2][1]))})"
        return f"pow_({base}, {self._value(e[2], local, mask)})"

    def _event(self, name: str, arguments: list[str], mask: str) -> str:
        text = {
            "net_send": f"sender->send(n_t + {arguments[0]}, {arguments[-1]})",
            "net_event": f"sender->fire({arguments[0]})",
            "net_move": f"sender->move({arguments[0]})",
        }[name]
        return f"if (any({mask})) {text}"
