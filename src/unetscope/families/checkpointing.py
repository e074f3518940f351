"""Which modules diffusers 0.42 runs under gradient checkpointing, by the class that runs them."""

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

UNKNOWN = frozenset(
    "AutoencoderKLKVAE AutoencoderKLKVAEVideo AutoencoderVidTok StableCascadeUNet UVit2DModel".split()
)
"""Networks that checkpoint parts which are no module of their own."""

_ENDS = (
    "Encoder Decoder CogVideoXEncoder3D CogVideoXDecoder3D CosmosEncoder3d HunyuanImageRefinerEncoder3D "
    "HunyuanImageRefinerDecoder3D HunyuanVideoEncoder3D HunyuanVideoDecoder3D HunyuanVideo15Encoder3D "
    "HunyuanVideo15Decoder3D LTX2VideoEncoder3d LTX2VideoDecoder3d LTXVideoEncoder3d LTXVideoDecoder3d "
    "EasyAnimateDecoder TemporalDecoder"
)
_MIDS = (
    "UNetMidBlock2D UNetMidBlock2DCrossAttn DreamLiteUNetMidBlock2DCrossAttn UNetMidBlockSpatioTemporal "
    "UNetMidBlockCrossAttnMotion"
)
_STAGES = (
    "ResnetDownsampleBlock2D ResnetUpsampleBlock2D DreamLiteCrossAttnDownBlock2D DreamLiteUpBlock2D "
    "DreamLiteCrossAttnNoSelfAttnUpBlock2D DreamLiteCrossAttnNoSelfAttnDownBlock2D "
    "DreamLiteCrossAttnUpBlock2D CrossAttnDownBlockMotion DownBlockMotion CrossAttnUpBlockMotion "
    "UpBlockMotion CrossAttnUpBlockSpatioTemporal CrossAttnDownBlockSpatioTemporal UpBlockSpatioTemporal "
    "DownBlockSpatioTemporal MiniMaxH3VideoDownBlock3d MochiMidBlock3D ControlNetXSCrossAttnUpBlock2D"
)
_TRANSFORMERS = (
    "Transformer2DModel DreamLiteTransformer2DModel TransformerSpatioTemporalModel MiniMaxH3VideoViTDecoder3d"
)
_PLAIN = (
    f"{kind}{way}Block2D"
    for kind in ("", "Attn", "CrossAttn", "SimpleCrossAttn", "K", "KCrossAttn")
    for way in ("Down", "Up")
)

_LISTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*_STAGES.split(), *_MIDS.split(), *_PLAIN), ("resnets",)),
    **dict.fromkeys(_TRANSFORMERS.split(), ("transformer_blocks",)),
    **dict.fromkeys(_ENDS.split(), ("down_blocks", "mid_block", "up_blocks")),
    "CosmosDecoder3d": ("up_blocks",),
    "EasyAnimateEncoder": ("down_blocks",),
    "MochiEncoder3D": ("block_in", "down_blocks"),
    "MochiDecoder3D": ("block_in", "up_blocks"),
    "EncoderTiny": ("layers",),
    "DecoderTiny": ("layers",),
    "UNetMidBlockCrossAttnMotion": ("resnets", "motion_modules"),
    "ControlNetXSCrossAttnDownBlock2D": ("base_resnets", "ctrl_resnets"),
}
"""By class: the modules that it checkpoints, or the lists whose entries it checkpoints one by one."""

_WHOLE = frozenset({"AudioLDM2UNet2DConditionModel"})
"""Networks whose stages, of their own though called as other UNets', checkpoint transformers as a whole."""

_AFTER_FIRST = frozenset(_MIDS.split())
"""Mid blocks, which run their first resnet without checkpointing."""

_WITHOUT = frozenset(
    {("Lumina2Transformer2DModel", "noise_refiner"), ("Lumina2Transformer2DModel", "context_refiner")}
)
"""Stacks that a network does not checkpoint; it checkpoints all others block by block."""


def is_run(class_name: str, stack: str) -> bool:
    """Whether a network runs the blocks of a stack, by its path, under checkpointing."""
    return (class_name, stack) not in _WITHOUT


def is_listed(class_name: str, holder: str, name: str, number: str) -> bool:
    """Whether a network runs a module under it: called `name` in a class, or an entry of a list so called.

    `number` is that of the entry, "" where the module is none.
    """
    if number == "0" and name == "resnets" and holder in _AFTER_FIRST:
        return False
    if name == "attentions" and class_name in _WHOLE:
        return True
    return name in _LISTS.get(holder, ())
