// What a generated kernel of a mechanism gets and offers. Rows are places on the tree that all cells of a group share.
#pragma once
#include "vectors.hpp"

struct Group;

// One mechanism on the rows of a group: density channels, or all synapses of one model.
struct Set {
    int n = 0;                     // rows
    const int* node = nullptr;     // (n,) node of each row
    const double* scale = nullptr; // (nodes,) from density to nA and uS: area * 0.01; of point processes unused
    V* slots = nullptr;            // (n, n_slots) parameters, states and constants of each row
    const double* uniform = nullptr;  // what is the same on all rows and lanes
    const int* ion_row[4] = {};    // for each ion of the mechanism: (n,) the row in its table
    V* ion[4] = {};                // for each ion of the mechanism: its table (rows, ION)
    const V* v = nullptr;             // potentials (nodes,), which an event may look at
    const V* there = nullptr;         // (n,) 1 where the lane has this synapse, else 0; null: all the same
    V** out = nullptr;             // (n_outputs,) where computed variables are kept (n,), null: nowhere
};
enum IonField { E, I, CI, CO, ION };

struct Nodes {
    V* v;
    V* rhs;
    V* d;
    double t;  // ms
};

// How a point process sends itself an event or fires; only artificial cells have a queue.
struct Sender {
    virtual void send(double time, double flag) = 0;
    virtual void move(double time) = 0;
    virtual void fire(double time) = 0;
};

// Density mechanisms and synapses have current and state; synapses and artificial cells have receive.
struct Kernel {
    const char* name;
    int n_slots, n_uniforms, n_outputs, n_arguments;  // arguments of NET_RECEIVE: weight and state of a connection
    void (*setup)(double* uniform);  // (n_uniforms,): dt, celsius, parameters; computes the rest
    void (*initial)(const Set&, const Nodes&);
    void (*current)(const Set&, const Nodes&);
    void (*state)(const Set&, const Nodes&);
    bool state_is_local;  // neither v nor an ion: may be advanced with the current
    // n events at one time: slot = row * W + lane of each, arguments (n, n_arguments)
    void (*receive)(const Set&, int n, const uint32_t* slot, double* arguments, double time, double flag, Sender*);
    void (*receive_initial)(const Set&, int n, const uint32_t* slot, double* arguments);
};
