"""A diff for a terminal: the verdict, then from cause to effect."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from rich.text import Text

from unetscope.analysis.diff import blocks, places
from unetscope.analysis.diff.groups import explanations, idle
from unetscope.analysis.diff.insight import insight
from unetscope.analysis.diff.transfer import counts
from unetscope.difference import Diff
from unetscope.difference.changes import (
    BlockChange,
    FactChange,
    InputChange,
    SkipChange,
    TensorChange,
    of,
    sides,
)  # fmt: skip
from unetscope.paths import in_list, parent
from unetscope.render import origins
from unetscope.render.diff import transfer as transfer_text
from unetscope.render.diff.basis import statement
from unetscope.render.text import NARROW, lines, plain
from unetscope.words import causes, units
from unetscope.words import diff as words
from unetscope.words.insight import of_diff

PARTS = ("config", "blocks", "tensors", "cost")
_LISTED = frozenset({"added", "removed", "changed"})
"""Changes of blocks that are reported list by list."""
_SIGNS = {"added": "+", "removed": "−", "changed": "~", "renamed": "→"}


def diff(
    diff: Diff,
    *,
    only: str | None = None,
    transfer: bool = False,
    distill: bool = False,
    width: int = NARROW,
    colour: bool = False,
) -> str:
    """The whole diff, or `only` one of PARTS.

    With `transfer` also what a checkpoint of A gives B, with `distill` where their features compare.
    """
    parts = [only] if only else ["cost", "config", "blocks", "wiring", "tensors", "beside"]
    written = [Text(plain(words.headline(diff)), "bold"), Text(plain(words.verdict(diff.verdict)), "bold")]
    for part in [*parts, *["transfer"] * transfer, *["distill"] * distill]:
        title, body = _PARTS[part]
        listed = list(body(diff) if part != "tensors" or not only else _each_tensor(diff))
        if listed:
            written += [Text(""), Text(title, "dim"), *(Text(_hung(line, width)) for line in listed)]
    written += [Text(""), Text(plain(statement(diff)), "dim")]
    return lines(*written, width=width, colour=colour)


def lines_of(diff: Diff, part: str) -> tuple[str, ...]:
    """The lines of one part, without its title: cost, config, blocks, wiring, tensors or beside."""
    return tuple(_PARTS[part][1](diff))


def _hung(line: str, width: int) -> str:
    """A line below its heading; what does not fit is indented further."""
    wrapped = textwrap.wrap(
        plain(line), width, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False
    )
    return "\n".join(wrapped)


def stat(diff: Diff, *, width: int = NARROW, colour: bool = False) -> str:
    """One line a stage: what changed in parameters, MACs and number of tensors."""
    rows = [("stage", "parameters", words.macs(diff), "tensors")]
    for stage in diff.stages:
        before, after = stage.before, stage.after
        name = _paired(stage.pair.before, stage.pair.after)
        params = words.delta(before.params if before else 0, after.params if after else 0)
        macs = words.delta(before.macs if before else 0, after.macs if after else 0)
        rows.append((name, params, macs, str(stage.tensors or "")))
    a, b = diff.a.cost, diff.b.cost
    changed = sum(stage.tensors for stage in diff.stages)
    rows.append(("total", words.delta(a.params, b.params), words.delta(a.macs, b.macs), str(changed)))
    sizes = [max(len(row[column]) for row in rows) for column in range(4)]
    texts = [_columns(row, sizes) for row in rows]
    body = [Text(plain(line)) for line in [*texts, "", statement(diff)]]
    return lines(*body, width=max(width, sum(sizes) + 6), colour=colour)


def _columns(row: tuple[str, ...], sizes: list[int]) -> str:
    numbers = (cell.rjust(size) for cell, size in zip(row[1:], sizes[1:], strict=True))
    return "  ".join([row[0].ljust(sizes[0]), *numbers])


def _cost(diff: Diff) -> Iterator[str]:
    a, b = diff.a.cost, diff.b.cost
    for name, before, after in (("parameters", a.params, b.params), (words.macs(diff), a.macs, b.macs)):
        yield f"{name} {units.exact(before)} → {units.exact(after)}, {words.delta(before, after)}"
    tensors = counts(diff.transfer)
    renamed = f", {tensors['renamed']} renamed" if tensors["renamed"] else ""
    changed = f", {tensors['partial']} reshaped" if tensors["partial"] else ""
    gone = "".join(
        f", {tensors[key]} {word}"
        for key, word in (("missing", "added"), ("unused", "removed"))
        if tensors[key]
    )
    sides = f"tensors {len(diff.a.tensors)} → {len(diff.b.tensors)}"
    yield f"{sides}: {tensors['same']} same{renamed}{changed}{gone}"
    yield of_diff(diff, insight(diff))


def _config(diff: Diff) -> Iterator[str]:
    """Each cause, its effect further in; fields alone where causes are not known."""
    if diff.groups is None:
        yield from words.fields(diff)
        yield f"causes are not known: {diff.unknown}"
    for explanation in explanations(diff):
        yield from (words.field(diff, name) for name in explanation.fields)
        if explanation.others:
            yield ("with " if explanation.fields else "") + ", ".join(explanation.others)
        if not explanation.fields and not explanation.others:
            yield "no config field"
        yield "    " + causes.effect(diff, explanation)
    for change in idle(diff):
        yield f"no effect on the network: {change.path} {words.idle(diff, change)}"


def _blocks(diff: Diff) -> Iterator[str]:
    """Blocks by stage and kind of change, their labels first."""
    groups: dict[tuple[str, str], list[BlockChange]] = {}
    for change in of(BlockChange, diff.changes):
        groups.setdefault((change.change, _place(diff, change)), []).append(change)
    for (how, _), changes in groups.items():
        in_order = blocks.in_running_order(changes)
        names = _runs(in_order) if how in _LISTED else map(_block, changes)
        yield f"{_SIGNS[how]} {how} " + "; ".join(names)


def _place(diff: Diff, change: BlockChange) -> str:
    """What groups added, removed or changed blocks into one line: the stage that lists them, else the block
    itself."""
    before, number, after = in_list(change.path)
    stage = places.of_diff(change, diff)
    if not number or change.change not in _LISTED:
        return change.path
    if stage is None or stage.path == change.path:
        return change.path
    if after:
        return f"{before}*{after}"
    above = parent(change.path)
    return above if above == stage.path else parent(above)


def _runs(changes: list[BlockChange]) -> Iterator[str]:
    """Blocks, those without a label that follow each other in one list as one: transformer_blocks.1–9."""
    for run in blocks.runs(changes):
        yield f"{words.numbered(run)}{_types(run[0])}" if len(run) > 1 else _block(run[0])


def _block(change: BlockChange) -> str:
    before, after = change.before, change.after
    labels = " ".join(sides(change)[0].labels)
    paths = _paired(before.path if before else None, after.path if after else None)
    tied = [
        f"{name}'s {', '.join(side.could_be)}"
        for name, side in (("A", before), ("B", after))
        if side and side.could_be
    ]
    tie = f" (by the shapes also from {tied[0]})".replace("from B", "to B") if tied else ""
    return f"{labels} {paths}{_types(change)}{tie}".strip()


def _types(change: BlockChange) -> str:
    """What a block was and became: ", A → B"; "" for one that came or went."""
    return ", " + " → ".join(side.type for side in sides(change)) if change.change == "changed" else ""


def _wiring(diff: Diff) -> Iterator[str]:
    """Inputs, then skips."""
    for change in diff.changes:
        if isinstance(change, InputChange):
            yield f"{_SIGNS[change.change]} input {_input(change)}"
        elif isinstance(change, SkipChange):
            yield f"{_SIGNS[change.change]} skip {_skip(change)}"


def _input(change: InputChange) -> str:
    before, after = (
        words.shape(input_.shape) if input_ else "absent" for input_ in (change.before, change.after)
    )
    holds = " + ".join(
        f"{content.name} {content.count}" for content in (change.after and change.after.holds) or ()
    )
    return f"{change.path} {before} → {after}{f' = {holds}' if holds else ''}"


def _skip(change: SkipChange) -> str:
    ends = ", now ".join(f"{side.source} to {side.target}" for side in sides(change))
    widths = dict.fromkeys(side.channels for side in sides(change))
    return ends + (f", {' → '.join(map(str, widths))} channels" if len(widths) > 1 else "")


def _tensors(diff: Diff) -> Iterator[str]:
    """Reshaped tensors by what they are called below their numbered parents; the others counted."""
    groups: dict[tuple[str, str], list[TensorChange]] = {}
    counted: dict[str, int] = {}
    for change in of(TensorChange, diff.changes):
        if change.change == "changed":
            groups.setdefault((words.leaves([change.path]), words.cause(change)), []).append(change)
        else:
            counted[change.change] = counted.get(change.change, 0) + 1
    for (name, cause), changes in groups.items():
        shapes = list(dict.fromkeys(_shapes(change) for change in changes))
        several = f" ×{len(changes)}" if len(changes) > 1 else ""
        yield f"~ {name}{several} {', '.join(shapes)}" + (f", by {cause}" if cause else "")
    for how, count in counted.items():
        yield f"{_SIGNS[how]} {count} {how}"


def _each_tensor(diff: Diff) -> Iterator[str]:
    for change in of(TensorChange, diff.changes):
        names = " → ".join(dict.fromkeys(side.name for side in sides(change)))
        cause = f", by {words.cause(change)}" if change.cause else ""
        yield f"{_SIGNS[change.change]} {names} {_shapes(change)}{cause}"


def _shapes(change: TensorChange) -> str:
    return " → ".join(dict.fromkeys(words.shape(side.shape) for side in sides(change)))


def _beside(diff: Diff) -> Iterator[str]:
    if relation := origins.related(diff.a, diff.b):
        yield f"lineage: {relation}"
    for change in of(FactChange, diff.changes):
        yield f"{words.fact(change.path)} {words.value(change.before)} → {words.value(change.after)}"


def _paired(before: str | None, after: str | None) -> str:
    if before == after or after is None:
        return str(before)
    return f"{before} → {after}" if before else after


_PARTS: dict[str, tuple[str, Callable[[Diff], Iterator[str]]]] = {
    "cost": ("Cost", _cost),
    "config": ("Why", _config),
    "blocks": ("Blocks", _blocks),
    "wiring": ("Inputs and skips", _wiring),
    "tensors": ("Tensors", _tensors),
    "beside": ("Beside the network", _beside),
    "transfer": ("Weights of A for B", transfer_text.weights),
    "distill": ("Features to compare, of A (teacher) ↔ of B (student)", transfer_text.features),
}
