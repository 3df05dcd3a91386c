: Transient and resurgent sodium current as a Markov scheme: five closed states and one open state in a row, each with
: an inactivated partner.
:
:     C1 -4a- C2 -3a- C3 -2a- C4 -a- C5 -gamma- O        a = alpha exp(v/x1), opening; b = beta exp(v/x2), closing
:     |       |       |       |      |          |        (b, 2b, 3b, 4b and delta lead back along the upper row)
:     I1 ---- I2 ---- I3 ---- I4 --- I5 ------- I6       the same with a alfac and b/btfac
:
:     down: Con alfac^k, up: Coff/btfac^k for k = 0 ... 4; between O and I6: Oon, Ooff
:
: Scheme: Kuo & Bean (1994) Neuron 12:819-829, with the open-channel inactivation of Raman & Bean (2001) Biophys J
: 80:729-737. Rates: Carter, Giessel, Sabatini & Bean (2012) Neuron 75:1081-1093, at 37 degC, scaled with a q10 of 2.3.
:
: A step is one of the implicit Euler method, as METHOD sparse would take for a KINETIC block, but ten times faster and
: straight on, so that compilers can vectorise it. Without a KINETIC block it cannot run under CVode; NEURON says so.
:
: The initial state is that of the Allen Institute's all-active models, so that the same files give the same spikes. It
: is not quite the steady state: in their balance of I3, what returns from I4 has the rate of I3 to C3.

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
    dt (ms)
    ena (mV)
    ina (mA/cm2)
    g (S/cm2)
    q10
}

STATE { C1 C2 C3 C4 C5 I1 I2 I3 I4 I5 O I6 }

BREAKPOINT {
    CONDUCTANCE g USEION na
    SOLVE advance
    g = gbar*O
    ina = g*(v - ena)
}

INITIAL {
    LOCAL total
    q10 = 2.3^((celsius - 37(degC))/10(degC))
    C1 = 0
    C2 = 0
    C3 = 0
    C4 = 0
    C5 = 0
    I1 = 0
    I2 = 0
    I3 = 0
    I4 = 0
    I5 = 0
    O = 0
    I6 = 1
    ladder(0, 1)
    total = C1 + C2 + C3 + C4 + C5 + I1 + I2 + I3 + I4 + I5 + O + I6
    C1 = C1/total
    C2 = C2/total
    C3 = C3/total
    C4 = C4/total
    C5 = C5/total
    I1 = I1/total
    I2 = I2/total
    I3 = I3/total
    I4 = I4/total
    I5 = I5/total
    O = O/total
    I6 = I6/total
}

PROCEDURE advance() {
    ladder(1, dt)
}

