// Rules of config.json in the wild, sections 4 and 5 of the reference notes: which layer is of
// which kind, and which has experts.
#include "catch.h"
#include "memory/memory_plan.h"
#include "model/config.h"
#include "model/hub_total.h"
#include "model/weights.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

/// A decoder small enough to count by hand: tables of 100 · 64, 2 layers of 4 heads and 2 KV heads
/// of 16.
const std::string kSmall = R"({"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
  "num_key_value_heads": 2, "intermediate_size": 128, "vocab_size": 100,
  "max_position_embeddings": 512, "torch_dtype": "bfloat16"})";
// Of a layer of it: q, k, v and o; gate, up and down.
constexpr double kAttention = 2 * 64 * 64 + 2 * 64 * 32;
constexpr double kGated = 3 * 64 * 128;

const std::string kMoe =
    R"("num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32)";
constexpr double kExperts = 4 * 3 * 64 * 32;
constexpr double kRouter = 64 * 4;

const std::string kMla = R"("q_lora_rank": 16, "kv_lora_rank": 16, "qk_nope_head_dim": 8,
  "qk_rope_head_dim": 8, "v_head_dim": 8)";

std::string small(const std::string& name, const std::string& more = "{}") {
  Json json = Json::parse(with(kSmall, "architectures", R"([")" + name + R"("])"));
  json.update(Json::parse(more));
  return json.dump();
}

double parameters(const Architecture& architecture) {
  return count_parameters(architecture).total();
}

/// F: attends to everything, S: to a window, C: to a chunk, X: to images, L: MLA, R: recurrent, -:
/// none of them.
char mixer_letter(const Layer& layer) {
  if (layer.mixers.empty()) return '-';
  const auto* grouped = std::get_if<GroupedAttention>(&layer.mixers.front());
  if (grouped == nullptr)
    return std::holds_alternative<LatentAttention>(layer.mixers.front()) ? 'L' : 'R';
  if (grouped->cross) return 'X';
  if (grouped->window == 0) return 'F';
  return grouped->chunked ? 'C' : 'S';
}

/// m: experts, d: dense, b: both, -: neither.
char ffn_letter(const Layer& layer) {
  bool moe = false, dense = false;
  for (const Ffn& ffn : layer.ffns) {
    (std::holds_alternative<MoeFfn>(ffn) ? moe : dense) = true;
  }
  if (moe && dense) return 'b';
  return moe ? 'm' : dense ? 'd' : '-';
}

template <class Letter>
std::string layout(const Architecture& architecture, const Letter& letter) {
  std::string letters(static_cast<std::size_t>(architecture.layer_count()), '?');
  for (const LayerGroup& group : architecture.layers) {
    for (const std::int64_t index : group.indices) {
      letters[static_cast<std::size_t>(index)] = letter(group.layer);
    }
  }
  return letters;
}

std::string mixers(const std::string& config) {
  return layout(architecture_of(config), mixer_letter);
}
std::string ffns(const std::string& config) { return layout(architecture_of(config), ffn_letter); }

std::string list_of(const std::vector<std::string>& names) { return Json(names).dump(); }

Error refusal(const std::string& config) {
  const Result<Architecture> read = read_config(Json::parse(config), "");
  REQUIRE_FALSE(read.ok());
  return read.error();
}

KvPerToken kv_of(const Architecture& architecture) {
  return kv_bytes_per_token(architecture, DType::kBf16);
}

const std::string kLinear =
    R"("linear_num_key_heads": 2, "linear_num_value_heads": 4, "linear_key_head_dim": 8,
  "linear_value_head_dim": 8, "linear_conv_kernel_dim": 4, "head_dim": 16)";
const std::string kMamba2 =
    R"("mamba_n_heads": 8, "mamba_d_head": 16, "mamba_n_groups": 1, "mamba_d_state": 8,
  "mamba_d_conv": 4, "mamba_expand": 2)";

}  // namespace

