#include "memory/allocation.h"

#include <algorithm>

namespace tokencast {
namespace {

constexpr double kMiB = 1024.0 * 1024;
constexpr double kGiB = 1024 * kMiB;

bool has_latent_attention(const Architecture& architecture) {
  for (const LayerGroup& group : architecture.layers) {
    for (const Mixer& mixer : group.layer.mixers) {
      if (std::holds_alternative<LatentAttention>(mixer)) return true;
    }
  }
  return false;
}

void set_vllm(const Engine& engine, const Architecture& architecture, Allocation& allocation) {
  allocation.policy = PoolPolicy::kShareOfAll;
  // Interleaved windows: all layers alike before the hybrid KV cache manager (vLLM 0.10 release
  // notes; docs, Hybrid KV Cache Manager).
  allocation.windows = engine.at_least(0, 10) ? WindowPolicy::kGroups : WindowPolicy::kIgnored;
  // block_size 16 on CUDA (vLLM docs, Engine Arguments); FlashMLA takes 64 (platforms/cuda.py).
  allocation.block_tokens = has_latent_attention(architecture) ? 64 : 16;
  // The profile run samples max_num_seqs sequences with top-k and top-p: logits in 16 bit and in
  // fp32, sorted values and indices, probabilities and their sums. Published start-up logs of eight
  // models of three vocabularies on an H100 with 1024 sequences (llm-d-benchmark, config_explorer,
  // empirical-vllm-memory-results.md: peaks of 4.76 GiB for Llama-3.1-8B, 5.56 for Qwen3-0.6B, 7.38
  // for gpt-oss) are 38 bytes for each logit, the hidden states and a workspace.
  allocation.bytes_per_logit = 38;
  allocation.workspace_bytes = 32 * kMiB;  // cuBLAS on Hopper (cuBLAS docs, cublasSetWorkspace)
  // The same logs: 0.13 GiB of non-torch memory on one rank, 0.55 on two, where NCCL and custom
  // all-reduce have buffers. The context's own memory is not counted: it is in use before.
  allocation.runtime_bytes = 0.13 * kGiB;
  allocation.communication_bytes = 0.42 * kGiB;
  // Graphs are captured beside memory fraction · memory before 0.21, and count since (vLLM pull
  // request 30515, log of 0.27: "default since v0.21.0"); 0.36 to 1.03 GiB in published logs.
  if (engine.at_least(0, 21)) allocation.graph_bytes = 0.5 * kGiB;
}

void set_sglang(const Accelerator& accelerator, std::int64_t tp, Allocation& allocation) {
  allocation.policy = PoolPolicy::kShareStatic;
  allocation.windows = WindowPolicy::kShare;
  allocation.block_tokens = 1;  // page_size (SGLang docs, Server Arguments)
  // mem_fraction_static is what a rule of thumb leaves: 512 MB, 1.5 MB for each token of a chunk, 2
  // MB for each sequence of the largest graph, 1 GB for 8 ranks; 10 GB at least above 60 GB (SGLang
  // 0.5, server_args.py, pull request 10975). Graphs up to 256 sequences, 512 from four ranks on;
  // 24 on small cards.
  const double memory = accelerator.usable_memory_bytes / kMiB;
  const double graph_sequences = memory < 35 * 1024 ? 24 : tp < 4 ? 256 : 512;
  allocation.runtime_bytes = 512 * kMiB;
  allocation.graph_bytes = graph_sequences * 2 * kMiB;
  allocation.communication_bytes = static_cast<double>(tp) / 8 * kGiB;
  double reserved = 512 + 1.5 * static_cast<double>(allocation.max_batched_tokens) +
                    2 * graph_sequences + static_cast<double>(tp) / 8 * 1024;
  if (memory > 60 * 1024) reserved = std::max(reserved, 10.0 * 1024);
  allocation.memory_fraction = std::max(0.1, (memory - reserved) / memory);
}

}  // namespace

Allocation default_allocation(const Engine& engine, const Architecture& architecture,
                              const Accelerator& accelerator, std::int64_t tp,
                              const StepLimits& limits) {
  Allocation allocation;
  allocation.max_sequences = limits.sequences;
  allocation.max_batched_tokens = limits.tokens;
  // Contexts, libraries and buffers of engines that do not publish them: vLLM logs 0.3 to 1.5 GiB
  // with graphs; the middle of it.
  allocation.runtime_bytes = kGiB;
  switch (engine.family) {
    case EngineFamily::kVllm:
      set_vllm(engine, architecture, allocation);
      break;
    case EngineFamily::kSglang:
      set_sglang(accelerator, tp, allocation);
      break;
    case EngineFamily::kTensorRtLlm:
      // 90 % of what is free after loading and a trial run; blocks of 32 tokens (TensorRT-LLM docs,
      // KvCacheConfig: free_gpu_memory_fraction, tokens_per_block).
      allocation.policy = PoolPolicy::kShareOfFree;
      allocation.block_tokens = 32;
      break;
    case EngineFamily::kLmdeploy:
      // 80 % of what is free, in blocks of 64 tokens (LMDeploy docs, TurboMind config:
      // cache_max_entry_count, cache_block_seq_len).
      allocation.policy = PoolPolicy::kShareOfFree;
      allocation.windows = WindowPolicy::kIgnored;
      allocation.memory_fraction = 0.8;
      allocation.block_tokens = 64;
      break;
    case EngineFamily::kLlamaCpp:
      // No share: it takes what --ctx-size needs, padded to 256 cells. Compute buffers hold one
      // physical batch of 512 tokens and all of its logits (llama.cpp, llama-context.cpp;
      // --ubatch-size; 258.5 MiB for Llama-3's vocabulary in its logs).
      allocation.memory_fraction = 1;
      allocation.block_tokens = 256;
      allocation.max_batched_tokens = 512;
      allocation.logits_of_all_tokens = true;
      allocation.towers = false;  // a file of its own, which only some load
      // Layers beyond --gpu-layers, and a cache with --no-kv-offload, are the processor's.
      allocation.offloads = false;
      break;
    case EngineFamily::kTransformers:
    case EngineFamily::kExllama:
    case EngineFamily::kMlc:
      // Caches grow with the sequences, and nothing is set aside.
      allocation.memory_fraction = 1;
      allocation.block_tokens = 1;
      break;
    case EngineFamily::kMindie:
      allocation.block_tokens = 128;  // cacheBlockSize (MindIE Service docs, ScheduleConfig)
      break;
    case EngineFamily::kTgi:
    case EngineFamily::kDeepspeed:
    case EngineFamily::kGeneric:
      break;
  }
  return allocation;
}

}  // namespace tokencast
