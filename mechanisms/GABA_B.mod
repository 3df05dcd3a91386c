: GABA-B receptors: potassium channels opened by G-proteins, which only bursts of spikes make enough of.
:
: A spike releases transmitter for so short a time that the share r of activated receptors jumps by release (1 - r), then
: decays; receptors make G-protein s, of which four molecules open a channel (Destexhe & Sejnowski 1995, PNAS 92:9515-9519;
: rates of Destexhe, Mainen & Sejnowski 1998, in Methods in Neuronal Modeling, table 1.5):
:     r' = -K2 r,   s' = K3 r - K4 s,   g = weight s^4/(s^4 + KD)
: release = 1 - exp(-K1 T d), with K1 = 90 /mM/s, T = 0.5 mM for d = 0.3 ms. The weight is the conductance (uS) of all
: channels open. q = s - K3 r/(K4 - K2) decays with K4 alone, so that both states decay exactly in a step of any length.

NEURON {
    THREADSAFE
    POINT_PROCESS GABA_B
    RANGE release, K2, K3, K4, KD, e, i, g, s
    NONSPECIFIC_CURRENT i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    release = 0.013409 <0, 1>
    K2 = 0.0012 (/ms) <1e-9, 1e9>
    K3 = 0.18 (/ms) <0, 1e9>
    K4 = 0.034 (/ms) <1e-9, 1e9>
    KD = 100 <1e-9, 1e9>
    e = -95 (mV)
}

ASSIGNED {
    v (mV)
    i (nA)
    g (uS)
    gmax (uS)
    s
    coupling
}

STATE {
    r
    q
}

INITIAL {
    if (fabs(K4 - K2) < 1e-6*K4) {
        K4 = K4*(1 + 1e-6)
    }
    coupling = K3/(K4 - K2)
    gmax = 0
    r = 0
    q = 0
    s = 0
}

BREAKPOINT {
    LOCAL power
    SOLVE cascade METHOD cnexp
    s = q + coupling*r
    power = s*s*s*s
    g = gmax*power/(power + KD)
    i = g*(v - e)
}

DERIVATIVE cascade {
    r' = -K2*r
    q' = -K4*q
}

NET_RECEIVE(weight (uS)) {
    LOCAL jump
    gmax = weight
    jump = release*(1 - r)
    r = r + jump
    q = q - coupling*jump
}
