// Lanes of doubles by the compiler's vector extensions, and exp, log, pow of our own: the same operations in the same
// order for any instruction set, so that a lane's bytes depend neither on the processor nor on its neighbours.
#pragma once
#include <cstdint>
#include <cstring>
#include <limits>

#if defined(__AVX512F__)
constexpr int W = 8;
#elif defined(__AVX__)
constexpr int W = 4;
#else
constexpr int W = 2;  // SSE2, NEON
#endif

typedef double V __attribute__((vector_size(W * 8)));
typedef int64_t L __attribute__((vector_size(W * 8)));  // a mask (0 or -1 a lane), or integers
struct All {};                                           // the mask of code that no condition encloses

#define INLINE static inline __attribute__((always_inline))
#if defined(__x86_64__)
#define IN_REGISTER(x) asm("" : "+v"(x))  // a vector that GCC would else read from memory at each use
#else
#define IN_REGISTER(x) (void)x
#endif

template <class T> struct Integers { typedef L type; };
template <> struct Integers<double> { typedef int64_t type; };

// A value in all lanes.
template <class T> INLINE T as(double x) { return x + T{}; }
template <> inline __attribute__((always_inline)) double as<double>(double x) { return x; }
template <class T> INLINE T as(V x) { return x; }

INLINE V choose(L mask, V a, V b) { return mask ? a : b; }
INLINE double choose(bool mask, double a, double b) { return mask ? a : b; }
INLINE V choose(bool mask, V a, V b) { return mask ? a : b; }

// Masks: both conditions, and not.
INLINE L both(L a, L b) { return a & b; }
INLINE L both(L a, bool b) { return b ? a : a & 0; }
INLINE L both(bool a, L b) { return both(b, a); }
INLINE bool both(bool a, bool b) { return a && b; }
INLINE All both(All, All) { return {}; }
template <class M> INLINE M both(All, M b) { return b; }
INLINE L either(L a, L b) { return a | b; }
INLINE bool either(bool a, bool b) { return a || b; }
INLINE L either(L a, bool b) { return b ? ~(a & 0) : a; }
INLINE L either(bool a, L b) { return either(b, a); }
INLINE L negated(L a) { return ~a; }
INLINE bool negated(bool a) { return !a; }
INLINE bool any(bool a) { return a; }
INLINE bool any(All) { return true; }
INLINE bool any(L a) {
    int64_t found = 0;
    for (int lane = 0; lane < W; ++lane) found |= a[lane];
    return found != 0;
}
// A condition as NMODL's number, and a number as a condition.
INLINE bool truth(bool a) { return a; }
INLINE L truth(L a) { return a; }
INLINE bool truth(double a) { return a != 0.0; }
INLINE L truth(V a) { return a != 0.0; }

// x = value where the mask says so.
template <class T, class X> INLINE void put(T& x, X value, All) { x = as<T>(value); }
INLINE void put(V& x, V value, L mask) { x = mask ? value : x; }
INLINE void put(V& x, double value, L mask) { x = mask ? as<V>(value) : x; }
template <class T, class X> INLINE void put(T& x, X value, bool mask) { x = mask ? as<T>(value) : x; }

INLINE double fabs_(double x) { return x < 0.0 ? -x : x; }
INLINE V fabs_(V x) { return x < 0.0 ? -x : x; }
INLINE double fmin_(double a, double b) { return a < b ? a : b; }
INLINE V fmin_(V a, V b) { return a < b ? a : b; }
INLINE double fmax_(double a, double b) { return a > b ? a : b; }
INLINE V fmax_(V a, V b) { return a > b ? a : b; }
INLINE double sqrt_(double x) { return __builtin_sqrt(x); }
INLINE V sqrt_(V x) {
    for (int lane = 0; lane < W; ++lane) x[lane] = __builtin_sqrt(x[lane]);
    return x;
}

template <class To, class From> INLINE To bits(From x) {
    To y;
    static_assert(sizeof x == sizeof y);
    __builtin_memcpy(&y, &x, sizeof y);
    return y;
}

