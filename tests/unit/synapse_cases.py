"""Run each shipped synapse under a voltage clamp and print what it does: ``python synapse_cases.py MECHANISMS``.

With ``--coreneuron`` the same is simulated by CoreNEURON. Spikes come at the times of each case.
"""

import json
import sys

from neuron import h

from colonnade.mechanisms import load_mechanisms

DT, TSTOP = 0.025, 400.0
TRAIN = [10.0, 30.0, 50.0, 52.5, 120.0, 121.0, 200.0, 350.0]
# name -> (mechanism, parameters, holding potential in mV, weight, events, events of the cell itself, recorded)
CASES = {
    "nmda_low": ("NMDA", {"mg": 1.2}, -65.0, 2e-3, TRAIN, [], ["g", "i"]),
    "nmda_high": ("NMDA", {"tau1": 1.0, "tau2": 60.0}, 20.0, 2e-3, TRAIN, [], ["g", "i"]),
    "ampa_nmda": ("AMPA_NMDA", {"nmda_ratio": 0.7}, -40.0, 1e-3, TRAIN, [], ["g_ampa", "g_nmda", "i"]),
    "gaba_a": ("GABA_A", {}, -60.0, 1e-3, TRAIN, [], ["g", "i"]),
    "gaba_a_ions": ("GABA_A", {"e_fixed": 0.0}, -60.0, 1e-3, TRAIN, [], ["g", "i"]),
    "gaba_b": ("GABA_B", {}, -60.0, 1e-1, [10.0 + 5.0 * n for n in range(12)], [], ["s", "g", "i"]),
    "depressing": ("TsodyksMarkram", {"U": 0.5, "tau_rec": 300.0}, -60.0, 1e-3, TRAIN, [], ["g"]),
    "facilitating": ("TsodyksMarkram", {"U": 0.1, "tau_rec": 100.0, "tau_facil": 500.0}, -60.0, 1e-3, TRAIN, [], ["g"]),
    "steady": ("TsodyksMarkram", {"tau_rec": 50.0, "tau1": 0.1, "tau2": 0.5}, -60.0, 1e-3,
               [10.0 + 20.0 * n for n in range(19)], [], ["g"]),
    "pre_post": ("STDP", {}, -60.0, 1e-3, [50.0], [60.0], ["w", "g"]),
    "post_pre": ("STDP", {}, -60.0, 1e-3, [60.0], [50.0], ["w", "g"]),
    "pairs": ("STDP", {"tau_plus": 15.0, "tau_minus": 30.0}, -60.0, 1e-3, TRAIN,
              [12.0, 49.0, 119.0, 205.0], ["w", "g"]),
    "together": ("STDP", {}, -60.0, 1e-3, [50.0, 60.0], [50.0, 60.0], ["w", "g"]),
    "bounded": ("STDP", {"A_plus": 5.0, "w_max": 1.5}, -60.0, 1e-3, [50.0], [60.0], ["w"]),
}  # fmt: skip


def run(coreneuron: bool) -> dict:
    h.load_file("stdrun.hoc")
    context, alive, vectors, gid = h.ParallelContext(), [], {}, 0
    h.celsius = 34.0
    for name, (mechanism, parameters, v, weight, events, own, recorded) in CASES.items():
        section = h.Section(name=name)
        section.L = section.diam = 10.0
        section.insert("pas")
        section.g_pas, section.e_pas = 1e3, v  # a leak that no synapse moves: a clamp that CoreNEURON has, too
        synapse = getattr(h, mechanism)(section(0.5))
        for key, value in parameters.items():
            setattr(synapse, key, value)
        alive += [section, synapse]
        for times, size in ((events, weight), (own, -1.0)):
            gid += 1
            stimulus = h.VecStim()
            times = h.Vector([time - 1.0 for time in times])
            stimulus.play(times)
            context.set_gid2node(gid, 0)
            context.cell(gid, h.NetCon(stimulus, None))
            connection = context.gid_connect(gid, synapse)
            connection.weight[0], connection.delay = size, 1.0
            alive += [stimulus, times, connection]
        vectors[name] = {}
        for key in recorded:
            vectors[name][key] = h.Vector().record(synapse, getattr(synapse, f"_ref_{key}"))
    h.dt, h.v_init = DT, -60.0
    if coreneuron:
        from neuron import coreneuron as core

        core.enable, core.verbose = True, 0
    context.set_maxstep(10)
    h.stdinit()
    context.psolve(TSTOP)
    return {name: {key: list(vector) for key, vector in found.items()} for name, found in vectors.items()}


if __name__ == "__main__":
    load_mechanisms(sys.argv[1])
    print(json.dumps(run("--coreneuron" in sys.argv)))
