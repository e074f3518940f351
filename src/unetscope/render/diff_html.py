"""A diff as a page of its own: the strips, and every change as a button that shows its blocks in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import Markup

from unetscope import units
from unetscope.analysis.diff import explained, words
from unetscope.analysis.diff.changes import Change, Diff
from unetscope.analysis.diff.insight import insight
from unetscope.layout import diff as layouts
from unetscope.render import diff_words, svg
from unetscope.render.svg import clean
from unetscope.render.templates import fill

_SIGNS = {"added": "+", "removed": "−", "changed": "≠", "renamed": "→", "kept": "="}
_FILTERS = (
    ("config", "config"), ("block", "blocks"), ("conditioning", "inputs"), ("skip", "skips"),
    ("tensor", "tensors"), ("scheduler", "outside"),
)  # fmt: skip

_FEW = 12
"""Tensors that need not be folded by layer."""

Line = dict[str, str]
"""One change as the template shows it: its kind, sign, words, and the paths it touches on each side."""


def page(given: Diff, *, layout: str = "strip") -> str:
    """A complete HTML document with its styles and its script inside, and nothing from elsewhere."""
    scene = layouts.lay_out(given, layout=layout, paper=True)
    sections = [section for section in _sections(given) if section["changes"] or section["folded"]]
    kinds = {line["kind"] for section in sections for line in _lines(section)}
    return fill(
        "diff.html.j2",
        title=clean(f"{given.a.id} → {given.b.id}"),
        verdict=clean(given.verdict),
        same=given.identical,
        basis=clean(diff_words.statement(given)),
        # Escaped where it was made.
        picture=Markup(svg.render(scene, theme="auto")),  # noqa: S704
        filters=[("", "all"), *((name, label) for name, label in _FILTERS if name in kinds)],
        sections=sections,
        headings=[clean(given.a.id), clean(given.b.id), "difference", "of A"],
        totals=list(_totals(given)),
        insight=clean(insight(given)),
    )


def _lines(section: dict[str, Any]) -> Iterator[Line]:
    yield from section["changes"]
    for _, changes in section["folded"]:
        yield from changes


def _sections(given: Diff) -> Iterator[dict[str, Any]]:
    """Causes, blocks, inputs, skips, tensors by layer, and what lies beside the network."""
    by_kind: dict[str, list[Change]] = {}
    for change in given.changes:
        by_kind.setdefault(change.kind, []).append(change)
    yield _section("Why", "each config field changed alone, rebuilt and compared", _causes(given))
    yield _section("Blocks", "", map(_blocks, words.runs(by_kind.get("block", []))))
    yield _section("Inputs", "", map(_input, by_kind.get("conditioning", [])))
    yield _section("Skips", "", map(_skip, by_kind.get("skip", [])))
    tensors = by_kind.get("tensor", [])
    if len(tensors) <= _FEW:
        yield _section("Tensors", "", map(_tensor, tensors))
    else:
        yield _section("Tensors", f"{len(tensors):,} differ", [], _families(tensors))
    yield _section("Outside the network", "", map(_beside, by_kind.get("scheduler", [])))


def _section(
    title: str, note: str, changes: Iterable[Line] = (), folded: Iterable[tuple[str, list[Line]]] = ()
) -> dict[str, Any]:
    return {"title": title, "note": note, "changes": list(changes), "folded": list(folded)}


def _line(
    kind: str,
    how: str,
    what: str,
    *,
    value: str = "",
    note: str = "",
    a: Iterable[str] = (),
    b: Iterable[str] = (),
) -> Line:
    # A path with a space in it could not be told from two; no module's name may hold one.
    sides = {
        side: " ".join(path for path in paths if " " not in path) for side, paths in (("a", a), ("b", b))
    }
    shown = {"kind": kind, "change": how, "sign": _SIGNS[how], "what": what, "value": value, "note": note}
    return {name: clean(text) for name, text in (shown | sides).items()}


def _causes(given: Diff) -> Iterator[Line]:
    if given.groups is None:
        yield _line("config", "changed", "causes are not known", note=given.unknown)
        for change in given.changes:
            if change.kind == "config":
                yield _line("config", "changed", change.path, value=words.values(given, change.path))
        return
    for one in explained.explanations(given):
        named = [f"{name} {values}" for name, values in one.fields]
        named += [f"{'with ' if named else ''}{', '.join(one.others)}"] if one.others else []
        yield _cause(given, one.group.fields, "changed", "; ".join(named) or "no config field", one.effect)
    for name, values in explained.idle(given):
        yield _cause(given, (name,), "kept", f"{name} {values}", "no effect on the network")


def _cause(given: Diff, fields: tuple[str, ...], how: str, what: str, effect: str) -> Line:
    """A set of fields; it touches the blocks of the tensors it accounts for."""
    touched = [one for one in given.changes if one.kind == "tensor" and one.cause == fields]
    sides = [_modules(touched, side) for side in ("before", "after")]
    return _line("config", how, what, note=effect, a=sides[0], b=sides[1])


def _modules(changes: Iterable[Change], side: str) -> list[str]:
    """The modules that tensors belong to, each once."""
    given = (getattr(change, side) for change in changes)
    return list(dict.fromkeys(one["name"].rpartition(".")[0] for one in given if one))


def _blocks(run: list[Change]) -> Line:
    """A block, or those of one list that came or went: "transformer_blocks.1–9"."""
    change = run[0]
    before, after = change.before, change.after
    labels = " ".join((before or after)["labels"][:6])
    both = [side["path"] for side in (before, after) if side]
    paths = words.numbered(run) if len(run) > 1 else " → ".join(dict.fromkeys(both))
    types = " → ".join(dict.fromkeys(side["type"] for side in (before, after) if side))
    several = f"{types} ×{len(run)}" if len(run) > 1 else types
    return _line("block", change.change, f"{labels} {paths}".strip(), value=several,
                 note=_cause_note(change), a=_paths(run, "before"), b=_paths(run, "after"))  # fmt: skip


def _paths(run: list[Change], side: str) -> list[str]:
    return [one["path"] for change in run if (one := getattr(change, side))]


def _input(change: Change) -> Line:
    shapes = [words.shape(side["shape"]) if side else "absent" for side in (change.before, change.after)]
    holds = " + ".join(f"{one['name']} {one['count']}" for one in (change.after or {}).get("holds", []))
    stem = ["conv_in"] if change.path == "sample" else []
    return _line("conditioning", change.change, change.path, value=" → ".join(dict.fromkeys(shapes)),
                 note=f"holds {holds}" if holds else "", a=stem, b=stem)  # fmt: skip


def _skip(change: Change) -> Line:
    ends = [f"{side['source']} to {side['target']}" for side in (change.before, change.after) if side]
    sides = [[side["source"], side["target"]] if side else [] for side in (change.before, change.after)]
    channels = [f"{side['channels']} channels" for side in (change.before, change.after) if side]
    value = " → ".join(dict.fromkeys(channels))
    return _line("skip", change.change, ", now ".join(dict.fromkeys(ends)), value=value,
                 note=_cause_note(change), a=sides[0], b=sides[1])  # fmt: skip


def _families(changes: Iterable[Change]) -> Iterator[tuple[str, list[Line]]]:
    """Tensors by what became of them and the layer they belong to."""
    held: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        held.setdefault((change.change, words.leaf(change.path)), []).append(change)
    order = ("changed", "added", "removed", "renamed")
    for (how, name), found in sorted(
        held.items(), key=lambda one: (order.index(one[0][0]), -len(one[1]), one[0])
    ):
        word = "reshaped" if how == "changed" else how
        yield f"{_SIGNS[how]} {name} — {len(found):,} {word}", [_tensor(change) for change in found]


def _tensor(change: Change) -> Line:
    sides = [side for side in (change.before, change.after) if side]
    names = " → ".join(dict.fromkeys(side["name"] for side in sides))
    shapes = " → ".join(dict.fromkeys(words.shape(side["shape"]) for side in sides))
    return _line("tensor", change.change, names, value=shapes, note=_cause_note(change),
                 a=_modules([change], "before"), b=_modules([change], "after"))  # fmt: skip


def _cause_note(change: Change) -> str:
    return f"by {words.cause(change)}" if change.cause else ""


def _beside(change: Change) -> Line:
    value = f"{words.value(change.before)} → {words.value(change.after)}"
    return _line("scheduler", "changed", words.fact(change.path), value=value)


def _totals(given: Diff) -> Iterator[tuple[str, list[str]]]:
    for name, before, after in (
        ("parameters", given.a.cost.params, given.b.cost.params),
        ("MACs" if given.common else "MACs (at two sizes)", given.a.cost.macs, given.b.cost.macs),
        ("tensors", len(given.a.tensors), len(given.b.tensors)),
        ("skips", len(given.a.skips), len(given.b.skips)),
    ):
        share = words.percent(before, after)
        yield name, [units.exact(before), units.exact(after), words.delta(before, after), share]
