: NMDA receptors: a conductance of two exponentials behind the voltage-dependent block by magnesium.
:
: colonnade: linear
:
: The share of channels that magnesium leaves open is 1/(1 + [Mg]/3.57 mM exp(-0.062 v)) (Jahr & Stevens 1990, J Neurosci
: 10:3178-3182). Without the block the conductance has the weight of an event as its peak, in uS. It is a sum over all
: earlier events, so synapses with the same parameters on one segment may share one instance.

NEURON {
    THREADSAFE
    POINT_PROCESS NMDA
    RANGE tau1, tau2, e, mg, i, g, unblocked
    NONSPECIFIC_CURRENT i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
    (mM) = (milli/liter)
}

PARAMETER {
    tau1 = 2 (ms) <1e-9, 1e9>
    tau2 = 100 (ms) <1e-9, 1e9>
    e = 0 (mV)
    mg = 1 (mM) <0, 1e3>
}

ASSIGNED {
    v (mV)
    i (nA)
    g (uS)
    unblocked
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
    unblocked = 1/(1 + mg/3.57*exp(-0.062*v))
    g = (B - A)*unblocked
    i = g*(v - e)
}

DERIVATIVE decay {
    A' = -A/tau1
    B' = -B/tau2
}

NET_RECEIVE(weight (uS)) {
    A = A + weight*factor
    B = B + weight*factor
}
