// Nemotron-H and Nemotron 3 (arXiv 2504.03624, 2512.20848): each layer is one thing, Mamba 2,
// attention, a plain FFN or plain experts, as a string of letters or a list of names says; experts
// may act on a narrower vector (transformers modeling_nemotron_h.py).
#include <algorithm>

#include "base/text.h"
#include "model/families/families.h"
#include "model/recurrent.h"

namespace tokencast {
namespace {

enum class Block { kMamba, kAttention, kFfn, kExperts };

struct BlockName {
  std::string_view name;
  Block block;
};
constexpr std::array<BlockName, 6> kBlockNames = {{{"mamba", Block::kMamba},
                                                   {"linear_attention", Block::kMamba},
                                                   {"attention", Block::kAttention},
                                                   {"full_attention", Block::kAttention},
                                                   {"mlp", Block::kFfn},
                                                   {"moe", Block::kExperts}}};
constexpr std::array<BlockName, 4> kLetters = {
    {{"M", Block::kMamba}, {"*", Block::kAttention}, {"-", Block::kFfn}, {"E", Block::kExperts}}};

template <std::size_t N>
void append(ConfigReader& config, const Names& names, const std::array<BlockName, N>& known,
            std::string_view name, std::vector<Block>& blocks) {
  for (const BlockName& candidate : known) {
    if (candidate.name != name) continue;
    blocks.push_back(candidate.block);
    return;
  }
  config.contradiction(
      names, "layer_pattern", "There is no layer of kind " + in_quotes(name) + " in this family",
      "known: M or mamba, * or attention, - or mlp, E or moe", {{"found", std::string(name)}});
}

/// The blocks that a list of names says, else a string of letters.
std::vector<Block> read_blocks(ConfigReader& config, const Names& list, const Names& letters) {
  std::vector<Block> blocks;
  if (config.has(list)) {
    for (const std::string& name : config.texts(list)) {
      append(config, list, kBlockNames, name, blocks);
    }
    config.ignore(letters);
    return blocks;
  }
  for (const char letter : config.text_or(letters, "")) {
    append(config, letters, kLetters, std::string_view(&letter, 1), blocks);
  }
  return blocks;
}

struct Parts {
  RecurrentMixer mamba;
  GroupedAttention attention;
  std::vector<std::int64_t> intermediate;  ///< of the FFN layers; the last holds for those after
  bool mlp_bias = false;
  MoeFfn moe;
};

Mamba2 read_mamba(ConfigReader& config) {
  Mamba2 mamba;
  mamba.heads = config.integer("mamba_num_heads mamba_n_heads", Limits::kHeads);
  mamba.head_dim = config.integer("mamba_head_dim mamba_d_head", Limits::kHeadDim);
  mamba.groups = config.integer("n_groups mamba_n_groups", Limits::kHeads);
  mamba.state = config.integer("ssm_state_size mamba_d_state", Limits::kState);
  mamba.kernel = config.integer("conv_kernel mamba_d_conv", Limits::kState);
  mamba.conv_bias = config.boolean_or("use_conv_bias mamba_conv_bias", true);
  mamba.projection_bias = config.boolean_or("use_bias", false);
  return mamba;
}

MoeFfn read_plain_experts(ConfigReader& config) {
  MoeFfn moe = read_moe(config);
  moe.gated = false;
  moe.correction_bias = true;
  moe.input = config.integer_or("moe_latent_size", Limits::kHidden, 0);
  moe.shared_intermediate = config.integer_or(key::kSharedExperts, Limits::kCount, 1) *
                            config.integer_or("moe_shared_expert_intermediate_size",
                                              Limits::kIntermediate, moe.intermediate);
  return moe;
}

Layer layer_of(const Mixer* mixer, const Ffn* ffn, const Architecture& architecture) {
  Layer layer;
  if (mixer != nullptr) layer.mixers = {*mixer};
  if (ffn != nullptr) layer.ffns = {*ffn};
  layer.norms = 1;
  layer.norm_elements = architecture.hidden;
  return layer;
}

void read(ConfigReader& config, Architecture& architecture) {
  const std::vector<Block> blocks =
      read_blocks(config, "layers_block_type layer_types", "hybrid_override_pattern");
  const auto has = [&blocks](Block block) {
    return std::find(blocks.begin(), blocks.end(), block) != blocks.end();
  };
  if (blocks.empty() || !Limits::kLayers.holds(static_cast<double>(blocks.size()))) {
    config.contradiction("hybrid_override_pattern", "no_layers",
                         "The config does not say what its layers are",
                         "add hybrid_override_pattern or layers_block_type");
    return;
  }
  config.ignore(key::kLayerCount);
  Parts parts;
  if (has(Block::kMamba)) parts.mamba = make_mixer(read_mamba(config), architecture.hidden);
  if (has(Block::kAttention)) {
    parts.attention = read_grouped_attention(config, architecture);
    parts.attention.qkv_bias = config.boolean_or("attention_bias", false);
    parts.attention.output_bias = parts.attention.qkv_bias;
  }
  parts.mlp_bias = config.boolean_or("mlp_bias", false);
  if (has(Block::kFfn)) {
    const Json* width = config.find(key::kIntermediate);
    parts.intermediate =
        width != nullptr && width->is_array()
            ? config.integers(key::kIntermediate, Limits::kIntermediate)
            : std::vector<std::int64_t>{config.integer(key::kIntermediate, Limits::kIntermediate)};
  }
  if (has(Block::kExperts)) parts.moe = read_plain_experts(config);
  config.ignore(key::kIntermediate);
  config.ignore(key::kExperts);  // of the class's default, where no layer has them
  const std::vector<Block> drafts =
      read_blocks(config, "mtp_layers_block_type mtp_layer_types", "mtp_hybrid_override_pattern");
  const std::int64_t mtp = read_mtp_count(config);
  architecture.state_dtype = read_state_dtype(config, "mamba_ssm_cache_dtype", DType::kFp32);
  if (config.failed()) return;
  if (has(Block::kFfn) && parts.intermediate.empty()) {
    config.integer(key::kIntermediate, Limits::kIntermediate);
    return;
  }

  std::size_t ffns = 0;
  const auto at = [&](Block block) {
    const Mixer mixer = block == Block::kMamba ? Mixer(parts.mamba) : Mixer(parts.attention);
    Ffn ffn = parts.moe;
    if (block == Block::kFfn) {
      const std::size_t index = std::min(ffns++, parts.intermediate.size() - 1);
      ffn = DenseFfn{parts.intermediate[index], parts.mlp_bias, /*gated=*/false};
    }
    const bool mixes = block == Block::kMamba || block == Block::kAttention;
    return layer_of(mixes ? &mixer : nullptr, mixes ? nullptr : &ffn, architecture);
  };
  for (const Block block : blocks) add_layer(architecture.layers, at(block));

  if (!drafts.empty()) architecture.mtp_modules = mtp;
  for (std::int64_t i = 0; i < mtp && !drafts.empty(); ++i) {
    for (std::size_t j = 0; j < drafts.size(); ++j) {
      const bool known = drafts[j] == Block::kAttention ? has(Block::kAttention) : has(drafts[j]);
      if (!known) continue;
      Layer layer = at(drafts[j]);
      if (j == 0) {
        layer.norm_elements += 3 * architecture.hidden;
        layer.linears = {{"eh_proj", Component::kOther, 2 * architecture.hidden,
                          architecture.hidden, Sharding::kReplicated}};
      }
      add_layer(architecture.mtp, layer);
    }
  }
}

}  // namespace

const Family kNemotronH = {"nemotron_h", "NemotronHForCausalLM", "",
                           R"({"head_dim": 128, "n_groups": 8, "conv_kernel": 4})", read};
const Family kNemotronHVl = {"nemotron_h_vl", "NemotronH_Nano_VL_V2 NemotronH_Nano_VL", "", "{}",
                             nullptr};

}  // namespace tokencast
