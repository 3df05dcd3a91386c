: Persistent sodium current: activation follows the voltage at once, inactivation is slow.
:
: Rates: Magistretti & Alonso (1999) J Gen Physiol 114:491-509, time constants scaled from 21 degC with a q10 of 2.3,
: as in Hay, Hill, Schuermann, Markram & Segev (2011) PLoS Comput Biol 7:e1002107. The conductance depends on the
: voltage of the moment, so its slope is left to NEURON (no CONDUCTANCE statement).

NEURON {
    THREADSAFE
    SUFFIX Nap
    USEION na READ ena WRITE ina
    RANGE gbar, g, ina
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
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    g (S/cm2)
    q10
    m_inf
    h_inf
    h_tau (ms)
}

STATE { h }

BREAKPOINT {
    SOLVE gates METHOD cnexp
    m_inf = 1/(1 + exp(-(v + 52.6)/4.6(mV)))
    g = gbar*m_inf*h
    ina = g*(v - ena)
}

INITIAL {
    q10 = 2.3^((celsius - 21(degC))/10(degC))
    rates(v)
    h = h_inf
}

DERIVATIVE gates {
    rates(v)
    h' = (h_inf - h)/h_tau
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    h_inf = 1/(1 + exp((v + 48.8)/10))
    h_tau = 1/(q10*(2.88e-6*linoid(v + 17, 4.63) + 6.94e-6*linoid(-64.4 - v, 2.63)))
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
