"""Class name → the field's word for it. The one table; an unknown class keeps its own name."""

from __future__ import annotations

KINDS: dict[str, str] = {
    # blocks
    "ResnetBlock2D": "resnet block",
    "ResnetBlockCondNorm2D": "resnet block",
    "TemporalResnetBlock": "resnet block",
    "SpatioTemporalResBlock": "resnet block",
    "TransformerSpatioTemporalModel": "transformer",
    "Transformer2DModel": "transformer",
    "DualTransformer2DModel": "transformer",
    "BasicTransformerBlock": "transformer block",
    "KAttentionBlock": "transformer block",
    # stages whose name does not say so
    "ResnetDownsampleBlock2D": "stage",
    "ResnetUpsampleBlock2D": "stage",
    # resampling
    "Downsample2D": "downsample",
    "Upsample2D": "upsample",
    "FirDownsample2D": "downsample",
    "FirUpsample2D": "upsample",
    "KDownsample2D": "downsample",
    "KUpsample2D": "upsample",
    # inside blocks
    "Attention": "attention",
    "AttentionPooling": "attention",
    "GatedSelfAttentionDense": "gated attention",
    "FeedForward": "feed-forward",
    "GEGLU": "gate",
    "GELU": "activation",
    "SiLU": "activation",
    "ApproximateGELU": "activation",
    "Mish": "activation",
    "ReLU": "activation",
    "Dropout": "dropout",
    "Identity": "identity",
    "AvgPool2d": "pooling",
    "Conv2d": "conv",
    "LoRACompatibleConv": "conv",
    "Linear": "linear",
    "LoRACompatibleLinear": "linear",
    "GroupNorm": "norm",
    "LayerNorm": "norm",
    "AdaGroupNorm": "norm",
    "RMSNorm": "norm",
    "SpatialNorm": "norm",
    "RMSNorm2d": "norm",
    # conditioning
    "Timesteps": "time embedding",
    "TimestepEmbedding": "time embedding",
    "GaussianFourierProjection": "time embedding",
    "TextTimeEmbedding": "conditioning embedding",
    "TextImageTimeEmbedding": "conditioning embedding",
    "ImageTimeEmbedding": "conditioning embedding",
    "ImageHintTimeEmbedding": "conditioning embedding",
    "TextImageProjection": "conditioning embedding",
    "ImageProjection": "conditioning embedding",
    "GLIGENTextBoundingboxProjection": "conditioning embedding",
    "Embedding": "conditioning embedding",
    # containers and networks
    "ModuleList": "container",
    "ModuleDict": "container",
    "Sequential": "sequence",
    "UNet2DConditionModel": "network",
    "UNet2DModel": "network",
}

ADAPTER = "adapter"
"""What peft puts beside a layer (LoRA and its kin), whatever the classes of its parts."""

CONTAINERS = frozenset({"ModuleList", "ModuleDict"})
"""Classes without a forward: they hold children and add no depth."""

REPEATABLE = frozenset({"resnet block", "transformer block"})
"""Kinds whose output depends on structure and arguments alone: equal ones are traced once."""


_ENDINGS = (
    ("TransformerBlock", "transformer block"),
    ("Attention", "attention"),
    ("FeedForward", "feed-forward"),
    ("LayerNorm", "norm"),
    ("RMSNorm", "norm"),
    ("PatchEmbed", "patch embedding"),
)
"""What the classes of later networks, which each bring their own, end in."""


def kind_of(class_name: str) -> str:
    """The field's word for a class of module; stages are "stage"; unknown ones keep their name."""
    if class_name in KINDS:
        return KINDS[class_name]
    if class_name.startswith("UNetMidBlock") or "DownBlock" in class_name or "UpBlock" in class_name:
        return "stage"
    return next((kind for ending, kind in _ENDINGS if class_name.endswith(ending)), class_name)
