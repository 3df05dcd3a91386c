: Persistent (slowly inactivating) potassium current.
:
: Rates: Korngreen & Sakmann (2000) J Physiol 525:621-639, somatic nucleated patches, with voltages corrected by 10 mV
: for the junction potential and time constants scaled from 21 degC with a q10 of 2.3, as in Hay, Hill, Schuermann,
: Markram & Segev (2011) PLoS Comput Biol 7:e1002107. vshift moves the rates along the voltage axis, tauF scales the
: activation time constant.

NEURON {
    THREADSAFE
    SUFFIX K_P
    USEION k READ ek WRITE ik
    RANGE gbar, g, ik
    GLOBAL vshift, tauF
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2)
    vshift = 0 (mV)
    tauF = 1
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
    h_inf
    h_tau (ms)
}

STATE { m h }

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE gates METHOD cnexp
    g = gbar*m*m*h
    ik = g*(v - ek)
}

INITIAL {
    q10 = 2.3^((celsius - 21(degC))/10(degC))
    rates(v)
    m = m_inf
    h = h_inf
}

DERIVATIVE gates {
    rates(v)
    m' = (m_inf - m)/m_tau
    h' = (h_inf - h)/h_tau
}

PROCEDURE rates(v (mV)) {
    LOCAL u, rising, falling
    UNITSOFF
    u = v - vshift
    m_inf = 1/(1 + exp(-(u + 14.3)/14.6))
    rising = 175.03*exp(0.026*u)
    falling = 13*exp(-0.026*u)
    if (u < -50) {
        m_tau = tauF*(1.25 + rising)/q10
    } else {
        m_tau = tauF*(1.25 + falling)/q10
    }
    h_inf = 1/(1 + exp((u + 54)/11))
    h_tau = (360 + (1010 + 24*(u + 55))*exp(-((u + 75)/48)*((u + 75)/48)))/q10
    UNITSON
}
