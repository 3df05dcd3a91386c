// The engine lockstep: groups of cells, a lane each, that go together through the steps of one shortest delay, then hear
// of each other's spikes. These are its calls, in the order in which a simulation is built. See docs/lockstep.md.
#include <cmath>
#include <cstring>

#include "run.hpp"
#include "state.hpp"

static const Kernel* kernel_of(const char* name) {
    for (int i = 0; i < N_KERNELS; ++i)
        if (!std::strcmp(KERNELS[i]->name, name)) return KERNELS[i];
    return nullptr;
}

// Keep columns (6, nodes) of each lane, or of all, as coefficients.
static void place_coefficients(Group& g, const double* values, bool shared, char* memory) {
    const int n = g.type->nodes;
    const void** targets[6] = {&g.c.coupling, &g.c.diagonal, &g.c.capacitance, &g.c.constant, &g.c.factor, &g.c.inverse};
    for (int j = 0; j < 6; ++j) {
        if (shared) {
            *targets[j] = values + size_t(j) * n;
            continue;
        }
        V* at = reinterpret_cast<V*>(memory) + size_t(j) * n;
        *targets[j] = at;
        for (int i = 0; i < n; ++i)
            for (int lane = 0; lane < W; ++lane)
                at[i][lane] = values[(size_t(std::min(lane, g.cells - 1)) * 6 + j) * n + i];
    }
}

