"""Exp2SynFixed is NEURON's Exp2Syn, VecStim plays its times, and both engines do the same with all mechanisms."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from colonnade.mechanisms import compiled_in_cache

pytestmark = pytest.mark.slow

OURS = Path(__file__).resolve().parent.parent.parent / "mechanisms"

# A cell with every mechanism, driven by two synapses of the given kind; prints JSON of what it recorded.
CELL = """
import json, sys
from neuron import h
from colonnade.mechanisms import load_mechanisms
load_mechanisms(sys.argv[1])
h.celsius = 34
pc = h.ParallelContext()
def cell(gid, synapse, tau1=1.0, tau2=3.0, times=(5.0, 7.5, 7.5, 30.05, 31.0, 60.0), weights=(0.004, 0.002)):
    soma, dendrite = h.Section(name=f"soma{gid}"), h.Section(name=f"dendrite{gid}")
    soma.L = soma.diam = 15
    dendrite.L, dendrite.diam, dendrite.nseg = 200, 2, 5
    dendrite.connect(soma(0.5))
    for section in (soma, dendrite):
        section.insert("pas")
        section.e_pas, section.g_pas = -80, 5e-5
    things = [soma, dendrite]
    for place, weight in zip((0.3, 0.7), weights):
        made = getattr(h, synapse)(dendrite(place))
        made.tau1, made.tau2, made.e = tau1, tau2, 0
        stimulus = h.VecStim()
        stimulus.play(h.Vector(times))
        connection = h.NetCon(stimulus, made)
        connection.weight[0], connection.delay = weight, 2
        things += [made, stimulus, connection]
    return things
def active(soma):
    values = dict(Im=1.2e-3, Ih=4e-5, NaTs=0.98, Nap=2e-4, K_P=0.05, K_T=7e-4, SK=1.9e-4, Kv3_1=0.057, Ca_HVA=5.4e-4,
                  Ca_LVA=7e-3, NaV=0.02, NaTa=0.01, Kd=1e-4, Kv2like=1e-3, Im_v2=1e-4)
    soma.insert("CaDynamics")
    soma.gamma_CaDynamics, soma.decay_CaDynamics = 0.00125, 718
    for name, value in values.items():
        soma.insert(name)
        setattr(soma, f"gbar_{name}", value)
    soma.ena, soma.ek = 53, -107
"""


@pytest.fixture(scope="module")
def compiled():
    """All mechanisms, for NEURON and CoreNEURON."""
    return compiled_in_cache(OURS, coreneuron=True)


@pytest.fixture
def run(compiled, tmp_path):
    """A function that runs code after CELL in a new process and returns the JSON that it prints last."""

    def run(code: str, status: int = 0):
        answer = subprocess.run(
            [sys.executable, "-c", CELL + code, str(compiled)],
            cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
        )  # fmt: skip
        assert answer.returncode == status, answer.stdout + answer.stderr
        return json.loads(answer.stdout.splitlines()[-1]) if status == 0 else answer.stdout + answer.stderr

    return run


@pytest.mark.parametrize("taus", [(1.0, 3.0), (0.1, 0.11), (2.0, 2.0), (5.0, 1.0)])
def test_the_fixed_step_synapse_is_exp2syn_also_when_the_step_changes(run, taus):
    found = run(f"""
cells = [cell(n, name, *{taus}) for n, name in enumerate(("Exp2Syn", "Exp2SynFixed"))]
h.finitialize(-80)
rows = []
for n in range(900):
    h.dt = 0.1 if n < 500 else 0.025
    h.fadvance()
    rows.append([value for things in cells for value in (things[0].v, things[2].g, things[2].i)])
print(json.dumps(rows))
""")
    ours, builtin = np.array(found)[:, 3:], np.array(found)[:, :3]
    assert np.ptp(builtin[:, 0]) > 1
    # the built-in takes the slope of its current from a difference over 0.001 mV, good to some 1e-9
    np.testing.assert_allclose(ours, builtin, rtol=1e-8, atol=1e-12)


def test_one_event_has_its_weight_as_its_peak_conductance(run):
    found = run("""
things = cell(0, "Exp2SynFixed", times=(1.0,))
h.dt = 0.001
h.finitialize(-80)
values = []
while h.t < 10:
    h.fadvance()
    values.append(things[2].g)
print(json.dumps(values))
""")
    times = 0.001 * np.arange(1, len(found) + 1) - 3.0
    peak = 3 / 2 * np.log(3)
    expected = np.where(times >= 0, np.exp(-times / 3) - np.exp(-times), 0) / (np.exp(-peak / 3) - np.exp(-peak))
    assert max(found) == pytest.approx(0.004, rel=1e-6)
    np.testing.assert_allclose(found, 0.004 * expected, atol=0.004 * 2e-3)  # an event falls into one step of 0.001 ms


def test_one_instance_for_two_synapses_gives_the_same(run):
    found = run("""
