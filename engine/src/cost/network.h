// Seconds that a collective spends between link domains: on the network of nodes, through the card
// of each accelerator.
//
// Collectives over several domains run in each domain and between them: ranks that stand at the
// same place of their domains exchange their part of the payload.
//
// Ignores: congestion, cards that several accelerators share beyond their share of the bandwidth,
// and switches in the network that reduce.
#ifndef TOKENCAST_COST_NETWORK_H_
#define TOKENCAST_COST_NETWORK_H_

#include "graph/operator.h"
#include "hardware/accelerator.h"

namespace tokencast {

struct NetworkTime {
  double link_s = 0;
  double latency_s = 0;
  double limit_s = 0;  ///< at the whole bandwidth of the card, without latency
};

/// Returns the time between domains, of which there are at least two. The accelerator must have a
/// network card.
NetworkTime network_time(const Communication& communication, const Accelerator& accelerator);

}  // namespace tokencast

#endif  // TOKENCAST_COST_NETWORK_H_
