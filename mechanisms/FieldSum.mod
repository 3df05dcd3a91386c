: What the channels of an electrode see of the cell that this is on, summed up inside the steps.
:
: `address` is that of a CellField, in the memory of the process (48 bits, which a double holds exactly). After each step
: the cell's values, potentials or membrane currents, are kept; when STEPS of them wait, or a block of steps ends, they
: are multiplied with the weights of the channels. A sum does not depend on which steps wait together.

NEURON {
    THREADSAFE
    POINT_PROCESS FieldSum
    RANGE address
}

PARAMETER {
    address = 0
}

VERBATIM
#include <cstdint>
#include <cstring>

namespace {
constexpr int LANES = 8, STEPS = 8;
#ifdef __AVX512F__
constexpr int TOGETHER = 4;  /* channels, and steps, for as many sums as there are registers */
#else
constexpr int TOGETHER = 2;
#endif
constexpr double QUANTA = 17592186044416.0;  /* 2^44 in 1 mV: sums over cells are of whole numbers, in any order */
typedef double Lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

/* Laid out by FieldSums, in numbers of 64 bits. */
struct CellField {
    int64_t nodes;          /* of the cell that count; weights and values have room for a multiple of LANES */
    int64_t channels;       /* a multiple of TOGETHER */
    int64_t membrane;       /* whether the values are membrane currents (nA) and not potentials (mV) */
    int64_t steps, done;    /* of this block of steps */
    int64_t width;          /* of a row of sums */
    int64_t* sums;          /* (threads, steps, width) quanta */
    const int64_t* node;    /* (nodes) their numbers on the thread */
    const int64_t* column;  /* (channels) in a row of sums, -1 for none */
    const double* weights;  /* (channels, room) */
    double* values;         /* (STEPS, room) */
};

inline void add_sums(const CellField& field, int64_t room, int64_t channel, int step, int waiting, int64_t* rows) {
    Lanes sum[TOGETHER][TOGETHER] = {};
    for (int64_t i = 0; i < room; i += LANES) {
        Lanes value[TOGETHER], weight;
        for (int k = 0; k < TOGETHER; ++k) std::memcpy(&value[k], field.values + (step + k) * room + i, sizeof weight);
        for (int c = 0; c < TOGETHER; ++c) {
            std::memcpy(&weight, field.weights + (channel + c) * room + i, sizeof weight);
            for (int k = 0; k < TOGETHER; ++k) sum[c][k] += weight * value[k];
        }
    }
    for (int c = 0; c < TOGETHER; ++c) {
        const int64_t column = field.column[channel + c];
        for (int k = 0; k < TOGETHER && column >= 0 && step + k < waiting; ++k) {
            const Lanes& x = sum[c][k];
            const double seen = ((x[0] + x[4]) + (x[1] + x[5])) + ((x[2] + x[6]) + (x[3] + x[7]));
            rows[k * field.width + column] += static_cast<int64_t>(seen * QUANTA);
        }
    }
}

__attribute__((noinline)) void after_step(double place, const double* potentials, const double* currents, int thread) {
    CellField& field = *reinterpret_cast<CellField*>(static_cast<std::uintptr_t>(place));
    const int64_t room = (field.nodes + LANES - 1) / LANES * LANES;
    const int waiting = static_cast<int>(field.done % STEPS) + 1;
    const double* const source = field.membrane ? currents : potentials;
    double* const values = field.values + (waiting - 1) * room;
    for (int64_t i = 0; i < field.nodes; ++i) values[i] = source[field.node[i]];
    ++field.done;
    if (waiting < STEPS && field.done < field.steps) return;
    int64_t* const rows = field.sums + (thread * field.steps + field.done - waiting) * field.width;
    for (int step = 0; step < waiting; step += TOGETHER)
        for (int64_t channel = 0; channel < field.channels; channel += TOGETHER)
            add_sums(field, room, channel, step, waiting, rows + step * field.width);
}
}
ENDVERBATIM

AFTER SOLVE {
VERBATIM
    if (address > 0) {
#ifdef CORENEURON_BUILD
        const double* const currents = nt->nrn_fast_imem ? nt->nrn_fast_imem->nrn_sav_rhs : nullptr;
        after_step(address, nt->_actual_v, currents, nt->id);
#else
        after_step(address, _nt->node_voltage_storage(), _nt->node_sav_rhs_storage(), _nt->_id);
#endif
    }
ENDVERBATIM
}
