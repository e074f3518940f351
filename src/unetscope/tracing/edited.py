"""A network with modules taken out, as its config builds it otherwise: traced on meta like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from unetscope.model import Architecture
from unetscope.paths import parent
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
        edited = trace(spec, size, network=network)
    edited = _without(edited, {path for path, module in network.named_modules() if _is_place(module)})
    return replace(edited, described=False, notes=(*edited.notes, note))


def _without(network: Architecture, places: set[str]) -> Architecture:
    """A trace without the modules that only give their input back: they are places, not blocks.

    A skip from one comes from the block that made what it gives back.
    """
    makers = {
        (parent(parent(node.path)), node.returned): node.path
        for node in reversed(network.nodes)
        if node.path not in places
    }
    made_by = {
        path: makers.get((parent(parent(path)), network.by_path[path].returned), path) for path in places
    }
    numbers = [number for number, node in enumerate(network.nodes) if node.path not in places]
    moved = {number: at for at, number in enumerate(numbers)}
    return replace(
        network,
        nodes=tuple(network.nodes[number] for number in numbers),
        calls=tuple(replace(call, node=moved[call.node]) for call in network.calls),
        skips=tuple(replace(skip, source=made_by.get(skip.source, skip.source)) for skip in network.skips),
    )


def edit(network: Any, edits: Sequence[Edit]) -> None:
    """Take modules out of a network, in place."""
    for edit in edits:
        above, _, name = edit.path.rpartition(".")
        match edit.kind:
            case "delete":
                del network.get_submodule(above)[int(name)]
            case "none":
                setattr(network.get_submodule(above), name, None)
            case "pass":
                network.get_submodule(above)[int(name)] = _pass()
            case "fewer upsamplers":
                network.num_upsamplers -= 1


def _is_place(module: Any) -> bool:
    return type(module).__qualname__ == f"{_pass.__name__}.<locals>.Pass"


def _pass() -> Any:
    """A module in the place of an attention that gives its input back, as the block expects it."""
    import torch

    class Pass(torch.nn.Module):  # type: ignore[misc]
        def forward(self, hidden_states: Any, *_: Any, **options: Any) -> Any:
            return (hidden_states,) if "return_dict" in options else hidden_states

    return Pass()
