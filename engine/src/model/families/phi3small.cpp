// Phi-3-small: biases everywhere whatever the config says, LayerNorms, tied; all but every n-th
// layer attend to a window of blocks.
//
// Ignores: of the layers that attend to blocks, the vertical stripes beyond the window.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qkv_bias = true, .output_bias = true});
  config.ignore("attention_bias");
  const std::int64_t period =
      config.integer_or("dense_attention_every_n_layers", Limits::kLayers, 1);
  const std::int64_t block = config.integer_or("blocksparse_block_size", Limits::kState, 64);
  const std::int64_t blocks = config.integer_or("blocksparse_num_local_blocks", Limits::kState, 16);
  const DenseFfn ffn = {
      config.integer("ff_intermediate_size intermediate_size", Limits::kIntermediate),
      /*bias=*/true};
  architecture.final_norm_elements = norm_elements(Norm::kLayer, architecture.hidden, 1);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    attention.window = (i + 1) % period == 0 ? 0 : block * blocks;
    return decoder_layer(attention, ffn, architecture, Norm::kLayer);
  });
}

}  // namespace

const Family kPhi3Small = {"phi3small", "Phi3SmallForCausalLM", "",
                           R"({"tie_word_embeddings": true})", read};

}  // namespace tokencast
