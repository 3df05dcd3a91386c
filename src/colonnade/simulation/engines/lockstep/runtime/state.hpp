// States: all that the next step depends on, in a file of this runtime's own.
#pragma once
#include <cstdio>

#include "run.hpp"

struct StateFile {
    FILE* file;
    bool saves, ok = true;

    void bytes(void* at, size_t count) {
        if (count) ok = ok && (saves ? fwrite(at, 1, count, file) : fread(at, 1, count, file)) == count;
    }
    template <class X> void one(X& x) { bytes(&x, sizeof x); }
    template <class X> void many(std::vector<X>& x) {
        uint64_t n = x.size();
        one(n);
        if (!saves) {
            ok = ok && n < (uint64_t(1) << 40);
            x.resize(ok ? n : 0);
        }
        bytes(x.data(), x.size() * sizeof(X));
    }
    void fixed(uint64_t mine) {  // a number that has to be the same in the model that goes on
        uint64_t n = mine;
        one(n);
        ok = ok && n == mine;
    }
    void queue(std::priority_queue<Event>& events) {
        std::vector<Event> list;
        if (saves)
            for (auto copy = events; !copy.empty(); copy.pop()) list.push_back(copy.top());
        many(list);
        if (!saves) events = std::priority_queue<Event>(list.begin(), list.end());
    }
};

inline void group_state(StateFile& f, Group& g) {
    f.fixed(g.cells);
    f.fixed(g.sets.size());
    if (!g.point) {
        f.fixed(g.type->nodes);
        f.bytes(g.v, g.type->nodes * sizeof(V));
        for (size_t i = 0; i < g.ions.size(); ++i) f.bytes(g.ions[i], size_t(g.type->ions[i].rows) * ION * sizeof(V));
    }
    for (size_t i = 0; i < g.sets.size(); ++i) {
        f.fixed(g.sets[i].n);
        f.bytes(g.sets[i].slots, size_t(g.sets[i].n) * g.kernels[i]->n_slots * sizeof(V));
    }
    f.bytes(g.above, sizeof g.above);
    f.queue(g.events);
    f.queue(g.self_events);
    f.many(g.outstanding);
    std::vector<Event> moved;
    for (const auto& [cell, time] : g.moved) moved.push_back({time, 0.0, cell});
    f.many(moved);
    g.moved.clear();
    for (const Event& event : moved) g.moved.insert({event.order, event.time});
}

// Save to a file, or go on from it; return whether the file is whole and of this model.
inline bool save_or_restore(Simulation* s, const char* path, bool saves) {
    StateFile f{fopen(path, saves ? "wb" : "rb"), saves};
    if (!f.file) return false;
    f.fixed(0x6c6f636b73746570ull);
    f.fixed(W);
    f.one(s->now);
    f.fixed(s->groups.size());
    f.fixed(s->blocks.size());
    f.many(s->arguments);
    for (auto& g : s->groups)
        if (f.ok) group_state(f, *g);
    f.fixed(0x656e64ull);
    const bool closed = fclose(f.file) == 0;
    if (!f.ok || !closed) return false;
    if (!saves) {
        for (auto& g : s->groups)
            if (!g->point) prepare_all(*g);
        const double heard = s->now ? s->at(s->now - 1) + 0.5 * s->dt : -1.0;
        s->next_external = 0;
        while (s->next_external < s->external.size() && s->external[s->next_external].time <= heard) ++s->next_external;
    }
    return true;
}
