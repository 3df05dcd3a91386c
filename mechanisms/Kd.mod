: Slowly inactivating potassium current of the Kv1 family (D-current).
:
: Activation and inactivation: Foust, Yu, Popovic, Zecevic & McCormick (2011) J Neurosci 31:15490-15498. Activation is
: taken as fast (1 ms), inactivation as slow (1.5 s); no temperature correction.

NEURON {
    THREADSAFE
    SUFFIX Kd
    USEION k READ ek WRITE ik
    RANGE gbar, g, ik
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
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    m_inf
    h_inf
}

STATE { m h }

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE gates METHOD cnexp
    g = gbar*m*h
    ik = g*(v - ek)
}

INITIAL {
    rates(v)
    m = m_inf
    h = h_inf
}

DERIVATIVE gates {
    rates(v)
    m' = (m_inf - m)/1(ms)
    h' = (h_inf - h)/1500(ms)
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    m_inf = 1 - 1/(1 + exp((v + 43)/8))
    h_inf = 1/(1 + exp((v + 67)/7.3))
    UNITSON
}
