#include "model/towers.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/decoder.h"
#include "model/routing.h"

namespace tokencast {
namespace {

constexpr Range kSize = {1, 262144};

/// Reads sizes of one section as doubles: counts multiply three of them.
class Sizes {
 public:
  explicit Sizes(ConfigReader section) : section_(std::move(section)) {}

  double of(const Names& names) { return static_cast<double>(section_.integer(names, kSize)); }
  double of(const Names& names, double fallback) {
    return static_cast<double>(
        section_.integer_or(names, kSize, static_cast<std::int64_t>(fallback)));
  }
  /// A whole number that a float may stand for.
  double real(const Names& names, double fallback) {
    return section_.number_or(names, {0, 1e6}, fallback);
  }
  double length(const Names& names, double fallback) {
    const Json* list = section_.find(names);
    return list != nullptr && list->is_array() ? static_cast<double>(list->size()) : fallback;
  }
  bool is(const Names& names, bool fallback) { return section_.boolean_or(names, fallback); }
  std::string text(const Names& names) { return section_.text_or(names, ""); }
  ConfigReader& section() { return section_; }

 private:
  ConfigReader section_;
};

double linear(double in, double out) { return in * out + out; }
double layer_norm(double width) { return 2 * width; }

/// A pre-norm layer with LayerNorms and biases: q, k, v and output, and a plain FFN.
double vit_layer(double width, double intermediate) {
  return 2 * layer_norm(width) + 4 * linear(width, width) + linear(width, intermediate) +
         linear(intermediate, width);
}

/// Pixels of one patch.
double patch(double size, double frames = 1, double channels = 3) {
  return channels * frames * size * size;
}

bool describes(const ConfigReader& config, const char* section) {
  const Json* value = config.find(section);
  return value != nullptr && value->is_object() && !value->empty();
}

void add_tower(ConfigReader& config, Architecture& architecture, const std::string& kind,
               double parameters) {
  if (!config.failed()) architecture.towers.push_back({kind, parameters, true});
}

/// SigLIP: patches with a bias, learned positions, no class token.
double siglip(Sizes& v, double image_default) {
  const double width = v.of("hidden_size");
  const double size = v.of("patch_size", 14);
  const double side = std::max(
      1.0,
      static_cast<double>(static_cast<std::int64_t>(v.of("image_size", image_default) / size)));
  return linear(patch(size), width) + side * side * width +
         v.of("num_hidden_layers") * vit_layer(width, v.of("intermediate_size")) +
         layer_norm(width);
}

/// Whisper's encoder: k without a bias, positions stored.
double whisper_encoder(Sizes& a) {
  const double width = a.of("d_model hidden_size");
  const double ffn = a.of("encoder_ffn_dim intermediate_size");
  const double mels = a.of("num_mel_bins", 128);
  const double layer = vit_layer(width, ffn) - width;
  return linear(3 * mels, width) + linear(3 * width, width) +
         a.of("max_source_positions", 1500) * width +
         a.of("encoder_layers num_hidden_layers") * layer + layer_norm(width);
}

struct TowerKey {
  const char* key;
  const char* kind;
};
/// Keys that tell of a tower, in the config of whatever family.
constexpr std::array kTowerKeys = {
    TowerKey{"vision_config", "vision"},    TowerKey{"vision_tower", "vision"},
    TowerKey{"mm_vision_tower", "vision"},  TowerKey{"img_processor", "vision"},
    TowerKey{"vision_encoder", "vision"},   TowerKey{"visual", "vision"},
    TowerKey{"siglip_config", "vision"},    TowerKey{"visual_tokenizer_config", "vision"},
    TowerKey{"vit_config", "vision"},       TowerKey{"audio_config", "audio"},
    TowerKey{"speech_config", "audio"},     TowerKey{"audio_processor", "audio"},
    TowerKey{"talker_config", "talker"},    TowerKey{"token2wav_config", "vocoder"},
    TowerKey{"code2wav_config", "vocoder"}, TowerKey{"tts_config", "vocoder"}};

}  // namespace

void read_towers(const Route& route, ConfigReader& whole, Architecture& architecture) {
  const Family* outer = route.wrapper != nullptr ? route.wrapper : route.family;
  if (outer->read_towers != nullptr) outer->read_towers(whole, architecture);
  if (whole.failed()) return;
  std::vector<std::string> kinds;
  for (const TowerKey& tower : kTowerKeys) {
    const Json* value = whole.find(tower.key);
    if (value == nullptr || value->empty()) continue;
    const std::string kind = tower.kind;
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  }
  std::vector<std::string> missing;
  for (const std::string& kind : kinds) {
    const bool counted = std::any_of(architecture.towers.begin(), architecture.towers.end(),
                                     [&kind](const Tower& tower) { return tower.kind == kind; });
    if (counted) continue;
    architecture.towers.push_back({kind, 0, false});
    missing.push_back(kind);
  }
  if (missing.empty()) return;
  whole.note("tower_not_counted",
             "Parts of the model beside its language model are not counted: " + joined(missing),
             {{"tower", joined(missing)}});
}

void read_qwen2_vl_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  const double width = v.of("embed_dim");
  const double intermediate = width * v.real("mlp_ratio", 4);
  const double merge = v.of("spatial_merge_size", 2);
  const double merged = merge * merge * width;
  const double patches = patch(v.of("patch_size", 14), v.of("temporal_patch_size", 2),
                               v.of("in_channels in_chans", 3));
  // hidden_size is the width it gives to the language model.
  add_tower(config, architecture, "vision",
            patches * width + v.of("depth") * vit_layer(width, intermediate) + layer_norm(width) +
                linear(merged, merged) + linear(merged, v.of("hidden_size")));
}

