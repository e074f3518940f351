"""torchinfo on the meta device: its own figure, and its listing with our exact MACs in place of its own."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from unetscope.analysis.reconcile import Torchinfo
from unetscope.errors import TraceError
from unetscope.families import examples
from unetscope.model import Architecture, parent
from unetscope.sources import spec_of
from unetscope.spec import Size
from unetscope.tracing import arguments, build

_COLUMNS = ("input_size", "output_size", "num_params", "mult_adds")
_FITTING = {130: _COLUMNS, 100: _COLUMNS[1:], 0: _COLUMNS[2:]}
"""Width of the listing, and the columns there is room for."""
_COLUMN_WIDTH = 18


@dataclass(frozen=True, slots=True)
class Layer:
    """One line of torchinfo's listing. `params` and `theirs` (mult-adds) are torchinfo's own counts."""

    path: str
    type: str
    depth: int
    params: int
    theirs: int


def listing(architecture: Architecture, *, depth: int = 3, width: int = 130) -> str:
    """torchinfo's table of a network, every mult-adds in it replaced by our MACs; they add up.

    A module that does work itself beside its children (attention's two matmuls) shows it on its own
    line, as torchinfo does with parameters. Each module has one line, where torchinfo repeats lists
    of modules as "(recursive)". `width` says how many columns there is room for.
    Raises TraceError where torch or torchinfo is missing.
    """
    summary = _summary(architecture, forward=True)
    lines = _lines(architecture, summary)
    columns = next(names for least, names in _FITTING.items() if width >= least)
    shown = _statistics(summary, [info for _, info in lines], depth, columns)
    for path, info in lines:
        info.macs_to_str = _Shown(architecture.by_path[path].own.macs, architecture.costs[path].macs)
    shown.total_mult_adds = architecture.cost.macs
    return "\n".join(line.rstrip() for line in str(shown).splitlines()) + "\n"


def layers(architecture: Architecture, *, forward: bool = True) -> tuple[Layer, ...]:
    """Every line of torchinfo's listing as data; without a forward, modules alone and no mult-adds."""
    summary = _summary(architecture, forward=forward)
    return tuple(
        Layer(path, info.class_name, info.depth, info.num_params, info.macs if info.is_leaf_layer else 0)
        for path, info in _lines(architecture, summary)
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
            # It multiplies every parameter of a layer by one number, so that weights have their part.
            weights = info.macs * int(info.module.weight.numel()) // info.num_params
            conv += weights if "Conv" in info.class_name else 0
            linear += weights if info.class_name == "Linear" else 0
    total = int(summary.total_mult_adds)
    return Torchinfo(_torchinfo().__version__, total, conv, linear, total - conv - linear)


@dataclass(frozen=True, slots=True)
class _Shown:
    """Stands in for LayerInfo.macs_to_str: what a line says of mult-adds."""

    own: int
    whole: int

    def __call__(self, reached_max_depth: bool) -> str:  # noqa: FBT001 - torchinfo calls it so
        macs = self.whole if reached_max_depth else self.own
        return f"{macs:,}" if macs else "--"


def _torchinfo() -> Any:
    build.require_torch()
    try:
        return importlib.import_module("torchinfo")
    except ImportError as error:
        raise TraceError(
            f"torchinfo is needed to list layers ({error})",
            hint='install it with: pip install "unetscope[trace]"',
        ) from error


def _summary(architecture: Architecture, *, forward: bool) -> Any:
    """A torchinfo summary of the network, built anew on the meta device."""
    torchinfo = _torchinfo()
    basis, spec = architecture.basis, spec_of(architecture)
    network = build.build(spec.class_name, spec.config, basis.dtype)
    given: dict[str, Any] = {}
    if forward:
        tensors = arguments.made(examples(spec, spec.config, Size.at(basis)), basis.dtype)
        # What is None or a dict is no input to torchinfo, which sums up the sizes of inputs.
        given = {"input_data": {name: one for name, one in tensors.items() if hasattr(one, "shape")}}
        given |= {name: one for name, one in tensors.items() if name not in given["input_data"]}
    with build.quiet():
        made = torchinfo.summary(network, verbose=0, **given)
    # It keeps the last network of each class alive.
    importlib.import_module("torchinfo.torchinfo").clear_cached_forward_pass()
    return made


def _statistics(summary: Any, infos: list[Any], depth: int, columns: tuple[str, ...]) -> Any:
    """The summary again over these lines, with these columns and exact totals."""
    parts = importlib.import_module("torchinfo.model_statistics")
    enums = importlib.import_module("torchinfo.enums")
    settings = {enums.RowSettings.DEPTH, enums.RowSettings.VAR_NAMES}
    shown = tuple(enums.ColumnSettings(name) for name in columns)
    options = parts.FormattingOptions(depth, 0, shown, _COLUMN_WIDTH, settings)
    options.macs_units = enums.Units.NONE
    importlib.import_module("torchinfo.torchinfo").set_children_layers(infos)
    made = parts.ModelStatistics(infos, summary.input_size, summary.total_input, options)
    # It makes room for the names of all layers, shown or not.
    names = (len(i.get_layer_name(True, True)) + 5 * i.depth for i in infos if i.depth <= depth)  # noqa: FBT003
    options.layer_name_width = max(names, default=20)
    return made


def _lines(architecture: Architecture, summary: Any) -> list[tuple[str, Any]]:
    """Its lines by path. Raises TraceError where a saved architecture is not that of its own config."""
    lines = _once(summary)
    strange = next((path for path, _ in lines if path not in architecture.by_path), None)
    if strange is not None:
        raise TraceError(
            f"the architecture has no module {strange!r}, which its config makes",
            hint="trace it anew from its config: --fresh",
        )
    return lines


def _once(summary: Any) -> list[tuple[str, Any]]:
    """Every module with its path, once, each below the one that holds it, in the order of the forward.

    torchinfo repeats a list of modules whenever the forward comes back to it, and then hides its numbers.
    """
    found: dict[str, Any] = {}
    for info in summary.summary_list:
        found.setdefault(_path(info), info)
    places: dict[str, tuple[int, ...]] = {}
    for index, path in enumerate(found):
        places[path] = (*places.get(parent(path), ()), index) if path else ()
    modules: set[int] = set()
    lines = [(path, found[path]) for path in sorted(found, key=places.__getitem__)]
    for _, info in lines:
        info.is_recursive = info.layer_id in modules
        modules.add(info.layer_id)
    return lines


def _path(info: Any) -> str:
    names = []
    while info.parent_info is not None:
        names.append(info.var_name)
        info = info.parent_info
    return ".".join(reversed(names))
