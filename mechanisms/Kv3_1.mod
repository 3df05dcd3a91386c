: Fast, non-inactivating potassium current of Kv3.1 (Shaw) channels.
:
: Rates: Rettig et al. (1992) EMBO J 11:2473-2486, as in Hay, Hill, Schuermann, Markram & Segev (2011) PLoS Comput Biol
: 7:e1002107. No temperature correction. vshift moves the rates along the voltage axis.

NEURON {
    THREADSAFE
    SUFFIX Kv3_1
    USEION k READ ek WRITE ik
    RANGE gbar, g, ik
    GLOBAL vshift
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2)
    vshift = 0 (mV)
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    m_inf
    m_tau (ms)
}

STATE { m }

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE gates METHOD cnexp
    g = gbar*m
    ik = g*(v - ek)
}

INITIAL {
    rates(v)
    m = m_inf
}

DERIVATIVE gates {
    rates(v)
    m' = (m_inf - m)/m_tau
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    m_inf = 1/(1 + exp(-(v - 18.7 - vshift)/9.7))
    m_tau = 4/(1 + exp(-(v + 46.56 - vshift)/44.14))
    UNITSON
}
