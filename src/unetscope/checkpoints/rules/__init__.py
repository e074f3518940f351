"""What settles which network a file holds: one table of rules as data, each with its reason.

A rule's `needs` are names that must all stand under one prefix, its `lacks` names that must not. `measures`
give names to what shapes and names say, for the expressions in `variants` and `config`:
`"img_in.weight[1]"` is a side, `"guidance_in.in_layer.weight?"` whether a tensor is there,
`"double_blocks.*"` how many blocks are stacked there, `"joint_blocks.*.x_block.attn2.qkv.weight"` which of
them have that tensor. Rules stand in order: the first that fits a prefix is the answer.
Sources: the model detection of ComfyUI, SwarmUI, InvokeAI, stable-diffusion.cpp and diffusers
(`loaders/single_file_utils.py`, 0.42), each tried on real listings.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A narrower answer: where the expression `when` is true, `title` is what it is, `why` the reason."""

    when: str
    title: str
    why: str


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"class_name": "class"}):
    """One kind of network under one naming scheme.

    `parts` are the names that its tensors begin with, where they are all known. `only` is an expression over
    measures that must hold besides, for networks of the same names. `infer` is "unet" or
    "vae" where the structure is read off its names; `crosswalk` names the table from its names to diffusers'.
    `config` gives fields of the diffusers class by expressions; `beside` is what it needs to run.
    """

    id: str
    title: str
    kind: str
    naming: str
    needs: tuple[str, ...]
    why: str
    lacks: tuple[str, ...] = ()
    only: str = ""
    parts: str = ""
    measures: dict[str, str] = {}
    variants: tuple[Variant, ...] = ()
    class_name: str = ""
    infer: str = ""
    crosswalk: str = ""
    config: dict[str, str] = {}
    beside: str = ""


class AdapterRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of a LoRA, by patterns of the modules it adapts, their dots written as underscores.

    One of `modules` must be found in it and none of `lacks`. `measures` are "in PATTERN", "out PATTERN": the
    sides of the first module found, "found PATTERN", "last PATTERN": the largest number it captures.
    """

    id: str
    title: str
    modules: tuple[str, ...]
    why: str
    lacks: tuple[str, ...] = ()
    measures: dict[str, str] = {}
    variants: tuple[Variant, ...] = ()


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An error message of some program: a pattern of a line, what it means, what to do; `cause` is what is
    made of what the pattern captured (`explain`)."""

    pattern: str
    means: str
    remedy: str
    cause: str = ""


@cache
def networks() -> tuple[Rule, ...]:
    """All rules for whole networks, in order."""
    return tuple(
        rule for name in ("denoisers", "others") for rule in msgspec.json.decode(_read(name), type=list[Rule])
    )


@cache
def adapters() -> tuple[AdapterRule, ...]:
    """All rules for the base of a LoRA, in order."""
    return tuple(msgspec.json.decode(_read("adapters"), type=list[AdapterRule]))


@cache
def messages() -> tuple[Message, ...]:
    """All messages that are known, in order."""
    return tuple(msgspec.json.decode(_read("messages"), type=list[Message]))


def _read(name: str) -> bytes:
    return (resources.files(__name__) / f"{name}.json").read_bytes()
