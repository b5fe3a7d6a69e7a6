// Writes results as JSON: the other side of docs/wire-format.md. No physics here.
#ifndef TOKENCAST_REPORT_WRITE_H_
#define TOKENCAST_REPORT_WRITE_H_

#include <string>
#include <vector>

#include "base/result.h"
#include "memory/fit.h"
#include "memory/memory_plan.h"
#include "report/json_writer.h"
#include "report/request.h"
#include "serving/article.h"
#include "serving/static_batch.h"

namespace tokencast {

OrderedJson write_notes(const std::vector<Note>& notes);
std::string write_error(const Error& error);

/// Returns the text of a JSON value; what is not UTF-8 in it is replaced.
std::string dump(const OrderedJson& json);

/// Returns the text of a successful response; an internal error when a number in it is not finite.
std::string write_response(OrderedJson result, const std::vector<Note>& notes);

OrderedJson write_estimate(const Request& request, const StaticBatch& batch,
                           const MemoryPlan& memory, const std::vector<FitChange>& to_fit,
                           const Article& article);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_WRITE_H_
