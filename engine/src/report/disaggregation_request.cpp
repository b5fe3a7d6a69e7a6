#include "report/disaggregation_request.h"

#include <string>

#include "serving/kv_transfer.h"

namespace tokencast {
namespace {

constexpr Range kInstances = {1, 256};

std::int64_t read_instances(ObjectReader& disaggregation, const char* pool) {
  if (!disaggregation.has(pool)) {
    disaggregation.fail(missing_field(pool, disaggregation.path_of(pool)));
    return 1;
  }
  ObjectReader reader = disaggregation.object(pool);
  reader.refuse_unknown_keys({"instances"});
  return reader.integer("instances", kInstances);
}

}  // namespace

void read_disaggregation(ObjectReader& deployment, Request& request) {
  if (!deployment.has("disaggregation")) return;
  ObjectReader reader = deployment.object("disaggregation");
  reader.refuse_unknown_keys({"prefill", "decode"});
  Disaggregation pools;
  pools.prefill = read_instances(reader, "prefill");
  pools.decode = read_instances(reader, "decode");
  const Layout& layout = request.layout;
  if (layout.dp > 1) {
    deployment.fail({"conflicting_fields",
                     deployment.path_of("disaggregation"),
                     "disaggregation has instances in place of the replicas of dp",
                     "leave dp out: its replicas are instances of either pool",
                     {{"field", "disaggregation"}, {"other", "dp"}}});
  }
  if (deployment.failed()) return;
  const std::int64_t gpus = pools.instances() * layout.gpus();
  const Accelerator& accelerator = request.accelerator;
  if (kv_route(layout, accelerator, gpus) == KvRoute::kNone) {
    const std::string domain = std::to_string(accelerator.link ? accelerator.link->domain_size : 1);
    deployment.fail({"illegal_layout",
                     deployment.path_of("disaggregation"),
                     std::to_string(gpus) + " of " + accelerator.name +
                         " hand KV to each other, but a link joins " + domain +
                         ", and no network card is known",
                     "add \"nic\" to the accelerator, or use fewer instances",
                     {{"field", "disaggregation"},
                      {"reason", "network"},
                      {"group", std::to_string(gpus)},
                      {"domain", domain},
                      {"accelerator", accelerator.name}}});
    return;
  }
  request.disaggregation = pools;
}

}  // namespace tokencast
