"""Run by test_mechanisms_kinetics.py in a process of its own: clamp one set of mechanisms, write all it does.

Usage: voltage_clamp.py FOLDER_OF_MECHANISMS OUTPUT.npz
"""

import itertools
import sys

import numpy as np
from neuron import h

from colonnade.mechanisms import load_mechanisms

# Channel: its ion (None: a current of its own) and its states.
CHANNELS = {
    "Ca_HVA": ("ca", "m", "h"),
    "Ca_LVA": ("ca", "m", "h"),
    "Ih": (None, "m"),
    "Im": ("k", "m"),
    "Im_v2": ("k", "m"),
    "Kd": ("k", "m", "h"),
    "K_P": ("k", "m", "h"),
    "K_T": ("k", "m", "h"),
    "Kv2like": ("k", "m", "h1", "h2"),
    "Kv3_1": ("k", "m"),
    "Nap": ("na", "h"),
    "NaTa": ("na", "m", "h"),
    "NaTs": ("na", "m", "h"),
    "NaV": ("na", "C1", "C2", "C3", "C4", "C5", "I1", "I2", "I3", "I4", "I5", "O", "I6"),
    "SK": ("k", "z"),
}
# The GLOBAL parameters and values other than their defaults.
MOVED = {
    "Ih": {"ehcn_Ih": -39.0},
    "K_P": {"vshift_K_P": 7.0, "tauF_K_P": 1.7},
    "K_T": {"vshift_K_T": -6.0, "mTauF_K_T": 1.3, "hTauF_K_T": 0.6},
    "Kv3_1": {"vshift_Kv3_1": 5.0},
    "NaTa": {"malphaF_NaTa": 0.2, "mvhalf_NaTa": -45.0, "mk_NaTa": 5.5, "hbetaF_NaTa": 0.02, "hvhalf_NaTa": -67.0},
    "NaTs": {"mbetaF_NaTs": 0.1, "mvhalf_NaTs": -43.0, "halphaF_NaTs": 0.01, "hk_NaTs": 6.5, "hvhalf_NaTs": -64.0},
    "NaV": {"Con_NaV": 0.02, "alpha_NaV": 300.0, "alfac_NaV": 2.2, "btfac_NaV": 4.9, "x1_NaV": 22.0, "Ooff_NaV": 0.07},
    "SK": {"zTau_SK": 2.5},
}
# A grid, and each voltage at which a rate has a removable singularity or a branch.
VOLTAGES = (*np.arange(-120.0, 61.0, 7.3), -154.9, -69.0, -66.0, -64.4, -50.0, -48.0, -40.0, -27.0, -17.0, 43.0)
TEMPERATURES = (20.0, 27.0, 34.0, 37.0)  # degC
STEPS = (0.025, 0.1, 5.0)  # ms
CALCIUM = (1e-9, 5e-8, 1e-7, 5e-5, 4.3e-4, 2e-3, 0.1)  # mM
ATTRIBUTE_KINDS = {1: "parameter", 2: "assigned", 3: "state"}


def patch(*mechanisms: str):
    """Return a new isopotential section with ``mechanisms``."""
    section = h.Section(name="patch")
    section.L = section.diam = 10
    for mechanism in mechanisms:
        section.insert(mechanism)
    return section


def kinetics(mechanism: str, voltages, temperatures) -> dict[str, np.ndarray]:
    """Return initial states, states after steps, conductances, currents and slopes, over temperatures and voltages.

    Without conductance no current flows, so the membrane stays where finitialize puts it: an ideal voltage clamp.
    """
    ion, *names = CHANNELS[mechanism]
    states = [f"{name}_{mechanism}" for name in names]
    flows = [f"g_{mechanism}", *((f"i{ion}", f"di{ion}_dv_") if ion else ("ihcn_Ih",))]
    section = patch(mechanism)
    segment = section(0.5)
    initial, stepped, flow = [], [], []
    for celsius, voltage in itertools.product(temperatures, voltages):
        h.celsius = celsius
        setattr(segment, f"gbar_{mechanism}", 0.0)
        h.finitialize(voltage)
        initial.append([getattr(segment, name) for name in states])
        for dt in STEPS:
            h.finitialize(voltage)
            h.dt = dt
            for index, name in enumerate(states):
                setattr(segment, name, 1 / len(states) if mechanism == "NaV" else 0.3 + 0.2 * index)
            for _ in range(2):
                h.fadvance()
                stepped.append([getattr(segment, name) for name in states])
            assert segment.v == voltage
        setattr(segment, f"gbar_{mechanism}", 0.01)
        h.fcurrent()
        flow.append([getattr(segment, name) for name in flows])
    return {"initial": np.array(initial), "stepped": np.array(stepped), "flow": np.array(flow)}