TEST_CASE("quirks 4: layer_types name each layer") {
  struct Case {
    const char* name;
    std::string more;
    const char* field;
    std::vector<std::string> types;
    const char* layout;
  };
  const std::string window = R"("num_hidden_layers": 3, "sliding_window": 64)";
  const std::vector<Case> cases = {
      {"Qwen2ForCausalLM",
       "{" + window + "}",
       "layer_types",
       {"full_attention", "sliding_attention", "full_attention"},
       "FSF"},
      {"MistralForCausalLM",
       "{" + window + "}",
       "layer_types",
       {"sliding_attention", "full_attention", "sliding_attention"},
       "SFS"},
      {"Phi3ForCausalLM",
       "{" + window + "}",
       "layer_types",
       {"sliding_attention", "full_attention", "full_attention"},
       "SFF"},
      {"Gemma2ForCausalLM",
       "{" + window + "}",
       "layer_types",
       {"full_attention", "full_attention", "sliding_attention"},
       "FFS"},
      {"Gemma3ForCausalLM",
       "{" + window + "}",
       "layer_types",
       {"full_attention", "sliding_attention", "sliding_attention"},
       "FSS"},
      {"Cohere2ForCausalLM",
       "{" + window + "}",
       "layer_types",
       {"full_attention", "sliding_attention", "sliding_attention"},
       "FSS"},
      {"Olmo3ForCausalLM",
       "{" + window + "}",
       "layer_types",
       {"full_attention", "sliding_attention", "sliding_attention"},
       "FSS"},
      {"Exaone4ForCausalLM",
       "{" + window + "}",
       "layer_types",
       {"full_attention", "sliding_attention", "sliding_attention"},
       "FSS"},
      {"GptOssForCausalLM",
       "{" + window + ", " + kMoe + "}",
       "layer_types",
       {"full_attention", "sliding_attention", "sliding_attention"},
       "FSS"},
      {"AfmoeForCausalLM",
       "{" + window + ", " + kMoe + "}",
       "layer_types",
       {"full_attention", "sliding_attention", "sliding_attention"},
       "FSS"},
      {"Llama4ForCausalLM",
       R"({"num_hidden_layers": 3, "attention_chunk_size": 64, )" + kMoe + "}",
       "layer_types",
       {"full_attention", "chunked_attention", "chunked_attention"},
       "FCC"},
      {"Qwen3NextForCausalLM",
       R"({"num_hidden_layers": 3, )" + kLinear + ", " + kMoe + "}",
       "layer_types",
       {"full_attention", "linear_attention", "linear_attention"},
       "FRR"},
      {"MiniMaxForCausalLM",
       R"({"num_hidden_layers": 3, )" + kMoe + "}",
       "layer_types",
       {"full_attention", "linear_attention", "linear_attention"},
       "FRR"},
      {"Lfm2ForCausalLM",
       R"({"num_hidden_layers": 3})",
       "layer_types",
       {"conv", "full_attention", "conv"},
       "RFR"},
      {"GraniteMoeHybridForCausalLM",
       R"({"num_hidden_layers": 3, "num_local_experts": 0, )" + kMamba2 + "}",
       "layer_types",
       {"mamba", "attention", "mamba"},
       "RFR"},
      {"JambaForCausalLM",
       R"({"num_hidden_layers": 3, "mamba_d_state": 8, )" + kMoe + "}",
       "layers_block_type",
       {"mamba", "attention", "mamba"},
       "RFR"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const std::string config = with(small(c.name, c.more), c.field, list_of(c.types));
    CHECK(mixers(config) == c.layout);
    // One too few is a contradiction, not a licence to guess.
    const Error shorter = refusal(with(config, c.field, list_of({c.types[0], c.types[1]})));
    CHECK(shorter.code == "inconsistent_config");
    CHECK(shorter.path == "/" + std::string(c.field));
    CHECK(shorter.message == std::string(c.field) + " has 2 values for 3 layers");
    const Error other =
        refusal(with(config, c.field, list_of({c.types[0], "retention", c.types[2]})));
    CHECK(other.code == "out_of_range");
    CHECK(other.path == "/" + std::string(c.field) + "/1");
    CHECK(other.message ==
          std::string(c.field) + " names \"retention\", which this family does not have");
  }
}

TEST_CASE("quirks 4: with full_attention_interval every k-th layer attends to everything") {
  const std::string linear =
      small("Qwen3NextForCausalLM", R"({"num_hidden_layers": 7, )" + kLinear + ", " + kMoe + "}");
  CHECK(mixers(linear) == "RRRFRRR");  // every fourth by default
  CHECK(mixers(with(linear, "full_attention_interval", "3")) == "RRFRRFR");

  // Qwen3-Next-80B: 12 of 48
  const Architecture next =
      architecture_of(R"({"architectures": ["Qwen3NextForCausalLM"], "hidden_size": 2048,
    "intermediate_size": 5120, "num_hidden_layers": 48, "num_attention_heads": 16, "num_key_value_heads": 2,
    "head_dim": 256, "num_experts": 512, "num_experts_per_tok": 10, "moe_intermediate_size": 512,
    "shared_expert_intermediate_size": 512, "full_attention_interval": 4, "decoder_sparse_step": 1,
    "mlp_only_layers": [], "linear_num_key_heads": 16, "linear_num_value_heads": 32,
    "linear_key_head_dim": 128, "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4,
    "vocab_size": 151936, "max_position_embeddings": 262144, "torch_dtype": "bfloat16"})");
  // q twice as wide for its gate, k and v, o, norms of q and k
  const double full = 2048.0 * 2 * 4096 + 2 * 2048.0 * 512 + 4096.0 * 2048 + 2 * 256;
  // Keys 2 · 2048 and values 4096 wide: projections of both and z, b and a for 32 heads,
  // convolution of 4 over 8192, decay and bias of each head, a norm of 128, output
  const double net =
      2048.0 * (8192 + 4096) + 2 * 2048.0 * 32 + 8192 * 4 + 2 * 32 + 128 + 4096.0 * 2048;
  const double moe = 512 * 3.0 * 2048 * 512 + 2048 * 512 + 3.0 * 2048 * 512 + 2048;
  const double total = 12 * full + 36 * net + 48 * (moe + 2 * 2048) + 2 * 151'936.0 * 2048 + 2048;
  CHECK(parameters(next) == total);
  CHECK(total == 79'674'391'296);
  CHECK(kv_of(next).all == 12 * 2 * 2 * 256 * 2);
  // Of each sequence: the last 3 inputs of the convolution, and 32 states of 128 · 128, both bf16
  CHECK(state_bytes_per_sequence(next) == 36.0 * (8192 * 3 + 32 * 128 * 128) * 2);
}

TEST_CASE(
    "quirks 4: every n-th layer is global, by a number, by letters or by the family's habit") {
  struct Case {
    const char* name;
    const char* field;
    const char* value;
    const char* layout;
  };
  const std::vector<Case> cases = {
      {"Gemma2ForCausalLM", "x", "null", "SFSFSFSF"},  // no key says so
      {"Gemma3ForCausalLM", "x", "null", "SSSSSFSS"},
      {"Gemma3ForCausalLM", "sliding_window_pattern", "3", "SSFSSFSS"},
      {"Gemma3ForCausalLM", "_sliding_window_pattern", "4", "SSSFSSSF"},
      {"Gemma4ForCausalLM", "x", "null", "SSSSSFSF"},  // the last one too
      {"Gemma3nForCausalLM", "x", "null", "SSSSFSSS"},
      {"Exaone4ForCausalLM", "sliding_window_pattern", R"("LLLG")", "SSSFSSSF"},
      {"Exaone4ForCausalLM", "sliding_window_pattern", R"("LLG")", "SSFSSFSF"},  // the last one too
      {"Exaone4ForCausalLM", "sliding_window_pattern", "4", "SSSFSSSF"},
      {"Exaone4ForCausalLM", "sliding_window", "null", "FFFFFFFF"},
      {"Cohere2ForCausalLM", "x", "null", "SSSFSSSF"},
      {"Cohere2ForCausalLM", "sliding_window_pattern", "2", "SFSFSFSF"},
      {"Olmo3ForCausalLM", "x", "null", "SSSFSSSF"},
      {"Phi3SmallForCausalLM", "dense_attention_every_n_layers", "2", "SFSFSFSF"},
      {"GPTNeoForCausalLM", "x", "null", "FSFSFSFS"},
      {"GPTNeoForCausalLM", "attention_types",
       R"([[["global", "local", "local"], 2], [["global"], 2]])", "FSSFSSFF"},
      {"RecurrentGemmaForCausalLM", "x", "null", "RRSRRSRR"},
      {"RecurrentGemmaForCausalLM", "block_types", R"(["attention", "recurrent"])", "SRSRSRSR"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name, c.field, c.value);
    const std::string config =
        small(c.name, R"({"num_hidden_layers": 8, "head_dim": 16, "sliding_window": 64,
      "window_size": 64, "attention_window_size": 64, "num_kv_shared_layers": 0})");
    CHECK(mixers(with(config, c.field, c.value)) == c.layout);
  }
  const std::string trinity =
      small("AfmoeForCausalLM", R"({"num_hidden_layers": 8, "sliding_window": 64, )" + kMoe + "}");
  CHECK(mixers(trinity) == "SSSFSSSF");
  CHECK(mixers(with(trinity, "global_attn_every_n_layers", "3")) == "SSFSSFSS");
  const std::string gpt_oss =
      small("GptOssForCausalLM", R"({"num_hidden_layers": 4, )" + kMoe + "}");
  CHECK(mixers(gpt_oss) == "SFSF");
}

