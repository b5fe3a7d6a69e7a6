// Means over what differs within a step: contexts from query to query, experts from token to token.
// They count keys, experts and ranks, and are not rounded.
//
// Ignores: differences of load between experts: a token goes to each with the same probability,
// wherever the others go.
#ifndef TOKENCAST_GRAPH_MEANS_H_
#define TOKENCAST_GRAPH_MEANS_H_

#include <cstdint>

namespace tokencast {

/// Returns the mean of min(context, window) over contexts first to last; window 0: no limit.
///
/// 1 ≤ first ≤ last.
double mean_keys(std::int64_t first, std::int64_t last, std::int64_t window);

/// Returns the same where a query attends within its chunk of the context: from the last multiple
/// of chunk on.
///
/// 1 ≤ first ≤ last; chunk is at least 1.
double mean_chunked_keys(std::int64_t first, std::int64_t last, std::int64_t chunk);

/// Returns the expected number of experts that tokens touch when each goes to top_k of experts at
/// random: E · (1 − (1 − k/E)^T). The same bits on every platform.
///
/// 0 ≤ top_k ≤ experts, which is more than 0; tokens is at least 0.
double expected_experts(double experts, double top_k, std::int64_t tokens);

/// Returns the expected number of ranks, of ep, that have at least one of a token's top_k experts,
/// each of which is on any rank, that of another one too.
///
/// ep is at least 1; top_k counts without its fraction.
double ranks_of_token(double ep, double top_k);

}  // namespace tokencast

#endif  // TOKENCAST_GRAPH_MEANS_H_
