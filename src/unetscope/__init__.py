"""unetscope: see what is inside a diffusion network.

    import unetscope

    network = unetscope.load("sdxl", size=768)              # or a path, a config, a live module, a pipeline
    network.cost.params, network.cost.macs                  # exact integers
    unetscope.draw(network, layout="u").save("sdxl.svg")    # a notebook shows it
    unetscope.table(network, by="block").records()          # rows for a data frame
    unetscope.diff("sd15", "bk-sdm-small")                  # what changed, and which config field did it

`load draw caption graph chart table compare reconcile counted sweep formula memory diff draw_diff pipeline
draw_pipeline family_tree keys weight_diff draw_weights survey plan plan_report students save` are what the
command line does. Importing them never imports torch; tracing does, when a trace is needed.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` takes longer to import than all else here
if TYPE_CHECKING:
    from typing import Any

    from unetscope.api import (
        Picture,
        caption,
        chart,
        check,
        compare,
        counted,
        dataflow,
        diff,
        draw,
        draw_diff,
        draw_pipeline,
        draw_weights,
        family_tree,
        formula,
        graph,
        identify,
        keys,
        load,
        memory,
        overlay,
        pipeline,
        plan,
        plan_report,
        presets,
        reconcile,
        save,
        students,
        survey,
        sweep,
        table,
        weight_diff,
    )
    from unetscope.errors import UnetscopeError
    from unetscope.model import Architecture
    from unetscope.sizes import Size

__all__ = [
    "Architecture",
    "Picture",
    "Size",
    "UnetscopeError",
    "caption",
    "chart",
    "check",
    "compare",
    "counted",
    "dataflow",
    "diff",
    "draw",
    "draw_diff",
    "draw_pipeline",
    "draw_weights",
    "family_tree",
    "formula",
    "graph",
    "identify",
    "keys",
    "load",
    "memory",
    "overlay",
    "pipeline",
    "plan",
    "plan_report",
    "presets",
    "reconcile",
    "save",
    "students",
    "survey",
    "sweep",
    "table",
    "weight_diff",
]
__version__ = "0.1.0"

_ELSEWHERE = {"Architecture": "model", "Size": "sizes", "UnetscopeError": "errors"}
"""Where names are that are not in `api`."""


def __getattr__(name: str) -> Any:
    """A public name, imported when it is asked for: the command line starts, and can be stopped, at once."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f"{__name__}.{_ELSEWHERE.get(name, 'api')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
