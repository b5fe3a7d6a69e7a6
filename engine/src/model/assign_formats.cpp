#include "model/assign_formats.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "model/gguf.h"
#include "model/names.h"
#include "model/weights.h"

namespace tokencast {
namespace {

/// The other names of a tensor: what fuses it with its neighbours, and Mixtral's.
Names aliases(std::string_view name) {
  struct Known {
    std::string_view name;
    Names others;
  };
  static constexpr Known kKnown[] = {
      {"q_proj", "qkv_proj query_key_value c_attn Wqkv wqkv"},
      {"k_proj", "qkv_proj query_key_value c_attn Wqkv wqkv"},
      {"v_proj", "qkv_proj query_key_value c_attn Wqkv wqkv"},
      {"o_proj", "dense c_proj out_proj wo"},
      {"gate_proj", "gate_up_proj w1"},
      {"up_proj", "gate_up_proj w3"},
      {"down_proj", "w2"},
      {"in_proj_qkv", "in_proj_qkvz in_proj"},
      {"in_proj_z", "in_proj_qkvz"},
      {"in_proj_a", "in_proj_ba"},
      {"in_proj_b", "in_proj_ba"},
      {"q_a_proj", "wq_a fused_wqa_wkv fused_qkv_a_proj"},
      {"kv_a_proj_with_mqa", "fused_qkv_a_proj"},
      {"q_b_proj", "wq_b"},
      {"kv_proj", "wkv fused_wqa_wkv"},
      {"o_a_proj", "wo_a"},
      {"o_b_proj", "wo_b"},
      {"indexer.wq_b", "index_q_proj"},
      {"indexer.wk", "index_k_proj"},
  };
  for (const Known& known : kKnown) {
    if (known.name == name) return known.others;
  }
  return "";
}

/// The modules that checkpoints keep a component's tensors in.
Names folders(Component component) {
  switch (component) {
    case Component::kAttention:
      return "self_attn attention attn mixer";
    case Component::kRecurrent:
      return "linear_attn mixer mamba self_attn conv";
    case Component::kFfn:
      return "mlp feed_forward mixer ffn";
    case Component::kExperts:
      return "mlp.experts.0 block_sparse_moe.experts.0 mixer.experts.0 feed_forward.experts.0 "
             "ffn.experts.0 mlp.experts feed_forward.experts";
    case Component::kSharedExperts:
      return "mlp.shared_experts mlp.shared_expert block_sparse_moe.shared_experts "
             "feed_forward.shared_expert mixer.shared_experts mlp.shared_mlp ffn.shared_experts";
    default:
      return "";
  }
}

std::vector<std::string> module_names(const WeightTensor& tensor) {
  if (tensor.component == Component::kLmHead) return {"lm_head"};
  if (tensor.component == Component::kEmbedding) return {"embed_tokens"};
  const Names in = folders(tensor.component);
  std::vector<std::string> names;
  const auto add = [&](std::string_view name) {
    bool anywhere = true;
    for (const std::string_view folder : in) {
      names.push_back(std::string(folder).append(".").append(name));
      anywhere = false;
    }
    if (anywhere) names.emplace_back(name);
  };
  add(tensor.name);
  for (const std::string_view name : aliases(tensor.name)) add(name);
  return names;
}

/// Chooses the format of one tensor in one layer, remembering what does not depend on the layer.
class Chooser {
 public:
  Chooser(const FormatRules& rules, const WeightTensor& tensor, const WeightFormat& plain)
      : rules_(rules), names_(module_names(tensor)), rest_(rest(tensor, plain)) {
    for (const auto& [modules, format] : rules.rules) everywhere_.push_back(modules.holds(names_));
    for (std::size_t i = 0; i < rules.rules.size(); ++i) {
      depends_on_layer_ = depends_on_layer_ || rules.rules[i].first.names_layers();
    }
  }

  bool depends_on_layer() const { return depends_on_layer_; }

  const WeightFormat& in(std::int64_t layer) const {
    for (std::size_t i = 0; i < everywhere_.size(); ++i) {
      const auto& [modules, format] = rules_.rules[i];
      if (everywhere_[i] || (layer >= 0 && modules.holds_in_layer(names_, layer))) return format;
    }
    return rest_;
  }

