// Every family, one file each; and what several of them read alike.
#ifndef TOKENCAST_MODEL_FAMILIES_FAMILIES_H_
#define TOKENCAST_MODEL_FAMILIES_FAMILIES_H_

#include "model/decoder.h"
#include "model/family.h"

namespace tokencast {

extern const Family kAfmoe;
extern const Family kBaichuan;
extern const Family kXverse;
extern const Family kSkywork;
extern const Family kOrion;
extern const Family kBailingMoe;
extern const Family kBailingMm;
extern const Family kBailingMoeLinear;
extern const Family kBailingHybrid;
extern const Family kBailingMoeV3;
extern const Family kBloom;
extern const Family kChatGlm;
extern const Family kCohere;
extern const Family kCohere2;
extern const Family kCohere2Vision;
extern const Family kAyaVision;
extern const Family kDbrx;
extern const Family kDeepSeek;
extern const Family kDeepSeekV2;
extern const Family kDeepSeekV3;
extern const Family kDeepSeekV32;
extern const Family kGlmMoeDsa;
extern const Family kGlm4MoeLite;
extern const Family kDeepSeekVlV2;
extern const Family kDeepSeekV4;
extern const Family kDots1;
extern const Family kErnie45;
extern const Family kErnie45Moe;
extern const Family kErnie45VlMoe;
extern const Family kExaone;
extern const Family kExaone4;
extern const Family kExaone45;
extern const Family kExaoneMoe;
extern const Family kFalcon;
extern const Family kFalconH1;
extern const Family kGemma;
extern const Family kGemma2;
extern const Family kVaultGemma;
extern const Family kGemma3;
extern const Family kPaliGemma;
extern const Family kGemma3n;
extern const Family kGemma4;
extern const Family kParamsJson;
extern const Family kGlm;
extern const Family kGlm4;
extern const Family kGlm4v;
extern const Family kGlm4Moe;
extern const Family kGlm4vMoe;
extern const Family kGpt2;
extern const Family kGptBigCode;
extern const Family kJais;
extern const Family kGptNeo;
extern const Family kGptJ;
extern const Family kCodeGen;
extern const Family kGptNeoX;
extern const Family kGptOss;
extern const Family kGraniteMoe;
extern const Family kGraniteMoeHybrid;
extern const Family kBamba;
extern const Family kGrok;
extern const Family kHunyuanDense;
extern const Family kHunyuanMoe;
extern const Family kInternLm;
extern const Family kInternLm2;
extern const Family kInternLm3;
extern const Family kJamba;
extern const Family kKimiLinear;
extern const Family kKimiK3;
extern const Family kKimiVl;
extern const Family kKimiK25;
extern const Family kLfm2;
extern const Family kLfm2Moe;
extern const Family kLfm2Vl;
extern const Family kLlama;
extern const Family kMambaSsm;
extern const Family kHunyuanV3;
extern const Family kHunyuan;
extern const Family kMistral4;
extern const Family kLlama4;
extern const Family kLongcatFlash;
extern const Family kMamba;
extern const Family kFalconMamba;
extern const Family kMamba2;
extern const Family kMimoV2;
extern const Family kMiniCpm;
extern const Family kMiniCpm3;
extern const Family kMiniCpmV;
extern const Family kMiniCpmO;
extern const Family kMiniMaxText01;
extern const Family kMiniMaxVl01;
extern const Family kMiniMaxM2;
extern const Family kMiniMaxM3;
extern const Family kMistral;
extern const Family kMinistral3;
extern const Family kMixtral;
extern const Family kMllama;
extern const Family kMolmo;
extern const Family kMolmo2;
extern const Family kMpt;
extern const Family kNemotronH;
extern const Family kNemotronHVl;
extern const Family kNemotronNas;
extern const Family kOlmo;
extern const Family kOlmo2;
extern const Family kOlmo3;
extern const Family kOlmoe;
extern const Family kFlexOlmo;
extern const Family kOpenElm;
extern const Family kOpt;
extern const Family kPanguEmbedded;
extern const Family kPanguProMoe;
extern const Family kPersimmon;
extern const Family kFuyu;
extern const Family kPhi;
extern const Family kPhi3;
extern const Family kPhi3V;
extern const Family kPhi4Multimodal;
extern const Family kPhi3Small;
extern const Family kPhiMoe;
extern const Family kQwen;
extern const Family kQwen2;
extern const Family kQwen2Vl;
extern const Family kQwen25Vl;
extern const Family kQwen25Omni;
extern const Family kMimo;
extern const Family kQwen3;
extern const Family kQwen3Vl;
extern const Family kLogics;
extern const Family kQwen2Moe;
extern const Family kQwen3Moe;
extern const Family kQwen3VlMoe;
extern const Family kQwen3OmniMoe;
extern const Family kQwen3Next;
extern const Family kQwen35;
extern const Family kQwen35Moe;
extern const Family kOlmoHybrid;
extern const Family kRecurrentGemma;
extern const Family kRwkv;
extern const Family kRwkv5;
extern const Family kRwkv6;
extern const Family kRwkv7;
extern const Family kStableLm;
extern const Family kStarCoder2;
extern const Family kStep3;
extern const Family kStep35;
extern const Family kSmolLm3;
extern const Family kSeedOss;
extern const Family kNemotron;
extern const Family kArcee;
extern const Family kApertus;
extern const Family kJais2;
extern const Family kGranite;
extern const Family kHelium;
extern const Family kTeleChat;
extern const Family kTeleChat3;
extern const Family kCwm;
extern const Family kIQuestCoder;
extern const Family kBitNet;
extern const Family kMistral3;
extern const Family kVoxtral;
extern const Family kInternVl;
extern const Family kLlava;
extern const Family kLlavaQwen;
extern const Family kLlavaHf;
extern const Family kIdefics;
extern const Family kOvis;
extern const Family kQwen2Audio;
extern const Family kUltravox;
extern const Family kZamba;
extern const Family kZamba2;

// Readers that other families share.
void read_llama(ConfigReader& config, Architecture& architecture);
void read_qwen2(ConfigReader& config, Architecture& architecture);
void read_qwen3(ConfigReader& config, Architecture& architecture);
void read_qwen3_moe(ConfigReader& config, Architecture& architecture);
void read_deepseek_v2(ConfigReader& config, Architecture& architecture);
void read_deepseek_v3(ConfigReader& config, Architecture& architecture);
void read_phi3(ConfigReader& config, Architecture& architecture);

/// Returns for each layer whether it slides, as Qwen does: layer_types says; without it
/// sliding_window is inert unless use_sliding_window is set, and then the layers from
/// max_window_layers on slide.
std::vector<bool> read_late_window(ConfigReader& config, std::int64_t layers);

/// Returns for each layer whether it has experts, as Qwen does: every decoder_sparse_step-th,
/// except those in mlp_only_layers.
std::vector<bool> read_sparse_steps(ConfigReader& config, std::int64_t layers);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_FAMILIES_FAMILIES_H_