TEST_CASE("quirks 4: published totals of models whose layers alternate") {
  // EXAONE-4.0-1.2B has no window; norms of q and k; tied:
  // 30 · (2 · 2048² + 2 · 2048 · 512 + 128 + 3 · 2048 · 4096 + 4096) + 102400 · 2048 + 2048
  const Architecture exaone =
      architecture_of(R"({"architectures": ["Exaone4ForCausalLM"], "hidden_size": 2048,
    "intermediate_size": 4096, "num_hidden_layers": 30, "num_attention_heads": 32, "num_key_value_heads": 8,
    "head_dim": 64, "sliding_window": null, "sliding_window_pattern": null, "tie_word_embeddings": true,
    "vocab_size": 102400, "max_position_embeddings": 65536, "torch_dtype": "bfloat16"})");
  CHECK(parameters(exaone) == 1'279'391'488);
  CHECK(kv_of(exaone).growing == 30 * 2 * 8 * 64 * 2);
  // Command A: one norm a layer, tied: 64 · (2 · 12288² + 2 · 12288 · 1024 + 3 · 12288 · 36864 +
  // 12288) + 256000 · 12288 + 12288; 48 of 64 layers slide
  const Architecture command =
      architecture_of(R"({"architectures": ["Cohere2ForCausalLM"], "hidden_size": 12288,
    "intermediate_size": 36864, "num_hidden_layers": 64, "num_attention_heads": 96, "num_key_value_heads": 8,
    "sliding_window": 4096, "sliding_window_pattern": 4, "vocab_size": 256000,
    "max_position_embeddings": 131072, "torch_dtype": "bfloat16"})");
  CHECK(parameters(command) == 111'057'580'032);
  CHECK(kv_of(command).all == 64 * 2 * 8 * 128 * 2);
  CHECK(kv_of(command).growing == 16 * 2 * 8 * 128 * 2);
  // RecurrentGemma-2B: the FFN is half as wide as stated, with biases; attention 10 heads and 1 KV
  // head of 256, its output with a bias; the recurrence 2560 wide with gates of 10 blocks of 256 ·
  // 256
  const Architecture griffin = architecture_of(R"({"architectures": ["RecurrentGemmaForCausalLM"],
    "hidden_size": 2560, "intermediate_size": 15360, "num_hidden_layers": 26, "num_attention_heads": 10,
    "num_key_value_heads": 1, "lru_width": 2560, "attention_window_size": 2048, "conv1d_width": 4,
    "block_types": ["recurrent", "recurrent", "attention"], "vocab_size": 256000, "torch_dtype": "bfloat16"})");
  const double ffn = 3.0 * 2560 * 7680 + 2 * 7680 + 2560 + 2 * 2560;
  const double attention = 2 * 2560.0 * 2560 + 2 * 2560 * 256 + 2560;
  const double recurrence =
      3 * (2560.0 * 2560 + 2560) + 5 * 2560 + 2560 + 2 * (10 * 256.0 * 256 + 2560);
  CHECK(parameters(griffin) ==
        26 * ffn + 8 * attention + 18 * recurrence + 256'000.0 * 2560 + 2560);
  CHECK(parameters(griffin) == 2'682'862'080);
  CHECK(kv_of(griffin).growing == 0);
  // The convolution's last 3 inputs in bf16 and a vector in fp32
  CHECK(state_bytes_per_sequence(griffin) == 18 * 2560 * (3 * 2 + 4));
}

TEST_CASE("quirks 4: Jamba attends where i % period is the offset") {
  const std::string jamba = R"({"architectures": ["JambaForCausalLM"], "hidden_size": 4096,
    "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    "num_experts": 16, "num_experts_per_tok": 2, "attn_layer_period": 8, "attn_layer_offset": 4,
    "expert_layer_period": 2, "expert_layer_offset": 1, "mamba_d_state": 16, "mamba_d_conv": 4,
    "mamba_expand": 2, "mamba_dt_rank": 256, "mamba_conv_bias": true, "mamba_proj_bias": false,
    "tie_word_embeddings": false, "vocab_size": 65536, "torch_dtype": "bfloat16"})";
  CHECK(mixers(jamba) == "RRRRFRRRRRRRFRRRRRRRFRRRRRRRFRRR");
  CHECK(ffns(jamba) == "dmdmdmdmdmdmdmdmdmdmdmdmdmdmdmdm");
  // Mamba 1, 8192 wide: in, convolution of 4 and a bias, x to 256 + 2 · 16, dt with a bias, A, D,
  // out, norms of dt, B and C
  const double mamba = 4096.0 * 16'384 + 8192 * 5 + 8192.0 * 288 + 256.0 * 8192 + 8192 + 8192 * 17 +
                       8192.0 * 4096 + 288;
  const double attention = 2 * 4096.0 * 4096 + 2 * 4096.0 * 1024;
  const double dense = 3.0 * 4096 * 14'336;
  const Architecture read = architecture_of(jamba);
  CHECK(parameters(read) == 28 * mamba + 4 * attention + 16 * (17 * dense + 4096 * 16) + 32 * 8192 +
                                2 * 65'536.0 * 4096 + 4096);
  CHECK(parameters(read) == 51'570'323'328);
  CHECK(kv_of(read).all == 4 * 2 * 8 * 128 * 2);
  CHECK(state_bytes_per_sequence(read) == 28 * 8192.0 * (3 + 16) * 2);
  // With one expert there is no router and no choice (Jamba 2 3B): FFNs are dense everywhere.
  CHECK(ffns(small("JambaForCausalLM", R"({"num_experts": 1})")) == "dd");
  CHECK(ffns(small("JambaForCausalLM", R"({"num_experts": 1, "num_experts_per_tok": 2})")) == "dd");
}

TEST_CASE(
    "quirks 4: hybrid_override_pattern has a letter for each layer, layers_block_type a name") {
  const std::string nemotron =
      small("NemotronHForCausalLM", R"({"head_dim": 16, "mamba_num_heads": 8,
    "mamba_head_dim": 16, "ssm_state_size": 8, "n_groups": 2, "conv_kernel": 4, "n_routed_experts": 4,
    "num_experts_per_tok": 2, "moe_intermediate_size": 32, "moe_shared_expert_intermediate_size": 24,
    "num_hidden_layers": 9})");
  const std::string letters = with(nemotron, "hybrid_override_pattern", R"("M-*EM")");
  CHECK(mixers(letters) == "R-F-R");
  CHECK(ffns(letters) == "-d-m-");
  // Mamba 2 of 128: convolution over 128 + 2 · 2 · 8 = 160. Plain FFN and experts of two matrices.
  // One norm each.
  const double mamba = 64 * (128 + 160 + 8) + 160 * 5 + 3 * 8 + 128 + 128 * 64;
  const double plain = 2 * 64 * 128, experts = 4 * 2 * 64 * 32 + 65 * 4 + 2 * 64 * 24;
  CHECK(parameters(architecture_of(letters)) ==
        2 * mamba + plain + kAttention + experts + 5 * 64 + 2 * 6400 + 64);
  const std::string list = R"(["mamba", "mlp", "attention", "moe", "linear_attention"])";
  CHECK(parameters(architecture_of(with(nemotron, "layers_block_type", list))) ==
        parameters(architecture_of(letters)));
  // Where both stand, the list wins.
  CHECK(mixers(with(letters, "layers_block_type", R"(["full_attention", "mlp"])")) == "F-");
  CHECK(refusal(with(nemotron, "hybrid_override_pattern", R"("M?")")).message ==
        "There is no layer of kind \"?\" in this family");
  // FFNs of their own widths: the k-th value for the k-th FFN layer
  const std::string widths =
      with(with(nemotron, "hybrid_override_pattern", R"("-*-")"), "intermediate_size", "[128, 96]");
  CHECK(parameters(architecture_of(widths)) ==
        2 * 64 * (128 + 96) + kAttention + 3 * 64 + 2 * 6400 + 64);
}

TEST_CASE("quirks 4: hybrid layers of zamba2 share two blocks, stored once and used by turns") {
  const Architecture zamba = architecture_of(small("Zamba2ForCausalLM", R"({"num_hidden_layers": 6,
    "layers_block_type": ["mamba", "hybrid", "mamba", "hybrid", "mamba", "hybrid"], "num_mem_blocks": 2,
    "num_key_value_heads": 4, "n_mamba_heads": 8, "mamba_d_state": 8, "mamba_ngroups": 1, "adapter_rank": 4})"));
  // Mamba 2 of 128: convolution over 144. Hybrid: a matrix of 64 · 64, an adapter 64 · 4 + 4 · 256.
  const double mamba = 64 * (128 + 144 + 8) + 144 * 5 + 3 * 8 + 128 + 128 * 64 + 64;
  const double hybrid = 64 * 64 + 64 * 4 + 4 * 2 * 128;
  // A block: q, k, v of 128 · 128 and o of 128 · 64, norms of 128 and 64, a gated FFN
  const double block = 3 * 128 * 128 + 128 * 64 + 192 + kGated;
  CHECK(parameters(zamba) == 6 * mamba + 3 * hybrid + 2 * block + 6400 + 64);
  // K and V of 4 heads of 32 for each use
  CHECK(kv_of(zamba).all == 3 * 2 * 4 * 32 * 2);
}

