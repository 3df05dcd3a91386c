: Muscarinic potassium current (M-current).
:
: Rates: Adams, Brown & Constanti (1982) J Physiol 330:537-572, scaled from 21 degC with a q10 of 2.3, as in Hay, Hill,
: Schuermann, Markram & Segev (2011) PLoS Comput Biol 7:e1002107.

NEURON {
    THREADSAFE
    SUFFIX Im
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
}

STATE { m }

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE gates METHOD cnexp
    g = gbar*m
    ik = g*(v - ek)
}

INITIAL {
    q10 = 2.3^((celsius - 21(degC))/10(degC))
    rates(v)
    m = m_alpha/(m_alpha + m_beta)
}

DERIVATIVE gates {
    rates(v)
    m' = m_alpha - (m_alpha + m_beta)*m
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    m_alpha = q10*0.0033*exp(0.1*(v + 35))
    m_beta = q10*0.0033*exp(-0.1*(v + 35))
    UNITSON
}