constexpr double LN2_HI = 6.93147180369123816490e-01, LN2_LO = 1.90821492927058770002e-10;  // Cody & Waite 1980
constexpr double LOG2_E = 1.4426950408889634, ROUND = 6755399441055744.0;                  // 1.5 * 2^52

// exp: x = k ln 2 + r with |r| <= ln(2) / 2 (Cody & Waite 1980, Software Manual for the Elementary Functions), the Taylor
// polynomial of degree 13 of r, then k added to the exponent. Below 1 ulp; results below the least normal number are 0.
template <class T> INLINE T exp_(T x) {
    typedef typename Integers<T>::type I;
    const T shifted = x * LOG2_E + ROUND, k = shifted - ROUND;
    const I exponent = bits<I>(shifted) << 52;
    T r = x - k * LN2_HI;
    r = r - k * LN2_LO;
    const T r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
    const T low = (1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120));
    const T middle = (1.0 / 720 + r * (1.0 / 5040)) + r2 * (1.0 / 40320 + r * (1.0 / 362880));
    const T high = (1.0 / 3628800 + r * (1.0 / 39916800)) + r2 * (1.0 / 479001600 + r * (1.0 / 6227020800.0));
    const T e = 1.0 + (r + r2 * (low + r4 * middle + r8 * high));
    const T y = bits<T>(bits<I>(e) + exponent);
    const auto tiny = x < -708.3964185322641, huge = x > 709.782712893384, fine = x == x;
    const T limit = choose(huge, as<T>(std::numeric_limits<double>::infinity()), x);
    return choose(tiny, as<T>(0.0), choose(both(fine, negated(huge)), y, limit));
}

// The product a b = hi + lo without an error (Dekker 1971, doi:10.1007/BF01397083).
template <class T> INLINE void two_product(T a, T b, T& hi, T& lo) {
    constexpr double SPLIT = 134217729.0;  // 2^27 + 1
    const T ca = a * SPLIT, cb = b * SPLIT, ah = ca - (ca - a), bh = cb - (cb - b), al = a - ah, bl = b - bh;
    hi = a * b;
    lo = ((ah * bh - hi) + ah * bl + al * bh) + al * bl;
}

// log x = hi + lo: x = 2^k m with m near 1, log m = 2 atanh(s) with s = (m - 1) / (m + 1), by its Taylor series.
template <class T> INLINE void log_parts(T x, T& hi, T& lo) {
    typedef typename Integers<T>::type I;
    const auto small = x < 2.2250738585072014e-308;  // denormal numbers are scaled
    const T scaled = choose(small, x * 18014398509481984.0, x);
    const I raw = bits<I>(scaled);
    const I up = ((raw & 0xfffffffffffffLL) + 0x95f619980c433LL) >> 52;  // 1 where the fraction is above sqrt(2)
    const T m = bits<T>((raw & 0xfffffffffffffLL) | ((1023 - up) << 52));
    const I k_bits = (raw >> 52) - 1023 + up;
    const T k = bits<T>(k_bits + bits<int64_t>(ROUND)) - ROUND - choose(small, as<T>(54.0), as<T>(0.0));
    const T f = m - 1.0, d = m + 1.0, s = f / d;
    T p, q;
    two_product(s, d, p, q);
    const T d_rest = (m - (d - 1.0)) , s_lo = (((f - p) - q) - s * d_rest) / d;
    const T z = s * s;
    T series = as<T>(2.0 / 25);
    for (double n = 23.0; n > 2.0; n -= 2.0) series = series * z + 2.0 / n;
    const T a = k * LN2_HI, b = s + s, sum = a + b, part = sum - a;
    const T rest = ((a - (sum - part)) + (b - part)) + ((s_lo + s_lo) + s * z * series + k * LN2_LO);
    hi = sum + rest;
    lo = rest - (hi - sum);
}

template <class T> INLINE T log_(T x) {
    T hi, lo;
    log_parts(x, hi, lo);
    const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
    const T odd = choose(x == 0.0, as<T>(-inf), choose(x > 0.0, x, as<T>(nan)));
    return choose(both(x > 0.0, x < inf), hi, odd);
}

template <class T> INLINE T log10_(T x) { return log_(x) * 0.43429448190325182765; }

