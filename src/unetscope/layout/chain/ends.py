"""What a network is given and makes, what conditions it, and which modules read that; words for both ends."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from unetscope.analysis.once import once
from unetscope.calls import Call, InputRole
from unetscope.families.module_names import PROJECTIONS, is_context_of_images
from unetscope.model import Architecture, Node, Stage
from unetscope.paths import parent
from unetscope.sizes import Shape
from unetscope.words import units
from unetscope.words.basis import PREDICTED, sample_kind

Reads = Mapping[str, frozenset[str]]
_NOTHING = frozenset[str]()
_TIME, _CONTEXT = frozenset({"time"}), frozenset({"context"})
_POOLED_RANK = 2
"""Batch and width: what has tokens besides has one dimension more."""
_READ: dict[InputRole, frozenset[str]] = {
    "time": _TIME,
    "pooled text": _TIME,
    "image context": _TIME,
    "class": _TIME,
    "guidance": _TIME,
    "size": _TIME,
    "text context": _CONTEXT,
}
"""What reading an input means. What is pooled joins the time embedding; a mask, positions and options
condition nothing, nor does the image of a ControlNet, which is added to the sample."""


@once
def conditioned(architecture: Architecture) -> Reads:
    """For each module path "time", "context" or both; paths that read neither are left out."""
    origins = _origins(architecture)
    reads: dict[str, frozenset[str]] = {}
    for call in architecture.calls:
        found = _read(call, origins)
        path = architecture.nodes[call.node].path
        while path and found and not found <= reads.get(path, frozenset()):
            reads[path] = reads.get(path, frozenset()) | found
            path = parent(path)
    return reads


def crosses(node: Node, reads: Reads) -> bool:
    """Whether an attention layer reads the context: one made for it attends to itself if given none."""
    return "context" in reads.get(node.path, frozenset())


def context_word(architecture: Architecture) -> str:
    """What the context is made of: "text", "image", "text and image", or "context" where unknown."""
    if architecture.input_of("image context") and is_context_of_images(architecture.config):
        return "image" if architecture.input_of("text context") is None else "text and image"
    if architecture.basis.tokens is not None:
        return "text"
    encoders = architecture.facts.text_encoders
    if not encoders:
        return "context"
    return "image" if all("image" in encoder for encoder in encoders) else "text"


def pooled_word(architecture: Architecture) -> str:
    """What pooled text is called: by CLIP where that is among the text encoders, since of those that networks
    read beside it none makes one vector of a text."""
    clip = any("CLIP" in encoder for encoder in architecture.facts.text_encoders)
    return "pooled CLIP" if clip else "pooled text"


def _origins(architecture: Architecture) -> dict[int, frozenset[str]]:
    """Kinds of input by what calls read: the inputs themselves, and results of calls outside the stages."""
    origins = {~index: _READ.get(one.role, _NOTHING) for index, one in enumerate(architecture.inputs)}
    for index, call in enumerate(architecture.calls):
        read = _read(call, origins)
        if not read:
            continue
        stage = architecture.stage_of(architecture.nodes[call.node].path)
        if stage is None or stage.role == "conditioning":
            origins[index] = _made(architecture, stage, read)
    return origins


def _read(call: Call, origins: Mapping[int, frozenset[str]]) -> frozenset[str]:
    """What the tensors that a call reads were made of."""
    known = [origins[read] for read in call.reads if read in origins]
    return _NOTHING.union(*known) if known else _NOTHING


def _made(architecture: Architecture, stage: Stage | None, read: frozenset[str]) -> frozenset[str]:
    """What a module outside the stages makes of what it reads: a context where that is a list of tokens,
    else part of the time embedding, even where that is pooled from the text. The network's own operations
    only join, and a module that returns several tensors passes on what each was made from."""
    if stage is None or not read:
        return read
    node = architecture.by_path[stage.path]
    if node.output is None or len(node.returned) > 1:
        return read
    return _CONTEXT if len(node.output) > _POOLED_RANK else _TIME


_TOKENS_RANK, _VIDEO_RANK = 3, 5
_JOINS: dict[InputRole, str] = {
    "time": "time",
    "pooled text": "pooled text",
    "size": "size ids",
    "class": "class",
    "guidance": "guidance",
    "image context": "image",
}
"""What joins the time embedding, in words."""


def given(architecture: Architecture) -> str:
    """What the network is given: "noisy latent" where that is known."""
    known = architecture.facts.input_channels
    return known[0].name if len(known) == 1 else sample_kind(architecture)


def groups(architecture: Architecture) -> str:
    """What the channels of the input hold where it is more than one thing: "4 latent + 1 mask"."""
    groups = architecture.facts.input_channels
    return " + ".join(f"{group.count} {group.name}" for group in groups) if len(groups) > 1 else ""


def made(architecture: Architecture) -> str:
    """What the network predicts, where that is known; twice the channels hold a learned variance as well."""
    kind, output = architecture.facts.prediction_type, architecture.nodes[0].output
    groups = architecture.facts.input_channels
    if kind == "epsilon" and groups and output and output[1] == 2 * groups[0].count:
        return "noise + variance"
    if "decoder" in architecture.by_path and kind is None:  # an autoencoder makes what it is given
        return given(architecture)
    # What such a scheduler steps along is a velocity by its definition.
    flows = "FlowMatch" in (architecture.facts.scheduler or "")
    return PREDICTED.get(kind or ("flow_prediction" if flows else ""), "output")


def input_groups(architecture: Architecture) -> list[tuple[int, str]]:
    """The channels of the input with what they hold, in order; one group where that is not known."""
    known = [(group.count, group.name) for group in architecture.facts.input_channels]
    shape = sample_shape(architecture)
    if shape is None or (known and sum(count for count, _ in known) == shape[1]):
        return known
    return [(shape[1], given(architecture))]


def sample_shape(architecture: Architecture) -> Shape | None:
    """Batch, channels and sides of what the network is given."""
    found = architecture.input_of("sample")
    return channels_first(architecture, found.shape) if found and len(found.shape) >= _TOKENS_RANK else None


def output_shape(architecture: Architecture) -> Shape | None:
    """Batch, channels and sides of what the network makes."""
    found = architecture.nodes[0].output
    return channels_first(architecture, found) if found and len(found) >= _TOKENS_RANK else None


def channels_first(architecture: Architecture, shape: Shape) -> Shape:
    """A shape with its channels behind the batch: some networks of videos have the frames there."""
    known = [architecture.config.get(key) for key in ("in_channels", "out_channels")]
    if len(shape) == _VIDEO_RANK and shape[2] in known and shape[1] not in known:
        return (shape[0], shape[2], shape[1], *shape[3:])
    return shape


def with_frames(architecture: Architecture, shape: Shape | None) -> Shape | None:
    """A shape of a video that has its frames in the batch, with them behind the channels."""
    frames, batch = architecture.basis.axes.get("frames", 1), architecture.basis.batch
    if shape and len(shape) == _VIDEO_RANK - 1 and frames > 1 and shape[0] == frames * batch:
        return (batch, shape[1], frames, *shape[2:])
    return shape


def area(shape: Shape) -> int:
    """The pixels of a tensor with batch and channels: those of one frame of a video."""
    return prod(shape[2:][-2:])


def sides(shape: Shape) -> str:
    """Height and width, a square as "64²", of a video with its frames: "14×64²"."""
    *frames, high, wide = (1, *shape[2:]) if len(shape) == _TOKENS_RANK else shape[2:]
    if len(shape) == _TOKENS_RANK:
        return str(wide)
    size = f"{high}²" if high == wide else f"{high}×{wide}"
    return "×".join([*map(str, frames), size])


def joins_time(architecture: Architecture) -> str:
    """What the time embedding t is made of: "time, pooled text, size ids"."""
    named = {**_JOINS, "pooled text": pooled_word(architecture)}
    return ", ".join(named[role] for role in joining(architecture))


def joining(architecture: Architecture) -> tuple[InputRole, ...]:
    """The inputs that the time embedding is made of, by what they mean."""
    roles = {given.role for given in architecture.inputs}
    return tuple(role for role in _JOINS if role in roles)


def is_context(architecture: Architecture) -> str:
    """What the context c is: "text 77×768"."""
    found = architecture.input_of("text context")
    word = context_word(architecture)
    return f"{word} {units.dimensions(found.shape)}" if found and len(found.shape) == _TOKENS_RANK else word


def rail_widths(architecture: Architecture) -> tuple[int, int]:
    """The width of the time embedding and of the context as the blocks read them; 0 where there is none."""
    time, context = 0, 0
    given_text = architecture.input_of("text context")
    if given_text and len(given_text.shape) == _TOKENS_RANK:
        context = given_text.shape[-1]
    reads = conditioned(architecture)
    for stage in architecture.stages:
        output = architecture.by_path[stage.path].output
        if stage.role != "conditioning" or not output or stage.path not in reads:
            continue
        if len(output) == _TOKENS_RANK and (stage.path in PROJECTIONS or not given_text):
            context = output[-1]
        elif len(output) < _TOKENS_RANK:
            time = output[-1]
    return time, context


def conditions(architecture: Architecture) -> str:
    """What conditions the network in a sentence; "" where nothing does."""
    parts = [joins_time(architecture)]
    if any("context" in reads for reads in conditioned(architecture).values()):
        parts.append(is_context(architecture))
    told = "; ".join(part for part in parts if part)
    return f"Conditioned on {told}." if told else ""