def calcium_dependence() -> dict[str, np.ndarray]:
    """Return the kinetics of SK over concentrations of calcium."""
    found = {"initial": [], "stepped": [], "flow": []}
    for calcium in CALCIUM:
        h.cai0_ca_ion = calcium
        for name, values in kinetics("SK", (-80.0, -20.0), (34.0,)).items():
            found[name].append(values)
    h.cai0_ca_ion = 5e-5
    return {name: np.concatenate(values) for name, values in found.items()}


def shell(dt: float, **parameters: float) -> np.ndarray:
    """Return cai (mM), ica (mA/cm2) and eca (mV) at each step while calcium flows into the shell of CaDynamics."""
    section = patch("CaDynamics", "Ca_HVA", "Ca_LVA")
    segment = section(0.5)
    segment.gbar_Ca_HVA, segment.gbar_Ca_LVA = 2e-4, 5e-4
    for name, value in parameters.items():
        setattr(segment, f"{name}_CaDynamics", value)
    return clamped(segment, dt, ("cai", "ica", "eca"))


def whole_membrane(dt: float) -> np.ndarray:
    """Return all ionic currents and cai of a membrane with every mechanism in it, in a voltage clamp with steps."""
    section = patch("CaDynamics", *CHANNELS)
    segment = section(0.5)
    for mechanism in CHANNELS:
        setattr(segment, f"gbar_{mechanism}", {"NaV": 0.05, "NaTs": 0.1, "K_P": 0.02}.get(mechanism, 1e-3))
    segment.ena, segment.ek = 53.0, -107.0
    return clamped(segment, dt, ("cai", "ica", "ina", "ik", "ihcn_Ih"))


def clamped(segment, dt: float, names: tuple[str, ...]) -> np.ndarray:
    """Return the variables ``names`` of ``segment``, one column each, through voltage steps of an SEClamp."""
    clamp = h.SEClamp(segment)
    clamp.rs = 1e-3
    clamp.dur1, clamp.amp1, clamp.dur2, clamp.amp2, clamp.dur3, clamp.amp3 = 5, -85.0, 12, -15.0, 20, -60.0
    h.celsius, h.dt = 34.0, dt
    h.finitialize(-85.0)
    rows = []
    while h.t < 37.0:
        h.fadvance()
        rows.append([getattr(segment, name) for name in names])
    return np.array(rows)


def interface() -> list[str]:
    """Return a line for each mechanism's variable: its name, default and unit; and for each ion that it uses."""
    lines = []
    for mechanism in ("CaDynamics", *CHANNELS):
        for kind, title in ATTRIBUTE_KINDS.items():
            standard, name = h.MechanismStandard(mechanism, kind), h.ref("")
            for index in range(int(standard.count())):
                standard.name(name, index)
                lines.append(f"{mechanism} {title} {name[0]} = {standard.get(name[0])} ({h.units(name[0])})")
        section = patch(mechanism)
        for ion in ("na", "k", "ca"):
            if h.ismembrane(f"{ion}_ion", sec=section):
                lines.append(f"{mechanism} {ion} style {int(h.ion_style(f'{ion}_ion', sec=section))}")
        for name in MOVED.get(mechanism, {}):
            lines.append(f"{mechanism} global {name} = {getattr(h, name)} ({h.units(name)})")
    return lines


def main() -> None:
    load_mechanisms(sys.argv[1])
    results = {"interface": np.array(sorted(interface()))}
    for mechanism in CHANNELS:
        for what, values in kinetics(mechanism, VOLTAGES, TEMPERATURES).items():
            results[f"{mechanism}/{what}"] = values
    for what, values in calcium_dependence().items():
        results[f"SK/{what} over calcium"] = values
    results["CaDynamics/shell"] = shell(0.1)
    results["CaDynamics/shell, other parameters"] = shell(0.025, gamma=0.0013, decay=718.0, depth=0.3, minCai=2e-4)
    results["all/whole membrane"] = whole_membrane(0.025)
    for mechanism, values in MOVED.items():
        for name, value in values.items():
            setattr(h, name, value)
        for what, found in kinetics(mechanism, VOLTAGES, (34.0,)).items():
            results[f"{mechanism}/{what}, other parameters"] = found
    np.savez(sys.argv[2], **results)


if __name__ == "__main__":
    main()
