// Gaussian elimination on the trees of cells for CoreNEURON, with cells as the lanes of vectors.
//
// The linear system of one time step has a row a compartment, with a coefficient for its parent and one for each child;
// from the leaves to the root and back it is solved in linear time (Hines 1984, Int J Biomed Comput 15:69-76). Along a
// branch each row waits for the division of the row before. Cells of one type have the same tree and the same axial
// coefficients, so that one vector operation does the same row of up to eight cells, with one division. The currents
// between compartments are added in the same pass.
//
// Linked into the library of mechanisms in place of CoreNEURON's own functions (ld --wrap), which are left to do what they
// have solvers of their own for (permuted compartments, GPUs) and the totals of membrane currents.

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include "coreneuron/coreneuron.hpp"
#include "coreneuron/mechanism/membfunc.hpp"
#include "coreneuron/sim/multicore.hpp"

using coreneuron::NrnThread;

// The names after __real_ and __wrap_ are coreneuron::setup_tree_matrix_minimal(NrnThread*), which fills diagonals and
// right sides, coreneuron::nrn_solve_minimal(NrnThread*) and coreneuron::nrn_cleanup().
extern "C" {
void* __real__ZN10coreneuron25setup_tree_matrix_minimalEPNS_9NrnThreadE(NrnThread*);
void* __wrap__ZN10coreneuron25setup_tree_matrix_minimalEPNS_9NrnThreadE(NrnThread*);
void __real__ZN10coreneuron17nrn_solve_minimalEPNS_9NrnThreadE(NrnThread*);
void __wrap__ZN10coreneuron17nrn_solve_minimalEPNS_9NrnThreadE(NrnThread*);
void __real__ZN10coreneuron11nrn_cleanupEv();
void __wrap__ZN10coreneuron11nrn_cleanupEv();
}

namespace {

constexpr int WIDEST = 8;

// The compartments of a cell, parents first: the place of each one's parent, the coefficients between the two, and what
// these two add to each diagonal.
struct Tree {
    std::vector<int> parent;
    std::vector<double> to_child, to_parent, diagonal;

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
    std::vector<Row> diagonals, right_sides, potentials;
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
        Tree& tree = trees[cell];
        tree.parent.push_back(root ? -1 : place[parent[node]]);
        tree.to_child.push_back(root ? 0. : thread._actual_a[node]);
        tree.to_parent.push_back(root ? 0. : thread._actual_b[node]);
        tree.diagonal.push_back(-tree.to_parent.back());
        if (!root) {
            tree.diagonal[tree.parent.back()] -= tree.to_child.back();
        }
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
    plan.potentials.resize(longest);
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

// Copy the values of all compartments of ``lanes`` from a thread's array into rows of vectors.
template <int width, typename Doubles>
void gather(const Lanes& lanes, const double* values, Doubles* rows) {
    const int* node = lanes.nodes.data();
    const int size = static_cast<int>(lanes.tree->parent.size());
    for (int row = 0; row < size; ++row, node += width) {
        double some[width];
        for (int lane = 0; lane < width; ++lane) {
            some[lane] = values[node[lane]];
        }
        __builtin_memcpy(&rows[row], some, sizeof some);
    }
}

// Add the currents between compartments and solve for the cells of ``lanes``; their right sides in the thread become the solution.
template <int width>
void solve(const Lanes& lanes, Plan& plan, const NrnThread& thread) {
    using Doubles = typename Vector<width>::type;
    const int size = static_cast<int>(lanes.tree->parent.size());
    const int* parent = lanes.tree->parent.data();
    const double* to_child = lanes.tree->to_child.data();
    const double* to_parent = lanes.tree->to_parent.data();
    Doubles* __restrict d = reinterpret_cast<Doubles*>(plan.diagonals.data());
    Doubles* __restrict r = reinterpret_cast<Doubles*>(plan.right_sides.data());
    Doubles* __restrict v = reinterpret_cast<Doubles*>(plan.potentials.data());
    gather<width>(lanes, thread._actual_d, d);
    gather<width>(lanes, thread._actual_rhs, r);
    gather<width>(lanes, thread._actual_v, v);
    const double* diagonal = lanes.tree->diagonal.data();
    d[0] += diagonal[0];
    for (int row = 1; row < size; ++row) {
        const Doubles difference = v[parent[row]] - v[row];
        d[row] += diagonal[row];
        r[row] -= to_parent[row] * difference;
        r[parent[row]] += to_child[row] * difference;
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
    const int* node = lanes.nodes.data();
    for (int row = 0; row < size; ++row, node += width) {
        double some[width];
        __builtin_memcpy(some, &r[row], sizeof some);
        for (int lane = 0; lane < width; ++lane) {
            thread._actual_rhs[node[lane]] = some[lane];
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

bool is_ours(const NrnThread& thread) {
    return !coreneuron::use_solve_interleave && !thread.compute_gpu && !thread.nrn_fast_imem;
}

}  // namespace

// All but the currents between compartments: each step solves next, and adds them.
void* __wrap__ZN10coreneuron25setup_tree_matrix_minimalEPNS_9NrnThreadE(NrnThread* thread) {
    if (!is_ours(*thread)) {
        return __real__ZN10coreneuron25setup_tree_matrix_minimalEPNS_9NrnThreadE(thread);
    }
    std::fill_n(thread->_actual_rhs, thread->end, 0.);
    std::fill_n(thread->_actual_d, thread->end, 0.);
    coreneuron::nrn_ba(thread, BEFORE_BREAKPOINT);
    for (auto* each = thread->tml; each; each = each->next) {
        if (const auto current = coreneuron::corenrn.get_memb_func(each->index).current) {
            current(thread, each->ml, each->index);
        }
    }
    for (auto* each = thread->tml; each; each = each->next) {
        if (const auto jacobian = coreneuron::corenrn.get_memb_func(each->index).jacob) {
            jacobian(thread, each->ml, each->index);
        }
    }
    if (thread->tml) {  // the first is the capacitance
        coreneuron::nrn_jacob_capacitance(thread, thread->tml->ml, thread->tml->index);
    }
    return nullptr;
}

void __wrap__ZN10coreneuron17nrn_solve_minimalEPNS_9NrnThreadE(NrnThread* thread) {
    if (!is_ours(*thread)) {
        __real__ZN10coreneuron17nrn_solve_minimalEPNS_9NrnThreadE(thread);
        return;
    }
    Plan& plan = plan_of(*thread);
    for (const Lanes& lanes : plan.lanes) {
        switch (lanes.width) {
            case 8: solve<8>(lanes, plan, *thread); break;
            case 4: solve<4>(lanes, plan, *thread); break;
            case 2: solve<2>(lanes, plan, *thread); break;
            default: solve<1>(lanes, plan, *thread);
        }
    }
}

void __wrap__ZN10coreneuron11nrn_cleanupEv() {
    plans.clear();
    __real__ZN10coreneuron11nrn_cleanupEv();
}
