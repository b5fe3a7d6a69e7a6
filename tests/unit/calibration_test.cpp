#include "cost/calibration.h"

#include <cmath>

#include "catch.h"
#include "cost/read_calibration.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

Json calibration(const std::string& curves) {
  return Json::parse(R"({"schema": 1, "accelerator": "card", "architecture": "Chip", "curves": [)" +
                     curves + "]}");
}

const char* kNoSurfaces =
    R"({"class": "norms/bf16", "engine": "vllm", "band": [-0.1, 0.2],
        "parameters": [2, 0.5, 0.5, 0.8, 0.9, 2]})";

}  // namespace

TEST_CASE("a surface is linear between its knots, and level beyond them") {
  const Axes axes = {{0, {0, 2, 4}}, {1, {0, 1}}};
  const std::vector<double> values = {0, 10, 20, 30, 40, 50};  // rows of two
  const auto at = [&](double x, double y) {
    const double point[] = {x, y};
    return interpolate(axes, values, point);
  };
  CHECK(at(0, 0) == 0);
  CHECK(at(1, 0) == 10);    // half of 0 and 20
  CHECK(at(3, 0.5) == 35);  // the middle of 20, 30, 40, 50
  CHECK(at(9, 9) == 50);
  CHECK(at(-9, -9) == 0);
}

TEST_CASE("compute and memory overlap as the exponent says, and nothing beats the limit") {
  CurveParameters p;
  p.overhead_s = 1e-6;
  p.latency_s = 0;
  p.compute = p.memory = 0.5;
  PeakTimes peak;
  peak.compute_s = 3e-6;
  peak.memory_s = 4e-6;
  p.overlap = 1;  // one after the other: 1 + 6 + 8
  CHECK(base_time(p, peak) == Approx(15e-6));
  p.overlap = 2;  // 1 + √(6² + 8²)
  CHECK(base_time(p, peak) == Approx(11e-6));
  Curve curve;
  curve.parameters = p;
  peak.limit_s = 20e-6;
  CHECK(time_of(curve, "", peak, {}) == 20e-6);
}

TEST_CASE("calibrations are read whole, or refused with the place") {
  const Result<Calibration> read = read_calibration(calibration(kNoSurfaces));
  REQUIRE(read.ok());
  const MeasuredCurve* curve = read.value().find("norms/bf16", "vllm");
  REQUIRE(curve != nullptr);
  CHECK(curve->curve.parameters.overhead_s == Approx(2e-6));
  CHECK(curve->curve.band.high == 0.2);
  CHECK(read.value().find("norms/bf16", "sglang") == curve);  // another engine's, better than none
  CHECK(read.value().find("gemm/bf16", "vllm") == nullptr);

  struct Bad {
    std::string curve, path;
  };
  for (const Bad& bad : std::vector<Bad>{
           {R"({"engine": "vllm"})", "/curves/0/class"},
           {R"({"class": "norms/bf16", "band": [0, 0]})", "/curves/0/parameters"},
           {R"({"class": "norms/bf16", "parameters": [1, 1, 1, 1, 1, 1], "band": [0]})",
            "/curves/0/band"},
           {R"({"class": "gemm/bf16", "parameters": [1, 1, 1, 1, 1, 1], "band": [0, 0],
                "surfaces": ["PP"]})",
            "/curves/0/surfaces/0"}}) {
    CAPTURE(bad.path);
    const Result<Calibration> refused = read_calibration(calibration(bad.curve));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().path == bad.path);
  }
}

TEST_CASE("every digit of a surface is a step, the middle one none") {
  std::string digits(size_of(grids_of("all_reduce/nccl")[0]), kSurfaceDigits[kSurfaceZero]);
  digits[0] = kSurfaceDigits[kSurfaceZero + 1];
  digits[1] = kSurfaceDigits.front();
  digits[2] = kSurfaceDigits.back();
  Json curve = {{"class", "all_reduce/nccl"},
                {"parameters", {1, 1, 1, 1, 1, 1}},
                {"band", {0, 0}},
                {"surfaces", {digits}}};
  const Result<Calibration> read = read_calibration(calibration(curve.dump()));
  REQUIRE(read.ok());
  const std::vector<double>& surface =
      read.value().find("all_reduce/nccl", "")->curve.surfaces.at(0);
  CHECK(surface[0] == Approx(kSurfaceStep));
  CHECK(surface[1] == Approx(-45 * kSurfaceStep));
  CHECK(surface[2] == Approx(45 * kSurfaceStep));
  CHECK(surface[3] == 0);
}

