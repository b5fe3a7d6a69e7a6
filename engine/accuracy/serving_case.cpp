#include "accuracy/serving_case.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <variant>

#include "base/text.h"
#include "cost/compute_dtype.h"
#include "model/assign_formats.h"
#include "model/weights.h"

namespace tokencast::accuracy {
namespace {

Error reason(const char* code, const char* column, const std::string& message) {
  return {code, column, message, "", {}};
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool starts(std::string_view text, std::string_view part) {
  return text.substr(0, part.size()) == part;
}

void note(std::string& notes, const std::string& more) {
  notes += (notes.empty() ? "" : "; ") + more;
}

/// Returns the first whole number in text, 0 when there is none.
std::int64_t first_number(std::string_view text) {
  const std::size_t start = text.find_first_of("0123456789");
  if (start == std::string_view::npos) return 0;
  return std::strtoll(std::string(text.substr(start, 9)).c_str(), nullptr, 10);
}

bool has_experts(const Architecture& architecture) {
  return std::any_of(
      architecture.layers.begin(), architecture.layers.end(), [](const LayerGroup& group) {
        return std::any_of(group.layer.ffns.begin(), group.layer.ffns.end(),
                           [](const auto& ffn) { return std::holds_alternative<MoeFfn>(ffn); });
      });
}

class CaseReader {
 public:
  CaseReader(const ServingRow& row, Catalogue& catalogue) : row_(row), catalogue_(catalogue) {}

  Result<ServingCase> read() {
    if (!row_.metric) return reason("unknown_metric", "metric", row_.metric_name);
    case_.metric = *row_.metric;
    case_.engine = row_.engine;
    const Result<const Model*> model = catalogue_.model(row_);
    if (!model.ok()) return model.error();
    case_.model = model.value();
    if (!case_.model->note.empty()) note(case_.approximation, case_.model->note);
    const Result<const Accelerator*> accelerator = catalogue_.accelerator(row_);
    if (!accelerator.ok()) return accelerator.error();
    case_.accelerator = accelerator.value();
    read_layout();
    if (!error_) read_formats();
    if (!error_) check_fit();
    if (!error_) check_metric();
    if (!error_) read_lengths();
    if (!error_) read_load();
    if (error_) return *error_;
    return case_;
  }

 private:
  void fail(const Error& error) {
    if (!error_) error_ = error;
  }

  bool layer_split_engine() const {
    const EngineFamily family = row_.engine.family;
    return family == EngineFamily::kLlamaCpp || family == EngineFamily::kTransformers ||
           family == EngineFamily::kExllama;
  }

  /// GPUs that a row is of. AIConfigurator's dump of 2026-04-06 counts tensor parallel times expert
  /// parallel ranks, of which the ids have both: its "tp2_ep2" repeat what the dump of 2026-03-25
  /// has on two GPUs, to the digit, and take as long as "tp2_ep1". Experts lie on the same ranks.
  std::int64_t gpus_of_row() const {
    const bool counted_twice = has(row_.notes, "id=2026_04_06") && has(row_.notes, "_tp2_ep2_");
    return counted_twice ? row_.gpus / 2 : row_.gpus;
  }

  /// Layers one after the other on several GPUs (llama.cpp's default, device_map of transformers),
  /// or ranks as the engine lays them out: tensor parallel in stages of a pipeline, and what GPUs
  /// remain as replicas, which share their experts.
  void read_layout() {
    const std::int64_t gpus = gpus_of_row();
    case_.gpus = gpus;
    if (gpus > 1 && row_.tp.value_or(1) == 1 && layer_split_engine()) {
      case_.stages = gpus;
      return;
    }
    if (!row_.tp) {
      fail(reason("layout_not_modelled", "tp", "the mapping to GPUs is not stated"));
      return;
    }
    Layout& layout = case_.layout;
    layout.pp = row_.pp.value_or(1);
    layout.tp = std::min<std::int64_t>(*row_.tp, gpus / layout.pp);
    const bool routed = has_experts(case_.model->architecture);
    // TensorRT-LLM's performance overview runs its MoE models, all of them, with
    // enable_attention_dp and --ep; a table without EP in its head says TP only.
    if (row_.set == "trtllm-pt" && routed) layout.tp = 1;
    if (layout.tp < 1 || gpus % (layout.tp * layout.pp) != 0) {
      fail(reason("layout_not_modelled", "pp",
                  "tensor parallel " + std::to_string(*row_.tp) + " in " +
                      std::to_string(layout.pp) + " stages on " + std::to_string(gpus) + " GPUs"));
      return;
    }
    layout.dp = gpus / (layout.tp * layout.pp);
    const std::int64_t stated = row_.ep.value_or(1);
    layout.ep = layout.dp > 1 && routed ? layout.tp * layout.dp : std::min(stated, layout.tp);
    if (layout.dp > 1 && routed && row_.ep && stated < layout.ep) {
      note(case_.approximation, "experts that ranks split taken as spread over them");
    }
    if (layout.ranks_together() > 1 && !case_.accelerator->link) {
      fail(reason("no_link", "gpu_id", case_.accelerator->name + " has no link"));
    }
  }

  /// Returns the format to ask for, empty for that of the checkpoint.
  std::optional<std::string> format_name() const {
    const std::string& stated = row_.weights_as_stated;
    const DType checkpoint = case_.model->architecture.formats.linear.dtype;
    const bool understood = case_.model->architecture.quantization.understood;
    if (starts(row_.weights, "gguf-")) return row_.weights.substr(5);
    if (starts(row_.weights, "exl2-")) {
      if (row_.weights == "exl2-4.0bpw") return "int4";
      return std::nullopt;
    }
    // GPTQ with int4 in its name is int4, whatever the normalised column says.
    if (row_.weights == "int4-w4a16" || has(stated, "int4")) return "int4";
    if (row_.weights == "int8-w8a16") return "int8_weight_only";
    // llama.cpp stores the experts in mxfp4 and the rest in q8_0.
    if (row_.weights == "mxfp4" && row_.engine.family == EngineFamily::kLlamaCpp) {
      return "mxfp4_moe";
    }
    // Where the command names an fp8 checkpoint, that is what ran.
    if (row_.weights == "fp8" || (row_.weights == "bf16" && has(row_.notes, "-FP8"))) {
      return checkpoint == DType::kFp8 && understood ? "" : "fp8";
    }
    if (row_.weights == "mxfp4" || row_.weights == "nvfp4") {
      return checkpoint == DType::kFp4 && understood ? "" : row_.weights;
    }
    if (row_.weights == "bf16" || row_.weights == "fp16") return row_.weights;
    return std::nullopt;
  }

  void read_formats() {
    const Architecture& architecture = case_.model->architecture;
    const std::optional<std::string> name = format_name();
    const std::vector<std::string>& known = requestable_formats();
    if (!name || (!name->empty() && std::find(known.begin(), known.end(), *name) == known.end())) {
      fail(reason("format_not_modelled", "weight_dtype", in_quotes(row_.weights)));
      return;
    }
    case_.format = name->empty() ? "checkpoint" : *name;
    Layout& layout = case_.layout;
    layout.weights = name->empty() ? architecture.formats : requested_formats(architecture, *name);
    const DType dtype = row_.weights == "fp16" ? DType::kFp16 : architecture.dtype;
    layout.kv_dtype = dtype;
    if (row_.kv_cache == "fp8") layout.kv_dtype = DType::kFp8;
    // InferenceMAX serves 8 and 4 bit checkpoints with --kv-cache-dtype fp8: the sequences that run
    // at once, by Little's law, need it.
    if (inferencemax()) layout.kv_dtype = DType::kFp8;
    // ModelOpt's fp8 and fp4 checkpoints, which TensorRT-LLM is measured with, have an fp8 cache.
    const bool modelopt = row_.engine.family == EngineFamily::kTensorRtLlm &&
                          (row_.weights == "fp8" || row_.weights == "nvfp4");
    if (row_.kv_cache.empty() && modelopt) layout.kv_dtype = DType::kFp8;
    const ComputeDTypes compute =
        choose_compute_dtypes(dtype, layout.weights.linear, *case_.accelerator, case_.engine);
    layout.compute = compute.activations;
    layout.linear_compute = compute.linear;
  }

  /// Weights that cannot lie on the GPUs that are stated: more of them were used, or a part of the
  /// model ran on the host.
  void check_fit() {
    const double weights = weight_bytes_per_rank(case_.model->architecture, case_.layout) /
                           static_cast<double>(case_.stages);
    if (weights <= case_.accelerator->usable_memory_bytes) return;
    fail(reason("does_not_fit", "num_gpus",
                number_text(weights / 1e9) + " GB of weights per GPU, of which it has " +
                    number_text(case_.accelerator->usable_memory_bytes / 1e9)));
  }

  /// Prompts of one set came at up to 94 % of the peak over whole runs, decoding included (64
  /// users, 2000 tokens in and 100 out, TTFT 122 ms, TPOT 9.7 ms, one H200): out of the prefix
  /// cache. vLLM's client does not see tokens that a reasoning parser takes out of the answer: it
  /// counts them, but the last one that it times comes before them.
  void check_metric() {
    if (row_.set == "aic-silicon" && row_.model == "nvidia/Llama-3.1-8B-Instruct-FP8") {
      fail(reason("inconsistent_measurement", "value", "prompts out of the prefix cache"));
      return;
    }
    if (case_.metric == Metric::kTpot && has(row_.notes, "reasoning-parser")) {
      fail(reason("inconsistent_measurement", "value", "TPOT without the tokens of the reasoning"));
    }
  }

  /// InferenceMAX draws lengths evenly from 0.8 to 1 of the nominal ones (its benchmark scripts,
  /// --random-range-ratio 0.8); other runs of the set are exact.
  bool inferencemax() const {
    if (row_.set != "aic-silicon") return false;
    const std::size_t id = row_.notes.find("id=");
    if (id == std::string::npos) return false;
    const std::string_view name = std::string_view(row_.notes).substr(id + 3);
    return starts(name, "minimaxm") ||
           (!name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) != 0);
  }

  void read_lengths() {
    RequestRun& load = case_.load;
    double input = row_.input_tokens.value_or(-1);
    double output = row_.output_tokens.value_or(-1);
    if (input < 0 || output < 0) {
      // What these sources call short, and a length that changes little in single streams.
      constexpr double kShortPrompt = 32;
      constexpr double kAnswer = 128;
      const bool single = row_.mode == "single-stream" || case_.metric == Metric::kMemory;
      if (!single) {
        fail(reason("lengths_not_stated", input < 0 ? "input_len" : "output_len", row_.set));
        return;
      }
      if (input < 0) input = kShortPrompt;
      if (output < 0) output = kAnswer;
      note(case_.approximation, "lengths not stated");
    }
    if (inferencemax()) {
      input *= 0.9;
      output *= 0.9;
      load.even_spread = 0.1 / 0.9;
    }
    // Chats; and where lengths are those of whole runs of few requests.
    if (has(row_.notes, "ShareGPT") || row_.set == "dstack-mi300x") {
      load.spread = LengthSpread::kLongTail;
    }
    load.input_tokens = std::max<std::int64_t>(std::llround(input), 1);
    load.output_tokens = std::max<std::int64_t>(std::llround(output), 1);
  }

  void read_load() {
    const EngineFamily family = row_.engine.family;
    const bool server = row_.set == "aic-silicon" || row_.set == "gpustack" ||
                        row_.set == "dstack-mi300x" || row_.set == "vllm-blog" ||
                        row_.set == "vultr-b200" || row_.set == "gpustack-quant";
    case_.limits = engine_limits(row_.engine, server ? EngineUse::kServer : EngineUse::kOffline,
                                 *case_.accelerator);
    if (family == EngineFamily::kLlamaCpp) {
      // llama-bench and llama-batched-bench prefill in micro-batches of 512 unless told otherwise.
      case_.limits.step_tokens = has(row_.engine_text, "-ub 2048") ? 2048 : 512;
    }
    if (row_.mode == "offline-max-throughput") {
      saturated();
      return;
    }
    if (!row_.concurrency || *row_.concurrency < 1) {
      fail(reason("load_not_stated", "batch_or_concurrency", row_.load));
      return;
    }
    const std::int64_t users = std::llround(*row_.concurrency);
    case_.load.users = users;
    case_.load.requests = users;
    const bool continuous = family == EngineFamily::kVllm || family == EngineFamily::kSglang ||
                            family == EngineFamily::kTgi || family == EngineFamily::kLmdeploy ||
                            family == EngineFamily::kMindie || family == EngineFamily::kTensorRtLlm;
    const bool static_batch = row_.set == "trtllm-static" || row_.set == "trtllm-blog";
    if (!continuous || static_batch || (users == 1 && row_.set != "gpustack")) {
      if (static_batch) case_.limits.step_tokens = std::int64_t{1} << 40;
      return;
    }
    case_.kind = LoadKind::kRun;
    case_.load.requests = requests_of_loop(users);
    if (inferencemax() && family == EngineFamily::kTensorRtLlm) inferencemax_tensorrt_llm();
    // Where all lengths are equal, users stay in step from wave to wave, as published TTFTs show,
    // but less so with vLLM and SGLang.
    constexpr double kJitter = 0.02;
    double& spread = case_.load.even_spread;
    const bool jitters = family == EngineFamily::kVllm || family == EngineFamily::kSglang;
    if (case_.load.requests > users && jitters) {
      spread = std::max(spread, kJitter);
    }
  }

  /// InferenceMAX starts trtllm-serve with --max_num_tokens 20000 and --max_batch_size 512
  /// (benchmarks/gptoss_fp4_b200_trt_slurm.sh), and with stream_interval 20: before TensorRT-LLM
  /// 1.2 the first token came with the twentieth. Which runs that holds for their TTFTs show: at
  /// any load 19 steps, as long as TPOT says, above those of the same model on the same GPUs. Those
  /// of gpt-oss are below 19 steps.
  void inferencemax_tensorrt_llm() {
    constexpr std::int64_t kStepTokens = 20000;
    constexpr std::int64_t kSequences = 512;
    constexpr std::int64_t kStreamInterval = 20;
    case_.limits.step_tokens = kStepTokens;
    case_.limits.max_sequences = kSequences;
    const bool short_llama =
        has(row_.model, "Llama-3.1-70B") && has(row_.notes, "1024x1024") && case_.layout.tp < 8;
    if (short_llama) case_.first_seen = kStreamInterval;
  }

  /// How many requests a closed loop runs for.
  std::int64_t requests_of_loop(std::int64_t users) const {
    if (row_.set == "aic-silicon") return 10 * users;  // InferenceMAX: --num-prompts 10 × users
    if (row_.set == "gpustack") {
      const std::size_t of = row_.notes.find("requests of ");
      const std::int64_t stated =
          of == std::string::npos ? 0 : first_number(std::string_view(row_.notes).substr(of));
      return std::max(stated, users);
    }
    if (row_.set == "lmdeploy" || row_.set == "vllm-blog") return 4 * users;  // not stated
    return users;  // all at once: benchmark_latency and its like
  }

  void saturated() {
    case_.kind = LoadKind::kRun;
    std::int64_t requests = first_number(row_.load);
    if (requests == 0) requests = trtllm_bench_requests();
    case_.load.users = requests;
    case_.load.requests = requests;
    if (row_.set == "amd-mi300x") case_.limits.max_sequences = requests;
  }

  /// The numbers of requests in TensorRT-LLM's performance overview, by lengths.
  std::int64_t trtllm_bench_requests() const {
    struct Count {
      std::int64_t input, output, requests;
    };
    static constexpr std::array<Count, 15> kCounts = {{{128, 128, 30000},
                                                       {128, 2048, 3000},
                                                       {128, 4096, 1500},
                                                       {2048, 128, 3000},
                                                       {2048, 2048, 1500},
                                                       {5000, 500, 1500},
                                                       {500, 2000, 3000},
                                                       {1000, 1000, 3000},
                                                       {1000, 2000, 1500},
                                                       {20000, 2000, 1000},
                                                       {1024, 1024, 3000},
                                                       {8192, 1024, 1500},
                                                       {1024, 8192, 1500},
                                                       {32768, 1024, 1000},
                                                       {1024, 32768, 1000}}};
    for (const Count& count : kCounts) {
      if (count.input == case_.load.input_tokens && count.output == case_.load.output_tokens) {
        return count.requests;
      }
    }
    return 3000;
  }

  const ServingRow& row_;
  Catalogue& catalogue_;
  ServingCase case_;
  std::optional<Error> error_;
};

}  // namespace

Result<ServingCase> case_of(const ServingRow& row, Catalogue& catalogue) {
  return CaseReader(row, catalogue).read();
}

}  // namespace tokencast::accuracy
