"""What click read of a command's options, by name: read by all, changed by none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Options: TypeAlias = Mapping[str, Any]
"""Values by the name of the option. A command that asks for something else makes a new mapping of it."""
