"""What the parameters and MACs of a network are spent on, by kind; the parts add up to the whole."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

from unetscope.analysis.once import once
from unetscope.cost import Cost, total
from unetscope.families.module_names import is_feed_forward, is_modulation
from unetscope.model import Architecture, Node
from unetscope.paths import parent, within
from unetscope.vocabulary import ADAPTER, OBSERVED_STAGE, SPENDINGS, Kind, Part, about

_ADAPTIVE = re.compile("AdaLayerNorm|NormZero")
"""In the names of norms that shift, scale and gate by the conditioning."""

STAGED = frozenset({"down", "mid", "up", "body"})


@dataclass(frozen=True, slots=True)
class Share:
    """One part with its cost."""

    part: Part
    cost: Cost


@once
def by_part(architecture: Architecture) -> tuple[Share, ...]:
    """The cost of every part, in the order of SPENDINGS, those without cost left out."""
    sums: dict[Part, list[Cost]] = {part: [] for part in SPENDINGS}
    places = part_of(architecture)
    for node in architecture.nodes:
        own, part = node.own, places[node.path]
        if part == "projection" and own.attention:
            sums["scores"].append(Cost(attention=own.attention))
            own = replace(own, attention=0)
        sums[part].append(own)
    shares = (Share(part, total(costs)) for part, costs in sums.items())
    return tuple(share for share in shares if share.cost != Cost())


def stages_cost(architecture: Architecture) -> Cost:
    """The cost of all stages; the rest of the network stands outside them."""
    return total(architecture.costs[stage.path] for stage in architecture.stages if stage.role in STAGED)


@once
def outside_cost(architecture: Architecture) -> Cost:
    """The cost of everything outside the stages."""
    inside = {stage.path for stage in architecture.stages if stage.role in STAGED}
    return total(node.own for node in architecture.nodes if within(node.path, inside) is None)


@once
def part_of(architecture: Architecture) -> Mapping[str, Part]:
    """The part each module belongs to, by path: that of the nearest module above it whose kind is known."""
    staged = {stage.path for stage in architecture.stages if stage.role in STAGED}
    places: dict[str, Part] = {}
    paths = architecture.by_path
    for node in architecture.nodes:
        above = places[parent(node.path)] if node.path else "outside"
        # Beside the blocks of a stage (NCSN++), and not in a block that stands in the place of one.
        bare = parent(node.path) in staged and above == "other" and node.kind in ("conv", "norm")
        if node.path in staged:
            places[node.path] = known_of(node).part or "other"
        elif bare:
            places[node.path] = known_in_stage(architecture, node).part or "conv"
        else:
            places[node.path] = _place(node, above, paths)
    return places


def _place(node: Node, above: Part, paths: Container[str]) -> Part:
    """The part of a module: what lies below "outside" or a feed-forward part belongs to it too, adapters
    excepted."""
    if node.kind == ADAPTER:
        return "adapter"
    if above in ("outside", "feed-forward", "modulation", "residual", "conv-block", "conv"):
        return above
    if above in ("projection", "other") and (_ADAPTIVE.search(node.type) or is_modulation(node.path)):
        return "modulation"
    if above == "projection" and is_feed_forward(node.path, paths):
        return "feed-forward"
    return known_of(node).part or above


def known_in_stage(architecture: Architecture, node: Node) -> Kind:
    """What is known of a module that a stage calls: where stages were observed, a convolution is a block."""
    is_block = node.kind == "conv" and architecture.by_path[parent(node.path)].type == OBSERVED_STAGE
    return about("conv block") if is_block else known_of(node)


def known_of(node: Node) -> Kind:
    """What is known of a module: of a block in the place of a stage by its class, not by its place."""
    return about(node.type if node.kind == "stage" else node.kind)
