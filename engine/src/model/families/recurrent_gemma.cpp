// RecurrentGemma (Griffin, arXiv 2402.19427): two layers of a gated linear recurrence for one of
// attention to a window; FFNs with biases, whose stated width is twice the real one (transformers
// modeling_recurrent_gemma.py).
#include <algorithm>

#include "model/families/families.h"

namespace tokencast {
namespace {

RecurrentMixer recurrence(std::int64_t hidden, std::int64_t width, std::int64_t heads,
                          std::int64_t kernel) {
  constexpr Component kPart = Component::kRecurrent;
  const std::int64_t block = std::max<std::int64_t>(width / heads, 1);
  RecurrentMixer mixer;
  mixer.kind = RecurrentKind::kGatedLinear;
  mixer.linears = {{"linear_x", kPart, hidden, width, Sharding::kSplit, true},
                   {"linear_y", kPart, hidden, width, Sharding::kSplit, true},
                   {"gates", kPart, block, 2 * width},  // a block for each head
                   {"linear_out", kPart, width, hidden, Sharding::kSplit, true}};
  // conv_1d with its bias; recurrent_param and the biases of both gates
  mixer.vector_elements = width * (kernel + 1) + 3 * width;
  mixer.heads = heads;
  mixer.conv_state = width * (kernel - 1);
  mixer.recurrent_state = width;
  mixer.flops_per_token = static_cast<double>(width) * (2 * static_cast<double>(kernel) + 10);
  return mixer;
}

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture, {.multi_head = true});
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = true;
  attention.window = config.integer_or("attention_window_size", Limits::kContext, 2048);
  const std::int64_t width = config.integer_or("lru_width", Limits::kHidden, architecture.hidden);
  const std::int64_t kernel = config.integer_or("conv1d_width", Limits::kState, 4);
  const RecurrentMixer linear = recurrence(architecture.hidden, width, attention.heads, kernel);
  auto types = config.texts("block_types _block_types");
  if (types.empty()) types = {"recurrent", "recurrent", "attention"};
  const DenseFfn ffn = {
      std::max<std::int64_t>(config.integer(key::kIntermediate, Limits::kIntermediate) / 2, 1),
      true};
  architecture.state_dtype = DType::kFp32;
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool attends = types[static_cast<std::size_t>(i) % types.size()] == "attention";
    return decoder_layer(attends ? Mixer(attention) : Mixer(linear), ffn, architecture);
  });
}

}  // namespace

const Family kRecurrentGemma = {"recurrent_gemma", "RecurrentGemmaForCausalLM", "",
                                R"({"tie_word_embeddings": true, "vocab_size": 256000})", read};

}  // namespace tokencast
