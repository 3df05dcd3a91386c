// From step to step on several threads: events are delivered, groups run one exchange interval, spikes are exchanged.
#pragma once
#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "step.hpp"

// A meeting of all threads: look for the others for a while, then sleep until they come.
class Barrier {
public:
    explicit Barrier(int n) : n_(n) {}
    void wait() {
        const unsigned mine = round_.load();
        if (arrived_.fetch_add(1) == n_ - 1) {
            arrived_ = 0;
            round_.fetch_add(1);
            round_.notify_all();
            return;
        }
        for (int i = 0; i < 4000 && round_.load() == mine; ++i) {
#if defined(__x86_64__)
            __builtin_ia32_pause();
#endif
        }
        while (round_.load() == mine) round_.wait(mine);
    }

private:
    const int n_;
    std::atomic<int> arrived_{0};
    std::atomic<unsigned> round_{0};
};

// As long as it lives, this thread takes numbers below the least normal one for 0, with which processors are slow: a
// conductance that has decayed for 700 time constants.
class FlushDenormals {
public:
#if defined(__x86_64__)
    FlushDenormals() : before_(__builtin_ia32_stmxcsr()) { __builtin_ia32_ldmxcsr(before_ | 0x8040); }
    ~FlushDenormals() { __builtin_ia32_ldmxcsr(before_); }

private:
    unsigned before_;
#elif defined(__aarch64__)
    FlushDenormals() {
        asm volatile("mrs %0, fpcr" : "=r"(before_));
        asm volatile("msr fpcr, %0" : : "r"(before_ | (uint64_t(1) << 24)));
    }
    ~FlushDenormals() { asm volatile("msr fpcr, %0" : : "r"(before_)); }

private:
    uint64_t before_;
#endif
};


inline void Simulation::deliver(Group& g, double until) {
    while (!g.events.empty() && g.events.top().time <= until) {
        const Event event = g.events.top();
        const Block& block = blocks[event.order];
        g.events.pop();
        g.kernels[block.set]->receive(g.sets[block.set], block.count, &slots[block.first], &arguments[block.arguments],
                                      event.time, 0.0, nullptr);
    }
}

inline void Simulation::run_points(Group& g, double until) {
    const Kernel& kernel = *g.kernels[0];
    while (true) {
        const double heard = g.events.empty() ? HUGE_VAL : g.events.top().time;
        const double own = g.self_events.empty() ? HUGE_VAL : g.self_events.top().time;
        if (std::min(heard, own) > until) return;
        if (own <= heard) {
            const Event event = g.self_events.top();
            g.self_events.pop();
            const auto gone = g.moved.find({event.order, event.time});
            if (gone != g.moved.end()) {
                g.moved.erase(gone);
                continue;
            }
            g.receiver = event.order;
            const uint32_t slot = static_cast<uint32_t>(event.order);
            double none[16] = {};
            kernel.receive(g.sets[0], 1, &slot, none, event.time, event.flag, &g);
            continue;
        }
        const Event event = g.events.top();
        g.events.pop();
        const Block& block = blocks[event.order];
        for (int i = 0; i < block.count; ++i) {
            g.receiver = slots[block.first + i];
            kernel.receive(g.sets[0], 1, &slots[block.first + i],
                           &arguments[block.arguments + int64_t(i) * kernel.n_arguments], event.time, 0.0, &g);
        }
    }
}

// Steps b to e, excluded; `last` tells that the simulation stops there. For `shared` see add_field.
inline void Simulation::run_group(Group& g, int b, int e, bool last, int64_t* shared, int shared_begin) {
    if (g.point) {
        for (int k = b; k < e; ++k) run_points(g, at(k) + 0.5 * dt);
        run_points(g, at(e));
        return;
    }
    for (int k = b; k < e; ++k) {
        for (int lane = 0; lane < g.cells; ++lane) {
            const bool above = g.v[0][lane] > threshold;
            if (above && !g.above[lane]) g.spikes.push_back({at(k) + JUST_AFTER, g.gids[lane]});
            g.above[lane] = above;
        }
        deliver(g, at(k) + 0.5 * dt);
        step(g, k);
        if (!g.field) continue;
        keep_electrodes(g);
        if (g.field->waiting == FIELD_STEPS || (last && k == e - 1)) add_field(g, k, shared, shared_begin);
    }
}

