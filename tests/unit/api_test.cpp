#include "catch.h"
#include "models.h"
#include "tokencast/tokencast.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

const std::string kRequest = R"({"schema": 1, "model": {"preset": "qwen2.5-32b"},
  "accelerator": {"preset": "h20-96-sxm"}, "deployment": {},
  "workload": {"input_tokens": 1024, "output_tokens": 1024}})";

Json ask(const std::string& request) {
  return Json::parse(estimate(request, builtin_presets(), {}));
}

/// kRequest with the value at a pointer replaced; value is JSON text.
std::string with_value(const std::string& pointer, const std::string& value) {
  Json json = Json::parse(kRequest);
  json[Json::json_pointer(pointer)] = Json::parse(value);
  return json.dump();
}

std::vector<std::string> note_codes(const Json& response) {
  std::vector<std::string> codes;
  for (const Json& note : response.at("notes")) codes.push_back(note.at("code"));
  return codes;
}

bool has(const std::vector<std::string>& codes, const std::string& code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

TEST_CASE("a preset and its content give the same answer") {
  Json request = Json::parse(kRequest);
  const Presets presets = builtin_presets();
  const std::string named = estimate(kRequest, presets, {});
  request["model"]["config"] = Json::parse(presets.models.at("qwen2.5-32b")).at("config");
  request["accelerator"]["custom"] = Json::parse(presets.accelerators.at("h20-96-sxm"));
  CHECK(estimate(request.dump(), {}, {}) == named);
}

TEST_CASE("a config may be the text that was pasted") {
  Json request = Json::parse(kRequest);
  request["model"] = {{"config", kQwen25_32B}};
  CHECK(ask(request.dump()).at("result").at("model").at("total_parameters") == 32'763'876'352);

  request["model"] = {{"config", std::string(10'000'000, '\n')}};
  CHECK(ask(request.dump()).at("error").at("code") == "text_too_large");
  CHECK(ask(request.dump()).at("error").at("path") == "/model/config");

  request["model"] = {{"config", "{\"hidden_size\": 5120,\n oops"}};
  const Json error = ask(request.dump()).at("error");
  CHECK(error.at("path") == "/model/config");
  CHECK(error.at("message") == "Not valid JSON at line 2, column 2: unexpected \"oops\"");
}

TEST_CASE("wrong requests are refused with code, place, message and hint") {
  struct Case {
    std::string request;
    const char* code;
    const char* path;
    const char* message;
  };
  const std::vector<Case> cases = {
      {"", "invalid_json", "", "The text is empty"},
      {"[]", "wrong_type", "", "Expected an object, found a list"},
      {"{}", "unsupported_schema", "/schema", "schema is missing"},
      {with_value("/schema", "2"), "unsupported_schema", "/schema",
       "This engine speaks schema 1 only"},
      {with_value("/modell", "{}"), "unknown_field", "/modell", "\"modell\" is not a field here"},
      {with_value("/model", "{}"), "missing_field", "/model/config", "No model is given"},
      {with_value("/model", R"("qwen")"), "wrong_type", "/model",
       "Expected an object, found \"qwen\""},
      {with_value("/model/preset", R"("qwen2.5-32")"), "unknown_preset", "/model/preset",
       "There is no preset \"qwen2.5-32\""},
      {with_value("/model", R"({"config": 7})"), "wrong_type", "/model/config",
       "Expected an object, found 7"},
      {with_value("/model", R"({"config": "\"text\""})"), "wrong_type", "/model/config",
       "Expected an object, found \"text\""},
      {with_value("/accelerator", "{}"), "missing_field", "/accelerator/custom",
       "No accelerator is given"},
      {with_value("/accelerator/preset", R"("h21")"), "unknown_preset", "/accelerator/preset",
       "There is no preset \"h21\""},
      {with_value("/accelerator", R"({"custom": {"name": "x"}})"), "missing_field",
       "/accelerator/custom/memory_bytes", "memory_bytes is missing"},
      {with_value("/workload", "null"), "missing_field", "/workload", "workload is missing"},
      {with_value("/workload/input_tokens", "0"), "out_of_range", "/workload/input_tokens",
       "input_tokens is 0; it must be from 1 to 1e+07"},
      {with_value("/workload/input_tokens", "-5"), "out_of_range", "/workload/input_tokens",
       "input_tokens is -5; it must be from 1 to 1e+07"},
      {with_value("/workload/output_tokens", "1.5"), "wrong_type", "/workload/output_tokens",
       "output_tokens must be a whole number, found 1.5"},
      {with_value("/workload/concurrency", "1e9"), "out_of_range", "/workload/concurrency",
       "concurrency is 1000000000.0; it must be from 1 to 65536"},
      {with_value("/workload/request_rate", "2.5"), "needs_simulate", "/workload/request_rate",
       "estimate does not know request_rate"},
      {with_value("/workload/input_token", "5"), "unknown_field", "/workload/input_token",
       "\"input_token\" is not a field here"},
      {with_value("/deployment/tp", "3"), "illegal_tensor_parallel", "/deployment/tp",
       "The model's heads and FFN do not split evenly over 3 ranks"},
      {with_value("/deployment/gpus", "16"), "illegal_tensor_parallel", "/deployment/gpus",
       "The model's heads and FFN do not split evenly over 16 ranks"},
      {with_value("/deployment", R"({"gpus": 4, "tp": 2})"), "illegal_layout", "/deployment/tp",
       "tp 2 × pp 1 × dp 1 are 2 GPUs, not 4"},
      {with_value("/deployment", R"({"tp": 4, "pp": 65})"), "illegal_layout", "/deployment/pp",
       "The model has 64 layers, too few for 65 stages"},
      {with_value("/deployment", R"({"tp": 4, "ep": 4})"), "illegal_layout", "/deployment/ep",
       "Experts cannot be spread over 4 ranks: ep must divide the experts and either divide tp, or "
       "be tp times a divisor of dp"},
      {with_value("/deployment", R"({"tp": 4, "overlap": "two_batch"})"), "needs_expert_parallel",
       "/deployment/overlap", "overlap is of experts that are spread over ranks"},
      {with_value("/deployment/expert_skew", "1.5"), "needs_expert_parallel",
       "/deployment/expert_skew", "expert_skew is of experts that are spread over ranks"},
      {with_value("/deployment/expert_skew", "0.5"), "out_of_range", "/deployment/expert_skew",
       "expert_skew is 0.5; it must be from 1 to 100"},
      {with_value("/deployment", R"({"tp": 4, "nodes": 3})"), "illegal_layout", "/deployment/nodes",
       "4 GPUs do not fill 3 nodes evenly"},
      {with_value("/deployment/engine", R"("vlm")"), "out_of_range", "/deployment/engine",
       "engine is \"vlm\""},
      {with_value("/deployment/weights", R"("int3")"), "out_of_range", "/deployment/weights",
       "weights is \"int3\""},
      {with_value("/deployment/kv_cache", "16"), "wrong_type", "/deployment/kv_cache",
       "kv_cache must be text, found 16"},
      {with_value("/deployment/memory_fraction", "1.5"), "out_of_range",
       "/deployment/memory_fraction", "memory_fraction is 1.5; it must be from 0.1 to 1"},
      {with_value("/deployment/price_per_hour", "2.5"), "wrong_type", "/deployment/price_per_hour",
       "Expected an object, found 2.5"},
      {with_value("/deployment/price_per_hour", "{}"), "missing_field",
       "/deployment/price_per_hour/value", "value is missing"},
      {with_value("/deployment/price_per_hour", R"({"value": -1})"), "out_of_range",
       "/deployment/price_per_hour/value", "value is -1; it must be from 0 to 10000"},
      {with_value("/deployment/price_per_hour", R"({"value": 2, "currency": "usd"})"),
       "out_of_range", "/deployment/price_per_hour/currency", "currency is \"usd\""},
      {with_value("/article", R"({"utilisation": 0})"), "out_of_range", "/article/utilisation",
       "utilisation is 0; it must be from 0.01 to 1"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.request);
    const Json response = ask(c.request);
    REQUIRE(response.at("ok") == false);
    const Json& error = response.at("error");
    CHECK(error.at("code") == c.code);
    CHECK(error.at("path") == c.path);
    CHECK(error.at("message") == c.message);
    CHECK_FALSE(error.at("hint").get<std::string>().empty());
  }
}

TEST_CASE("speculative decoding is read, echoed and refused where it cannot be") {
  const auto asked = [](const char* speculative, const char* model = "deepseek-r1") {
    Json request = Json::parse(with_value("/model/preset", "\"" + std::string(model) + "\""));
    request["deployment"] = {{"gpus", 8}, {"speculative", Json::parse(speculative)}};
    return ask(request.dump());
  };
  const auto written = [&](const char* speculative) {
    return asked(speculative).at("result").at("deployment").at("speculative");
  };
  // The model's own layer predicts one token; 85 % is what its report has.
  CHECK(written("{}") == Json::parse(R"({"method": "mtp", "draft_tokens": 1, "acceptance": 0.85,
                        "tokens_per_step": 1.85})"));
  CHECK(written(R"({"method": "ngram", "draft_tokens": 2, "acceptance": 0.5})")
            .at("tokens_per_step") == 1.75);
  const char* draft =
      R"({"model": {"preset": "llama-3.2-1b"}, "draft_tokens": 3, "acceptance": 0})";
  const Json drafted = asked(draft, "llama-3.3-70b").at("result");
  CHECK(drafted.at("deployment").at("speculative").at("method") == "draft_model");
  CHECK(drafted.at("deployment").at("speculative").at("model") == "llama-3.2-1b");
  CHECK(drafted.at("memory").at("draft_bytes") > 1e8);
  // Twice the tokens of a step, in half of the time between tokens.
  const Json result = asked(R"({"acceptance": 1})").at("result");
  CHECK(result.at("tpot_s").at("value") ==
        Approx(result.at("phases").at("decode").at("time_s").get<double>() / 2));

  struct Case {
    const char *speculative, *code, *path;
  };
  for (const Case& c : std::vector<Case>{
           {R"({"method": "eagle"})", "out_of_range", "/method"},
           {R"({"draft_tokens": 0})", "out_of_range", "/draft_tokens"},
           {R"({"acceptance": 1.5})", "out_of_range", "/acceptance"},
           {R"({"method": "ngram", "acceptance": 0.5})", "missing_field", "/draft_tokens"},
           {R"({"method": "ngram", "draft_tokens": 2})", "missing_field", "/acceptance"},
           {R"({"method": "draft_model"})", "missing_field", "/model/config"},
           {R"({"method": "mtp", "model": {}})", "conflicting_fields", "/model"},
           {R"({"model": {"preset": "lama"}})", "unknown_preset", "/model/preset"},
           {R"({"drafts": 2})", "unknown_field", "/drafts"}}) {
    CAPTURE(c.speculative);
    const Json error = asked(c.speculative).at("error");
    CHECK(error.at("code") == c.code);
    CHECK(error.at("path") == std::string("/deployment/speculative") + c.path);
  }
  const Json none = ask(with_value("/deployment/speculative", "{}")).at("error");
  CHECK(none.at("code") == "no_mtp_layers");
}

// Qwen3-0.6B (151936 tokens) drafted for Llama-3.3-70B (128256), which no engine starts.
TEST_CASE("a draft model has the vocabulary of its model, but for padding") {
  const auto asked = [](const char* model, const char* draft) {
    Json request = Json::parse(with_value("/model/preset", "\"" + std::string(model) + "\""));
    request["deployment"]["speculative"] = {
        {"model", {{"preset", draft}}}, {"draft_tokens", 4}, {"acceptance", 0.7}};
    return ask(request.dump());
  };
  const Json error = asked("llama-3.3-70b", "qwen3-0.6b").at("error");
  CHECK(error.at("code") == "draft_vocabulary");
  CHECK(error.at("path") == "/deployment/speculative/model");
  CHECK(error.at("message") ==
        "The draft model has a vocabulary of 151936 tokens, the model one of 128256: its drafts "
        "are no "
        "tokens of the model");
  CHECK(error.at("hint") == "take a draft model of the same family, or \"ngram\"");
  // 152064 and 151936.
  CHECK(asked("qwen2.5-32b", "qwen2.5-0.5b").at("ok") == true);
  CHECK(asked("llama-3.3-70b", "llama-3.2-1b").at("ok") == true);
}

TEST_CASE("several accelerators need a link between them") {
  Json request = Json::parse(with_value("/deployment/tp", "2"));
  request["accelerator"] = Json::parse(R"({"custom": {"name": "Card", "memory_bytes": 96e9,
    "memory_bandwidth_bytes_per_s": 1e12, "peak_flops_per_s": {"bf16": 1e14}}})");
  const Json error = ask(request.dump()).at("error");
  CHECK(error.at("message") == "Card has no link: several of it cannot work together");
  CHECK(error.at("hint") == "add \"link\" to the accelerator, or use one");
}

