"""A diff as a page of its own: the strips, and every change as a button that shows its blocks in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import Markup

from unetscope import units
from unetscope.analysis.diff import blocks, groups
from unetscope.analysis.diff.insight import insight
from unetscope.difference import Diff
from unetscope.difference.changes import (
    BlockChange,
    BlockSide,
    Change,
    ConfigChange,
    FactChange,
    How,
    InputChange,
    SkipChange,
    TensorChange,
    of,
    sides,
)  # fmt: skip
from unetscope.files import slug
from unetscope.layout import diff as layouts
from unetscope.layout.diff import skips
from unetscope.model import Architecture, Skip, Tensor
from unetscope.paths import leaf
from unetscope.render import origins
from unetscope.render.diff import basis as diff_words
from unetscope.render.document import document
from unetscope.render.picture import svg
from unetscope.render.table.as_html import fits_from
from unetscope.words import causes
from unetscope.words import diff as words
from unetscope.words.insight import of_diff
from unetscope.words.safe import clean

_SIGNS = {"added": "+", "removed": "−", "changed": "≠", "renamed": "→", "kept": "="}
_FILTERS = (
    ("config", "config"), ("block", "blocks"), ("conditioning", "inputs"), ("skip", "skips"),
    ("tensor", "tensors"), ("scheduler", "outside"),
)  # fmt: skip

_FEW = 12
"""Tensors that need not be folded by layer."""

ChangeFields = dict[str, str]
"""One change as the template shows it: its kind, sign, words, and the paths it touches on each side."""


def page(diff: Diff, *, layout: str = "strip") -> str:
    """A complete HTML document with its styles and its script inside, and nothing from elsewhere."""
    scene = layouts.lay_out(diff, layout=layout, paper=True)
    sections = [section for section in _sections(diff) if section["changes"] or section["folded"]]
    _anchor(line for section in sections for line in _lines(section))
    kinds = {line["kind"] for section in sections for line in _lines(section)}
    headings = [clean(diff.a.id), clean(diff.b.id), "difference", "of A"]
    totals = list(_totals(diff))
    return document(
        "diff.html.j2",
        scripts=("picture.js", "diff.js"),
        title=clean(f"{diff.a.id} → {diff.b.id}"),
        verdict=clean(words.verdict(diff.verdict)),
        kind={"identical": "same", "added": "added"}.get(diff.verdict.kind, ""),
        basis=clean(diff_words.statement(diff)),
        # Escaped where it was made.
        picture=Markup(svg.render(scene, theme="auto", named=False)),  # noqa: S704
        filters=[("", "all"), *((name, label) for name, label in _FILTERS if name in kinds)],
        sections=sections,
        headings=headings,
        totals=totals,
        narrow=fits_from([["", *headings], *([name, *cells] for name, cells in totals)]),
        insight=clean(of_diff(diff, insight(diff))),
    )


def _anchor(lines: Iterable[ChangeFields]) -> None:
    """Give each change a name in the page, the same each time: its kind and what it is of."""
    taken: set[str] = set()
    for line in lines:
        path = (line["a"] or line["b"] or line["what"]) if line["kind"] == "block" else line["what"]
        name = f"{line['kind']}-{slug(path.split(' ')[0])}"
        count = 1
        while (anchor := name if count == 1 else f"{name}-{count}") in taken:
            count += 1
        taken.add(anchor)
        line["anchor"] = anchor


def _lines(section: dict[str, Any]) -> Iterator[ChangeFields]:
    yield from section["changes"]
    for _, changes in section["folded"]:
        yield from changes


def _sections(given: Diff) -> Iterator[dict[str, Any]]:
    """Causes, blocks, inputs, skips, tensors by layer, and what lies beside the network."""
    yield _section("Why", "each config field changed alone, rebuilt and compared", _causes(given))
    yield _section("Blocks", "", map(_blocks, blocks.runs(of(BlockChange, given.changes))))
    yield _section("Inputs", "", (_input(given, one) for one in of(InputChange, given.changes)))
    yield _section("Skips", "", map(_skip, of(SkipChange, given.changes)))
    tensors = of(TensorChange, given.changes)
    if len(tensors) <= _FEW:
        yield _section("Tensors", "", map(_tensor, tensors))
    else:
        yield _section("Tensors", f"{len(tensors):,} differ", [], _families(tensors))
    told = origins.related(given.a, given.b)
    kin = [_line("scheduler", "changed", "lineage", value=told)] if told else []
    yield _section("Outside the network", "", [*kin, *map(_beside, of(FactChange, given.changes))])


def _section(
    title: str,
    note: str,
    changes: Iterable[ChangeFields] = (),
    folded: Iterable[tuple[str, list[ChangeFields]]] = (),
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
) -> ChangeFields:
    # A path with a space in it could not be told from two; no module's name may hold one.
    sides = {
        side: " ".join(path for path in paths if " " not in path) for side, paths in (("a", a), ("b", b))
    }
    shown = {"kind": kind, "change": how, "sign": _SIGNS[how], "what": what, "value": value, "note": note}
    return {name: clean(text) for name, text in (shown | sides).items()}


def _causes(given: Diff) -> Iterator[ChangeFields]:
    if given.groups is None:
        yield _line("config", "changed", "causes are not known", note=given.unknown)
        for change in of(ConfigChange, given.changes):
            yield _line("config", "changed", change.path, value=words.values(given, change.path))
        return
    for one in groups.explanations(given):
        named = [words.field(given, name) for name in one.fields]
        named += [f"{'with ' if named else ''}{', '.join(one.others)}"] if one.others else []
        what, effect = "; ".join(named) or "no config field", causes.effect(given, one)
        yield _cause(given, one.group.fields, "changed", what, effect)
    for change in groups.idle(given):
        what = f"{change.path} {words.idle(given, change)}"
        yield _cause(given, change.cause, "kept", what, "no effect on the network")


def _cause(given: Diff, fields: tuple[str, ...], how: str, what: str, effect: str) -> ChangeFields:
    """A set of fields; it touches the blocks, skips and tensors it accounts for."""
    touched = [one for one in given.changes if one.cause == fields and not isinstance(one, ConfigChange)]
    return _line("config", how, what, note=effect, a=_touched(one.before for one in touched),
                 b=_touched(one.after for one in touched))  # fmt: skip


def _touched(held: Iterable[object]) -> list[str]:
    """What sides of changes are drawn as, each once: blocks, modules of tensors, lanes of skips."""
    paths: dict[str, None] = {}
    for one in held:
        match one:
            case Tensor(name=name):
                paths[name.rpartition(".")[0]] = None
            case BlockSide(path=path):
                paths[path] = None
            case Skip():
                paths[skips.name(one)] = None
    return list(paths)


def _blocks(run: list[BlockChange]) -> ChangeFields:
    """A block, or those of one list that came or went: "transformer_blocks.1–9"."""
    held = sides(run[0])
    labels = " ".join(held[0].labels[:6])
    paths = words.numbered(run) if len(run) > 1 else _joined(side.path for side in held)
    types = _joined(side.type for side in held)
    several = f"{types} ×{len(run)}" if len(run) > 1 else types
    return _line("block", run[0].change, f"{labels} {paths}".strip(), value=several, note=_cause_note(run[0]),
                 a=_touched(one.before for one in run), b=_touched(one.after for one in run))  # fmt: skip


def _joined(parts: Iterable[str]) -> str:
    """Before → after, or once where both are the same."""
    return " → ".join(dict.fromkeys(parts))


def _input(given: Diff, change: InputChange) -> ChangeFields:
    shapes = (words.shape(side.shape) if side else "absent" for side in (change.before, change.after))
    holds = " + ".join(f"{one.name} {one.count}" for one in (change.after and change.after.holds) or ())
    stems = [_stem(network, change.path) for network in (given.a, given.b)]
    return _line("conditioning", change.change, change.path, value=_joined(shapes),
                 note=f"holds {holds}" if holds else "", a=stems[0], b=stems[1])  # fmt: skip


def _stem(network: Architecture, name: str) -> list[str]:
    """The module that takes an input, where that is the sample."""
    paths = [stage.path for stage in network.stages if stage.role == "stem"]
    return paths[:1] if name == network.inputs[0].name else []


def _skip(change: SkipChange) -> ChangeFields:
    ends = (f"{side.source} to {side.target}" for side in sides(change))
    both = [
        [side.source, side.target, skips.name(side)] if side else [] for side in (change.before, change.after)
    ]
    channels = _joined(f"{side.channels} channels" for side in sides(change))
    return _line("skip", change.change, ", now ".join(dict.fromkeys(ends)), value=channels,
                 note=_cause_note(change), a=both[0], b=both[1])  # fmt: skip


def _families(changes: Iterable[TensorChange]) -> Iterator[tuple[str, list[ChangeFields]]]:
    """Tensors by what became of them and the layer they belong to."""
    held: dict[tuple[How, str], list[TensorChange]] = {}
    for change in changes:
        held.setdefault((change.change, leaf(change.path)), []).append(change)
    order = ("changed", "added", "removed", "renamed")
    for (how, name), found in sorted(
        held.items(), key=lambda one: (order.index(one[0][0]), -len(one[1]), one[0])
    ):
        word = "reshaped" if how == "changed" else how
        yield f"{_SIGNS[how]} {name} — {len(found):,} {word}", [_tensor(change) for change in found]


def _tensor(change: TensorChange) -> ChangeFields:
    names = _joined(side.name for side in sides(change))
    shapes = _joined(words.shape(side.shape) for side in sides(change))
    return _line("tensor", change.change, names, value=shapes, note=_cause_note(change),
                 a=_touched([change.before]), b=_touched([change.after]))  # fmt: skip


def _cause_note(change: Change) -> str:
    return f"by {words.cause(change)}" if change.cause else ""


def _beside(change: FactChange) -> ChangeFields:
    value = f"{words.value(change.before)} → {words.value(change.after)}"
    return _line("scheduler", "changed", words.fact(change.path), value=value)


def _totals(given: Diff) -> Iterator[tuple[str, list[str]]]:
    for name, before, after in (
        ("parameters", given.a.cost.params, given.b.cost.params),
        (words.macs(given), given.a.cost.macs, given.b.cost.macs),
        ("tensors", len(given.a.tensors), len(given.b.tensors)),
        ("skips", len(given.a.skips), len(given.b.skips)),
    ):
        share = words.percent(before, after)
        yield name, [units.exact(before), units.exact(after), words.delta(before, after), share]
