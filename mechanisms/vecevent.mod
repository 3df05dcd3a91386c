: Artificial cell that fires at the times of a Vector: stimulus.play(times), in ms.
:
: play() keeps a sorted copy of the times, so the Vector may be changed or deleted afterwards. The times go to
: CoreNEURON through the BBCOREPOINTER functions. The pointer leads to one block of numbers: how many times there are,
: then the times.

NEURON {
    THREADSAFE
    ARTIFICIAL_CELL VecStim
    BBCOREPOINTER ptr
}

ASSIGNED {
    index
    ptr
}

INITIAL {
    LOCAL next
    index = 0
    next = following(t)
    if (next >= 0) {
        net_send(next - t, 1)
    }
}

NET_RECEIVE (weight) {
    LOCAL next
    if (flag == 1) {
        net_event(t)
        next = following(t)
        if (next >= 0) {
            net_send(next - t, 1)
        }
    }
}

: The first time which is not played yet and not before now, or -1 at the end.
FUNCTION following(now (ms)) (ms) {
VERBATIM
    const double* block = (const double*) _p_ptr;
    size_t count = block ? (size_t) block[0] : 0;
    size_t k = (size_t) index;
    while (k < count && block[1 + k] < _lnow) {
        ++k;
    }
    index = (double) (k + 1);
    _lfollowing = k < count ? block[1 + k] : -1.0;
ENDVERBATIM
}

DESTRUCTOR {
VERBATIM
    free(_p_ptr);
    _p_ptr = nullptr;
ENDVERBATIM
}

VERBATIM
#ifndef CORENEURON_BUILD
static int compare_times(const void* a, const void* b) {
    const double x = *(const double*) a, y = *(const double*) b;
    return (x > y) - (x < y);
}
#endif

static void bbcore_write(double* numbers, int* counts, int* number_offset, int* count_offset, _threadargsproto_) {
    const double* block = (const double*) _p_ptr;
    const size_t count = block ? (size_t) block[0] : 0;
    if (counts) {
        counts[*count_offset] = (int) count;
    }
    if (numbers && count) {
        memcpy(numbers + *number_offset, block + 1, count * sizeof(double));
    }
    *count_offset += 1;
    *number_offset += (int) count;
}

static void bbcore_read(double* numbers, int* counts, int* number_offset, int* count_offset, _threadargsproto_) {
    const size_t count = (size_t) counts[*count_offset];
    double* block = (double*) malloc((count + 1) * sizeof(double));
    block[0] = (double) count;
    memcpy(block + 1, numbers + *number_offset, count * sizeof(double));
    free(_p_ptr);
    _p_ptr = block;
    *count_offset += 1;
    *number_offset += (int) count;
}
ENDVERBATIM

PROCEDURE play() {
VERBATIM
#ifndef CORENEURON_BUILD
    double* block = nullptr;
    if (ifarg(1)) {
        auto* times = vector_arg(1);
        const size_t count = vector_capacity(times);
        const double* from = vector_vec(times);
        for (size_t k = 0; k < count; ++k) {
            // The bits tell NaN and infinity also where the compiler was told (-ffast-math) that there are none.
            uint64_t bits;
            memcpy(&bits, from + k, sizeof bits);
            if ((bits >> 52 & 0x7ff) == 0x7ff || from[k] < 0) {
                hoc_execerror("VecStim.play: each time has to be a number of ms that is not negative", nullptr);
            }
        }
        block = (double*) malloc((count + 1) * sizeof(double));
        block[0] = (double) count;
        for (size_t k = 0; k < count; ++k) {
            block[1 + k] = from[k];
        }
        qsort(block + 1, count, sizeof(double), compare_times);
    }
    free(_p_ptr);
    _p_ptr = block;
#endif
ENDVERBATIM
}
