#include "report/write_disaggregation.h"

#include "report/write.h"

namespace tokencast {
namespace {

const char* name_of(PoolBound bound) {
  switch (bound) {
    case PoolBound::kPrefill:
      return "prefill";
    case PoolBound::kDecode:
      return "decode";
    case PoolBound::kTransfer:
      break;
  }
  return "transfer";
}

OrderedJson write_rate(const Banded& rate) {
  return object({{"value", rate.value},
                 {"low", rate.low},
                 {"high", rate.high},
                 {"source", tokencast::name_of(rate.source)}});
}

OrderedJson write_pool(const PoolAnswer& pool, std::int64_t instances, std::int64_t gpus) {
  const ServiceRun& use = pool.use;
  return object(
      {{"instances", instances},
       {"gpus", instances * gpus},
       {"saturation_requests_per_s",
        pool.most_requests_per_s ? write_rate(*pool.most_requests_per_s) : OrderedJson()},
       {"utilisation",
        object({{"busy", use.busy}, {"kv_cache", use.kv_used}, {"step_tokens", use.budget_used}})},
       {"waiting_for", object({{"kv_cache", use.blocked_kv},
                               {"max_sequences", use.blocked_sequences},
                               {"compute", use.blocked_compute}})}});
}

}  // namespace

OrderedJson write_pools(const DisaggregatedAnswer& answer, const Disaggregation& pools,
                        const KvTransfer& transfer, std::int64_t gpus) {
  OrderedJson next;
  if (answer.next_requests_per_s > 0) {
    next = object(
        {{"bound_by", name_of(answer.next_bound)}, {"requests_per_s", answer.next_requests_per_s}});
  }
  return object(
      {{"bound_by", name_of(answer.bound)},
       {"next_bound", next},
       {"prefill", write_pool(answer.prefill, pools.prefill, gpus)},
       {"decode", write_pool(answer.decode, pools.decode, gpus)},
       {"transfer",
        object({{"over", transfer.route() == KvRoute::kLink ? "link" : "network"},
                {"bytes_per_gpu", whole_bytes(answer.transfer_bytes)},
                {"time_s", answer.transfer_s},
                {"mean_s", answer.transfer_mean_s},
                {"saturation_requests_per_s", write_rate(answer.transfer_most_requests_per_s)}})}});
}

}  // namespace tokencast
