"""Title lines, insight, legend and footnote of a picture, with the basis its numbers hold for."""

from __future__ import annotations

from unetscope import units
from unetscope.analysis.cost.insight import insight
from unetscope.analysis.idle import idle
from unetscope.analysis.unread import remarks
from unetscope.choices import Look
from unetscope.layout.chain.blocks import Chain
from unetscope.layout.measure import shorten, text, width, wrapped
from unetscope.layout.page import Page
from unetscope.layout.parts.footer import foot
from unetscope.layout.parts.legend import legend, paper_legend
from unetscope.layout.parts.scale import Scale
from unetscope.layout.scene import Item, Line
from unetscope.model import Architecture
from unetscope.words import basis
from unetscope.words.conventions import per
from unetscope.words.insight import of_network


def title_lines(architecture: Architecture, on: Scale, page: Page, look: Look) -> tuple[list[Item], float]:
    """Name; class, parameters and cost; the basis they hold for; and the y below. Nothing on paper."""
    if look.paper:
        return [], 8.0
    work = f"{on.work_with_unit(on.whole)} {per(architecture.counting)}"
    counts = f"{units.params(architecture.cost.params)} parameters · {work}"
    holds = "basis: " + basis.short(architecture)
    if page.narrow:
        return _narrow_title(architecture, page, counts, holds)
    items: list[Item] = [text(page.margin, 40, architecture.title, size=22, bold=True, limit=page.content)]
    left = page.content - width(" · " + counts, 12)
    name = shorten(architecture.class_name, left - width(holds, 12) - 16, 12)
    if name != architecture.class_name:
        return _three_lines(architecture, page, counts, holds, items)
    items.append(text(page.margin, 61, f"{name} · {counts}", size=12, role="dim"))
    items.append(text(page.right, 61, holds, size=12, role="dim", anchor="end"))
    return items, 84.0


def _three_lines(
    architecture: Architecture, page: Page, counts: str, holds: str, items: list[Item]
) -> tuple[list[Item], float]:
    """The title above class and counts, with a basis that has no room beside them below."""
    name = shorten(architecture.class_name, page.content - width(" · " + counts, 12), 12)
    lines = [f"{name} · {counts}" if name else counts, *wrapped(holds, page.content, 12)]
    below = [
        text(page.margin, 61 + 16 * index, line, size=12, role="dim") for index, line in enumerate(lines)
    ]
    return [*items, *below], 68.0 + 16 * len(lines)


def _narrow_title(
    architecture: Architecture, page: Page, counts: str, holds: str
) -> tuple[list[Item], float]:
    items: list[Item] = [text(page.margin, 28, architecture.title, size=17, bold=True, limit=page.content)]
    y = 46.0
    for line in (architecture.class_name, counts, *wrapped(holds, page.content, 10.5)):
        items.append(text(page.margin, y, line, size=10.5, role="dim", limit=page.content))
        y += 14.5
    return items, y + 4


def bottom_lines(
    architecture: Architecture,
    drawn: Chain,
    on: Scale,
    page: Page,
    look: Look,
    *,
    y: float,
    lettered: bool = False,
) -> tuple[list[Item], float]:
    """Insight, rule, legend and footnote from y on, and the height of the page below them.

    `lettered` says that the picture shows badges with letters and skips with whole sizes.
    """
    if look.paper:
        counts = f"{units.params(architecture.cost.params)} params, {on.work_with_unit(on.whole)}"
        holds = f"{counts} at {basis.short(architecture)}"
        entries, y = paper_legend(architecture, drawn, page.margin, page.right, y, look, holds)
        told, below = _told(architecture, page, y + 9)
        return [*entries, *told], below - 6 if told else y
    items: list[Item] = []
    for line in wrapped(
        of_network(insight(architecture), architecture.counting, unit=on.unit), page.content, 11, bold=True
    ):
        items.append(text(page.margin, y, line, size=11, bold=True, limit=page.content))
        y += 15
    rule = y - 2
    items.append(Line(((page.margin, rule), (page.right, rule)), "line", 1))
    entries, y = legend(architecture, drawn, page.margin, page.right, y + 15, look, lettered=lettered)
    items += entries
    told, y = _told(architecture, page, y + 3)
    signs = _signs(architecture, drawn, look, bars=not lettered)
    notes, y = foot([*_notes(architecture), *signs], look.command, page, y)
    return [*items, *told, *notes], y + 16


def _told(architecture: Architecture, page: Page, y: float) -> tuple[list[Item], float]:
    """Lines from y on that name what of the config the picture does not show, and what was traced that its
    config does not tell; and the y below."""
    items: list[Item] = []
    for said in remarks(architecture):
        for line in wrapped(said, page.content, 10):
            items.append(text(page.margin, y, line, size=10, role="dim", limit=page.content))
            y += 13.5
    return items, y


def _notes(architecture: Architecture) -> list[str]:
    """What a MAC is, what was not run, and what is not counted."""
    one, left_out = basis.notes(architecture.counting, architecture.uncounted)
    waiting = idle(architecture)
    named = f"{units.params(waiting.params)} params not run: {', '.join(waiting.modules)}"
    return [one, *([named] if waiting.params else []), left_out]


def _signs(architecture: Architecture, drawn: Chain, look: Look, *, bars: bool) -> list[str]:
    """What shares, hatches and letters mean."""
    if not bars or look.width == "column":
        return ["% of the whole network"]
    hatched = ["hatched: QKᵀ and PV"] if architecture.cost.attention else []
    resampled = any(block.kind in ("down", "up") for block in drawn.blocks())
    return [*hatched, "Cv: resampling, stem" if resampled else "Cv: stem"]
