"""The card of causes: each config field with what it accounts for, and what differs beside the network."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from functools import partial

from unetscope import units
from unetscope.analysis.diff import words
from unetscope.analysis.diff.changes import Change, Diff, Group
from unetscope.layout.diff import cards
from unetscope.layout.diff.cards import Card, Row
from unetscope.layout.diff.marks import Mark, sign
from unetscope.layout.measure import shorten, text, width, wrapped
from unetscope.layout.scene import Anchor, Frame, Item
from unetscope.model import Architecture

_MOST = 8
_MONO = 11.0
_LEFT = 26.0


def card(diff: Diff, *, room: float) -> Card:
    """Every cause of a difference. `room` is the card's width."""
    rows = _causes(diff, room - 2 * cards.PAD)
    note = "each config field changed alone, rebuilt and compared"
    return Card("Why", note if diff.groups is not None else "causes are not known", tuple(rows))


def _causes(diff: Diff, room: float) -> Iterator[Row]:
    if diff.groups is None:
        yield from map(cards.words, wrapped(diff.unknown, room, 10.5))
        for change in [one for one in diff.changes if one.kind == "config"][:_MOST]:
            yield _row("changed", [(change.path, words.values(diff, change.path))], "", room)
        yield from _more(sum(one.kind == "config" for one in diff.changes), "fields")
        return
    acting = [group for group in diff.groups if group.tensors or group.impact.effect != "none"]
    seen: set[str] = set()
    for group in acting[:_MOST]:
        new = [name for name in group.fields if name not in seen] or list(group.fields[:1])
        fields = [(name, words.values(diff, name)) for name in new]
        again = ", ".join(name for name in group.fields if name not in new)
        together = f"together with {again}: " if again else ""
        seen |= set(new)
        explained = together + _explained(diff, group)
        yield _row("changed", fields or [("no config field", "")], explained, room)
    yield from _more(len(acting), "causes")
    idle = [name for group in diff.groups if group not in acting for name in group.fields]
    if idle:
        fields = [(idle[0], words.values(diff, idle[0]))] if len(idle) == 1 else []
        named = ", ".join(idle)
        title = fields or [(f"{len(idle)} other fields", "")]
        effect = "no effect on the network" + ("" if fields else f": {named}")
        yield _row("kept", title, effect, room)
    if not diff.groups:
        yield _row(
            "kept", [("no config field differs", "")], "the networks are built from the same config", room
        )


def _explained(diff: Diff, group: Group) -> str:
    """What a cause accounts for: blocks, skips, tensors, parameters; MACs where it was tried alone."""
    if not group.tensors:
        return words.effect(group)
    parts = [*_blocks(diff.a, group.removed, "removed"), *_blocks(diff.b, group.added, "added")]
    for count, what in ((group.skips_removed, "removed"), (group.skips_added, "added")):
        if count:
            parts.append(f"{count} skip{'s' if count > 1 else ''} {what}")
    if not parts:
        parts.append(words.effect(group))
    elif len(group.tensors) > 0:
        parts.append(f"{len(group.tensors):,} tensors" + " jointly" * group.joint)
    if group.params:
        parts.append(f"{words.delta(0, group.params)} parameters")
    if group.alone is not None and group.alone.macs:
        parts.append(f"{'+' if group.alone.macs > 0 else '−'}{units.macs(abs(group.alone.macs))} by itself")
    return "explains " + ", ".join(parts)


def _blocks(network: Architecture, paths: Sequence[str], how: str) -> Iterator[str]:
    """Blocks counted by kind: "8 residual blocks removed"."""
    kinds = [network.by_path[path].kind for path in paths if path in network.by_path]
    for kinds_of, noun in (
        (("resnet block",), "residual block"),
        (("transformer", "attention"), "transformer"),
    ):
        count = sum(kind in kinds_of for kind in kinds)
        if count:
            yield f"{count} {noun}{'s' if count > 1 else ''} {how}"


def _more(count: int, what: str) -> Iterator[Row]:
    if count > _MOST:
        yield cards.words(f"and {count - _MOST} more {what}: unetscope diff --only config")


def beside(diff: Diff, *, room: float) -> Card | None:
    """The card of what is known of both checkpoints beside the network and differs."""
    rows = tuple(
        _row("changed", [(change.path.replace("_", " "), _sides(change))], "", room - 2 * cards.PAD)
        for change in diff.changes
        if change.kind == "scheduler"
    )
    return Card("Outside the network", "", rows) if rows else None


def _sides(change: Change) -> str:
    before, after = (words.value(side).removesuffix("Scheduler") for side in (change.before, change.after))
    return f"{before} → {after}"


def _row(mark: Mark, fields: Sequence[tuple[str, str]], effect: str, room: float) -> Row:
    """Names at the left, values at the right or below where they need the room, the effect below all."""
    wide = room - _LEFT
    lines: list[tuple[str, str, bool]] = []
    for name, values in fields:
        beside = wide - width(name, _MONO, bold=True, mono=True) - 12
        if width(values, _MONO, mono=True) <= beside:
            lines.append((name, values, True))
        else:
            lines.append((name, "", True))
            lines += [("", line, False) for line in _broken(values, wide)]
    below = wrapped(effect, wide, 10.5)
    return Row(16.0 * len(lines) + 13.5 * len(below) + 9, partial(_drawn, mark, lines, below))


def _broken(values: str, room: float) -> list[str]:
    """Long values in up to three lines, broken at spaces."""
    most = int(room / width("0", 10.5, mono=True))
    lines = textwrap.wrap(values, most, break_on_hyphens=False)
    return lines if len(lines) <= 3 else [*lines[:2], shorten(" ".join(lines[2:]), room, 10.5, mono=True)]


def _drawn(
    mark: Mark, lines: Sequence[tuple[str, str, bool]], below: Sequence[str], frame: Frame
) -> Iterator[Item]:
    yield from sign(mark, frame.x + 8.5, frame.y + 9)
    left, y = frame.x + _LEFT, frame.y + 13
    for name, values, is_beside in lines:
        if name:
            yield text(left, y, name, size=_MONO, bold=True, mono=True, limit=frame.width - _LEFT)
        if values:
            x, size = (frame.right, _MONO) if is_beside else (left, 10.5)
            anchor: Anchor = "end" if is_beside else "start"
            yield text(x, y, values, size=size, mono=True, role="dim", anchor=anchor)
        y += 16
    for line in below:
        yield text(left, y - 1.5, line, size=10.5, role="dim", limit=frame.width - _LEFT)
        y += 13.5
