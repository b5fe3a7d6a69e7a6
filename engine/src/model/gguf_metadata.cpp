#include "model/gguf_metadata.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace tokencast {
namespace {

constexpr const char* kArchitecture = "general.architecture";

struct KnownClass {
  std::string_view architecture;
  const char* class_name;
};
/// GGUF's names of architectures (gguf-py constants.py), where a class of ours stands behind.
constexpr std::array kClasses = {KnownClass{"llama", "LlamaForCausalLM"},
                                 KnownClass{"qwen2", "Qwen2ForCausalLM"},
                                 KnownClass{"qwen2moe", "Qwen2MoeForCausalLM"},
                                 KnownClass{"qwen3", "Qwen3ForCausalLM"},
                                 KnownClass{"qwen3moe", "Qwen3MoeForCausalLM"},
                                 KnownClass{"gemma", "GemmaForCausalLM"},
                                 KnownClass{"gemma2", "Gemma2ForCausalLM"},
                                 KnownClass{"gemma3", "Gemma3ForCausalLM"},
                                 KnownClass{"phi3", "Phi3ForCausalLM"},
                                 KnownClass{"deepseek2", "DeepseekV3ForCausalLM"},
                                 KnownClass{"gpt-oss", "GptOssForCausalLM"},
                                 KnownClass{"glm4", "Glm4ForCausalLM"},
                                 KnownClass{"glm4moe", "Glm4MoeForCausalLM"},
                                 KnownClass{"command-r", "CohereForCausalLM"},
                                 KnownClass{"cohere2", "Cohere2ForCausalLM"},
                                 KnownClass{"starcoder2", "Starcoder2ForCausalLM"},
                                 KnownClass{"granite", "GraniteForCausalLM"},
                                 KnownClass{"olmo2", "Olmo2ForCausalLM"},
                                 KnownClass{"stablelm", "StableLmForCausalLM"},
                                 KnownClass{"exaone", "ExaoneForCausalLM"},
                                 KnownClass{"exaone4", "Exaone4ForCausalLM"},
                                 KnownClass{"smollm3", "SmolLM3ForCausalLM"},
                                 KnownClass{"internlm2", "InternLM2ForCausalLM"},
                                 KnownClass{"minicpm", "MiniCPMForCausalLM"},
                                 KnownClass{"nemotron", "NemotronForCausalLM"},
                                 KnownClass{"seed_oss", "SeedOssForCausalLM"},
                                 KnownClass{"hunyuan-dense", "HunYuanDenseV1ForCausalLM"},
                                 KnownClass{"mistral3", "Ministral3ForCausalLM"}};

struct KeyPair {
  const char* gguf;  ///< behind the architecture's name
  const char* config;
};
constexpr std::array kKeys = {
    KeyPair{"block_count", "num_hidden_layers"},
    KeyPair{"context_length", "max_position_embeddings"},
    KeyPair{"embedding_length", "hidden_size"},
    KeyPair{"feed_forward_length", "intermediate_size"},
    KeyPair{"attention.head_count", "num_attention_heads"},
    KeyPair{"attention.head_count_kv", "num_key_value_heads"},
    KeyPair{"attention.key_length", "head_dim"},
    KeyPair{"attention.sliding_window", "sliding_window"},
    KeyPair{"vocab_size", "vocab_size"},
    KeyPair{"expert_used_count", "num_experts_per_tok"},
    KeyPair{"expert_feed_forward_length", "moe_intermediate_size"},
    KeyPair{"expert_shared_count", "n_shared_experts"},
    KeyPair{"expert_shared_feed_forward_length", "shared_expert_intermediate_size"},
    KeyPair{"leading_dense_block_count", "first_k_dense_replace"},
    KeyPair{"nextn_predict_layers", "num_nextn_predict_layers"},
    KeyPair{"attention.q_lora_rank", "q_lora_rank"},
    KeyPair{"attention.kv_lora_rank", "kv_lora_rank"}};

struct FileType {
  int number;
  const char* name;
};
/// llama_ftype (llama.h), as the names that people know.
constexpr std::array kFileTypes = {
    FileType{0, "fp32"},    FileType{1, "fp16"},      FileType{2, "q4_0"},
    FileType{7, "q8_0"},    FileType{8, "q5_0"},      FileType{10, "q2_k"},
    FileType{11, "q3_k_s"}, FileType{12, "q3_k_m"},   FileType{13, "q3_k_l"},
    FileType{14, "q4_k_s"}, FileType{15, "q4_k_m"},   FileType{16, "q5_k_s"},
    FileType{17, "q5_k_m"}, FileType{18, "q6_k"},     FileType{19, "iq2_xxs"},
    FileType{20, "iq2_xs"}, FileType{23, "iq3_xxs"},  FileType{25, "iq4_nl"},
    FileType{27, "iq3_m"},  FileType{29, "iq2_m"},    FileType{30, "iq4_xs"},
    FileType{32, "bf16"},   FileType{38, "mxfp4_moe"}};

bool is_key_character(char c) {
  const auto u = static_cast<unsigned char>(c);
  return std::isalnum(u) != 0 || c == '.' || c == '_' || c == '-';
}

/// The value behind a key on its line: what follows = or :, or the length of an array,
/// "arr[str,N]".
Json value_in(std::string_view rest) {
  const std::size_t array = rest.find("arr[");
  const std::size_t comma = array == std::string_view::npos ? array : rest.find(',', array);
  std::string_view text;
  if (comma != std::string_view::npos) {
    text = rest.substr(comma + 1, rest.find(']', comma) - comma - 1);
  } else {
    const std::size_t sign = rest.find_first_of("=:");
    if (sign == std::string_view::npos) return nullptr;
    text = rest.substr(sign + 1);
  }
  constexpr std::string_view kSpace = " \t\r\"',";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return nullptr;
  text = text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
  Json number = json_of(text);
  if (number.is_number()) return number;
  constexpr std::size_t kLongest = 100;
  return std::string(text.substr(0, kLongest));
}

/// The first word on a line that looks like a key of GGUF: with a dot, and no file name.
void read_line(std::string_view line, Json& metadata) {
  for (std::size_t i = 0; i < line.size();) {
    if (!is_key_character(line[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < line.size() && is_key_character(line[end])) ++end;
    const std::string_view word = line.substr(i, end - i);
    const std::size_t dot = word.find('.');
    const bool letter = std::isalpha(static_cast<unsigned char>(word[0])) != 0;
    if (letter && dot != std::string_view::npos && dot + 1 < word.size()) {
      Json value = value_in(line.substr(end));
      if (!value.is_null() && !metadata.contains(word))
        metadata[std::string(word)] = std::move(value);
      return;
    }
    i = end;
  }
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// The name of a file type, given as its number or in words: "Q4_K - Medium", "MOSTLY_Q4_K_M".
std::string file_type(const Json& value) {
  if (value.is_number_integer()) {
    for (const FileType& type : kFileTypes) {
      if (value == type.number) return type.name;
    }
    return "";
  }
  if (!value.is_string()) return "";
  std::string name;
  for (const char c : value.get_ref<const std::string&>()) {
    name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const std::pair<const char*, const char*> words[] = {
      {" - small", "_s"}, {" - medium", "_m"}, {" - large", "_l"}, {"mostly_", ""}};
  for (const auto& [from, to] : words) {
    const std::size_t at = name.find(from);
    if (at != std::string::npos) name.replace(at, std::string_view(from).size(), to);
  }
  return name.substr(0, name.find(' '));
}

}  // namespace

std::optional<Json> read_gguf_dump(std::string_view text) {
  if (text.find(kArchitecture) == std::string_view::npos) return std::nullopt;
  Json metadata = Json::object();
  bool tensors = false;
  bool output = false;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t newline = text.find('\n', start);
    const std::size_t end = newline == std::string_view::npos ? text.size() : newline;
    const std::string_view line = text.substr(start, end - start);
    tensors = tensors || line.find("token_embd.weight") != std::string_view::npos;
    output = output || line.find(" output.weight") != std::string_view::npos;
    read_line(line, metadata);
    start = end + 1;
  }
  if (!is_gguf_metadata(metadata)) return std::nullopt;
  if (tensors) metadata["tied"] = !output;
  return metadata;
}

bool is_gguf_metadata(const Json& object) {
  return object.is_object() && !text_of(object, kArchitecture).empty();
}

Json gguf_to_config(const Json& metadata) {
  const std::string architecture = text_of(metadata, kArchitecture);
  const auto value_of = [&](const std::string& key) -> Json {
    const auto found = metadata.find(architecture + "." + key);
    return found == metadata.end() ? Json() : *found;
  };
  Json config = {{"model_type", architecture}};
  for (const KnownClass& known : kClasses) {
    if (known.architecture == architecture) config["architectures"] = {known.class_name};
  }
  for (const KeyPair& pair : kKeys) {
    const Json value = value_of(pair.gguf);
    if (!value.is_null()) config[pair.config] = value;
  }
  const Json experts = value_of("expert_count");
  if (experts.is_number() && experts > 0) {
    config["n_routed_experts"] = experts;
    if (architecture == "llama") config["architectures"] = {"MixtralForCausalLM"};
  }
  // MLA: the key is that of queries as they are multiplied; the rotary part is apart.
  const Json key = value_of("attention.key_length_mla").is_null()
                       ? value_of("attention.key_length")
                       : value_of("attention.key_length_mla");
  const Json value = value_of("attention.value_length_mla").is_null()
                         ? value_of("attention.value_length")
                         : value_of("attention.value_length_mla");
  const Json rope = value_of("rope.dimension_count");
  if (config.contains("kv_lora_rank") && key.is_number() && rope.is_number()) {
    config["qk_rope_head_dim"] = rope;
    config["qk_nope_head_dim"] = key.get<double>() - rope.get<double>();
    if (value.is_number()) config["v_head_dim"] = value;
  }
  const auto tokens = metadata.find("tokenizer.ggml.tokens");
  if (!config.contains("vocab_size") && tokens != metadata.end()) {
    config["vocab_size"] = tokens->is_array() ? Json(tokens->size()) : *tokens;
  }
  const auto tied = metadata.find("tied");
  if (tied != metadata.end() && tied->is_boolean()) config["tie_word_embeddings"] = *tied;
  const auto type = metadata.find("general.file_type");
  if (type != metadata.end()) {
    config["quantization_config"] = {{"quant_method", "gguf"}, {"file_type", file_type(*type)}};
  }
  config["torch_dtype"] = "float16";
  return config;
}

}  // namespace tokencast
