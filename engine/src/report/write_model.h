// Writes what describe gives of a model.
#ifndef TOKENCAST_REPORT_WRITE_MODEL_H_
#define TOKENCAST_REPORT_WRITE_MODEL_H_

#include <string>

#include "model/architecture.h"
#include "report/json_writer.h"

namespace tokencast {

/// formats is nullptr where weight bytes cannot be told.
OrderedJson write_model(const std::string& name, const Architecture& architecture,
                        const WeightFormats* formats, DType kv_dtype);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_WRITE_MODEL_H_
