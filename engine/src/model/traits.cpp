#include "model/traits.h"

#include <algorithm>

#include "base/overloaded.h"

namespace tokencast {
namespace {

class Traits {
 public:
  void add_if(bool holds, const std::string& trait) {
    if (holds && std::find(all_.begin(), all_.end(), trait) == all_.end()) all_.push_back(trait);
  }
  void add(const std::string& trait) { add_if(true, trait); }
  std::vector<std::string> take() { return std::move(all_); }

 private:
  std::vector<std::string> all_;
};

void add_mixer(const Mixer& mixer, Traits& traits) {
  std::visit(Overloaded{
                 [&](const GroupedAttention& a) {
                   traits.add_if(a.window > 0 && !a.chunked, "sliding_window");
                   traits.add_if(a.window > 0 && a.chunked, "chunked_attention");
                   traits.add_if(a.sinks, "attention_sinks");
                   traits.add_if(a.qk_norm != QkNorm::kNone, "qk_norm");
                   traits.add_if(a.qkv_bias, "qkv_bias");
                   traits.add_if(a.gate != OutputGate::kNone, "attention_output_gate");
                   traits.add_if(a.keys_are_values, "keys_are_values");
                   traits.add_if(a.shares_kv || a.reuses_kv, "shared_kv_layers");
                   traits.add_if(a.indexer.has_value(), "sparse_attention");
                 },
                 [&](const LatentAttention& a) {
                   traits.add_if(a.indexer.has_value(), "sparse_attention");
                   traits.add_if(a.output_gate || a.head_gate, "attention_output_gate");
                 },
                 [&](const CompressedAttention& a) {
                   traits.add_if(a.window > 0, "sliding_window");
                   traits.add("attention_sinks");
                   traits.add_if(a.indexer.has_value(), "sparse_attention");
                 },
                 [](const RecurrentMixer&) {},
             },
             mixer);
}

void add_ffn(const Ffn& ffn, Traits& traits) {
  if (const auto* dense = std::get_if<DenseFfn>(&ffn)) {
    traits.add_if(!dense->gated, "plain_ffn");
    return;
  }
  const auto& moe = std::get<MoeFfn>(ffn);
  traits.add("moe");
  traits.add_if(moe.shared_intermediate > 0, "shared_experts");
  traits.add_if(moe.input > 0, "latent_experts");
  traits.add_if(moe.zero_experts > 0, "zero_experts");
}

}  // namespace

std::vector<std::string> traits_of(const Architecture& architecture) {
  Traits traits;
  for (const LayerGroup& group : architecture.layers) {
    for (const Mixer& mixer : group.layer.mixers) traits.add(mixer_name(mixer));
  }
  for (const LayerGroup& group : architecture.layers) {
    for (const Mixer& mixer : group.layer.mixers) add_mixer(mixer, traits);
    for (const Ffn& ffn : group.layer.ffns) add_ffn(ffn, traits);
    traits.add_if(group.layer.parallel, "parallel_block");
    traits.add_if(group.stored < group.count, "shared_blocks");
  }
  traits.add_if(architecture.tied_embeddings, "tied_embeddings");
  traits.add_if(!architecture.lm_head, "no_lm_head");
  traits.add_if(!architecture.mtp.empty(), "mtp");
  for (const Tower& tower : architecture.towers) traits.add(tower.kind);
  traits.add_if(!architecture.quantization.method.empty(), "quantized");
  return traits.take();
}

}  // namespace tokencast
