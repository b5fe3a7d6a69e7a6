// Figures that tables of accelerators get wrong, each with its arithmetic; and that every
// accelerator computes every format in something.
#include <cmath>

#include "catch.h"
#include "cost/compute_dtype.h"
#include "models.h"
#include "serving/static_batch.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

constexpr double kGiB = 1024.0 * 1024 * 1024;

struct PeakCase {
  const char* id;
  DType dtype;
  double expected;  ///< FLOP/s; 0: no such units
  const char* why;
};

struct FigureCase {
  const char* id;
  double expected;
  const char* why;
};

struct FallbackCase {
  const char* id;
  DType checkpoint;
  const char* weights;
  DType linear;
  const char* lacking;  ///< what the first note says that the accelerator has no units for
};

ComputeDTypes compute_of(const std::string& id, DType checkpoint, const std::string& weights) {
  const Architecture architecture = architecture_of(kQwen25_32B);
  return choose_compute_dtypes(checkpoint, requested_formats(architecture, weights).linear,
                               preset_accelerator(id));
}

}  // namespace

TEST_CASE("peaks are dense, and with fp32 accumulation") {
  const std::vector<PeakCase> cases = {
      // Product pages print them with sparsity.
      {"h100-80-sxm", DType::kBf16, 1979e12 / 2, "1979 with sparsity"},
      {"h100-80-sxm", DType::kFp8, 3958e12 / 2, "3958 with sparsity"},
      {"h200-141-sxm", DType::kBf16, 1979e12 / 2, "1979 with sparsity"},
      {"h100-80-pcie", DType::kFp16, 1513e12 / 2, "1513 with sparsity"},
      {"h100-94-nvl", DType::kFp8, 3341e12 / 2, "3341 with sparsity"},
      {"gh200-96", DType::kBf16, 1979e12 / 2, "GenZ lists 1979"},
      {"b100-192-sxm", DType::kBf16, 3500e12 / 2, "GenZ lists 3500"},
      {"b200-180-sxm", DType::kFp4, 18000e12 / 2, "18 PFLOPS with sparsity"},
      {"gb200-186", DType::kBf16, 5000e12 / 2, "GenZ lists 4500; a superchip has two GPUs"},
      {"l40s", DType::kBf16, 362.05e12, "733 with sparsity"},
      {"l40s", DType::kFp8, 1466e12 / 2, "BLIS lists 1466"},
      {"l40", DType::kBf16, 362.1e12 / 2, "362 with sparsity, unlike the L40S"},
      {"l4", DType::kFp16, 242e12 / 2, "242 with sparsity"},
      {"rtx-6000-ada", DType::kBf16, 364.2e12, "Karim lists 182, its tf32"},
      {"rtx-a6000", DType::kFp16, 309.6e12 / 2, "ollama-gpu-calculator lists 77.4, its tf32"},
      {"jetson-agx-orin-64", DType::kInt8, 170e12 / 2, "275 TOPS: 170 + 105, both with sparsity"},
      {"jetson-agx-thor-128", DType::kFp4, 2070e12 / 2, "2070 with sparsity"},
      {"dgx-spark-gb10", DType::kFp4, 1000e12 / 2, "1 PFLOPS with sparsity"},
      {"mi300x", DType::kBf16, 2614.8e12 / 2, "2614.9 with sparsity"},
      {"mi355x", DType::kFp8, 10066.4e12 / 2, "10.1 PFLOPS of fp8 is with sparsity"},
      {"mi355x", DType::kFp4, 10066e12, "of fp4 it is dense"},
      // GeForce: units x FLOPs per unit and clock x clock, at half rate with fp32 accumulation.
      {"rtx-4090", DType::kFp16, 128 * 512 * 2.52e9, "330.3 with fp16 accumulation"},
      {"rtx-4090", DType::kFp8, 128 * 1024 * 2.52e9, "660.6 with fp16 accumulation"},
      {"rtx-5090", DType::kFp16, 838e12 / 4, "838: fp16 accumulation and sparsity"},
      {"rtx-3090", DType::kFp16, 142e12 / 2, "142 with fp16 accumulation"},
      {"rtx-3060-12", DType::kFp16, 28 * 512 * 1.777e9, "51 with fp16 accumulation"},
      {"rtx-4090d", DType::kFp16, 114 * 512 * 2.52e9, "114 of 128 SMs"},
      // Not always one rate for both 16 bit formats.
      {"ascend-910b3", DType::kFp16, 313e12, "faster than bf16"},
      {"ascend-910b3", DType::kBf16, 294.9e12, "slower than fp16"},
      {"ascend-910c-die", DType::kBf16, 353.9e12, "slower than fp16's 376"},
      {"gaudi3", DType::kBf16, 1835e12 * 1.6 / 1.75, "the white paper's clock is 1.75 GHz"},
      {"gaudi3", DType::kFp16, 459e12, "a quarter of bf16"},
      // Units that were cut, or never were.
      {"b300-288-sxm", DType::kInt8, 307e12 / 2, "ml-engineering lists 4500"},
      {"gb300-288", DType::kInt8, 330e12 / 2, "ml-engineering lists 5000"},
      {"mi210", DType::kInt8, 181e12, "llm-analysis lists 362"},
      {"h100-80-sxm", DType::kInt4, 0, "llm-analysis lists 3958: Hopper has none"},
      {"h100-80-sxm", DType::kFp4, 0, "from Blackwell on"},
      {"a100-80-sxm", DType::kFp8, 0, "ml-engineering lists 624, its int8"},
      {"t4", DType::kBf16, 0, "from Ampere on"},
      {"v100-32-sxm2", DType::kBf16, 0, "from Ampere on"},
      {"p40", DType::kFp16, 0, "a 64th of fp32: models run in fp32"},
      {"ascend-910a", DType::kBf16, 0, "from the 910B on"},
      {"m1-max", DType::kBf16, 0, "emulated"},
      {"arc-pro-b60-24", DType::kFp8, 0, "falls back to bf16"},
  };
  for (const PeakCase& c : cases) {
    CAPTURE(c.id, name_of(c.dtype), c.why);
    CHECK(preset_accelerator(c.id).peak(c.dtype) == Approx(c.expected).epsilon(0.002));
  }
}

