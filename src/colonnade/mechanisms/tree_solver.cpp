// Gaussian elimination on the trees of cells for CoreNEURON, with cells as the lanes of vectors.
//
// The linear system of one time step has a row a compartment, with a coefficient for its parent and one for each child;
// from the leaves to the root and back it is solved in linear time (Hines 1984, Int J Biomed Comput 15:69-76). Along a
// branch each row waits for the division of the row before. Cells of one type have the same tree and the same axial
// coefficients, so that one vector operation does the same row of up to eight cells, with one division.
//
// Linked into the library of mechanisms in place of CoreNEURON's own solver (ld --wrap), which is left to do the orders of
// compartments that it has solvers of its own for.

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include "coreneuron/sim/multicore.hpp"

using coreneuron::NrnThread;

// The names after __real_ and __wrap_ are coreneuron::nrn_solve_minimal(NrnThread*) and coreneuron::nrn_cleanup().
extern "C" {
void __real__ZN10coreneuron17nrn_solve_minimalEPNS_9NrnThreadE(NrnThread*);
void __wrap__ZN10coreneuron17nrn_solve_minimalEPNS_9NrnThreadE(NrnThread*);
void __real__ZN10coreneuron11nrn_cleanupEv();
void __wrap__ZN10coreneuron11nrn_cleanupEv();
}

namespace {

constexpr int WIDEST = 8;

// The compartments of a cell, parents first: the place of each one's parent, and the coefficients between the two.
struct Tree {
    std::vector<int> parent;
    std::vector<double> to_child, to_parent;

    bool operator<(const Tree& other) const {
        return std::tie(parent, to_child, to_parent) < std::tie(other.parent, other.to_child, other.to_parent);
    }
};

// Cells with the same tree: the indices of their compartments in the thread's arrays, [compartment][cell].
struct Lanes {
    const Tree* tree;
    int width;
    std::vector<int> nodes;
};

struct alignas(WIDEST * sizeof(double)) Row {
    double values[WIDEST];
};

struct Plan {
    std::map<Tree, std::vector<std::vector<int>>> cells_of_tree;
    std::vector<Lanes> lanes;
    std::vector<Row> diagonals, right_sides;
};

Plan make_plan(const NrnThread& thread) {
    const int cells = thread.ncell, nodes = thread.end;
    const int* parent = thread._v_parent_index;
    std::vector<int> cell_of(nodes), place(nodes);
    std::vector<std::vector<int>> nodes_of(cells);
    std::vector<Tree> trees(cells);
    for (int node = 0; node < nodes; ++node) {  // the first nodes are the roots, one a cell
        const bool root = node < cells;
        const int cell = cell_of[node] = root ? node : cell_of[parent[node]];
        place[node] = static_cast<int>(nodes_of[cell].size());
        nodes_of[cell].push_back(node);
        trees[cell].parent.push_back(root ? -1 : place[parent[node]]);
        trees[cell].to_child.push_back(root ? 0. : thread._actual_a[node]);
        trees[cell].to_parent.push_back(root ? 0. : thread._actual_b[node]);
    }
    Plan plan;
    for (int cell = 0; cell < cells; ++cell) {
        plan.cells_of_tree[std::move(trees[cell])].push_back(std::move(nodes_of[cell]));
    }
    std::size_t longest = 0;
    for (const auto& [tree, members] : plan.cells_of_tree) {
        const std::size_t size = tree.parent.size();
        longest = std::max(longest, size);
        int width = WIDEST;
        for (std::size_t first = 0; first < members.size(); first += width) {
            while (first + width > members.size()) {
                width /= 2;
            }
            Lanes lanes{&tree, width, {}};
            for (std::size_t row = 0; row < size; ++row) {
                for (int lane = 0; lane < width; ++lane) {
                    lanes.nodes.push_back(members[first + lane][row]);
                }
            }
            plan.lanes.push_back(std::move(lanes));
        }
    }
    plan.diagonals.resize(longest);
    plan.right_sides.resize(longest);
    return plan;
}

template <int width>
struct Vector {
    typedef double type __attribute__((vector_size(width * sizeof(double))));
};
template <>
struct Vector<1> {
    typedef double type;
};

// Solve for the cells of ``lanes``; ``right_side`` of the thread becomes the solution.
template <int width>
void solve(const Lanes& lanes, Plan& plan, const double* diagonal, double* right_side) {
    using Doubles = typename Vector<width>::type;
    const int size = static_cast<int>(lanes.tree->parent.size());
    const int* parent = lanes.tree->parent.data();
    const double* to_child = lanes.tree->to_child.data();
    const double* to_parent = lanes.tree->to_parent.data();
    const int* nodes = lanes.nodes.data();
    Doubles* __restrict d = reinterpret_cast<Doubles*>(plan.diagonals.data());
    Doubles* __restrict r = reinterpret_cast<Doubles*>(plan.right_sides.data());
    for (int row = 0; row < size; ++row) {
        double some_d[width], some_r[width];
        for (int lane = 0; lane < width; ++lane) {
            some_d[lane] = diagonal[nodes[row * width + lane]];
            some_r[lane] = right_side[nodes[row * width + lane]];
        }
        __builtin_memcpy(&d[row], some_d, sizeof some_d);
        __builtin_memcpy(&r[row], some_r, sizeof some_r);
    }
    for (int row = size - 1; row > 0; --row) {
        const Doubles inverse = 1. / d[row];
        const Doubles factor = to_child[row] * inverse;
        d[parent[row]] -= factor * to_parent[row];
        r[parent[row]] -= factor * r[row];
        d[row] = to_parent[row] * inverse;
        r[row] *= inverse;
    }
    r[0] /= d[0];
    for (int row = 1; row < size; ++row) {
        r[row] -= d[row] * r[parent[row]];
    }
    for (int row = 0; row < size; ++row) {
        double some[width];
        __builtin_memcpy(some, &r[row], sizeof some);
        for (int lane = 0; lane < width; ++lane) {
            right_side[nodes[row * width + lane]] = some[lane];
        }
    }
}

// One plan a thread, from its first step until CoreNEURON gives the model back.
std::map<int, std::unique_ptr<Plan>> plans;
std::mutex plans_guard;

Plan& plan_of(const NrnThread& thread) {
    const std::lock_guard<std::mutex> guard(plans_guard);
    std::unique_ptr<Plan>& plan = plans[thread.id];
    if (!plan) {
        plan = std::make_unique<Plan>(make_plan(thread));
    }
    return *plan;
}

}  // namespace

void __wrap__ZN10coreneuron17nrn_solve_minimalEPNS_9NrnThreadE(NrnThread* thread) {
    if (coreneuron::use_solve_interleave || thread->compute_gpu) {
        __real__ZN10coreneuron17nrn_solve_minimalEPNS_9NrnThreadE(thread);
        return;
    }
    Plan& plan = plan_of(*thread);
    for (const Lanes& lanes : plan.lanes) {
        switch (lanes.width) {
            case 8: solve<8>(lanes, plan, thread->_actual_d, thread->_actual_rhs); break;
            case 4: solve<4>(lanes, plan, thread->_actual_d, thread->_actual_rhs); break;
            case 2: solve<2>(lanes, plan, thread->_actual_d, thread->_actual_rhs); break;
            default: solve<1>(lanes, plan, thread->_actual_d, thread->_actual_rhs);
        }
    }
}

void __wrap__ZN10coreneuron11nrn_cleanupEv() {
    plans.clear();
    __real__ZN10coreneuron11nrn_cleanupEv();
}