TEST_CASE("quirks 4: attn_type_list is 1 for softmax and 0 for lightning attention") {
  Json types = Json::array();
  for (int i = 0; i < 80; ++i) types.push_back(i % 8 == 7 ? 1 : 0);
  const Architecture m1 =
      architecture_of(with(R"({"architectures": ["MiniMaxM1ForCausalLM"], "hidden_size": 6144,
    "intermediate_size": 9216, "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
    "head_dim": 128, "num_local_experts": 32, "num_experts_per_tok": 2, "shared_intermediate_size": 0,
    "vocab_size": 200064, "max_position_embeddings": 10240000, "torch_dtype": "bfloat16"})",
                           "attn_type_list", types.dump()));
  const double softmax = 2 * 6144.0 * 8192 + 2 * 6144.0 * 1024;
  // q, k, v, a gate and the output, a norm of 8192
  const double lightning = 5 * 6144.0 * 8192 + 8192;
  const double moe = 32 * 3.0 * 6144 * 9216 + 6144 * 32;
  CHECK(parameters(m1) ==
        10 * softmax + 70 * lightning + 80 * (moe + 2 * 6144) + 2 * 200'064.0 * 6144 + 6144);
  CHECK(parameters(m1) == 456'089'655'296);
  CHECK(kv_of(m1).all == 10 * 2 * 8 * 128 * 2);
  // 64 states of 128 · 128 in fp32
  CHECK(state_bytes_per_sequence(m1) == 70.0 * 64 * 128 * 128 * 4);
  CHECK(
      refusal(small("MiniMaxM1ForCausalLM", R"({"attn_type_list": [0], )" + kMoe + "}")).message ==
      "attn_type_list has 1 values for 2 layers");
}

TEST_CASE("quirks 4: hybrid_layer_pattern of MiMo is 1 for a window") {
  CHECK(mixers(small("MiMoV2FlashForCausalLM", R"({"num_hidden_layers": 4, "sliding_window": 64,
    "hybrid_layer_pattern": [0, 1, 1, 0], )" + kMoe +
                                                   "}")) == "FSSF");
}

TEST_CASE("quirks 4: Kimi counts its layers from 1") {
  const std::string kimi48b = R"({"architectures": ["KimiLinearForCausalLM"], "hidden_size": 2304,
    "intermediate_size": 9216, "moe_intermediate_size": 1024, "num_hidden_layers": 27,
    "num_attention_heads": 32, "num_key_value_heads": 32, "head_dim": 72, "q_lora_rank": null,
    "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
    "num_experts": 256, "num_experts_per_token": 8, "num_shared_experts": 1, "first_k_dense_replace": 1,
    "moe_layer_freq": 1, "linear_attn_config": {"head_dim": 128, "num_heads": 32, "short_conv_kernel_size": 4,
    "full_attn_layers": [4, 8, 12, 16, 20, 24, 27],
    "kda_layers": [1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23, 25, 26]},
    "tie_word_embeddings": false, "vocab_size": 163840, "torch_dtype": "bfloat16"})";
  CHECK(mixers(kimi48b) == "RRRLRRRLRRRLRRRLRRRLRRRLRRL");
  const Architecture kimi = architecture_of(kimi48b);
  // KDA of 4096: q, k, v and o, three convolutions of 4, forget and output gates through 128, beta,
  // decay, bias, norm
  const double kda = 4 * 2304.0 * 4096 + 3 * 4096 * 4 + 2 * (2304.0 * 128 + 128 * 4096) +
                     2304 * 32 + 32 + 4096 + 128;
  const double mla = 2304.0 * 32 * 192 + 2304.0 * 576 + 512 + 512.0 * 32 * 256 + 32 * 128 * 2304.0;
  const double moe = 257 * 3.0 * 2304 * 1024 + 2305 * 256;
  CHECK(parameters(kimi) == 20 * kda + 7 * mla + 26 * moe + 3.0 * 2304 * 9216 + 27 * 4608 +
                                2 * 163'840.0 * 2304 + 2304);
  CHECK(parameters(kimi) == 49'122'681'728);
  CHECK(kv_of(kimi).all == 7 * 576 * 2);
  // 32 states of 128 · 128 in fp32, 3 inputs of three convolutions in bf16
  CHECK(state_bytes_per_sequence(kimi) == 20.0 * (32 * 128 * 128 * 4 + 3 * 3 * 4096 * 2));

  const auto listed = [](const std::string& lists) {
    return small("KimiLinearForCausalLM",
                 R"({"num_hidden_layers": 4, "linear_attn_config": {"head_dim": 8,
      "num_heads": 4, "short_conv_kernel_size": 4)" +
                     lists + "}, " + kMla + "}");
  };
  CHECK(mixers(listed(R"(, "kda_layers": [1, 2, 3])")) == "RRRL");
  CHECK(mixers(listed(R"(, "full_attn_layers": [4])")) == "RRRL");
  CHECK(refusal(listed("")).message == "kda_layers is missing");
  const Error beyond = refusal(listed(R"(, "kda_layers": [1, 2, 5])"));
  CHECK(beyond.path == "/linear_attn_config/kda_layers/2");
  CHECK(beyond.message == "kda_layers is 5; it must be from 1 to 4");
}

