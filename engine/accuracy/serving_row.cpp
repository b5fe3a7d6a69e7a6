#include "accuracy/serving_row.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace tokencast::accuracy {
namespace {

constexpr std::array<std::pair<std::string_view, Metric>, 8> kMetrics = {{
    {"ttft_ms", Metric::kTtft},
    {"tpot_ms", Metric::kTpot},
    {"output_tok_s", Metric::kOutputRate},
    {"output_tok_s_per_gpu", Metric::kOutputRatePerGpu},
    {"total_tok_s", Metric::kTotalRate},
    {"decode_tok_s", Metric::kDecodeRate},
    {"prefill_tok_s", Metric::kPrefillRate},
    {"memory_gib", Metric::kMemory},
}};

/// Returns the number that the whole of text is, but for a leading "~"; nothing when it is not one.
std::optional<double> number(std::string_view text) {
  if (!text.empty() && text.front() == '~') text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> whole(std::string_view text) {
  const std::optional<double> value = number(text);
  if (!value || *value < 0 || *value > 1e6) return std::nullopt;
  return std::llround(*value);
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// The version stands after the last mention of the engine: "rocm6.4.1_vllm_0.9.0.1". Where only a
/// year is given, it tells what was current.
Engine read_engine(std::string_view family_name, std::string_view text) {
  const EngineFamily family = engine_family_named(family_name).value_or(EngineFamily::kGeneric);
  const std::string words = lower(text);
  if (family == EngineFamily::kMindie && words.find("vllm") != std::string::npos) {
    return read_engine("vllm", text);  // vLLM on Ascend schedules as vLLM does
  }
  // "PyTorch 2.0.1" is none of its own: Qwen's README of that benchmark asks for 4.32.
  if (family == EngineFamily::kTransformers && words.find("pytorch") != std::string::npos) {
    return {family, 4, 32};
  }
  // Its results for DGX Spark name a build. b6451 is of 13 September 2025, and nine follow a day.
  if (family == EngineFamily::kLlamaCpp && words.find("b6918") != std::string::npos) {
    return {family, 25, 11};
  }
  const std::size_t mention = words.rfind(lower(family_name));
  Engine engine = engine_of(family, mention == std::string::npos ? words : words.substr(mention));
  if (engine.versioned()) return engine;
  // Builds of llama.cpp have no version: the year and month of results that are not of today's.
  if (family == EngineFamily::kLlamaCpp && words.find("may 2024") != std::string::npos) {
    return {family, 24, 5};
  }
  const bool in_2023 = words.find("2023") != std::string::npos;
  const bool in_2024 = words.find("2024") != std::string::npos;
  // Releases of those years: vLLM 0.2 and 0.6, TensorRT-LLM 0.5 and 0.9 (their release pages).
  if (family == EngineFamily::kVllm && in_2023) return {family, 0, 2};
  if (family == EngineFamily::kVllm && in_2024) return {family, 0, 6};
  if (family == EngineFamily::kTensorRtLlm && in_2023) return {family, 0, 5};
  if (family == EngineFamily::kTensorRtLlm && in_2024) return {family, 0, 9};
  return engine;
}

}  // namespace

ServingRow read_serving_row(const CsvTable& table, const std::vector<std::string>& fields) {
  const auto text = [&](std::string_view name) { return table.field(fields, name); };
  ServingRow row;
  row.id = text("id");
  row.set = text("set");
  row.cell = text("cell");
  row.model = text("model_id");
  row.config = text("config");
  row.gpu_id = text("gpu_id");
  row.gpu = text("gpu");
  row.weights = text("weight_dtype");
  row.weights_as_stated = lower(text("weight_dtype_as_stated"));
  row.kv_cache = text("kv_dtype");
  row.engine_text = text("engine");
  row.engine = read_engine(text("engine_family"), text("engine"));
  // Measured with the rest of that source, which states "2024, ~0.4-0.5" of vLLM, and the year.
  if (text("set") == "argonne-ttft" && !row.engine.versioned()) {
    const bool vllm = row.engine.family == EngineFamily::kVllm;
    row.engine =
        vllm ? Engine{EngineFamily::kVllm, 0, 4} : read_engine(text("engine_family"), "2024");
  }
  row.load = text("batch_or_concurrency");
  row.concurrency = number(row.load);
  row.mode = text("mode");
  row.notes = text("notes");
  row.gpus = std::max<std::int64_t>(whole(text("num_gpus")).value_or(1), 1);
  row.tp = whole(text("tp"));
  row.pp = whole(text("pp"));
  row.ep = whole(text("ep"));
  row.input_tokens = number(text("input_len"));
  row.output_tokens = number(text("output_len"));
  row.value = number(text("value")).value_or(0);
  row.metric_name = text("metric");
  for (const auto& [name, metric] : kMetrics) {
    if (name == row.metric_name) row.metric = metric;
  }
  return row;
}

}  // namespace tokencast::accuracy
