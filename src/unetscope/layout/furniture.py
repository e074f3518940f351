"""Title lines, insight, legend and footnote of a picture, and the words of the basis its numbers hold for."""

from __future__ import annotations

from unetscope import units
from unetscope.analysis.idle import idle
from unetscope.analysis.insight import insight
from unetscope.analysis.unread import not_read
from unetscope.layout.blocks import Chain
from unetscope.layout.costs import Scale
from unetscope.layout.legend import legend, paper_legend
from unetscope.layout.measure import shorten, text, width, wrapped
from unetscope.layout.options import Options
from unetscope.layout.page import Page, area, basis_words
from unetscope.layout.scene import Item, Line
from unetscope.model import Architecture
from unetscope.words.insight import of_network


def title_lines(
    architecture: Architecture, on: Scale, page: Page, options: Options
) -> tuple[list[Item], float]:
    """Name; class, parameters and cost; the basis they hold for; and the y below. Nothing on paper."""
    if options.paper:
        return [], 8.0
    counts = f"{units.params(architecture.cost.params)} parameters · {on.work_with_unit(on.whole)} per step"
    basis = "basis: " + basis_words(architecture)
    if page.narrow:
        return _narrow_title(architecture, page, counts, basis)
    items: list[Item] = [text(page.margin, 40, architecture.title, size=22, bold=True, limit=page.content)]
    left = page.content - width(basis, 12) - 16
    name = shorten(architecture.class_name, left - width(" · " + counts, 12), 12)
    items.append(text(page.margin, 61, f"{name} · {counts}" if name else counts, size=12, role="dim"))
    items.append(text(page.right, 61, basis, size=12, role="dim", anchor="end"))
    return items, 84.0


def _narrow_title(
    architecture: Architecture, page: Page, counts: str, basis: str
) -> tuple[list[Item], float]:
    items: list[Item] = [text(page.margin, 28, architecture.title, size=17, bold=True, limit=page.content)]
    y = 46.0
    for line in (architecture.class_name, counts, *wrapped(basis, page.content, 10.5)):
        items.append(text(page.margin, y, line, size=10.5, role="dim", limit=page.content))
        y += 14.5
    return items, y + 4


def bottom_lines(
    architecture: Architecture,
    drawn: Chain,
    on: Scale,
    page: Page,
    options: Options,
    *,
    y: float,
    lettered: bool = False,
) -> tuple[list[Item], float]:
    """Insight, rule, legend and footnote from y on, and the height of the page below them.

    `lettered` says that the picture shows badges with letters and skips with whole sizes.
    """
    if options.paper:
        basis = f"{units.params(architecture.cost.params)} params, {on.work_with_unit(on.whole)}"
        entries, y = paper_legend(
            architecture, drawn, page.margin, page.right, y, options, _at_size(architecture, basis)
        )
        told, below = _told(architecture, page, y + 9)
        return [*entries, *told], below - 6 if told else y
    items: list[Item] = []
    for line in wrapped(of_network(insight(architecture), unit=on.unit), page.content, 11, bold=True):
        items.append(text(page.margin, y, line, size=11, bold=True, limit=page.content))
        y += 15
    rule = y - 2
    items.append(Line(((page.margin, rule), (page.right, rule)), "line", 1))
    entries, y = legend(architecture, drawn, page.margin, page.right, y + 15, options, lettered=lettered)
    items += entries
    told, y = _told(architecture, page, y + 3)
    notes, y = _footnote(architecture, drawn, on, page, options, y, bars=not lettered)
    return [*items, *told, *notes], y + 16


def _told(architecture: Architecture, page: Page, y: float) -> tuple[list[Item], float]:
    """Lines from y on that name what of the config the picture does not show, and what was traced that its
    config does not tell; and the y below."""
    items: list[Item] = []
    for said in (not_read(architecture), *architecture.notes):
        for line in wrapped(said, page.content, 10):
            items.append(text(page.margin, y, line, size=10, role="dim", limit=page.content))
            y += 13.5
    return items, y


def _at_size(architecture: Architecture, counts: str) -> str:
    """Counts with the size they hold for: "860 M params, 402 GMAC at 512²"."""
    size = architecture.basis.input[1:]
    factor = architecture.facts.vae_factor or 1
    return f"{counts} at {area([factor * side for side in size])}"


def _footnote(
    architecture: Architecture,
    drawn: Chain,
    on: Scale,
    page: Page,
    options: Options,
    y: float,
    *,
    bars: bool,
) -> tuple[list[Item], float]:
    """Conventions at the left, the command at the right, or below where there is no room for both."""
    notes = _notes(architecture, drawn, on, options, bars=bars)
    if page.narrow:
        lines = wrapped(" · ".join(note.replace(" ", "\u00a0") for note in notes), page.content, 10)
        lines = [line.strip(" ·") for line in lines]
        items: list[Item] = []
        for line in lines:
            items.append(
                text(page.margin, y, line.replace("\u00a0", " "), size=10, role="dim", limit=page.content)
            )
            y += 13.5
        if options.command:
            items.append(
                text(page.margin, y, options.command, size=10, role="dim", mono=True, limit=page.content)
            )
            y += 13.5
        return items, y - 13.5
    shown = shorten(options.command, 380, 10.5, mono=True)
    taken = width(shown, 10.5, mono=True) + 16 if shown else 0
    while len(notes) > 1 and width(" · ".join(notes), 10) > page.content - taken:
        notes.pop()
    items = [text(page.margin, y, " · ".join(notes), size=10, role="dim", limit=page.content - taken)]
    if shown:
        items.append(text(page.right, y, shown, size=10.5, role="dim", anchor="end", mono=True))
    return items, y


def _notes(architecture: Architecture, drawn: Chain, on: Scale, options: Options, *, bars: bool) -> list[str]:
    """What is counted, and what hatches and shares mean, the dispensable last."""
    one = "1 MAC = 2 FLOPs" if on.unit == "flops" else "1 MAC = 1 multiply-add"
    if architecture.uncounted:
        return [one, "not counted: norms, activations, biases, " + ", ".join(architecture.uncounted)]
    notes = [one, "norms, activations, biases not counted"]
    if (waiting := idle(architecture)).params:
        notes.insert(1, f"{units.params(waiting.params)} params not run: {', '.join(waiting.modules)}")
    if not bars or options.width == "column":
        return [*notes, "% of the whole network"]
    if architecture.cost.attention:
        notes.append("hatched: QKᵀ and PV")
    resampled = any(block.kind in ("down", "up") for block in drawn.blocks())
    return [*notes, "Cv: resampling, stem" if resampled else "Cv: stem"]
