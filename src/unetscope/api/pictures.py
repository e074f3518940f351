"""Diagrams, dataflow graphs and charts of architectures, as a file's bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from unetscope import zoo
from unetscope.analysis.cost import conventions
from unetscope.analysis.dataflow.graph import Graph
from unetscope.api import commands, loading
from unetscope.cost import ONCE, Counting
from unetscope.errors import OutputError
from unetscope.model import Architecture

if TYPE_CHECKING:
    from unetscope.analysis.diff import Diff
    from unetscope.analysis.scaling.sweep import Sweep


def draw(
    architecture: Architecture,
    *,
    format: str = "svg",
    layout: str | None = None,
    theme: str = "light",
    unit: str = "macs",
    detail: str = "block",
    color_by: str = "kind",
    width: str = "readme",
    command: str | None = None,
) -> bytes:
    """A diagram of an architecture as a file's bytes.

    `format` is svg, png or json (the scene: every box and text in its place). `layout` is strip, u or
    column, by default column for networks without down and up stages and strip for others. `theme` is
    light, dark, auto or paper (bare, for a figure with a caption), `unit` macs or flops (1 MAC = 2 FLOPs),
    `detail` stage, block or layer. Fills mean what `color_by` says: kind, params or macs. `width` is readme
    (900 px), full (as wide as all labels need) or column (of a paper).
    `command` is printed at the foot, by default the one that draws this picture again. Raises OutputError
    for an unknown choice.
    """
    from unetscope import render
    from unetscope.layout import usual_layout

    look: dict[str, Any] = {
        "layout": layout, "detail": detail, "theme": theme, "color_by": color_by, "width": width, "unit": unit
    }  # fmt: skip
    asked = look | {"layout": None if layout == usual_layout(architecture) else layout, "format": format}
    return render.diagram(
        architecture, format=format, command=_command(command, "diagram", [architecture], asked), **look
    )


def graph(architecture: Architecture, *, depth: int = 1) -> Graph:
    """The dataflow graph: stages and the tensors between them at depth 1, their blocks at 2, and so on."""
    from unetscope.analysis.dataflow import build

    return build.graph(architecture, depth=depth)


def draw_diff(
    diff: Diff,
    *,
    format: str = "svg",
    layout: str = "strip",
    theme: str = "light",
    width: str = "readme",
    command: str | None = None,
) -> bytes:
    """What sets two networks apart as a file's bytes.

    `format` is svg, png, html (a page on which each change shows its blocks), text or json, `layout`
    strip or u, `theme` light, dark, auto or paper (the strips alone), `width` readme or full. `command`
    is printed at the foot, by default the one that draws this picture again. Raises OutputError for an
    unknown choice.
    """
    from unetscope.render.diff import formats as diffs

    look = {"layout": layout, "theme": theme, "width": width}
    if command is None:
        command = commands.differing(diff, look | {"format": format})
    return diffs.diff(diff, format=format, command=command, **look)


def draw_graph(
    architecture: Architecture,
    *,
    depth: int = 1,
    format: str = "svg",
    theme: str = "light",
    unit: str = "macs",
    command: str | None = None,
) -> bytes:
    """The dataflow graph of an architecture as a file's bytes.

    `format` is svg, png, dot or mermaid, `theme` light, dark, auto or paper, `unit` macs or flops.
    `command` is printed above, by default the one that draws this picture again. Raises OutputError for
    an unknown choice and where no Graphviz engine is installed.
    """
    from unetscope.render.dataflow import formats as pictures

    drawn = graph(architecture, depth=depth)
    look = {"depth": depth, "theme": theme, "unit": unit}
    again = _command(command, "graph", [architecture], look | {"format": format})
    return pictures.graph(architecture, drawn, format=format, theme=theme, unit=unit, command=again)


def draw_chart(
    shown: Sequence[Architecture | Sweep],
    *,
    kind: str = "stages",
    format: str = "svg",
    theme: str = "light",
    unit: str = "macs",
    dtype: str = "float16",
    counting: Counting = ONCE,
    command: str | None = None,
) -> bytes:
    """A chart of one network, or of up to twelve on one scale, as a file's bytes.

    `kind` is stages (parameters and MACs, bar by bar), memory (activation bytes over a forward in
    `dtype`), sweep (MACs by size, of what `sweep` returns) or zoo (all bundled models; those in `shown`
    stand out). `format` is svg, png or pdf, `theme` light, dark, auto or paper, `unit` macs or flops.
    The bundled models of a zoo are counted by `counting`. `command` is printed at the foot, by default the
    one that draws this chart again. Raises OutputError for an unknown choice.
    """
    from unetscope.analysis.scaling.sweep import Sweep
    from unetscope.render import charts

    networks = [one for one in shown if isinstance(one, Architecture)]
    swept = [one for one in shown if isinstance(one, Sweep)]
    fit = len(networks) if kind != "sweep" else sum(any(row.is_square for row in one.rows) for one in swept)
    if kind not in charts.KINDS or fit < len(shown):
        raise OutputError(f"no chart of kind {kind!r} of these", hint="kinds: " + ", ".join(charts.KINDS))
    if command is None:
        look = {"kind": kind, "theme": theme, "unit": unit, "format": format}
        look |= {"dtype": dtype} if kind == "memory" else {}
        command = commands.charting(shown, look, counting)
    match kind:
        case "memory":
            return charts.of_memory(networks, format=format, theme=theme, dtype=dtype, command=command)
        case "sweep":
            return charts.of_sweeps(swept, format=format, theme=theme, unit=unit, command=command)
        case "zoo":
            found = [conventions.counted(one, counting) for one in _zoo()]
            return charts.of_zoo(found, own=networks, format=format, theme=theme, unit=unit, command=command)
    return charts.of_stages(networks, format=format, theme=theme, unit=unit, command=command)


def _command(given: str | None, verb: str, networks: Sequence[Architecture], look: dict[str, Any]) -> str:
    """The command given, or the one that draws a picture again."""
    return commands.drawing(verb, networks, look) if given is None else given


def _zoo() -> list[Architecture]:
    """Every bundled model at its native size, those without a trace left out."""
    return [found for id in zoo.ids() if (found := loading.bundled(id)) is not None]
