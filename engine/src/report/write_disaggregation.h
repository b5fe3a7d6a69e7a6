// Writes the pools of a disaggregated service: the other side of docs/wire-format.md,
// "Of simulate".
#ifndef TOKENCAST_REPORT_WRITE_DISAGGREGATION_H_
#define TOKENCAST_REPORT_WRITE_DISAGGREGATION_H_

#include "report/json_writer.h"
#include "serving/disaggregation.h"

namespace tokencast {

/// Returns service.pools; gpus: of one instance.
OrderedJson write_pools(const DisaggregatedAnswer& answer, const Disaggregation& pools,
                        const KvTransfer& transfer, std::int64_t gpus);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_WRITE_DISAGGREGATION_H_