TEST_CASE("messages have the figures and names that they speak of") {
  const Json seed =
      Json::parse(simulate(with_value("/workload/seed", "-1"), builtin_presets(), {})).at("error");
  // It said 9.0072e+15.
  CHECK(seed.at("message") == "seed is -1; it must be from 0 to 9007199254740992");
  // "The memory of is not known", said a note on an accelerator without a name.
  Json request = Json::parse(kRequest);
  request["accelerator"] = Json::parse(R"({"custom": {"name": "", "memory_bytes": 96e9,
    "memory_bandwidth_bytes_per_s": 1e12, "peak_flops_per_s": {"bf16": 1e14}}})");
  const Json error = ask(request.dump()).at("error");
  CHECK(error.at("code") == "missing_field");
  CHECK(error.at("path") == "/accelerator/custom/name");
}

TEST_CASE("a near miss is offered") {
  CHECK(ask(with_value("/model/preset", R"("qwen2.5-32")")).at("error").at("hint") ==
        "did you mean \"qwen2.5-32b\"?");
  CHECK(ask(with_value("/workload/concurency", "5")).at("error").at("hint") ==
        "did you mean \"concurrency\"?");
  CHECK(ask(with_value("/accelerator/preset", R"("h100")")).at("error").at("hint") ==
        "known: h100-80-pcie, h100-80-sxm, h100-94-nvl");
}

