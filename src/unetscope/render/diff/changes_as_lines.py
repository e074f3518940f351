"""Every change of a diff as a line of its page: kind, sign, words, and the paths it touches on each side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from unetscope.analysis.diff import blocks, groups
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
from unetscope.layout.diff import skips
from unetscope.model import Architecture, Skip, Tensor
from unetscope.paths import leaf
from unetscope.render import origins
from unetscope.words import causes
from unetscope.words import diff as words
from unetscope.words.safe import clean

_SIGNS = {"added": "+", "removed": "−", "changed": "≠", "renamed": "→", "kept": "="}
_FEW = 12
"""Tensors that need not be folded by layer."""

ChangeFields = dict[str, str]
"""One change as the template shows it."""


def sections(diff: Diff) -> list[dict[str, Any]]:
    """Sections with what changed, each line with its address; those without a change are left out."""
    filled = [section for section in _sections(diff) if section["changes"] or section["folded"]]
    _anchor(line for section in filled for line in lines(section))
    return filled


def _anchor(lines: Iterable[ChangeFields]) -> None:
    """Give each change a name in the page, the same each time: its kind and its subject."""
    taken: set[str] = set()
    for line in lines:
        path = (line["a"] or line["b"] or line["what"]) if line["kind"] == "block" else line["what"]
        name = f"{line['kind']}-{slug(path.split(' ')[0])}"
        count = 1
        while (anchor := name if count == 1 else f"{name}-{count}") in taken:
            count += 1
        taken.add(anchor)
        line["anchor"] = anchor


def lines(section: dict[str, Any]) -> Iterator[ChangeFields]:
    """The lines of a section, those that are folded too."""
    yield from section["changes"]
    for _, changes in section["folded"]:
        yield from changes


def _sections(diff: Diff) -> Iterator[dict[str, Any]]:
    """Causes, blocks, inputs, skips, tensors by layer, and what lies beside the network."""
    yield _section("Why", "each config field changed alone, rebuilt and compared", _causes(diff))
    yield _section("Blocks", "", map(_blocks, blocks.runs(of(BlockChange, diff.changes))))
    yield _section("Inputs", "", (_input(diff, input_) for input_ in of(InputChange, diff.changes)))
    yield _section("Skips", "", map(_skip, of(SkipChange, diff.changes)))
    tensors = of(TensorChange, diff.changes)
    if len(tensors) <= _FEW:
        yield _section("Tensors", "", map(_tensor, tensors))
    else:
        yield _section("Tensors", f"{len(tensors):,} differ", [], _families(tensors))
    kinship = origins.related(diff.a, diff.b)
    kin = [_line("scheduler", "changed", "lineage", value=kinship)] if kinship else []
    yield _section("Outside the network", "", [*kin, *map(_beside, of(FactChange, diff.changes))])


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
    # A path with a space in it would read as two; no module's name may hold one.
    sides = {
        side: " ".join(path for path in paths if " " not in path) for side, paths in (("a", a), ("b", b))
    }
    entry = {"kind": kind, "change": how, "sign": _SIGNS[how], "what": what, "value": value, "note": note}
    return {name: clean(text) for name, text in (entry | sides).items()}


def _causes(diff: Diff) -> Iterator[ChangeFields]:
    if diff.groups is None:
        yield _line("config", "changed", "causes are not known", note=diff.unknown)
        for change in of(ConfigChange, diff.changes):
            yield _line("config", "changed", change.path, value=words.values(diff, change.path))
        return
    for explanation in groups.explanations(diff):
        named = [words.field(diff, name) for name in explanation.fields]
        named += [f"{'with ' if named else ''}{', '.join(explanation.others)}"] if explanation.others else []
        what, effect = "; ".join(named) or "no config field", causes.effect(diff, explanation)
        yield _cause(diff, explanation.group.fields, "changed", what, effect)
    for change in groups.idle(diff):
        what = f"{change.path} {words.idle(diff, change)}"
        yield _cause(diff, change.cause, "kept", what, "no effect on the network")


def _cause(diff: Diff, fields: tuple[str, ...], how: str, what: str, effect: str) -> ChangeFields:
    """A set of fields; it touches the blocks, skips and tensors it accounts for."""
    touched = [
        change for change in diff.changes if change.cause == fields and not isinstance(change, ConfigChange)
    ]
    return _line("config", how, what, note=effect, a=_touched(change.before for change in touched),
                 b=_touched(change.after for change in touched))  # fmt: skip


def _touched(values: Iterable[object]) -> list[str]:
    """What sides of changes are drawn as, each once: blocks, modules of tensors, lanes of skips."""
    paths: dict[str, None] = {}
    for value in values:
        match value:
            case Tensor(name=name):
                paths[name.rpartition(".")[0]] = None
            case BlockSide(path=path):
                paths[path] = None
            case Skip():
                paths[skips.name(value)] = None
    return list(paths)


def _blocks(run: list[BlockChange]) -> ChangeFields:
    """A block, or those of one list that came or went: "transformer_blocks.1–9"."""
    both = sides(run[0])
    labels = " ".join(both[0].labels[:6])
    paths = words.numbered(run) if len(run) > 1 else _joined(side.path for side in both)
    types = _joined(side.type for side in both)
    several = f"{types} ×{len(run)}" if len(run) > 1 else types
    return _line("block", run[0].change, f"{labels} {paths}".strip(), value=several, note=_cause_note(run[0]),
                 a=_touched(side.before for side in run), b=_touched(side.after for side in run))  # fmt: skip


def _joined(parts: Iterable[str]) -> str:
    """Before → after, or once where both are the same."""
    return " → ".join(dict.fromkeys(parts))


def _input(diff: Diff, change: InputChange) -> ChangeFields:
    shapes = (words.shape(side.shape) if side else "absent" for side in (change.before, change.after))
    holds = " + ".join(
        f"{content.name} {content.count}" for content in (change.after and change.after.holds) or ()
    )
    stems = [_stem(network, change.path) for network in (diff.a, diff.b)]
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
    by_layer: dict[tuple[How, str], list[TensorChange]] = {}
    for change in changes:
        by_layer.setdefault((change.change, leaf(change.path)), []).append(change)
    order = ("changed", "added", "removed", "renamed")
    for (how, name), members in sorted(
        by_layer.items(), key=lambda group: (order.index(group[0][0]), -len(group[1]), group[0])
    ):
        word = "reshaped" if how == "changed" else how
        yield f"{_SIGNS[how]} {name} — {len(members):,} {word}", [_tensor(change) for change in members]


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