void read_qwen2_5_vl_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  const double width = v.of("hidden_size");
  const double intermediate = v.of("intermediate_size");
  const double heads = v.of("num_heads", 16);
  // EXAONE 4.5 has fewer KV heads.
  const double kv_width = width / heads * v.of("num_key_value_heads", heads);
  const double merge = v.of("spatial_merge_size", 2);
  const double merged = merge * merge * width;
  const double patches = patch(v.of("patch_size", 14), v.of("temporal_patch_size", 2),
                               v.of("in_channels in_chans", 3));
  const double layer = 2 * width + linear(width, width + 2 * kv_width) + linear(width, width) +
                       2 * linear(width, intermediate) + linear(intermediate, width);
  add_tower(config, architecture, "vision",
            patches * width + v.of("depth", 32) * layer + width + linear(merged, merged) +
                linear(merged, v.of("out_hidden_size")));
}

void read_qwen3_vl_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  const double width = v.of("hidden_size", 1152);
  const double merge = v.of("spatial_merge_size", 2);
  const double merged = merge * merge * width;
  const double output = v.of("out_hidden_size", 3584);
  const double patches =
      patch(v.of("patch_size", 16), v.of("temporal_patch_size", 2), v.of("in_channels", 3));
  const double merger = linear(merged, merged) + linear(merged, output);
  const double deepstack = v.length("deepstack_visual_indexes", 3);
  add_tower(config, architecture, "vision",
            linear(patches, width) + v.of("num_position_embeddings", 2304) * width +
                v.of("depth", 27) * vit_layer(width, v.of("intermediate_size", 4304)) +
                layer_norm(width) + merger + deepstack * (layer_norm(merged) + merger));
}

void read_llama4_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  const double width = v.of("hidden_size");
  const double intermediate = v.of("intermediate_size");
  const double size = v.of("patch_size", 14);
  const double side =
      static_cast<double>(static_cast<std::int64_t>(v.of("image_size", 448) / size));
  const double projected = v.of("projector_output_dim", 4096);
  add_tower(config, architecture, "vision",
            patch(size) * width + width + (side * side + 1) * width + 2 * layer_norm(width) +
                v.of("num_hidden_layers") * vit_layer(width, intermediate) +
                intermediate * v.of("projector_input_dim", 4096) + projected * projected +
                v.of("vision_output_dim", 4096) * static_cast<double>(architecture.hidden));
}

