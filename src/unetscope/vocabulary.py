"""The words for what a network is made of: one record for each kind of module, of glyph and of spending.

A kind is the field's word for a class of module ("resnet block"), a glyph what a picture draws it as, a
spending what its parameters and MACs are put down to. Every output takes its letters, plurals and colours
from here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

GlyphKind: TypeAlias = Literal[
    "residual", "attention", "conv-block", "conv", "down", "up", "concat", "other",
    # layers of an opened block
    "norm", "time", "feed-forward", "projection",
]  # fmt: skip

Part: TypeAlias = Literal[
    "residual", "conv-block", "projection", "scores", "feed-forward", "modulation", "conv", "other",
    "adapter", "outside",
]  # fmt: skip

Fill: TypeAlias = Literal[
    "residual", "attention", "feed-forward", "conv-block", "conv", "concat", "other", "background", "card"
]
Ink: TypeAlias = Literal[
    "residual-ink",
    "attention-ink",
    "feed-forward-ink",
    "conv-block-ink",
    "conv-ink",
    "concat-ink",
    "other-ink",
    "outline",
    "time",
    "ink",
]
Kept: TypeAlias = Literal["kept-residual", "kept-attention", "concat", "background"]


@dataclass(frozen=True, slots=True)
class Glyph:
    """How a picture shows a block: its words, its letter or sign, fill, ink of letter and outline, and the
    fill that it has where a diff keeps it. `short` is what a narrow label counts: "2 R"."""

    kind: GlyphKind
    word: str
    letter: str
    fill: Fill
    ink: Ink
    kept: Kept = "background"
    short: str = "blocks"

    def words(self, count: int) -> str:
        """A number of them in words: "2 residual blocks"."""
        return f"{count} {self.word}{'s' if count > 1 else ''}"


GLYPHS: dict[str, Glyph] = {
    glyph.kind: glyph
    for glyph in (
        Glyph("residual", "residual block", "R", "residual", "residual-ink", "kept-residual", "R"),
        Glyph("attention", "attention block", "A", "attention", "attention-ink", "kept-attention", "A"),
        Glyph("conv-block", "convolution block", "C", "conv-block", "conv-block-ink", "kept-residual", "C"),
        Glyph("conv", "convolution", "Cv", "conv", "conv-ink", short="Cv"),
        Glyph("down", "downsampling", "↓", "conv", "conv-ink", short="↓"),
        Glyph("up", "upsampling", "↑", "conv", "conv-ink", short="↑"),
        Glyph("concat", "skip concatenation", "⧺", "concat", "concat-ink", "concat"),
        Glyph("other", "other block", "", "other", "other-ink"),
        Glyph("norm", "norm", "", "background", "outline"),
        Glyph("time", "time projection", "", "background", "time"),
        Glyph("feed-forward", "feed-forward layer", "", "feed-forward", "feed-forward-ink"),
        Glyph("projection", "projection", "", "background", "attention-ink"),
    )
}


@dataclass(frozen=True, slots=True)
class Spending:
    """What parameters and MACs are put down to, with the colours of its bar."""

    part: Part
    words: str
    fill: Fill
    ink: Ink


SPENDINGS: dict[Part, Spending] = {
    spending.part: spending
    for spending in (
        Spending("residual", "residual blocks", "residual", "residual-ink"),
        Spending("conv-block", "convolution blocks", "conv-block", "conv-block-ink"),
        # inside attention: projections, and matmuls of two activations
        Spending("projection", "attention projections", "attention", "attention-ink"),
        Spending("scores", "attention matmuls (QKᵀ, PV)", "attention", "attention-ink"),
        Spending("feed-forward", "feed-forward", "feed-forward", "feed-forward-ink"),
        # what time makes of scales, shifts and gates
        Spending("modulation", "modulation (adaLN)", "background", "time"),
        Spending("conv", "down- and upsampling", "conv", "conv-ink"),
        Spending("other", "other blocks", "other", "other-ink"),
        Spending("adapter", "adapters", "other", "other-ink"),
        Spending("outside", "outside the stages", "conv", "conv-ink"),
    )
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What the field calls a module. `glyph` is what a picture draws it as, `part` what its own cost is put
    down to (None: to that of the module around it), `fill` its colour in a graph.

    A `block` is a unit that diffs and tables name by itself. An output of what is `repeatable` depends on
    structure and arguments alone: equal ones are traced once. `attends` is said of what holds attention.
    """

    word: str
    glyph: GlyphKind = "other"
    part: Part | None = None
    fill: Fill | None = None
    block: bool = False
    repeatable: bool = False
    attends: bool = False


