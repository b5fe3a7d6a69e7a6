// gpt-oss (arXiv 2508.10925): biases everywhere, experts included; a learned sink per head; every
// other layer slides over 128 tokens.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const auto types = read_layer_types(config, layers, {"full_attention", "sliding_attention"});
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("attention_bias", true);
  attention.output_bias = attention.qkv_bias;
  attention.sinks = true;
  const std::int64_t window = read_window(config, architecture);
  MoeFfn moe = read_moe(config, key::kIntermediate);
  moe.bias = true;
  moe.router_bias = true;
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool slides =
        types.empty() ? i % 2 == 0 : types[static_cast<std::size_t>(i)] == "sliding_attention";
    attention.window = slides ? window : 0;
    return decoder_layer(attention, moe, architecture);
  });
}

}  // namespace

const Family kGptOss = {"gpt_oss", "GptOssForCausalLM", "",
                        R"({"head_dim": 64, "sliding_window": 128})", read};

}  // namespace tokencast
