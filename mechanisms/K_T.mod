: Transient (fast inactivating) potassium current.
:
: Rates: Korngreen & Sakmann (2000) J Physiol 525:621-639, somatic nucleated patches, with voltages corrected by 10 mV
: for the junction potential and time constants scaled from 21 degC with a q10 of 2.3, as in Hay, Hill, Schuermann,
: Markram & Segev (2011) PLoS Comput Biol 7:e1002107. vshift moves the rates along the voltage axis, mTauF and hTauF
: scale the voltage-dependent part of the time constants.

NEURON {
    THREADSAFE
    SUFFIX K_T
    USEION k READ ek WRITE ik
    RANGE gbar, g, ik
    GLOBAL vshift, mTauF, hTauF
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2)
    vshift = 0 (mV)
    mTauF = 1
    hTauF = 1
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
    g = gbar*m*m*m*m*h
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
    LOCAL u
    UNITSOFF
    u = v - vshift
    m_inf = 1/(1 + exp(-(u + 47)/29))
    m_tau = (0.34 + mTauF*0.92*exp(-((u + 71)/59)*((u + 71)/59)))/q10
    h_inf = 1/(1 + exp((u + 66)/10))
    h_tau = (8 + hTauF*49*exp(-((u + 73)/23)*((u + 73)/23)))/q10
    UNITSON
}
