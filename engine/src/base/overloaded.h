// A visitor of variants made of lambdas, one for each alternative: an alternative that is added is
// a compile error in every place that must know it.
#ifndef TOKENCAST_BASE_OVERLOADED_H_
#define TOKENCAST_BASE_OVERLOADED_H_

namespace tokencast {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace tokencast

#endif  // TOKENCAST_BASE_OVERLOADED_H_
