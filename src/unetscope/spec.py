"""What to build: a validated config with its class, and the size asked for. No torch, no files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from unetscope.calls import InputRole
from unetscope.checkpoint import Facts
from unetscope.sizes import Axes, Size

DTYPES = {"float32": 4, "float16": 2, "bfloat16": 2}
DEFAULT_DTYPE = "float32"


def usual(size: Size, facts: Facts) -> Size:
    """The size asked for, completed by the size at which people use the model, if we know it."""
    known: Axes = {} if facts.tokens is None else {"tokens": facts.tokens}
    if facts.latent and not size.pixels:
        known |= dict(zip(("height", "width"), facts.latent, strict=True))
    return replace(size.with_axes(known | size.named), dtype=size.dtype or DEFAULT_DTYPE)


@dataclass(frozen=True, slots=True)
class Spec:
    """A network to build. `id` names output files; `source` is what the user gave.

    `config` holds diffusers' own keys without `_class_name`; `warnings` are lines for the user. `weights` is
    the file of weights beside the config, or that the config was read off, if there is one; `size` is that of
    the saved architecture that the spec comes from, None for any other source; `same_as` is the preset whose
    very network it is known to be, if it does not bear its id; `part` is the half of an autoencoder that is
    looked at, though the whole is built.
    """

    id: str
    title: str
    source: str
    class_name: str
    config: dict[str, Any]
    facts: Facts = field(default_factory=Facts)
    warnings: tuple[str, ...] = ()
    weights: Path | None = None
    size: Size | None = None
    same_as: str = ""
    part: Literal["", "encoder", "decoder"] = ""


@dataclass(frozen=True, slots=True)
class ExampleInput:
    """One tensor of a forward's arguments, or one argument that is no tensor.

    `name` is a path: `added_cond_kwargs.time_ids` is an entry of a dict argument, `x[0]` of a list,
    `image_rotary_emb.0` of a tuple. `role` is what it means to the network. `dtype` is "float" (the basis'
    dtype), "long" or "bool"; a shape of () is a scalar tensor. A tensor has values only if the forward reads
    them: `values` run along its last dimension (or one serves all) and repeat along every other. A shape of
    None is no tensor but a Python `value`; None where the network does not use an argument that the forward
    asks for.
    """

    name: str
    shape: tuple[int, ...] | None
    dtype: str = "float"
    role: InputRole = "option"
    values: tuple[int | float | bool, ...] = ()
    value: Any = None
