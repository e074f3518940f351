"""What each cause of a diff accounts for, in words that texts and pages share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from unetscope import units
from unetscope.analysis.diff import words
from unetscope.analysis.diff.changes import Diff, Group
from unetscope.model import ONCE, Architecture


@dataclass(frozen=True, slots=True)
class Explanation:
    """One cause: its fields that stand here first, with both values, those named before, the effect.

    Of those named before, what stood alone comes first: the others of a group say little by themselves.
    """

    group: Group
    fields: tuple[tuple[str, str], ...]
    others: tuple[str, ...]
    effect: str


def explanations(diff: Diff) -> tuple[Explanation, ...]:
    """Causes with an effect, those of single fields or indivisible groups before joint ones."""
    company: dict[str, int] = {}
    found = []
    acting = [group for group in diff.groups or () if not is_idle(group)]
    for group in sorted(acting, key=lambda group: group.joint):
        new = tuple((name, words.values(diff, name)) for name in group.fields if name not in company)
        others = sorted((name for name in group.fields if name in company), key=lambda name: company[name])
        for name, _ in new:
            company[name] = len(group.fields)
        found.append(Explanation(group, new, tuple(others), _effect(diff, group, only=len(acting) == 1)))
    return tuple(found)


def idle(diff: Diff) -> tuple[tuple[str, str], ...]:
    """Fields without any effect on the network, with both values; those left out on one side last."""
    groups = [group for group in diff.groups or () if is_idle(group)]
    found = [(name, words.values(diff, name)) for group in groups for name in group.fields]
    for one in diff.written:
        shown = [
            "unset" if one.change == how else words.value(side)
            for how, side in (("added", one.before), ("removed", one.after))
        ]
        found.append((one.path, " → ".join(shown)))
    return tuple(found)


def is_idle(group: Group) -> bool:
    """Whether a group of fields does nothing to the network."""
    return not group.tensors and group.impact.effect == "none"


def _effect(diff: Diff, group: Group, *, only: bool) -> str:
    """Blocks, skips, tensors and parameters of a cause; its MACs where it was tried by itself."""
    alone = _alone(group, only=only, counted=diff.a.counting.convention == ONCE.convention)
    if not group.tensors:
        moves = group.alone is not None and group.alone.params != 0
        return ("none of the tensors that differ" if moves else words.effect(group)) + alone
    parts = [
        f"{listed} {how}"
        for listed, how in (
            (_counted(diff.a, group.removed, group.skips_removed), "removed"),
            (_counted(diff.b, group.added, group.skips_added), "added"),
        )
        if listed
    ]
    many = len(group.tensors)
    how = {one.change for one in diff.changes if one.kind == "tensor" and one.cause == group.fields}
    tensors = f"{units.exact(many)} tensor{'s' if many > 1 else ''}{' renamed' * (how == {'renamed'})}"
    tensors += " jointly" * group.joint
    parts.append(tensors if parts else f"{tensors} ({words.leaves(group.tensors)})")
    if group.params:
        parts.append(f"{words.delta(0, group.params)} parameters")
    return ", ".join(parts) + alone


def _alone(group: Group, *, only: bool, counted: bool) -> str:
    """What the fields do by themselves, where that is known and is not what they account for.

    The `only` cause does nothing but by itself, which then need not be said. Its MACs are `counted` by the
    convention full alone.
    """
    alone = group.alone
    if alone is None:
        return ""
    parts = [f"{words.delta(0, alone.params)} parameters"] * (alone.params != group.params)
    if alone.macs:
        parts.append(f"{'+' if alone.macs > 0 else '−'}{units.macs(abs(alone.macs))}")
    if alone.macs is None and counted:
        parts.append("a network that does not run")
    if only and parts and alone.params == group.params and alone.macs is not None:
        return f", {parts[0]}"
    where = "" if alone.start == "a" else " in B"
    return f"; by itself{where} {', '.join(parts)}" if parts else ""


def _counted(network: Architecture, paths: Sequence[str], skips: int) -> str:
    """Blocks by kind, then skips: "8 resnet blocks, 6 transformers and 4 skips"."""
    kinds = Counter(network.by_path[path].kind for path in paths)
    counted = [*sorted(kinds.items(), key=lambda one: (-one[1], one[0])), *[("skip", skips)] * bool(skips)]
    named = [f"{units.exact(count)} {_plural(kind) if count > 1 else kind}" for kind, count in counted]
    return words.listed(named)


def _plural(kind: str) -> str:
    return f"{kind} layers" if kind.endswith("sample") else f"{kind}s"
