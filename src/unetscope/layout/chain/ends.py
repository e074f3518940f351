"""What a network is given and makes: shapes, and words for both ends."""

from __future__ import annotations

from math import prod

from unetscope.model import Architecture
from unetscope.sizes import Shape
from unetscope.words.basis import PREDICTED, sample_kind

_TOKENS_RANK, _VIDEO_RANK = 3, 5


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
    sample = architecture.input_of("sample")
    return (
        channels_first(architecture, sample.shape) if sample and len(sample.shape) >= _TOKENS_RANK else None
    )


def output_shape(architecture: Architecture) -> Shape | None:
    """Batch, channels and sides of what the network makes."""
    output = architecture.nodes[0].output
    return channels_first(architecture, output) if output and len(output) >= _TOKENS_RANK else None


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
