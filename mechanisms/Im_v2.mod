: Muscarinic potassium current (M-current), from hippocampal pyramidal cells.
:
: Rates: Vervaeke, Hu, Graham & Storm (2006) Neuron 49:257-270; a Boltzmann particle of effective charge 6 (26.12 mV is
: the thermal voltage at 30 degC) with a floor of 15 ms under its time constant, scaled from 30 degC with a q10 of 2.3.

NEURON {
    THREADSAFE
    SUFFIX Im_v2
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
    q10 = 2.3^((celsius - 30(degC))/10(degC))
    rates(v)
    m = m_inf
}

DERIVATIVE gates {
    rates(v)
    m' = (m_inf - m)/m_tau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = 0.007*exp(6*0.4*(v + 48)/26.12)
    beta = 0.007*exp(-6*0.6*(v + 48)/26.12)
    m_inf = alpha/(alpha + beta)
    m_tau = (15 + 1/(alpha + beta))/q10
    UNITSON
}
