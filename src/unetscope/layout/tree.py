"""A family tree as a scene: parents at the left, each step in words on its line, one network in one frame."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.analysis.family_tree import FamilyTree, Relative
from unetscope.layout.measure import text, width, wrapped
from unetscope.layout.scene import Box, Frame, Item, Line, Scene
from unetscope.words import units

_MARGIN, _TITLE, _TOP = 24.0, 18.0, 84.0
_ROW, _HIGH, _NAME, _SMALL = 52.0, 36.0, 12.0, 10.0
_STEP, _PAD, _STUB, _BADGE = 128.0, 10.0, 16.0, 18.0
"""Room for the words of a step, inside a box, from a box to its trunk, and for the letter of a network."""
_FRAME = 7.0


def draw(tree: FamilyTree, *, title: str, command: str = "") -> Scene:
    """The tree from left to right; what belongs to one network has its letter and, in one piece, a frame."""
    rows, widths = _rows(tree), _widths(tree)
    lefts = [_MARGIN + sum(widths[:depth]) + depth * (_STEP + 2 * _STUB) for depth in range(len(widths))]
    frames = [
        Frame(lefts[relative.depth], _TOP + row * _ROW, widths[relative.depth], _HIGH)
        for relative, row in zip(tree.relatives, rows, strict=True)
    ]
    notes = _notes(tree)
    wide = max(
        [frame.right for frame in frames] + [_MARGIN + width(note, _SMALL) for note in (title, *notes)]
    )
    bottom = max((frame.bottom for frame in frames), default=_TOP)
    items: list[Item] = [text(_MARGIN, 40, title, size=_TITLE, bold=True)]
    items.append(text(_MARGIN, 60, _told(tree), size=_SMALL + 1, role="dim"))
    items += _panels(tree, frames)
    for at, model in enumerate(tree.relatives):
        items += _line(tree, frames, at) if model.above is not None else []
    for model, frame in zip(tree.relatives, frames, strict=True):
        items += _box(model, frame, is_here=model.id == tree.here)
    lines = [*notes, command] if command else notes
    for at, note in enumerate(lines):
        y = bottom + 32 + 15 * at
        items.append(text(_MARGIN, y, note, size=_SMALL, role="dim", mono=note == command))
    high = bottom + 32 + 15 * len(lines) + 4
    return Scene(wide + _MARGIN, high, title, _description(tree), tuple(items))


def _rows(tree: FamilyTree) -> list[int]:
    """The row of each model: a first child stands beside its parent, each other one below all before it."""
    rows, last = list[int](), -1
    seen = set[int]()
    for relative in tree.relatives:
        if relative.above is None or relative.above in seen:
            last += 1
        rows.append(last)
        seen |= {relative.above} if relative.above is not None else set()
    return rows


def _widths(tree: FamilyTree) -> list[float]:
    """How wide the boxes of each generation are."""
    depths = range(1 + max((relative.depth for relative in tree.relatives), default=0))
    return [
        max(_need(relative) for relative in tree.relatives if relative.depth == depth) + 2 * _PAD
        for depth in depths
    ]


def _need(relative: Relative) -> float:
    return max(
        width(relative.id, _NAME, bold=True) + _BADGE * bool(relative.network),
        width(_about(relative), _SMALL),
    )


def _about(relative: Relative) -> str:
    """What stands below a model's name: "860 M · 2022"."""
    return " · ".join(part for part in (size(relative), str(relative.year or "")) if part)


def size(relative: Relative) -> str:
    """Its parameters; "no network" where none is published."""
    return units.params(relative.params) if relative.params else "no network published"


def _box(relative: Relative, frame: Frame, *, is_here: bool) -> Iterator[Item]:
    has_network = relative.params is not None
    yield Box(frame, "background" if has_network else None, "ink" if is_here else "outline",
              2.0 if is_here else 1.0, 5.0, dashed=not has_network)  # fmt: skip
    left, y = frame.x + _PAD, frame.y + 15
    yield text(left, y, relative.id, size=_NAME, bold=True, frame=frame)
    yield text(left, y + 14, _about(relative), size=_SMALL, role="dim", frame=frame)
    if relative.network:
        yield text(
            frame.right - _PAD,
            y,
            relative.network,
            size=_NAME,
            role="params",
            anchor="end",
            bold=True,
            frame=frame,
        )


def _line(tree: FamilyTree, frames: list[Frame], at: int) -> Iterator[Item]:
    """From parent to child, a trunk down where the child stands lower; the step above the line."""
    relative = tree.relatives[at]
    above, frame = frames[relative.above or 0], frames[at]
    trunk, y = above.right + _STUB, frame.middle
    start = (above.right, above.middle)
    points = (
        (start, (frame.x, y))
        if above.middle == y
        else (start, (trunk, above.middle), (trunk, y), (frame.x, y))
    )
    yield Line(points, "flow", 1.2, 5.0, head=6.0)
    words = wrapped(relative.step, _STEP, _SMALL)
    for index, word in enumerate(words):
        below = index >= 1
        shift = 13.0 + 12.0 * (index - 1) if below else -5.0
        yield text(trunk + 8, y + shift, word, size=_SMALL, role="dim")


def _panels(tree: FamilyTree, frames: list[Frame]) -> Iterator[Item]:
    """A frame behind the models of one network, where no other model stands among them."""
    for letter, members in tree.sharing().items():
        own = [frame for relative, frame in zip(tree.relatives, frames, strict=True) if relative in members]
        left, top = min(frame.x for frame in own) - _FRAME, min(frame.y for frame in own) - _FRAME
        right, bottom = (
            max(frame.right for frame in own) + _FRAME,
            max(frame.bottom for frame in own) + _FRAME,
        )
        others = (
            frame
            for relative, frame in zip(tree.relatives, frames, strict=True)
            if relative.network != letter
        )
        if not any(o.x < right and o.right > left and o.y < bottom and o.bottom > top for o in others):
            yield Box(Frame(left, top, right - left, bottom - top), "card", "line", 1.0, 9.0)


def _told(tree: FamilyTree) -> str:
    count = len(tree.relatives)
    return f"{count} models · on each line the step by which the right one was made from the left one"


def _notes(tree: FamilyTree) -> list[str]:
    """What each letter stands for."""
    return [
        f"{letter}: one network, {units.exact(members[0].params or 0)} parameters, {len(members)} models"
        for letter, members in tree.sharing().items()
    ]


def _description(tree: FamilyTree) -> str:
    """The tree in words."""
    parts = []
    for relative in tree.relatives:
        source = (
            f", from {tree.relatives[relative.above].id} by {relative.step}"
            if relative.above is not None
            else ""
        )
        parts.append(f"{relative.id} ({_about(relative)}){source}")
    return "; ".join(parts) + "."
