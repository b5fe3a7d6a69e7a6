#include "serving/engine_limits.h"

namespace tokencast {
namespace {

constexpr double kGiB = 1024.0 * 1024 * 1024;

bool is_a100(const Accelerator& accelerator) {
  return accelerator.name.find("A100") != std::string::npos;
}

EngineLimits vllm(const Engine& engine, EngineUse use, const Accelerator& accelerator) {
  EngineLimits limits;
  if (!engine.at_least(0, 8)) {
    // V0: max_num_seqs 256, prompts before decoding; max_num_batched_tokens is the larger of 2048
    // and the model's length without chunked prefill (vLLM 0.6 docs, Engine Arguments, Performance
    // and Tuning), of which common models have 4096 to 32768.
    limits.step_tokens = 8192;
    limits.prefill = PrefillPolicy::kFirst;
    limits.chunks = false;
    return limits;
  }
  // V1 always chunks and mixes (vLLM docs, Optimization and Tuning). Defaults by memory: 70 GiB and
  // more but not A100 1024 sequences, 16384 tokens offline and 8192 in the server; others 256,
  // 8192 and 2048 (vLLM 0.11, engine/arg_utils.py, get_batch_defaults).
  const bool large = accelerator.memory_bytes >= 70 * kGiB && !is_a100(accelerator);
  limits.max_sequences = large ? 1024 : 256;
  const std::int64_t server = large ? 8192 : 2048;
  const std::int64_t offline = large ? 16384 : 8192;
  limits.step_tokens = use == EngineUse::kServer ? server : offline;
  return limits;
}

EngineLimits sglang(const Accelerator& accelerator) {
  EngineLimits limits;
  // chunked_prefill_size by memory: below 35 GB 2048, below 160 GB 8192, else 16384; a chunk runs
  // alone unless --enable-mixed-chunk is given (SGLang 0.5, server_args.py).
  const double memory = accelerator.memory_bytes / kGiB;
  limits.step_tokens = memory < 35 ? 2048 : memory < 160 ? 8192 : 16384;
  limits.prefill = PrefillPolicy::kFirst;
  // No limit but the KV cache's, and 4096 (SGLang 0.5, model_runner.py, init_memory_pool).
  limits.max_sequences = 4096;
  return limits;
}

EngineLimits tensorrt_llm(const Engine& engine, EngineUse use) {
  EngineLimits limits;
  // Offline: trtllm-bench builds for 4096 sequences and 8192 tokens (its log in TensorRT-LLM's
  // perf-benchmarking.md, 0.12 to 0.17); server: trtllm-serve has 2048 and 8192 from 0.13 on,
  // before that trtllm-build had 256 (release notes).
  limits.max_sequences = use == EngineUse::kOffline ? 4096 : engine.at_least(0, 13) ? 2048 : 256;
  limits.step_tokens = 8192;
  // Context and generation requests share a step; prompts are whole unless chunked context is on
  // (TensorRT-LLM docs, In-flight batching).
  limits.chunks = false;
  // GUARANTEED_NO_EVICT is the default (TensorRT-LLM docs, Useful runtime flags).
  limits.reserves_output = true;
  return limits;
}

EngineLimits defaults(const Engine& engine, EngineUse use, const Accelerator& accelerator) {
  EngineLimits limits;
  switch (engine.family) {
    case EngineFamily::kVllm:
      return vllm(engine, use, accelerator);
    case EngineFamily::kSglang:
      return sglang(accelerator);
    case EngineFamily::kTensorRtLlm:
      return tensorrt_llm(engine, use);
    case EngineFamily::kTgi:
      // max-batch-prefill-tokens 4096 by default, prompts before decoding (TGI 2.x docs, launcher
      // arguments); sequences are limited by memory alone.
      limits.max_sequences = 4096;
      limits.step_tokens = 4096;
      limits.prefill = PrefillPolicy::kFirst;
      limits.chunks = false;
      limits.reserves_output = true;
      return limits;
    case EngineFamily::kLmdeploy:
      // max_batch_size 128 before 0.6, 256 after it; max_prefill_token_num 8192
      // (LMDeploy docs, TurboMind config).
      limits.max_sequences = engine.at_least(0, 6) ? 256 : 128;
      return limits;
    case EngineFamily::kMindie:
      // maxBatchSize 200, maxPrefillTokens 8192, prompts before decoding (MindIE Service 2.x docs,
      // ScheduleConfig).
      limits.max_sequences = 200;
      limits.prefill = PrefillPolicy::kFirst;
      limits.chunks = false;
      return limits;
    case EngineFamily::kLlamaCpp:
      // Batches of 2048 tokens (llama.cpp, llama-server --batch-size); slots are set by the user.
      limits.step_tokens = 2048;
      limits.reserves_output = true;
      return limits;
    case EngineFamily::kTransformers:
    case EngineFamily::kExllama:
    case EngineFamily::kMlc:
      // generate() and its like take the batch that they are given.
      limits.max_sequences = 4096;
      limits.step_tokens = 1 << 20;
      limits.prefill = PrefillPolicy::kFirst;
      limits.reserves_output = true;
      return limits;
    case EngineFamily::kDeepspeed:
      // Dynamic SplitFuse: mixed steps of 2048 tokens (DeepSpeed-FastGen, arXiv 2401.08671).
      limits.step_tokens = 2048;
      return limits;
    case EngineFamily::kGeneric:
      break;
  }
  return limits;
}

}  // namespace

EngineLimits engine_limits(const Engine& engine, EngineUse use, const Accelerator& accelerator) {
  EngineLimits limits = defaults(engine, use, accelerator);
  limits.engine = engine;
  return limits;
}

}  // namespace tokencast