void read_mllama_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  const double width = v.of("hidden_size", 1280);
  const double intermediate = v.of("intermediate_size", 5120);
  const double size = v.of("patch_size", 14);
  const double side =
      static_cast<double>(static_cast<std::int64_t>(v.of("image_size", 448) / size));
  const double tokens = side * side + 1;
  const double tiles = v.of("max_num_tiles", 4);
  const double ratios = v.length("supported_aspect_ratios", 8) + 1;
  const double global_layers = v.of("num_global_layers", 8);
  const double layer = vit_layer(width, intermediate) - 4 * width;  // attention without biases
  const double output = v.of("vision_output_dim", 7680);
  add_tower(config, architecture, "vision",
            patch(size) * width + width + 1 + tokens * width + ratios * tiles * tokens * width +
                2 * (1 + ratios * tiles * width) + 2 * layer_norm(width) +
                (v.of("num_hidden_layers", 32) + global_layers) * layer + 2 * global_layers +
                linear(output, static_cast<double>(architecture.hidden)));
}

void read_pixtral_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  Sizes outer(config);
  const double width = v.of("hidden_size");
  const double heads = v.of("num_attention_heads");
  const double attention =
      heads * v.of("head_dim", static_cast<double>(static_cast<std::int64_t>(width / heads)));
  const double merge = outer.of("spatial_merge_size", 2);
  const auto hidden = static_cast<double>(architecture.hidden);
  const double bias = outer.is("multimodal_projector_bias", false) ? 2 * hidden : 0;
  add_tower(config, architecture, "vision",
            patch(v.of("patch_size", 16)) * width + width +
                v.of("num_hidden_layers") *
                    (4 * width * attention + 3 * width * v.of("intermediate_size") + 2 * width) +
                width + width * merge * merge * width + width * hidden + hidden * hidden + bias);
}

void read_fuyu_patches(ConfigReader& config, Architecture& architecture) {
  Sizes sizes(config);
  add_tower(config, architecture, "vision",
            linear(patch(sizes.of("patch_size", 30), 1, sizes.of("num_channels", 3)),
                   static_cast<double>(architecture.hidden)));
}

void read_gemma3_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  // All of them have the same SigLIP so400m, which sparse configs leave out.
  constexpr double kWidth = 1152;
  constexpr double kSo400m = 416'866'032;
  add_tower(config, architecture, "vision",
            kSo400m + kWidth * static_cast<double>(architecture.hidden) + kWidth);
}

namespace {

double gemma4_vision(Sizes& v, double hidden) {
  const double width = v.of("hidden_size", 768);
  const double head_dim = v.of("head_dim", 64);
  const double heads = v.of("num_attention_heads", 12) * head_dim;
  const double kv_heads = v.of("num_key_value_heads", 12) * head_dim;
  const double layer = 2 * width * heads + 2 * width * kv_heads +
                       3 * width * v.of("intermediate_size", 3072) + 4 * width + 2 * head_dim;
  return patch(v.of("patch_size", 16)) * width +
         2 * v.of("position_embedding_size", 10240) * width +
         v.of("num_hidden_layers", 16) * layer + width * hidden;
}

double gemma4_audio(Sizes& a, double hidden) {
  const double width = a.of("hidden_size", 1024);
  const double heads = a.of("num_attention_heads", 8);
  constexpr double kChannels0 = 128;  // subsampling_conv_channels
  constexpr double kChannels1 = 32;
  const double kernel = a.of("conv_kernel_size", 5);
  const double output = a.of("output_proj_dims", 1536);
  const double feed_forward = 8 * width * width + 2 * width;
  const double attention = 5 * width * width + width / heads;
  const double convolution = 3 * width * width + kernel * width + 2 * width;
  return 9 * kChannels0 + kChannels0 + 9 * kChannels0 * kChannels1 + kChannels1 +
         kChannels0 / 4 * kChannels1 * width +
         a.of("num_hidden_layers", 12) * (2 * feed_forward + attention + convolution + 3 * width) +
         linear(width, output) + output * hidden;
}

}  // namespace

