"""The only part that builds and runs networks: torch and diffusers are imported here, inside functions."""

from __future__ import annotations

from unetscope.tracing.trace import trace, trace_module

__all__ = ["trace", "trace_module"]