two = cell(0, "Exp2SynFixed")
h.disconnect(sec=two[1])
one = cell(1, "Exp2SynFixed")
for things in (two, one):
    things[1].connect(things[0](0.5))
two[5].loc(two[1](0.3))
one[7].weight[0] = 0
extra = h.NetCon(one[6], one[2]); extra.weight[0], extra.delay = 0.002, 2
h.dt = 0.1
h.finitialize(-80)
rows = []
for _ in range(600):
    h.fadvance()
    rows.append((two[0].v, one[0].v))
print(json.dumps(rows))
""")
    two, one = np.array(found).T
    assert np.ptp(two) > 1
    np.testing.assert_allclose(one, two, rtol=1e-12)


def test_variable_time_steps_are_refused_by_neuron(run):
    said = run(
        """
things = cell(0, "Exp2SynFixed")
h.CVode().active(True)
h.finitialize(-80)
pc.set_maxstep(10)
pc.psolve(10)
""",
        status=1,
    )
    assert "CVODE" in said.upper() or "CVode" in said


def test_vecstim_plays_a_sorted_copy_of_its_times(run):
    found = run("""
def played(*vectors, start=0):
    stimulus, times = h.VecStim(), h.Vector()
    for vector in vectors:
        stimulus.play(*vector)
    connection = h.NetCon(stimulus, None)
    connection.record(times)
    for vector in vectors:
        for values in vector:
            values.fill(1.0)
    h.finitialize(-80)
    pc.set_maxstep(10)
    pc.psolve(20)
    return list(times)
section = h.Section()
times = lambda *values: (h.Vector(values),)
print(json.dumps([
    played(times(3.0, 1.0, 2.5, 2.5, 0.0, 30.0)), played(times()), played(),
    played(times(1.0), times(4.0)), played(times(1.0), ()),
]))
""")
    assert found == [[0.0, 1.0, 2.5, 2.5, 3.0], [], [], [4.0], []]


@pytest.mark.parametrize("value", ["float('nan')", "-1.0", "float('inf')"])
def test_vecstim_refuses_times_that_cannot_be(run, value):
    found = run(f"""
try:
    h.VecStim().play(h.Vector([1.0, {value}]))
    print('"taken"')
except RuntimeError as error:
    print('"refused"')
""")
    assert found == "refused"


SPIKES = """
def spikes(coreneuron, threads=1):
    times, gids, trace = h.Vector(), h.Vector(), h.Vector()
    made = []
    for gid in range(3):
        made.append(cell(gid, "Exp2SynFixed", weights=(0.02, 0.01), times=[5 + 9 * n + gid for n in range(12)]))
        active(made[-1][0])
        pc.set_gid2node(gid, pc.id())
        connection = h.NetCon(made[-1][0](0.5)._ref_v, None, sec=made[-1][0])
        connection.threshold = -15
        pc.cell(gid, connection)
    back = pc.gid_connect(0, made[1][2]); back.weight[0], back.delay = 0.005, 2
    pc.spike_record(-1, times, gids)
    trace.record(made[0][0](0.5)._ref_v)
    calcium = h.Vector().record(made[0][0](0.5)._ref_cai)
    if coreneuron:
        from neuron import coreneuron as engine
        engine.enable, engine.verbose = True, 0
    pc.nthread(threads, 1 if threads > 1 else 0)
    pc.set_maxstep(10)
    h.dt = 0.1
    h.finitialize(-80)
    for _ in range(3):
        pc.psolve(h.t + 50)
    print(json.dumps([sorted(zip(times, gids)), list(trace), list(calcium)]))
"""


def test_coreneuron_gives_the_spikes_and_traces_of_neuron_on_one_and_two_threads(run):
    spikes, trace, calcium = run(SPIKES + "spikes(False)")
    assert len(spikes) > 20
    for options in ("True", "True, 2", "False, 2"):
        others = run(SPIKES + f"spikes({options})")
        assert others[0] == spikes
        assert np.shape(others[1]) == np.shape(trace)
        np.testing.assert_allclose(others[1], trace, atol=1e-6)  # mV; the engines order their operations differently
        np.testing.assert_allclose(others[2], calcium, rtol=1e-7)


def test_a_run_can_be_saved_and_continued_in_another_process(run):
    setup = """
things = cell(0, "Exp2SynFixed", weights=(0.02, 0.01), times=[5 + 6.3 * n for n in range(15)])
active(things[0])
h.dt = 0.1
pc.set_maxstep(10)
h.finitialize(-80)
def values():
    pc.psolve(100)
    print(json.dumps([things[0].v, things[0](0.5).cai, things[2].g, things[0](0.5).O_NaV]))
"""
    whole = run(setup + "values()")
    run(setup + "pc.psolve(47)\nstate = h.SaveState()\nstate.save()\nstate.fwrite(h.File('state'))\nprint(1)")
    rest = run(setup + "state = h.SaveState()\nstate.fread(h.File('state'))\nstate.restore()\nvalues()")
    assert rest == whole
