#include "accuracy/serving_case.h"

#include <filesystem>
#include <fstream>

#include "accuracy/predict.h"
#include "accuracy/summary.h"
#include "builtin_presets.h"
#include "catch.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::accuracy;

namespace {

const std::string kHeader =
    "id,set,cell,model_id,config,gpu_id,gpu,num_gpus,tp,pp,ep,weight_dtype,weight_dtype_as_stated,"
    "kv_dtype,engine_family,engine,batch_or_concurrency,input_len,output_len,metric,value,mode,"
    "notes\n";

ServingRow row_of(const std::string& line) {
  const CsvTable table = parse_csv(kHeader + line + "\n");
  return read_serving_row(table, table.rows.front());
}

// The model has no file of its own: the table of names leads to a preset.
const std::string kRow =
    "a-1,aic-silicon,cell,Qwen/Qwen3-4B,,h100-80-sxm,H100,2.0,2.0,1.0,1.0,bf16,bf16,,vllm,vllm "
    "0.12.0,16,1024,512,tpot_ms,11.5,fixed-batch,";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// A folder with the config of one model, with 128 experts, which rows name "routed".
const std::string& folder_of_configs() {
  static const std::string folder = [] {
    const auto path = std::filesystem::temp_directory_path() / "tokencast_serving_case_test";
    std::filesystem::create_directories(path);
    std::ofstream(path / "routed.json")
        << R"({"architectures":["Qwen3MoeForCausalLM"],"hidden_size":2048,"num_hidden_layers":48,
               "num_attention_heads":32,"num_key_value_heads":4,"head_dim":128,"num_experts":128,
               "num_experts_per_tok":8,"moe_intermediate_size":768,"intermediate_size":6144,
               "vocab_size":151936,"max_position_embeddings":40960,"torch_dtype":"bfloat16"})";
    return path.string();
  }();
  return folder;
}

Result<ServingCase> case_from(const std::string& line) {
  static const Presets presets = builtin_presets();
  static Catalogue catalogue(folder_of_configs(), presets);
  return case_of(row_of(line), catalogue);
}

std::string reason_of(const std::string& line) {
  const Result<ServingCase> read = case_from(line);
  return read.ok() ? "" : read.error().code;
}

}  // namespace

TEST_CASE("fields of CSV files") {
  const CsvTable table = parse_csv("a,b\n\"1,\"\"2\"\"\",3\r\n\n4\n");
  REQUIRE(table.rows.size() == 2);
  CHECK(table.field(table.rows[0], "a") == "1,\"2\"");
  CHECK(table.field(table.rows[0], "b") == "3");
  CHECK(table.field(table.rows[1], "b").empty());
  CHECK(table.field(table.rows[0], "c").empty());
  CHECK(csv_field("1,\"2\"") == "\"1,\"\"2\"\"\"");
  CHECK(csv_field("plain") == "plain");
  CHECK(read_csv("/nowhere/at/all.csv").error().code == "unreadable_file");
}

TEST_CASE("versions of engines in prose") {
  const auto version = [](EngineFamily family, const std::string& text) {
    const Engine engine = engine_of(family, text);
    return std::to_string(engine.major) + "." + std::to_string(engine.minor);
  };
  CHECK(version(EngineFamily::kTensorRtLlm, "TensorRT-LLM v1.2.0rc1") == "1.2");
  CHECK(version(EngineFamily::kVllm, "vllm nightly-5b8c30d62b754b57") == "0.0");
  CHECK(version(EngineFamily::kLlamaCpp, "llama.cpp b6918 CUDA -fa 1") == "0.0");
  const auto from_row = [](const std::string& family, const std::string& text) {
    return row_of(replaced(kRow, "vllm,vllm 0.12.0", family + ",\"" + text + "\"")).engine;
  };
  CHECK(from_row("vllm", "vLLM rocm6.4.1_vllm_0.9.0.1_20250605") ==
        Engine{EngineFamily::kVllm, 0, 9});
  CHECK(from_row("vllm", "vLLM (2024, ~0.4-0.5)") == Engine{EngineFamily::kVllm, 0, 4});
  CHECK(from_row("vllm", "vLLM (Nov 2023)") == Engine{EngineFamily::kVllm, 0, 2});
  CHECK(from_row("mindie", "vLLM-Ascend v0.9.1") == Engine{EngineFamily::kVllm, 0, 9});
  CHECK(Engine{EngineFamily::kVllm, 0, 7}.at_least(0, 8) == false);
  CHECK(Engine{EngineFamily::kVllm, 1, 0}.at_least(0, 8));
  CHECK(Engine{EngineFamily::kVllm, 0, 0}.at_least(0, 8));  // not stated: the newest
  CHECK(era_of({EngineFamily::kVllm, 0, 9}) == "vllm 0.8-0.11");
}

