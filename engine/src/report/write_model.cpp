#include "report/write_model.h"

#include <string_view>

#include "memory/memory_plan.h"
#include "model/hub_total.h"
#include "model/traits.h"
#include "model/weights.h"
#include "report/write.h"

namespace tokencast {
namespace {

/// Joins the names of the parts of a layer: "gqa + mamba2"; "none" without any.
template <class Part, class NameOf>
std::string names_of(const std::vector<Part>& parts, const NameOf& name_of_part) {
  std::string names;
  for (const Part& part : parts) names += (names.empty() ? "" : " + ") + name_of_part(part);
  return names.empty() ? "none" : names;
}

/// Adds a row to a table; one that differs only in its counts is added to.
void add_row(OrderedJson& table, OrderedJson row, std::initializer_list<const char*> counts) {
  for (OrderedJson& other : table) {
    OrderedJson same = row;
    for (const char* count : counts) {
      if (row.contains(count) && other.contains(count)) same[count] = other[count];
    }
    if (same != other) continue;
    for (const char* count : counts) {
      if (row.contains(count)) {
        other[count] = other[count].get<std::int64_t>() + row[count].get<std::int64_t>();
      }
    }
    return;
  }
  table.push_back(std::move(row));
}

OrderedJson layer_table(const Architecture& architecture) {
  OrderedJson table = OrderedJson::array();
  for (const LayerGroup& group : architecture.layers) {
    OrderedJson row = object({{"attention", names_of(group.layer.mixers, mixer_name)},
                              {"ffn", names_of(group.layer.ffns, ffn_name)},
                              {"count", group.count}});
    if (group.stored != group.count) row["stored"] = group.stored;
    for (const Mixer& mixer : group.layer.mixers) {
      if (window_of(mixer) > 0) row["window"] = window_of(mixer);
    }
    for (const Ffn& ffn : group.layer.ffns) {
      const auto* moe = std::get_if<MoeFfn>(&ffn);
      if (moe == nullptr || moe->idle) continue;
      row["experts"] = moe->experts;
      row["experts_per_token"] = moe->top_k;
    }
    add_row(table, std::move(row), {"count", "stored"});
  }
  return table;
}

/// Layers whose cache stops growing: how many tokens they keep, and what that takes per sequence.
OrderedJson window_table(const Architecture& architecture, DType kv_dtype) {
  OrderedJson table = OrderedJson::array();
  for (const LayerGroup& group : architecture.layers) {
    for (const Mixer& mixer : group.layer.mixers) {
      const std::int64_t window = window_of(mixer);
      if (window == 0) continue;
      const double bytes = static_cast<double>(group.count) * static_cast<double>(window) *
                           kv_elements_per_token(mixer) * bits_of(kv_dtype) / 8;
      add_row(table,
              object({{"window", window},
                      {"layers", group.count},
                      {"kv_bytes_at_most", whole_bytes(bytes)}}),
              {"layers", "kv_bytes_at_most"});
    }
  }
  return table;
}

OrderedJson write_components(const ParameterCount& count) {
  constexpr std::array<std::string_view, kComponents> kNames = {
      "embedding",      "attention", "recurrent", "ffn",     "experts",
      "shared_experts", "router",    "norms",     "lm_head", "other"};
  OrderedJson json = OrderedJson::object();
  for (std::size_t i = 0; i < kComponents; ++i) {
    json[std::string(kNames[i])] = whole(count.by_component[i]);
  }
  return json;
}

OrderedJson write_towers(const Architecture& architecture) {
  OrderedJson json = OrderedJson::array();
  for (const Tower& tower : architecture.towers) {
    OrderedJson parameters;
    if (tower.counted) parameters = whole(tower.parameters);
    json.push_back(object({{"kind", tower.kind}, {"parameters", std::move(parameters)}}));
  }
  return json;
}

OrderedJson write_bytes_by_format(const Architecture& architecture, const WeightFormats& formats) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [name, bytes] : weight_bytes_by_format(architecture, formats)) {
    json[std::string(name)] = whole_bytes(bytes);
  }
  return json;
}

OrderedJson write_hub_differences(const Architecture& architecture) {
  OrderedJson json = OrderedJson::array();
  for (const HubDifference& difference : hub_differences(architecture)) {
    json.push_back(object({{"code", difference.code},
                           {"parameters", whole(difference.parameters)},
                           {"message", difference.message}}));
  }
  return json;
}

}  // namespace

OrderedJson write_model(const std::string& name, const Architecture& architecture,
                        const WeightFormats* formats, DType kv_dtype) {
  const ParameterCount count = count_parameters(architecture);
  const KvPerToken kv = kv_bytes_per_token(architecture, kv_dtype);
  OrderedJson weights;
  OrderedJson weight_bits;
  OrderedJson weight_bytes;
  OrderedJson bytes_by_format;
  if (formats != nullptr) {
    weights = formats->linear.name;
    weight_bits = formats->linear.bits;
    weight_bytes = whole_bytes(weight_bytes_per_rank(architecture, *formats, 1));
    bytes_by_format = write_bytes_by_format(architecture, *formats);
  }
  OrderedJson checkpoint_kv;
  if (architecture.quantization.kv_cache)
    checkpoint_kv = name_of(*architecture.quantization.kv_cache);
  OrderedJson max_context;
  if (architecture.max_context > 0) max_context = architecture.max_context;
  return object({{"name", name},
                 {"family", architecture.family},
                 {"architecture", architecture.architecture},
                 {"traits", traits_of(architecture)},
                 {"attention", attention_name(architecture)},
                 {"layers", architecture.layer_count()},
                 {"hidden_size", architecture.hidden},
                 {"vocabulary", architecture.vocabulary},
                 {"max_context_tokens", std::move(max_context)},
                 {"tied_embeddings", architecture.tied_embeddings},
                 {"layer_table", layer_table(architecture)},
                 {"total_parameters", whole(count.total())},
                 {"active_parameters", whole(count.active())},
                 {"active_parameters_without_embedding", whole(count.active() - count.tables)},
                 {"parameters", write_components(count)},
                 {"mtp_parameters", whole(count_mtp_parameters(architecture))},
                 {"towers", write_towers(architecture)},
                 {"hub_differences", write_hub_differences(architecture)},
                 {"weights", std::move(weights)},
                 {"weight_bits", std::move(weight_bits)},
                 {"weight_bytes", std::move(weight_bytes)},
                 {"weight_bytes_by_format", std::move(bytes_by_format)},
                 {"kv_cache", name_of(kv_dtype)},
                 {"checkpoint_kv_cache", std::move(checkpoint_kv)},
                 {"kv_bytes_per_token", whole_bytes(kv.all)},
                 {"kv_bytes_per_token_growing", whole_bytes(kv.growing)},
                 {"indexer_bytes_per_token", whole_bytes(kv.indexer)},
                 {"state_bytes_per_sequence", whole_bytes(state_bytes_per_sequence(architecture))},
                 {"windows", window_table(architecture, kv_dtype)},
                 {"notes", write_notes(architecture.notes)}});
}

}  // namespace tokencast