extern "C" {

int lockstep_lanes() { return W; }

void lockstep_uniforms(const char* kernel, double* values) { kernel_of(kernel)->setup(values); }

Simulation* lockstep_new(int n_steps, double dt, double celsius, double v_init, double threshold, const double* half,
                         int exchange, int threads) {
    auto* s = new Simulation;
    s->n_steps = n_steps;
    s->exchange = exchange;
    s->threads = threads;
    s->dt = dt;
    s->celsius = celsius;
    s->v_init = v_init;
    s->threshold = threshold;
    s->half.assign(half, half + 2 * size_t(n_steps) + 1);
    return s;
}

void lockstep_delete(Simulation* s) { delete s; }

int lockstep_type(Simulation* s, int nodes, int varying, const int* parent, const double* scale,
                  const double* coefficients) {
    auto type = std::make_unique<Type>();
    type->nodes = nodes;
    type->varying = varying;
    type->shared = coefficients != nullptr;
    type->parent.assign(parent, parent + nodes);
    type->scale.assign(scale, scale + nodes);
    if (coefficients) type->coefficients.assign(coefficients, coefficients + 6 * size_t(nodes));
    s->types.push_back(std::move(type));
    return static_cast<int>(s->types.size()) - 1;
}

void lockstep_ion(Simulation* s, int type, int rows, int advances, double valence) {
    s->types[type]->ions.push_back({rows, advances != 0, valence});
}

int lockstep_density(Simulation* s, int type, const char* kernel, int n, const int* node, int n_ions, const int* ions,
                     const int* ion_rows, const double* uniform) {
    DensitySet set{kernel_of(kernel), {node, node + n}, {ions, ions + n_ions}, {}, {}};
    if (!set.kernel) return -1;
    for (int i = 0; i < n_ions; ++i) set.ion_rows.emplace_back(ion_rows + size_t(i) * n, ion_rows + size_t(i + 1) * n);
    set.uniform.assign(uniform, uniform + set.kernel->n_uniforms);
    s->types[type]->sets.push_back(std::move(set));
    return static_cast<int>(s->types[type]->sets.size()) - 1;
}

static int add_set(Group& g, const Kernel* kernel) {
    g.sets.emplace_back();
    g.kernels.push_back(kernel);
    g.own_nodes.emplace_back();
    g.own_uniforms.emplace_back();
    g.own_there.emplace_back();
    g.outputs.emplace_back(kernel->n_outputs);
    return static_cast<int>(g.sets.size()) - 1;
}

int lockstep_group(Simulation* s, int type, int cells, const int64_t* gids) {
    auto g = std::make_unique<Group>();
    g->number = static_cast<int>(s->groups.size());
    g->type = s->types[type].get();
    g->cells = cells;
    g->gids.assign(gids, gids + cells);
    for (const DensitySet& set : g->type->sets) add_set(*g, set.kernel);
    s->groups.push_back(std::move(g));
    return static_cast<int>(s->groups.size()) - 1;
}

// Synapses on n nodes of a group, there (n, W) or null; returns the number of the set.
int lockstep_synapses(Simulation* s, int group, const char* kernel, int n, const int* node, const double* uniform,
                      const double* there, int n_ions, const int* ions, const int* ion_rows) {
    Group& g = *s->groups[group];
    const Kernel* k = kernel_of(kernel);
    if (!k) return -1;
    const int number = add_set(g, k);
    g.own_nodes[number].assign(node, node + n);
    for (int i = 0; i < n_ions; ++i)
        g.own_nodes[number].insert(g.own_nodes[number].end(), ion_rows + size_t(i) * n, ion_rows + size_t(i + 1) * n);
    g.own_uniforms[number].assign(uniform, uniform + k->n_uniforms);
    if (there) g.own_there[number].assign(there, there + size_t(n) * W);
    g.sets[number].n = n;
    for (int i = 0; i < n_ions; ++i) g.sets[number].ion_row[i] = reinterpret_cast<const int*>(intptr_t(ions[i] + 1));
    return number;
}

// Artificial cells; values (n, n_slots).
int lockstep_points(Simulation* s, const char* kernel, int n, const int64_t* gids, const double* uniform,
                    const double* values) {
    const Kernel* k = kernel_of(kernel);
    if (!k) return -1;
    auto g = std::make_unique<Group>();
    g->number = static_cast<int>(s->groups.size());
    g->point = true;
    g->cells = n;
    g->gids.assign(gids, gids + n);
    g->outstanding.assign(n, 0.0);
    add_set(*g, k);
    g->own_uniforms[0].assign(uniform, uniform + k->n_uniforms);
    const int rows = (n + W - 1) / W;
    g->bytes = size_t(rows) * k->n_slots * sizeof(V);
    g->memory.reset(aligned<char>(g->bytes));
    Set& set = g->sets[0];
    set.n = rows;
    set.slots = reinterpret_cast<V*>(g->memory.get());
    set.uniform = g->own_uniforms[0].data();
    set.out = g->outputs[0].data();
    for (int i = 0; i < rows * W; ++i)
        for (int j = 0; j < k->n_slots; ++j)
            set.slots[(i / W) * k->n_slots + j][i % W] = values[size_t(std::min(i, n - 1)) * k->n_slots + j];
    s->groups.push_back(std::move(g));
    return static_cast<int>(s->groups.size()) - 1;
}

// Lay out a group's memory, when all its sets are known. coefficients: (cells, 6, nodes), null where its type has them.
void lockstep_lay_out(Simulation* s, int group, int wants_membrane, const double* coefficients) {
    Group& g = *s->groups[group];
    const Type& type = *g.type;
    const size_t n = type.nodes;
    g.wants_membrane = wants_membrane;
    size_t count = 3 * n + (wants_membrane ? 2 * n : 0) + (coefficients ? 6 * n : 0);
    for (const Ion& ion : type.ions) count += size_t(ion.rows) * ION;
    for (size_t i = 0; i < g.sets.size(); ++i) {
        const int rows = i < type.sets.size() ? static_cast<int>(type.sets[i].node.size()) : g.sets[i].n;
        count += size_t(rows) * g.kernels[i]->n_slots + (g.own_there[i].empty() ? 0 : rows);
    }
    g.bytes = count * sizeof(V);
    g.memory.reset(aligned<char>(g.bytes));
    V* next = reinterpret_cast<V*>(g.memory.get());
    auto take = [&](size_t k) { return next += k, next - k; };
    g.v = take(n);
    g.rhs = take(n);
    g.d = take(n);
    if (wants_membrane) g.membrane = take(2 * n);
    if (coefficients) place_coefficients(g, coefficients, false, reinterpret_cast<char*>(take(6 * n)));
    else place_coefficients(g, type.coefficients.data(), true, nullptr);
    for (const Ion& ion : type.ions) g.ions.push_back(take(size_t(ion.rows) * ION));
    for (size_t i = 0; i < g.sets.size(); ++i) {
        Set& set = g.sets[i];
        const bool density = i < type.sets.size();
        if (density) {
            const DensitySet& from = type.sets[i];
            set.n = static_cast<int>(from.node.size());
            set.node = from.node.data();
            set.uniform = from.uniform.data();
            for (size_t j = 0; j < from.ions.size(); ++j) {
                set.ion_row[j] = from.ion_rows[j].data();
                set.ion[j] = g.ions[from.ions[j]];
            }
        } else {
            set.node = g.own_nodes[i].data();
            set.uniform = g.own_uniforms[i].data();
            for (int j = 0; j < 4 && set.ion_row[j]; ++j) {
                set.ion[j] = g.ions[reinterpret_cast<intptr_t>(set.ion_row[j]) - 1];
                set.ion_row[j] = g.own_nodes[i].data() + size_t(j + 1) * set.n;
            }
        }
        set.scale = type.scale.data();
        set.v = g.v;
        set.out = g.outputs[i].data();
        set.slots = take(size_t(set.n) * g.kernels[i]->n_slots);
        if (!g.own_there[i].empty()) {
            V* there = take(set.n);
            std::memcpy(there, g.own_there[i].data(), size_t(set.n) * sizeof(V));
            set.there = there;
        }
    }
}

// Values of one lane, or of all for lane -1: slots (rows, n_slots) of a set, or an ion's table (rows, ION).
static void fill(V* table, size_t count, int lane, const double* values) {
    for (size_t i = 0; i < count; ++i) {
        if (lane < 0) table[i] = as<V>(values[i]);
        else table[i][lane] = values[i];
    }
}
void lockstep_fill_set(Simulation* s, int group, int set, int lane, const double* values) {
    Group& g = *s->groups[group];
    fill(g.sets[set].slots, size_t(g.sets[set].n) * g.kernels[set]->n_slots, lane, values);
}
void lockstep_fill_ion(Simulation* s, int group, int ion, int lane, const double* values) {
    Group& g = *s->groups[group];
    fill(g.ions[ion], size_t(g.type->ions[ion].rows) * ION, lane, values);
}

void lockstep_connections(Simulation* s, int64_t n_sources, const int64_t* gids, const int64_t* first_block,
                          const int64_t* first, const int64_t* arguments_at, const double* delay, const int32_t* count,
                          const int32_t* group, const int32_t* set, int64_t n_slots, const uint32_t* slots,
                          int64_t n_arguments, const double* arguments) {
    s->source_gids.assign(gids, gids + n_sources);
    s->first_block.assign(first_block, first_block + n_sources + 1);
    const int64_t n_blocks = first_block[n_sources];
    s->blocks.resize(n_blocks);
    for (int64_t i = 0; i < n_blocks; ++i)
        s->blocks[i] = {first[i], arguments_at[i], delay[i], count[i], group[i], set[i]};
    s->slots.assign(slots, slots + n_slots);
    s->arguments.assign(arguments, arguments + n_arguments);
}

void lockstep_external(Simulation* s, int64_t n, const double* times, const int64_t* gids) {
    s->external.resize(n);
    for (int64_t i = 0; i < n; ++i) s->external[i] = {times[i], gids[i]};
}

void lockstep_clamp(Simulation* s, int group, int node, int lane, int electrode, int n, const int* step,
                    const double* conductance, const double* current) {
    s->groups[group]->clamps.push_back({node, lane, electrode != 0, {step, step + n}, {conductance, conductance + n},
                                        {current, current + n}});
}

// Record a number of one lane: POTENTIAL or MEMBRANE of node `row`, SLOT or OUTPUT `field` of a set's row, ION_FIELD
// `field` of an ion's row, a CONSTANT, or the LEAK current of node `row`; `number` is the set or the ion.
static void add_probe(Group& g, int kind, int number, int row, int field, int lane, int64_t column, const double* values) {
    Probe probe{kind, nullptr, row, lane, column, values[0], values[1]};
    auto lane_of = [&](V* x) { return reinterpret_cast<const double*>(x) + lane; };
    if (kind == POTENTIAL || kind == LEAK) probe.source = lane_of(g.v + row);
    if (kind == SLOT) probe.source = lane_of(g.sets[number].slots + size_t(row) * g.kernels[number]->n_slots + field);
    if (kind == OUTPUT) {
        V*& kept = g.outputs[number][field];
        if (!kept) {
            kept = aligned<V>(g.sets[number].n);
            g.kept.emplace_back(kept);
        }
        probe.source = lane_of(kept + row);
    }
    if (kind == ION_FIELD) probe.source = lane_of(g.ions[number] + size_t(row) * ION + field);
    if (kind == CONSTANT) probe.source = &g.constants.emplace_back(values[0]);
    g.records_leak |= kind == LEAK;
    g.probes.push_back(probe);
}

// table (n, 6): group, kind, number, row, field, lane of each column; of synapses the row is row * W + lane. values (n, 2).
void lockstep_probes(Simulation* s, int64_t n, const int* table, const double* values) {
    for (int64_t i = 0; i < n; ++i, table += 6) {
        Group& g = *s->groups[table[0]];
        const bool synapse = table[1] == SLOT || table[1] == OUTPUT;
        const bool own = synapse && table[2] >= static_cast<int>(g.type->sets.size());
        add_probe(g, table[1], table[2], own ? table[3] / W : table[3], table[4], table[5], i, values + 2 * i);
    }
}

// What channels see of a group, when its clamps are known: the currents to `node` (n,) from their parents, then those of
// the electrodes at `electrode` (n_electrodes,); weights (cells, n + n_electrodes, channels), columns (cells, channels).
void lockstep_field(Simulation* s, int group, int n, const int* node, int n_electrodes, const int* electrode, int channels,
                    const float* weights, const int64_t* columns) {
    Group& g = *s->groups[group];
    g.field = std::make_unique<Field>();
    Field& f = *g.field;
    f.along = (n + 1) / 2;
    f.rows = 2 * (f.along + n_electrodes);
    f.channels = channels;
    f.place.assign(g.type->nodes, place_of_flow(f.rows));
    for (int row = 0; row < n; ++row) f.place[node[row]] = place_of_flow(row);
    for (int i = 0; i < n_electrodes; ++i) f.electrodes[electrode[i]] = 2 * (f.along + i);
    f.weights.reset(aligned<Pair>(size_t(f.rows / 2) * channels));
    f.flows.reset(aligned<Pair>(size_t(f.rows / 2 + 1) * FIELD_STEPS));
    f.total.reset(aligned<V>(size_t(channels) * FIELD_STEPS));
    f.column.assign(size_t(channels) * W, -1);
    f.together.assign(channels, 1);
    for (int lane = 0; lane < g.cells; ++lane)
        for (int c = 0; c < channels; ++c) {
            f.together[c] &= columns[c] >= 0 && columns[size_t(lane) * channels + c] == columns[c];
            f.column[size_t(c) * W + lane] = columns[size_t(lane) * channels + c];
            for (int i = 0; i < n + n_electrodes; ++i) {
                const int row = i < n ? i : 2 * (f.along + i - n);
                f.weights[place_of_weight(f, row, c)][row % 2 * W + lane] =
                    weights[(size_t(lane) * (n + n_electrodes) + i) * channels + c];
            }
        }
}

void lockstep_initialise(Simulation* s) { s->initialise(); }

int lockstep_now(Simulation* s) { return s->now; }

// Recordings go into rows (columns, capacity), what channels see into sums (capacity, n_sums), which begin with 0.
void lockstep_record_into(Simulation* s, double* rows, int64_t capacity, int64_t* sums, int64_t n_sums, int64_t n_shared) {
    s->rows = rows;
    s->capacity = capacity;
    s->sums = sums;
    s->n_sums = n_sums;
    s->n_shared = n_shared;
    s->begin = s->now;
}

int lockstep_advance(Simulation* s, int to, int exchange_here) {
    s->advance(to, exchange_here != 0);
    return s->now;
}

// Spikes of the last interval, or of all since the last call of lockstep_forget.
int64_t lockstep_spikes(Simulation* s, int fresh, double* times, int64_t* gids) {
    const auto& spikes = fresh ? s->fresh : s->all_spikes;
    if (times)
        for (size_t i = 0; i < spikes.size(); ++i) times[i] = spikes[i].time, gids[i] = spikes[i].gid;
    return static_cast<int64_t>(spikes.size());
}
void lockstep_forget(Simulation* s) { s->all_spikes.clear(); }

void lockstep_inject(Simulation* s, int64_t n, const double* times, const int64_t* gids) {
    std::vector<Spike> spikes(n);
    for (int64_t i = 0; i < n; ++i) spikes[i] = {times[i], gids[i]};
    s->inject(0, static_cast<int>(s->groups.size()), spikes);
}

int lockstep_state(Simulation* s, const char* path, int saves) { return save_or_restore(s, path, saves != 0); }

// The potential of each cell that is farthest from 0 (mV), with its node; of artificial cells their first slot.
void lockstep_worst(Simulation* s, int group, double* values, int* node) {
    const Group& g = *s->groups[group];
    for (int cell = 0; cell < g.cells; ++cell) {
        node[cell] = 0;
        if (g.point) {
            values[cell] = g.sets[0].slots[(cell / W) * g.kernels[0]->n_slots][cell % W];
            continue;
        }
        values[cell] = g.v[0][cell];
        for (int i = 1; i < g.type->nodes; ++i) {
            const double v = g.v[i][cell];
            if (!(std::fabs(v) <= std::fabs(values[cell]))) values[cell] = v, node[cell] = i;
            if (v != v) break;
        }
    }
}

}  // extern "C"
