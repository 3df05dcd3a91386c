"""CoreNEURON with our solver: NEURON's voltages, the same bytes on any number of threads, model after model."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from colonnade.mechanisms import compile_mechanisms, compiled_in_cache, read_compiled, toolchain

pytestmark = pytest.mark.slow

OURS = Path(__file__).resolve().parent.parent.parent / "mechanisms"

# 15 cells of one tree (8 + 4 + 2 + 1 lanes on one thread) and 4 of another, no two with the same current.
MODEL = """
import json, sys
from neuron import coreneuron, h
from colonnade.mechanisms import load_mechanisms
load_mechanisms(sys.argv[1])
pc = h.ParallelContext()
h.celsius, h.dt = 34, 0.1
def build(resistance):
    made, traces = [], []
    for gid in range(19):
        soma, *dendrites = [h.Section(name=f"s{gid}_{n}") for n in range(5)]
        soma.L = soma.diam = 14
        for n, dendrite in enumerate(dendrites):
            dendrite.L, dendrite.diam, dendrite.nseg = 40 + 35 * n, 2 - 0.3 * n, 1 + n
            dendrite.connect((soma, dendrites[0], dendrites[0], dendrites[2 if gid < 15 else 1])[n](1))
        for section in (soma, *dendrites):
            section.Ra = resistance
            section.insert("pas")
            section.e_pas = -75
        for name, density in dict(NaTs=0.6, Kv3_1=0.1, Im=1e-3, Ih=4e-5).items():
            soma.insert(name)
            setattr(soma, f"gbar_{name}", density)
        soma.ena, soma.ek = 53, -90
        clamp = h.IClamp(dendrites[3](0.5))
        clamp.delay, clamp.dur, clamp.amp = 2, 30, 0.2 + 0.02 * gid
        pc.set_gid2node(gid, pc.id())
        connection = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
        pc.cell(gid, connection)
        traces += [h.Vector().record(clamp, s(0.5)._ref_v) for s in (soma, dendrites[3])]
        made.append((soma, dendrites, clamp, connection))
    return made, traces
def run(engine, threads=1, resistance=100):
    made, traces = build(resistance)
    coreneuron.enable, coreneuron.verbose = engine == "coreneuron", 0
    pc.nthread(threads, threads > 1)
    pc.set_maxstep(10)
    h.finitialize(-75)
    for _ in range(2):
        pc.psolve(h.t + 20)
    pc.gid_clear()
    return [list(trace) for trace in traces]
print(json.dumps([run(*asked) for asked in json.loads(sys.argv[2])]))
"""


@pytest.fixture(scope="module")
def run():
    compiled = compiled_in_cache(OURS, coreneuron=True)

    def run(*asked):
        """Return the voltages of one run of the model each, all in one process: [run, trace, step]."""
        command = [sys.executable, "-c", MODEL, str(compiled), json.dumps(asked)]
        answer = subprocess.run(command, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return np.array(json.loads(answer.stdout.splitlines()[-1]))

    return run


def test_the_library_has_the_solver():
    library = read_compiled(compiled_in_cache(OURS, coreneuron=True)).coreneuron_library
    assert b"__wrap__ZN10coreneuron17nrn_solve_minimalEPNS_9NrnThreadE" in library.read_bytes()


def test_voltages_are_those_of_neuron_and_of_each_model_in_turn(run):
    asked = [(engine, 1, resistance) for engine in ("neuron", "coreneuron") for resistance in (100, 300)]
    neuron, neuron_300, ours, ours_300 = run(*asked)
    assert neuron.max() > 0, "no cell spikes"
    assert np.abs(neuron - neuron_300).max() > 1, "the resistance makes no difference"
    np.testing.assert_allclose(ours, neuron, rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours_300, neuron_300, rtol=0, atol=1e-6)


def test_threads_do_not_change_a_bit_of_the_voltages(run):
    one, *others = run(*(("coreneuron", threads) for threads in (1, 2, 3, 5)))
    for other in others:
        assert other.tobytes() == one.tobytes()


def test_without_a_fitting_solver_coreneuron_keeps_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("COLONNADE_CACHE", str(tmp_path / "cache"))
    broken = tmp_path / "tree_solver.cpp"
    broken.write_text('#include "coreneuron/no_such_header.hpp"\n')
    monkeypatch.setattr(toolchain, "TREE_SOLVER", broken)
    with pytest.warns(UserWarning, match="keeps its own, slower solver.*no_such_header"):
        compiled = compile_mechanisms([OURS / "Im.mod"], tmp_path / "out", flags="-O0")
    assert compiled.coreneuron_mechanisms == {"Im"}
    assert b"__wrap__" not in compiled.coreneuron_library.read_bytes()
