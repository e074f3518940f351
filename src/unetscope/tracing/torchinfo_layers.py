"""torchinfo on the meta device: its own figures, for each module and in total. Knows no columns."""

from __future__ import annotations

import importlib
from typing import Any

from unetscope.analysis.cost.reconcile import Torchinfo
from unetscope.analysis.cost.torchinfo_listing import ListedLayer
from unetscope.errors import TraceError
from unetscope.families import examples
from unetscope.hooks import tell
from unetscope.model import Architecture
from unetscope.sizes import Size
from unetscope.sources import spec_of
from unetscope.tracing import build
from unetscope.tracing.forward import arguments


def layers(architecture: Architecture, *, forward: bool = True) -> tuple[ListedLayer, ...]:
    """Every module once, as torchinfo counts it; without a forward, no mult-adds.

    Raises TraceError where torch or torchinfo is missing.
    """
    lines = _lines(architecture, _summary(architecture, forward=forward))
    return tuple(
        ListedLayer(path, info.class_name, info.num_params, info.macs if info.is_leaf_layer else 0)
        for path, info in lines
    )


def count(architecture: Architecture) -> Torchinfo:
    """torchinfo's own total for one forward, split into what weights of convolutions and linear layers
    take and the rest: their biases, and norms.

    Raises TraceError where torch or torchinfo is missing.
    """
    summary = _summary(architecture, forward=True)
    conv = linear = 0
    for info in summary.summary_list:
        if info.is_leaf_layer and info.macs and hasattr(info.module, "weight"):
            # It multiplies every parameter of a layer by one number: the weights get their share of it.
            weights = info.macs * int(info.module.weight.numel()) // info.num_params
            conv += weights if "Conv" in info.class_name else 0
            linear += weights if info.class_name == "Linear" else 0
    total = int(summary.total_mult_adds)
    return Torchinfo(_torchinfo().__version__, total, conv, linear, total - conv - linear)


def _torchinfo() -> Any:
    build.require_torch()
    try:
        return importlib.import_module("torchinfo")
    except ImportError as error:
        raise TraceError(
            f"torchinfo is needed to list layers ({error})",
            hint="install it with: pip install torchinfo",
        ) from error


def _summary(architecture: Architecture, *, forward: bool) -> Any:
    """A torchinfo summary of the network, built for it on the meta device."""
    torchinfo = _torchinfo()
    tell("running torchinfo")
    if architecture.part:
        raise TraceError("torchinfo runs whole networks alone", hint="leave out --part")
    basis, spec = architecture.basis, spec_of(architecture)
    network = build.build(spec.class_name, spec.config, basis.dtype)
    options: dict[str, Any] = {}
    if forward:
        tensors = arguments.made(examples(spec, spec.config, Size.at(basis)), basis.dtype)
        # None and dicts are no inputs to torchinfo, which adds up the sizes of inputs.
        options = {"input_data": {name: value for name, value in tensors.items() if hasattr(value, "shape")}}
        options |= {name: value for name, value in tensors.items() if name not in options["input_data"]}
    with build.quiet():
        summary = torchinfo.summary(network, verbose=0, **options)
    # it keeps the last network of each class alive
    importlib.import_module("torchinfo.torchinfo").clear_cached_forward_pass()
    return summary


def _lines(architecture: Architecture, summary: Any) -> list[tuple[str, Any]]:
    """Its lines by path. Raises TraceError where a saved architecture is not that of its own config."""
    lines = _once(summary)
    strange = next((path for path, _ in lines if path not in architecture.by_path), None)
    if strange is not None:
        raise TraceError(
            f"the architecture has no module {strange!r}, which its config makes",
            hint="trace it again from its config: --fresh",
        )
    return lines


def _once(summary: Any) -> list[tuple[str, Any]]:
    """Every module with its path, once: torchinfo repeats a list of modules whenever the forward comes back
    to it, and then hides its numbers."""
    by_path: dict[str, Any] = {}
    for info in summary.summary_list:
        by_path.setdefault(_path(info), info)
    return list(by_path.items())


def _path(info: Any) -> str:
    names = []
    while info.parent_info is not None:
        names.append(info.var_name)
        info = info.parent_info
    return ".".join(reversed(names))
