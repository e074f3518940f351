"""unetscope: see what is inside a diffusion network.

The public verbs. Importing them never imports torch; tracing does, when a trace is needed.
"""

from __future__ import annotations

from unetscope.api import counted, diff, draw, draw_diff, load, presets, save, table
from unetscope.errors import UnetscopeError
from unetscope.model import Architecture
from unetscope.spec import Size

__all__ = [
    "Architecture",
    "Size",
    "UnetscopeError",
    "counted",
    "diff",
    "draw",
    "draw_diff",
    "load",
    "presets",
    "save",
    "table",
]
__version__ = "0.1.0"
