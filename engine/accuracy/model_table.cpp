#include "accuracy/model_table.h"

#include <array>

namespace tokencast::accuracy {
namespace {

struct Entry {
  std::string_view prefix;  ///< of the model's id: quantized copies have longer ones
  ConfigPlace place;
};

// Shapes as the config.json of the repository in the first column has them.
constexpr std::string_view kLlama30B =
    R"({"architectures":["LlamaForCausalLM"],"hidden_size":6656,"intermediate_size":17920,
"num_hidden_layers":60,"num_attention_heads":52,"vocab_size":32000,"max_position_embeddings":2048,
"tie_word_embeddings":false,"torch_dtype":"float16"})";
constexpr std::string_view kOpenLlama3B =
    R"({"architectures":["LlamaForCausalLM"],"hidden_size":3200,"intermediate_size":8640,
"num_hidden_layers":26,"num_attention_heads":32,"vocab_size":32000,"max_position_embeddings":2048,
"tie_word_embeddings":false,"torch_dtype":"float16"})";
constexpr std::string_view kTinyLlama =
    R"({"architectures":["LlamaForCausalLM"],"hidden_size":2048,"intermediate_size":5632,
"num_hidden_layers":22,"num_attention_heads":32,"num_key_value_heads":4,"vocab_size":32000,
"max_position_embeddings":2048,"tie_word_embeddings":false,"torch_dtype":"float16"})";
constexpr std::string_view kAquila7B =
    R"({"architectures":["LlamaForCausalLM"],"hidden_size":4096,"intermediate_size":11008,
"num_hidden_layers":32,"num_attention_heads":32,"vocab_size":100008,
"max_position_embeddings":2048,"tie_word_embeddings":false,"torch_dtype":"float16"})";
// KV heads differ from layer to layer, 1 to 4; 2 is near their mean.
constexpr std::string_view kDeciLm7B =
    R"({"architectures":["LlamaForCausalLM"],"hidden_size":4096,"intermediate_size":14336,
"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":2,"vocab_size":32000,
"max_position_embeddings":8192,"tie_word_embeddings":false,"torch_dtype":"bfloat16"})";
constexpr std::string_view kOpt6700M =
    R"({"architectures":["OPTForCausalLM"],"model_type":"opt","hidden_size":4096,"ffn_dim":16384,
"num_hidden_layers":32,"num_attention_heads":32,"word_embed_proj_dim":4096,"vocab_size":50272,
"max_position_embeddings":2048,"do_layer_norm_before":true,"tie_word_embeddings":true,
"torch_dtype":"float16"})";
constexpr std::string_view kBloom7B1 =
    R"({"architectures":["BloomForCausalLM"],"model_type":"bloom","hidden_size":4096,"n_layer":30,
"num_attention_heads":32,"vocab_size":250880,"torch_dtype":"float16"})";
constexpr std::string_view kQwen1800M =
    R"({"architectures":["QWenLMHeadModel"],"model_type":"qwen","hidden_size":2048,
"intermediate_size":11008,"num_hidden_layers":24,"num_attention_heads":16,"kv_channels":128,
"vocab_size":151936,"seq_length":8192,"max_position_embeddings":8192,"no_bias":true,
"tie_word_embeddings":false,"bf16":true})";
constexpr std::string_view kQwen14B =
    R"({"architectures":["QWenLMHeadModel"],"model_type":"qwen","hidden_size":5120,
"intermediate_size":27392,"num_hidden_layers":40,"num_attention_heads":40,"kv_channels":128,
"vocab_size":152064,"seq_length":8192,"max_position_embeddings":8192,"no_bias":true,
"tie_word_embeddings":false,"bf16":true})";

constexpr std::array<Entry, 16> kEntries = {{
    {"Qwen/Qwen3-4B", {"", "qwen3-4b", "", ""}},
    {"meta-llama/Llama-2-13b", {"", "llama-2-13b", "", ""}},
    {"huggyllama/llama-7b", {"meta-llama__Llama-2-7b-hf", "", "", "Llama 2 7B of the same shape"}},
    {"huggyllama/llama-13b", {"", "llama-2-13b", "", "Llama 2 13B of the same shape"}},
    {"huggyllama/llama-30b", {"", "", kLlama30B, ""}},
    {"openlm-research/open_llama_3b", {"", "", kOpenLlama3B, ""}},
    {"TinyLlama/TinyLlama-1.1B", {"", "", kTinyLlama, ""}},
    {"BAAI/Aquila-7B", {"", "", kAquila7B, ""}},
    {"Deci/DeciLM-7B", {"", "", kDeciLm7B, "KV heads of its layers taken as 2"}},
    {"facebook/opt-6.7b", {"", "", kOpt6700M, ""}},
    {"bigscience/bloom-7b1", {"", "", kBloom7B1, ""}},
    {"Qwen/Qwen1.5-7B", {"Qwen__Qwen-7B", "", "", "Qwen 7B of the same shape"}},
    {"Qwen/Qwen-1_8B", {"", "", kQwen1800M, ""}},
    {"Qwen/Qwen-14B", {"", "", kQwen14B, ""}},
    {"nvidia/Nemotron-3-Super-120B-A12B",
     {"nvidia__NVIDIA-Nemotron-3-Super-120B-A12B-FP8", "", "", ""}},
    {"Qwen/Qwen2-72B", {"Qwen__Qwen2.5-72B", "", "", "Qwen 2.5 72B of the same shape"}},
}};

}  // namespace

ConfigPlace place_of(std::string_view model) {
  for (const Entry& entry : kEntries) {
    if (model.substr(0, entry.prefix.size()) == entry.prefix) return entry.place;
  }
  return {};
}

}  // namespace tokencast::accuracy
