"""Kernels made from .mod files: each mechanism, on one cell in two sizes of segments, has NEURON's values."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from colonnade.mechanisms import compiled_in_cache
from colonnade.places import project_file

pytestmark = pytest.mark.xdist_group("kernels")

OURS = project_file("mechanisms")
# Exact steps are rounded in another order than NEURON's; that grows at the steepest part of a spike.
ABSOLUTE = 1e-7
CHANNELS = {
    "hh": {"gnabar": 0.12, "gkbar": 0.036},
    "NaTs": {"gbar": 0.3},
    "NaTa": {"gbar": 0.3},
    "NaV": {"gbar": 0.1},
    "Nap": {"gbar": 1e-4},
    "Kd": {"gbar": 1e-3},
    "K_P": {"gbar": 0.01},
    "K_T": {"gbar": 0.01},
    "Kv2like": {"gbar": 0.01},
    "Kv3_1": {"gbar": 0.05},
    "Im": {"gbar": 1e-3},
    "Im_v2": {"gbar": 1e-3},
    "Ih": {"gbar": 1e-4},
    "Ca_HVA": {"gbar": 1e-4},
    "Ca_LVA": {"gbar": 1e-3},
    "CaDynamics": {"gamma": 0.01, "decay": 100.0},
    "SK": {"gbar": 1e-3},
}
# Constructs that none of the project's files has, each as somebody else writes them.
HEAD = "NEURON { THREADSAFE SUFFIX %s USEION k READ ek WRITE ik RANGE gbar, g }\n"
HEAD += "PARAMETER { gbar = 0.01 }\nASSIGNED { v ek ik celsius dt g inf tau q }\n"
OTHERS = {
    "scheme": """STATE { c1 c2 o }
BREAKPOINT { SOLVE kin METHOD sparse
  g = gbar*o  ik = g*(v - ek) }
INITIAL { SOLVE kin STEADYSTATE sparse }
KINETIC kin { rates(v)
  ~ c1 <-> c2 (2*inf/tau, (1 - inf)/tau)
  ~ c2 <-> o (inf/tau, 2*(1 - inf)/tau)
  CONSERVE c1 + c2 + o = 1 }
PROCEDURE rates(v) { inf = 1/(1 + exp(-(v + 30)/9))  tau = 1 + 4*exp(-((v + 50)/30)^2) }""",
    "equations": """STATE { c o }
BREAKPOINT { SOLVE move METHOD derivimplicit
  g = gbar*o*o  ik = g*(v - ek) }
INITIAL { rates(v)
  SOLVE begin }
LINEAR begin { ~ c + o = 1
  ~ o*(1 - inf) - c*inf = 0 }
