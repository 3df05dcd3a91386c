// What channels of electrodes see of the cells of a group: the current along each branch of a tree leaves one node and
// enters the next, so it counts with the difference of their weights; the current of an electrode with that of its node.
#pragma once
#include <algorithm>

#include "model.hpp"

inline constexpr int SEEN_TOGETHER = W == 8 ? 4 : 2;  // channels, as many as there are registers for
inline constexpr int IN_SINGLE = 64;                 // pairs of rows whose terms are added in single precision

// How many pairs of rows from `first` on are added in single precision: an electrode's alone, so that what a cell gives
// does not depend on which electrodes other cells of its group have.
inline int pairs_in_single(const Field& f, int first) {
    return first < f.along ? std::min(IN_SINGLE, f.along - first) : 1;
}

// Where the weight of a row for a channel is: weights follow each other as they are used.
inline size_t place_of_weight(const Field& f, int row, int channel) {
    const int pair = row / 2, first = pair < f.along ? pair / IN_SINGLE * IN_SINGLE : pair;
    const int count = pairs_in_single(f, first);
    const int alone = f.channels / SEEN_TOGETHER * SEEN_TOGETHER;  // from this channel on
    const int block = channel < alone ? channel / SEEN_TOGETHER * SEEN_TOGETHER : channel;
    const int width = channel < alone ? SEEN_TOGETHER : 1;
    return size_t(first) * f.channels + size_t(block) * count + (pair - first) * width + channel - block;
}

// Where the current of a row is among the halves of flows, in the first of the steps that wait.
inline int place_of_flow(int row) { return row / 2 * FIELD_STEPS * 2 + row % 2; }

// Where the flows of the step that is under way begin.
inline Half* flows_of(const Field& f) { return reinterpret_cast<Half*>(f.flows.get() + f.waiting); }

// Keep the currents (nA) of electrodes in the step that is done; those along the tree are kept where it is solved.
inline void keep_electrodes(Group& g) {
    Field& f = *g.field;
    Half* const flows = flows_of(f);
    for (const auto& [node, row] : f.electrodes) flows[place_of_flow(row)] = Half{};
    for (const Clamp& clamp : g.clamps) {
        if (!clamp.electrode || !clamp.next) continue;
        const size_t now = clamp.next - 1;
        const double into = clamp.current[now] - clamp.conductance[now] * g.v[clamp.node][clamp.lane];
        flows[place_of_flow(f.electrodes.at(clamp.node))][clamp.lane] += static_cast<float>(into);
    }
    ++f.waiting;
}

// Add what N channels see of `pairs` pairs of rows: weights (pairs, N), total (N, FIELD_STEPS).
template <int N> inline void add_channels(const Pair* weights, const Pair* flows, int pairs, V* total) {
    Pair sum[N][FIELD_STEPS] = {};
    for (int p = 0; p < pairs; ++p, weights += N, flows += FIELD_STEPS) {
        Pair flow[FIELD_STEPS];
#pragma GCC unroll 8
        for (int t = 0; t < FIELD_STEPS; ++t) {
            flow[t] = flows[t];
            IN_REGISTER(flow[t]);
        }
#pragma GCC unroll 8
        for (int n = 0; n < N; ++n) {
            Pair weight = weights[n];
            IN_REGISTER(weight);
#pragma GCC unroll 8
            for (int t = 0; t < FIELD_STEPS; ++t) sum[n][t] += weight * flow[t];
        }
    }
    for (int c = 0; c < N; ++c)
        for (int t = 0; t < FIELD_STEPS; ++t) {
            Half half[2];
            std::memcpy(half, &sum[c][t], sizeof half);
            total[c * FIELD_STEPS + t] += __builtin_convertvector(half[0], V) + __builtin_convertvector(half[1], V);
        }
}

// Add the steps that wait, of which the last is step `last`, to the sums: those of parts of many groups into `shared`,
// a thread's rows from step `shared_begin` on, the others into their rows of the simulation.
inline void Simulation::add_field(Group& g, int last, int64_t* shared, int shared_begin) {
    Field& f = *g.field;
    const int pairs = f.rows / 2;
    std::fill_n(f.total.get(), size_t(f.channels) * FIELD_STEPS, V{});
    for (int first = 0, count; first < pairs; first += count) {
        count = pairs_in_single(f, first);
        const Pair* weights = f.weights.get() + size_t(first) * f.channels;
        const Pair* const flows = f.flows.get() + size_t(first) * FIELD_STEPS;
        int c = 0;
        for (; c + SEEN_TOGETHER <= f.channels; c += SEEN_TOGETHER)
            add_channels<SEEN_TOGETHER>(weights + c * count, flows, count, &f.total[c * FIELD_STEPS]);
        for (; c < f.channels; ++c) add_channels<1>(weights + c * count, flows, count, &f.total[c * FIELD_STEPS]);
    }
    for (int t = 0; t < f.waiting; ++t) {
        const int step = last + 1 - f.waiting + t;
        int64_t* const parts = shared + int64_t(step - shared_begin) * n_shared;
        int64_t* const row = sums + int64_t(step - begin) * n_sums;
        for (int c = 0; c < f.channels; ++c) {
            const L quanta = __builtin_convertvector(f.total[c * FIELD_STEPS + t] * QUANTA, L);
            if (f.together[c]) {
                int64_t sum = 0;
                for (int lane = 0; lane < W; ++lane) sum += quanta[lane];
                const int64_t column = f.column[size_t(c) * W];
                (column < n_shared ? parts : row)[column] += sum;
                continue;
            }
            for (int lane = 0; lane < g.cells; ++lane) {
                const int64_t column = f.column[size_t(c) * W + lane];
                if (column >= 0) (column < n_shared ? parts : row)[column] += quanta[lane];
            }
        }
    }
    f.waiting = 0;
}
