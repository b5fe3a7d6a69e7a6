// Llama 1 to 3 and the many models that kept its form (Yi, CodeLlama, SmolLM, Granite code, Solar).
#include "model/families/families.h"

namespace tokencast {

void read_llama(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  read_layer_types(config, layers, {"full_attention"});
  GroupedAttention attention = read_grouped_attention(config, architecture);
  // In this family attention_bias means all four projections (transformers modeling_llama.py).
  attention.qkv_bias = config.boolean_or("attention_bias bias", false);
  attention.output_bias = attention.qkv_bias;
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate),
                        config.boolean_or("mlp_bias", false)};
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture), layers);
}

const Family kLlama = {
    "llama",
    "LlamaForCausalLM LLaMAForCausalLM YiForCausalLM AquilaForCausalLM AquilaModelForCausalLM "
    "SolarForCausalLM TeleFLMForCausalLM VoxtralTextForCausalLM DeciLMLlamaForCausalLM",
    "Yi aquila solar",
    "{}",
    read_llama,
    nullptr,
    R"({"hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
        "intermediate_size": 11008, "vocab_size": 32000, "max_position_embeddings": 2048})"};

}  // namespace tokencast
