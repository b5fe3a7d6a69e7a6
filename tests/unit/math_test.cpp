#include "base/math.h"

#include <cmath>

#include "catch.h"

using namespace tokencast;

TEST_CASE("exponential, logarithm and power agree with the C library's") {
  for (double x = 1e-12; x < 1e12; x *= 1.37) {
    CAPTURE(x);
    CHECK(logarithm(x) == Approx(std::log(x)).epsilon(1e-14).margin(1e-15));
    CHECK(logarithm2(x) == Approx(std::log2(x)).epsilon(1e-14).margin(1e-15));
    for (const double y : {-3.5, -1.0, 0.0, 0.07, 1.0, 2.25, 16.0}) {
      CHECK(power(x, y) == Approx(std::pow(x, y)).epsilon(1e-12));
    }
  }
  for (double x = -50; x < 50; x += 0.37) {
    CAPTURE(x);
    CHECK(exponential(x) == Approx(std::exp(x)).epsilon(1e-14));
  }
  CHECK(exponential(0) == 1);
  CHECK(logarithm(1) == 0);
  CHECK(power(0, 2) == 0);
  CHECK(power(0, 0) == 1);
}
