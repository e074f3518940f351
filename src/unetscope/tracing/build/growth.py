"""Stops a network that grows beyond all reason while it is built.

We can estimate beforehand only classes whose keys we know. Of any other class we count, as its network comes
into being, the tensors that constructors make, and their elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unetscope.errors import ConfigError
from unetscope.limits import MAX_BUILT_ELEMENTS, MAX_BUILT_TENSORS
from unetscope.words import units


@dataclass
class Growth:
    """The tensors of a network so far, and their elements."""

    tensors: int = 0
    elements: int = 0

    def add(self, tensor: Any) -> None:
        """Count one tensor. Raises ConfigError once the network is larger than any real one."""
        self.tensors += 1
        self.elements += tensor.numel()
        if self.tensors > MAX_BUILT_TENSORS:
            raise ConfigError(
                f"the config describes more than {MAX_BUILT_TENSORS:,} tensors",
                hint="see the keys that give numbers of layers and blocks",
            )
        if self.elements > MAX_BUILT_ELEMENTS:
            raise ConfigError(
                f"the config describes more than {units.params(MAX_BUILT_ELEMENTS)} parameters",
                hint="see the keys that give widths, heads and numbers of layers",
            )
