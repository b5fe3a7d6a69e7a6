#include "report/speculation_request.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "cost/compute_dtype.h"
#include "graph/speculation.h"
#include "report/preset_request.h"

namespace tokencast {
namespace {

constexpr Range kDraftTokens = {1, 16};
constexpr Range kAcceptance = {0, 1};
// Of the second token that DeepSeek-V3's layer predicts 85 % to 90 % are accepted (its report,
// arXiv 2412.19437, section 5.4.3).
constexpr double kMtpAcceptance = 0.85;

// Vocabularies of one family differ by how they are padded: Qwen2.5 has 151936 rows up to 3B,
// 152064 from 7B on. llama.cpp allows 128 (SPEC_VOCAB_MAX_SIZE_DIFFERENCE of
// common/speculative.cpp); vLLM none (verify_equal_vocab_size_if_draft_model of
// config/speculative.py), but configs can be padded.
constexpr std::int64_t kPadding = 128;

/// Drafts are tokens of the model's vocabulary.
void check_vocabulary(ObjectReader& speculative, const Architecture& draft,
                      const Architecture& model) {
  if (std::abs(draft.vocabulary - model.vocabulary) <= kPadding) return;
  const std::string has = std::to_string(draft.vocabulary);
  const std::string needs = std::to_string(model.vocabulary);
  speculative.fail({"draft_vocabulary",
                    speculative.path_of("model"),
                    "The draft model has a vocabulary of " + has + " tokens, the model one of " +
                        needs + ": its drafts are no tokens of the model",
                    "take a draft model of the same family, or \"ngram\"",
                    {{"draft", has}, {"model", needs}}});
}

/// A model of its own, in the formats of its checkpoint.
Draft read_draft_model(ObjectReader& speculative, const Presets& presets, Request& request) {
  ObjectReader section = speculative.object("model");
  Draft draft;
  draft.architecture = read_model(section, presets, request.speculative.model_name);
  draft.own_tables = true;
  if (!speculative.failed())
    check_vocabulary(speculative, draft.architecture, request.architecture);
  if (speculative.failed()) return draft;
  require_understood(draft.architecture.quantization, section, "config",
                     "take a draft model in another format");
  if (section.failed()) return draft;
  draft.weights = draft.architecture.formats;
  const ComputeDTypes compute = choose_compute_dtypes(
      draft.architecture.dtype, draft.weights.linear, request.accelerator, request.engine);
  draft.compute = compute.activations;
  draft.linear_compute = compute.linear;
  const std::vector<std::int64_t> legal =
      legal_tensor_parallel(draft.architecture, draft.weights, request.layout.tp);
  // Engines run a draft on as many ranks as its model, or on one.
  draft.tp = legal.back() == request.layout.tp ? request.layout.tp : 1;
  const auto& notes = draft.architecture.notes;
  request.notes.insert(request.notes.end(), notes.begin(), notes.end());
  return draft;
}

Draft read_mtp(ObjectReader& speculative, const Request& request) {
  const Architecture& architecture = request.architecture;
  const Layout& layout = request.layout;
  if (architecture.mtp.empty()) {
    speculative.fail({"no_mtp_layers",
                      speculative.path_of("method"),
                      "The model has no multi-token-prediction layers",
                      "give a draft \"model\", or use \"ngram\"",
                      {}});
    return {};
  }
  Draft draft = mtp_draft(architecture, layout.weights);
  draft.compute = layout.compute;
  draft.linear_compute = layout.linear_compute;
  draft.tp = layout.tp;
  draft.ep = layout.ep;
  return draft;
}

}  // namespace

void read_speculation(ObjectReader& deployment, const Presets& presets, Request& request) {
  if (!deployment.has("speculative")) return;
  ObjectReader speculative = deployment.object("speculative");
  speculative.refuse_unknown_keys({"method", "model", "draft_tokens", "acceptance"});
  const bool model = speculative.has("model");
  const std::string method = speculative.one_of_or("method", {"mtp", "draft_model", "ngram"},
                                                   model ? "draft_model" : "mtp");
  request.speculative.method = method;
  if (model && method != "draft_model") {
    speculative.fail({"conflicting_fields",
                      speculative.path_of("model"),
                      "model is of the method draft_model, not of " + method,
                      "give one of them",
                      {{"field", "model"}, {"other", "method"}}});
  }
  if (speculative.failed()) return;
  Speculation speculation;
  const bool mtp = method == "mtp";
  if (method == "draft_model") speculation.draft = read_draft_model(speculative, presets, request);
  if (mtp) speculation.draft = read_mtp(speculative, request);
  // Only of a model's own layers is known how many tokens they are for, and how well they do.
  const std::int64_t tokens = std::max<std::int64_t>(request.architecture.mtp_modules, 1);
  speculation.draft_tokens = mtp ? speculative.integer_or("draft_tokens", kDraftTokens, tokens)
                                 : speculative.integer("draft_tokens", kDraftTokens);
  speculation.acceptance = mtp ? speculative.number_or("acceptance", kAcceptance, kMtpAcceptance)
                               : speculative.number("acceptance", kAcceptance);
  if (speculative.failed()) return;
  request.layout.speculation = std::make_shared<const Speculation>(std::move(speculation));
}

}  // namespace tokencast