TEST_CASE("quirks 4: LFM2 lists its attention layers from 0, or names all") {
  const std::string lfm = small("Lfm2ForCausalLM", R"({"num_hidden_layers": 4})");
  CHECK(mixers(with(lfm, "full_attn_idxs", "[1, 3]")) == "RFRF");
  CHECK(mixers(with(lfm, "layer_types",
                    R"(["conv", "full_attention", "conv", "full_attention"])")) == "RFRF");
  CHECK(mixers(lfm) == "FFFF");
  CHECK(refusal(with(lfm, "full_attn_idxs", "[1, 4]")).message ==
        "full_attn_idxs is 4; it must be from 0 to 3");
  // LFM2-8B-A1B: 18 convolutions of 3, 6 attentions with normed heads, 2 dense FFNs
  Json types = Json::array();
  for (int i = 0; i < 24; ++i) {
    const bool attends = i == 2 || i == 6 || i == 10 || i == 14 || i == 18 || i == 21;
    types.push_back(attends ? "full_attention" : "conv");
  }
  const Architecture moe =
      architecture_of(with(R"({"architectures": ["Lfm2MoeForCausalLM"], "hidden_size": 2048,
    "intermediate_size": 7168, "moe_intermediate_size": 1792, "num_hidden_layers": 24, "num_attention_heads": 32,
    "num_key_value_heads": 8, "num_dense_layers": 2, "num_experts": 32, "num_experts_per_tok": 4,
    "use_expert_bias": true, "conv_L_cache": 3, "conv_bias": false, "vocab_size": 65536, "torch_dtype": "bfloat16"})",
                           "layer_types", types.dump()));
  const double convolution = 4 * 2048.0 * 2048 + 3 * 2048,
               attention = 2 * 2048.0 * 2048 + 2 * 2048.0 * 512 + 128;
  CHECK(parameters(moe) == 18 * convolution + 6 * attention + 2 * 3.0 * 2048 * 7168 +
                               22 * (32 * 3.0 * 2048 * 1792 + 2049 * 32) + 24 * 4096 +
                               65'536.0 * 2048 + 2048);
  // Published without the experts' biases, which are kept in fp32: 8,339,929,856
  CHECK(parameters(moe) == 8'339'929'856 + 22 * 32);
  CHECK(kv_of(moe).all == 6 * 2 * 8 * 64 * 2);
  CHECK(state_bytes_per_sequence(moe) == 18 * 2048 * 2 * 2);
}

TEST_CASE("quirks 4: chunked attention of Llama 4 is where layers have rotary positions") {
  const std::string llama4 = small(
      "Llama4ForCausalLM", R"({"num_hidden_layers": 8, "attention_chunk_size": 64, )" + kMoe + "}");
  CHECK(mixers(llama4) == "CCCFCCCF");
  CHECK(mixers(with(llama4, "no_rope_layers", "[]")) == "CCCFCCCF");
  CHECK(mixers(with(llama4, "no_rope_layers", "[1, 0, 1, 0, 1, 0, 1, 0]")) == "CFCFCFCF");
  CHECK(mixers(with(llama4, "no_rope_layer_interval", "2")) == "CFCFCFCF");
  // A chunk as long as the context limits nothing.
  CHECK(mixers(with(llama4, "attention_chunk_size", "512")) == "FFFFFFFF");
  // Layers of SmolLM3 without positions attend to everything all the same.
  CHECK(
      mixers(small("SmolLM3ForCausalLM", R"({"no_rope_layers": [1, 0], "no_rope_layer_interval": 2,
    "sliding_window": null, "use_sliding_window": false})")) == "FF");
}

TEST_CASE("quirks 4: block_configs of a searched architecture give each layer its own") {
  const std::string nas = R"({"architectures": ["DeciLMForCausalLM"], "model_type": "nemotron-nas",
    "hidden_size": 512, "num_hidden_layers": 5, "num_attention_heads": 8, "num_key_value_heads": null,
    "intermediate_size": null, "vocab_size": 100, "torch_dtype": "bfloat16", "block_configs": [
    {"attention": {"n_heads_in_group": 4, "no_op": false, "replace_with_linear": false},
     "ffn": {"ffn_mult": 2.625, "no_op": false, "replace_with_linear": false}},
    {"attention": {"n_heads_in_group": null, "no_op": true}, "ffn": {"ffn_mult": 1.0}},
    {"attention": {"replace_with_linear": true}, "ffn": {"no_op": true, "ffn_mult": null}},
    {"attention": {"n_heads_in_group": 8}, "ffn": {"replace_with_linear": true}},
    {"attention": {"no_op": true}, "ffn": {"no_op": true}}]})";
  const Architecture read = architecture_of(nas);
  CHECK(read.layer_count() == 5);
  // 2 KV heads of 64; 2 · 2.625 · 512 / 3 = 896 to 1024; what is left out has no norm either
  const double first = 2 * 512.0 * 512 + 2 * 512 * 128 + 3.0 * 512 * 1024 + 2 * 512;
  // 2 · 512 / 3 = 341 to 512
  const double second = 3.0 * 512 * 512 + 512;
  const double third = 512.0 * 512 + 512;
  // 1 KV head, and a matrix for the FFN
  const double fourth = 2 * 512.0 * 512 + 2 * 512 * 64 + 512.0 * 512 + 2 * 512;
  CHECK(parameters(read) == first + second + third + fourth + 2 * 51'200 + 512);
  CHECK(kv_of(read).all == (2 + 1) * 2 * 64 * 2);
  // DeciLM-7B lists KV heads: 32 layers whose KV heads add up to 67.
  const std::string deci =
      R"({"architectures": ["DeciLMForCausalLM"], "model_type": "deci", "hidden_size": 4096,
    "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "vocab_size": 32000,
    "num_key_value_heads_per_layer": [4, 4, 4, 4, 4, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 2, 4, 4, 4], "torch_dtype": "bfloat16"})";
  // 7 · 4 + 21 + 2 + 3 · 4 = 63 here; each KV head is 2 · 4096 · 128
  CHECK(parameters(architecture_of(deci)) == 32 * (2 * 4096.0 * 4096 + 3.0 * 4096 * 14'336 + 8192) +
                                                 63 * 2 * 4096.0 * 128 + 2 * 32'000.0 * 4096 +
                                                 4096);
  CHECK(kv_of(architecture_of(deci)).all == 63 * 2 * 128 * 2);
}

TEST_CASE("quirks 4: Falcon-H1 attends and has Mamba 2 in every layer, as wide as mamba_d_ssm") {
  const std::string falcon = small("FalconH1ForCausalLM", R"({"head_dim": 16, "mamba_d_ssm": 96,
    "mamba_n_heads": 6, "mamba_d_head": 16, "mamba_n_groups": 1, "mamba_d_state": 8, "mamba_d_conv": 4,
    "mamba_expand": 2})");
  // 96, not 2 · 64; convolution over 112; no norm inside
  const double mamba = 64 * (96 + 112 + 6) + 112 * 5 + 3 * 6 + 96 * 64;
  CHECK(parameters(architecture_of(falcon)) ==
        2 * (mamba + kAttention + kGated + 128) + 2 * 6400 + 64);
  // "auto" is the width over the heads.
  CHECK(parameters(architecture_of(with(falcon, "mamba_d_head", R"("auto")"))) ==
        parameters(architecture_of(falcon)));
  // Both a KV cache and a state, in every layer
  CHECK(kv_of(architecture_of(falcon)).all == 2 * 2 * 2 * 16 * 2);
  CHECK(state_bytes_per_sequence(architecture_of(falcon)) == 2 * (112 * 3 + 96 * 8) * 2);
  // Falcon-H1-7B, published
  CHECK(
      parameters(architecture_of(R"({"architectures": ["FalconH1ForCausalLM"], "hidden_size": 3072,
    "intermediate_size": 12288, "num_hidden_layers": 44, "num_attention_heads": 12, "num_key_value_heads": 2,
    "head_dim": 128, "mamba_d_ssm": 3072, "mamba_n_heads": 24, "mamba_d_head": 128, "mamba_n_groups": 1,
    "mamba_d_state": 256, "mamba_d_conv": 4, "mamba_expand": 2, "vocab_size": 130048, "torch_dtype": "bfloat16"})")) ==
      7'585'513'568);
}

