"""What a mechanism computes as C++: its procedures, and the steps of its equations."""

from colonnade.simulation.engines.lockstep import linear
from colonnade.simulation.engines.lockstep.nmodl import Block, calls_in, names_in
from colonnade.simulation.engines.lockstep.statements import Statements
from colonnade.simulation.engines.lockstep.variables import BUILT_IN, assigned_by, called, read_by, walk

MOST_ITERATIONS = 20  # of Newton's method
SMALL_STEP, CONVERGED = "1e-7", "1e-12"


class Equations(Statements):
    """Prints procedures, functions and the steps of states."""

    def _functions(self) -> str:
        """Print PROCEDUREs and FUNCTIONs that are called."""
        m, printed = self.m, []
        wanted = set().union(*(called(m, body) for body in self._bodies()))
        wanted |= {s[1] for s in walk(m.breakpoint) if s[0] == "solve" and s[2] == ""}
        for name in sorted(wanted):
            block = m.blocks.get(name)
            if block is None:
                raise m.refused(f"the block {name}, which is not in the file", name)
            if block.kind not in ("Procedure", "Function"):
                raise m.refused(f"a call of the {block.kind.upper()} block {name}", name)
            result = f"        T n_{name}{{}};\n" if block.kind == "Function" else ""
            end = f"        return n_{name};\n" if block.kind == "Function" else "        return 0.0;\n"
            kind = "T" if block.kind == "Function" else "double"
            types = "".join(f", class A{i}" for i in range(len(block.arguments)))
            arguments = "".join(f", A{i} given{i}" for i in range(len(block.arguments)))
            own = "".join(f"        T n_{a} = as<T>(given{i});\n" for i, a in enumerate(block.arguments))
            body = self._body(block.body, {*block.arguments, name})
            table = next((s for s in block.body if s[0] == "table"), None)
            prefix = "compute" if table else "f"
            printed.append(
                f"    template <class M{types}> INLINE_METHOD {kind} {prefix}_{name}(M k{arguments}) {{\n"
                f"{own}{result}{body}{end}    }}"
            )
            if table:
                printed.append(self._tabled(name, block, table))
        return "\n".join(printed)

    def _tabled(self, name: str, block: Block, table: tuple) -> str:
        """Print a PROCEDURE or FUNCTION as NEURON has it with TABLE: linear between values computed once."""
        _, names, first, last, count = table
        if len(block.arguments) != 1:
            raise self.m.refused(f"a TABLE of {len(block.arguments)} arguments", "TABLE")
        assigned = assigned_by(self.m, block.body)
        names = [name] if block.kind == "Function" else [n for n in names if n in assigned]
        if set(names) & set(self.v.ion_fields) or read_by(self.m, block.body) & set(self.v.slots):
            raise self.m.refused("a TABLE of what differs between cells", "TABLE")
        low, high = (float(self._value(e, set()).replace("(", "").replace(")", "")) for e in (first, last))
        begin = self.n_table
        self.n_table += len(names) * (count + 1)
        self.tables.append((name, names, low, (high - low) / count, count, begin, block.kind == "Function"))
        lines = [f"const T x = (as<T>(given) - {low!r}) * {1 / ((high - low) / count)!r};"]
        lines += [f"T n_{name}{{}};"] if block.kind == "Function" else []
        lines += [
            f"put(n_{n}, interpolated(n_tables + {begin + i * (count + 1)}, {count}, x), k);"
            for i, n in enumerate(names)
        ]
        lines += [f"return n_{name};" if block.kind == "Function" else "return 0.0;"]
        kind = "T" if block.kind == "Function" else "double"
        return (
            f"    template <class M, class A> INLINE_METHOD {kind} f_{name}(M k, A given) {{\n"
            + "".join(f"        {line}\n" for line in lines)
            + "    }"
        )

    def _method(self, name: str, body: list) -> str:
        return f"    template <class M> INLINE_METHOD void {name}(M k) {{\n{self._body(body, set())}    }}"

    def _without_uniform(self, body: list) -> list:
        """Return INITIAL without what is computed once."""
        kept = []
        for s in body:
            if s[0] == "set" and s[1] in self.v.derived:
                continue
            kept.append(
                ("if", [(c, self._without_uniform(b)) for c, b in s[1]], self._without_uniform(s[2]))
                if s[0] == "if"
                else s
            )
        return kept

    def _only_uniform(self, body: list, local: set[str]) -> list:
        """Return what of INITIAL is computed once."""
        wanted, kept = set(self.v.derived) | local, []
        for s in body:
            if (s[0] == "set" and s[1] in wanted and self._is_uniform(s[2], wanted)) or s[0] == "local":
                kept.append(s)
            elif s[0] == "if" and all(self._is_uniform(c, wanted) for c, _ in s[1]):
                kept.append(
                    ("if", [(c, self._only_uniform(b, local)) for c, b in s[1]], self._only_uniform(s[2], local))
                )
        return kept

    def _is_uniform(self, e: tuple, more: set[str]) -> bool:
        known = {*self.v.uniform, *self.m.constants, *more}
        return names_in(e) <= known and calls_in(e) <= set(BUILT_IN)

    def _state(self) -> str:
        """Print what happens to the states in a step."""
        m, text, extra = self.m, [], []
        for _, name, method in (s for s in walk(m.breakpoint) if s[0] == "solve"):
            block = m.blocks.get(name)
            if block is None:
                raise m.refused(f"the block {name}, which is not in the file", name)
            if block.kind == "Procedure" and not method:
                text.append(f"        f_{name}(k);\n")
            elif block.kind == "Derivative" and method == "cnexp":
                text.append(self._body([self._exact(s) for s in self._flat(block.body)], set()))
            elif block.kind == "Derivative" and method in ("euler", "derivimplicit"):
                extra.append(self._derivatives(name, block))
                text.append(self._implicit(name, block) if method == "derivimplicit" else self._euler(name, block))
            elif block.kind == "Kinetic" and method == "sparse":
                text.append(self._kinetic(block))
            else:
                raise m.refused(f"SOLVE {name} METHOD {method or 'none'}", name)
        body = "".join(f"        {{\n{part}        }}\n" for part in text)
        return "\n".join([*extra, f"    template <class M> INLINE_METHOD void state_(M k) {{\n{body}    }}"])

    def _flat(self, body: list) -> list:
        if any(s[0] == "ode" for outer in body for s in walk([outer]) if outer[0] != "ode"):
            raise self.m.refused("an equation inside a condition", "DERIVATIVE")
        return body

    def _exact(self, s: tuple) -> tuple:
        """Return the exact step of y' = (p + q y) k: y approaches -p/q at the rate -q k."""
        if s[0] != "ode":
            return s
        name, y = s[1], ("var", s[1])
        parts = linear.parts_of(s[2], name)
        if parts is None:
            raise self.m.refused(f"the equation of {name} with METHOD cnexp, as it is not linear", f"{name}'")
        p, q, k = parts
        if linear.is_number(q, 0):
            return ("set", name, linear.added(y, linear.times(("var", "dt"), linear.times(p, k))))
        rate = linear.times(("var", "dt"), linear.times(q, k))
        decay = ("call", "exp", [rate])
        if linear.is_number(p, 0):
            return ("set", name, ("*", y, self._hoisted(decay)))
        target = linear.negative(linear.divided(p, q))
        return ("set", name, ("+", y, ("*", self._hoisted(("-", ("num", "1"), decay)), ("-", target, y))))

    def _hoisted(self, e: tuple) -> tuple:
        """Return a constant in the place of an expression that is the same in all steps."""
        if self._is_uniform(e, set()):
            self.hoisted_uniform.append((f"once{len(self.hoisted_uniform)}", self._value(e, set())))
            return ("var", self.hoisted_uniform[-1][0])
        known = {*self.v.uniform, *self.v.constant, *self.m.constants}
        if names_in(e) <= known and calls_in(e) <= set(BUILT_IN):
            self.hoisted_slot.append((f"kept{len(self.hoisted_slot)}", self._value(e, set())))
            return ("var", self.hoisted_slot[-1][0])
        return e

    def _states_of(self, block: Block) -> list[str]:
        return [s[1] for s in block.body if s[0] == "ode"]

    def _derivatives(self, name: str, block: Block) -> str:
        names = self._states_of(block)
        body = [("set", f"rate_{s[1]}", s[2]) if s[0] == "ode" else s for s in self._flat(block.body)]
        local = {f"rate_{n}" for n in names}
        rates = "".join(f"        T n_rate_{n}{{}};\n" for n in names)
        ends = "".join(f"        rate[{i}] = n_rate_{n};\n" for i, n in enumerate(names))
        return (
            f"    template <class M> INLINE_METHOD void rates_{name}(M k, T (&rate)[{len(names)}]) {{\n{rates}"
            f"{self._body(body, local)}{ends}    }}"
        )

    def _euler(self, name: str, block: Block) -> str:
        names = self._states_of(block)
        steps = "".join(f"        n_{n} = n_{n} + n_dt * rate[{i}];\n" for i, n in enumerate(names))
        return f"        T rate[{len(names)}];\n        rates_{name}(k, rate);\n{steps}"

    def _implicit(self, name: str, block: Block) -> str:
        """Print y = old + dt f(y), by Newton's method; a lane that has converged stays, whatever its neighbours do."""
        names, n = self._states_of(block), len(self._states_of(block))
        lines = [f"T old[{n}], rate[{n}], moved[{n}], residual[{n}], slope[{n}][{n}];"]
        lines += [f"old[{i}] = n_{y};" for i, y in enumerate(names)]
        lines += [
            "auto open = old[0] == old[0];",
            f"for (int turn = 0; turn < {MOST_ITERATIONS} && any(open); ++turn) {{",
        ]
        lines += [f"    rates_{name}(k, rate);"]
        lines += [f"    residual[{i}] = old[{i}] + n_dt * rate[{i}] - n_{y};" for i, y in enumerate(names)]
        for j, y in enumerate(names):
            lines += [
                f"    {{ const T before = n_{y}, h = {SMALL_STEP} * (fabs_(before) + {SMALL_STEP});",
                f"      n_{y} = before + h;",
                f"      rates_{name}(k, moved);",
                f"      n_{y} = before;",
            ]
            lines += [
                f"      slope[{i}][{j}] = {1.0 if i == j else 0.0} - n_dt * (moved[{i}] - rate[{i}]) / h;"
                for i in range(n)
            ]
            lines += ["    }"]
        lines += ["    solve(slope, residual);", "    auto done = open;"]
        for i, y in enumerate(names):
            lines += [f"    put(n_{y}, n_{y} + residual[{i}], both(open, old[0] == old[0]));"]
            lines += [f"    done = both(done, fabs_(residual[{i}]) <= {CONVERGED} * (fabs_(n_{y}) + {CONVERGED}));"]
        lines += ["    open = both(open, negated(done));", "}"]
        return "".join(f"        {line}\n" for line in lines)

    def _kinetic(self, block: Block, step: str = "n_dt") -> str:
        """Print the implicit Euler step of a scheme of first order: (1 - dt K) new = old, by elimination."""
        reactions = [s for s in block.body if s[0] == "reaction"]
        names = list(dict.fromkeys(name for s in reactions for name in s[1:3]))
        row = {name: i for i, name in enumerate(names)}
        n = len(names)
        text = self._body([s for s in block.body if s[0] not in ("reaction", "conserve")], set())
        lines = [f"T matrix[{n}][{n}], fresh[{n}];"]
        lines += [
            f"for (int i = 0; i < {n}; ++i) for (int j = 0; j < {n}; ++j) matrix[i][j] = as<T>(i == j ? 1.0 : 0.0);"
        ]
        lines += [f"fresh[{i}] = n_{name};" for name, i in row.items()]
        local = {name for s in block.body if s[0] == "local" for name in s[1]}
        for _, a, b, forward, backward in reactions:
            lines += [
                f"{{ const T there = {step} * as<T>({self._value(forward, local)});",
                f"  const T back = {step} * as<T>({self._value(backward, local)});",
                f"  matrix[{row[a]}][{row[a]}] += there; matrix[{row[b]}][{row[a]}] -= there;",
                f"  matrix[{row[b]}][{row[b]}] += back; matrix[{row[a]}][{row[b]}] -= back; }}",
            ]
        for _, members, total in (s for s in block.body if s[0] == "conserve"):
            if not set(members) <= set(names):
                raise self.m.refused("a CONSERVE of other states", "CONSERVE")
            last = max(row[name] for name in members)
            lines += [f"for (int j = 0; j < {n}; ++j) matrix[{last}][j] = as<T>(0.0);"]
            lines += [f"matrix[{last}][{row[name]}] = as<T>(1.0);" for name in members]
            lines += [f"fresh[{last}] = as<T>({self._value(total, local)});"]
        lines += ["solve(matrix, fresh);", *(f"put(n_{name}, fresh[{i}], k);" for name, i in row.items())]
        return text + "".join(f"        {line}\n" for line in lines)

    def _solved_at_once(self, s: tuple) -> str:
        """Print a SOLVE of INITIAL: linear equations, or a scheme's steady state, which NEURON finds by a long step."""
        block = self.m.blocks.get(s[1])
        if block is not None and block.kind == "Linear":
            return self._linear_system(block)
        if block is not None and block.kind == "Kinetic":
            return self._kinetic(block, "1e9")
        if block is not None and block.kind == "Procedure":
            return f"        f_{s[1]}(k);\n"
        raise self.m.refused(f"SOLVE {s[1]} here", s[1])

    def _linear_system(self, block: Block) -> str:
        equations = [s[1] for s in block.body if s[0] == "equation"]
        names = [n for n in self.m.states if any(n in names_in(e) for e in equations)]
        if len(equations) != len(names):
            raise self.m.refused(f"{len(equations)} LINEAR equations of {len(names)} states", "LINEAR")
        n = len(names)
        local = {name for s in block.body if s[0] == "local" for name in s[1]}
        lines = [f"T matrix[{n}][{n}], fresh[{n}];"]
        for i, rest in enumerate(equations):
            for j, name in enumerate(names):
                parts = linear.parts_of(rest, name)
                factor = parts and linear.times(parts[1], parts[2])
                if parts is None or names_in(factor) & set(names):
                    raise self.m.refused(f"an equation that is not linear in {name}", "LINEAR")
                lines.append(f"matrix[{i}][{j}] = as<T>({self._value(factor, local)});")
                rest = linear.times(parts[0], parts[2])
            lines.append(f"fresh[{i}] = as<T>({self._value(linear.negative(rest), local)});")
        lines += [
            "solve_with_exchange(matrix, fresh);",
            *(f"put(n_{name}, fresh[{i}], k);" for i, name in enumerate(names)),
        ]
        text = self._body([s for s in block.body if s[0] != "equation"], set())
        return text + "".join(f"        {line}\n" for line in lines)

    def _bodies(self) -> list[list]:
        m = self.m
        return [m.initial, m.breakpoint, *(b.body for b in m.blocks.values()), *([m.receive.body] if m.receive else [])]