// pow for positive x by log and exp with the rest of both carried along; x = 0 and whole exponents of negative x as in C.
template <class T> INLINE T pow_(T x, T y) {
    const T size = fabs_(x);
    T hi, lo, p, q;
    log_parts(size, hi, lo);
    two_product(hi, y, p, q);
    const T e = exp_(p);
    T result = e + e * (q + lo * y);
    const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
    const T whole = (y + ROUND) - ROUND, half = (y * 0.5 + ROUND) - ROUND;
    const auto odd = both(whole == y, negated(half * 2.0 == y));
    result = choose(e < inf, result, e);
    result = choose(size == 0.0, choose(y > 0.0, as<T>(0.0), as<T>(inf)), result);
    result = choose(x < 0.0, choose(whole == y, choose(odd, -result, result), as<T>(nan)), result);
    return choose(y == 0.0, as<T>(1.0), result);
}
INLINE V pow_(V x, double y) { return pow_(x, as<V>(y)); }
INLINE V pow_(double x, V y) { return pow_(as<V>(x), y); }

// x to a whole number between 2 and 8, by products.
template <class T> INLINE T power(T x, int n) {
    T y = x;
    for (int i = 1; i < n; ++i) y = y * x;
    return y;
}

// Linear between the values of a table of n intervals; x counts them. Outside, the values at the ends.
INLINE double interpolated(const double* table, int n, double x) {
    if (!(x > 0.0)) return x <= 0.0 ? table[0] : x;
    if (x >= n) return table[n];
    const int i = static_cast<int>(x);
    return table[i] + (x - i) * (table[i + 1] - table[i]);
}
INLINE V interpolated(const double* table, int n, V x) {
    for (int lane = 0; lane < W; ++lane) x[lane] = interpolated(table, n, x[lane]);
    return x;
}

// Solve a x = b for n unknowns by Gauss's elimination without exchange of rows, which matrices I - dt K of kinetic
// schemes and Newton's method near its solution allow; x replaces b.
template <int N, class T> INLINE void solve(T (&a)[N][N], T (&b)[N]) {
    for (int i = 0; i < N; ++i) {
        const T inverse = 1.0 / a[i][i];
        for (int j = i + 1; j < N; ++j) {
            const T f = a[j][i] * inverse;
            for (int k = i + 1; k < N; ++k) a[j][k] = a[j][k] - f * a[i][k];
            b[j] = b[j] - f * b[i];
        }
    }
    for (int i = N - 1; i >= 0; --i) {
        for (int k = i + 1; k < N; ++k) b[i] = b[i] - a[i][k] * b[k];
        b[i] = b[i] / a[i][i];
    }
}

// The same with exchange of rows, for equations of any form.
template <int N> INLINE void solve_with_exchange(double (&a)[N][N], double (&b)[N]) {
    for (int i = 0; i < N; ++i) {
        int best = i;
        for (int j = i + 1; j < N; ++j)
            if (fabs_(a[j][i]) > fabs_(a[best][i])) best = j;
        for (int k = 0; k < N; ++k) {
            const double x = a[i][k];
            a[i][k] = a[best][k];
            a[best][k] = x;
        }
        const double y = b[i];
        b[i] = b[best];
        b[best] = y;
        for (int j = i + 1; j < N; ++j) {
            const double f = a[j][i] / a[i][i];
            for (int k = i + 1; k < N; ++k) a[j][k] -= f * a[i][k];
            b[j] -= f * b[i];
        }
    }
    for (int i = N - 1; i >= 0; --i) {
        for (int k = i + 1; k < N; ++k) b[i] -= a[i][k] * b[k];
        b[i] /= a[i][i];
    }
}
template <int N> INLINE void solve_with_exchange(V (&a)[N][N], V (&b)[N]) {
    for (int lane = 0; lane < W; ++lane) {
        double one[N][N], x[N];
        for (int i = 0; i < N; ++i) {
            for (int j = 0; j < N; ++j) one[i][j] = a[i][j][lane];
            x[i] = b[i][lane];
        }
        solve_with_exchange(one, x);
        for (int i = 0; i < N; ++i) b[i][lane] = x[i];
    }
}
