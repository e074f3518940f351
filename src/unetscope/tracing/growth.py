"""Stops a network that grows beyond reason while it is built, before that takes long.

What a config describes can be told beforehand only where its class is known; any other is counted as
it comes into being: each tensor that a constructor makes, and its elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unetscope import units
from unetscope.errors import ConfigError
from unetscope.limits import MAX_BUILT_ELEMENTS, MAX_BUILT_TENSORS


@dataclass
class Growth:
    """What has been made so far of one network."""

    tensors: int = 0
    elements: int = 0

    def add(self, tensor: Any) -> None:
        """Count one tensor. Raises ConfigError where the network is then larger than any real one."""
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
