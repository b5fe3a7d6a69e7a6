#include "cost/read_kernel.h"

#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <utility>

#include "base/text.h"

namespace tokencast {
namespace {

/// Fields of one call; keeps the first error.
class Reader {
 public:
  explicit Reader(const Fields& fields) : fields_(fields) {}

  std::string_view text(std::string_view name) const { return fields_(name); }

  double number(std::string_view name) {
    const std::string found(fields_(name));
    if (found.empty()) {
      fail({"missing_field",
            std::string(name),
            std::string(name) + " is missing",
            "give it a number",
            {{"field", std::string(name)}}});
      return 1;
    }
    return positive(name, found);
  }

  double number_or(std::string_view name, double fallback) {
    const std::string found(fields_(name));
    if (found.empty()) return fallback;
    const double value = std::strtod(found.c_str(), nullptr);
    if (std::isfinite(value) && value >= 0) return value;
    bad(name, found, "a number of 0 or more");
    return fallback;
  }

  /// One of the names, by either of two fields.
  template <class Value>
  Value one_of(std::initializer_list<std::string_view> names,
               std::initializer_list<std::pair<std::string_view, Value>> known) {
    std::string_view found;
    std::string_view field = *names.begin();
    for (const std::string_view name : names) {
      if (!found.empty()) break;
      found = fields_(name);
      field = name;
    }
    std::string list;
    for (const auto& [name, value] : known) {
      if (name == found) return value;
      list += (list.empty() ? "" : ", ") + std::string(name);
    }
    bad(field, std::string(found), "one of " + list);
    return known.begin()->second;
  }

