"""Tooltips that also say what a module is called in another naming."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from unetscope.layout.scene import Group, Item, Scene
from unetscope.paths import OtherNames


def with_names(scene: Scene, names: OtherNames) -> Scene:
    """The scene with a module's other name at the end of each tooltip about a module."""
    return replace(scene, items=tuple(_named(scene.items, names)))


def _named(items: Iterable[Item], names: OtherNames) -> Iterator[Item]:
    for item in items:
        if not isinstance(item, Group):
            yield item
            continue
        name = names.by_path.get(item.path, "") if item.tooltip else ""
        words = f"{item.tooltip} · {names.naming}: {name}" if name else item.tooltip
        yield replace(item, items=tuple(_named(item.items, names)), tooltip=words)
