: Half of a gap junction under the name that BMTK looks for: a conductance to the potential of a place on another cell.
:
: i = g (v - vgap), with g in uS. The other half, on the other cell, has the same g. vgap is the potential there at the
: start of the step (ParallelContext.target_var).

NEURON {
    THREADSAFE
    POINT_PROCESS Gap
    RANGE g, i, vgap
    NONSPECIFIC_CURRENT i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    g = 0 (uS) <0, 1e9>
}

ASSIGNED {
    v (mV)
    vgap (mV)
    i (nA)
}

INITIAL {
    i = g*(v - vgap)
}

BREAKPOINT {
    i = g*(v - vgap)
}
