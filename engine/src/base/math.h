// Exponential, logarithm and power that give the same bits everywhere: C libraries differ in the
// last one, and results must be the same bytes natively and in WebAssembly.
#ifndef TOKENCAST_BASE_MATH_H_
#define TOKENCAST_BASE_MATH_H_

namespace tokencast {

// All to about 1e-15 of the result, by + − × ÷ and exact scaling alone.

/// Returns eˣ; x from −700 to 700.
double exponential(double x);

/// Returns the natural logarithm of x, which must be above 0 and normal.
double logarithm(double x);

/// Returns the logarithm to base 2.
double logarithm2(double x);

/// Returns baseᵉ for a base of 0 or more.
double power(double base, double exponent);

}  // namespace tokencast

#endif  // TOKENCAST_BASE_MATH_H_
