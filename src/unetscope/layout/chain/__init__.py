"""The chain that a picture shows: opened, bare of badges on paper, shaded by costs in five steps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from unetscope.choices import Look
from unetscope.cost import Cost
from unetscope.layout.chain.blocks import Block, Chain, chain
from unetscope.layout.chain.layers import opened
from unetscope.layout.scene import Box, Group, Item
from unetscope.model import Architecture
from unetscope.words import units


def prepared(architecture: Architecture, look: Look) -> Chain:
    """The chain of an architecture as it is to be drawn."""
    blocks = chain(architecture, one_by_one=look.measured is not None)
    if look.detail == "layer":
        blocks = opened(architecture, blocks)
    steps = ramp(blocks, look)
    return shaded(blocks, steps, look) if steps else blocks


STEPS = 5
_KINDS = frozenset({"residual", "attention", "feed-forward", "conv-block", "other"})
"""Fills that mean a kind."""
_ROUND = (5, 2, 1)
_LEAST_CHANGE = 1_000
"""Millionths that a step begins with at least: 0.1 %."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """Rising bounds between steps, at most four between five. `what` is params, macs or flops; or
    change, in millionths."""

    what: str
    bounds: tuple[int, ...]

    def step(self, cost: Cost) -> int:
        """1 for the palest to 5 for the darkest."""
        return self.step_of(int(getattr(cost, self.what)))

    def step_of(self, amount: int) -> int:
        """The same for the number itself."""
        return self.used()[sum(amount >= bound for bound in self.bounds)]

    def used(self) -> list[int]:
        """The steps between the bounds: fewer than five are spread from the palest to the darkest."""
        return [1 + round(4 * place / len(self.bounds)) for place in range(len(self.bounds) + 1)]

    def labels(self) -> list[str]:
        """What each step stands for: "< 10 M", "10–20 M" … "≥ 100 M"; of changes first "equal"."""
        equal = ["equal"] * (self.what == "change" and self.bounds[0] == 1)
        words = [self._word(bound) for bound in self.bounds[len(equal) :]]
        if not words:
            return [*equal, "changed"]
        between = [_between(a, b) for a, b in pairwise(words)]
        return [*equal, f"< {words[0]}", *between, f"≥ {words[-1]}"]

    def _word(self, bound: int) -> str:
        if self.what == "change":
            return f"{bound / 1e4:g} %"
        digits, prefix = units.short(bound, billions="B" if self.what == "params" else "G")
        # Bounds are round: "20.0" says no more than "20".
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
        return f"{digits} {prefix}".strip()


def ramp(chain: Chain, look: Look) -> Ramp | None:
    """The steps of a picture, none where fills mean kinds. Each step is some part's."""
    if look.measured is not None:
        blocks = [*chain.blocks(), *(end for end in (chain.inlet, chain.outlet) if end)]
        changes = {look.measured.at(block.path) for block in blocks}
        amounts = {max(change, _LEAST_CHANGE - 1) for change in changes if change}
        bounds = _bounds(amounts)[1 - STEPS + (0 in changes) :] if amounts else []
        return Ramp("change", (*[1] * (0 in changes or not bounds), *bounds))
    return ramp_over(_costs(chain, look), look)


def ramp_over(costs: Iterable[Cost], look: Look) -> Ramp | None:
    """The steps for some costs, as of `ramp`."""
    if look.color_by == "kind":
        return None
    what = "params" if look.color_by == "params" else look.unit
    amounts = {int(getattr(cost, what)) for cost in costs}
    return Ramp(what, tuple(_bounds(amounts)))


def shaded(chain: Chain, steps: Ramp, look: Look) -> Chain:
    """The chain with a step for everything that has a cost of its own."""

    def shade(block: Block) -> Block:
        if block.kind == "concat":
            return block
        step = (
            steps.step(block.cost) if look.measured is None else steps.step_of(look.measured.at(block.path))
        )
        return replace(block, shade=step, layers=tuple(map(shade, block.layers)))

    by_stage = look.detail == "stage"
    stages = tuple(
        replace(
            stage, blocks=tuple(map(shade, stage.blocks)), shade=steps.step(stage.cost) if by_stage else 0
        )
        for stage in chain.stages
    )
    return Chain(chain.inlet and shade(chain.inlet), stages, chain.outlet and shade(chain.outlet))


def unfilled(items: Iterable[Item]) -> Iterator[Item]:
    """The items with boxes of a kind's fill left white: their outlines and words tell the kind."""
    for item in items:
        if isinstance(item, Group):
            yield replace(item, items=tuple(unfilled(item.items)))
        elif isinstance(item, Box) and item.fill in _KINDS:
            yield replace(item, fill="conv")
        else:
            yield item


def _costs(chain: Chain, look: Look) -> Iterable[Cost]:
    if look.detail == "stage":
        return [stage.cost for stage in chain.stages]
    blocks = chain.blocks()
    return [part.cost for block in blocks for part in block.layers or (block,)]


def _bounds(amounts: Collection[int]) -> list[int]:
    """At most four bounds from the series 1, 2, 5, from the highest that an amount reaches downwards. Between
    two of them, and below the lowest, lies an amount; one bound alone may have none below it."""
    power = int(10 ** (len(str(max(amounts, default=0))) - 1))
    bounds: list[int] = []
    left = set(amounts)
    while len(bounds) < STEPS - 1 and power:
        for bound in (digit * power for digit in _ROUND):
            below = {amount for amount in left if amount < bound}
            if len(bounds) < STEPS - 1 and len(below) < len(left) and (below or not bounds):
                bounds.append(bound)
                left = below
        power //= 10
    return sorted(bounds) or [1]


def _between(low: str, high: str) -> str:
    """A range that names its unit once: "10–20 M"."""
    digits, _, prefix = low.partition(" ")
    return f"{digits}–{high}" if high.endswith(prefix) and prefix else f"{low}–{high}"