TEST_CASE("quirks 4: Falcon-Mamba's intermediate_size rules over its expand") {
  const Architecture mamba =
      architecture_of(R"({"architectures": ["FalconMambaForCausalLM"], "hidden_size": 4096,
    "num_hidden_layers": 64, "intermediate_size": 8192, "expand": 16, "state_size": 16, "time_step_rank": 256,
    "conv_kernel": 4, "use_bias": false, "use_conv_bias": true, "tie_word_embeddings": false,
    "vocab_size": 65024, "torch_dtype": "bfloat16"})");
  const double layer = 4096.0 * 16'384 + 8192 * 5 + 8192.0 * 288 + 256.0 * 8192 + 8192 + 8192 * 17 +
                       8192.0 * 4096 + 4096;
  CHECK(parameters(mamba) == 64 * layer + 2 * 65'024.0 * 4096 + 4096);
  CHECK(parameters(mamba) == 7'272'665'088);
  CHECK(state_bytes_per_sequence(mamba) == 64 * 8192.0 * (3 + 16) * 2);
}

TEST_CASE("quirks 4: LFM2 adjusts the FFN's width where it says so") {
  const auto width = [](const std::string& more) {
    const Architecture lfm = architecture_of(small("Lfm2ForCausalLM", more));
    return std::get<DenseFfn>(lfm.layers.at(0).layer.ffns.at(0)).intermediate;
  };
  CHECK(
      width(
          R"({"block_ff_dim": 12288, "block_auto_adjust_ff_dim": true, "block_multiple_of": 256})") ==
      8192);
  CHECK(
      width(
          R"({"block_ff_dim": 12000, "block_auto_adjust_ff_dim": true, "block_multiple_of": 256})") ==
      8192);
  CHECK(
      width(
          R"({"block_ff_dim": 12288, "block_auto_adjust_ff_dim": true, "block_ffn_dim_multiplier": 1.5,
    "block_multiple_of": 256})") == 12'288);
  CHECK(width(R"({"intermediate_size": 10752})") == 10'752);  // LFM2-2.6B: final
  CHECK(width(R"({"block_ff_dim": 10752, "block_auto_adjust_ff_dim": false})") == 10'752);
  // LFM2-1.2B: 10 · (4 · 2048² + 3 · 2048) + 6 · (2 · 2048² + 2 · 2048 · 512 + 128) +
  // 16 · (3 · 2048 · 8192 + 2 · 2048) + 65536 · 2048 + 2048
  CHECK(parameters(architecture_of(R"({"architectures": ["Lfm2ForCausalLM"], "hidden_size": 2048,
    "block_ff_dim": 12288, "block_auto_adjust_ff_dim": true, "block_multiple_of": 256,
    "block_ffn_dim_multiplier": 1.0, "num_hidden_layers": 16, "num_attention_heads": 32,
    "num_key_value_heads": 8, "full_attn_idxs": [2, 5, 8, 10, 12, 14], "conv_L_cache": 3, "vocab_size": 65536,
    "torch_dtype": "bfloat16"})")) == 1'170'340'608);
}

TEST_CASE("quirks 4: a window is inert where it is off, null or as long as the context") {
  struct Case {
    std::string config;
    const char* layout;
  };
  const std::string qwen =
      small("Qwen2ForCausalLM", R"({"num_hidden_layers": 4, "sliding_window": 64,
    "max_window_layers": 2, "use_sliding_window": false})");
  const std::string mistral =
      small("MistralForCausalLM", R"({"num_hidden_layers": 4, "sliding_window": 64})");
  const std::vector<Case> cases = {
      {qwen, "FFFF"},
      {with(qwen, "use_sliding_window", "true"), "FFSS"},
      {with(with(qwen, "use_sliding_window", "true"), "max_window_layers", "4"), "FFFF"},
      {with(with(qwen, "use_sliding_window", "true"), "sliding_window", "512"), "FFFF"},
      {mistral, "SSSS"},  // Mistral-7B-v0.1
      {with(mistral, "sliding_window", "null"), "FFFF"},
      {with(mistral, "sliding_window", "512"), "FFFF"},  // Ministral-8B
      {with(mistral, "sliding_window", "0"), "FFFF"},
      {small("Starcoder2ForCausalLM", R"({"sliding_window": 64})"), "SS"},
      {small("Phi3ForCausalLM", R"({"sliding_window": 262144})"), "FF"},
      {small("MixtralForCausalLM", R"({"sliding_window": null, )" + kMoe + "}"), "FF"},
      {small("PhiMoEForCausalLM", R"({"sliding_window": 512, )" + kMoe + "}"), "FF"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.config);
    CHECK(mixers(c.config) == c.layout);
  }
}

TEST_CASE(
    "quirks 5: experts after the first dense layers, then in every n-th or where a list says") {
  const std::string deepseek =
      small("DeepseekV3ForCausalLM",
            "{" + kMla + ", " + kMoe +
                R"(, "num_hidden_layers": 6, "n_shared_experts": 1, "first_k_dense_replace": 2})");
  CHECK(ffns(deepseek) == "ddmmmm");
  CHECK(ffns(with(deepseek, "moe_layer_freq", "2")) == "ddmdmd");
  CHECK(ffns(with(deepseek, "moe_layer_freq", "[0, 1, 0, 1, 1, 1]")) == "dmdmmm");
  CHECK(refusal(with(deepseek, "moe_layer_freq", "[0, 1]")).message ==
        "moe_layer_freq has 2 values for 6 layers");
  const std::string glm =
      small("GlmMoeDsaForCausalLM", "{" + kMla + ", " + kMoe + R"(, "num_hidden_layers": 3,
    "mlp_layer_types": ["dense", "sparse", "sparse"]})");
  CHECK(ffns(glm) == "dmm");
  CHECK(refusal(with(glm, "mlp_layer_types", R"(["dense"])")).message ==
        "mlp_layer_types has 1 values for 3 layers");
  CHECK(refusal(with(glm, "mlp_layer_types", R"(["dense", "spars", "sparse"])")).message ==
        "mlp_layer_types names \"spars\", which this family does not have");
  CHECK(refusal(with(glm, "indexer_types", R"(["full", "full"])")).message ==
        "indexer_types has 2 values for 3 layers");

  const std::string qwen =
      small("Qwen3MoeForCausalLM", R"({"num_hidden_layers": 6, )" + kMoe + "}");
  CHECK(ffns(qwen) == "mmmmmm");
  CHECK(ffns(with(qwen, "decoder_sparse_step", "2")) == "dmdmdm");
  CHECK(ffns(with(with(qwen, "decoder_sparse_step", "2"), "mlp_only_layers", "[1]")) == "dddmdm");

  const std::string ernie =
      small("Ernie4_5_MoeForCausalLM", R"({"num_hidden_layers": 8, "moe_num_experts": 4,
    "moe_k": 2, "moe_intermediate_size": 32})");
  CHECK(ffns(ernie) == "dmmmmmmm");  // from 1 to the last
  CHECK(ffns(with(with(ernie, "moe_layer_start_index", "2"), "moe_layer_end_index", "5")) ==
        "ddmmmmdd");
  CHECK(ffns(with(ernie, "moe_layer_interval", "3")) == "ddmddmdd");

  CHECK(ffns(small("AfmoeForCausalLM",
                   R"({"num_hidden_layers": 4, "num_dense_layers": 2, )" + kMoe + "}")) == "ddmm");
  CHECK(ffns(small("Lfm2MoeForCausalLM",
                   R"({"num_hidden_layers": 4, "num_dense_layers": 1, )" + kMoe + "}")) == "dmmm");
  CHECK(ffns(small(
            "Step3TextForCausalLM", R"({"num_hidden_layers": 4, "head_dim": 16, "share_q_dim": 32,
    "moe_layers_enum": "1,3", )" + kMoe +
                                        "}")) == "dmdm");
}

TEST_CASE(
    "quirks 5: Llama 4 has experts in every interleave-th layer, and a shared one beside them") {
  const std::string llama4 =
      small("Llama4ForCausalLM", R"({"num_hidden_layers": 4, "num_local_experts": 4,
    "num_experts_per_tok": 1, "intermediate_size_mlp": 256})");
  CHECK(ffns(llama4) == "mmmm");
  CHECK(ffns(with(llama4, "interleave_moe_layer_step", "2")) == "dmdm");
  CHECK(ffns(with(llama4, "moe_layers", "[0, 3]")) == "mddm");
  CHECK(refusal(with(llama4, "moe_layers", "[0, 4]")).message ==
        "moe_layers is 4; it must be from 0 to 3");
  // Dense layers are as wide as intermediate_size_mlp: 3 · 64 · 256
  const double moe = 5 * kGated + kRouter;
  CHECK(parameters(architecture_of(with(llama4, "interleave_moe_layer_step", "2"))) ==
        4 * (kAttention + 128) + 2 * moe + 2 * 2 * kGated + 2 * 6400 + 64);
  const std::string scout =
      R"({"architectures": ["Llama4ForConditionalGeneration"], "text_config": {
    "hidden_size": 5120, "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_hidden_layers": 48,
    "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128, "num_local_experts": 16,
    "num_experts_per_tok": 1, "interleave_moe_layer_step": 1, "attention_chunk_size": 8192,
    "max_position_embeddings": 10485760, "vocab_size": 202048, "torch_dtype": "bfloat16"}})";
  Json maverick = Json::parse(scout);
  maverick["text_config"]["num_local_experts"] = 128;
  maverick["text_config"]["interleave_moe_layer_step"] = 2;
  const double attention = 2 * 5120.0 * 5120 + 2 * 5120.0 * 1024 + 2 * 5120,
               expert = 3.0 * 5120 * 8192;
  const double tables = 2 * 202'048.0 * 5120 + 5120;
  CHECK(parameters(architecture_of(scout)) == 48 * (attention + 17 * expert + 5120 * 16) + tables);
  CHECK(parameters(architecture_of(scout)) == 107'769'861'120);
  CHECK(parameters(architecture_of(maverick.dump())) ==
        48 * attention + 24 * (129 * expert + 5120 * 128) + 24 * 2 * expert + tables);
  CHECK(parameters(architecture_of(maverick.dump())) == 400'711'848'960);
  // 12 of 48 layers grow beyond a chunk.
  CHECK(kv_of(architecture_of(scout)).growing == 12 * 2 * 8 * 128 * 2);
}

TEST_CASE("quirks 5: dense layers of MiniMax-M3 have a width of their own") {
  const std::string m3 =
      small("MiniMaxM3ForCausalLM", R"({"num_local_experts": 4, "num_experts_per_tok": 2,
    "moe_layer_freq": [0, 1], "dense_intermediate_size": 256, "shared_intermediate_size": 48, "n_shared_experts": 1,
    "sparse_attention_config": {"sparse_attention_freq": [0, 1], "sparse_num_index_heads": 2, "sparse_index_dim": 8,
      "sparse_block_size": 16, "sparse_topk_blocks": 2, "sparse_local_block": 1}})");
  CHECK(ffns(m3) == "dm");
  // Norms of q and k in both; the indexer of the second: q 64 · 16, k 64 · 8, two norms of 8
  CHECK(parameters(architecture_of(m3)) == 2 * (kAttention + 32 + 128) + 64 * 16 + 64 * 8 + 16 +
                                               3 * 64 * 256 + 4 * kGated + 3 * 64 * 48 + 65 * 4 +
                                               2 * 6400 + 64);
  CHECK(kv_of(architecture_of(m3)).indexer == 8 * 132.0 / 128);
}

