"""Where a ControlNet joins a network, on the network's picture: ⊕ on the skips that it adds to, an outline
around what returns something that it adds to, and below the picture its outputs, each over the places
that it is added to, by stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from unetscope.checkpoint import ControlJoints, Joint
from unetscope.layout.file_panel import PanelCell, PanelRow, panel
from unetscope.layout.overlay import outlined
from unetscope.layout.parts.glyphs import plus
from unetscope.layout.scene import SKIP, Group, Item, Line, Point, Scene
from unetscope.layout.shades import SHADES
from unetscope.paths import is_within
from unetscope.words import units

_WIDEST = 19.0
"""Of a cell, in px."""
_SIGN = 4.2
"""Radius of ⊕, in px."""
_ALONG = 9.0
"""How far along its line it stands at most."""


def with_joints(scene: Scene, control_joints: ControlJoints) -> Scene:
    """The scene with all joints marked in it and listed below it."""
    tips = dict(_tips(scene, control_joints))
    rows = [
        _row(control_joints.stages.get(path, path), list(joints))
        for path, joints in groupby(control_joints.joints, key=lambda joint: joint.stage)
    ]
    headline = _headline(control_joints, " (outlined)" if tips else "")
    below, bottom = panel(scene, control_joints.file, headline, rows, widest=_WIDEST)
    items = (*(_signed(item, control_joints) for item in outlined(scene.items, tips)), *below)
    description = f"{scene.description} {headline}."
    return replace(scene, height=bottom + 8, items=items, description=description)


def _tips(scene: Scene, joints: ControlJoints) -> Iterator[tuple[str, str]]:
    """What is outlined, with its words: a module, or its parts if the picture draws only these."""
    paths_drawn = {group.path for group in _groups(scene.items) if group.tooltip}
    for joint in joints.joints:
        inner = [path for path in paths_drawn if is_within(path, joint.into)]
        paths = [] if joint.target else [joint.into] if joint.into in paths_drawn else sorted(inner)
        yield from ((path, f"+ {told(joint)}") for path in paths)


def _groups(items: Iterable[Item]) -> Iterator[Group]:
    for item in items:
        if isinstance(item, Group):
            yield item
            yield from _groups(item.items)


def told(joint: Joint) -> str:
    """What is added: "controlnet_down_blocks.3, 320 channels"."""
    return f"{joint.layer}, {joint.channels} channels" if joint.channels else joint.layer


def _signed(item: Item, joints: ControlJoints) -> Item:
    """A skip with ⊕ near its start; all else as it is."""
    if not isinstance(item, Group):
        return item
    if not item.path.startswith(SKIP):
        return replace(item, items=tuple(_signed(inner, joints) for inner in item.items))
    line = next((inner for inner in item.items if isinstance(inner, Line)), None)
    added = [joint for joint in joints.joints if joint.target and _is_drawn(joint, item.path)]
    if line is None or not added:
        return item
    words = " and ".join(told(joint) for joint in added)
    tooltip = " · ".join(filter(None, (item.tooltip, f"+ {words}")))
    return replace(
        item, items=(*item.items, *plus(*_place(line.points), radius=_SIGN, role="new")), tooltip=tooltip
    )


def _is_drawn(joint: Joint, path: str) -> bool:
    """Whether a skip is one that a line stands for: itself, or all from a stage to another."""
    source, _, target = path.removeprefix(SKIP).partition(">")
    return is_within(joint.into, source) and is_within(joint.target, target)


def _place(points: Sequence[Point]) -> Point:
    """A little way along the first stretch of a line."""
    (x, y), (to_x, to_y) = points[0], points[1]
    length = max(abs(to_x - x), abs(to_y - y)) or 1.0
    part = min(_ALONG, length / 2) / length
    return x + (to_x - x) * part, y + (to_y - y) * part


def _headline(joints: ControlJoints, marked: str) -> str:
    """ "… adds to 12 skips (⊕) and to what mid_block returns (outlined)"."""
    size = "" if joints.params is None else f" of {units.params(joints.params)} parameters"
    skips = sum(1 for joint in joints.joints if joint.target)
    others = [joint for joint in joints.joints if not joint.target]
    added = [f"to {skips} skips (⊕)"] * bool(skips)
    if len(others) == 1:
        added.append(f"to what {others[0].into} returns{marked}")
    elif others:
        outputs = len({joint.layer for joint in others})
        added.append(f"{outputs} outputs to what {len(others)} blocks return{marked}")
    return f"{joints.what}{size} adds {' and '.join(added)}"


def _row(name: str, joints: Sequence[Joint]) -> PanelRow:
    """A stage: a cell with the number of each output that is added, as wide as its places; what they are."""
    runs = groupby(joints, key=lambda joint: (joint.layer, joint.target))
    return PanelRow(name, [_cell(list(run)) for _, run in runs], _words(joints))


def _cell(run: Sequence[Joint]) -> PanelCell:
    """The places in a row that an output is added to."""
    joint = run[0]
    number = joint.layer.rpartition(".")[2]
    label = number if number.isdigit() else ""
    is_odd = bool(label) and int(label) % 2
    fill, ink = SHADES[1 if is_odd and not joint.target else 0]
    where = f"{joint.into} → {joint.target}" if joint.target else joint.into
    if len(run) > 1:
        where += f"–{run[-1].into.rpartition('.')[2]}"
    return PanelCell(joint.into, f"{where} + {told(joint)}", fill, "flow", label, ink, len(run))


def _words(joints: Iterable[Joint]) -> str:
    """What is added at a stage: how many, of how many channels."""
    listed = list(joints)
    channels = sorted({joint.channels for joint in listed} - {0})
    wide = f", {' and '.join(map(str, channels))} channels" if channels else ""
    if listed[0].target:
        return f"{len(listed)} skip{'s' * (len(listed) > 1)}{wide}"
    outputs = len({joint.layer for joint in listed})
    if len(listed) == 1:
        return f"its output{wide}"
    first, last = (joint.into.rpartition(".")[2] for joint in (listed[0], listed[-1]))
    return f"{outputs} output{'s' * (outputs > 1)} to blocks {first}–{last}"
