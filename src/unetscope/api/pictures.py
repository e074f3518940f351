"""Diagrams and dataflow graphs of networks, as the bytes of a file that show themselves."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from unetscope.api import commands
from unetscope.api.loading import Source, load
from unetscope.api.loading.asked_sizes import Extent
from unetscope.api.picture import Picture
from unetscope.api.usual_graph import usual_graph
from unetscope.choices import (
    CaptionForm,
    ColorBy,
    CostUnit,
    Detail,
    DiagramFormat,
    DiffFormat,
    GraphFormat,
    Ground,
    LayoutName,
    NamingName,
    ThemeName,
    Width,
    check,
)
from unetscope.errors import OutputError
from unetscope.model import Architecture

if TYPE_CHECKING:
    from unetscope.analysis.dataflow.graph import Graph
    from unetscope.analysis.diff import Diff


def draw(
    source: Source,
    *,
    format: DiagramFormat = "svg",
    layout: LayoutName | None = None,
    theme: ThemeName = "light",
    unit: CostUnit = "macs",
    detail: Detail = "block",
    color_by: ColorBy = "kind",
    width: Width = "readme",
    background: Ground = "theme",
    title: bool = True,
    names: NamingName | None = None,
    overlay: str | os.PathLike[str] | None = None,
    size: Extent | None = None,
    latent: Extent | None = None,
    batch: int | None = None,
    command: str | None = None,
) -> Picture:
    """A diagram of a network.

    `format` is svg, png, pdf, tex (TikZ), json (the scene: every box and text in its place) or html (a page:
    pictures to look into, tables, cost over size). `layout` is strip, u or column, by default column for
    networks without down and up stages, the graph for others seen to be no U-Net, and strip for the rest.
    `theme` is light, dark, auto or paper (bare, for a figure with a caption), `unit` macs or flops (1 MAC =
    2 FLOPs), `detail` stage, block or layer. Fills mean what `color_by` says: kind, params or macs. `width`
    is readme (900 px), full (as wide as all labels need) or column (of a paper). `background` transparent
    leaves the ground out, `title` False the network's name. `names` is another naming, in which tooltips tell
    what a module is called too: ldm, bfl, kohya … `overlay` is the file of a LoRA or a ControlNet: what it
    changes is marked. `command` is printed at the foot, by default the one that draws this picture again.
    Raises OutputError for an unknown choice, and as `load`.
    """
    from unetscope import render
    from unetscope.layout import usual_layout

    architecture = load(source, size=size, latent=latent, batch=batch)
    look: dict[str, Any] = {
        "layout": layout, "detail": detail, "theme": theme, "color_by": color_by, "width": width,
        "unit": unit, "background": background, "title": title, "names": names,
        "overlay": None if overlay is None else os.fspath(overlay),
    }  # fmt: skip
    asked = look | {"layout": None if layout == usual_layout(architecture) else layout, "format": format}
    again = _command(command, "diagram", [architecture], asked)
    graph = usual_graph(architecture, look, format=format, command=again)
    if graph is not None:
        return Picture(graph, format)
    look |= _from_weights(architecture, names, overlay)
    if format == "html" and overlay is not None:
        raise OutputError("a page has no overlay", hint="draw it as svg, png, pdf or tex")
    if format == "html":
        return Picture(_page(architecture, again, look), format)
    return Picture(render.diagram(architecture, format=format, command=again, **look), format)


def _from_weights(
    architecture: Architecture, names: NamingName | None, overlay: str | os.PathLike[str] | None
) -> dict[str, Any]:
    """What names and files of weights add to a picture; their readers are imported where one is asked for."""
    if names is None and overlay is None:
        return {"names": None, "overlay": None}
    from unetscope.api import weights

    return {
        "names": weights.other_names(architecture, names),
        "overlay": None if overlay is None else weights.overlay(overlay, architecture),
    }


def _page(architecture: Architecture, command: str, look: Mapping[str, Any]) -> bytes:
    """The page of a network, as light or dark as its reader likes and as wide as the window."""
    from unetscope.render.page import page

    own = {
        "theme": ("light", "auto"),
        "width": ("readme",),
        "background": ("theme",),
        "title": (True,),
        "overlay": (None,),
    }
    for name, usual in own.items():
        if look[name] not in usual:
            raise OutputError(f"a page has a {name} of its own", hint=f"leave {name} out")
    shared = {name: look[name] for name in look if name not in own}
    return page(architecture, command=command, **shared).encode()


def caption(source: Source, *, form: CaptionForm = "latex", layout: LayoutName | None = None) -> str:
    """The sentences that belong under a diagram: what it is of, exact figures, the whole basis.

    `form` is latex (`\\caption` and `\\label`), markdown, or alt: the picture in words, for readers who
    cannot see it, as it is in this `layout`. Raises OutputError for an unknown choice, and as `load`.
    """
    from unetscope.api import usual_graph as usual
    from unetscope.render import caption as captions

    architecture = load(source)
    graph = usual.in_words(architecture) if form == "alt" and layout is None else ""
    return f"{graph}\n" if graph else captions.caption(architecture, form=form, layout=layout)


def dataflow(source: Source, *, depth: int = 1) -> Graph:
    """The dataflow graph as data: stages and the tensors between them at depth 1, their blocks at 2, …

    Raises as `load`.
    """
    from unetscope.analysis.dataflow import build

    return build.graph(load(source), depth=depth)


def draw_diff(
    diff: Diff,
    *,
    format: DiffFormat = "svg",
    layout: LayoutName = "strip",
    theme: ThemeName = "light",
    width: Width = "readme",
    command: str | None = None,
) -> Picture:
    """What sets two networks apart, drawn.

    `format` is svg, png, pdf, tex (TikZ), html (a page on which each change shows its blocks), markdown,
    text or json, `layout` strip or u, `theme` light, dark, auto or paper (the strips alone), `width` readme
    or full.
    `command` is printed at the foot, by default the one that draws this picture again. Raises OutputError
    for an unknown choice.
    """
    from unetscope.render.diff import formats as diffs

    look = {"layout": layout, "theme": theme, "width": width}
    if command is None:
        command = commands.differing(diff, look | {"format": format})
    return Picture(diffs.diff(diff, format=format, command=command, **look), format)


def graph(
    source: Source,
    *,
    depth: int = 1,
    format: GraphFormat = "svg",
    theme: ThemeName = "light",
    unit: CostUnit = "macs",
    width: Width = "readme",
    size: Extent | None = None,
    latent: Extent | None = None,
    batch: int | None = None,
    command: str | None = None,
) -> Picture:
    """The dataflow graph of a network: stages at depth 1, their blocks at 2, and so on.

    `format` is svg, png, pdf, dot or mermaid, `theme` light, dark, auto or paper, `unit` macs or flops.
    `width` readme is 900 px, where a wider graph is drawn smaller, full as wide as the graph is, column that
    of one column of a paper, where what makes the conditioning is left out.
    `command` is printed above, by default the one that draws this picture again. Raises OutputError for
    an unknown choice, for a graph too wide for a column and where no Graphviz engine is installed, and as
    `load`.
    """
    from unetscope.render.dataflow import formats as pictures

    check("unit", unit, CostUnit)
    architecture = load(source, size=size, latent=latent, batch=batch)
    graph = dataflow(architecture, depth=depth)
    check("width", width, Width)
    look = {"depth": depth, "theme": theme, "unit": unit, "width": width}
    again = _command(command, "graph", [architecture], look | {"format": format})
    data = pictures.graph(
        architecture, graph, format=format, theme=theme, unit=unit, width=width, command=again
    )
    return Picture(data, format)


def _command(command: str | None, verb: str, networks: Sequence[Architecture], look: dict[str, Any]) -> str:
    """The command given, or the one that draws a picture again."""
    return commands.drawing(verb, networks, look) if command is None else command