 private:
  WeightFormat rest(const WeightTensor& tensor, const WeightFormat& plain) const {
    switch (tensor.component) {
      case Component::kLmHead:
        return rules_.lm_head.value_or(plain);
      case Component::kEmbedding:
        return rules_.embedding.value_or(plain);
      case Component::kExperts:
        return rules_.experts.value_or(rules_.linear);
      case Component::kOther:
        return plain;
      default:
        return rules_.linear;
    }
  }

  const FormatRules& rules_;
  std::vector<std::string> names_;
  WeightFormat rest_;
  std::vector<bool> everywhere_;
  bool depends_on_layer_ = false;
};

/// What must be equal for layers to stay one group: how a weight is multiplied and split.
using Signature = std::vector<std::tuple<DType, bool, std::int64_t>>;

/// The mean of formats that are multiplied alike, with the row's scales folded in.
WeightFormat mean(const std::vector<WeightFormat>& formats, std::int64_t in) {
  WeightFormat result = formats.front();
  double bits = 0;
  for (const WeightFormat& format : formats) {
    bits += format.bits + (in > 0 ? format.row_bits / static_cast<double>(in) : 0);
  }
  result.bits = bits / static_cast<double>(formats.size());
  result.row_bits = 0;
  return result;
}

std::vector<WeightTensor> matrices_of(const Architecture& architecture, std::size_t group) {
  std::vector<WeightTensor> matrices;
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    if (tensor.group == group && tensor.quantizable) matrices.push_back(tensor);
  }
  return matrices;
}

/// Splits groups where the format that is multiplied depends on the layer.
void split_groups(Architecture& architecture, const FormatRules& rules, const WeightFormat& plain) {
  const bool by_layer = std::any_of(rules.rules.begin(), rules.rules.end(),
                                    [](const auto& rule) { return rule.first.names_layers(); });
  if (!by_layer) return;
  std::vector<LayerGroup> split;
  for (std::size_t g = 0; g < architecture.layers.size(); ++g) {
    const LayerGroup& group = architecture.layers[g];
    std::vector<Chooser> choosers;
    for (const WeightTensor& tensor : matrices_of(architecture, g)) {
      choosers.emplace_back(rules, tensor, plain);
    }
    std::map<Signature, LayerGroup> parts;
    std::vector<Signature> order;
    for (const std::int64_t layer : group.indices) {
      Signature signature;
      for (const Chooser& chooser : choosers) {
        const WeightFormat& format = chooser.in(layer);
        signature.emplace_back(format.dtype, format.weight_only, format.group);
      }
      const auto [part, added] = parts.emplace(signature, LayerGroup{group.layer, 0, 0, {}});
      if (added) order.push_back(signature);
      ++part->second.count;
      ++part->second.stored;
      part->second.indices.push_back(layer);
    }
    if (group.indices.empty()) split.push_back(group);
    for (const Signature& signature : order) split.push_back(parts.at(signature));
  }
  architecture.layers = std::move(split);
}

/// The format that holds most of the bytes of the linear layers, in layers.
WeightFormat most_used(const Architecture& architecture, const WeightFormats& formats,
                       const WeightFormat& plain) {
  std::vector<std::pair<WeightFormat, double>> bytes;
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    if (!tensor.quantizable || tensor.group == kNoGroup) continue;
    const WeightFormat& format = formats.of(tensor.group, tensor.component, tensor.name);
    auto entry = std::find_if(bytes.begin(), bytes.end(), [&](const auto& candidate) {
      return candidate.first.name == format.name && candidate.first.dtype == format.dtype;
    });
    if (entry == bytes.end()) entry = bytes.insert(bytes.end(), {format, 0});
    entry->second += tensor.elements * tensor.count * format.bits;
  }
  const auto most = std::max_element(
      bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == bytes.end() ? plain : most->first;
}

GgufModel gguf_model(const Architecture& architecture) {
  GgufModel model;
  model.layers = architecture.layer_count();
  model.tied = architecture.tied_embeddings;
  for (const LayerGroup& group : architecture.layers) {
    for (const Mixer& mixer : group.layer.mixers) {
      if (const auto* grouped = std::get_if<GroupedAttention>(&mixer)) {
        model.heads_per_kv_head =
            static_cast<double>(grouped->heads) / static_cast<double>(grouped->kv_heads);
      }
    }
    for (const Ffn& ffn : group.layer.ffns) {
      if (const auto* moe = std::get_if<MoeFfn>(&ffn)) model.experts = moe->experts;
    }
  }
  return model;
}

WeightFormats gguf_formats(const Architecture& architecture, std::string_view type) {
  const GgufModel model = gguf_model(architecture);
  WeightFormats formats;
  // Norms, biases and routers are kept in fp32.
  formats.other = plain_format(DType::kFp32);
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    if (!tensor.quantizable) continue;
    std::vector<WeightFormat> chosen;
    if (tensor.group == kNoGroup || architecture.layers[tensor.group].indices.empty()) {
      chosen.push_back(gguf_format(type, tensor, 0, model));
    } else {
      for (const std::int64_t layer : architecture.layers[tensor.group].indices) {
        chosen.push_back(gguf_format(type, tensor, layer, model));
      }
    }
    formats.set(tensor.group, tensor.component, tensor.name, mean(chosen, tensor.in));
  }
  formats.linear = most_used(architecture, formats, plain_format(architecture.dtype));
  formats.linear.name = gguf_type_names()[0];
  for (const std::string& name : gguf_type_names()) {
    if (name == type) formats.linear.name = name;
  }
  return formats;
}

}  // namespace

