"""Title lines, insight, legend and footnotes of a picture, its command, and the picture in words."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from unetscope.analysis.cost.insight import insight
from unetscope.analysis.remarks import idle, remarks
from unetscope.choices import Look
from unetscope.layout.chain.blocks import Block, Chain, StageBlocks
from unetscope.layout.chain.conditioning import conditions
from unetscope.layout.measure import shorten, text, width, wrapped
from unetscope.layout.page import Page
from unetscope.layout.parts.legend import legend, paper_legend
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Item, Line, Text
from unetscope.model import Architecture
from unetscope.vocabulary import GLYPHS, Glyph
from unetscope.words import basis, caption, units
from unetscope.words.conventions import per
from unetscope.words.insight import of_network

_HIGHER = 6.0
"""px by which a line that takes a name's place stands higher: it is set in smaller type."""


def title_lines(
    architecture: Architecture, scale: CostScale, page: Page, look: Look
) -> tuple[list[Item], float]:
    """Name; class, parameters and cost; the basis they hold for; and the y below. Nothing on paper.

    What stands below a name that is left out moves up to its place.
    """
    if look.paper:
        return [], 8.0
    lines, y = _all_title_lines(architecture, scale, page)
    if look.title:
        return [*lines], y
    others = [line for line in lines if not line.bold]
    rise = others[0].y - lines[0].y + _HIGHER
    return [replace(other, y=other.y - rise) for other in others], y - rise


def _all_title_lines(architecture: Architecture, scale: CostScale, page: Page) -> tuple[list[Text], float]:
    """The same with the name, in bold, which comes first."""
    work = f"{scale.work_with_unit(scale.whole)} {per(architecture.counting)}"
    counts = f"{units.params(architecture.cost.params)} parameters · {work}"
    holds = "basis: " + basis.short(architecture)
    if page.narrow:
        return _narrow_title(architecture, page, counts, holds)
    items = [text(page.margin, 40, architecture.title, size=22, bold=True, limit=page.content)]
    left = page.content - width(" · " + counts, 12)
    name = shorten(architecture.class_name, left - width(holds, 12) - 16, 12)
    if name != architecture.class_name:
        return _three_lines(architecture, page, counts, holds, items)
    items.append(text(page.margin, 61, f"{name} · {counts}", size=12, role="dim"))
    items.append(text(page.right, 61, holds, size=12, role="dim", anchor="end"))
    return items, 84.0


def _three_lines(
    architecture: Architecture, page: Page, counts: str, holds: str, items: list[Text]
) -> tuple[list[Text], float]:
    """The title above class and counts, with a basis that has no room beside them below."""
    name = shorten(architecture.class_name, page.content - width(" · " + counts, 12), 12)
    lines = [f"{name} · {counts}" if name else counts, *wrapped(holds, page.content, 12)]
    below = [
        text(page.margin, 61 + 16 * index, line, size=12, role="dim") for index, line in enumerate(lines)
    ]
    return [*items, *below], 68.0 + 16 * len(lines)


def _narrow_title(
    architecture: Architecture, page: Page, counts: str, holds: str
) -> tuple[list[Text], float]:
    title = wrapped(architecture.title, page.content, 17, bold=True)
    items = [text(page.margin, 28 + 22 * at, line, size=17, bold=True) for at, line in enumerate(title)]
    y = 24.0 + 22 * len(title)
    for line in (
        architecture.class_name,
        *wrapped(counts, page.content, 12.6),
        *wrapped(holds, page.content, 12.6),
    ):
        items.append(text(page.margin, y, line, size=12.6, role="dim", limit=page.content))
        y += 16
    return items, y + 4


def bottom_lines(
    architecture: Architecture,
    chain: Chain,
    scale: CostScale,
    page: Page,
    look: Look,
    *,
    y: float,
    lettered: bool = False,
    railed: bool = False,
) -> tuple[list[Item], float]:
    """Insight, rule, legend and footnote from y on, and the height of the page below them.

    `lettered` says that the picture shows badges with letters and skips with whole sizes, `railed` that
    rails below the blocks say what these read.
    """
    if look.paper:
        counts = f"{units.params(architecture.cost.params)} params, {scale.work_with_unit(scale.whole)}"
        holds = f"{counts} at {basis.short(architecture)}"
        entries, y = paper_legend(
            architecture, chain, page.margin, page.right, y, look, holds, lettered=lettered
        )
        remark_lines, below = _told(architecture, page, y + 9)
        return [*entries, *remark_lines], below - 6 if remark_lines else y
    items: list[Item] = []
    usual = of_network(insight(architecture), architecture.counting, unit=scale.unit)
    for sentence in look.measured.said if look.measured else (usual,):
        for line in wrapped(sentence, page.content, 11, bold=True):
            items.append(text(page.margin, y, line, size=11, bold=True, limit=page.content))
            y += 15
    rule = y - 2
    items.append(Line(((page.margin, rule), (page.right, rule)), "line", 1))
    entries, y = legend(
        architecture, chain, page.margin, page.right, y + 15, look, lettered=lettered, railed=railed
    )
    items += entries
    remark_lines, y = _told(architecture, page, y + 3)
    signs = _signs(architecture, chain, look, bars=not lettered)
    notes, y = foot([*notes_of(architecture), *signs], look.command, page, y)
    return [*items, *remark_lines, *notes], y + 16


