"""What torchinfo counts of one module, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedLayer:
    """One line of torchinfo's listing, both counts its own.

    `params` are those of the module with all below it; `theirs` are the mult-adds of a module without
    children, 0 of any other.
    """

    path: str
    type: str
    params: int
    theirs: int