TEST_CASE("links are in one direction, summed over peers") {
  const std::vector<FigureCase> cases = {
      {"a100-80-sxm", 600e9 / 2, "NVLink 3: 600 bidirectional"},
      {"a800-80-sxm", 400e9 / 2, "cut for export"},
      {"h100-80-sxm", 900e9 / 2, "NVLink 4: 900 bidirectional"},
      {"h800-80-sxm", 400e9 / 2, "cut for export"},
      {"b200-180-sxm", 1800e9 / 2, "NVLink 5: 1800 bidirectional"},
      {"gb300-288", 1800e9 / 2, "NVLink 5: 1800 bidirectional"},
      {"h100-94-nvl", 600e9 / 2, "a bridge of 600 bidirectional"},
      {"mi300x", 7 * 64e9, "128 bidirectional to each of 7 peers"},
      {"mi355x", 7 * 76.5e9, "153 bidirectional to each of 7 peers"},
      {"gaudi2", 21 * 100e9 / 8, "21 of 24 ports of 100 Gbit/s"},
      {"gaudi3", 21 * 200e9 / 8, "21 of 24 ports of 200 Gbit/s"},
      {"ascend-910b3", 7 * 28e9, "28 to each of 7 peers"},
      {"tpu-v5e", 400e9 / 2, "ICI: 400 bidirectional"},
      {"tpu-v5p", 4800e9 / 8, "4800 Gbit/s"},
      {"inferentia2", 192 * kGiB / 2, "192 GiB/s, in GiB"},
      {"dgx-spark-gb10", 200e9 / 8, "200 Gbit/s"},
  };
  for (const FigureCase& c : cases) {
    CAPTURE(c.id, c.why);
    CHECK(preset_accelerator(c.id).link->bandwidth_bytes_per_s == Approx(c.expected));
  }
}