  void fail(Error error) {
    if (!error_) error_ = std::move(error);
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  double positive(std::string_view name, const std::string& found) {
    char* end = nullptr;
    const double value = std::strtod(found.c_str(), &end);
    constexpr double kMost = 1e15;
    if (*end == '\0' && value > 0 && value <= kMost) return value;
    bad(name, found, "a number above 0");
    return 1;
  }

  void bad(std::string_view name, const std::string& found, const std::string& expected) {
    fail({"out_of_range",
          std::string(name),
          std::string(name) + " is " + in_quotes(found),
          "give " + expected,
          {{"field", std::string(name)}, {"found", found}}});
  }

  const Fields& fields_;
  std::optional<Error> error_;
};

KernelFormat read_format(Reader& reader, std::string_view own) {
  return reader.one_of<KernelFormat>({own, "dtype"},
                                     {{"bf16", KernelFormat::kBf16},
                                      {"bfloat16", KernelFormat::kBf16},
                                      {"fp16", KernelFormat::kBf16},
                                      {"float16", KernelFormat::kBf16},
                                      {"fp8", KernelFormat::kFp8},
                                      {"fp8_block", KernelFormat::kFp8Block},
                                      {"nvfp4", KernelFormat::kNvfp4},
                                      {"mxfp4", KernelFormat::kMxfp4WeightOnly},
                                      {"w4a16_mxfp4", KernelFormat::kMxfp4WeightOnly},
                                      {"w4a8_mxfp4_mxfp8", KernelFormat::kMxfp4Mxfp8},
                                      {"int8", KernelFormat::kInt8},
                                      {"sq", KernelFormat::kInt8},
                                      {"int8_wo", KernelFormat::kInt8WeightOnly},
                                      {"int8_weight_only", KernelFormat::kInt8WeightOnly},
                                      {"int4_wo", KernelFormat::kInt4WeightOnly},
                                      {"int4", KernelFormat::kInt4WeightOnly}});
}

bool read_fp8(Reader& reader, std::string_view own) {
  if (reader.text(own).empty() && reader.text("dtype").empty()) return false;
  return reader.one_of<bool>(
      {own, "dtype"},
      {{"bfloat16", false}, {"bf16", false}, {"fp16", false}, {"float16", false}, {"fp8", true}});
}

Kernel read_gemm(Reader& reader) {
  return GemmCall{reader.number("m"), reader.number("n"), reader.number("k"),
                  read_format(reader, "gemm_dtype")};
}

/// What every kind of attention has: isl new tokens on step cached ones; a decode step has one new
/// token, and attends to step + isl.
template <class Call>
void read_sequences(Reader& reader, bool prefill, Call& call) {
  call.prefill = prefill;
  call.sequences = reader.number("batch_size");
  const double isl = reader.number("isl");
  const double step = reader.number_or("step", 0);
  call.new_tokens = prefill ? isl : 1;
  call.cached_tokens = prefill ? step : step + isl;
  call.heads = reader.number("num_heads");
}

Kernel read_attention(Reader& reader, bool prefill) {
  AttentionCall call;
  read_sequences(reader, prefill, call);
  const double kv_heads = reader.number_or("num_key_value_heads", 0);
  call.kv_heads = kv_heads > 0 ? kv_heads : call.heads;
  call.head_dim = reader.number("head_dim");
  call.window = reader.number_or("window_size", 0);
  call.fp8_math = prefill && read_fp8(reader, "attn_dtype");
  call.fp8_kv = read_fp8(reader, "kv_cache_dtype");
  return call;
}

Kernel read_latent(Reader& reader, bool prefill, bool whole_block) {
  LatentAttentionCall call;
  read_sequences(reader, prefill, call);
  call.whole_block = whole_block;
  call.fp8_math = prefill && read_fp8(reader, "mla_dtype");
  call.fp8_kv = read_fp8(reader, "kv_cache_dtype");
  if (whole_block) call.projections = read_format(reader, "gemm_type");
  return call;
}

Kernel read_experts(Reader& reader) {
  ExpertsCall call;
  call.tokens = reader.number("num_tokens");
  call.hidden = reader.number("hidden_size");
  call.intermediate = reader.number("inter_size");
  call.top_k = reader.number("topk");
  call.experts = reader.number("num_experts");
  call.tp = reader.number_or("moe_tp_size", 1);
  call.ep = reader.number_or("moe_ep_size", 1);
  const std::string distribution(reader.text("distribution"));
  constexpr std::string_view kPowerLaw = "power_law_";
  if (distribution.starts_with(kPowerLaw)) {
    call.skew = std::strtod(distribution.c_str() + kPowerLaw.size(), nullptr);
  } else if (!distribution.empty() && distribution != "balanced") {
    reader.fail({"out_of_range",
                 "distribution",
                 "distribution is " + in_quotes(distribution),
                 "give balanced, or power_law_ with an exponent",
                 {{"field", "distribution"}, {"found", distribution}}});
  }
  call.gated = reader.text("kernel_source").find("nongated") == std::string_view::npos;
  call.format = read_format(reader, "moe_dtype");
  return call;
}

Kernel read_collective(Reader& reader, std::string_view op) {
  CollectiveCall call;
  call.ranks = reader.number("num_gpus");
  // Sizes are in elements.
  std::string_view dtype_field = op == "custom_allreduce" ? "allreduce_dtype" : "nccl_dtype";
  if (reader.text(dtype_field).empty()) dtype_field = "dtype";
  const auto bytes = reader.one_of<double>({dtype_field}, {{"half", 2},
                                                           {"bf16", 2},
                                                           {"bfloat16", 2},
                                                           {"fp16", 2},
                                                           {"float16", 2},
                                                           {"int8", 1},
                                                           {"fp8", 1}});
  call.payload_bytes = reader.number("message_size") * bytes;
  if (op == "custom_allreduce") {
    const bool eager = reader.text("backend").find("eager") != std::string_view::npos;
    call.library = eager ? CollectiveLibrary::kEngineEager : CollectiveLibrary::kEngineGraph;
    return call;
  }
  call.library = op == "oneccl" ? CollectiveLibrary::kOneCcl : CollectiveLibrary::kNccl;
  call.kind =
      reader.one_of<Collective>({"op_name"}, {{"all_reduce", Collective::kAllReduce},
                                              {"all_gather", Collective::kAllGather},
                                              {"reduce_scatter", Collective::kReduceScatter},
                                              {"alltoall", Collective::kAllToAll},
                                              {"all_to_all", Collective::kAllToAll}});
  return call;
}

Kernel read_linear_mixer(Reader& reader, std::string_view op) {
  LinearMixerCall call;
  call.prefill = reader.one_of<bool>({"phase"}, {{"context", true}, {"generation", false}});
  call.sequences = reader.number("batch_size");
  call.new_tokens = call.prefill ? reader.number("seq_len") : 1;
  const bool convolution = reader.text("kernel_source").find("conv1d") != std::string_view::npos;
  call.stage = convolution ? MixerStage::kConvolution : MixerStage::kDeltaRule;
  if (op == "mamba2") {
    call.delta_rule = false;
    call.key_heads = reader.number("n_groups");
    call.heads = reader.number("nheads");
    call.key_dim = reader.number("d_state");
    call.value_dim = reader.number("head_dim");
    call.channels = call.heads * call.value_dim + 2 * call.key_heads * call.key_dim;
    return call;
  }
  call.key_heads = reader.number("num_k_heads");
  call.heads = reader.number("num_v_heads");
  call.key_dim = reader.number("head_k_dim");
  call.value_dim = reader.number("head_v_dim");
  call.channels = call.heads * call.value_dim + 2 * call.key_heads * call.key_dim;
  return call;
}

std::optional<Kernel> read_by_op(Reader& reader, std::string_view op) {
  if (op == "gemm") return read_gemm(reader);
  if (op == "context_attention") return read_attention(reader, true);
  if (op == "generation_attention") return read_attention(reader, false);
  if (op == "context_mla") return read_latent(reader, true, false);
  if (op == "generation_mla") return read_latent(reader, false, false);
  if (op == "mla_context_module") return read_latent(reader, true, true);
  if (op == "mla_generation_module") return read_latent(reader, false, true);
  if (op == "moe") return read_experts(reader);
  if (op == "nccl" || op == "oneccl" || op == "custom_allreduce") {
    return read_collective(reader, op);
  }
  if (op == "gdn" || op == "mamba2") return read_linear_mixer(reader, op);
  return std::nullopt;
}

}  // namespace

Result<Kernel> read_kernel(std::string_view op, const Fields& fields) {
  Reader reader(fields);
  const std::optional<Kernel> kernel = read_by_op(reader, op);
  if (!kernel) {
    return Error{"out_of_range",
                 "op",
                 "op is " + in_quotes(std::string(op)),
                 "known: gemm, context_attention, generation_attention, context_mla, "
                 "generation_mla, mla_context_module, mla_generation_module, moe, nccl, oneccl, "
                 "custom_allreduce, gdn, mamba2",
                 {{"field", "op"}, {"found", std::string(op)}}};
  }
  const std::optional<Error>& error = reader.error();
  if (error) return *error;
  return *kernel;
}

}  // namespace tokencast
