// One time step of a group: electrodes, currents, the tree solved, states, recordings.
#pragma once
#include "field.hpp"

inline constexpr double GAS = 8.3144626181532395, FARADAY = 96485.3321233100184, ZERO_CELSIUS = 273.15;  // CODATA 2018

inline void add_clamps(Group& g, int k) {
    for (Clamp& clamp : g.clamps) {
        while (clamp.next < clamp.step.size() && clamp.step[clamp.next] <= k) ++clamp.next;
        if (!clamp.next) continue;
        const double current = clamp.current[clamp.next - 1], conductance = clamp.conductance[clamp.next - 1];
        g.rhs[clamp.node][clamp.lane] += current;
        g.d[clamp.node][clamp.lane] += conductance;
        if (g.wants_membrane && clamp.electrode) {  // what comes in here leaves through the membrane, once v is known
            g.membrane[clamp.node][clamp.lane] += current;
            g.membrane[g.type->nodes + clamp.node][clamp.lane] += conductance;
        }
    }
}

// What rhs and d of a node start from in the next step: capacitance / dt * v and the constants.
template <class C> inline void prepare(Group& g, int i, V v) {
    g.rhs[i] = static_cast<const C*>(g.c.capacitance)[i] * v + static_cast<const C*>(g.c.constant)[i];
    g.d[i] = as<V>(static_cast<const C*>(g.c.diagonal)[i]);
}

// d v_new = rhs for each node: eliminate from the leaves to the root, then back. Node i > 0 is coupled to parent[i] < i.
// Nodes from `varying` on have constant matrix elements, eliminated beforehand. What electrodes see of the differences
// between nodes is kept, if any are there (Seen).
template <class C, bool Seen> inline void solve(Group& g) {
    const Type& type = *g.type;
    const int n = type.nodes, varying = type.varying;
    const int* __restrict parent = type.parent.data();
    const C* __restrict coupling = static_cast<const C*>(g.c.coupling);
    const C* __restrict diagonal = static_cast<const C*>(g.c.diagonal);
    const C* __restrict capacitance = static_cast<const C*>(g.c.capacitance);
    const C* __restrict constant = static_cast<const C*>(g.c.constant);
    const C* __restrict factor = static_cast<const C*>(g.c.factor);
    const C* __restrict inverse = static_cast<const C*>(g.c.inverse);
    V* __restrict v = g.v;
    V* __restrict rhs = g.rhs;
    V* __restrict d = g.d;
    const int* __restrict place = Seen ? g.field->place.data() : nullptr;
    Half* __restrict flows = Seen ? flows_of(*g.field) : nullptr;
    for (int i = n - 1; i >= varying; --i) {
        rhs[parent[i]] += factor[i] * rhs[i];
        rhs[i] *= inverse[i];
    }
    auto eliminate = [&](int i, V inv) {
        const V r = rhs[i], f = coupling[i] * inv;
        const int p = parent[i];
        d[p] -= f * coupling[i];
        rhs[p] += f * r;
        d[i] = f;
        rhs[i] = r * inv;
    };
    for (int i = varying - 1; i >= 1; --i) {
        if (i >= 2 && parent[i] != i - 1) {  // two nodes with one division, which is what takes time
            const V a = d[i], b = d[i - 1], both = 1.0 / (a * b);
            eliminate(i, both * b);
            eliminate(i - 1, both * a);
            --i;
        } else {
            eliminate(i, 1.0 / d[i]);
        }
    }
    v[0] = rhs[0] / d[0];
    prepare<C>(g, 0, v[0]);
    for (int i = 1; i < varying; ++i) {
        const V above = v[parent[i]], x = rhs[i] + d[i] * above;
        if constexpr (Seen) flows[place[i]] = __builtin_convertvector(above - x, Half);
        v[i] = x;
        rhs[i] = capacitance[i] * x + constant[i];
        d[i] = as<V>(diagonal[i]);
    }
    for (int i = varying; i < n; ++i) {
        const V above = v[parent[i]], x = rhs[i] + factor[i] * above;
        if constexpr (Seen) flows[place[i]] = __builtin_convertvector(above - x, Half);
        v[i] = x;
        rhs[i] = capacitance[i] * x + constant[i];
    }
}

inline void prepare_all(Group& g) {
    for (int i = 0; i < g.type->nodes; ++i)
        if (g.type->shared) prepare<double>(g, i, g.v[i]);
        else prepare<V>(g, i, g.v[i]);
}

// What flows through each node's membrane, outwards (nA): what comes along the tree and from electrodes.
inline void membrane_currents(Group& g) {
    const int n = g.type->nodes;
    V* im = g.membrane;
    for (int i = 0; i < n; ++i) im[i] -= im[n + i] * g.v[i];
    for (int i = 1; i < n; ++i) {
        const int p = g.type->parent[i];
        V flow = g.v[p] - g.v[i];
        if (g.type->shared) flow *= static_cast<const double*>(g.c.coupling)[i];
        else flow *= static_cast<const V*>(g.c.coupling)[i];
        im[i] += flow;
        im[p] -= flow;
    }
}

inline void Simulation::step(Group& g, int k) {
    const double t_mid = half[2 * k + 1];
    const Nodes nodes{g.v, g.rhs, g.d, t_mid};
    if (g.wants_membrane) std::fill_n(g.membrane, 2 * g.type->nodes, V{});
    add_clamps(g, k);
    for (size_t ion = 0; ion < g.ions.size(); ++ion) {
        const Ion& kind = g.type->ions[ion];
        const double slope = 1000.0 * GAS * (celsius + ZERO_CELSIUS) / FARADAY / kind.valence;
        for (int row = 0; row < kind.rows; ++row) {
            V* x = g.ions[ion] + row * ION;
            x[I] = V{};
            if (kind.advances) x[E] = slope * log_(x[CO] / x[CI]);
        }
    }
    for (size_t s = 0; s < g.sets.size(); ++s) {
        if (g.kernels[s]->current) g.kernels[s]->current(g.sets[s], nodes);
        if (g.kernels[s]->state && g.kernels[s]->state_is_local) g.kernels[s]->state(g.sets[s], nodes);
    }
    double* const out = rows + (k - begin);
    if (g.records_leak)  // as NEURON's mechanisms keep it: the current that the step began with
        for (const Probe& probe : g.probes)
            if (probe.kind == LEAK) out[probe.column * capacity] = probe.factor * (*probe.source - probe.offset);
    if (g.type->shared) g.field ? solve<double, true>(g) : solve<double, false>(g);
    else g.field ? solve<V, true>(g) : solve<V, false>(g);
    const Nodes after{g.v, g.rhs, g.d, at(k + 1)};
    for (size_t s = 0; s < g.sets.size(); ++s)
        if (g.kernels[s]->state && !g.kernels[s]->state_is_local) g.kernels[s]->state(g.sets[s], after);
    if (g.wants_membrane) membrane_currents(g);
    for (const Probe& probe : g.probes) {
        if (probe.kind == LEAK) continue;
        out[probe.column * capacity] = probe.kind == MEMBRANE ? g.membrane[probe.node][probe.lane] : *probe.source;
    }
}
