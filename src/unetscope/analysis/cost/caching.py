"""Which calls of a forward run where results are reused: DeepCache's cached steps, T-GATE's gated ones.

DeepCache (arXiv 2312.00858) keeps the tensor that enters the up path at one skip and, in the steps after,
runs what makes that skip and those before it, and the up path from there on. Its package numbers the skips
from the first made, 0: `cache_branch_id`. Its scripts for the paper say block 0 for the package's branch 1.
T-GATE (arXiv 2404.02747) keeps what each cross-attention to the text returned, its projections with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from unetscope.cost import Counting
from unetscope.errors import ConfigError
from unetscope.model import Architecture, Skip

KINDS = {
    (False, False): "whole",
    (True, False): "cached",
    (False, True): "gated",
    (True, True): "cached and gated",
}
"""Kinds of forwards in words, by whether deep blocks and whether cross-attention are reused."""


def runs(
    architecture: Architecture, counting: Counting, forwards: Mapping[tuple[bool, bool], int]
) -> Sequence[int]:
    """For each call the number of forwards, of those of each kind, in which it runs.

    Raises ConfigError where nothing could be reused so.
    """
    if not counting.reuses:
        return [sum(forwards.values())] * len(architecture.calls)
    if counting.interval < 1 or counting.branch < 0 or not 0 < (counting.gate or 1) <= counting.steps:
        raise ConfigError(
            f"no {counting.steps} steps with interval {counting.interval}, branch {counting.branch} and gate "
            f"{counting.gate}",
            hint="cache_interval 2 or more, cache_branch 0 or more, gate from 1 to below steps",
        )
    deep = _deep(architecture, counting.branch) if counting.interval > 1 else range(0)
    crossed = _crossed(architecture) if counting.gate is not None else frozenset()
    by_place = {
        (is_deep, is_crossed): sum(
            number
            for (cached, gated), number in forwards.items()
            if not (cached and is_deep) and not (gated and is_crossed)
        )
        for is_deep, is_crossed in product((False, True), repeat=2)
    }
    return [by_place[index in deep, call.node in crossed] for index, call in enumerate(architecture.calls)]


def _deep(architecture: Architecture, branch: int) -> range:
    """The calls between what makes a skip and where it is joined, both of which run."""
    skips = sorted(
        (skip for skip in architecture.skips if skip.on_path), key=lambda skip: _made(architecture, skip)
    )
    joined = [architecture.first_call[skip.target] for skip in skips]
    if not skips or joined != sorted(joined, reverse=True):
        raise ConfigError(
            f"{architecture.title} has no skips, one inside the other, behind which a step could be cached",
            hint="DeepCache is for UNets: leave --cache-interval out",
        )
    if branch >= len(skips):
        raise ConfigError(
            f"{architecture.title} has {len(skips)} skips, no branch {branch}",
            hint=f"--cache-branch 0 to {len(skips) - 1}",
        )
    end = joined[branch]
    while architecture.operations[architecture.calls[end - 1].operation].name == "cat":
        end -= 1
    return range(_made(architecture, skips[branch]) + 1, end)


def _made(architecture: Architecture, skip: Skip) -> int:
    """The call that made a skip's tensor."""
    return max(architecture.by_path[skip.source].returned)


def _crossed(architecture: Architecture) -> frozenset[int]:
    """The nodes of all attentions that look at another sequence than their own, with all inside them."""
    crossing = {
        node.path
        for node in architecture.nodes
        if node.kind == "attention" and node.attributes.get("is_cross_attention") is True
    }
    if not crossing:
        raise ConfigError(
            f"{architecture.title} has no cross-attention to the text that could be gated",
            hint="T-GATE is for networks with cross-attention apart: leave --gate out",
        )
    inside = {below.path for path in crossing for below in architecture.below(path)}
    return frozenset(number for number, node in enumerate(architecture.nodes) if node.path in inside)
