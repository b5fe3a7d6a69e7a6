// Where a scheduler's requests come from: those of a load, as it sends them, or those that it is
// handed by what runs several schedulers.
//
// Ignores: what becomes of requests, but that a user sends the next one after the last has ended.
#ifndef TOKENCAST_SERVING_REQUEST_SOURCE_H_
#define TOKENCAST_SERVING_REQUEST_SOURCE_H_

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "serving/service_load.h"

namespace tokencast {

/// A request that comes to the queue.
struct SentRequest {
  double sent_s = 0, queued_s = 0;
  double first_token_s = 0;  ///< where it has its first token: of a load, when it was sent
  RequestSize size;
};

class RequestSource {
 public:
  /// The requests of a load, which must outlive it; each takes on_its_way_s to the queue.
  RequestSource(const ServiceLoad& load, double on_its_way_s);
  /// Those that it is handed.
  RequestSource() = default;

  bool handed() const { return load_ == nullptr; }
  /// Hands it a request that comes to the queue now. Times never go back.
  void hand(double now_s, double first_token_s, const RequestSize& size);

  /// Returns when the next request comes to the queue; infinity where none is known.
  double next_s() const;
  /// Returns the next request. There must be one.
  SentRequest take();
  /// A request ended: in a load of users, its user thinks, and sends another.
  void ended(double now_s);

 private:
  using Sending = std::pair<double, std::int64_t>;  ///< when, and the request's number

  void send_after(double now_s);

  const ServiceLoad* load_ = nullptr;
  double on_its_way_s_ = 0;
  std::priority_queue<Sending, std::vector<Sending>, std::greater<>> sendings_;
  std::vector<SentRequest> handed_;
  std::int64_t sent_ = 0;   ///< requests whose time is known
  std::int64_t taken_ = 0;  ///< of them
};

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_REQUEST_SOURCE_H_