TEST_CASE(
    "quirks 5: a router is hidden · experts, with a bias for each expert where routing is balanced "
    "so") {
  struct Case {
    const char* name;
    std::string more;
    double router;
  };
  const std::string deepseek = kMla + ", " + kMoe + R"(, "first_k_dense_replace": 0)";
  // One layer has 64 · 4 weights; a correction adds 4.
  const std::vector<Case> cases = {
      {"Qwen3MoeForCausalLM", kMoe, 2 * 256},
      {"DeepseekV2ForCausalLM", deepseek + R"(, "topk_method": "greedy")", 2 * 256},
      {"DeepseekV2ForCausalLM", deepseek + R"(, "topk_method": "group_limited_greedy")", 2 * 256},
      {"DeepseekV2ForCausalLM", deepseek + R"(, "topk_method": "noaux_tc")", 2 * 260},
      {"DeepseekV3ForCausalLM", deepseek, 2 * 260},
      {"MiniMaxM2ForCausalLM", kMoe + R"(, "use_routing_bias": true)", 2 * 260},
      {"MiniMaxM2ForCausalLM", kMoe + R"(, "use_routing_bias": false)", 2 * 256},
      {"BailingMoeV2ForCausalLM", kMoe + R"(, "moe_router_enable_expert_bias": true)", 2 * 260},
      {"BailingMoeForCausalLM", kMoe, 2 * 256},
      {"GptOssForCausalLM", kMoe, 2 * 260},  // of the router's own linear layer
      {"LongcatFlashForCausalLM",
       kMla + R"(, "num_layers": 2, "n_routed_experts": 4, "zero_expert_num": 4,
        "moe_topk": 2, "ffn_hidden_size": 96, "expert_ffn_hidden_size": 32)",
       2 * (64 * 8 + 8)},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name, c.more);
    const ParameterCount count =
        count_parameters(architecture_of(small(c.name, "{" + c.more + "}")));
    CHECK(count.of(Component::kRouter) == c.router);
  }
}

TEST_CASE("quirks 5: published totals of models with shared experts after dense layers") {
  // Moonlight-16B-A3B: queries projected directly; the table's 15,960,111,936 counts 27 buffers of
  // 64 besides
  const Architecture moonlight =
      architecture_of(R"({"architectures": ["DeepseekV3ForCausalLM"], "hidden_size": 2048,
    "intermediate_size": 11264, "moe_intermediate_size": 1408, "num_hidden_layers": 27, "num_attention_heads": 16,
    "num_key_value_heads": 16, "q_lora_rank": null, "kv_lora_rank": 512, "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64, "v_head_dim": 128, "n_routed_experts": 64, "n_shared_experts": 2,
    "num_experts_per_tok": 6, "first_k_dense_replace": 1, "topk_method": "noaux_tc", "num_nextn_predict_layers": 0,
    "vocab_size": 163840, "torch_dtype": "bfloat16"})");
  const double mla = 2048.0 * 16 * 192 + 2048.0 * 576 + 512 + 512.0 * 16 * 256 + 16 * 128 * 2048.0;
  CHECK(parameters(moonlight) == 27 * (mla + 4096) + 3.0 * 2048 * 11'264 +
                                     26 * (66 * 3.0 * 2048 * 1408 + 2049 * 64) +
                                     2 * 163'840.0 * 2048 + 2048);
  CHECK(parameters(moonlight) == 15'960'111'936 - 27 * 64);
  // dots.llm1: multi-head with normed heads
  const Architecture dots =
      architecture_of(R"({"architectures": ["Dots1ForCausalLM"], "hidden_size": 4096,
    "intermediate_size": 10944, "moe_intermediate_size": 1408, "num_hidden_layers": 62, "num_attention_heads": 32,
    "num_key_value_heads": 32, "n_routed_experts": 128, "n_shared_experts": 2, "num_experts_per_tok": 6,
    "first_k_dense_replace": 1, "vocab_size": 152064, "torch_dtype": "bfloat16"})");
  CHECK(parameters(dots) == 62 * (4 * 4096.0 * 4096 + 256 + 8192) + 3.0 * 4096 * 10'944 +
                                61 * (130 * 3.0 * 4096 * 1408 + 4097 * 128) + 2 * 152'064.0 * 4096 +
                                4096);
  CHECK(parameters(dots) == 142'774'381'696);
  // Trinity-Large: 4 norms, a gate as wide as the heads, 6 dense layers
  const Architecture trinity =
      architecture_of(R"({"architectures": ["AfmoeForCausalLM"], "hidden_size": 3072,
    "intermediate_size": 12288, "moe_intermediate_size": 3072, "num_hidden_layers": 60, "num_attention_heads": 48,
    "num_key_value_heads": 8, "head_dim": 128, "num_experts": 256, "num_experts_per_tok": 4,
    "num_shared_experts": 1, "num_dense_layers": 6, "sliding_window": 4096, "global_attn_every_n_layers": 4,
    "vocab_size": 200192, "max_position_embeddings": 131072, "torch_dtype": "bfloat16"})");
  const double gated = 3 * 3072.0 * 6144 + 2 * 3072.0 * 1024 + 256 + 4 * 3072;
  CHECK(parameters(trinity) == 60 * gated + 6 * 3.0 * 3072 * 12'288 +
                                   54 * (257 * 3.0 * 3072 * 3072 + 3073 * 256) +
                                   2 * 200'192.0 * 3072 + 3072);
  CHECK(parameters(trinity) == 398'635'286'016);
  CHECK(kv_of(trinity).growing == 15 * 2 * 8 * 128 * 2);
  // Ling-mini-2.0: 20 · (2 · 2048² + 2 · 2048 · 512 + 256 + 4096) + 3 · 2048 · 5120 +
  // 19 · (257 · 3 · 2048 · 512 + 2049 · 256) + 2 · 157184 · 2048 + 2048
  CHECK(parameters(
            architecture_of(R"({"architectures": ["BailingMoeV2ForCausalLM"], "hidden_size": 2048,
    "intermediate_size": 5120, "moe_intermediate_size": 512, "num_hidden_layers": 20, "num_attention_heads": 16,
    "num_key_value_heads": 4, "head_dim": 128, "use_qk_norm": true, "num_experts": 256, "num_experts_per_tok": 8,
    "num_shared_experts": 1, "moe_router_enable_expert_bias": true, "first_k_dense_replace": 1,
    "vocab_size": 157184, "torch_dtype": "bfloat16"})")) == 16'255'643'392);
}

TEST_CASE("quirks 5: latent experts act on a narrower vector") {
  // Nemotron 3: two matrices of 24 · 32 for each of 4 experts, and 64 · 24 down and up; the shared
  // one on 64
  const std::string nemotron =
      small("NemotronHForCausalLM", R"({"hybrid_override_pattern": "*E", "head_dim": 16,
    "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32, "moe_latent_size": 24,
    "moe_shared_expert_intermediate_size": 40, "n_shared_experts": 1})");
  const double tables = 2 * 6400 + 64;
  CHECK(parameters(architecture_of(nemotron)) ==
        kAttention + 64 + 4 * 2 * 24 * 32 + 2 * 64 * 24 + 2 * 64 * 40 + 65 * 4 + 64 + tables);
  // A token uses two of four experts, and both projections.
  CHECK(count_parameters(architecture_of(nemotron)).active() ==
        parameters(architecture_of(nemotron)) - 2 * 2 * 24 * 32);
  // Kimi-K3: gated, with a norm of what comes back; gates of full rank; blocks mixed back into the
  // residual
  const std::string kimi = small("KimiLinearForCausalLM", "{" + kMla + R"(, "num_experts": 4,
    "num_experts_per_token": 2, "moe_intermediate_size": 32, "num_shared_experts": 1,
    "routed_expert_hidden_size": 24, "latent_moe_use_norm": true, "linear_attn_config": {"kda_layers": [1],
    "full_attn_layers": [2], "head_dim": 8, "num_heads": 4, "short_conv_kernel_size": 4}})");
  const double plain = parameters(
      architecture_of(without(without(kimi, "routed_expert_hidden_size"), "latent_moe_use_norm")));
  // Per layer: experts 4 · 3 · 32 · (24 − 64), projections 2 · 64 · 24, norm 24
  CHECK(parameters(architecture_of(kimi)) - plain == 2 * (-4.0 * 3 * 32 * 40 + 2 * 64 * 24 + 24));
}

TEST_CASE(
    "quirks 5: a dense FFN stands beside the experts of Gemma 4, and in their place in Granite 4 "
    "H") {
  const std::string gemma = small("Gemma4ForCausalLM", R"({"enable_moe_block": true, "head_dim": 16,
    "global_head_dim": 16, "num_experts": 4, "top_k_experts": 2, "moe_intermediate_size": 32})");
  CHECK(ffns(gemma) == "bb");
  // Beside a dense layer: experts, a router with a scale of its input and one of each expert, 3
  // norms
  CHECK(parameters(architecture_of(gemma)) -
            parameters(architecture_of(with(gemma, "enable_moe_block", "false"))) ==
        2 * (kExperts + kRouter + 64 + 4 + 3 * 64));
  const std::string granite = small("GraniteMoeHybridForCausalLM", R"({"num_local_experts": 0,
    "num_experts_per_tok": 0, "shared_intermediate_size": 48, "layer_types": ["attention", "attention"]})");
  CHECK(ffns(granite) == "dd");
  CHECK(parameters(architecture_of(granite)) ==
        2 * (kAttention + 3 * 64 * 48 + 128) + 2 * 6400 + 64);
  const std::string experts =
      with(with(granite, "num_local_experts", "4"), "num_experts_per_tok", "2");
  CHECK(ffns(experts) == "mm");
  CHECK(parameters(architecture_of(experts)) ==
        parameters(architecture_of(granite)) + 2 * (4 * kGated + kRouter));
}

