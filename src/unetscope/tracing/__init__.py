"""The only part that builds and runs networks: torch and diffusers are imported here, inside functions."""

from __future__ import annotations

from unetscope.tracing.live import trace_module
from unetscope.tracing.trace import trace

__all__ = ["trace", "trace_module"]
