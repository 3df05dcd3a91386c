: A synapse with short-term depression and facilitation, whose state belongs to each connection.
:
: colonnade: linear
:
: Of the resources R a spike uses the share u, which itself grows with each spike where tau_facil is above 0 (Tsodyks &
: Markram 1997, PNAS 94:719-723; Tsodyks, Pawelzik & Markram 1998, Neural Comput 10:821-835):
:     between spikes  R' = (1 - R)/tau_rec,  u' = -u/tau_facil;     at a spike  u += U (1 - u), then R -= u R
: The conductance of a spike has the peak weight u R (uS), two exponentials. The state is the connection's, and
: conductances add up, so connections with the same parameters on one segment may share one instance.

NEURON {
    THREADSAFE
    POINT_PROCESS TsodyksMarkram
    RANGE tau1, tau2, e, U, tau_rec, tau_facil, i, g
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
    U = 0.5 <0, 1>
    tau_rec = 800 (ms) <1e-9, 1e9>
    tau_facil = 0 (ms) <0, 1e9>
}

ASSIGNED {
    v (mV)
    i (nA)
    g (uS)
    factor
}

STATE {
    A (uS)
    B (uS)
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
}

BREAKPOINT {
    SOLVE decay METHOD cnexp
    g = B - A
    i = g*(v - e)
}

DERIVATIVE decay {
    A' = -A/tau1
    B' = -B/tau2
}

: used is u after the last spike, spent 1 - R after it, last its time.
NET_RECEIVE(weight (uS), used, spent, last (ms)) {
    LOCAL left, amount
    INITIAL {
        used = 0
        spent = 0
        last = 0
    }
    if (tau_facil > 0) {
        used = used*exp(-(t - last)/tau_facil)
        used = used + U*(1 - used)
    } else {
        used = U
    }
    left = 1 - spent*exp(-(t - last)/tau_rec)
    amount = used*left
    spent = 1 - left + amount
    last = t
    A = A + weight*amount*factor
    B = B + weight*amount*factor
}
