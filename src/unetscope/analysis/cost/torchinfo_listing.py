"""torchinfo's listing of a network as data: what its lines say, and its totals."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.sizes import Shape


@dataclass(frozen=True, slots=True)
class ListedLayer:
    """One line of torchinfo's listing. `params` and `theirs` (mult-adds) are torchinfo's own counts.

    `index` numbers the layers of a depth. `input` and `output` are shapes with batch, () where it knows
    none. `left_over` are the parameters that no child holds, all of them where there is no child;
    `trainable` those of `params` that are trained. `again` says that the module stands above already,
    under another path.
    """

    path: str
    type: str
    depth: int
    params: int
    theirs: int
    index: int | None = None
    input: Shape = ()
    output: Shape = ()
    left_over: int = 0
    trainable: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """torchinfo's listing as data: its layers, and its totals in parameters and bytes."""

    layers: tuple[ListedLayer, ...]
    params: int
    trainable: int
    input_bytes: int
    output_bytes: int
    param_bytes: int
