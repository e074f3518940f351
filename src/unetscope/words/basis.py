"""What numbers hold for, in words and as data: size, batch, text tokens, dtype, and how work is counted.

A picture says it in the short form, text in the full one; nothing else words a basis. Whether the input is
a latent, an image or not known to be either has one word each, by `Architecture.factor`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import Any

from unetscope.calls import Input
from unetscope.cost import ONCE, Counting
from unetscope.model import Architecture
from unetscope.sizes import Axes, sides
from unetscope.words.conventions import CONVENTIONS, forwards

_ROTARY = re.compile("rope_|_rope|Rope|RoPE|rotary|Rotary")
"""In the names of modules and config keys of networks with rotary positions."""
PREDICTED = {
    "epsilon": "predicted noise", "v_prediction": "predicted v", "sample": "predicted sample",
    "flow_prediction": "predicted velocity",
}  # fmt: skip
"""What a network makes, by the prediction type of its scheduler."""

MAC = "1 MAC = 2 FLOPs"
"""What a MAC is: a multiplication and an addition."""


def kind(architecture: Architecture) -> str:
    """What height and width are of: "latent", "image", or "input" where that is not known.

    It is what the network's input is, but for a decoder, whose sizes are those of the image.
    """
    factor = architecture.factor
    return "input" if factor is None else "latent" if factor > 1 else "image"


def sample_kind(architecture: Architecture) -> str:
    """What the network's input is, in one word."""
    return "latent" if architecture.part == "decoder" else kind(architecture)


def side_word(architectures: Sequence[Architecture]) -> str:
    """The one word for the inputs of several networks, "input" where they differ."""
    kinds = {kind(architecture) for architecture in architectures}
    return kinds.pop() if len(kinds) == 1 else "input"


def pixels(architecture: Architecture, size: Sequence[int] | None = None) -> tuple[int, int] | None:
    """Height and width of the image for a height and width of the input (its own); None where unknown."""
    own, factor = size or extent(architecture), architecture.factor
    return None if factor is None or not own else (own[0] * factor, own[1] * factor)


def extent(architecture: Architecture) -> tuple[int, ...]:
    """Height and width of the network's input; empty where it has none (audio, features)."""
    return sides(architecture.basis.axes)


def area(size: Sequence[int]) -> str:
    """Height × width, or the side squared."""
    return f"{size[0]}²" if len(size) == 2 and size[0] == size[1] else times(size)


def times(size: Sequence[object]) -> str:
    """Sizes with × between them."""
    return "×".join(map(str, size))


def short(architecture: Architecture) -> str:
    """For pictures: "1024² px, latent 4×128², batch 1, 77 text tokens"; more where it is not as usual."""
    basis = architecture.basis
    sizes = _sizes(architecture, area(extent(architecture)), area(pixels(architecture) or ()))
    usual = [] if basis.dtype == "float32" else [basis.dtype]
    each = [*_each(basis.batch, basis.tokens), *_further(basis.axes)]
    return ", ".join([*sizes, *each, *usual, *_unusual(architecture.counting)])


def short_of_many(batch: int, axes: Axes, counting: Counting) -> str:
    """The same for many sizes, axes but the sides: "batch 1, 77 text tokens"."""
    return ", ".join([*_each(batch, axes.get("tokens")), *_further(axes), *_unusual(counting)])


def full(architecture: Architecture, *, dtype: str = "") -> str:
    """For text: "1024×1024 px, latent 4×128×128, batch 1, 77 text tokens, float32".

    `dtype` is that of the figures, where it is not the trace's own.
    """
    basis = architecture.basis
    sizes = _sizes(architecture, times(extent(architecture)), times(pixels(architecture) or ()))
    return ", ".join([*sizes, *_each(basis.batch, basis.tokens), *_further(basis.axes), dtype or basis.dtype])


def _sizes(architecture: Architecture, size: str, image: str) -> list[str]:
    """The image, and the input in one word with its shape; a packed one beside its size before."""
    shape, word = architecture.basis.input, kind(architecture)
    parts = [f"{image} px"] if word == "latent" and image else []
    if architecture.part == "decoder":
        return [f"{image} px", f"latent {times(shape)}"]
    if size and shape[-2:] == extent(architecture):
        return [*parts, f"{word} {times([*shape[:-2], size])}"]
    return [*parts, *([f"{word} {size}"] if size else []), f"{'packed' if size else 'input'} {times(shape)}"]


def _further(axes: Axes) -> list[str]:
    """The sizes of axes that are neither sides nor text tokens: "21 frames"."""
    usual = ("height", "width", "tokens")
    return [f"{size} {axis.replace('_', ' ')}" for axis, size in axes.items() if axis not in usual]


def _each(batch: int, tokens: int | None) -> list[str]:
    return [f"batch {batch}"] + ([] if tokens is None else [f"{tokens} text tokens"])


def _unusual(counting: Counting) -> list[str]:
    """How work is counted, as far as that is not usual."""
    parts = [f"convention {counting.convention}"] if counting.convention != ONCE.convention else []
    return parts + ([forwards(counting)] if counting.forwards != 1 else [])