TEST_CASE("a link joins as many as it joins, in the way it does") {
  struct Case {
    const char* id;
    Topology topology;
    std::int64_t domain;
  };
  const std::vector<Case> cases = {
      {"h100-80-sxm", Topology::kSwitch, 8}, {"gb200-186", Topology::kSwitch, 72},
      {"h100-94-nvl", Topology::kMesh, 2},   {"h200-141-nvl", Topology::kMesh, 4},
      {"mi300x", Topology::kMesh, 8},        {"mi300a", Topology::kMesh, 4},
      {"l40s", Topology::kPcie, 8},          {"rtx-4090", Topology::kHost, 8},
      {"rtx-5090", Topology::kHost, 8},      {"rtx-3090", Topology::kHost, 8},
  };
  for (const Case& c : cases) {
    CAPTURE(c.id);
    const Accelerator accelerator = preset_accelerator(c.id);
    CHECK(accelerator.link->topology == c.topology);
    CHECK(accelerator.link->domain_size == c.domain);
  }
  CHECK_FALSE(preset_accelerator("m4-max-40").link.has_value());
}

TEST_CASE("memory is in GiB, bandwidth in 1e9 bytes") {
  const std::vector<FigureCase> memory = {
      {"h200-141-sxm", 141 * kGiB, ""},
      {"h20-141-sxm", 141 * kGiB, ""},
      {"a10", 24 * kGiB, "llm-analysis lists 28"},
      {"v100-16-sxm2", 16 * kGiB, "llm-analysis lists 32"},
      {"m4-max-40", 128 * kGiB, "unified memory too"},
      {"trainium2", 96 * kGiB, "AWS counts in GiB: 103 GB"},
      {"inferentia2", 32 * kGiB, "AWS counts in GiB: 34.4 GB"},
  };
  for (const FigureCase& c : memory) {
    CAPTURE(c.id, c.why);
    CHECK(preset_accelerator(c.id).memory_bytes == c.expected);
  }
  const std::vector<FigureCase> bandwidth = {
      {"ascend-910b3", 1.6e12, "msmodeling has 1.6 x 2^40"},
      {"gb200-186", 16e12 / 2, "16 TB/s of a superchip; InferSim has 13.4"},
      {"h100-94-nvl", 7.876e12 / 2, "7.8 TB/s of the pair"},
      {"inferentia2", 820 * kGiB, "820 GiB/s"},
      {"arc-a770-16", 256 / 8 * 17.5e9, "256 pins at 17.5 Gbit/s"},
      {"xeon-6980p", 12 * 8.8e9 * 8, "12 channels of 8 bytes"},
  };
  for (const FigureCase& c : bandwidth) {
    CAPTURE(c.id, c.why);
    CHECK(preset_accelerator(c.id).memory_bandwidth_bytes_per_s == Approx(c.expected));
  }
}

TEST_CASE("two dies make their package") {
  std::size_t packages = 0;
  for (const auto& [id, text] : builtin_presets().accelerators) {
    const Accelerator die = preset_accelerator(id);
    if (die.part_of.empty()) continue;
    CAPTURE(id);
    const Accelerator package = preset_accelerator(die.part_of);
    const auto dies = static_cast<double>(package.dies);
    REQUIRE(package.dies == 2);
    CHECK(package.memory_bytes == dies * die.memory_bytes);
    CHECK(package.memory_bandwidth_bytes_per_s ==
          Approx(dies * die.memory_bandwidth_bytes_per_s).epsilon(0.001));
    for (const DType dtype : {DType::kFp32, DType::kFp16, DType::kBf16, DType::kInt8}) {
      CHECK(package.peak(dtype) == Approx(dies * die.peak(dtype)).epsilon(0.001));
    }
    ++packages;
  }
  CHECK(packages == 2);  // MI250X and Ascend 910C
}