TEST_CASE("which measurements stand for an accelerator") {
  const Calibrations calibrations = builtin_calibrations();
  const auto stands_for = [&](const std::string& id) {
    return calibrations.set().stands_for(preset_accelerator(id));
  };
  CHECK(stands_for("h100-80-sxm") == "h100-80-sxm");
  CHECK(stands_for("h20-96-sxm") == "h200-141-sxm");
  CHECK(stands_for("b300-288-sxm") == "b200-180-sxm");
  CHECK(stands_for("rtx-5090") == "rtx-pro-6000-bw-server");
  CHECK(stands_for("rtx-4090") == "l40s");
  CHECK(stands_for("a800-80-sxm") == "a100-80-sxm");
  CHECK(stands_for("mi300x").empty());
  Accelerator custom = preset_accelerator("h100-80-sxm");
  custom.id.clear();
  custom.architecture.clear();
  CHECK(calibrations.set().stands_for(custom).empty());
}

TEST_CASE("the source of a kernel's time is named") {
  const Kernel gemm = GemmCall{4096, 4096, 4096};
  const auto source = [&](const std::string& id, EngineFamily family) {
    const Accelerator accelerator = preset_accelerator(id);
    return time_of(gemm, calibrated_model(accelerator, {family, 0, 0})).source;
  };
  CHECK(source("h100-80-sxm", EngineFamily::kVllm) == Source::kMeasured);
  CHECK(source("h100-80-sxm", EngineFamily::kGeneric) == Source::kMeasured);
  CHECK(source("h100-80-sxm", EngineFamily::kLlamaCpp) == Source::kTransferred);
  CHECK(source("h800-80-sxm", EngineFamily::kVllm) == Source::kTransferred);
  CHECK(source("mi300x", EngineFamily::kVllm) == Source::kGeneric);
}

TEST_CASE("what an engine adds to its kernels") {
  EngineProfile p;
  p.step_s = 1e-3;
  p.sequence_s = 1e-5;
  p.layer_s = 1e-5;
  p.decode = 1.5;
  p.decode_launch_s = 1e-3;
  // 10 layers: launches take 10 ms; kernels 1.5 · 2 ms + 0.1 ms are shorter, so launches bind.
  CHECK(added_s(p, {10, 4, true}, 2e-3) == Approx(1e-3 + 4e-5 + 10e-3 - 2e-3));
  // Kernels of 20 ms hide them: 30 ms + 0.1 ms
  // A step with prompts costs each of its sequences more: 4 · 50 us.
  p.prefill_sequence_s = 50e-6;
  CHECK(added_s(p, {10, 4, true}, 2e-3) == Approx(1e-3 + 4e-5 + 10e-3 - 2e-3));
  EngineProfile prompts = p;
  prompts.prefill_launch_s = p.decode_launch_s;
  prompts.prefill = p.decode;
  CHECK(added_s(prompts, {10, 4, false}, 2e-3) == Approx(added_s(p, {10, 4, true}, 2e-3) + 2e-4));
  CHECK(added_s(p, {10, 4, true}, 20e-3) == Approx(1e-3 + 4e-5 + 30.1e-3 - 20e-3));
  // Of 10 layers 8 route tokens, 30 us each, and share their experts, 100 us each.
  p.routed_layer_s = 30e-6;
  p.shared_layer_s = 100e-6;
  const StepShape routed = {10, 4, true, ModelClass::kRouted, 8, 0};
  const StepShape shared = {10, 4, true, ModelClass::kRouted, 8, 8};
  const double dense_s = added_s(p, {10, 4, true}, 20e-3);
  CHECK(added_s(p, routed, 20e-3) == Approx(dense_s + 2.4e-4));
  CHECK(added_s(p, shared, 20e-3) == Approx(dense_s + 10.4e-4));
}
