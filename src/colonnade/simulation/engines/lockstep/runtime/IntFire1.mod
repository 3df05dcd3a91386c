: NEURON's artificial cell IntFire1, whose equations its documentation gives: between events m decays with tau; an event
: of weight w adds w; above 1 the cell fires, and for refrac ms it is at 2 and hears nothing; then it starts at 0.

NEURON {
    ARTIFICIAL_CELL IntFire1
    RANGE tau, refrac, m
}

PARAMETER {
    tau = 10 (ms)
    refrac = 5 (ms)
}

ASSIGNED {
    m
    last (ms)
    refractory
}

INITIAL {
    m = 0
    last = 0
    refractory = 0
}

NET_RECEIVE(w) {
    if (flag == 1) {
        m = 0
        last = t
        refractory = 0
    } else if (refractory == 0) {
        m = m*exp(-(t - last)/tau) + w
        last = t
        if (m > 1) {
            m = 2
            refractory = 1
            net_send(refrac, 1)
            net_event(t)
        }
    }
}
