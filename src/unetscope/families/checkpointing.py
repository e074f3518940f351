"""Which modules diffusers runs under gradient checkpointing, by the classes that do it; diffusers 0.42."""

from __future__ import annotations

REFUSED = frozenset(
    "AsymmetricAutoencoderKL AutoencoderDC AutoencoderKLHunyuanImage AutoencoderKLKVAEAudio "
    "AutoencoderKLLTX2Audio AutoencoderKLMiniMaxH3Audio AutoencoderKLQwenImage AutoencoderKLQwenImage21 "
    "AutoencoderKLWan AutoencoderOobleck AutoencoderRAE AutoencoderSAME Cosmos3AVAEAudioTokenizer "
    "HunyuanDiT2DControlNetModel HunyuanDiT2DModel I2VGenXLUNet Kandinsky3UNet "
    "Kandinsky6SRLatentUpscalerBank Kandinsky6SRVAE LongCatAudioDiTTransformer LongCatAudioDiTVae "
    "LuminaNextDiT2DModel MMAudioVAE MMAudioVocoder MiniMaxMusic3ConditionEncoder "
    "MiniMaxMusic3RVQDepthDecoder MiniMaxMusic3Vocoder PriorTransformer "
    "SanaWMLTX2RefinerTransformer3DModel T2IAdapter T5FilmDecoder TransformerTemporalModel UNet1DModel "
    "UNet3DConditionModel VQModel".split()
)
"""Networks that refuse it: `_supports_gradient_checkpointing` is False."""

RESNETS = frozenset(
    f"{kind}{way}Block2D"
    for kind in ("", "Attn", "CrossAttn", "SimpleCrossAttn", "K", "KCrossAttn")
    for way in ("Down", "Up")
) | {"ResnetDownsampleBlock2D", "ResnetUpsampleBlock2D", "UNetMidBlock2D", "UNetMidBlock2DCrossAttn"}
"""Stages that checkpoint each of their resnets, a mid block all but its first."""

STAGES = frozenset({"Encoder", "Decoder"})
"""Modules that checkpoint each of their stages whole."""