TEST_CASE("a row becomes a deployment, a load and a metric") {
  const Result<ServingCase> read = case_from(kRow);
  REQUIRE(read.ok());
  const ServingCase& serving = read.value();
  CHECK(serving.layout.tp == 2);
  CHECK(serving.format == "bf16");
  CHECK(serving.metric == Metric::kTpot);
  CHECK(serving.kind == LoadKind::kRun);
  CHECK(serving.load.users == 16);
  CHECK(serving.load.requests == 160);
  CHECK(serving.load.input_tokens == 1024);
  CHECK(serving.limits.max_sequences == 1024);
  CHECK(serving.approximation.empty());
}

TEST_CASE("reasons why a row is not predicted") {
  CHECK(reason_of(kRow).empty());
  CHECK(reason_of(replaced(kRow, "Qwen/Qwen3-4B", "nobody/nothing")) == "no_config");
  CHECK(reason_of(replaced(kRow, "h100-80-sxm", "")) == "no_accelerator");
  CHECK(reason_of(replaced(kRow, "2.0,2.0,1.0", "6.0,4.0,1.0")) == "layout_not_modelled");
  CHECK(reason_of(replaced(kRow, "2.0,2.0,1.0", "8.0,,")) == "layout_not_modelled");
  CHECK(reason_of(replaced(kRow, "bf16,bf16", "exl2-2.5bpw,exl2")) == "format_not_modelled");
  CHECK(reason_of(replaced(kRow, "1024,512", "ShareGPT,ShareGPT")) == "lengths_not_stated");
  CHECK(reason_of(replaced(kRow, ",16,", ",max,")) == "load_not_stated");
  CHECK(reason_of(replaced(kRow, "tpot_ms", "joules")) == "unknown_metric");
  CHECK(reason_of("lonely") == "unknown_metric");
}

TEST_CASE("what columns leave open follows from the source") {
  const std::string gptq =
      replaced(kRow, "bf16,bf16", "int8-w8a16,gptq-int4-g128");  // normalised wrongly
  CHECK(case_from(gptq).value().format == "int4");
  const std::string drawn = replaced(kRow, "fixed-batch,", "fixed-batch,aiconfigurator id=2026_x;");
  const ServingCase inferencemax = case_from(drawn).value();
  CHECK(inferencemax.load.input_tokens == 922);  // 0.9 · 1024
  CHECK(inferencemax.load.output_tokens == 461);
  CHECK(inferencemax.layout.kv_dtype == DType::kFp8);
  // More than one GPU without tensor parallelism: layers one after the other.
  std::string split = replaced(kRow, "vllm,vllm 0.12.0", "llama.cpp,llama.cpp (2024)");
  split = replaced(split, "2.0,2.0,1.0", "2.0,1.0,2.0");
  CHECK(case_from(split).value().stages == 2);
  CHECK(case_from(split).value().layout.tp == 1);
}

