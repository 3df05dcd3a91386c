// What the runtime of lockstep holds: types of cells, groups of cells with a lane each, connections, recordings.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <utility>
#include <vector>

#include "kernel.hpp"

extern const Kernel* const KERNELS[];
extern const int N_KERNELS;

inline constexpr double JUST_AFTER = 1e-10;  // ms: NEURON sends a spike so much after the step at which it sees it

struct Spike {
    double time;
    int64_t gid;
    bool operator<(const Spike& o) const { return time != o.time ? time < o.time : gid < o.gid; }
};

// Synapses of one set in one group that hear one source after one delay.
struct Block {
    int64_t first, arguments;
    double delay;
    int32_t count, group, set;
};

struct Event {
    double time, flag;
    int64_t order;  // block, or cell of a self event
    bool operator<(const Event& o) const { return time != o.time ? time > o.time : order > o.order; }
};

struct Coefficients {  // of the tree's nodes, each (nodes,), in uS, nA: see solve
    const void *coupling, *diagonal, *capacitance, *constant, *factor, *inverse;
};

struct Ion {
    int rows;
    bool advances;  // its reversal potential follows the concentrations in every step
    double valence;
};

struct DensitySet {
    const Kernel* kernel;
    std::vector<int> node, ions;
    std::vector<std::vector<int>> ion_rows;
    std::vector<double> uniform;
};

struct Type {
    int nodes, varying;  // the first ones hold conductances that vary
    bool shared;         // the same coefficients for all cells
    std::vector<int> parent;
    std::vector<double> scale, coefficients;
    std::vector<Ion> ions;
    std::vector<DensitySet> sets;
};

struct Clamp {  // from step[i] on a conductance and a current
    int node, lane;
    bool electrode;
    std::vector<int> step;
    std::vector<double> conductance, current;
    size_t next = 0;
};

struct Probe {
    int kind;              // V to LEAK below
    const double* source;  // a lane's number
    int node, lane;
    int64_t column;
    double factor, offset;  // of a leak: its current is factor * (v - offset); a constant: factor
};
enum { POTENTIAL, MEMBRANE, SLOT, OUTPUT, ION_FIELD, CONSTANT, LEAK };

inline constexpr int FIELD_STEPS = 5;                // of a field at once, for which its weights are read once
inline constexpr double QUANTA = 17592186044416.0;  // 2^44 in 1 mV: what channels see is counted in whole numbers

template <class X> inline X* aligned(size_t count) {
    const size_t bytes = std::max<size_t>(64, (count * sizeof(X) + 63) / 64 * 64);
    void* p = std::aligned_alloc(64, bytes);
    if (!p) std::abort();
    std::memset(p, 0, bytes);
    return static_cast<X*>(p);
}


struct Aligned {
    void operator()(void* p) const { std::free(p); }
};

// What channels of electrodes see of a group. Rows are currents along the tree, which fill pairs, then those of
// electrodes, each in the first row of a pair.
typedef float Pair __attribute__((vector_size(W * 8), may_alias));  // two rows, the lanes of each
typedef float Half __attribute__((vector_size(W * 4), may_alias));
struct Field {
    int rows, channels, waiting = 0;          // steps that wait in `flows`
    int along;                                // pairs of rows of currents along the tree
    std::vector<int> place;                   // (nodes,) of the current from the parent in flows; past them if unseen
    std::map<int, int> electrodes;            // node and row
    std::unique_ptr<Pair[], Aligned> weights; // (rows / 2, channels)
    std::unique_ptr<Pair[], Aligned> flows;   // (rows / 2 + 1, FIELD_STEPS): mV between nodes, nA of electrodes
    std::unique_ptr<V[], Aligned> total;      // (channels, FIELD_STEPS) mV
    std::vector<int64_t> column;              // (channels, W) of the sums, -1 for none
    std::vector<char> together;               // (channels,) whether it is the same one for all lanes
};

struct Group : Sender {
    int number = 0, cells = 0;
    const Type* type = nullptr;
    std::vector<int64_t> gids;
    std::unique_ptr<char, Aligned> memory;
    size_t bytes = 0;
    V *v = nullptr, *rhs = nullptr, *d = nullptr, *membrane = nullptr;
    Coefficients c{};
    std::vector<V*> ions;
    std::vector<Set> sets;
    std::vector<const Kernel*> kernels;
    std::vector<std::vector<int>> own_nodes;
    std::vector<std::vector<double>> own_uniforms;
    std::vector<std::vector<double>> own_there;
    std::vector<std::vector<V*>> outputs;
    std::vector<std::unique_ptr<V[], Aligned>> kept;
    std::vector<Clamp> clamps;
    std::vector<Probe> probes;
    std::unique_ptr<Field> field;
    bool above[W] = {};
    bool point = false, wants_membrane = false, records_leak = false;
    std::deque<double> constants;
    std::vector<Spike> spikes;
    std::priority_queue<Event> events, self_events;
    // of an artificial cell that receives: itself, its outstanding event, and what was moved
    int64_t receiver = 0;
    double now = 0;
    std::vector<double> outstanding;
    std::multiset<std::pair<int64_t, double>> moved;

    void send(double time, double flag) override {
        self_events.push({time, flag, receiver});
        outstanding[receiver] = time;
    }
    void move(double time) override {
        moved.insert({receiver, outstanding[receiver]});
        send(time, 1.0);
    }
    void fire(double time) override { spikes.push_back({time, gids[receiver]}); }
};

struct Simulation {
    int n_steps, exchange, threads;
    double dt, celsius, v_init, threshold;
    std::vector<double> half;  // (2 n_steps + 1,) ms, NEURON's own clock, by half steps
    std::vector<std::unique_ptr<Type>> types;
    std::vector<std::unique_ptr<Group>> groups;
    // connections by source: source_gids ascending, their blocks, the synapses of these
    std::vector<int64_t> source_gids, first_block;
    std::vector<Block> blocks;
    std::vector<uint32_t> slots;
    std::vector<double> arguments;
    std::vector<Spike> external, all_spikes, fresh;
    size_t next_external = 0;
    int now = 0;
    // recordings: columns (E, capacity) of the steps since `begin`
    double* rows = nullptr;
    int64_t capacity = 0;
    int begin = 0;
    // what channels see, in quanta: rows (steps, n_sums), of which the first n_shared are of cells of several groups
    int64_t* sums = nullptr;
    int64_t n_sums = 0, n_shared = 0;

    double at(int step) const { return half[2 * step]; }

    void initialise();
    void run_group(Group& g, int b, int e, bool last, int64_t* shared, int shared_begin);
    void add_field(Group& g, int last, int64_t* shared, int shared_begin);
    void run_points(Group& g, double until);
    void deliver(Group& g, double until);
    void step(Group& g, int k);
    void inject(int from, int to, const std::vector<Spike>& spikes);
    void take_spikes();
    void advance(int to, bool exchange_here);
};

