#include "profile_values.h"

namespace tokencast::calibrate {

const std::vector<Bounds>& profile_bounds() {
  static const std::vector<Bounds> bounds = {
      {1e-5, 5e-2},  // step_s
      {1e-7, 1e-4},  // sequence_s: of Python, some hundred calls
      {1e-7, 5e-4},  // layer_s
      {1e-6, 3e-2},  // decode_launch_s
      {1e-6, 5e-4},  // prefill_launch_s: some 20 kernels of a layer, from Python
      {0.05, 1.5},   // graph
      {1.0, 8.0},    // decode
      {1.0, 16.0},   // prefill: of int8 kernels in llama.cpp, which keep units waiting
      {0.5, 6.0},    // experts
      {0.5, 6.0},    // decode_experts
      {1e-5, 2e-2},  // request_s: the least TTFT measured, of short prompts, is below twice that
      {1e-7, 1e-3},  // prefill_sequence_s
      {1e-7, 2e-4},  // routed_layer_s: some ten small kernels at most
      {1e-7, 5e-4},  // shared_layer_s
  };
  return bounds;
}

std::vector<double> values_of(const EngineProfile& p) {
  return {p.step_s,           p.sequence_s,     p.layer_s,   p.decode_launch_s,
          p.prefill_launch_s, p.graph,          p.decode,    p.prefill,
          p.experts,          p.decode_experts, p.request_s, p.prefill_sequence_s,
          p.routed_layer_s,   p.shared_layer_s};
}

void set_values(EngineProfile& p, const std::vector<double>& values) {
  p.step_s = values[0];
  p.sequence_s = values[1];
  p.layer_s = values[2];
  p.decode_launch_s = values[3];
  p.prefill_launch_s = values[4];
  p.graph = values[5];
  p.decode = values[6];
  p.prefill = values[7];
  p.experts = values[8];
  p.decode_experts = values[9];
  p.request_s = values[10];
  p.prefill_sequence_s = values[11];
  p.routed_layer_s = values[12];
  p.shared_layer_s = values[13];
}

EngineProfile start_profile(const ProfileGroup& group) {
  EngineProfile p;
  set_values(p, {1e-3, 2e-5, 1e-5, 2e-5, 3e-4, 0.7, 1.1, 1.1, 1.2, 1.1, 1e-2, 5e-6, 1e-5, 2e-5});
  // Prompts in kernels that take weights apart as they go, beside those of 16 bit.
  if (group.engine == "llama.cpp") p.prefill = 2;
  if (group.dense_experts) p.routed_layer_s = 0;  // one kernel sorts tokens and multiplies
  // Eager: each kernel of a layer is launched from Python.
  if (group.engine == "transformers") p.decode_launch_s = p.prefill_launch_s = 6e-4;
  return p;
}

}  // namespace tokencast::calibrate