TEST_CASE("what does not fit is an answer, with a note and what would fit") {
  const Json response = ask(with_value("/model/preset", R"("deepseek-r1")"));
  REQUIRE(response.at("ok") == true);
  CHECK(response.at("result").at("memory").at("fits") == false);
  CHECK(response.at("result").at("memory").at("free_bytes") == 0);
  CHECK(has(note_codes(response), "does_not_fit"));
  CHECK(has(note_codes(response), "mtp_not_counted"));
}

// "1 multi-token-prediction layer(s) of the checkpoint are not counted" stood beside 1.66 GB of
// them that had been counted.
TEST_CASE("layers that draft are counted, and no note says otherwise") {
  const auto codes_with = [](const char* speculative) {
    Json request = Json::parse(with_value("/model/preset", R"("deepseek-r1")"));
    request["deployment"]["speculative"] = Json::parse(speculative);
    const Json response = ask(request.dump());
    REQUIRE(response.at("ok") == true);
    CHECK((response.at("result").at("memory").at("draft_bytes") > 0) ==
          !has(note_codes(response), "mtp_not_counted"));
    return note_codes(response.at("result").at("model"));
  };
  CHECK_FALSE(has(codes_with(R"({"method": "mtp"})"), "mtp_not_counted"));
  CHECK(has(codes_with(R"({"method": "ngram", "draft_tokens": 2, "acceptance": 0.5})"),
            "mtp_not_counted"));
}

