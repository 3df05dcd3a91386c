: Hyperpolarisation-activated cation current (h-current).
:
: Rates: Kole, Hallermann & Stuart (2006) J Neurosci 26:1677-1687, as in Hay, Hill, Schuermann, Markram & Segev (2011)
: PLoS Comput Biol 7:e1002107. No temperature correction.

NEURON {
    THREADSAFE
    SUFFIX Ih
    NONSPECIFIC_CURRENT ihcn
    RANGE gbar, g, ihcn
    GLOBAL ehcn
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2)
    ehcn = -45 (mV)
}

ASSIGNED {
    v (mV)
    ihcn (mA/cm2)
    g (S/cm2)
    m_alpha (/ms)
    m_beta (/ms)
}

STATE { m }

BREAKPOINT {
    CONDUCTANCE g
    SOLVE gates METHOD cnexp
    g = gbar*m
    ihcn = g*(v - ehcn)
}

INITIAL {
    rates(v)
    m = m_alpha/(m_alpha + m_beta)
}

DERIVATIVE gates {
    rates(v)
    m' = m_alpha - (m_alpha + m_beta)*m
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    m_alpha = 0.00643*linoid(v + 154.9, 11.9)
    m_beta = 0.193*exp(v/33.1)
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
