: Synapse with a conductance of two exponentials, as NEURON's Exp2Syn, for a fixed time step: the factors by which the
: conductance decays in a step are computed when the step changes, not in each step.
:
: colonnade: linear
:
: The conductance is a sum over all earlier events, so events of many synapses with the same tau1, tau2 and e on one
: segment may share one instance (superposition; Lytton 1996 Neural Comput 8:501-509). Same results as Exp2Syn with
: NEURON's cnexp method. Without a DERIVATIVE block it cannot run under CVode; NEURON says so. A conductance
: that has all but gone is set to zero, because processors are slow with numbers near the smallest that they know.

NEURON {
    THREADSAFE
    POINT_PROCESS Exp2SynFixed
    RANGE tau1, tau2, e, i, g
    NONSPECIFIC_CURRENT i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    tau1 = 0.1 (ms) <1e-9, 1e9>
    tau2 = 10 (ms) <1e-9, 1e9>
    e = 0 (mV)
}

ASSIGNED {
    v (mV)
    dt (ms)
    i (nA)
    g (uS)
    factor
    last_dt (ms)
    rise_decay
    fall_decay
}

STATE {
    A (uS)
    B (uS)
}

BREAKPOINT {
    CONDUCTANCE g
    SOLVE decay
    g = B - A
    i = g*(v - e)
}

: factor makes the peak conductance after one event equal to the weight of the event. tau1 is kept a little below tau2
: as in Exp2Syn.
INITIAL {
    LOCAL peak
    if (tau1/tau2 > 0.9999) {
        tau1 = 0.9999*tau2
    }
    if (tau1/tau2 < 1e-9) {
        tau1 = tau2*1e-9
    }
    peak = tau1*tau2/(tau2 - tau1)*log(tau2/tau1)
    factor = 1/(exp(-peak/tau2) - exp(-peak/tau1))
    A = 0
    B = 0
    last_dt = dt
    rise_decay = exp(-dt/tau1)
    fall_decay = exp(-dt/tau2)
}

PROCEDURE decay() {
    if (dt != last_dt) {
        last_dt = dt
        rise_decay = exp(-dt/tau1)
        fall_decay = exp(-dt/tau2)
    }
    A = A*rise_decay
    B = B*fall_decay
    if (fabs(B) < 1e-200) {
        A = 0
        B = 0
    }
}

NET_RECEIVE(weight (uS)) {
    A = A + weight*factor
    B = B + weight*factor
}