: The states after a step of h, with old = 1; or, with old = 0 and h = 1, the balance of all states relative to I6.
: The equations of a rung (C, I) of the ladder give its two states as fc + cc*C + ci*I and fi + ic*C + ii*I of the next
: rung's; on the way back, from (O, I6) on, these give the states.
PROCEDURE ladder(old, h (ms)) {
    LOCAL ac, ai, bc, bi, opening, closing, on, off, cc, ci, ic, ii, s, back, O_new,
        cc1, ci1, ic1, ii1, fc1, fi1, cc2, ci2, ic2, ii2, fc2, fi2, cc3, ci3, ic3, ii3, fc3, fi3,
        cc4, ci4, ic4, ii4, fc4, fi4, cc5, ci5, ic5, ii5, fc5, fi5
    UNITSOFF
    ac = h*q10*alpha*exp(v/x1)
    bc = h*q10*beta*exp(v/x2)
    ai = ac*alfac
    bi = bc/btfac
    opening = h*q10*gamma
    closing = h*q10*delta
    on = h*q10*Con
    off = h*q10*Coff

    cc = old + 4*ac + on
    ci = off
    ic = on
    ii = old + 4*ai + off
    s = 1/(cc*ii - ci*ic)
    cc1 = s*ii*bc
    ci1 = s*ci*bi
    ic1 = s*ic*bc
    ii1 = s*cc*bi
    fc1 = s*(ii*C1 + ci*I1)
    fi1 = s*(ic*C1 + cc*I1)

    on = on*alfac
    off = off/btfac
    cc = old + 3*ac + bc + on - 4*ac*cc1
    ci = off + 4*ac*ci1
    ic = on + 4*ai*ic1
    ii = old + 3*ai + bi + off - 4*ai*ii1
    s = 1/(cc*ii - ci*ic)
    cc2 = s*ii*2*bc
    ci2 = s*ci*2*bi
    ic2 = s*ic*2*bc
    ii2 = s*cc*2*bi
    fc2 = s*(ii*(C2 + 4*ac*fc1) + ci*(I2 + 4*ai*fi1))
    fi2 = s*(ic*(C2 + 4*ac*fc1) + cc*(I2 + 4*ai*fi1))

    on = on*alfac
    off = off/btfac
    cc = old + 2*ac + 2*bc + on - 3*ac*cc2
    ci = off + 3*ac*ci2
    ic = on + 3*ai*ic2
    ii = old + 2*ai + 2*bi + off - 3*ai*ii2
    s = 1/(cc*ii - ci*ic)
    back = old*3*bi + (1 - old)*off
    cc3 = s*ii*3*bc
    ci3 = s*ci*back
    ic3 = s*ic*3*bc
    ii3 = s*cc*back
    fc3 = s*(ii*(C3 + 3*ac*fc2) + ci*(I3 + 3*ai*fi2))
    fi3 = s*(ic*(C3 + 3*ac*fc2) + cc*(I3 + 3*ai*fi2))

    on = on*alfac
    off = off/btfac
    cc = old + ac + 3*bc + on - 2*ac*cc3
    ci = off + 2*ac*ci3
    ic = on + 2*ai*ic3
    ii = old + ai + 3*bi + off - 2*ai*ii3
    s = 1/(cc*ii - ci*ic)
    cc4 = s*ii*4*bc
    ci4 = s*ci*4*bi
    ic4 = s*ic*4*bc
    ii4 = s*cc*4*bi
    fc4 = s*(ii*(C4 + 2*ac*fc3) + ci*(I4 + 2*ai*fi3))
    fi4 = s*(ic*(C4 + 2*ac*fc3) + cc*(I4 + 2*ai*fi3))

    on = on*alfac
    off = off/btfac
    cc = old + opening + 4*bc + on - ac*cc4
    ci = off + ac*ci4
    ic = on + ai*ic4
    ii = old + opening + 4*bi + off - ai*ii4
    s = 1/(cc*ii - ci*ic)
    cc5 = s*ii*closing
    ci5 = s*ci*closing
    ic5 = s*ic*closing
    ii5 = s*cc*closing
    fc5 = s*(ii*(C5 + ac*fc4) + ci*(I5 + ai*fi4))
    fi5 = s*(ic*(C5 + ac*fc4) + cc*(I5 + ai*fi4))

    on = h*q10*Oon
    off = h*q10*Ooff
    cc = old + closing + on - opening*cc5
    ci = off + opening*ci5
    ic = old*(on + opening*ic5)
    ii = 1 + old*(closing + off - opening*ii5)
    s = 1/(cc*ii - ci*ic)
    O_new = s*(ii*(O + opening*fc5) + ci*(I6 + opening*fi5))
    I6 = s*(ic*(O + opening*fc5) + cc*(I6 + opening*fi5))

    O = O_new
    C5 = fc5 + cc5*O + ci5*I6
    I5 = fi5 + ic5*O + ii5*I6
    C4 = fc4 + cc4*C5 + ci4*I5
    I4 = fi4 + ic4*C5 + ii4*I5
    C3 = fc3 + cc3*C4 + ci3*I4
    I3 = fi3 + ic3*C4 + ii3*I4
    C2 = fc2 + cc2*C3 + ci2*I3
    I2 = fi2 + ic2*C3 + ii2*I3
    C1 = fc1 + cc1*C2 + ci1*I2
    I1 = fi1 + ic1*C2 + ii1*I2
    UNITSON
}