void read_gemma4_towers(ConfigReader& config, Architecture& architecture) {
  const auto hidden = static_cast<double>(architecture.hidden);
  const std::string type = config.text_or("model_type", "");
  const bool unified = type == "gemma4_unified" || type == "gemma4_unified_text";
  if (describes(config, "vision_config")) {
    Sizes v(config.object("vision_config"));
    if (unified) {
      const double size = v.of("patch_size", 16) * v.of("pooling_kernel_size", 3);
      const double width = v.of("mm_embed_dim", 3840);
      const double patches = patch(size);
      add_tower(config, architecture, "vision",
                layer_norm(patches) + linear(patches, width) + 2 * layer_norm(width) +
                    2 * v.of("mm_posemb_size", 1120) * width +
                    v.of("output_proj_dims", 3840) * hidden);
    } else {
      add_tower(config, architecture, "vision", gemma4_vision(v, hidden));
    }
  }
  if (describes(config, "audio_config")) {
    Sizes a(config.object("audio_config"));
    add_tower(config, architecture, "audio",
              unified ? a.of("audio_embed_dim", 640) * hidden : gemma4_audio(a, hidden));
  }
}

void read_intern_vit(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  Sizes outer(config);
  const double width = v.of("hidden_size");
  const double size = v.of("patch_size", 14);
  const double side =
      static_cast<double>(static_cast<std::int64_t>(v.of("image_size", 448) / size));
  const bool rms = v.text("norm_type") == "rms_norm";
  double layer = vit_layer(width, v.of("intermediate_size")) + 2 * width;  // and layer scales
  if (!v.is("qkv_bias attention_bias", true)) layer -= 3 * width;
  if (rms) layer -= 2 * width;
  if (v.is("qk_normalization use_qk_norm", false)) layer += 2 * width;
  const double ratio = outer.real("downsample_ratio", 0.5);
  const double shuffled = ratio > 0 ? width / (ratio * ratio) : width;
  const auto hidden = static_cast<double>(architecture.hidden);
  add_tower(config, architecture, "vision",
            linear(patch(size), width) + width + (side * side + 1) * width +
                v.of("num_hidden_layers") * layer + layer_norm(shuffled) +
                linear(shuffled, hidden) + linear(hidden, hidden));
}

void read_moon_vit(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  const double width = v.of("hidden_size vt_hidden_size", 1152);
  const double merged = 4 * width;
  const double positions =
      v.of("init_pos_emb_height pos_emb_height", 64) * v.of("init_pos_emb_width pos_emb_width", 64);
  add_tower(config, architecture, "vision",
            linear(patch(v.of("patch_size", 14)), width) + positions * width +
                v.of("num_hidden_layers vt_num_hidden_layers", 27) *
                    vit_layer(width, v.of("intermediate_size vt_intermediate_size", 4304)) +
                layer_norm(width) + layer_norm(width) + linear(merged, merged) +
                linear(merged, static_cast<double>(architecture.hidden)));
}

void read_kimi_k3_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  const double width = v.of("vt_hidden_size");
  const double attention = v.of("qkv_hidden_size", width);
  const double merged = 4 * v.of("mm_hidden_size", width);
  const auto hidden = static_cast<double>(architecture.hidden);
  const double layer = 4 * width * attention + 2 * width * v.of("vt_intermediate_size") + 2 * width;
  add_tower(config, architecture, "vision",
            patch(v.of("patch_size", 14)) * width +
                v.of("init_pos_emb_height", 64) * v.of("init_pos_emb_width", 64) * width +
                v.of("vt_num_hidden_layers") * layer + width + merged * merged + merged * hidden +
                hidden);
}

