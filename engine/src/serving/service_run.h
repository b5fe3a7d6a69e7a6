// What is seen of a service between warm-up and end, and when that is.
#ifndef TOKENCAST_SERVING_SERVICE_RUN_H_
#define TOKENCAST_SERVING_SERVICE_RUN_H_

#include <cstdint>
#include <vector>

#include "serving/distribution.h"
#include "serving/service_load.h"

namespace tokencast {

/// Averages are over time.
struct ServiceRun {
  Distribution ttft_s, tpot_s, itl_s, latency_s;
  double duration_s = 0;
  std::int64_t requests = 0;  ///< that ended
  double requests_per_s = 0, output_tokens_per_s = 0, total_tokens_per_s = 0;
  double in_system = 0;          ///< requests: on their way, waiting or running
  double queued = 0;             ///< without a place
  double running = 0;            ///< with a place
  double busy = 0;               ///< share of the time in which a step runs
  double kv_used = 0;            ///< share of the KV cache
  double budget_used = 0;        ///< share of the tokens that steps could take, while busy
  double blocked_kv = 0;         ///< share of the time in which the first in the queue lacks memory
  double blocked_sequences = 0;  ///< … a place
  double blocked_compute = 0;    ///< … room in the step
  std::int64_t preemptions = 0;
  bool timed = false;   ///< some request had more than one output token
  bool settled = true;  ///< false: more and more are in the system, and Little's law does not hold
};

/// The time that is measured: from the end of warm-up until as many requests ended as were asked
/// for and those in the system are as old as at the start. Then Little's law holds. Where many more
/// are in the system by then, that was warm-up too, and it opens again.
class Window {
 public:
  /// fills: nobody knows how many will be in the system. Warm-up lasts until as many have ended,
  /// and a few times as many are measured. patient: what grows may settle yet.
  Window(std::int64_t warm_up, std::int64_t measured, bool fills = false, bool patient = true)
      : warm_up_(warm_up),
        least_(measured),
        measured_(measured),
        fills_(fills),
        patient_(patient) {}

  void arrived(double when_s);
  void ended(double arrival_s, double now_s);
  /// Opens or closes it, once all are known that arrived and ended until now.
  void look(double now_s);

  bool open() const { return open_; }
  std::int64_t openings() const { return openings_; }
  bool closed() const { return closed_; }
  /// Whether as many are in the system in the end as Little's law has it, to 2 %.
  bool settled() const { return settled_; }
  double begin_s() const { return begin_s_; }
  std::int64_t in_system() const { return in_system_; }

 private:
  /// Summed, of all requests in the system.
  double ages_at(double now_s) const;

  void open(double now_s);

  std::int64_t warm_up_, least_, measured_;
  bool fills_, patient_;
  std::int64_t openings_ = 0;
  std::int64_t in_system_ = 0, finished_ = 0, counted_ = 0;
  double arrivals_s_ = 0;  ///< of all in the system, summed
  double latencies_s_ = 0;
  double begin_s_ = 0, ages_s_ = 0;  ///< when it opened
  std::int64_t inside_ = 0;          ///< the system, then
  bool open_ = false, closed_ = false, settled_ = false;
};

/// Returns the window of a load whose first requests are passed over until it is steady; inside:
/// about as many as there are in the system.
Window window_of(const ServiceLoad& load, std::int64_t inside = 0);

/// Requests that ended in the window.
class Tally {
 public:
  void add(const RequestSize& size, double arrival_s, double first_token_s, double end_s);
  /// Writes their number, rates and times.
  void write(ServiceRun& run);

 private:
  std::int64_t requests_ = 0;
  double inputs_ = 0, outputs_ = 0;
  std::vector<Sample> ttfts_, tpots_, latencies_;
};

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_SERVICE_RUN_H_