KINDS: dict[str, Kind] = {
    kind.word: kind
    for kind in (
        Kind("stage", fill="card"),
        Kind("resnet block", "residual", "residual", "residual", block=True, repeatable=True),
        Kind("transformer", "attention", "projection", "attention", block=True, attends=True),
        Kind(
            "transformer block",
            "attention",
            "projection",
            "attention",
            block=True,
            repeatable=True,
            attends=True,
        ),
        Kind("attention", "attention", "projection", "attention", attends=True),
        Kind("feed-forward", part="feed-forward", fill="feed-forward"),
        Kind("gate", fill="feed-forward"),
        Kind("downsample", "down", "conv", "conv", block=True),
        Kind("upsample", "up", "conv", "conv", block=True),
        # what is seen in a network of unknown classes
        Kind("residual block", "residual", "residual", "residual", block=True),
        Kind("attention block", "attention", "projection", "attention", block=True, attends=True),
        Kind("conv block", "conv-block", "conv-block", "conv-block", block=True),
        Kind("linear block", "other", "other", "other", block=True),
        Kind("conv", "conv", fill="conv"),
        Kind("linear", fill="conv"),
    )
}
"""Kinds of which more is known than their word; any other is drawn as "other" and costs what it stands in."""

ATTENDING = frozenset(word for word, kind in KINDS.items() if kind.attends)

MINOR = frozenset({"dropout", "activation", "identity", "norm"})
"""Words for layers that no picture shows beside their block."""

UNKNOWN = Kind("")

_OF_BLOCKS = {
    re.compile(r"Res(net|idual)?Block(Causal)?(\d[dD])?$"): KINDS["residual block"],
    re.compile(r"Att(entio)?nBlock(\d[dD])?$"): KINDS["attention block"],
    re.compile(r"Downsample(r)?(Causal)?(\d[dD])?$"): KINDS["downsample"],
    re.compile(r"Upsample(r)?(Causal)?(\d[dD])?$"): KINDS["upsample"],
}
"""What the blocks of later networks are, by the end of their names: CogVideoXResnetBlock3D."""


@cache
def about(word: str) -> Kind:
    """What is known of the modules that have this word, which is the class where the field has none."""
    kinds = (kind for name, kind in _OF_BLOCKS.items() if name.search(word))
    return KINDS.get(word) or next(kinds, UNKNOWN)


WORDS: dict[str, str] = {
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

"""Class name → the word for it; a class that is missing here is known by its ending, or keeps its own
name."""

OBSERVED_STAGE = "Stage"
"""The class of a stage that no module is: blocks were seen to run at one resolution."""

ADAPTER = "adapter"
"""What peft puts beside a layer (LoRA and its kin), whatever the classes of its parts."""

CONTAINERS = frozenset({"ModuleList", "ModuleDict"})
"""Classes without a forward: they hold children and add no depth."""

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
    if class_name in WORDS:
        return WORDS[class_name]
    if class_name.startswith("UNetMidBlock") or "DownBlock" in class_name or "UpBlock" in class_name:
        return "stage"
    return next((kind for ending, kind in _ENDINGS if class_name.endswith(ending)), class_name)
