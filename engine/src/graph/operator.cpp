#include "graph/operator.h"

#include <cmath>

#include "base/overloaded.h"
#include "base/text.h"

namespace tokencast {
namespace {

constexpr double kActivationBytes =
    2;  // activations are 16 bit between operators in every engine modelled

/// Six digits, and all of those before the point.
std::string field(const char* name, double value) {
  constexpr double kSixDigits = 1e5;
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const bool large = value >= kSixDigits && value <= kExact;
  const std::string text = large
                               ? std::to_string(static_cast<std::int64_t>(std::floor(value + 0.5)))
                               : number_text(value);
  return std::string(name) + "=" + text;
}

const char* name_of(Exchange kind) {
  switch (kind) {
    case Exchange::kAllReduce:
      return "all_reduce";
    case Exchange::kAllGather:
      return "all_gather";
    case Exchange::kAllToAll:
      return "all_to_all";
    case Exchange::kSend:
      break;
  }
  return "send";
}

}  // namespace

double flops_of(const Operator& op) {
  return std::visit(
      Overloaded{
          [](const Gemm& g) { return 2 * g.batch * g.m * g.n * g.k; },
          [](const Experts& e) { return 2 * e.matrices() * e.rows * e.hidden * e.width; },
          [](const AttentionCore& a) {
            return 2 * a.sequences * a.heads * a.queries * a.keys_per_query * (a.qk_dim + a.v_dim);
          },
          [](const StateUpdate& u) { return u.tokens * u.flops_per_token; },
          [](const Elementwise& e) { return e.elements_read * e.flops_per_element; },
          [](const EmbeddingLookup&) { return 0.0; },
          [](const Communication&) { return 0.0; },
      },
      op.shape);
}

OperatorBytes bytes_of(const Operator& op) {
  return std::visit(
      Overloaded{
          [](const Gemm& g) {
            return OperatorBytes{g.batch * g.n * g.k * g.weights.bits / 8, 0,
                                 g.batch * g.m * (g.k + g.n) * kActivationBytes};
          },
          [](const Experts& e) {
            // Rows go in and out of each projection and of the activation, and are summed.
            const double ups = e.matrices() - 1;
            const double row = 3 * e.hidden + (2 * ups + 2) * e.width;
            return OperatorBytes{
                e.experts_read * e.matrices() * e.hidden * e.width * e.weights.bits / 8, 0,
                (e.rows * row + e.tokens * e.hidden) * kActivationBytes};
          },
          [](const AttentionCore& a) {
            return OperatorBytes{
                0, a.sequences * a.cached_keys * a.kv_elements * bits_of(a.kv_dtype) / 8,
                a.sequences *
                    (a.queries * a.heads * (a.qk_dim + a.v_dim) + a.new_keys * a.kv_elements) *
                    kActivationBytes};
          },
          [](const StateUpdate& u) {
            return OperatorBytes{0, 2 * u.sequences * u.state_bytes,
                                 u.tokens * u.token_elements * kActivationBytes};
          },
          [](const Elementwise& e) {
            return OperatorBytes{0, 0, (e.elements_read + e.elements_written) * kActivationBytes};
          },
          [](const EmbeddingLookup& l) {
            return OperatorBytes{l.tokens * l.hidden * kActivationBytes, 0,
                                 l.tokens * l.hidden * kActivationBytes};
          },
          [](const Communication&) { return OperatorBytes{}; },
      },
      op.shape);
}

double link_bytes_of(const Operator& op) {
  const auto* c = std::get_if<Communication>(&op.shape);
  if (c == nullptr) return 0;
  // Ring algorithms: an all-reduce sends each part twice, the others once, less the rank's own.
  const double others = static_cast<double>(c->ranks - 1) / static_cast<double>(c->ranks);
  switch (c->kind) {
    case Exchange::kAllReduce:
      return 2 * others * c->payload_bytes;
    case Exchange::kAllGather:
    case Exchange::kAllToAll:
      return others * c->payload_bytes;
    case Exchange::kSend:
      break;
  }
  return c->payload_bytes;
}

double host_bytes_of(const Operator& op) {
  if (op.host_share == 0) return 0;
  const OperatorBytes bytes = bytes_of(op);
  return op.host_share * (bytes.weights + bytes.kv);
}

std::string kind_of(const Operator& op) {
  return std::visit(Overloaded{
                        [](const Gemm&) { return "gemm"; },
                        [](const Experts&) { return "moe"; },
                        [](const AttentionCore&) { return "attention"; },
                        [](const StateUpdate&) { return "state"; },
                        [](const Elementwise&) { return "elementwise"; },
                        [](const EmbeddingLookup&) { return "embedding"; },
                        [](const Communication& c) { return name_of(c.kind); },
                    },
                    op.shape);
}

std::string shape_text(const Operator& op) {
  return std::visit(
      Overloaded{
          [](const Gemm& g) {
            return (g.batch == 1 ? "" : field("batch", g.batch) + " ") + field("m", g.m) + " " +
                   field("n", g.n) + " " + field("k", g.k);
          },
          [](const Experts& e) {
            return field("rows", e.rows) + " " + field("width", e.width) + " " +
                   field("hidden", e.hidden) + " " + field("experts_read", e.experts_read);
          },
          [](const AttentionCore& a) {
            return field("sequences", a.sequences) + " " + field("queries", a.queries) + " " +
                   field("keys", a.keys_per_query) + " " + field("heads", a.heads);
          },
          [](const StateUpdate& u) {
            return field("sequences", u.sequences) + " " + field("tokens", u.tokens) + " " +
                   field("state_bytes", u.state_bytes);
          },
          [](const Elementwise& e) { return field("elements", e.elements_read); },
          [](const EmbeddingLookup& l) {
            return field("tokens", l.tokens) + " " + field("hidden", l.hidden);
          },
          [](const Communication& c) {
            std::string text = field("bytes", c.payload_bytes) + " " +
                               field("ranks", static_cast<double>(c.ranks));
            if (c.domains > 1) text += " " + field("domains", static_cast<double>(c.domains));
            return text;
          },
      },
      op.shape);
}

}  // namespace tokencast