TEST_CASE("what an accelerator has no units for is computed in something else, with a note") {
  const std::vector<FallbackCase> cases = {
      {"a100-80-sxm", DType::kBf16, "fp8", DType::kBf16, "fp8"},
      {"a100-80-sxm", DType::kBf16, "int8", DType::kInt8, ""},
      {"h100-80-sxm", DType::kBf16, "nvfp4", DType::kBf16, "fp4"},
      {"b200-180-sxm", DType::kBf16, "nvfp4", DType::kFp4, ""},
      {"b300-288-sxm", DType::kBf16, "int8", DType::kInt8, ""},
      {"v100-32-sxm2", DType::kBf16, "bf16", DType::kFp16, "bf16"},
      {"v100-32-sxm2", DType::kFp16, "fp16", DType::kFp16, ""},
      {"t4", DType::kBf16, "int4", DType::kFp16, "bf16"},
      {"p40", DType::kBf16, "bf16", DType::kFp32, "bf16"},
      {"p40", DType::kFp16, "fp16", DType::kFp32, "fp16"},
      {"m1", DType::kBf16, "q4_k_m", DType::kFp16, "bf16"},
      {"m4-max-40", DType::kBf16, "int8", DType::kBf16, "int8"},
      {"m5-max-40", DType::kBf16, "int8", DType::kInt8, ""},
      {"epyc-9654", DType::kFp16, "fp16", DType::kBf16, "fp16"},
      {"epyc-9654", DType::kBf16, "int8", DType::kBf16, "int8"},
      {"xeon-6980p", DType::kBf16, "int8", DType::kInt8, ""},
      {"gaudi2", DType::kFp16, "fp16", DType::kBf16, "fp16"},
      {"tpu-v5e", DType::kBf16, "fp8", DType::kBf16, "fp8"},
      {"ascend-910b3", DType::kBf16, "fp8", DType::kBf16, "fp8"},
      {"ascend-910a", DType::kBf16, "bf16", DType::kFp16, "bf16"},
      {"rtx-4090", DType::kBf16, "q4_k_m", DType::kBf16, ""},
  };
  for (const FallbackCase& c : cases) {
    CAPTURE(c.id, c.weights);
    const ComputeDTypes compute = compute_of(c.id, c.checkpoint, c.weights);
    CHECK(compute.linear == c.linear);
    REQUIRE(compute.notes.empty() == (std::string(c.lacking).empty()));
    if (compute.notes.empty()) continue;
    CHECK(compute.notes.front().code == "compute_dtype_fallback");
    CHECK(compute.notes.front().params.at(1).second == c.lacking);
  }
}

TEST_CASE("every accelerator computes every format, and takes time for it") {
  Architecture architecture = preset_architecture("qwen2.5-7b");
  for (const auto& [id, text] : builtin_presets().accelerators) {
    const Accelerator accelerator = preset_accelerator(id);
    for (const std::string& name : requestable_formats()) {
      for (const DType checkpoint : {DType::kBf16, DType::kFp16}) {
        CAPTURE(id, name, name_of(checkpoint));
        architecture.dtype = checkpoint;
        Layout layout;
        layout.weights = requested_formats(architecture, name);
        const WeightFormat& linear = layout.weights.linear;
        const ComputeDTypes compute = choose_compute_dtypes(checkpoint, linear, accelerator);
        layout.compute = compute.activations;
        layout.linear_compute = compute.linear;
        REQUIRE(accelerator.peak(compute.linear) > 0);
        REQUIRE(accelerator.peak(compute.activations) > 0);

        // A note for each format that it has no units for, and for no other.
        const bool quantized = !linear.weight_only && bits_of(linear.dtype) < 16;
        std::size_t lacking = accelerator.peak(checkpoint) > 0 ? 0 : 1;
        if (quantized && !(accelerator.peak(linear.dtype) > 0)) ++lacking;
        REQUIRE(compute.notes.size() == lacking);

        const StaticBatch batch =
            run_static_batch(architecture, layout, generic_model(accelerator), {512, 64, 1});
        for (const Quantity& time : {batch.ttft_s, *batch.tpot_s, batch.latency_s}) {
          REQUIRE(std::isfinite(time.value));
          REQUIRE(time.low > 0);
        }
        // One token cannot come faster than its weights: four bits each are 3.5 GB at least.
        REQUIRE(batch.tpot_s->value * accelerator.memory_bandwidth_bytes_per_s > 1e9);
      }
    }
  }
}
