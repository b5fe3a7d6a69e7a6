// Models of images or sound around a language model of another family, which a section of their
// config names.
#include "model/families/families.h"
#include "model/towers.h"

namespace tokencast {

const Family kMistral3 = {"mistral3",        "Mistral3ForConditionalGeneration", "", "{}", nullptr,
                          read_pixtral_tower};
const Family kVoxtral = {"voxtral",         "VoxtralForConditionalGeneration", "", "{}", nullptr,
                         read_voxtral_tower};
const Family kInternVl = {"internvl_chat", "InternVLChatModel InternVLForConditionalGeneration",
                          "internvl",      "{}",
                          nullptr,         read_intern_vit};
// Its language model stands at the top in the original form.
const Family kLlava = {"llava", "LlavaLlamaForCausalLM LlavaMistralForCausalLM", "llava_llama",
                       "{}", read_llama};
const Family kLlavaQwen = {"llava_qwen", "LlavaQwenForCausalLM", "llava_qwen2", "{}", read_qwen2};
const Family kLlavaHf = {"llava_hf",
                         "LlavaForConditionalGeneration LlavaNextForConditionalGeneration "
                         "LlavaOnevisionForConditionalGeneration "
                         "LlavaNextVideoForConditionalGeneration VipLlavaForConditionalGeneration",
                         "llava_next llava_onevision llava_next_video vipllava", "{}", nullptr};
const Family kIdefics = {"idefics3",
                         "Idefics3ForConditionalGeneration Idefics2ForConditionalGeneration "
                         "SmolVLMForConditionalGeneration",
                         "idefics2 smolvlm",
                         "{}",
                         nullptr,
                         read_idefics3_tower};
const Family kOvis = {"ovis", "Ovis Ovis2_5 Ovis2ForConditionalGeneration", "ovis2_5 ovis2", "{}",
                      nullptr};
const Family kQwen2Audio = {
    "qwen2_audio", "Qwen2AudioForConditionalGeneration", "", "{}", nullptr, read_qwen2_audio_tower};
const Family kUltravox = {"ultravox", "UltravoxModel", "", "{}", nullptr};

}  // namespace tokencast