TEST_CASE("layouts are those that the row or its source states") {
  const auto layout_of = [](const std::string& model, const std::string& gpus_tp_pp_ep,
                            const std::string& set = "aic-silicon") {
    std::string row = replaced(kRow, "Qwen/Qwen3-4B,", model);
    row = replaced(row, "2.0,2.0,1.0,1.0", gpus_tp_pp_ep);
    const Layout layout = case_from(replaced(row, "aic-silicon", set)).value().layout;
    return std::vector<std::int64_t>{layout.tp, layout.pp, layout.dp, layout.ep};
  };
  using Sizes = std::vector<std::int64_t>;
  const std::string dense = "Qwen/Qwen3-4B,", routed = "routed,routed";
  CHECK(layout_of(dense, "2.0,2.0,1.0,1.0") == Sizes{2, 1, 1, 1});
  CHECK(layout_of(dense, "4.0,2.0,2.0,1.0") == Sizes{2, 2, 1, 1});
  CHECK(layout_of(dense, "4.0,2.0,1.0,1.0") == Sizes{2, 1, 2, 1});
  CHECK(layout_of(routed, "2.0,2.0,1.0,2.0") == Sizes{2, 1, 1, 2});
  // GPUs beyond tensor parallel attend apart and share the experts.
  CHECK(layout_of(routed, "4.0,1.0,1.0,4.0") == Sizes{1, 1, 4, 4});
  CHECK(layout_of(routed, "4.0,1.0,2.0,2.0") == Sizes{1, 2, 2, 2});
  // TensorRT-LLM's overview runs models with experts so, whatever its tables call it.
  CHECK(layout_of(routed, "4.0,4.0,1.0,", "trtllm-pt") == Sizes{1, 1, 4, 4});
  CHECK(layout_of(dense, "4.0,4.0,1.0,", "trtllm-pt") == Sizes{4, 1, 1, 1});
}

TEST_CASE("a dump that counts GPUs twice is read by the names of its rows") {
  // The dump of 2026-04-06 has 4 GPUs for what that of 2026-03-25 has on 2, with the same times.
  std::string row = replaced(kRow, "Qwen/Qwen3-4B,", "routed,routed");
  row = replaced(row, "2.0,2.0,1.0,1.0", "4.0,4.0,1.0,2.0");
  row = replaced(row, "fixed-batch,", "fixed-batch,aiconfigurator id=2026_04_06_x_tp2_ep2_934;");
  const ServingCase serving = case_from(row).value();
  CHECK(serving.gpus == 2);
  CHECK(serving.layout.gpus() == 2);
  CHECK(serving.layout.tp == 2);
  CHECK(serving.layout.ep == 2);
}

TEST_CASE("a static batch is predicted as the page estimates it") {
  // Predictions scale kernels of their own, as fits need them fast, and once clipped experts in
  // another way than the page: by up to 11 %.
  static const Calibrations calibrations = builtin_calibrations();
  Predictor predictor(calibrations.set());
  std::string row = replaced(kRow, "Qwen/Qwen3-4B,", "routed,routed");
  row = replaced(row, "aic-silicon", "trtllm-static");
  row = replaced(row, "vllm,vllm 0.12.0,16", "trtllm,TensorRT-LLM 1.1.0,16");
  for (const std::string users : {"1", "16", "256"}) {
    CAPTURE(users);
    const std::string line = replaced(row, ",16,1024,512", "," + users + ",1024,512");
    const ServingCase serving = case_from(line).value();
    REQUIRE(serving.kind == LoadKind::kStatic);
    const CostModel cost = predictor.model_of(serving);
    CHECK(cost.profile.decode_experts != 1);
    const Deployment deployment = {&serving.model->architecture, &serving.layout, cost};
    const Step decode = Step::decode(serving.load.users, 1024, 512);
    CHECK(predictor.predict(serving).value.value / 1e3 ==
          Approx(step_cost(deployment, {decode}).time_s));
  }
}

