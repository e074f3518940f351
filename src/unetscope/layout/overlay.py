"""What a file of adapters changes, on a picture of the network: changed blocks outlined, and below the
picture a row for each stage with a cell for each of its blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from unetscope import units
from unetscope.checkpoint import Overlay, Reach
from unetscope.layout.chain import STEPS
from unetscope.layout.measure import shorten, text, width, wrapped
from unetscope.layout.scene import Box, Frame, Group, Item, Line, Scene
from unetscope.layout.shades import SHADES

_MARGIN, _ROW, _SIZE, _GAP = 24.0, 17.0, 10.5, 1.5
_LEAST_NAME = 90.0
_FIGURES = 210.0
_WIDEST = 13.0
"""Of a cell, in px."""


def with_overlay(scene: Scene, given: Overlay) -> Scene:
    """The scene with what is changed marked in it and told below it."""
    tips = {block.path: told(block) for path in given.blocks for block in _outlined(given, path)}
    items = [*outlined(scene.items, tips), *_panel(given, scene)]
    rows = sum(1 for stage in given.stages if stage.layers)
    high = scene.height + 42 + 15 * len(_lines(given, scene)) + _ROW * (rows + 1)
    description = f"{scene.description} {_headline(given)}."
    return replace(scene, height=high, items=tuple(items), description=description)


def _outlined(given: Overlay, stage: str) -> list[Reach]:
    """The changed blocks of a stage; of a stack, which is drawn once for all its blocks, where all are."""
    blocks = given.blocks[stage]
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


def told(one: Reach) -> str:
    """How far a part is changed: "16 of 22 layers, 61 % of its weights, rank 16"."""
    ranks = f", rank {' and '.join(map(str, one.ranks[:3]))}" if one.ranks else ""
    share = units.share(one.weights, one.params)
    return f"{one.layers} of {one.layers_in_all} layers, {share} of parameters{ranks}"


def _headline(given: Overlay) -> str:
    beside = f"; {given.elsewhere} layers of text encoders" if given.elsewhere else ""
    changed = sum(1 for blocks in given.blocks.values() for block in blocks if block.layers)
    whole = changed == sum(len(_outlined(given, stage)) for stage in given.blocks)
    marked = "changed blocks are outlined" if whole else "cells tell which blocks of a stack"
    return f"{given.what} changes {told(given.whole)}{beside}; {marked}"


def _panel(given: Overlay, scene: Scene) -> Iterator[Item]:
    y, right = scene.height + 8, scene.width - _MARGIN
    yield Line(((_MARGIN, y), (right, y)), "line", 1)
    room = right - _MARGIN
    yield text(_MARGIN, y + 18, shorten(given.file, room, 12, bold=True), size=12, bold=True)
    y += 34
    for line in _lines(given, scene):
        yield text(_MARGIN, y, line, size=_SIZE, role="dim")
        y += 15
    changed = [stage for stage in given.stages if stage.layers]
    names = [width(one.name, _SIZE, bold=True) + 14 for one in changed]
    start = _MARGIN + min(max(_LEAST_NAME, *names), room / 4)
    for one in changed:
        yield from _row(one, given.blocks.get(one.path, ()), start, right, y - 5)
        y += _ROW
    yield from _legend(y + 1)


def _lines(given: Overlay, scene: Scene) -> list[str]:
    """What is changed in all, in as many lines as the page needs."""
    return wrapped(_headline(given), scene.width - 2 * _MARGIN, _SIZE)


def _row(one: Reach, blocks: Iterable[Reach], start: float, right: float, y: float) -> Iterator[Item]:
    """A stage: its name, a cell for each block, how far it is changed."""
    yield text(
        _MARGIN, y + 11, shorten(one.name, start - _MARGIN - 8, _SIZE, bold=True), size=_SIZE, bold=True
    )
    cells = list(blocks) or [one]
    wide = min(_WIDEST, (right - _FIGURES - start) / len(cells) - _GAP)
    for at, cell in enumerate(cells):
        frame = Frame(start + at * (wide + _GAP), y + 1, wide, _ROW - 5)
        fill = SHADES[_step(cell) - 1][0] if cell.layers else None
        yield Group(
            (Box(frame, fill, "flow" if cell.layers else "line", 0.8),),
            cell.path,
            f"{cell.path} · {told(cell)}",
        )
    words = f"{units.share(one.weights, one.params)} of parameters"
    words += f", rank {'/'.join(map(str, one.ranks[:3]))}" if one.ranks else ""
    yield text(right, y + 11, shorten(words, _FIGURES - 6, _SIZE), size=_SIZE, anchor="end")


def _step(one: Reach) -> int:
    """The step of a share: a fifth each."""
    return min(STEPS, 1 + int(one.share * STEPS))


def _legend(y: float) -> Iterator[Item]:
    """The steps, short enough for one column of a paper."""
    yield text(_MARGIN, y + 10, "changed:", size=10, role="dim")
    x = _MARGIN + 52.0
    for at, label in enumerate(("none", "to 20 %", "40", "60", "80", "100 %")):
        fill = SHADES[at - 1][0] if at else None
        yield Box(Frame(x, y + 1, 12, 11), fill, "flow" if at else "line", 0.8)
        yield text(x + 16, y + 10, label, size=10, role="dim")
        x += 16 + width(label, 10) + 10