const WeightFormat& WeightFormats::of(std::size_t group, Component component,
                                      std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.group == group && entry.component == component && entry.name == name) {
      return entry.format;
    }
  }
  return other;
}

void assign_checkpoint_formats(Architecture& architecture) {
  const WeightFormat plain = plain_format(architecture.dtype);
  const Quantization& quantization = architecture.quantization;
  if (!quantization.file_type.empty()) {
    architecture.formats = requested_formats(architecture, quantization.file_type);
    return;
  }
  FormatRules unquantized;
  unquantized.linear = plain;
  const bool quantized = !quantization.method.empty() && quantization.understood;
  const FormatRules& rules = quantized ? quantization.rules : unquantized;
  split_groups(architecture, rules, plain);

  WeightFormats formats;
  formats.other = plain;
  bool any = false;
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    if (!tensor.quantizable) continue;
    const Chooser chooser(rules, tensor, plain);
    std::vector<WeightFormat> chosen;
    if (tensor.group == kNoGroup || !chooser.depends_on_layer() ||
        architecture.layers[tensor.group].indices.empty()) {
      chosen.push_back(chooser.in(-1));
    } else {
      for (const std::int64_t layer : architecture.layers[tensor.group].indices) {
        chosen.push_back(chooser.in(layer));
      }
    }
    const WeightFormat format = mean(chosen, tensor.in);
    any = any || bits_of(format.dtype) < 16;
    formats.set(tensor.group, tensor.component, tensor.name, format);
  }
  formats.linear = most_used(architecture, formats, plain);
  architecture.formats = std::move(formats);
  architecture.quantization.rules.rules.clear();  // thousands of names, which have served
  if (!quantized || any) return;
  // Named modules that this model does not have as it is known: better no bytes than wrong ones.
  architecture.quantization.understood = false;
  architecture.notes.push_back({"quantization_names_nothing",
                                "quantization_config names no layer of this model as it is known: "
                                "weight bytes are not given",
                                {{"method", quantization.method}}});
}

WeightFormats requested_formats(const Architecture& architecture, std::string_view name) {
  if (is_gguf_type(name)) return gguf_formats(architecture, name);
  const WeightFormat plain = plain_format(architecture.dtype);
  WeightFormat linear = weight_format_named(name).value_or(plain);
  // Who quantizes anew can choose groups that ranks do not cut.
  if (linear.weight_only) linear.group = 0;
  WeightFormats formats;
  formats.other = bits_of(linear.dtype) >= 16 ? linear : plain;
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    if (!tensor.quantizable) continue;
    const bool table = tensor.component == Component::kEmbedding ||
                       tensor.component == Component::kLmHead ||
                       tensor.component == Component::kOther;
    formats.set(tensor.group, tensor.component, tensor.name,
                mean({table ? formats.other : linear}, tensor.in));
  }
  formats.linear = most_used(architecture, formats, plain);
  return formats;
}

const std::vector<std::string>& requestable_formats() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = weight_format_names();
    all.insert(all.end(), gguf_type_names().begin(), gguf_type_names().end());
    return all;
  }();
  return names;
}

}  // namespace tokencast