TEST_CASE("replicas serve equal shares") {
  const CalibrationSet none;
  Predictor predictor(none);
  const auto predicted = [&](const std::string& gpus_tp_pp_ep, const std::string& users) {
    std::string row = replaced(kRow, "2.0,2.0,1.0,1.0", gpus_tp_pp_ep);
    row = replaced(row, ",16,1024,512,tpot_ms", "," + users + ",1024,512,output_tok_s");
    return predictor.predict(case_from(row).value()).value.value;
  };
  const double one = predicted("1.0,1.0,1.0,1.0", "16");
  CHECK(predicted("2.0,1.0,1.0,1.0", "32") == Approx(2 * one));
  // Two stages halve each step and take micro-batches in turn: half of the users in each.
  const double staged = predicted("2.0,1.0,2.0,1.0", "32");
  CHECK(staged > one);
  CHECK(staged < 2 * one);
}

TEST_CASE("a source's year is that of its engines, and builds of llama.cpp have one") {
  const std::string argonne = replaced(kRow, "aic-silicon", "argonne-ttft");
  CHECK(row_of(replaced(argonne, "vllm 0.12.0", "vLLM")).engine ==
        Engine{EngineFamily::kVllm, 0, 4});
  CHECK(row_of(replaced(kRow, "vllm,vllm 0.12.0", "llama.cpp,llama.cpp (May 2024)")).engine ==
        Engine{EngineFamily::kLlamaCpp, 24, 5});
  CHECK(row_of(replaced(kRow, "vllm,vllm 0.12.0", "llama.cpp,llama.cpp b6918 CUDA")).engine ==
        Engine{EngineFamily::kLlamaCpp, 25, 11});
  CHECK_FALSE(row_of(replaced(kRow, "vllm,vllm 0.12.0", "llama.cpp,llama.cpp llama-bench"))
                  .engine.versioned());
  // PyTorch's version was once taken for that of transformers.
  CHECK(row_of(replaced(kRow, "vllm,vllm 0.12.0", "transformers,transformers (PyTorch 2.0.1)"))
            .engine == Engine{EngineFamily::kTransformers, 4, 32});
}

TEST_CASE("metrics of a static batch") {
  // One stream on an engine without continuous batching: rates follow from two times.
  std::string line = replaced(kRow, "vllm,vllm 0.12.0,16", "transformers,transformers 4.51.3,1");
  line = replaced(line, "2.0,2.0,1.0", "1.0,1.0,1.0");
  line = replaced(line, "aic-silicon", "qwen3-speed");
  line = replaced(line, "fixed-batch", "single-stream");
  const CalibrationSet none;
  Predictor predictor(none);
  const auto predicted = [&](const std::string& metric) {
    return predictor.predict(case_from(replaced(line, "tpot_ms", metric)).value()).value.value;
  };
  const double ttft_s = predicted("ttft_ms") / 1e3;
  const double tpot_s = predicted("tpot_ms") / 1e3;
  const double run_s = ttft_s + 511 * tpot_s;
  CHECK(predicted("output_tok_s") == Approx(512 / run_s));
  CHECK(predicted("total_tok_s") == Approx((512 + 1024) / run_s));
  CHECK(predicted("decode_tok_s") == Approx(1 / tpot_s));
  CHECK(predicted("prefill_tok_s") == Approx(1024 / ttft_s));
  // 4.02 G parameters in 2 bytes, and 1536 tokens of 147456 bytes: 8.27 GB = 7.7 GiB
  CHECK(predicted("memory_gib") == Approx(7.7).epsilon(0.02));
  const ServingCase serving = case_from(line).value();
  CHECK(predictor.limit(serving) < predictor.predict(serving).value.value);
}

TEST_CASE("cells count once, whatever their rows") {
  // Three rows of one cell at ratio 2, one of another at 1.1: half of the weight each.
  std::vector<Comparison> comparisons(3, {"a", 1, 2, 0.5, 1.5});
  comparisons.push_back({"b", 10, 11, 12, 13});
  const Errors errors = errors_of(comparisons);
  CHECK(errors.rows == 4);
  CHECK(errors.cells == 2);
  CHECK(errors.median == Approx(0.1));
  CHECK(errors.p90 == Approx(1));
  CHECK(errors.ratio == Approx(1.1));
  CHECK(errors.inside == Approx(0.5));  // a's rows are inside, b's is not
}
