"""How the values of two files of weights differ, as frozen plain data, by tensor and by block."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from unetscope.hooks import Shown
from unetscope.sizes import Shape

ValueState: TypeAlias = Literal["equal", "changed", "reshaped", "not compared"]
_SINGLE = 1e-6
"""Of a squared difference, what sums in single precision leave open."""
_STEPS = {"F16": 2.0**-10, "BF16": 2.0**-7, "F8_E4M3": 2.0**-3, "F8_E5M2": 2.0**-2}
"""Relative distance of neighbouring values, of types coarser than single precision."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What is summed over elements a of A and b of B: a², b², (a − b)²; and the largest |a − b|.

    Summed in single precision over rows of 8,192 elements and in double over rows: six digits hold. A
    sum is not finite where a value is not.
    """

    elements: int = 0
    a: float = 0.0
    b: float = 0.0
    change: float = 0.0
    largest: float = 0.0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.elements + other.elements, self.a + other.a, self.b + other.b, self.change + other.change,
            other.largest if math.isnan(other.largest) else max(self.largest, other.largest),
        )  # fmt: skip

    @property
    def finite(self) -> bool:
        """Whether all values of both are finite."""
        return math.isfinite(self.a) and math.isfinite(self.b) and math.isfinite(self.change)

    @property
    def relative(self) -> float | None:
        """‖A − B‖ / ‖A‖; None where A is zero and B is not, or where values are not finite."""
        if not self.finite or (not self.a and self.change):
            return None
        return math.sqrt(self.change / self.a) if self.a else 0.0

    @property
    def apart(self) -> float | None:
        """1 − cosine, from the norms and the norm of the difference, so that little is lost where it is
        small; None where a norm is zero or not finite."""
        if not self.finite or not self.a or not self.b:
            return None
        a, b = math.sqrt(self.a), math.sqrt(self.b)
        return max(0.0, (self.change - (a - b) ** 2) / (2 * a * b))

    @property
    def cosine(self) -> float | None:
        """Cosine of the angle between A and B as vectors; None as for `apart`."""
        return None if self.apart is None else 1 - self.apart

    @property
    def ratio(self) -> float | None:
        """‖B‖ / ‖A‖; None as for `apart`."""
        return None if self.apart is None else math.sqrt(self.b / self.a)


@dataclass(frozen=True, slots=True)
class TensorValues:
    """One tensor that both files have. `name` is that in both, or the one of diffusers where they differ;
    `own` are the names in A and in B, `block` the part of the network it belongs to."""

    name: str
    block: str
    own: tuple[str, str]
    shapes: tuple[Shape, Shape]
    dtypes: tuple[str, str]
    state: ValueState
    sums: Sums = Sums()

    @property
    def scale(self) -> float | None:
        """By which number all values were multiplied, as far as the coarser type can tell; None if they were
        not."""
        return _scale(self.sums, self.dtypes) if self.state == "changed" else None


@dataclass(frozen=True, slots=True)
class BlockValues:
    """A block: how many of its tensors are in each state, its sums, its part of all that changed (of the
    squared difference, 0 to 1; None where a value is not finite)."""

    path: str
    tensors: tuple[TensorValues, ...]
    sums: Sums
    share: float | None

    def count(self, state: ValueState) -> int:
        """How many tensors are in a state."""
        return sum(tensor.state == state for tensor in self.tensors)

    @property
    def scale(self) -> float | None:
        """By which number all its tensors were multiplied; None if they were not."""
        scales = [tensor.scale for tensor in self.tensors]
        first = scales[0] if scales else None
        if first is None or any(scale is None for scale in scales):
            return None
        return _scale(self.sums, self.tensors[0].dtypes)


@dataclass(frozen=True, slots=True)
class WeightDiff(Shown):
    """How the values of file B differ from those of file A.

    `naming` says by which names tensors were found in both: "" for their own, else the words for it.
    `network` is the bundled model whose blocks they are, "" where none is known; `bytes` is what was read.
    """

    a: str
    b: str
    naming: str
    tensors: tuple[TensorValues, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    network: str = ""
    bytes: int = 0

    def __repr__(self) -> str:
        return f"WeightDiff({self.a!r}, {self.b!r}, {len(self.tensors)} tensors, equal={self.equal})"

    @property
    def equal(self) -> bool:
        """Whether both have the same tensors with the same values."""
        return not self.only_a and not self.only_b and all(tensor.state == "equal" for tensor in self.tensors)

    @property
    def total(self) -> BlockValues:
        """The sums over all tensors."""
        return _block("", self.tensors, total(self.tensors).change)

    @property
    def blocks(self) -> tuple[BlockValues, ...]:
        """Tensors by block, in the order of the forward where the network is known, else by name."""
        by_block: dict[str, list[TensorValues]] = {}
        for tensor in self.tensors:
            by_block.setdefault(tensor.block, []).append(tensor)
        whole = total(self.tensors).change
        return tuple(_block(path, tuple(tensors), whole) for path, tensors in by_block.items())


def total(tensors: Iterable[TensorValues]) -> Sums:
    """The sums of several tensors."""
    return sum((tensor.sums for tensor in tensors), start=Sums())


def _block(path: str, tensors: tuple[TensorValues, ...], whole: float) -> BlockValues:
    sums = total(tensors)
    share = sums.change / whole if whole else 0.0
    return BlockValues(path, tensors, sums, share if math.isfinite(share) else None)


def _scale(sums: Sums, dtypes: tuple[str, str]) -> float | None:
    """‖B‖ / ‖A‖ where both point the same way within the rounding of their types."""
    step = max(_STEPS.get(dtype, 0.0) for dtype in dtypes)
    apart, ratio = sums.apart, sums.ratio
    if apart is None or ratio is None:
        return None
    aside = 2 * apart * math.sqrt(sums.a * sums.b)  # what changed beside the length
    if aside > _SINGLE * sums.change and apart > step**2:
        return None
    return ratio if abs(ratio - 1) > max(step, 1e-6) else None
