"""The tensors of a file set against those of a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from unetscope.sizes import Shape


@dataclass(frozen=True, slots=True)
class Agreement:
    """The tensors of a file against those of a network: names missing here, names that the network lacks, and
    (name, shape here, shape there) where shapes differ; `unknown` counts tensors without a shape."""

    equal: int
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    reshaped: tuple[tuple[str, Shape, Shape], ...] = ()
    unknown: int = 0

    @property
    def fits(self) -> bool:
        """Whether every tensor is there, of the right shape, and no other."""
        return not (self.missing or self.unexpected or self.reshaped)


def compare(names: Mapping[str, Shape | None], there: Mapping[str, Shape]) -> Agreement:
    """The tensors of a file against those of a network."""
    shared = [name for name in names if name in there]
    reshaped = [
        (name, shape, there[name])
        for name in shared
        if (shape := names[name]) is not None and shape != there[name]
    ]
    unknown = sum(names[name] is None for name in shared)
    return Agreement(
        len(shared) - len(reshaped) - unknown,
        tuple(name for name in there if name not in names),
        tuple(name for name in names if name not in there),
        tuple(reshaped),
        unknown,
    )
