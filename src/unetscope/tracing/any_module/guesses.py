"""Inputs where the user names none, or not all: from the forward's signature and the module's first layers.

A guess is always told. What we cannot know we ask for by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from unetscope.calls import InputRole
from unetscope.errors import TraceError
from unetscope.tracing.any_module.arguments import Given, InputForm, required
from unetscope.words.messages import as_input, printable

_CHANNELS = ("in_channels", "in_chans", "input_channels", "in_ch", "channels", "n_channels", "num_channels")
_SIDES = ("sample_size", "image_size", "img_size", "input_size")
_TIME = re.compile(r"t|times?|time_?steps?|sigmas?|noise_levels?|log_snr|t_emb|timestep_?s?", re.IGNORECASE)
_CONTEXT = re.compile(
    r"context|encoder_hidden_states|text_embeds?|text_embeddings?|cond_embeds?", re.IGNORECASE
)
_LABELS = re.compile(r"y|labels?|class(es|_labels?|_ids?)?", re.IGNORECASE)
_MASK = re.compile(r".*mask.*", re.IGNORECASE)
_TOKENS = 77
"""Tokens of a context that nobody gave a length: those of CLIP."""
SIZES = {1: (1024, 4096, 512), 2: (64, 128, 224, 256), 3: (32, 64, 96)}
"""Sides to try, by the dimensions of the first convolution."""
_SEQUENCE = 16


def role(name: str, *, is_sample: bool) -> InputRole:
    """What an input of this name is to a network."""
    last = re.split(r"[.\[]", name)[-1] if name else ""
    if is_sample:
        return "sample"
    if _TIME.fullmatch(last):
        return "time"
    if _CONTEXT.fullmatch(last):
        return "text context"
    if _LABELS.fullmatch(last):
        return "class"
    return "mask" if _MASK.fullmatch(last) else "option"


def complete(network: Any, user_inputs: Given) -> Iterator[dict[str, Any]]:
    """All inputs that a forward requires, the likeliest first; only the given ones where they are enough.

    Raises TraceError that names an input which we cannot guess.
    """
    wanted = required(network)
    missing = [name for name in wanted if name not in user_inputs]
    in_order = any(name.startswith("input_") for name in user_inputs)
    if user_inputs and (not missing or in_order):
        yield dict(user_inputs)
        return
    sample = "" if user_inputs else next(iter(wanted), "input_0")
    for values in _samples(network, sample) if sample else [dict(user_inputs)]:
        for time_type in ("int64", None):
            guessed = {name: _guess(network, name, time_type) for name in missing if name != sample}
            merged = values | guessed
            yield {name: merged[name] for name in (*wanted, *merged) if name in merged}
            if not any(_TIME.fullmatch(name) for name in guessed):
                break


def _guess(network: Any, name: str, time_type: str | None) -> InputForm:
    if _TIME.fullmatch(name):
        return InputForm((1,), time_type)
    width = _context_width(network)
    if _CONTEXT.fullmatch(name) and width:
        return InputForm((1, _TOKENS, width))
    raise TraceError(
        f"{type(network).__name__} needs an input that nothing shows: {printable(name)}",
        hint=f"say what it is: {as_input(name, (1, 3, 64, 64))}",
    )


def _samples(network: Any, name: str) -> Iterator[dict[str, Any]]:
    """The sample at several sizes."""
    import torch

    convolutions = (torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d)
    kinds = (*convolutions, torch.nn.Linear, torch.nn.Embedding)
    first = next((module for module in network.modules() if isinstance(module, kinds)), None)
    if isinstance(first, torch.nn.Embedding):
        yield {name: InputForm((1, _SEQUENCE), "int64")}
    elif isinstance(first, torch.nn.Linear) and not _has(network, convolutions):
        yield from (
            {name: InputForm(shape)} for shape in ((1, _SEQUENCE, first.in_features), (1, first.in_features))
        )
    elif first is not None:
        first = next(module for module in network.modules() if isinstance(module, convolutions))
        dimensions = convolutions.index(next(kind for kind in convolutions if isinstance(first, kind))) + 1
        channels = _own(network, _CHANNELS) or first.in_channels
        own = _own(network, _SIDES)
        sides = dict.fromkeys(([own] if own else []) + list(SIZES[dimensions]))
        yield from ({name: InputForm((1, channels, *[side] * dimensions))} for side in sides)
    else:
        raise TraceError(
            f"{type(network).__name__} has no layer that shows its input",
            hint=f"say what it is: {as_input(name, (1, 3, 64, 64))}",
        )


def _has(network: Any, kinds: tuple[Any, ...]) -> bool:
    return any(isinstance(module, kinds) for module in network.modules())


def _own(network: Any, names: tuple[str, ...]) -> int | None:
    """A whole number that a module holds under one of these names."""
    values = (vars(network).get(name) for name in names)
    return next((value for value in values if type(value) is int and value > 0), None)


def _context_width(network: Any) -> int | None:
    """The width that keys are made of where it is not that of the queries."""
    for module in network.modules():
        query, key = getattr(module, "to_q", None), getattr(module, "to_k", None)
        if query is not None and key is not None:
            widths = [getattr(layer, "in_features", None) for layer in (query, key)]
            if widths[0] != widths[1] and isinstance(widths[1], int):
                return widths[1]
    return None
