"""Classes of diffusers without a family, and why; classes of other code that use a name of diffusers."""

from __future__ import annotations

from collections.abc import Mapping

_FLEX = "its FlexAttention refuses the meta device"
_SEVERAL = "it only holds several networks, and has no config of its own: give each of them"
_MODULE = "it is a part of other networks, and has no config of its own"
_PART = "it is a part without a forward of its own"
_PROTEIN = "it works on atoms of proteins, whose inputs have no size as images, video or audio have"

REASONS: dict[str, str] = {
    "AnyFlowFARTransformer3DModel": _FLEX,
    "AutoencoderKLAllegro": "it encodes and decodes in overlapping tiles alone, whose sizes no config has",
    "ConsistencyDecoderVAE": "its decoder runs a scheduler that asks tensors for their values",
    "ControlNetXSAdapter": f"{_PART}: UNetControlNetXSModel runs it in a UNet",
    "DualTransformer2DModel": _MODULE,
    "FluxMultiControlNetModel": _SEVERAL,
    "HunyuanDiT2DMultiControlNetModel": _SEVERAL,
    "ImageProjection": _MODULE,
    "Kandinsky6SRTransformer3DModel": _FLEX,
    "LTX2VideoDiffusionDecoderModel": _FLEX,
    "MotionAdapter": f"{_PART}: UNetMotionModel runs it in a UNet",
    "MultiAdapter": _SEVERAL,
    "MultiControlNetModel": _SEVERAL,
    "MultiControlNetUnionModel": _SEVERAL,
    "QwenImageMultiControlNetModel": _SEVERAL,
    "RFD4ProteinaAutoencoder": _PROTEIN,
    "RFD4ProteinaTransformer": _PROTEIN,
    "SD3MultiControlNetModel": _SEVERAL,
    "WanAnimate2Transformer3DModel": "its forward fills and reads a cache object of its pipeline",
    "ZImageControlNetModel": f"{_PART}: it runs the embedders of the transformer it controls",
}
"""Why a class that diffusers exports cannot be run from its config, as a clause."""

FOREIGN: dict[str, str] = {
    "UNet2DConditionModelMusic": (
        "a class of Mustango's own copy of diffusers: its UNet also attends to beats and chords"
    ),
}
"""Classes that others named after those of diffusers, which has nothing like them."""


def foreign(name: str, config: Mapping[str, object]) -> str:
    """What a network is whose class bears a name of diffusers but is another; "" for one that is not.

    Hotshot-XL calls its own UNet, SDXL's with temporal layers between, as diffusers calls ModelScope's.
    """
    if name == "UNet3DConditionModel" and config.get("mid_block_type") == "UNetMidBlock3DCrossAttn":
        return "Hotshot-XL's own UNet3DConditionModel, not that of diffusers, which is ModelScope's"
    return FOREIGN.get(name, "")
