"""What each set of config fields accounts for, and the causes of a diff in the order in which we report
them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import prod

from unetscope.analysis.diff import blocks
from unetscope.analysis.diff.alignment import Alignment, align
from unetscope.difference import Diff, Explanation, FieldGroup, Reason
from unetscope.difference.changes import (
    BlockChange,
    Cause,
    Change,
    ConfigChange,
    How,
    SkipChange,
    TensorChange,
    of,
)
from unetscope.model import Architecture, Node, Tensor
from unetscope.paths import within


@dataclass(slots=True)
class _Held:
    """What one set of fields accounts for, while it is gathered."""

    tensors: list[str] = field(default_factory=list)
    params: int = 0
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)


def groups(
    changes: Sequence[Change],
    reasons: Iterable[Reason],
    a: Architecture,
    b: Architecture,
    alignment: Alignment,
) -> tuple[FieldGroup, ...]:
    """The reasons with what they account for; `changes` have their causes."""
    by_cause: dict[Cause, _Held] = {}
    for change in of(TensorChange, changes):
        mine = by_cause.setdefault(change.cause, _Held())
        mine.tensors.append(change.path)
        mine.params += _params(change.after) - _params(change.before)
    back = align(b, a)
    for cause, path in _units(blocks.lacking(a, b, alignment, stages=False), changes, "removed"):
        by_cause.setdefault(cause, _Held()).removed.append(path)
    for cause, path in _units(blocks.lacking(b, a, back, stages=False), changes, "added"):
        by_cause.setdefault(cause, _Held()).added.append(path)
    for mine in by_cause.values():
        mine.removed.sort(key=lambda path: a.first_call.get(path, len(a.calls)))
        mine.added.sort(key=lambda path: b.first_call.get(path, len(b.calls)))
    return tuple(_group(reason, by_cause.get(reason.fields, _Held()), changes) for reason in reasons)


def _group(reason: Reason, content: _Held, changes: Sequence[Change]) -> FieldGroup:
    skips = [skip.change for skip in of(SkipChange, changes) if skip.cause == reason.fields]
    return FieldGroup(
        fields=reason.fields,
        impact=reason.impact,
        tensors=tuple(content.tensors),
        joint=reason.joint,
        params=content.params,
        removed=tuple(content.removed),
        added=tuple(content.added),
        skips_removed=skips.count("removed"),
        skips_added=skips.count("added"),
        alone=reason.alone,
    )


def _units(nodes: Iterable[Node], changes: Sequence[Change], how: How) -> Iterator[tuple[Cause, str]]:
    """Removed or added blocks, each with the cause of its tensors; blocks with several causes are left
    out."""
    causes: dict[str, set[Cause]] = {node.path: set() for node in nodes}
    for change in of(TensorChange, changes):
        if change.change == how:
            unit = within(change.path, causes)
            if unit is not None:
                causes[unit].add(change.cause)
    own = {block.path: block.cause for block in of(BlockChange, changes) if block.change == how}
    for path, several in causes.items():
        cause = several.pop() if several else own.get(path)  # a block without a tensor has its own
        if cause is not None and not several:
            yield cause, path


def _params(tensor: Tensor | None) -> int:
    return prod(tensor.shape) if tensor and tensor.role == "parameter" else 0


def explanations(diff: Diff) -> tuple[Explanation, ...]:
    """Causes with an effect, those of single fields or indivisible groups before joint ones."""
    company: dict[str, int] = {}
    explained = []
    acting = [group for group in diff.groups or () if not _is_idle(group)]
    for group in sorted(acting, key=lambda group: group.joint):
        new = tuple(name for name in group.fields if name not in company)
        others = sorted((name for name in group.fields if name in company), key=lambda name: company[name])
        company |= dict.fromkeys(new, len(group.fields))
        how = {change.change for change in of(TensorChange, diff.changes) if change.cause == group.fields}
        explained.append(
            Explanation(group, new, tuple(others), only=len(acting) == 1, renamed=how == {"renamed"})
        )
    return tuple(explained)


def idle(diff: Diff) -> tuple[ConfigChange, ...]:
    """Fields without any effect on the network; those that only one config writes last."""
    fields = [name for group in diff.groups or () if _is_idle(group) for name in group.fields]
    known = {change.path: change for change in of(ConfigChange, diff.changes)}
    return (*(known[name] for name in fields), *diff.written)


def _is_idle(group: FieldGroup) -> bool:
    """Whether a group of fields does nothing to the network."""
    return not group.tensors and group.impact.effect == "none"
