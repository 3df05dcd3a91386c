: Calcium-activated potassium current of small conductance (SK), without voltage dependence.
:
: Calcium dependence: Koehler et al. (1996) Science 273:1709-1714 (half-activation 0.43 uM, Hill coefficient 4.8), as
: in Hay, Hill, Schuermann, Markram & Segev (2011) PLoS Comput Biol 7:e1002107. No temperature correction.

NEURON {
    THREADSAFE
    SUFFIX SK
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gbar, g, ik
    GLOBAL zTau
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    gbar = 1e-6 (mho/cm2)
    zTau = 1 (ms)
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    g (S/cm2)
    z_inf
}

STATE { z }

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE gates METHOD cnexp
    g = gbar*z
    ik = g*(v - ek)
}

INITIAL {
    rates(cai)
    z = z_inf
}

DERIVATIVE gates {
    rates(cai)
    z' = (z_inf - z)/zTau
}

: Concentrations below 0.1 nM are raised by 0.1 nM, so that the quotient stays finite.
PROCEDURE rates(ca (mM)) {
    LOCAL c
    UNITSOFF
    if (ca < 1e-7) {
        c = ca + 1e-7
    } else {
        c = ca
    }
    z_inf = 1/(1 + (0.00043/c)^4.8)
    UNITSON
}
