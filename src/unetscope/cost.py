"""What a network costs: parameters and multiply-accumulates, by class of operation, and how they are counted.

All counts are exact integers. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

OpClass: TypeAlias = Literal["conv", "linear", "attention", "other", "none"]

OP_CLASSES: tuple[OpClass, ...] = ("conv", "linear", "attention", "other")


@dataclass(frozen=True, slots=True)
class Cost:
    """Parameters (elements) and multiply-accumulates of one forward, by class of operation.

    `elementwise` holds the FLOPs that a convention counts beside multiply-accumulates, for norms, activations
    and biases. A trace has none.
    """

    params: int = 0
    conv: int = 0
    linear: int = 0
    attention: int = 0
    other: int = 0
    elementwise: int = 0

    @property
    def macs(self) -> int:
        """Multiply-accumulates: convolutions, matmuls with a weight, attention and other matmuls."""
        return self.conv + self.linear + self.attention + self.other

    @property
    def flops(self) -> int:
        """Floating-point operations: 2 a MAC, and those that are no multiply-accumulate."""
        return 2 * self.macs + self.elementwise

    @property
    def macs_by_op(self) -> dict[OpClass, int]:
        """MACs per class, in the order conv, linear, attention, other."""
        return {"conv": self.conv, "linear": self.linear, "attention": self.attention, "other": self.other}

    def total(self, unit: str) -> int:
        """All work in a unit, "macs" or "flops"."""
        return self.flops if unit == "flops" else self.macs

    def work(self, unit: str) -> dict[OpClass, int]:
        """Work per class in a unit; FLOPs that are no multiply-accumulate are "other"."""
        if unit == "macs":
            return self.macs_by_op
        return {op: 2 * macs for op, macs in self.macs_by_op.items()} | {
            "other": 2 * self.other + self.elementwise
        }

    def times(self, number: int) -> Cost:
        """The same parameters with several times the work, as of a batch or of many forwards."""
        work = (*self.macs_by_op.values(), self.elementwise)
        return Cost(self.params, *(number * part for part in work))

    def __add__(self, more: Cost) -> Cost:
        return Cost(
            self.params + more.params,
            self.conv + more.conv,
            self.linear + more.linear,
            self.attention + more.attention,
            self.other + more.other,
            self.elementwise + more.elementwise,
        )


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of costs; an empty one for no costs."""
    return sum(costs, start=Cost())


@dataclass(frozen=True, slots=True)
class Counting:
    """How we count work: by which convention, and over how many forwards.

    `cfg` is classifier-free guidance: two forwards a step, one with the prompt and one without. With an
    `interval` above 1 only the first of every `interval` steps is whole, and the others reuse what lies
    deeper than skip `branch` (DeepCache, whose numbers these are). After the first `gate` steps the text's
    cross-attention is reused and guidance ends (T-GATE).
    """

    convention: str = "full"
    cfg: bool = False
    steps: int = 1
    interval: int = 1
    branch: int = 0
    gate: int | None = None

    @property
    def forwards(self) -> int:
        """Forwards of the network in all: steps, twice with guidance."""
        return sum(self.of_kind.values())

    @property
    def reuses(self) -> bool:
        """Whether some forwards reuse what others made."""
        return self.interval != 1 or self.gate is not None

    @property
    def whole_steps(self) -> int:
        """Steps in which all blocks run, the cross-attention of a gated one apart."""
        return -(-self.steps // self.interval)

    @property
    def of_kind(self) -> dict[tuple[bool, bool], int]:
        """How many forwards there are of each kind: whether deep blocks and whether cross-attention are
        reused in them."""
        guided = self.steps if self.gate is None else self.gate
        before = -(-guided // self.interval)
        after = self.whole_steps - before
        times = 2 if self.cfg else 1
        forwards = {
            (False, False): before * times,
            (True, False): (guided - before) * times,
            (False, True): after,
            (True, True): self.steps - guided - after,
        }
        return {kind: number for kind, number in forwards.items() if number}


ONCE = Counting()
"""How a trace counts: by the full convention, over one forward."""
