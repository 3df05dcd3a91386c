: A glutamatergic synapse with both receptors: AMPA, and NMDA behind the block by magnesium.
:
: colonnade: linear
:
: The weight of an event is the peak conductance (uS) of AMPA; nmda_ratio times it that of NMDA without its block, of which
: magnesium leaves the share 1/(1 + [Mg]/3.57 mM exp(-0.062 v)) open (Jahr & Stevens 1990, J Neurosci 10:3178-3182).
: Both are sums over all earlier events, so synapses with the same parameters on one segment may share one instance.

NEURON {
    THREADSAFE
    POINT_PROCESS AMPA_NMDA
    RANGE ampa_tau1, ampa_tau2, nmda_tau1, nmda_tau2, nmda_ratio, e, mg, i, g, g_ampa, g_nmda, i_ampa, i_nmda
    NONSPECIFIC_CURRENT i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
    (mM) = (milli/liter)
}

PARAMETER {
    ampa_tau1 = 0.2 (ms) <1e-9, 1e9>
    ampa_tau2 = 1.7 (ms) <1e-9, 1e9>
    nmda_tau1 = 2 (ms) <1e-9, 1e9>
    nmda_tau2 = 100 (ms) <1e-9, 1e9>
    nmda_ratio = 0.5 <0, 1e9>
    e = 0 (mV)
    mg = 1 (mM) <0, 1e3>
}

ASSIGNED {
    v (mV)
    i (nA)
    i_ampa (nA)
    i_nmda (nA)
    g (uS)
    g_ampa (uS)
    g_nmda (uS)
    ampa_factor
    nmda_factor
}

STATE {
    A (uS)
    B (uS)
    C (uS)
    D (uS)
}

INITIAL {
    if (ampa_tau1/ampa_tau2 > 0.9999) {
        ampa_tau1 = 0.9999*ampa_tau2
    }
    if (nmda_tau1/nmda_tau2 > 0.9999) {
        nmda_tau1 = 0.9999*nmda_tau2
    }
    ampa_factor = one_at_peak(ampa_tau1, ampa_tau2)
    nmda_factor = one_at_peak(nmda_tau1, nmda_tau2)
    A = 0
    B = 0
    C = 0
    D = 0
}

BREAKPOINT {
    SOLVE decay METHOD cnexp
    g_ampa = B - A
    g_nmda = (D - C)/(1 + mg/3.57*exp(-0.062*v))
    g = g_ampa + g_nmda
    i_ampa = g_ampa*(v - e)
    i_nmda = g_nmda*(v - e)
    i = i_ampa + i_nmda
}

DERIVATIVE decay {
    A' = -A/ampa_tau1
    B' = -B/ampa_tau2
    C' = -C/nmda_tau1
    D' = -D/nmda_tau2
}

NET_RECEIVE(weight (uS)) {
    A = A + weight*ampa_factor
    B = B + weight*ampa_factor
    C = C + weight*nmda_ratio*nmda_factor
    D = D + weight*nmda_ratio*nmda_factor
}

: The factor that makes the peak of exp(-t/decay) - exp(-t/rise) one.
FUNCTION one_at_peak(rise (ms), decay (ms)) {
    LOCAL peak
    peak = rise*decay/(decay - rise)*log(decay/rise)
    one_at_peak = 1/(exp(-peak/decay) - exp(-peak/rise))
}
