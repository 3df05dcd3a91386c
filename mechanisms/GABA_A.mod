: GABA-A receptors: a conductance of two exponentials for chloride and bicarbonate.
:
: colonnade: linear
:
: The reversal potential is that of a membrane which lets both ions through, bicarbonate with the share hco3_share of the
: permeability of chloride (Bormann, Hamill & Sakmann 1987, J Physiol 385:243-286); it follows from the concentrations
: by the equation of Goldman, Hodgkin and Katz. Where e_fixed is 1, e is taken as it is given. The weight of an event is
: the peak conductance in uS.

NEURON {
    THREADSAFE
    POINT_PROCESS GABA_A
    RANGE tau1, tau2, e, e_fixed, cl_in, cl_out, hco3_in, hco3_out, hco3_share, i, g
    NONSPECIFIC_CURRENT i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
    (mM) = (milli/liter)
}

PARAMETER {
    tau1 = 0.5 (ms) <1e-9, 1e9>
    tau2 = 8 (ms) <1e-9, 1e9>
    e = -75 (mV)
    e_fixed = 1
    cl_in = 6 (mM) <1e-6, 1e4>
    cl_out = 130 (mM) <1e-6, 1e4>
    hco3_in = 15 (mM) <1e-6, 1e4>
    hco3_out = 25 (mM) <1e-6, 1e4>
    hco3_share = 0.2 <0, 1>
}

ASSIGNED {
    v (mV)
    celsius (degC)
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
    if (e_fixed == 0) {
        e = 0.0861733326*(celsius + 273.15)*log((cl_in + hco3_share*hco3_in)/(cl_out + hco3_share*hco3_out))
    }
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

NET_RECEIVE(weight (uS)) {
    A = A + weight*factor
    B = B + weight*factor
}
