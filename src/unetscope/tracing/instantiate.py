"""The tensors of a network that is only built, never run."""

from __future__ import annotations

from unetscope.model import Tensor
from unetscope.spec import DEFAULT_DTYPE, Spec
from unetscope.tracing import build, describe


def tensors(spec: Spec, *, dtype: str = DEFAULT_DTYPE) -> tuple[Tensor, ...]:
    """Parameters and buffers of the network a spec describes, in the order of its state dict.

    Raises ConfigError where diffusers refuses the config, TraceError where torch is missing.
    """
    build.require_torch()
    return tuple(describe.tensors(build.build(spec.class_name, spec.config, dtype)))