// "banana" was answered as the newest version, and 0.99 as 0.19.
TEST_CASE("a version is one, and an answer says how far it is known") {
  const auto asked = [](const char* engine, const char* version) {
    Json request = Json::parse(with_value("/deployment/engine", "\"" + std::string(engine) + "\""));
    request["deployment"]["engine_version"] = version;
    static const Calibrations calibrations = builtin_calibrations();
    return Json::parse(estimate(request.dump(), builtin_presets(), calibrations));
  };
  for (const char* text : {"banana", "", "7", "nightly-5b8c30d6", "20250605.1"}) {
    CAPTURE(text);
    const Json error = asked("vllm", text).at("error");
    CHECK(error.at("code") == "no_version");
    CHECK(error.at("path") == "/deployment/engine_version");
    CHECK(error.at("message") == "\"" + std::string(text) + "\" is no version");
    CHECK(error.at("hint") ==
          "write its first two numbers, as \"0.11\" (llama.cpp: year and month of the build), or "
          "leave it out");
  }
  CHECK(asked("llama.cpp", "b6918").at("error").at("code") == "no_version");
  struct Known {
    const char *engine, *version, *profile, *reason;
  };
  for (const Known& c : {Known{"vllm", "v0.19.1rc1", "vllm 0.12", ""},
                         {"vllm", "0.20", "vllm 0.12", "newer"},
                         {"vllm", "1.0", "vllm 0.12", "newer"},
                         {"vllm", "0.9.2", "vllm 0.8", ""},
                         {"vllm", "0.1", "vllm 0.1", "older"},
                         {"sglang", "0.3", "sglang 0.4", "older"},
                         {"tensorrt-llm", "1.2.0rc5", "tensorrt-llm 1.1", ""},
                         {"llama.cpp", "25.11", "llama.cpp 25.0", ""},
                         {"llama.cpp", "26.2", "llama.cpp 25.0", "newer"},
                         {"transformers", "4.30", "transformers 4.0", "older"},
                         {"generic", "3.14", "generic", ""}}) {
    CAPTURE(c.engine, c.version);
    const Json response = asked(c.engine, c.version);
    CHECK(response.at("result").at("engine_profile") == c.profile);
    const bool unknown = has(note_codes(response), "version_not_measured");
    CHECK(unknown == (c.reason[0] != 0));
    if (!unknown) continue;
    CHECK(response.at("notes").back().at("params").at("reason") == c.reason);
  }
  CHECK(asked("vllm", "0.20").at("notes").back().at("message") ==
        "vllm 0.20 is newer than any that was measured: it is taken to run like 0.19");
}

