"""The networks in a file: rules tried at every prefix under which their names stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from unetscope.checkpoints import evidence, unets, vaes
from unetscope.checkpoints.answer import Component, RunnerUp
from unetscope.checkpoints.names import crosswalks, naming
from unetscope.checkpoints.names.naming import Names
from unetscope.checkpoints.rules import Rule, networks
from unetscope.sizes import Shape
from unetscope.words.messages import printable

_ORDER = ("denoiser", "ControlNet")
MIXED = 0.02
"""Share of tensors that belong to no network of the kind found, beyond which a file is not one of it."""
_FEW = 3


def found(names: Names) -> list[Component]:
    """All networks in a file, the denoiser first."""
    chosen = _chosen(names)
    parts = [_component(rule, prefix, naming.under(names, prefix, chosen)) for prefix, rule in chosen.items()]
    return sorted(
        parts, key=lambda part: (_ORDER.index(part.kind) if part.kind in _ORDER else len(_ORDER), part.prefix)
    )


def _chosen(names: Names) -> dict[str, Rule]:
    """The first rule that fits at each prefix."""
    places = naming.prefixes(names, (need for rule in networks() for need in rule.needs))
    chosen: dict[str, Rule] = {}
    for rule in networks():
        for prefix in sorted(places[rule.needs[0]]):
            if prefix not in chosen and fits(rule, prefix, names):
                chosen[prefix] = rule
    return {prefix: rule for prefix, rule in chosen.items() if not _inside(prefix, rule, chosen)}


def fits(rule: Rule, prefix: str, names: Names) -> bool:
    """Whether all that a rule needs stands under a prefix, and nothing that it must lack."""
    whole = all(prefix + need in names for need in rule.needs)
    if not whole or any(prefix + lack in names for lack in rule.lacks):
        return False
    return not rule.only or evidence.holds(rule, naming.under(names, prefix))


def _inside(prefix: str, rule: Rule, chosen: Mapping[str, Rule]) -> bool:
    """Whether a network is a part of another that was found around it: a language model's vision tower."""
    return any(
        prefix != outer
        and prefix.startswith(outer)
        and prefix[len(outer) :].split(".", maxsplit=1)[0] in around.parts.split()
        for outer, around in chosen.items()
        if outer or around.parts
    )


def _component(rule: Rule, prefix: str, names: dict[str, Shape | None]) -> Component:
    """What a rule makes of the tensors under its prefix."""
    crossed = crosswalks.renamed(rule.crosswalk, names) if rule.crosswalk else names
    if not rule.infer:
        read = evidence.read(rule, names, {})
        return _made(rule, prefix, read, crossed, names)
    crossed = unets.modern(crossed)
    config = unets.config(crossed) if rule.infer == "unet" else vaes.config(crossed)
    read = evidence.read(rule, crossed, dict.fromkeys(_UNET_FIELDS) | config)
    read = replace(read, config=config)
    if rule.class_name == "UNet2DConditionModel" and unets.is_unconditional(crossed):
        rule = msgspec.structs.replace(rule, class_name="UNet2DModel")
        read = replace(read, title="unconditional UNet")
    return _made(rule, prefix, read, crossed, names)


_UNET_FIELDS = (
    "cross_attention_dim",
    "addition_embed_type",
    "encoder_hid_dim_type",
    "num_class_embeds",
    "in_channels",
    "down_block_types",
)
"""What variants of rules for UNets ask for: None where it is not known."""


def _made(
    rule: Rule,
    prefix: str,
    read: evidence.Reading,
    names: Mapping[str, Shape | None],
    stored: Names,
) -> Component:
    why = (rule.why, read.why) if read.why else (rule.why,)
    return Component(
        rule.id, read.title, rule.kind, rule.naming, prefix, why, names, len(stored), _foreign(rule, stored),
        rule.class_name,
        read.config, rule.beside, rule.crosswalk,
    )  # fmt: skip


def _foreign(rule: Rule, names: Names) -> tuple[str, ...]:
    if rule.crosswalk == "ldm":
        table = crosswalks.targets("ldm", names)
        return tuple(name for name in names if name not in table)
    parts = frozenset(rule.parts.split())
    return tuple(name for name in names if parts and name.split(".", 1)[0] not in parts)


def mixed(component: Component) -> bool:
    """Whether too many of its tensors belong to something else."""
    return len(component.foreign) > max(_FEW, MIXED * len(component.names))


def runners_up(names: Names, main: Component | None, limit: int = 3) -> list[RunnerUp]:
    """Rules of which some but not all evidence is there, at the main prefix, with what is missing."""
    prefix = main.prefix if main else ""
    near: list[tuple[float, RunnerUp]] = []
    for rule in networks():
        if main and (rule.id == main.rule or rule.title == main.title):
            continue
        there = [need for need in rule.needs if prefix + need in names]
        if not there or (main and rule.kind != main.kind):
            continue
        near.append(
            (
                -len(there) / len(rule.needs),
                RunnerUp(f"{rule.title} ({rule.naming})", _why_not(rule, prefix, names)),
            )
        )
    return [runner for _, runner in sorted(near, key=lambda pair: pair[0])[:limit]]


def _why_not(rule: Rule, prefix: str, names: Names) -> str:
    missing = [need for need in rule.needs if prefix + need not in names]
    if missing:
        return f"no {printable(missing[0])}"
    present = [lack for lack in rule.lacks if prefix + lack in names]
    return f"{printable(present[0])} is there" if present else "a rule before it fits too"
