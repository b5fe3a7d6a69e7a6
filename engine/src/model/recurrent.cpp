#include "model/recurrent.h"

namespace tokencast {
namespace {

constexpr Component kPart = Component::kRecurrent;

/// Of a state of rows × columns, per token and head: decay, the two products of a delta rule with
/// the key (what the state predicts, and its correction), and reading with the query.
double delta_rule_flops(std::int64_t rows, std::int64_t columns) {
  constexpr double kPasses = 1 + 2 + 2 + 2;
  return kPasses * static_cast<double>(rows) * static_cast<double>(columns);
}

/// Decay, the outer product that is added, and reading.
double linear_state_flops(std::int64_t rows, std::int64_t columns) {
  constexpr double kPasses = 1 + 2 + 2;
  return kPasses * static_cast<double>(rows) * static_cast<double>(columns);
}

double convolution_flops(std::int64_t channels, std::int64_t kernel) {
  return 2 * static_cast<double>(channels) * static_cast<double>(kernel);
}

}  // namespace

RecurrentMixer make_mixer(const GatedDeltaNet& net, std::int64_t hidden) {
  const std::int64_t keys = net.key_heads * net.key_dim;
  const std::int64_t values = net.value_heads * net.value_dim;
  const std::int64_t channels = 2 * keys + values;
  RecurrentMixer mixer;
  mixer.kind = RecurrentKind::kGatedDeltaNet;
  mixer.linears = {{"in_proj_qkv", kPart, hidden, channels},
                   {"in_proj_z", kPart, hidden, values},
                   {"in_proj_b", kPart, hidden, net.value_heads},
                   {"in_proj_a", kPart, hidden, net.value_heads},
                   {"out_proj", kPart, values, hidden}};
  mixer.vector_elements = channels * net.kernel + 2 * net.value_heads;  // conv1d, A_log, dt_bias
  mixer.norm_elements = net.value_dim;
  mixer.heads = net.key_heads;
  mixer.conv_state = channels * (net.kernel - 1);
  mixer.recurrent_state = net.value_heads * net.key_dim * net.value_dim;
  mixer.flops_per_token =
      convolution_flops(channels, net.kernel) +
      static_cast<double>(net.value_heads) * delta_rule_flops(net.key_dim, net.value_dim);
  return mixer;
}

RecurrentMixer make_mixer(const KimiDelta& delta, std::int64_t hidden) {
  const std::int64_t width = delta.heads * delta.head_dim;
  RecurrentMixer mixer;
  mixer.kind = RecurrentKind::kKimiDelta;
  mixer.linears = {{"q_proj", kPart, hidden, width},
                   {"k_proj", kPart, hidden, width},
                   {"v_proj", kPart, hidden, width},
                   {"b_proj", kPart, hidden, delta.heads},
                   {"o_proj", kPart, width, hidden}};
  const auto add_gate = [&](bool low_rank, std::string_view down, std::string_view up,
                            std::string_view full) {
    if (low_rank) {
      mixer.linears.push_back({down, kPart, hidden, delta.head_dim, Sharding::kReplicated});
      mixer.linears.push_back({up, kPart, delta.head_dim, width});
    } else {
      mixer.linears.push_back({full, kPart, hidden, width});
    }
  };
  add_gate(delta.low_rank_forget_gate, "f_a_proj", "f_b_proj", "f_proj");
  add_gate(delta.low_rank_output_gate, "g_a_proj", "g_b_proj", "g_proj");
  const std::int64_t decays = delta.decay_elements > 0 ? delta.decay_elements : delta.heads;
  mixer.vector_elements =
      3 * width * delta.kernel + decays + width;  // convolutions, A_log, dt_bias
  mixer.norm_elements = delta.head_dim;
  mixer.heads = delta.heads;
  mixer.conv_state = 3 * width * (delta.kernel - 1);
  mixer.recurrent_state = width * delta.head_dim;
  mixer.flops_per_token =
      convolution_flops(3 * width, delta.kernel) +
      static_cast<double>(delta.heads) * delta_rule_flops(delta.head_dim, delta.head_dim);
  return mixer;
}

RecurrentMixer make_mixer(const Lightning& lightning, std::int64_t hidden) {
  const std::int64_t width = lightning.heads * lightning.head_dim;
  const std::int64_t kv_width = lightning.kv_heads * lightning.head_dim;
  RecurrentMixer mixer;
  mixer.kind = RecurrentKind::kLightning;
  mixer.linears = {{"qkv_proj", kPart, hidden, width + 2 * kv_width},
                   {"output_gate", kPart, hidden, width},
                   {"out_proj", kPart, width, hidden}};
  mixer.norm_elements = (lightning.output_norm > 0 ? lightning.output_norm : width) +
                        (lightning.qk_norm ? 2 * lightning.head_dim : 0);
  mixer.heads = lightning.heads;
  mixer.recurrent_state = width * lightning.head_dim;
  mixer.flops_per_token = static_cast<double>(lightning.heads) *
                          linear_state_flops(lightning.head_dim, lightning.head_dim);
  return mixer;
}

RecurrentMixer make_mixer(const Mamba1& mamba, std::int64_t hidden) {
  RecurrentMixer mixer;
  mixer.kind = RecurrentKind::kMamba1;
  mixer.linears = {
      {"in_proj", kPart, hidden, 2 * mamba.inner, Sharding::kSplit, mamba.projection_bias},
      {"x_proj", kPart, mamba.inner, mamba.dt_rank + 2 * mamba.state},
      {"dt_proj", kPart, mamba.dt_rank, mamba.inner, Sharding::kSplit, true},
      {"out_proj", kPart, mamba.inner, hidden, Sharding::kSplit, mamba.projection_bias}};
  // conv1d, A_log and D
  mixer.vector_elements =
      mamba.inner * (mamba.kernel + (mamba.conv_bias ? 1 : 0) + mamba.state + 1);
  mixer.norm_elements = mamba.inner_norms ? mamba.dt_rank + 2 * mamba.state : 0;
  mixer.heads = mamba.inner;
  mixer.conv_state = mamba.inner * (mamba.kernel - 1);
  mixer.recurrent_state = mamba.inner * mamba.state;
  // Discretisation, decay, input and reading of each state, and the skip.
  constexpr double kPasses = 9;
  mixer.flops_per_token =
      convolution_flops(mamba.inner, mamba.kernel) +
      kPasses * static_cast<double>(mamba.inner) * static_cast<double>(mamba.state);
  return mixer;
}

RecurrentMixer make_mixer(const Mamba2& mamba, std::int64_t hidden) {
  const std::int64_t inner = mamba.heads * mamba.head_dim;
  const std::int64_t channels = inner + 2 * mamba.groups * mamba.state;
  RecurrentMixer mixer;
  mixer.kind = RecurrentKind::kMamba2;
  mixer.linears = {{"in_proj", kPart, hidden, inner + channels + mamba.heads, Sharding::kSplit,
                    mamba.projection_bias},
                   {"out_proj", kPart, inner, hidden, Sharding::kSplit, mamba.projection_bias}};
  // conv1d; A_log, D and dt_bias
  mixer.vector_elements = channels * (mamba.kernel + (mamba.conv_bias ? 1 : 0)) + 3 * mamba.heads;
  mixer.norm_elements = mamba.gated_norm ? inner : 0;
  mixer.heads = mamba.heads;
  mixer.conv_state = channels * (mamba.kernel - 1);
  mixer.recurrent_state = inner * mamba.state;
  mixer.flops_per_token =
      convolution_flops(channels, mamba.kernel) +
      static_cast<double>(mamba.heads) * linear_state_flops(mamba.head_dim, mamba.state);
  return mixer;
}

RecurrentMixer make_mixer(const ShortConvolution& convolution, std::int64_t hidden) {
  RecurrentMixer mixer;
  mixer.kind = RecurrentKind::kShortConvolution;
  mixer.linears = {
      {"in_proj", kPart, hidden, 3 * convolution.width, Sharding::kSplit, convolution.bias},
      {"out_proj", kPart, convolution.width, hidden, Sharding::kSplit, convolution.bias}};
  mixer.vector_elements = convolution.width * (convolution.kernel + (convolution.bias ? 1 : 0));
  mixer.heads = convolution.width;
  mixer.conv_state = convolution.width * (convolution.kernel - 1);
  // The convolution and the two gates around it.
  mixer.flops_per_token = convolution_flops(convolution.width, convolution.kernel) +
                          2 * static_cast<double>(convolution.width);
  return mixer;
}

}  // namespace tokencast