TEST_CASE("notes tell what the answer assumes") {
  CHECK(has(note_codes(ask(with_value("/workload/output_tokens", "1"))), "tpot_undefined"));
  CHECK(has(note_codes(ask(with_value("/workload/input_tokens", "200000"))), "beyond_max_context"));
  Json request = Json::parse(with_value("/deployment/weights", R"("fp8")"));
  request["accelerator"]["preset"] = "a100-80-sxm";
  CHECK(has(note_codes(ask(request.dump())), "compute_dtype_fallback"));
}

TEST_CASE("an unknown quantization needs the user's choice") {
  const std::string config =
      with(kQwen25_32B, "quantization_config", R"({"quant_method": "spqr"})");
  const auto check = [](const Json& request, const char* path, const char* hint) {
    const Json error = ask(request.dump()).at("error");
    CHECK(error.at("code") == "unsupported_quantization");
    CHECK(error.at("path") == path);
    CHECK(error.at("message") == "The config's quantization \"spqr\" is not understood");
    CHECK(error.at("hint") == hint);
    CHECK(error.at("params").at("method") == "spqr");
  };
  Json request = Json::parse(kRequest);
  request["model"] = {{"config", config}};
  check(request, "/deployment/weights", "choose the weights' format instead of auto");
  request["deployment"]["weights"] = "int4";
  CHECK(ask(request.dump()).at("ok") == true);
  // A draft model's formats cannot be chosen.
  request["deployment"]["speculative"] = {
      {"model", {{"config", config}}}, {"draft_tokens", 3}, {"acceptance", 0.7}};
  check(request, "/deployment/speculative/model/config", "take a draft model in another format");
}

