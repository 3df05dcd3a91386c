: Transient and resurgent sodium current as a Markov scheme: five closed states and one open state in a row, each with
: an inactivated partner.
:
: Scheme: Kuo & Bean (1994) Neuron 12:819-829, with the open-channel inactivation of Raman & Bean (2001) Biophys J
: 80:729-737. Rates: Carter, Giessel, Sabatini & Bean (2012) Neuron 75:1081-1093, at 37 degC, scaled with a q10 of 2.3.
: alfac and btfac are the factors by which each step towards opening speeds inactivation and slows its recovery.
:
: The initial state is that of the Allen Institute's all-active models, so that the same files give the same spikes. It
: is not quite the steady state: in their balance for I3 the return from I4 has the rate of the recovery from I3 to C3.
: Here this is a scheme in which the rest of what leaves I4 goes to I6, solved for its steady state.

NEURON {
    THREADSAFE
    SUFFIX NaV
    USEION na READ ena WRITE ina
    RANGE gbar, g
    GLOBAL Con, Coff, Oon, Ooff, alpha, beta, gamma, delta, alfac, btfac, x1, x2
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.015 (S/cm2)
    Con = 0.01 (/ms)
    Coff = 40 (/ms)
    Oon = 8 (/ms)
    Ooff = 0.05 (/ms)
    alpha = 400 (/ms)
    beta = 12 (/ms)
    gamma = 250 (/ms)
    delta = 60 (/ms)
    alfac = 2.51
    btfac = 5.32
    x1 = 24 (mV)
    x2 = -24 (mV)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    g (S/cm2)
    q10
    up (/ms)
    down (/ms)
    starting
    i4_to_i3 (/ms)
    i4_to_i6 (/ms)
}

STATE { C1 C2 C3 C4 C5 I1 I2 I3 I4 I5 O I6 }

BREAKPOINT {
    CONDUCTANCE g USEION na
    SOLVE scheme METHOD sparse
    g = gbar*O
    ina = g*(v - ena)
}

INITIAL {
    q10 = 2.3^((celsius - 37(degC))/10(degC))
    starting = 1
    settle()
    settle()
    starting = 0
}

KINETIC scheme {
    rates(v)
    ~ C1 <-> C2 (4*up, down)
    ~ C2 <-> C3 (3*up, 2*down)
    ~ C3 <-> C4 (2*up, 3*down)
    ~ C4 <-> C5 (up, 4*down)
    ~ C5 <-> O (q10*gamma, q10*delta)
    ~ I1 <-> I2 (4*up*alfac, down/btfac)
    ~ I2 <-> I3 (3*up*alfac, 2*down/btfac)
    ~ I3 <-> I4 (2*up*alfac, i4_to_i3)
    ~ I4 <-> I6 (i4_to_i6, 0)
    ~ I4 <-> I5 (up*alfac, 4*down/btfac)
    ~ I5 <-> I6 (q10*gamma, q10*delta)
    ~ C1 <-> I1 (q10*Con, q10*Coff)
    ~ C2 <-> I2 (q10*Con*alfac, q10*Coff/btfac)
    ~ C3 <-> I3 (q10*Con*alfac*alfac, q10*Coff/(btfac*btfac))
    ~ C4 <-> I4 (q10*Con*alfac*alfac*alfac, q10*Coff/(btfac*btfac*btfac))
    ~ C5 <-> I5 (q10*Con*alfac*alfac*alfac*alfac, q10*Coff/(btfac*btfac*btfac*btfac))
    ~ O <-> I6 (q10*Oon, q10*Ooff)
    CONSERVE C1 + C2 + C3 + C4 + C5 + O + I1 + I2 + I3 + I4 + I5 + I6 = 1
}

PROCEDURE rates(v (mV)) {
    up = q10*alpha*exp(v/x1)
    down = q10*beta*exp(v/x2)
    i4_to_i3 = 3*down/btfac
    i4_to_i6 = 0
    if (starting) {
        i4_to_i6 = i4_to_i3 - q10*Coff/(btfac*btfac)
        i4_to_i3 = q10*Coff/(btfac*btfac)
    }
}

: One implicit step of 1e9 ms; the second one brings the error from 1e-8 to rounding.
PROCEDURE settle() {
    SOLVE scheme STEADYSTATE sparse
}
