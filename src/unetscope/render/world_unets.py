"""The bundled U-Nets of other packages for a terminal, a line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from unetscope.words import units
from unetscope.zoo.world_unets import WorldUNet

_HEAD = ("name", "params", "MACs", "input", "year", "licence")


def listed(known: Mapping[str, WorldUNet]) -> str:
    """Networks a line each, with what the figures hold for."""
    lines = [_line(*_HEAD), "", "U-Nets of other packages"]
    lines += [
        _line(name, units.params(network.params), units.macs(network.macs, "").strip(), network.input,
              str(network.year), network.licence or "")
        for name, network in known.items()
    ]  # fmt: skip
    return "\n".join([*lines, "", "MACs: one forward at the input shown, batch 1; year: of the paper", ""])


def data(name: str, network: WorldUNet) -> dict[str, Any]:
    """A network of the list as JSON."""
    return {"id": name, **msgspec.to_builtins(network)}


def _line(name: str, params: str, macs: str, shape: str, year: str, licence: str) -> str:
    return f" {name:<22}{params:>7}{macs:>8}{shape:>15}{year:>6}  {licence}".rstrip()
