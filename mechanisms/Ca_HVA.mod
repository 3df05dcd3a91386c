: High-voltage-activated calcium current.
:
: Rates: Reuveni, Friedman, Amitai & Gutnick (1993) J Neurosci 13:4609-4621, as the layer 5 model of Hay, Hill,
: Schuermann, Markram & Segev (2011) PLoS Comput Biol 7:e1002107 uses them. No temperature correction.

NEURON {
    THREADSAFE
    SUFFIX Ca_HVA
    USEION ca READ eca WRITE ica
    RANGE gbar, g, ica
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2)
}

ASSIGNED {
    v (mV)
    eca (mV)
    ica (mA/cm2)
    g (S/cm2)
    m_alpha (/ms)
    m_beta (/ms)
    h_alpha (/ms)
    h_beta (/ms)
}

STATE { m h }

BREAKPOINT {
    CONDUCTANCE g USEION ca
    SOLVE gates METHOD cnexp
    g = gbar*m*m*h
    ica = g*(v - eca)
}

INITIAL {
    rates(v)
    m = m_alpha/(m_alpha + m_beta)
    h = h_alpha/(h_alpha + h_beta)
}

DERIVATIVE gates {
    rates(v)
    m' = m_alpha - (m_alpha + m_beta)*m
    h' = h_alpha - (h_alpha + h_beta)*h
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    m_alpha = 0.055*linoid(-27 - v, 3.8)
    m_beta = 0.94*exp((-75 - v)/17)
    h_alpha = 0.000457*exp((-13 - v)/50)
    h_beta = 0.0065/(exp((-v - 15)/28) + 1)
    UNITSON
}

: x/(exp(x/k) - 1) with its limit around x = 0; the exponential stands outside the branch, so that it can be vectorised.
FUNCTION linoid(x, k) {
    LOCAL r, d
    UNITSOFF
    r = x/k
    d = exp(r) - 1
    if (fabs(r) < 1e-6) {
        linoid = k*(1 - r/2)
    } else {
        linoid = x/d
    }
    UNITSON
}
