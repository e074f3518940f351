"""A diff as Markdown: verdict, totals, causes, blocks, renamed keys, tensors, facts beside the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from unetscope.analysis.diff.groups import explanations, idle
from unetscope.analysis.diff.insight import insight
from unetscope.analysis.diff.renames import renames
from unetscope.difference import Diff
from unetscope.render.diff import as_text
from unetscope.render.diff.basis import statement
from unetscope.render.table.as_markdown import escape, title
from unetscope.words import causes, units
from unetscope.words import diff as words
from unetscope.words.insight import of_diff

_LOWEST = 6
"""Levels that headings have."""


def page(diff: Diff, *, heading: int = 1) -> str:
    """The whole diff in Markdown, its title a heading of this level. Names come from files: every mark is
    escaped."""
    head = [title(words.headline(diff), heading), "", escape(words.verdict(diff.verdict)), ""]
    parts = (
        ("Totals", _totals(diff)),
        ("Why", _causes(diff)),
        ("Blocks", _listed(as_text.lines_of(diff, "blocks"))),
        ("Inputs and skips", _listed(as_text.lines_of(diff, "wiring"))),
        ("Renamed keys", _renames(diff)),
        ("Tensors", _listed(as_text.lines_of(diff, "tensors"))),
        ("Beside the network", _listed(as_text.lines_of(diff, "beside"))),
    )
    level = "#" * min(heading + 1, _LOWEST)
    body = [line for name, lines in parts for line in _part(f"{level} {name}", list(lines))]
    return "\n".join([*head, *body, escape(statement(diff))]) + "\n"


def _part(head: str, lines: Sequence[str]) -> list[str]:
    return [head, "", *lines, ""] if lines else []


def _listed(lines: Iterable[str]) -> Iterator[str]:
    """Lines as list items; a leading plus is escaped, since it would begin a list inside."""
    return ("- " + "\\" * line.startswith("+") + escape(line) for line in lines)


def _totals(diff: Diff) -> Iterator[str]:
    """Parameters, MACs, tensors and skips of both, with the difference."""
    a, b = diff.a, diff.b
    yield _row("", a.title, b.title, "difference", "of A")
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name, before, after in (
        ("parameters", a.cost.params, b.cost.params),
        (words.macs(diff), a.cost.macs, b.cost.macs),
        ("tensors", len(a.tensors), len(b.tensors)),
        ("skips", len(a.skips), len(b.skips)),
    ):
        share = words.percent(before, after)
        yield _row(name, units.exact(before), units.exact(after), words.delta(before, after), share)
    yield ""
    yield escape(of_diff(diff, insight(diff)))


def _causes(diff: Diff) -> Iterator[str]:
    """Each cause with what it accounts for; the fields and the reason where causes are not known."""
    if diff.groups is None:
        yield escape(f"Causes are not known: {diff.unknown}")
        return
    rows = [
        (
            "; ".join([*(words.field(diff, name) for name in explanation.fields), *explanation.others]),
            causes.effect(diff, explanation),
        )
        for explanation in explanations(diff)
    ]
    rows += [(f"{key.path} {words.idle(diff, key)}", "no effect on the network") for key in idle(diff)]
    if rows:
        yield _row("config fields", "account for")
        yield "| --- | --- |"
        yield from (_row(fields or "no config field", effect) for fields, effect in rows)


def _renames(diff: Diff) -> Iterator[str]:
    """Keys that load under another name, module by module."""
    rows = renames(diff)
    if rows:
        yield _row("key in B", "key in A", "i", "tensors")
        yield "| --- | --- | --- | ---: |"
    for row in rows:
        yield _row(row.target, row.source, _range(row.indices), units.exact(row.tensors))


def _range(indices: Sequence[int]) -> str:
    """0…3 for numbers without a gap."""
    if len(indices) > 1 and list(indices) == list(range(indices[0], indices[-1] + 1)):
        return f"{indices[0]}…{indices[-1]}"
    return ", ".join(map(str, indices))


def _row(*cells: str) -> str:
    return f"| {' | '.join(map(escape, cells))} |"
