: Calcium concentration in a thin shell below the membrane: entry with the calcium current, exponential return to rest.
:
: Destexhe, Contreras, Sejnowski & Steriade (1994) J Neurophysiol 72:803-818, in the form of Hay, Hill, Schuermann,
: Markram & Segev (2011) PLoS Comput Biol 7:e1002107: gamma is the fraction of entering calcium that stays free, decay
: the time constant of its removal, depth the thickness of the shell, minCai the concentration at rest.

NEURON {
    THREADSAFE
    SUFFIX CaDynamics
    USEION ca READ ica WRITE cai
    RANGE decay, gamma, minCai, depth
}

UNITS {
    (mA) = (milliamp)
    (mM) = (milli/liter)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    gamma = 0.05
    decay = 80 (ms)
    depth = 0.1 (um)
    minCai = 1e-4 (mM)
}

ASSIGNED {
    ica (mA/cm2)
}

STATE {
    cai (mM)
}

BREAKPOINT {
    SOLVE shell METHOD cnexp
}

INITIAL {
    cai = minCai
}

DERIVATIVE shell {
    cai' = -(10000)*ica*gamma/(2*FARADAY*depth) - (cai - minCai)/decay
}