def _told(architecture: Architecture, page: Page, y: float) -> tuple[list[Item], float]:
    """Lines from y on that name what the picture does not show of the config, and what was traced beyond the
    config; and the y below."""
    items: list[Item] = []
    for remark in remarks(architecture):
        for line in wrapped(remark, page.content, 10):
            items.append(text(page.margin, y, line, size=10, role="dim", limit=page.content))
            y += 13.5
    return items, y


def notes_of(architecture: Architecture) -> list[str]:
    """What a MAC is, what was not run, and what is not counted."""
    what_counts, left_out = basis.notes(architecture.counting, architecture.uncounted)
    waiting = idle(architecture)
    named = f"{units.params(waiting.params)} params not run: {', '.join(waiting.modules)}"
    return [what_counts, *([named] if waiting.params else []), left_out]


def _signs(architecture: Architecture, chain: Chain, look: Look, *, bars: bool) -> list[str]:
    """What shares and hatches mean."""
    if look.detail == "layer" and not any(block.layers for block in chain.blocks()):
        return []  # tables in place of bars
    if not bars:
        return ["% of the whole network"]
    if look.measured or not architecture.cost.attention:
        return []  # nothing is hatched
    return ["hatched: QKᵀ and PV"]


_NOTE, _COMMAND = 10.0, 10.5
_LINE = 13.5
_GAP = 16.0


def foot(notes: Sequence[str], command: str, page: Page, y: float) -> tuple[list[Item], float]:
    """Notes at the left and the command at the right, or below where both do not fit; and the last baseline.

    Nothing of either is cut or left out.
    """
    taken = width(command, _COMMAND, mono=True) + _GAP if command else 0.0
    if _wide(notes) + taken <= page.content:
        items: list[Item] = [text(page.margin, y, " · ".join(notes), size=_NOTE, role="dim")]
        if command:
            items.append(text(page.right, y, command, size=_COMMAND, role="dim", mono=True, anchor="end"))
        return items, y
    lines = [(line, False) for line in _lines(notes, page)]
    lines += [(line, True) for line in command_lines(command, page.content, _COMMAND)]
    placed = [
        text(page.margin, y + _LINE * index, line, size=_COMMAND if mono else _NOTE, role="dim", mono=mono)
        for index, (line, mono) in enumerate(lines)
    ]
    return [*placed], y + _LINE * max(0, len(lines) - 1)


def command_lines(command: str, room: float, size: float) -> list[str]:
    """A command in lines of at most `room` px, which a shell reads as the one they were."""
    lines: list[str] = []
    for word in shlex.split(command):
        quoted = shlex.quote(word)
        longer = f"{lines[-1]} {quoted}" if lines else quoted
        if width(longer + " \\", size, mono=True) <= room:
            lines[-1:] = [longer]
            continue
        if lines:
            lines[-1] += " \\"
        *first, last = _pieces(word, room, size)
        lines += [piece + "\\" for piece in first] + [last]
    return lines


def _pieces(word: str, room: float, size: float) -> Iterator[str]:
    """A word in quoted pieces that are as long as fits."""
    while word:
        length = len(word)
        while length > 1 and width(shlex.quote(word[:length]) + " \\", size, mono=True) > room:
            length -= 1
        yield shlex.quote(word[:length])
        word = word[length:]


def _lines(notes: Sequence[str], page: Page) -> list[str]:
    """Notes over the whole width, none broken that fits on a line."""
    joined = " · ".join(note.replace(" ", "\u00a0") for note in notes)
    if any(_wide([note]) > page.content for note in notes):
        joined = joined.replace("\u00a0", " ")
    return [line.strip(" ·").replace("\u00a0", " ") for line in wrapped(joined, page.content, _NOTE)]


def _wide(notes: Sequence[str]) -> float:
    return width(" · ".join(notes), _NOTE)


def description(architecture: Architecture, chain: Chain, layout: str) -> str:
    """The picture in words, stage by stage, for readers who cannot see it."""
    parts = [f"{layout} diagram of {caption.of_network(architecture)}"]
    parts += [_stage_in_words(stage) for stage in chain.stages]
    parts.append(conditions(architecture))
    parts.append(of_network(insight(architecture), architecture.counting))
    return " ".join(part for part in parts if part)


def _stage_in_words(stage: StageBlocks) -> str:
    counts = Counter(_glyph(block) for block in stage.blocks for _ in range(block.count))
    blocks = ", ".join(glyph.words(count) for glyph, count in counts.items())
    sizes = f", {units.dimensions(stage.output)} out" if stage.output else ""
    return (
        f"{stage.stage.name}: {blocks or 'no blocks'}{sizes}, {units.params(stage.cost.params)} parameters."
    )


def _glyph(block: Block) -> Glyph:
    """What shows a block, by its word: an added skip is no concatenation."""
    glyph = GLYPHS[block.kind]
    return replace(glyph, word="added skip") if block.skip and block.skip.kind == "add" else glyph