DERIVATIVE move { rates(v)
  o' = (inf*c*c - (1 - inf)*o)/tau
  c' = -(inf*c*c - (1 - inf)*o)/tau }
PROCEDURE rates(v) { inf = 1/(1 + exp(-(v + 30)/9))  tau = 1 + 4*exp(-((v + 50)/30)^2) }""",
    "stepwise": """STATE { o }
BREAKPOINT { SOLVE move METHOD euler
  g = gbar*o*curve(v)  ik = g*(v - ek) }
INITIAL { rates(v)  o = inf }
DERIVATIVE move { rates(v)  o' = (inf - o)/tau }
PROCEDURE rates(v) { LOCAL i
  TABLE inf, tau DEPEND celsius FROM -100 TO 100 WITH 400
  q = 1
  FROM i = 1 TO 3 { q = q*1.1 }
  inf = 1/(1 + exp(-(v + 30)/9))
  if (v < -60 && !(v < -90)) { tau = 2/q } else if (v > 0 || v == -10) { tau = 1 } else { tau = 3 } }
FUNCTION curve(x) { curve = 1
  while (curve < 1.2 + 0.001*x) { curve = curve + 0.1 } }""",
}

PROGRAM = r"""
import json, sys
import numpy as np
from neuron import h
from colonnade.cells import Cell, Prototype
from colonnade.mechanisms import load_mechanisms
from colonnade.simulation.engines.registry import engine_kind
from colonnade.simulation.model import CurrentClamp, Model, Recording, Site
from colonnade.simulation.network.synapses import joined

folder, engine, channels = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
mechanisms = [load_mechanisms(folder)]

class OneCell(Prototype):
    def __init__(self, channel, values, scale):
        self.channel, self.values, self.scale = channel, values, scale
    def instantiate(self, gid):
        cell = Cell(gid)
        soma, dendrite = cell.sections = [h.Section(name=name, cell=cell) for name in ("soma", "dend")]
        cell.soma = soma
        soma.L = soma.diam = 20.0
        dendrite.L, dendrite.diam, dendrite.nseg = 200.0, 1.5, 3
        dendrite.connect(soma(0.5), 0)
        for section in cell.sections:
            section.Ra = 120.0
            section.insert("pas")
            section.g_pas, section.e_pas = 5e-5 * self.scale, -70.0
            section.insert(self.channel)
            if self.channel in ("SK", "CaDynamics"):
                section.insert("Ca_HVA")
                section.insert("CaDynamics")
                section.gbar_Ca_HVA, section.gamma_CaDynamics = 2e-4, 0.01
            for name, value in self.values.items():
                setattr(section, f"{name}_{self.channel}", value * self.scale)
        return cell

names = list(channels)
prototypes = [OneCell(name, channels[name], 1 + 0.1 * copy) for name in names for copy in range(3)]
gids = np.arange(len(prototypes))
clamps = [CurrentClamp(Site(int(gid), 0, 0.5), 2.0, 25.0, 0.3 + 0.05 * (gid % 3)) for gid in gids]
places = [(gid, section, x) for gid in gids for section, x in ((0, 0.5), (1, 0.9))]
columns = [np.array(column) for column in zip(*places)]
recordings = [Recording("v", *columns)]
variables = []
for i, name in enumerate(names):
    cell = prototypes[3 * i].instantiate(0)
    mine = gids[3 * i : 3 * i + 3]
    states = [f"{key}_{name}" for key in cell.soma.psection()["density_mechs"][name]]
    more = [key for key in ("ina", "ik", "ica", "cai", "eca") if hasattr(cell.soma(0.5), key)]
    for variable in [*states, *more]:
        recordings.append(Recording(variable, mine, np.zeros(3, int), np.full(3, 0.5)))
        variables.append(f"{name}: {variable}")
    del cell
model = Model(gids=gids, prototypes=prototypes, synapses=joined([]), synapse_models=[], spike_times=np.zeros(0),
              spike_gids=np.zeros(0, int), dt=0.025, n_steps=1200, celsius=34.0, v_init=-75.0, spike_threshold=-15.0,
              clamps=clamps, recordings=recordings, mechanisms=mechanisms)
run = engine_kind(engine).make(model, 1)
run.load()
run.initialise()
run.advance(1200)
rows = run.rows()
times, fired = run.spikes()
np.savez(sys.argv[4], times=times, gids=fired, v=rows[0], **{name: row for name, row in zip(variables, rows[1:])})
"""


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    """What engines neuron and lockstep record of a cell with each mechanism: {engine: {"NAME: variable": rows}}."""
    folder = tmp_path_factory.mktemp("kernels")
    for name, text in OTHERS.items():
        (folder / f"{name}.mod").write_text(HEAD % name + text)
    for path in OURS.glob("*.mod"):
        (folder / path.name).write_text(path.read_text())
    compiled = compiled_in_cache(folder, coreneuron=False)
    found = {}
    channels = {**CHANNELS, **{name: {"gbar": 0.01} for name in OTHERS}}
    for engine in ("neuron", "lockstep"):
        words = [sys.executable, "-c", PROGRAM, compiled, engine, json.dumps(channels), folder / f"{engine}.npz"]
        answer = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
        found[engine] = dict(np.load(folder / f"{engine}.npz"))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", [*CHANNELS, *OTHERS])
def test_a_kernel_has_the_values_of_neuron(values, name):
    reference, found = values["neuron"], values["lockstep"]
    variables = [key for key in reference if key.startswith(f"{name}: ")]
    assert len(variables) > 2 or name == "CaDynamics"
    for key in variables:
        scale = max(1.0, np.abs(reference[key]).max())
        np.testing.assert_allclose(found[key], reference[key], rtol=0, atol=ABSOLUTE * scale, err_msg=key)
        if key.split("_")[0].split(": ")[-1] in ("m", "h", "n", "z", "o", "O"):
            assert np.ptp(reference[key]) > 1e-4, f"{key} shows nothing"


def test_cells_that_differ_in_their_parameters_go_together_as_neuron_has_them(values):
    np.testing.assert_allclose(values["lockstep"]["v"], values["neuron"]["v"], rtol=0, atol=1e-5)
    assert values["neuron"]["gids"].size > 10
    assert sorted(values["lockstep"]["gids"].tolist()) == sorted(values["neuron"]["gids"].tolist())


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("BREAKPOINT { SOLVE x METHOD cnexp\n ik = 0 }\nDERIVATIVE x { y' = -y*y }", "line 7"),
        ("BREAKPOINT { ik = gbar*sin(v) }", "the function sin"),
        ("BREAKPOINT { ik = gbar*(v - ek)\nVERBATIM\n;\nENDVERBATIM\n}", "VERBATIM"),
        ("ASSIGNED { w[2] }\nBREAKPOINT { ik = gbar*(v - ek) }", "an array of variables"),
    ],
)
def test_what_has_no_kernel_is_named_with_its_line(statement, what, tmp_path):
    from colonnade.errors import UnsupportedError
    from colonnade.mechanisms.toolchain import neuron_folder
    from colonnade.simulation.engines.lockstep.kernels import kernel
    from colonnade.simulation.engines.lockstep.nmodl import read_mechanism

    path = tmp_path / "odd.mod"
    path.write_text(HEAD % "odd" + "STATE { y }\n" + statement)
    with pytest.raises(UnsupportedError, match=what) as error:
        kernel(read_mechanism(path, neuron_folder() / "bin" / "nmodl"))
    assert "odd.mod" in str(error.value)
    assert "--engine neuron" in str(error.value)


HARNESS = r"""
#include <cmath>
#include <cstdio>
#include "vectors.hpp"
static double ulps(double found, long double exact) {
    const double near = std::fabs(static_cast<double>(exact));
    return found == exact ? 0 : std::fabs(double((found - exact) / (std::nextafter(near, INFINITY) - near)));
}
int main() {
    double worst[3] = {}, sum = 0;
    uint64_t state = 1;
    auto next = [&] {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        return double(state >> 11) / 9007199254740992.0;
    };
    int unequal = 0;
    for (int i = 0; i < 400000; ++i) {
        V x{}, y{};
        for (int lane = 0; lane < W; ++lane) {
            x[lane] = i % 2 ? -708.0 + 1417.0 * next() : -30.0 + 60.0 * next();
            y[lane] = -8.0 + 16.0 * next();
        }
        const V e = exp_(x), small = exp_(x * 0.05), l = log_(e), p = pow_(small, y);
        for (int lane = 0; lane < W; ++lane) {
            worst[0] = std::fmax(worst[0], ulps(e[lane], expl((long double)x[lane])));
            worst[1] = std::fmax(worst[1], ulps(l[lane], logl((long double)e[lane])));
            worst[2] = std::fmax(worst[2], ulps(p[lane], powl((long double)small[lane], (long double)y[lane])));
            unequal += e[lane] != exp_(double(x[lane])) || l[lane] != log_(double(e[lane]));
        }
    }
    state = 5;
    uint64_t hash = 0;
    for (int i = 0; i < 100000; ++i) {
        const double x = -700.0 + 1400.0 * next();
        const double values[3] = {exp_(x), log_(exp_(x * 0.5)), pow_(exp_(x * 0.01), 3.7)};
        for (double value : values) hash = hash * 1099511628211ull ^ bits<uint64_t>(value);
    }
    sum += exp_(double(INFINITY)) == INFINITY && exp_(-double(INFINITY)) == 0 && exp_(double(NAN)) != exp_(double(NAN));
    sum += log_(0.0) == -INFINITY && log_(-1.0) != log_(-1.0) && pow_(-2.0, 3.0) == -8.0 && pow_(0.0, 2.0) == 0.0;
    std::printf("{\"ulp\": [%g, %g, %g], \"unequal\": %d, \"special\": %g, \"hash\": \"%llx\"}", worst[0], worst[1],
                worst[2], unequal, sum, (unsigned long long)hash);
}
"""


@pytest.mark.slow
def test_exp_log_and_pow_are_exact_to_an_ulp_and_the_same_for_all_instruction_sets(tmp_path):
    from colonnade.mechanisms.toolchain import compiler
    from colonnade.simulation.engines.lockstep.library import FLAGS, RUNTIME

    (tmp_path / "ulp.cpp").write_text(HARNESS)
    found = []
    for machine in ([], ["-mavx2", "-mfma"], ["-mavx512f", "-mavx512dq"]):
        program = tmp_path / f"ulp{len(found)}"
        words = [compiler(), *FLAGS, *machine, f"-I{RUNTIME}", tmp_path / "ulp.cpp", "-o", program]
        if subprocess.run([str(word) for word in words], capture_output=True).returncode:
            continue
        answer = subprocess.run([program], capture_output=True, text=True)
        if answer.returncode == 0:  # else this processor lacks the instructions
            found.append(json.loads(answer.stdout))
    assert found
    for one in found:
        assert np.all(np.array(one["ulp"]) < [1, 1, 2])
        assert (one["unequal"], one["special"]) == (0, 2)
    assert len({one["hash"] for one in found}) == 1


def test_a_kernel_needs_a_readable_file(tmp_path):
    from colonnade.errors import UnsupportedError
    from colonnade.mechanisms.toolchain import neuron_folder
    from colonnade.simulation.engines.lockstep.nmodl import read_mechanism

    path = Path(tmp_path / "broken.mod")
    path.write_text("NEURON { SUFFIX broken }\nBREAKPOINT { x = }\n")
    with pytest.raises(UnsupportedError, match=r"broken\.mod"):
        read_mechanism(path, neuron_folder() / "bin" / "nmodl")
