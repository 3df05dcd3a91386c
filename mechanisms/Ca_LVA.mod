: Low-voltage-activated calcium current.
:
: Activation and inactivation: Avery & Johnston (1996) J Neurosci 16:5567-5582. Time constants: read from the plots of
: Randall & Tsien (1997) Neuropharmacology 36:879-893, at 21 degC, scaled with a q10 of 2.3. All are shifted by -10 mV
: for the junction potential, as in Hay, Hill, Schuermann, Markram & Segev (2011) PLoS Comput Biol 7:e1002107.

NEURON {
    THREADSAFE
    SUFFIX Ca_LVA
    USEION ca READ eca WRITE ica
    RANGE gbar, g, ica
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
    eca (mV)
    ica (mA/cm2)
    g (S/cm2)
    q10
    m_inf
    m_tau (ms)
    h_inf
    h_tau (ms)
}

STATE { m h }

BREAKPOINT {
    CONDUCTANCE g USEION ca
    SOLVE gates METHOD cnexp
    g = gbar*m*m*h
    ica = g*(v - eca)
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
    UNITSOFF
    m_inf = 1/(1 + exp(-(v + 40)/6))
    m_tau = (5 + 20/(1 + exp((v + 35)/5)))/q10
    h_inf = 1/(1 + exp((v + 90)/6.4))
    h_tau = (20 + 50/(1 + exp((v + 50)/7)))/q10
    UNITSON
}
