"""A network with modules taken out, as its config builds it otherwise: traced on meta like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from unetscope.model import Architecture
from unetscope.plans import Edit
from unetscope.sizes import Size
from unetscope.spec import DEFAULT_DTYPE, Spec
from unetscope.tracing import build
from unetscope.tracing.trace import trace


def trace_edited(spec: Spec, size: Size, edits: Sequence[Edit], note: str) -> Architecture:
    """Trace the network of a spec after edits of its modules.

    Raises TraceError where what is left does not run, ConfigError as `trace`.
    """
    build.require_torch()
    with build.quiet():
        network = build.build(spec.class_name, spec.config, size.dtype or DEFAULT_DTYPE)
        edit(network, edits)
        made = trace(spec, size, network=network)
    return replace(made, described=False, notes=(*made.notes, note))


def edit(network: Any, edits: Sequence[Edit]) -> None:
    """Take modules out of a network, in place."""
    for one in edits:
        above, _, name = one.path.rpartition(".")
        match one.kind:
            case "delete":
                del network.get_submodule(above)[int(name)]
            case "none":
                setattr(network.get_submodule(above), name, None)
            case "pass":
                network.get_submodule(above)[int(name)] = _pass()
            case "fewer upsamplers":
                network.num_upsamplers -= 1


def _pass() -> Any:
    """A module in the place of an attention that gives its input back, as the block expects it."""
    import torch

    class Pass(torch.nn.Module):  # type: ignore[misc]
        def forward(self, hidden_states: Any, *_: Any, **options: Any) -> Any:
            return (hidden_states,) if "return_dict" in options else hidden_states

    return Pass()