TEST_CASE("quirks 5: zero experts of LongCat take a token's place and have no weights") {
  const Architecture longcat = architecture_of(R"({"architectures": ["LongcatFlashForCausalLM"],
    "hidden_size": 6144, "ffn_hidden_size": 12288, "expert_ffn_hidden_size": 2048, "num_layers": 28,
    "num_hidden_layers": 56, "num_attention_heads": 64, "q_lora_rank": 1536, "kv_lora_rank": 512,
    "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "n_routed_experts": 512,
    "zero_expert_num": 256, "zero_expert_type": "identity", "moe_topk": 12, "vocab_size": 131072,
    "torch_dtype": "bfloat16"})");
  CHECK(longcat.layer_count() == 28);
  const double mla = 6144.0 * 1536 + 1536 + 1536.0 * 64 * 192 + 6144.0 * 576 + 512 +
                     512.0 * 64 * 256 + 64 * 128 * 6144.0;
  const double dense = 3.0 * 6144 * 12'288, expert = 3.0 * 6144 * 2048;
  const double total = 28 * (2 * mla + 2 * dense + 512 * expert + 6145 * 768.0 + 4 * 6144) +
                       2 * 131'072.0 * 6144 + 6144;
  CHECK(parameters(longcat) == total);
  CHECK(total == 560'664'980'480);
  // Of 12 choices among 768 eight fall on experts with weights, in the mean.
  CHECK(count_parameters(longcat).active() == total - 28 * 504 * expert);
  // Two attentions a layer
  CHECK(kv_of(longcat).all == 28 * 2 * 576 * 2);
  // The hub counts one MTP block, which is dense and has one attention, and a copy of the embedding
  // table.
  CHECK(count_mtp_parameters(longcat) == mla + dense + 2 * 6144 + 2 * 6144.0 * 6144 + 3 * 6144);
  double hub = total;
  for (const HubDifference& difference : hub_differences(longcat)) hub += difference.parameters;
  CHECK(hub == 561'862'880'256);
}

TEST_CASE("quirks 5: multi-token-prediction layers under each name are listed apart") {
  const std::string qwen = small("Qwen3_5ForCausalLM", "{" + kLinear + "}");
  // A layer that attends (q twice as wide, norms of 16), two norms; 2 · 64² and three norms more
  const double mtp = kAttention + 64 * 64 + 32 + kGated + 128 + 2 * 64 * 64 + 3 * 64;
  CHECK(count_mtp_parameters(architecture_of(qwen)) == 0);
  for (const char* name : {"num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_modules",
                           "_num_mtp_layers"}) {
    CAPTURE(name);
    const Architecture read = architecture_of(with(qwen, name, "1"));
    CHECK(count_mtp_parameters(read) == mtp);
    CHECK(parameters(read) == parameters(architecture_of(qwen)));
    REQUIRE(read.notes.size() == 1);
    CHECK(read.notes[0].code == "mtp_not_counted");
    CHECK(read.notes[0].params == Params{{"layers", "1"}});
  }
  // DeepSeek-V3's: a layer of experts, 2 · 7168² + 3 · 7168; published apart from the 671 B
  CHECK(count_mtp_parameters(architecture_of(kDeepSeekR1)) == 11'610'068'224);
  // Qwen3-Next has a block that no key names.
  CHECK(count_mtp_parameters(
            architecture_of(small("Qwen3NextForCausalLM", "{" + kLinear + ", " + kMoe + "}"))) ==
        kAttention + 64 * 64 + 32 + kExperts + kRouter + 128 + 2 * 64 * 64 + 3 * 64);
  // MiniMax announces modules that are in no checkpoint.
  CHECK(count_mtp_parameters(
            architecture_of(small("MiniMaxM2ForCausalLM", R"({"use_mtp": true, "num_mtp_modules": 3,
    "mtp_transformer_layers": 1, )" + kMoe + "}"))) == 0);
  // Nemotron 3: one prediction layer of two blocks, attention and experts
  const Architecture nemotron =
      architecture_of(small("NemotronHForCausalLM", R"({"hybrid_override_pattern": "*E",
    "mtp_hybrid_override_pattern": "*E", "num_nextn_predict_layers": 1, "head_dim": 16, "n_routed_experts": 4,
    "num_experts_per_tok": 2, "moe_intermediate_size": 32, "moe_shared_expert_intermediate_size": 40})"));
  CHECK(count_mtp_parameters(nemotron) ==
        kAttention + 64 + 4 * 2 * 64 * 32 + 2 * 64 * 40 + 65 * 4 + 64 + 2 * 64 * 64 + 3 * 64);
}
