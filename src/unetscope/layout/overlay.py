"""What a file of adapters changes, on a picture of the network: changed blocks outlined, and below the
picture a row for each stage with a cell for each of its blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from unetscope.checkpoint import Overlay, Reach
from unetscope.layout.chain import STEPS
from unetscope.layout.file_panel import PanelCell, PanelRow, legend, panel
from unetscope.layout.scene import Box, Group, Item, Scene
from unetscope.layout.shades import SHADES
from unetscope.words import units

_WIDEST = 13.0
"""Of a cell, in px."""


def with_overlay(scene: Scene, overlay: Overlay) -> Scene:
    """The scene with what is changed marked in it and listed below it."""
    tips = {block.path: told(block) for path in overlay.blocks for block in _outlined(overlay, path)}
    rows = [_row(stage, overlay.blocks.get(stage.path, ())) for stage in overlay.stages if stage.layers]
    below, bottom = panel(scene, overlay.file, _headline(overlay), rows, widest=_WIDEST)
    steps = [
        (label, SHADES[at - 1][0] if at else None)
        for at, label in enumerate(("none", "to 20 %", "40", "60", "80", "100 %"))
    ]
    items = (*outlined(scene.items, tips), *below, *legend(scene, bottom, "changed:", steps))
    description = f"{scene.description} {_headline(overlay)}."
    return replace(scene, height=bottom + 22, items=items, description=description)


def _outlined(overlay: Overlay, stage: str) -> list[Reach]:
    """The changed blocks of a stage; of a stack, which is drawn once for all its blocks, where all are."""
    blocks = overlay.blocks[stage]
    is_stack = all(block.path.rpartition(".")[0] == stage for block in blocks)
    return (
        [block for block in blocks if block.layers]
        if not is_stack or all(block.layers for block in blocks)
        else []
    )


def outlined(items: Iterable[Item], tips: Mapping[str, str]) -> Iterator[Item]:
    """The same items, modules that have a tip with an outline, which says it after their own."""
    for item in items:
        if not isinstance(item, Group):
            yield item
            continue
        tip = tips.get(item.path)
        inner = tuple(outlined(item.items, tips))
        first = next((box for box in item.items if isinstance(box, Box)), None)
        if tip is None or first is None or not item.tooltip:
            yield replace(item, items=inner)
            continue
        outline = Box(first.frame, None, "new", 2.2, radius=first.radius)
        yield replace(item, items=(*inner, outline), tooltip=f"{item.tooltip} · {tip}")


def told(reach: Reach) -> str:
    """How far a part is changed: "16 of 22 layers, 61 % of its weights, rank 16"."""
    ranks = f", rank {' and '.join(map(str, reach.ranks[:3]))}" if reach.ranks else ""
    share = units.share(reach.weights, reach.params)
    return f"{reach.layers} of {reach.layers_in_all} layers, {share} of parameters{ranks}"


def _headline(overlay: Overlay) -> str:
    beside = f"; {overlay.elsewhere} layers of text encoders" if overlay.elsewhere else ""
    changed = sum(1 for blocks in overlay.blocks.values() for block in blocks if block.layers)
    whole = changed == sum(len(_outlined(overlay, stage)) for stage in overlay.blocks)
    marked = "changed blocks are outlined" if whole else "cells tell which blocks of a stack"
    return f"{overlay.what} changes {told(overlay.whole)}{beside}; {marked}"


def _row(reach: Reach, blocks: Iterable[Reach]) -> PanelRow:
    """A stage: a cell for each block, how far it is changed."""
    cells = [
        PanelCell(
            cell.path,
            f"{cell.path} · {told(cell)}",
            SHADES[_step(cell) - 1][0] if cell.layers else None,
            "flow" if cell.layers else "line",
        )
        for cell in list(blocks) or [reach]
    ]
    words = f"{units.share(reach.weights, reach.params)} of parameters"
    words += f", rank {'/'.join(map(str, reach.ranks[:3]))}" if reach.ranks else ""
    return PanelRow(reach.name, cells, words)


def _step(reach: Reach) -> int:
    """The step of a share: a fifth each."""
    return min(STEPS, 1 + int(reach.share * STEPS))
