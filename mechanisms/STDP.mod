: A synapse that learns from the timing of spikes: pair-based plasticity, additive, within bounds.
:
: colonnade: hears its cell
:
: Spikes of the source come as events with the weight (uS), those of the cell itself as events below 0. Each leaves a trace
: that decays; a spike of the cell adds A_plus times the source's trace to the factor w, a spike of the source takes
: A_minus times the cell's trace from it, between w_min and w_max (Song, Miller & Abbott 2000, Nat Neurosci 3:919-926). The
: conductance of a spike has the peak weight w, two exponentials. Every pair of spikes counts but those of the same time,
: whose order would be the simulator's: they meet the traces and the factor from before, and their changes add up. w is
: for reports.

NEURON {
    THREADSAFE
    POINT_PROCESS STDP
    RANGE tau1, tau2, e, A_plus, A_minus, tau_plus, tau_minus, w_start, w_min, w_max, w, i, g
    NONSPECIFIC_CURRENT i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    tau1 = 0.2 (ms) <1e-9, 1e9>
    tau2 = 3 (ms) <1e-9, 1e9>
    e = 0 (mV)
    A_plus = 0.005 <0, 1e9>
    A_minus = 0.00525 <0, 1e9>
    tau_plus = 20 (ms) <1e-9, 1e9>
    tau_minus = 20 (ms) <1e-9, 1e9>
    w_start = 1 <0, 1e9>
    w_min = 0 <0, 1e9>
    w_max = 2 <0, 1e9>
}

ASSIGNED {
    v (mV)
    i (nA)
    g (uS)
    factor
    w
    now (ms)
    source_before
    cell_before
    w_before
    up
    down
}

STATE {
    A (uS)
    B (uS)
    source
    cell
}

INITIAL {
    LOCAL peak
    if (tau1/tau2 > 0.9999) {
        tau1 = 0.9999*tau2
    }
    peak = tau1*tau2/(tau2 - tau1)*log(tau2/tau1)
    factor = 1/(exp(-peak/tau2) - exp(-peak/tau1))
    A = 0
    B = 0
    source = 0
    cell = 0
    w = w_start
    now = -1
}

BREAKPOINT {
    SOLVE decay METHOD cnexp
    g = B - A
    i = g*(v - e)
}

DERIVATIVE decay {
    A' = -A/tau1
    B' = -B/tau2
    source' = -source/tau_plus
    cell' = -cell/tau_minus
}

NET_RECEIVE(weight (uS)) {
    if (t > now) {
        now = t
        source_before = source
        cell_before = cell
        w_before = w
        up = 0
        down = 0
    }
    if (weight < 0) {
        cell = cell + 1
        up = up + A_plus*source_before
    } else {
        source = source + 1
        down = down + A_minus*cell_before
        w = w_before - down
        if (w < w_min) {
            w = w_min
        }
        A = A + weight*w*factor
        B = B + weight*w*factor
    }
    w = w_before + (up - down)
    if (w > w_max) {
        w = w_max
    }
    if (w < w_min) {
        w = w_min
    }
}
