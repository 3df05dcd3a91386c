: Delayed-rectifier potassium current of the Kv2 kind, with two inactivation time constants.
:
: Rates: Keren, Peled & Korngreen (2005) J Neurophysiol 94:3730-3742, after the recordings of Korngreen & Sakmann
: (2000) J Physiol 525:621-639; time constants scaled from 21 degC with a q10 of 2.3.

NEURON {
    THREADSAFE
    SUFFIX Kv2like
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
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    q10
    m_alpha (/ms)
    m_beta (/ms)
    h_inf
    h1_tau (ms)
    h2_tau (ms)
}

STATE { m h1 h2 }

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE gates METHOD cnexp
    g = gbar*m*m*0.5*(h1 + h2)
    ik = g*(v - ek)
}

INITIAL {
    q10 = 2.3^((celsius - 21(degC))/10(degC))
    rates(v)
    m = m_alpha/(m_alpha + m_beta)
    h1 = h_inf
    h2 = h_inf
}

DERIVATIVE gates {
    rates(v)
    m' = m_alpha - (m_alpha + m_beta)*m
    h1' = (h_inf - h1)/h1_tau
    h2' = (h_inf - h2)/h2_tau
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    m_alpha = q10/2.5*0.12*linoid(43 - v, 11)
    m_beta = q10/2.5*0.02*exp(-(v + 1.27)/120)
    h_inf = 1/(1 + exp((v + 58)/11))
    h1_tau = (360 + (1010 + 23.7*(v + 54))*exp(-((v + 75)/48)*((v + 75)/48)))/q10
    h2_tau = (2350 + 1380*exp(-0.011*v) - 210*exp(-0.03*v))/q10
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
