"""Architectures and scenes → text and bytes. Renderers return what they made and never print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from unetscope.choices import Ground, check
from unetscope.errors import OutputError

if TYPE_CHECKING:
    from unetscope.analysis.memory.pipeline import Pipeline
    from unetscope.checkpoint import ControlJoints, Overlay
    from unetscope.layout.scene import Scene
    from unetscope.model import Architecture
    from unetscope.paths import OtherNames

# Imported where they are used, so that a table does not load what draws.


def _svg(scene: Scene, theme: str) -> bytes:
    from unetscope.render.picture import svg

    return svg.render(scene, theme=theme).encode()


def _png(scene: Scene, theme: str) -> bytes:
    from unetscope.render.picture import png, svg

    return png.render(svg.render(scene, theme=theme))


def _pdf(scene: Scene, theme: str) -> bytes:
    from unetscope.render.picture import pdf, svg

    return pdf.render(svg.render(scene, theme=theme))


def _tex(scene: Scene, theme: str) -> bytes:
    from unetscope.render.picture import tikz

    return tikz.render(scene, theme=theme).encode()


def _json(scene: Scene, theme: str) -> bytes:
    from unetscope.render.picture import scene_json as scenes

    return scenes.render(scene, theme=theme).encode()


PICTURES: dict[str, Callable[[Scene, str], bytes]] = {
    "svg": _svg,
    "png": _png,
    "pdf": _pdf,
    "tex": _tex,
    "json": _json,
}
"""Format of a diagram → what makes the file's bytes from a scene and a theme."""


def diagram(
    architecture: Architecture,
    *,
    format: str = "svg",
    layout: str | None = None,
    theme: str = "light",
    background: str = "theme",
    names: OtherNames | None = None,
    overlay: Overlay | ControlJoints | None = None,
    **options: Any,
) -> bytes:
    """A diagram as the bytes of a file; `options` are those of `layout.lay_out`.

    `background` is the theme's, or transparent: nothing behind the picture. Tooltips say the `names` that
    modules have in another naming too; what an `overlay` changes is marked. Raises OutputError for
    an unknown choice.
    """
    from unetscope import layout as layouts
    from unetscope.checkpoint import Overlay
    from unetscope.layout.joints import with_joints
    from unetscope.layout.overlay import with_overlay
    from unetscope.layout.tooltips import with_names

    check("background", background, Ground)
    _check(format)
    scene = layouts.lay_out(architecture, layout=layout, paper=theme == "paper", **options)
    scene = with_names(scene, names) if names else scene
    if overlay:
        scene = with_overlay(scene, overlay) if isinstance(overlay, Overlay) else with_joints(scene, overlay)
    return PICTURES[format](replace(scene, ground=None) if background == "transparent" else scene, theme)


def pipeline_diagram(parts: Pipeline, *, format: str = "svg", theme: str = "light", **look: Any) -> bytes:
    """A pipeline's picture as the bytes of a file; `look` is unit, width and command of a `Look`.

    Raises OutputError for an unknown choice.
    """
    from unetscope.choices import Look
    from unetscope.layout import pipeline

    _check(format)
    return PICTURES[format](pipeline.draw(parts, Look(paper=theme == "paper", **look)), theme)


def _check(format: str) -> None:
    if format not in PICTURES:
        raise OutputError(f"no format {format!r}", hint="formats: " + ", ".join(PICTURES))
