: Transient sodium current of the axon.
:
: Rates: Colbert & Pan (2002) Nat Neurosci 5:533-538, scaled from 23 degC with a q10 of 2.3, as in Hay, Hill,
: Schuermann, Markram & Segev (2011) PLoS Comput Biol 7:e1002107. The soma's and the axon's channel differ only in the
: half-way voltages: soma -40 and -66 mV, axon -48 and -69 mV. The GLOBAL parameters are factors (/mV/ms), half-way
: voltages and slopes of the opening and closing rates of m and h.

NEURON {
    THREADSAFE
    SUFFIX NaTa
    USEION na READ ena WRITE ina
    RANGE gbar, g, ina
    GLOBAL malphaF, mbetaF, mvhalf, mk, halphaF, hbetaF, hvhalf, hk
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2)
    malphaF = 0.182
    mbetaF = 0.124
    mvhalf = -48 (mV)
    mk = 6 (mV)
    halphaF = 0.015
    hbetaF = 0.015
    hvhalf = -69 (mV)
    hk = 6 (mV)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    g (S/cm2)
    q10
    m_alpha (/ms)
    m_beta (/ms)
    h_alpha (/ms)
    h_beta (/ms)
}

STATE { m h }

BREAKPOINT {
    CONDUCTANCE g USEION na
    SOLVE gates METHOD cnexp
    g = gbar*m*m*m*h
    ina = g*(v - ena)
}

INITIAL {
    q10 = 2.3^((celsius - 23(degC))/10(degC))
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
    m_alpha = q10*malphaF*linoid(mvhalf - v, mk)
    m_beta = q10*mbetaF*linoid(v - mvhalf, mk)
    h_alpha = q10*halphaF*linoid(v - hvhalf, hk)
    h_beta = q10*hbetaF*linoid(hvhalf - v, hk)
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
