"""The only part that builds and runs networks: torch and diffusers are imported here, inside functions."""

from __future__ import annotations

from unetscope.tracing.live import spec_of_module, trace_module
from unetscope.tracing.trace import trace

__all__ = ["spec_of_module", "trace", "trace_module"]
