: A conductance that is set from outside, step by step: the background of many synapses as one, or a dynamic clamp.

NEURON {
    THREADSAFE
    POINT_PROCESS ConductanceSource
    RANGE g, e, i
    NONSPECIFIC_CURRENT i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    g = 0 (uS)
    e = 0 (mV)
}

ASSIGNED {
    v (mV)
    i (nA)
}

BREAKPOINT {
    i = g*(v - e)
}