void read_glm4v_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  const double width = v.of("hidden_size", 1536);
  const double output = v.of("out_hidden_size", 4096);
  const double size = v.of("patch_size", 14);
  const double side =
      static_cast<double>(static_cast<std::int64_t>(v.of("image_size", 336) / size));
  const double bias = v.is("attention_bias", false) ? 3 * width : 0;
  const double layer = 2 * width + 4 * width * width + bias + 3 * width * output;
  add_tower(config, architecture, "vision",
            linear(patch(size, v.of("temporal_patch_size", 2)), width) + side * side * width +
                2 * width + v.of("depth", 24) * layer + linear(4 * width, output) +
                output * output + layer_norm(output) +
                3 * output * v.of("intermediate_size", 13696));
}

void read_minimax_m3_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  Sizes outer(config);
  Sizes merge(config.object("img_token_compression_config"));
  const double width = v.of("hidden_size");
  const double projected = outer.of("projector_hidden_size", 6144);
  const double side = merge.of("spatial_merge_size", 2);
  const auto hidden = static_cast<double>(architecture.hidden);
  add_tower(config, architecture, "vision",
            patch(v.of("patch_size", 14), merge.of("temporal_patch_size", 2)) * width +
                layer_norm(width) +
                v.of("num_hidden_layers") * vit_layer(width, v.of("intermediate_size")) +
                linear(width, projected) + linear(projected, hidden) +
                linear(hidden * side * side, projected) + linear(projected, hidden));
}

void read_lfm2_vl_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  Sizes outer(config);
  const double width = v.of("hidden_size");
  const double factor = outer.of("downsample_factor", 2);
  const double shuffled = factor * factor * width;
  const double projected = outer.of("projector_hidden_size", 2560);
  const auto hidden = static_cast<double>(architecture.hidden);
  double projector = shuffled * projected + projected * hidden;
  if (outer.is("projector_bias", true)) projector += projected + hidden;
  if (outer.is("projector_use_layernorm", true)) projector += layer_norm(shuffled);
  add_tower(config, architecture, "vision",
            linear(patch(v.of("patch_size", 16)), width) + v.of("num_patches", 256) * width +
                v.of("num_hidden_layers") * vit_layer(width, v.of("intermediate_size")) +
                layer_norm(width) + projector);
}

void read_idefics3_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "vision_config")) return;
  Sizes v(config.object("vision_config"));
  Sizes outer(config);
  if (!v.section().has("num_hidden_layers")) return;
  const double scale = outer.of("scale_factor", 2);
  const double width = v.of("hidden_size");
  add_tower(config, architecture, "vision",
            siglip(v, 364) + width * scale * scale * static_cast<double>(architecture.hidden));
}

void read_voxtral_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "audio_config")) return;
  Sizes a(config.object("audio_config"));
  const auto hidden = static_cast<double>(architecture.hidden);
  // Four frames together are as wide as the FFN.
  add_tower(config, architecture, "audio",
            whisper_encoder(a) + a.of("intermediate_size", 5120) * hidden + hidden * hidden);
}

void read_qwen2_audio_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "audio_config")) return;
  Sizes a(config.object("audio_config"));
  add_tower(config, architecture, "audio",
            whisper_encoder(a) +
                linear(a.of("d_model hidden_size"), static_cast<double>(architecture.hidden)));
}

void read_qwen_vl_tower(ConfigReader& config, Architecture& architecture) {
  if (!describes(config, "visual")) return;
  Sizes v(config.object("visual"));
  const double width = v.of("width");
  const double output = v.of("output_dim");
  const double intermediate =
      static_cast<double>(static_cast<std::int64_t>(width * v.real("mlp_ratio", 4.9231)));
  constexpr double kPositions = 256;  // hard-wired
  const double resampler = 2 * kPositions * output + width * output + linear(output, 3 * output) +
                           linear(output, output) + 2 * layer_norm(output);
  add_tower(config, architecture, "vision",
            patch(v.of("patch_size", 14)) * width + kPositions * width + layer_norm(width) +
                v.of("layers") * vit_layer(width, intermediate) + resampler + layer_norm(output) +
                output * output);
}

}  // namespace tokencast
