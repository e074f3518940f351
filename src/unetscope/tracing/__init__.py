"""The only part that builds and runs networks: torch and diffusers are imported here, inside functions."""

from __future__ import annotations

from unetscope.tracing.any_module import trace_any
from unetscope.tracing.live import spec_of_module, trace_module
from unetscope.tracing.live.unwrap import is_known
from unetscope.tracing.trace import trace

__all__ = ["is_known", "spec_of_module", "trace", "trace_any", "trace_module"]