// Tell the groups from..to - 1 of spikes.
inline void Simulation::inject(int from, int to, const std::vector<Spike>& spikes) {
    for (const Spike& spike : spikes) {
        const auto found = std::lower_bound(source_gids.begin(), source_gids.end(), spike.gid);
        if (found == source_gids.end() || *found != spike.gid) continue;
        const size_t source = found - source_gids.begin();
        const Block* const last = blocks.data() + first_block[source + 1];
        const Block* block = blocks.data() + first_block[source];
        block = std::lower_bound(block, last, from, [](const Block& x, int group) { return x.group < group; });
        for (; block < last && block->group < to; ++block)
            groups[block->group]->events.push({spike.time + block->delay, 0.0, block - blocks.data()});
    }
}

inline void Simulation::take_spikes() {
    fresh.clear();
    for (auto& g : groups) {
        fresh.insert(fresh.end(), g->spikes.begin(), g->spikes.end());
        g->spikes.clear();
    }
    std::sort(fresh.begin(), fresh.end());
    all_spikes.insert(all_spikes.end(), fresh.begin(), fresh.end());
}

// Run until step `to`, interval by interval. Without `exchange_here` stop after one interval: spikes of other ranks come.
inline void Simulation::advance(int to, bool exchange_here) {
    const int n = static_cast<int>(groups.size()), workers = std::max(1, std::min(threads, n));
    Barrier barrier(workers);
    std::vector<std::atomic<int>> next(workers);
    std::vector<Spike> due;
    std::vector<std::vector<int64_t>> shared(workers);
    const int first = now;
    int b = now, e = 0;
    bool done = false, last = false;
    auto prepare = [&] {  // by one thread: the next interval and what comes from outside in it
        e = std::min(to, b + exchange);
        last = e >= to || !exchange_here;
        due.clear();
        while (next_external < external.size() && external[next_external].time <= at(e - 1) + 0.5 * dt)
            due.push_back(external[next_external++]);
        for (int w = 0; w < workers; ++w) next[w] = static_cast<int>(int64_t(n) * w / workers);
    };
    prepare();
    auto work = [&](int id) {
        const FlushDenormals flush;
        (void)flush;
        shared[id].assign(size_t(to - first) * n_shared, 0);
        const int from = static_cast<int>(int64_t(n) * id / workers), upto = static_cast<int>(int64_t(n) * (id + 1) / workers);
        while (!done) {
            inject(from, upto, due);
            barrier.wait();
            for (int turn = 0; turn < workers; ++turn) {  // one's own groups first, which are in the cache, then others'
                const int whose = (id + turn) % workers;
                const int end = static_cast<int>(int64_t(n) * (whose + 1) / workers);
                for (int g = next[whose]++; g < end; g = next[whose]++) run_group(*groups[g], b, e, last, shared[id].data(), first);
            }
            barrier.wait();
            if (id == 0) {
                take_spikes();
                now = b = e;
                done = last;
                if (!done) prepare();
            }
            barrier.wait();
            if (exchange_here) inject(from, upto, fresh);
        }
    };
    std::vector<std::thread> pool;
    for (int id = 1; id < workers; ++id) pool.emplace_back(work, id);
    work(0);
    for (auto& thread : pool) thread.join();
    for (const auto& part : shared)
        for (int64_t step = 0; step < to - first; ++step)
            for (int64_t i = 0; i < n_shared; ++i) sums[(first - begin + step) * n_sums + i] += part[step * n_shared + i];
}

inline void Simulation::initialise() {
    for (auto& owner : groups) {
        Group& g = *owner;
        if (!g.point) {
            std::fill_n(g.v, g.type->nodes, as<V>(v_init));
            prepare_all(g);
        }
        const Nodes nodes{g.v, g.rhs, g.d, 0.0};
        for (size_t s = 0; s < g.sets.size(); ++s)
            if (g.kernels[s]->initial) g.kernels[s]->initial(g.sets[s], nodes);
    }
    for (const Block& block : blocks) {
        const Group& g = *groups[block.group];
        if (g.kernels[block.set]->receive_initial)
            g.kernels[block.set]->receive_initial(g.sets[block.set], block.count, &slots[block.first],
                                                  &arguments[block.arguments]);
    }
}
