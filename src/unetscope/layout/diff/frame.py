"""What frames a diff: the title with its verdict, exact totals, one line of insight, and the legend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from unetscope.analysis.diff.insight import insight
from unetscope.analysis.diff.transfer import counts
from unetscope.analysis.remarks import remarks
from unetscope.choices import Look
from unetscope.cost import Cost
from unetscope.difference import Diff
from unetscope.layout.chain.blocks import Block, State
from unetscope.layout.diff import labels, rails
from unetscope.layout.diff.marks import pill, pill_width, sign
from unetscope.layout.diff.pairs import Columns
from unetscope.layout.diff.skips import Fate, fates, stroke
from unetscope.layout.measure import shorten, text, width, wrapped
from unetscope.layout.page import Page
from unetscope.layout.parts.frame import foot
from unetscope.layout.parts.glyphs import glyph
from unetscope.layout.parts.legend import Entry, rows
from unetscope.layout.scene import ColourRole, Frame, Item, Line
from unetscope.model import Architecture
from unetscope.vocabulary import GLYPHS, GlyphKind
from unetscope.words import basis, units
from unetscope.words import diff as words
from unetscope.words import insight as sentences

_ROW = 22.0


def title(diff: Diff, columns: Columns, page: Page) -> tuple[list[Item], float]:
    """Both names, the verdict, what differs in numbers, the basis; and the y below."""
    verdict = sentences.verdict(diff, insight(diff, columns.alignment))
    names = f"{diff.a.id} → {diff.b.id}"
    room = page.content - pill_width(verdict) - 18
    beside = width(names, 22, bold=True) <= room
    items: list[Item] = [text(page.margin, 40, names, size=22, bold=True, limit=page.content)]
    role: ColourRole = {"identical": "dim", "added": "new"}.get(diff.verdict.kind, "gone")  # type: ignore[assignment]
    y = 61.0 if beside else 88.0
    x = page.margin + (width(names, 22, bold=True) + 18 if beside else 0)
    if not beside:
        verdict = shorten(verdict, page.content - 24, 11.5, bold=True)
    items += pill(x, 32.5 if beside else 61, verdict, role=role)
    for line in wrapped(_subtitle(diff, columns), page.content, 12):
        items.append(text(page.margin, y, line, size=12, role="dim"))
        y += 16
    for line in wrapped(_basis(diff), page.content, 11):
        items.append(text(page.margin, y, line.strip(" ·"), size=11, role="dim"))
        y += 15
    return items, y + 3


def _subtitle(diff: Diff, columns: Columns) -> str:
    """Class, and how many blocks, skips and tensors differ."""
    kinds = [network.class_name for network in (diff.a, diff.b)]
    parts = [" → ".join(dict.fromkeys(kinds))]
    if columns.is_apart:
        return " · ".join([*parts, "no stage in common"])
    parts += _lost(columns)
    plan = counts(diff.transfer)
    differing = plan["partial"] + plan["missing"] + plan["unused"]
    if not differing:
        parts.append(f"all {len(diff.a.tensors):,} tensors the same")
    elif plan["missing"] or plan["unused"]:
        named = (("partial", "reshaped"), ("missing", "added"), ("unused", "removed"))
        parts.append("tensors: " + ", ".join(f"{plan[key]:,} {word}" for key, word in named if plan[key]))
    else:
        verb = "differs" if differing == 1 else "differ"
        parts.append(f"{differing:,} of {len(diff.a.tensors):,} tensors {verb}")
    return " · ".join(parts)


def _lost(columns: Columns) -> Iterator[str]:
    """Blocks that went and came."""
    for mark in ("removed", "added"):
        lost = []
        for kind, noun in (
            ("residual", "residual blocks"),
            ("conv-block", "convolution blocks"),
            ("attention", "transformers"),
        ):
            side = [slot.before if mark == "removed" else slot.after for slot in columns.slots]
            blocks = [block for block in side if block is not None and block.kind == kind]
            count = sum(block.count for block in blocks if block.state == mark)
            if count:
                lost.append(f"{count} of {sum(block.count for block in blocks)} {noun}")
        if lost:
            yield f"{mark}: " + ", ".join(lost)


def _basis(diff: Diff) -> str:
    notes = basis.notes(diff.a.counting, sorted({*diff.a.uncounted, *diff.b.uncounted}))
    notes_of_both = [
        f"{side}: {words}" for side, network in (("A", diff.a), ("B", diff.b)) for words in remarks(network)
    ]
    counted = " · ".join(filter(None, (*notes, basis.of_fields(diff.a.counting), *notes_of_both)))
    if diff.common:
        return f"basis of both: {basis.short(diff.a)} · {counted}"
    other = f"of B, which does not take that size: {basis.short(diff.b)}"
    return f"basis of A: {basis.short(diff.a)} · {other} · {counted}"


def roles(diff: Diff) -> tuple[str, str]:
    """What the two networks are to each other."""
    return ("teacher", "student") if diff.verdict.kind == "removed" else ("A", "B")


def heading(network: Architecture, note: str, page: Page, y: float, *, role: str) -> Iterator[Item]:
    """The line over or under a strip: which network it is, and its skips."""
    named = f"{role} {network.id}".strip()
    yield text(page.margin, y, named, size=12, bold=True, limit=page.content / 2)
    x = page.margin + min(width(named, 12, bold=True), page.content / 2) + 14
    yield text(x, y, note, size=11, role="dim", limit=page.right - x)


def skip_note(diff: Diff, columns: Columns, *, after: bool) -> str:
    """How many skips a network has, and what became of them: "12 skips: 4 kept, 8 cut"."""
    network = diff.b if after else diff.a
    changed = Counter(() if columns.is_apart else fates(diff, columns, after=after).values())
    total, released = len(network.skips), changed["released"]
    cut = changed["cut"] + released
    parts = [f"{total - changed.total()} kept"] if 0 < changed.total() < total else []
    if cut:
        rejoined = f", {released} of them re-joined" if released < cut else " and re-joined"
        parts.append(f"{cut} cut" + (rejoined if released else ""))
    parts += [f"{changed['rejoined']} re-joined to another block"] if changed["rejoined"] else []
    parts += [f"{changed['new']} new"] if changed["new"] else []
    counted = f"{total} skip{'s' if total != 1 else ''}" if total else "no skips"
    return counted + (f": {', '.join(parts)}" if parts else "")


def totals(diff: Diff, page: Page, y: float) -> tuple[list[Item], float]:
    """A table of exact totals: both sides, the difference, and its share of A."""
    columns = [page.margin + page.content * part for part in (0.3, 0.53, 0.76)]
    ends = [*columns, page.right - 8]
    heads = (diff.a.id, diff.b.id, "difference", f"of {diff.a.id}")
    room = 0.23 * page.content - 8
    items: list[Item] = [
        text(x, y + 14, head, size=11, role="dim", anchor="end", bold=True, limit=room)
        for x, head in zip(ends, heads, strict=True)
    ]
    y += _ROW - 2
    for name, before, after, note in _sums(diff):
        items.append(Line(((page.margin, y), (page.right, y)), "line", 1))
        items += _sum(name, before, after, note, page, ends, y)
        y += _ROW
    return items, y


def _sums(diff: Diff) -> Iterator[tuple[str, int, int, str]]:
    yield "parameters", diff.a.cost.params, diff.b.cost.params, ""
    yield "MACs", diff.a.cost.macs, diff.b.cost.macs, "" if diff.common else "at two sizes"
    reshaped = counts(diff.transfer)["partial"]
    yield "tensors", len(diff.a.tensors), len(diff.b.tensors), f"{reshaped} reshaped" if reshaped else ""
    yield "skips", len(diff.a.skips), len(diff.b.skips), ""


def _sum(
    name: str, before: int, after: int, note: str, page: Page, ends: Sequence[float], y: float
) -> Iterator[Item]:
    base = y + 15.5
    yield text(page.margin + 8, base, name, size=11.5, bold=True)
    for x, number in zip(ends[:2], (before, after), strict=True):
        yield text(x, base, units.exact(number), size=11.5, role="dim", anchor="end")
    difference = words.delta(before, after).replace("±0", "0")
    yield text(ends[2], base, difference, size=11.5, anchor="end", bold=True)
    share = note if note else words.percent(before, after)
    if share:
        yield text(
            ends[3], base, share, size=11.5, anchor="end", bold=not note, role="dim" if note else "ink"
        )


def bottom(diff: Diff, columns: Columns, page: Page, look: Look, y: float) -> tuple[list[Item], float]:
    """Insight, rule, legend and command, and the height of the page."""
    items: list[Item] = []
    sentence = "" if look.paper else sentences.of_diff(diff, insight(diff, columns.alignment))
    for line in wrapped(sentence, page.content, 11.5, bold=True) if sentence else ():
        items.append(text(page.margin, y + 12, line, size=11.5, bold=True))
        y += 16
    items.append(Line(((page.margin, y + 6), (page.right, y + 6)), "line", 1))
    more, y = rows(entries(diff, columns), page.margin, page.right, y + 24)
    items += more
    units_of = "unit: R and A of one layer, from 1 in each stage"
    named = (units_of,) if any(map(labels.numbers_units, columns.stages)) else ()
    notes = (*letters(columns, "A transformer"), *named, f"dark bar: {joined_by(diff)}", "↓ ↑ resampling")
    more, y = foot(notes, look.command, page, y)
    return [*items, *more], y + 16


def letters(columns: Columns, attention: str) -> list[str]:
    """What the letters of blocks stand for; C only where there are convolution blocks."""
    kinds = {slot.drawn.kind for slot in columns.slots}
    if "conv-block" not in kinds:
        return ["R residual", attention]
    words_of = {
        "residual": "R residual",
        "conv-block": f"C {GLYPHS['conv-block'].word}",
        "attention": attention,
    }
    return [words for kind, words in words_of.items() if kind in kinds]


def joined_by(diff: Diff) -> str:
    """How the skips of both networks are joined, in a word."""
    joins = {skip.kind for side in (diff.a, diff.b) for skip in side.skips}
    return (
        " or ".join(word for join, word in (("concat", "concat"), ("add", "sum")) if join in joins)
        or "concat"
    )


def entries(diff: Diff, columns: Columns, *, skips: bool = True) -> Iterator[Entry]:
    """What the signs mean: those of blocks, and those of skips where these are drawn."""
    if columns.is_apart:
        return
    ends = [slot for slot in (columns.inlet, columns.outlet) if slot]
    states = {state for slot in (*columns.slots, *ends) for state in slot.states}
    named: tuple[tuple[State, str], ...] = (
        ("removed", "removed"), ("added", "added"), ("changed", "changed"), ("kept", "kept"),
        ("renamed", "kept, keys renamed"),
    )  # fmt: skip
    for state, meaning in named:
        if state in states:
            yield 27.0, _glyphs(state), meaning
    sides = [fates(diff, columns, after=after) for after in (False, True)]
    fates_drawn = {fate for side in sides for fate in side.values()}
    if len(sides[0]) < len(diff.a.skips):
        fates_drawn.add("kept")
    lanes: tuple[tuple[Fate, str], ...] = (
        ("kept", "skip kept"), ("cut", "cut"), ("released", f"cut, re-joined in {roles(diff)[1]}"),
        ("rejoined", "re-joined"), ("new", "new skip"),
    )  # fmt: skip
    for fate, meaning in lanes:
        if skips and fate in fates_drawn:
            yield 28.0, _lane(fate), meaning
    if ("changed" in states and columns.is_aligned) or rails.differing(diff, columns):
        yield 15.0, lambda x, y: tuple(sign("changed", x + 7, y, radius=6.5)), "differs"


def _glyphs(state: State) -> Callable[[float, float], Sequence[Item]]:
    kinds: tuple[tuple[GlyphKind, str], ...] = (("residual", "R"), ("attention", "A"))
    blocks = [Block(kind, "", "", letter, Cost(), state=state) for kind, letter in kinds]

    def drawn(x: float, y: float) -> Sequence[Item]:
        frames = (Frame(x + 14 * index, y - 9, 12.5, 18) for index in range(2))
        return [
            item for block, frame in zip(blocks, frames, strict=True) for item in glyph(block, frame).items
        ]

    return drawn


def _lane(fate: Fate) -> Callable[[float, float], Sequence[Item]]:
    return lambda x, y: tuple(stroke(fate, ((x, y), (x + 27, y))))
