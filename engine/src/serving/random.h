// Random numbers that are the same everywhere: a draw depends on the seed, what it is for, and its
// number alone, so that runs that differ in one setting see the same requests.
#ifndef TOKENCAST_SERVING_RANDOM_H_
#define TOKENCAST_SERVING_RANDOM_H_

#include <cstdint>

namespace tokencast {

/// What a draw is for.
enum class Draw : std::uint64_t { kInput = 1, kOutput, kArrival, kThink, kStart };

class Random {
 public:
  Random(std::uint64_t seed, Draw draw, std::int64_t number);

  double uniform();      ///< above 0, below 1
  double exponential();  ///< mean 1
  double normal();       ///< mean 0, standard deviation 1
  /// Mean 1; a shape of 1 is exponential, a smaller one comes in bursts.
  double gamma(double shape);

 private:
  std::uint64_t next();

  std::uint64_t state_;
};

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_RANDOM_H_
