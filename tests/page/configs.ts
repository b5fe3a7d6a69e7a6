/** Configs that no model has, with numbers that can be followed by hand. */

/**
 * Sizes smaller than Qwen3.5's, in its form: 6 layers of Gated DeltaNet and 2 of attention, experts in all 8, a
 * layer for multi-token prediction and an encoder of images.
 *
 *   embedding, lm_head      50000 · 1024                      51,200,000
 *   experts                 8 · 32 · 3 · 1024 · 256          201,326,592
 *   KV cache of a token     2 · 2 · 2 · 128 · 2 bytes              2,048 bytes
 *   state of a sequence     6 · (1024 · 3 · 2 bytes + 8 · 64 · 64 · 4 bytes)   823,296 bytes
 */
export const hybrid = {
  architectures: ['Qwen3_5MoeForConditionalGeneration'],
  model_type: 'qwen3_5_moe',
  tie_word_embeddings: false,
  text_config: {
    model_type: 'qwen3_5_moe_text',
    dtype: 'bfloat16',
    hidden_size: 1024,
    num_hidden_layers: 8,
    full_attention_interval: 4,
    num_attention_heads: 8,
    num_key_value_heads: 2,
    head_dim: 128,
    linear_num_key_heads: 4,
    linear_num_value_heads: 8,
    linear_key_head_dim: 64,
    linear_value_head_dim: 64,
    linear_conv_kernel_dim: 4,
    mamba_ssm_dtype: 'float32',
    num_experts: 32,
    num_experts_per_tok: 4,
    moe_intermediate_size: 256,
    shared_expert_intermediate_size: 256,
    mtp_num_hidden_layers: 1,
    vocab_size: 50000,
    max_position_embeddings: 65536,
  },
  vision_config: {
    depth: 2,
    hidden_size: 256,
    intermediate_size: 512,
    num_heads: 4,
    patch_size: 16,
    temporal_patch_size: 2,
    spatial_merge_size: 2,
    in_channels: 3,
    out_hidden_size: 1024,
    num_position_embeddings: 256,
    deepstack_visual_indexes: [],
  },
};

/**
 * Sliding windows in 10 of 12 layers, and a tied head: in the form of Gemma's.
 *
 *   KV cache of a token     12 · 2 · 2 · 128 · 2 bytes            12,288 bytes, 2,048 of them in full layers
 *   of the windows          10 · 2 · 2 · 128 · 2 bytes · 512       5,242,880 bytes
 */
export const windowed = {
  architectures: ['Gemma3ForCausalLM'],
  model_type: 'gemma3_text',
  torch_dtype: 'bfloat16',
  hidden_size: 1024,
  intermediate_size: 4096,
  num_hidden_layers: 12,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  head_dim: 128,
  sliding_window: 512,
  sliding_window_pattern: 6,
  vocab_size: 50000,
  max_position_embeddings: 32768,
};
