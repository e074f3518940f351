"""The card of causes: each config field with what it accounts for, and what differs beside the network."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from functools import partial

from unetscope.analysis.diff import checkpoint_facts
from unetscope.analysis.diff.groups import explanations, idle
from unetscope.difference import Diff, Explanation
from unetscope.difference.changes import ConfigChange, FactChange, of
from unetscope.layout.diff import cards
from unetscope.layout.diff.cards import Card, CardRow
from unetscope.layout.diff.marks import Mark, sign
from unetscope.layout.measure import shorten, text, width, wrapped
from unetscope.layout.scene import Anchor, Frame, Item
from unetscope.words import causes
from unetscope.words import diff as words

_MOST = 8
_MONO = 11.0
_LEFT = 26.0


def card(diff: Diff, *, room: float) -> Card:
    """Every cause of a difference. `room` is the card's width."""
    rows = _causes(diff, room - 2 * cards.PAD)
    note = "each config field changed alone, rebuilt and compared"
    return Card("Why", note if diff.groups is not None else "causes are not known", tuple(rows))


def _causes(diff: Diff, room: float) -> Iterator[CardRow]:
    if diff.groups is None:
        yield cards.words(*wrapped(diff.unknown, room, 10.5))
        known = diff.a.config.keys() & diff.b.config.keys()
        fields = [change.path for change in of(ConfigChange, diff.changes) if change.path in known]
        if fields:
            yield CardRow(5.0, lambda _frame: iter(()))
        for name in fields[:_MOST]:
            yield _row("changed", [(name, words.values(diff, name))], "", room)
        yield from _more(len(fields), "fields")
        return
    explained = explanations(diff)
    for explanation in explained[:_MOST]:
        yield _explained(diff, explanation, room)
    yield from _more(len(explained), "causes")
    rest = [(change.path, words.idle(diff, change)) for change in idle(diff)]
    if len(rest) == 1:
        yield _row("kept", rest, "no effect on the network", room)
    elif rest:
        named = ", ".join(name for name, _ in rest)
        yield _row("kept", [(f"{len(rest)} other fields", "")], f"no effect on the network: {named}", room)
    if not diff.groups and not rest:
        yield _row("kept", [("no config field differs", "")], "both are built from the same config", room)


def _explained(diff: Diff, explanation: Explanation, room: float) -> CardRow:
    """A cause with the fields that it names first; for fields named before, only the name."""
    title = [(name, words.values(diff, name)) for name in explanation.fields]
    title = title or [(explanation.others[0] if explanation.others else "no config field", "")]
    others = explanation.others if explanation.fields else explanation.others[1:]
    together = f"with {', '.join(others)}: " if others else ""
    return _row("changed", title, together + causes.effect(diff, explanation), room)


def _more(count: int, what: str) -> Iterator[CardRow]:
    if count > _MOST:
        yield cards.words(f"and {count - _MOST} more {what}: unetscope diff --only config")


def beside(diff: Diff, *, room: float) -> Card | None:
    """The card of what is known of both checkpoints beside the network and differs, and what does not."""
    wide = room - 2 * cards.PAD
    rows = [
        _row("changed", [(words.fact(change.path), _sides(change))], "", wide)
        for change in of(FactChange, diff.changes)
    ]
    if not rows:
        return None
    # The factor stands for the VAE where no more is known of it.
    same = [name for name in checkpoint_facts.shared(diff.a, diff.b) if name != "vae_factor"]
    if same:
        rows.append(_row("kept", [("the same", "")], ", ".join(map(words.fact, same)), wide))
    return Card("Outside the network", "", tuple(rows))


def _sides(change: FactChange) -> str:
    before, after = (words.value(side).removesuffix("Scheduler") for side in (change.before, change.after))
    return f"{before} → {after}"


def _row(mark: Mark, fields: Sequence[tuple[str, str]], effect: str, room: float) -> CardRow:
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
    return CardRow(16.0 * len(lines) + 13.5 * len(below) + 9, partial(_drawn, mark, lines, below))


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