TEST_CASE("one output token has no TPOT") {
  const Json result = ask(with_value("/workload/output_tokens", "1")).at("result");
  CHECK(result.at("tpot_s").is_null());
  CHECK(result.at("tokens_per_s_per_user").is_null());
  CHECK(result.at("latency_s").at("value") == result.at("ttft_s").at("value"));
}

TEST_CASE("tokens cost what the accelerators cost while they are made") {
  // Two at 3.60 an hour are 0.002 a second: at 100 tokens/s 0.00002 each, 20 for a million.
  Json request =
      Json::parse(with_value("/deployment", R"({"tp": 2, "price_per_hour": {"value": 3.6}})"));
  const Json result = ask(request.dump()).at("result");
  const Json& cost = result.at("cost");
  const auto rate = [&result](const char* key) { return result.at(key).at("value").get<double>(); };
  CHECK(cost.at("per_million_output_tokens") ==
        Approx(2 * 3.6 / 3600 / rate("output_tokens_per_s") * 1e6));
  CHECK(cost.at("per_million_tokens") == Approx(2 * 3.6 / 3600 / rate("total_tokens_per_s") * 1e6));
  CHECK(cost.at("currency") == "USD");
  CHECK(cost.at("price_per_hour") == 3.6);
  CHECK(cost.at("source") == "request");
  CHECK_FALSE(cost.contains("date"));
}

TEST_CASE("the user's price wins over the preset's, which says when and where it was read") {
  Json request = Json::parse(with_value("/accelerator/preset", R"("h100-80-sxm")"));
  const Json preset = ask(request.dump()).at("result").at("cost");
  CHECK(preset.at("source") == "preset");
  CHECK(preset.at("price_per_hour") == 2.95);
  CHECK(preset.at("date") == "2026-05-20");
  CHECK(preset.at("reference") == "https://aimultiple.com/gpu-index");
  request["deployment"]["price_per_hour"] = {{"value", 14.5}, {"currency", "CNY"}};
  const Json own = ask(request.dump()).at("result").at("cost");
  CHECK(own.at("source") == "request");
  CHECK(own.at("currency") == "CNY");
  CHECK(own.at("price_per_hour") == 14.5);
  // No price is known of an H20.
  CHECK_FALSE(ask(kRequest).at("result").contains("cost"));
}

TEST_CASE("operators add up to their phase") {
  const Json phases = ask(kRequest).at("result").at("phases");
  for (const char* name : {"prefill", "decode"}) {
    double time = 0;
    double overhead = 0;
    for (const Json& op : phases.at(name).at("operators")) {
      time += op.at("time_s").get<double>();
      overhead += op.at("overhead_s").get<double>();
    }
    const double step_overhead = phases.at(name).at("overhead_s").get<double>() - overhead;
    CHECK(time + step_overhead == Approx(phases.at(name).at("time_s").get<double>()));
  }
}

TEST_CASE("describe refuses as estimate does, with pointers into the config") {
  CHECK(Json::parse(describe(with(kQwen25_32B, "hidden_size", "-1"))).at("error").at("path") ==
        "/hidden_size");
  CHECK(Json::parse(describe("{")).at("error").at("code") == "invalid_json");
}

TEST_CASE("describe gives no weight bytes where it cannot tell them") {
  const Json result =
      Json::parse(describe(with(kQwen25_32B, "quantization_config", R"({"quant_method": "spqr"})")))
          .at("result");
  CHECK(result.at("weight_bytes").is_null());
  CHECK(result.at("total_parameters") == 32'763'876'352);
}
