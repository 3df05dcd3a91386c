"""C++ of a mechanism, printed from its NMODL file: one template for lanes of cells and for a single one."""

import re
from dataclasses import dataclass

from colonnade.simulation.engines.lockstep import linear
from colonnade.simulation.engines.lockstep.equations import Equations
from colonnade.simulation.engines.lockstep.nmodl import Mechanism, calls_in, names_in
from colonnade.simulation.engines.lockstep.variables import (
    BUILT_IN,
    EVENTS,
    GIVEN,
    Variables,
    assigned_by,
    called,
    expressions,
    read_by,
    walk,
)


@dataclass
class Kernel:
    """The source of one mechanism's kernel, and what has to be known to feed it."""

    mechanism: Mechanism
    variables: Variables
    source: str = ""
    table_size: int = 0

    @property
    def arguments(self) -> list[str]:
        return self.mechanism.receive.arguments if self.mechanism.receive else []


def kernel(m: Mechanism) -> Kernel:
    """Return the kernel of a mechanism; ``UnsupportedError`` with the line for what cannot be printed."""
    return _Printer(m).kernel()


class _Printer(Equations):
    """Prints the file of a mechanism: its class template, and what the runtime calls."""

    def kernel(self) -> Kernel:
        m, v = self.m, self.v
        v.uniform[:0] = GIVEN
        self._check()
        functions = self._functions()
        parts = {
            "initial_": self._method("initial_", self._without_uniform(m.initial)),
            "current_": self._method("current_", [s for s in m.breakpoint if s[0] not in ("solve", "conductance")]),
            "state_": self._state(),
        }
        receive, receive_initial = self._receive()
        for name, _ in (*self.hoisted_uniform, *self.hoisted_slot):
            (v.uniform if (name, _) in self.hoisted_uniform else v.slots).append(name)
        text = "\n".join([functions, *parts.values(), receive, receive_initial])
        return Kernel(m, v, self._file(text), self.n_table)

    def _check(self) -> None:
        m = self.m
        for name in ("area", "diam"):
            if name in self._all_reads() and name not in m.parameters:
                raise m.refused(f"the geometry variable {name}", name)
        used = {name for body in self._bodies() for s in walk(body) for e in expressions(s) for name in calls_in(e)}
        for name in sorted(used):
            if name in EVENTS and m.kind != "artificial":
                raise m.refused(f"a synapse that sends itself events ({name})", name)
            if name not in m.blocks and name not in BUILT_IN and name not in EVENTS:
                raise m.refused(f"the function {name}", name)
        if m.kind == "artificial" and m.breakpoint:
            raise m.refused("an artificial cell with a BREAKPOINT", "BREAKPOINT")

    def _all_reads(self) -> set[str]:
        return set().union(*(read_by(self.m, body) for body in self._bodies()))

    def _receive(self) -> tuple[str, str]:
        m = self.m
        if m.receive is None:
            return "", ""
        inner = next((s[1] for s in m.receive.body if s[0] == "initial"), [])
        body = [s for s in m.receive.body if s[0] != "initial"]
        names = set(m.receive.arguments)
        methods = []
        for name, statements in (("receive_", body), ("receive_initial_", inner)):
            own = "".join(f"        T& n_{a} = arguments[{i}];\n" for i, a in enumerate(m.receive.arguments))
            methods.append(
                f"    void {name}(T* arguments, double n_flag, Sender* sender) {{\n        All k;\n"
                f"        (void)n_flag; (void)sender; (void)arguments;\n{own}"
                f"{self._body(statements, names | {'flag'})}    }}"
            )
        return methods[0], methods[1]

    def _currents(self) -> tuple[list[str], str | None]:
        """Return the lines that add a row's currents and slope, and None or a warning that the slope is numerical."""
        m = self.m
        written = [
            name
            for name, (_, kind) in self.v.ion_fields.items()
            if kind == "I" and name in {n for _, w in m.ions.values() for n in w}
        ]
        currents = [*m.currents, *m.electrode, *written]
        if not currents:
            return [], None
        sign = {name: "-" if name in m.electrode else "" for name in currents}
        slopes = self._slopes(currents)
        total = " ".join(f"{'-' if sign[name] else '+'} x.n_{name}" for name in currents).lstrip("+ ")
        if slopes is not None:
            lines = ["x.current_(All{});", *slopes]
        else:
            lines = [
                "Row<V> y = x;",
                "y.n_v = y.n_v + 0.001;",
                "y.current_(All{});",
                f"const V above = {total.replace('x.', 'y.')};",
                "x.current_(All{});",
                f"const V flow = {total}, slope = (above - flow) / 0.001, source = slope * x.n_v - flow;",
            ]
        return lines, total

    def _slopes(self, currents: list[str]) -> list[str] | None:
        """Return lines that give ``slope`` and ``source``, where all currents are (p + q v) k in the potential."""
        m = self.m
        depends = {"v"}
        body = [s for s in m.breakpoint if s[0] not in ("solve", "conductance")]
        sets = {}
        for s in body:
            if s[0] == "local":
                continue
            reads = set().union(*(names_in(e) for e in expressions(s)))
            calls = called(m, [s])
            deep = reads | set().union(*(read_by(m, m.blocks[name].body) for name in calls), set())
            if s[0] != "set":
                if deep & depends or s[0] != "do":
                    depends |= assigned_by(m, [s])
                continue
            if s[1] in currents:
                if calls or s[1] in sets:
                    return None
                sets[s[1]] = s[2]
            elif deep & depends:
                depends.add(s[1])
        slope, source = linear.ZERO, linear.ZERO
        for name in currents:
            if name not in sets or names_in(sets[name]) & (depends - {"v"}) or names_in(sets[name]) & set(currents):
                return None
            parts = linear.parts_of(sets[name], "v")
            if parts is None:
                return None
            p, q, k = parts
            one, other = linear.times(q, k), linear.negative(linear.times(p, k))
            flip = linear.negative if name in m.electrode else (lambda e: e)
            slope, source = linear.added(slope, flip(one)), linear.added(source, flip(other))
        local = {name for s in body if s[0] == "local" for name in s[1]}
        if (names_in(slope) | names_in(source)) & local:
            return None
        prefix = lambda e: self._value(e, set()).replace("n_", "x.n_")  # noqa: E731
        return [f"const V slope = as<V>({prefix(slope)}), source = as<V>({prefix(source)});"]

    def _file(self, methods: str) -> str:
        m, v = self.m, self.v
        n_slots, n_uniforms = len(v.slots), len(v.uniform)
        ions = list(m.ions)
        temporary = [
            name
            for name in (*m.assigned, *m.states)
            if name not in v.slots
            and name not in v.uniform
            and name not in v.ion_fields
            and name not in ("v", "t", "dt", "celsius")
        ]
        fields = ["const double* n_tables;"] if self.tables else []
        fields += [f"double n_{name};" for name in dict.fromkeys(["t", *v.uniform])]
        fields += [f"T n_{name}{{}};" for name in dict.fromkeys(["v", *v.slots, *v.ion_fields, *temporary])]
        constants = [
            f"static constexpr double n_{name} = {self._value(('num', value), set())};"
            for name, value in m.constants.items()
        ]
        tables = f"        n_tables = u + {n_uniforms};\n" if self.tables else ""
        load_uniform = tables + "".join(f"        n_{name} = u[{i}];\n" for i, name in enumerate(v.uniform))
        load_slots = "".join(f"        n_{name} = s[{i}];\n" for i, name in enumerate(v.slots))
        text = [
            f"// Made from {m.path.name}.",
            '#include "kernel.hpp"',
            "#define INLINE_METHOD inline __attribute__((always_inline))",
            "namespace {",
            "template <class T> struct Row {",
            *(f"    {line}" for line in constants),
            *(f"    {line}" for line in fields),
            f"    INLINE_METHOD void everywhere(const double* u, double t) {{\n        n_t = t;\n{load_uniform}    }}",
            f"    INLINE_METHOD void load(const T* s) {{\n        (void)s;\n{load_slots}    }}",
            methods,
            "};",
            self._entry("initial", m.initial, keep_all=True),
            self._current_entry(),
            self._entry("state", self._state_body()),
            self._receive_entries(),
            self._setup(),
            "}  // namespace",
        ]
        has_state = any(s[0] == "solve" for s in walk(m.breakpoint))
        touched = read_by(m, self._state_body()) | assigned_by(m, self._state_body())
        is_local = not touched & {"v", *v.ion_fields, "t"}
        flows = bool(m.breakpoint) and self._currents()[1] is not None
        receive = "receive, receive_initial" if m.receive else "nullptr, nullptr"
        text += [
            f"extern const Kernel kernel_{m.name};",
            f'const Kernel kernel_{m.name} = {{"{m.name}", {n_slots}, {n_uniforms + self.n_table}, {len(v.outputs)},',
            f"    {len(m.receive.arguments) if m.receive else 0},",
            f"    setup, initial, {'current' if flows else 'nullptr'}, {'state' if has_state else 'nullptr'},",
            f"    {'true' if is_local else 'false'}, {receive}}};",
        ]
        assert len(ions) <= 4
        return "\n".join(text) + "\n"

    def _state_body(self) -> list:
        m = self.m
        return [
            s
            for solve in walk(m.breakpoint)
            if solve[0] == "solve" and solve[1] in m.blocks
            for s in m.blocks[solve[1]].body
        ]

    def _loads(self) -> list[str]:
        """Return the lines that bring one row into a Row<V> called x."""
        m, v = self.m, self.v
        lines = [
            f"V* const s = set.slots + size_t(r) * {len(v.slots)};",
            "x.load(s);",
            "const int node = set.node[r];",
            "x.n_v = nodes.v[node];",
        ]
        for number, ion in enumerate(m.ions):
            lines.append(f"V* const ion{number} = set.ion[{number}] + set.ion_row[{number}][r] * ION;")
            lines += [f"x.n_{name} = ion{number}[{kind}];" for name, (of, kind) in v.ion_fields.items() if of == ion]
        return lines

    def _stores(self, names: set[str]) -> list[str]:
        """Return the lines that keep the variables ``names`` of a row."""
        m, v = self.m, self.v
        lines = [f"s[{i}] = x.n_{name};" for i, name in enumerate(v.slots) if name in names]
        for number, (ion, (_, written)) in enumerate(m.ions.items()):
            for name in written:
                if v.ion_fields[name][1] != "I" and name in names:
                    lines.append(f"ion{number}[{v.ion_fields[name][1]}] = x.n_{name};")
            del ion
        return lines

    def _outputs(self, names: set[str]) -> list[str]:
        """Return the lines that keep computed variables where they are recorded."""
        return [
            f"if (set.out[{i}]) set.out[{i}][r] = x.n_{name};" for i, name in enumerate(self.v.outputs) if name in names
        ]

    def _entry(self, name: str, body: list, keep_all: bool = False) -> str:
        m, v = self.m, self.v
        names = assigned_by(m, body) | (set(v.slots) if keep_all else set())
        more = (
            [f"x.n_{kept} = {self._prefixed(text)};" for kept, text in self.hoisted_slot] if name == "initial" else []
        )
        head = f"void {name}(const Set& set, const Nodes& nodes) {{\n"
        head += "    Row<V> x;\n    x.everywhere(set.uniform, nodes.t);"
        if m.kind == "artificial" and name == "initial":
            lines = [
                f"V* const s = set.slots + size_t(r) * {len(v.slots)};",
                "x.load(s);",
                "x.initial_(All{});",
                *more,
                *self._stores(names),
            ]
        else:
            computed = names if name == "state" else set()
            lines = [*self._loads(), f"x.{name}_(All{{}});", *more, *self._stores(names), *self._outputs(computed)]
            lines += ["(void)node;"]
        return (
            head
            + "\n    for (int r = 0; r < set.n; ++r) {\n"
            + "".join(f"        {x}\n" for x in lines)
            + "    }\n    (void)nodes;\n}"
        )

    def _prefixed(self, text: str) -> str:
        return re.sub(r"\bn_", "x.n_", text)

    def _current_entry(self) -> str:
        m, v = self.m, self.v
        if not m.breakpoint:
            return ""
        lines, total = self._currents()
        if total is None:
            return ""
        names = assigned_by(m, [s for s in m.breakpoint if s[0] != "solve"])
        out = [*self._loads(), *lines]
        there = " * set.there[r]" if m.kind == "point" else ""
        scale = "set.scale[node] * " if m.kind == "density" else ""
        if m.kind == "point":
            out += [
                "if (set.there) {",
                f"    nodes.rhs[node] += source{there};",
                f"    nodes.d[node] += slope{there};",
                "} else {",
                "    nodes.rhs[node] += source;",
                "    nodes.d[node] += slope;",
                "}",
            ]
        else:
            out += [f"nodes.rhs[node] += {scale}source;", f"nodes.d[node] += {scale}slope;"]
        for number, (_, written) in enumerate(m.ions.values()):
            for name in written:
                if v.ion_fields[name][1] == "I":
                    part = f"x.n_{name}" if m.kind == "density" else f"x.n_{name} / set.scale[node]"
                    out.append(
                        f"ion{number}[I] += {part}{' * (set.there ? set.there[r] : as<V>(1.0))' if there else ''};"
                    )
        out += self._stores(names)
        out += self._outputs(names)
        head = (
            "void current(const Set& set, const Nodes& nodes) {\n    Row<V> x;\n    x.everywhere(set.uniform, nodes.t);"
        )
        return head + "\n    for (int r = 0; r < set.n; ++r) {\n" + "".join(f"        {x}\n" for x in out) + "    }\n}"

    def _receive_entries(self) -> str:
        m, v = self.m, self.v
        if m.receive is None:
            return ""
        text = []
        names = assigned_by(m, m.receive.body)
        for name, extra, values in (
            ("receive", ", double time, double flag, Sender* sender", "time, flag, sender"),
            ("receive_initial", "", "0.0, 0.0, nullptr"),
        ):
            time, flag, sender = values.split(", ")
            lines = [
                f"const size_t first = (slot[i] / W) * size_t({len(v.slots)} * W) + slot[i] % W;",
                "double* const s = reinterpret_cast<double*>(set.slots) + first;",
            ]
            lines += [f"x.n_{n} = s[{j} * W];" for j, n in enumerate(v.slots)]
            if "v" in read_by(m, m.receive.body):
                lines.append("x.n_v = reinterpret_cast<const double*>(set.v + set.node[slot[i] / W])[slot[i] % W];")
            lines += [f"x.{name}_(arguments + size_t(i) * {len(m.receive.arguments)}, {flag}, {sender});"]
            lines += [f"s[{j} * W] = x.n_{n};" for j, n in enumerate(v.slots) if n in names]
            text.append(
                f"void {name}(const Set& set, int n, const uint32_t* slot, double* arguments{extra}) {{\n"
                f"    Row<double> x;\n    x.everywhere(set.uniform, {time});\n    for (int i = 0; i < n; ++i) {{\n"
                + "".join(f"        {x}\n" for x in lines)
                + "    }\n    (void)set;\n}"
            )
        return "\n".join(text)

    def _setup(self) -> str:
        """Print what is computed once for a model and the same everywhere."""
        v = self.v
        body = self._only_uniform(self.m.initial, {n for s in walk(self.m.initial) if s[0] == "local" for n in s[1]})
        text = self._body(body, set(), indent=1)
        names = {n for n, _ in self.hoisted_uniform}
        lines = [f"    double n_{name} = u[{i}];\n" for i, name in enumerate(v.uniform) if name not in names]
        lines += [
            f"    constexpr double n_{name} = {self._value(('num', value), set())}; (void)n_{name};\n"
            for name, value in self.m.constants.items()
        ]
        ends = [f"    u[{v.uniform.index(name)}] = {text_};\n" for name, text_ in self.hoisted_uniform]
        ends += [f"    u[{i}] = n_{name};\n" for i, name in enumerate(v.uniform) if name not in names]
        if self.tables:
            ends += ["    Row<double> row;\n    row.everywhere(u, 0.0);\n"]
        for name, names, low, width, count, begin, is_function in self.tables:
            call = f"row.compute_{name}(All{{}}, x)"
            keep = [
                f"u[{len(v.uniform) + begin + i * (count + 1)} + i] = {'value' if is_function else f'row.n_{n}'};"
                for i, n in enumerate(names)
            ]
            ends += [
                f"    {{\n        double x = {low!r};\n        for (int i = 0; i <= {count}; ++i, x += {width!r}) {{\n"
                f"            {'const double value = ' if is_function else ''}{call};\n"
                + "".join(f"            {line}\n" for line in keep)
                + "        }\n    }\n"
            ]
        return (
            "void setup(double* u) {\n    typedef double T;\n    const All k{};\n    (void)k;\n"
            + "".join(lines)
            + text
            + "".join(ends)
            + "}"
        )
