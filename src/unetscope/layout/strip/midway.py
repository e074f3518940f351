"""Words and arrows between the ends of a strip: the latent of an autoencoder, the image that steers a
ControlNet, and what leaves it behind each block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf

from unetscope.layout.chain.midway import Midway
from unetscope.layout.measure import text, width
from unetscope.layout.parts.glyphs import plus
from unetscope.layout.scene import Anchor, Frame, Item, Line, Text, flat
from unetscope.layout.strip.stage_boxes import StripRow
from unetscope.layout.strip.widths import Form

_OUT = 13.0
"""Above the boxes, to the heads of the arrows out."""
_PLUS = 7.5
_REACH = 80.0
"""To the ends of what names encoder and decoder."""


def beside_flow(midway: Midway, row: StripRow, form: Form) -> Iterator[Item]:
    """All that enters and leaves a row between its ends."""
    if midway.latent and 0 <= midway.behind < len(row.placed) - 1:
        pair = [row.placed[number].frame for number in (midway.behind, midway.behind + 1)]
        yield from _latent(midway.latent, pair[0], pair[1], row, form)
    if midway.sent:
        yield from _sent(midway, midway.sent, row, form)


def top_of(items: Iterator[Item]) -> float:
    """The top of their highest words; infinitely low where there are none."""
    tops = (item.y - item.size for item in flat(tuple(items)) if isinstance(item, Text))
    return min(tops, default=inf)


def _latent(size: str, before: Frame, behind: Frame, row: StripRow, form: Form) -> Iterator[Item]:
    """The latent at the arrow from encoder to decoder, both named beside it: over the boxes, or below those
    that hang."""
    x, step = (before.right + behind.x) / 2, 1.2 * form.size
    near = [
        stage.frame for stage in row.placed if stage.frame.right > x - _REACH and stage.frame.x < x + _REACH
    ]
    below = max(frame.bottom for frame in near) + 4
    y = below + form.size + step if row.hangs else min(frame.y for frame in near) - 8
    start, end = (below, row.flow + 3) if row.hangs else (y + 4, row.flow - 3)
    yield text(x, y - step, "latent", size=form.size, bold=True, anchor="middle")
    yield text(x, y, size, size=form.size, role="dim", anchor="middle")
    yield Line(((x, start), (x, end)), "image", 1.4)
    for side, name in ((-1, "encoder"), (1, "decoder")):
        anchor: Anchor = "end" if side < 0 else "start"
        yield text(x + 30 * side, y - step, name, size=form.size, role="dim", anchor=anchor)


def at_turn(midway: Midway, first: StripRow, second: StripRow, form: Form) -> Iterator[Item]:
    """The latent where an encoder is the upper of two rows and the decoder the lower one."""
    if midway.latent and midway.behind == len(first.placed) - 1:
        y = (first.placed[-1].frame.bottom + second.placed[0].frame.y) / 2 + 0.36 * form.size
        words = f"encoder above, decoder below; between them the latent {midway.latent}"
        yield text(first.box.right, y, words, size=form.size, role="dim", anchor="end")


def _sent(midway: Midway, sent: Mapping[str, int], row: StripRow, form: Form) -> Iterator[Item]:
    """An arrow up from each block whose result leaves, their channels over each stage, and what joins."""
    top = min(stage.frame.y for stage in row.placed)
    groups = [[(block.path, frame) for block, frame, word in row.ends if word == "in"]]
    groups += [[(block.path, frame) for block, frame in stage.slots] for stage in row.placed]
    for group in groups:
        leaving = [(sent[path], frame) for path, frame in group if path in sent]
        for _, frame in leaving:
            yield Line(((frame.centre, frame.y), (frame.centre, top - _OUT)), "skip", 1.2, head=6)
        if leaving:
            x = (leaving[0][1].centre + leaving[-1][1].centre) / 2
            yield text(
                x, top - _OUT - 4, _told([count for count, _ in leaving]), size=form.size, anchor="middle"
            )
    y = top - _OUT - 4 - 1.6 * form.size
    words = f"each through a {midway.through} convolution, to be added to the UNet's skips and middle"
    higher = y - 1.5 * form.size if midway.control else y
    yield text(row.placed[-1].frame.right, higher, words, size=form.size, role="dim", anchor="end")
    inlets = [frame for _, frame, word in row.ends if word == "in"]
    if midway.control and inlets:
        x = (inlets[0].right + row.placed[0].frame.x) / 2
        least = row.box.x + 0.55 * width(midway.control, form.size, bold=True)
        yield text(max(x, least), y, midway.control, size=form.size, bold=True, anchor="middle")
        yield Line(((x, y + 5), (x, row.flow - _PLUS)), "image", 1.4, head=6)
        yield from plus(x, row.flow)


def _told(counts: list[int]) -> str:
    """ "3 × 320", or the channels one by one where they differ."""
    if len(set(counts)) > 1:
        return ", ".join(map(str, counts))
    return f"{len(counts)} × {counts[0]}" if len(counts) > 1 else str(counts[0])