def counted(counting: Counting, uncounted: Sequence[str] = (), own: Sequence[str] = ()) -> str:
    """How work is counted: the convention, forwards, what a MAC is, what is left out; `own` is what a network
    has beside, that no convention counts."""
    convention = CONVENTIONS[counting.convention]
    parts = [
        f"convention {convention.name}: {convention.counts}",
        forwards(counting),
        MAC,
        f"not counted: {', '.join((convention.leaves_out, *own))}",
    ]
    parts += [f"NOT COUNTED for want of a formula: {', '.join(uncounted)}"] if uncounted else []
    return "; ".join(parts)


def of_fields(counting: Counting) -> str:
    """What a diff leaves out where it is not counted as its causes were tried; "" where it is."""
    usual = counting.convention == ONCE.convention
    return "" if usual else "MACs of single fields are known only by the convention full and left out"


def statement(architecture: Architecture) -> str:
    """The whole basis of one network in one line of text."""
    how = counted(architecture.counting, architecture.uncounted, beside(architecture))
    routed = "; tokens spread evenly over the experts" if routes(architecture) else ""
    return f"basis: {full(architecture)}; {how}{routed}"


def called_with(inputs: Sequence[Input], guessed: Container[str] = ()) -> str:
    """What a forward was called with: "called with x 1×3×64×64 float32, t 1 int64 (guessed)"."""
    texts = (f"{_told(input_)}{' (guessed)' if input_.name in guessed else ''}" for input_ in inputs)
    return f"called with {', '.join(texts)}"


def _told(input_: Input) -> str:
    return f"{input_.name} {times(input_.shape)} {input_.dtype}"


def called_again(notes: Sequence[str], before: Sequence[Input], now: Sequence[Input]) -> tuple[str, ...]:
    """Notes of a forward, rewritten for a forward called with other inputs."""
    guessed = {
        input_.name for input_ in before if any(f"{_told(input_)} (guessed)" in note for note in notes)
    }
    sentence = called_with(before, guessed)
    return tuple(called_with(now, guessed) if note == sentence else note for note in notes)


def beside(architecture: Architecture) -> list[str]:
    """What a transformer does to its positions and scores, elementwise, that no convention counts."""
    masked = any(input_.role == "mask" for input_ in architecture.inputs)
    return ["rotary positions"] * is_rotary(architecture) + ["masks"] * masked


def is_rotary(architecture: Architecture) -> bool:
    """Whether queries and keys are turned by the places of their tokens."""
    config = architecture.config
    names = (*(key for key in config if config[key]), *(node.type for node in architecture.nodes))
    return any(input_.role == "rope" for input_ in architecture.inputs) or any(map(_ROTARY.search, names))


def routes(architecture: Architecture) -> bool:
    """Whether tokens go to experts by scores that have no values here: then each expert gets equally many."""
    return any(operation.name == "bincount" for operation in architecture.operations)


def notes(counting: Counting, uncounted: Sequence[str] = ()) -> list[str]:
    """For the foot of a picture: what a MAC is, and what is not counted."""
    left_out = [CONVENTIONS[counting.convention].leaves_out, *uncounted]
    return [MAC, f"not counted: {', '.join(left_out)}"]


def data(architecture: Architecture) -> dict[str, Any]:
    """The basis as JSON: `sample_is` is latent, image or input, `pixels` null where the image is not known.

    Where work is not counted as usual, how it is.
    """
    record, image = architecture.basis, pixels(architecture)
    fields = {
        "batch": record.batch,
        "input": list(record.input),
        "sample_is": sample_kind(architecture),
        "pixels": None if image is None else list(image),
        "tokens": record.tokens,
        "axes": record.axes,
        "dtype": record.dtype,
    }
    return fields if architecture.counting == ONCE else fields | counting_data(architecture.counting)


def columns(architecture: Architecture) -> dict[str, object]:
    """The basis as columns of a CSV file; sizes read 4x64x64."""
    record, counting = architecture.basis, architecture.counting
    convention = CONVENTIONS[counting.convention]
    return {
        "batch": record.batch,
        "sample": "x".join(map(str, record.input)),
        "sample_is": sample_kind(architecture),
        "tokens": "" if record.tokens is None else record.tokens,
        "dtype": record.dtype,
        "convention": convention.name,
        "counted": convention.counts,
        "not_counted": "; ".join((convention.leaves_out, *architecture.uncounted)),
        "cfg": counting.cfg,
        "steps": counting.steps,
        "flops_per_mac": 2,
    }


def counting_data(counting: Counting) -> dict[str, Any]:
    """How work is counted, as JSON: convention, forwards, what is left out."""
    convention = CONVENTIONS[counting.convention]
    return {
        "convention": convention.name,
        "counted": convention.counts,
        "not_counted": convention.leaves_out,
        "cfg": counting.cfg,
        "steps": counting.steps,
        "forwards": counting.forwards,
        **(reuse_data(counting) if counting.reuses else {}),
        "flops_per_mac": 2,
    }


def reuse_data(counting: Counting) -> dict[str, Any]:
    """Which forwards reuse what others made, as JSON."""
    return {
        "cache_interval": counting.interval,
        "cache_branch": counting.branch,
        "gate": counting.gate,
        "whole_steps": counting.whole_steps,
    }
