"""What a cause of a diff accounts for, in words: blocks, skips, tensors, parameters, MACs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from unetscope.cost import ONCE
from unetscope.difference import Alone, Diff, Explanation, Impact
from unetscope.model import Architecture
from unetscope.words import diff as words
from unetscope.words import units
from unetscope.words.messages import joined

_MOST = 4
_ATTENTION = "scaled_dot_product_attention"
_EFFECTS = {
    "none": "no effect on the network",
    "numerics": "no tensor, different numerics",
    "architecture": "no tensor, but other shapes inside",
}


def effect(diff: Diff, explanation: Explanation) -> str:
    """Blocks, skips, tensors and parameters of a cause; its MACs where it was tried by itself."""
    group, alone = (
        explanation.group,
        _alone(explanation, counted=diff.a.counting.convention == ONCE.convention),
    )
    if not group.tensors:
        moves = group.alone is not None and group.alone.params != 0
        return ("none of the tensors that differ" if moves else _without_tensors(group.impact)) + alone
    sides = (
        (_counted(diff.a, group.removed, group.skips_removed), "removed"),
        (_counted(diff.b, group.added, group.skips_added), "added"),
    )
    parts = [f"{listed} {how}" for listed, how in sides if listed]
    many = len(group.tensors)
    tensors = f"{units.exact(many)} tensor{'s' if many > 1 else ''}{' renamed' * explanation.renamed}"
    tensors += " jointly" * group.joint
    parts.append(tensors if parts else f"{tensors} ({words.leaves(group.tensors)})")
    if group.params:
        parts.append(f"{words.delta(0, group.params)} parameters")
    return ", ".join(parts) + alone


def _without_tensors(impact: Impact) -> str:
    """What fields do that account for no tensor: "no tensor, the number of heads"."""
    if impact.shown_in == (_ATTENTION,):
        # What goes in and out being the same, it is only split among other heads.
        return "no tensor, the number of heads"
    where = f" ({', '.join(impact.shown_in[:_MOST])})" if impact.shown_in else ""
    return _EFFECTS[impact.effect] + where


def _alone(explanation: Explanation, *, counted: bool) -> str:
    """What the fields do by themselves, if that is known and differs from what they account for. A single
    cause always acts alone, so it needs no such clause. MACs are `counted` by the convention full alone.
    """
    alone, params = explanation.group.alone, explanation.group.params
    if alone is None:
        return ""
    parts = [f"{words.delta(0, alone.params)} parameters"] * (alone.params != params) + _work(
        alone, counted=counted
    )
    if explanation.only and parts and alone.params == params and alone.macs is not None:
        return f", {parts[0]}"
    where = "" if alone.start == "a" else " in B"
    return f"; by itself{where} {', '.join(parts)}" if parts else ""


def _work(alone: Alone, *, counted: bool) -> list[str]:
    """The MACs that come or go, with their sign; nothing where they are not counted."""
    if alone.macs is None:
        return ["a network that does not run"] * counted
    return [f"{'+' if alone.macs > 0 else '−'}{units.macs(abs(alone.macs))}"] if alone.macs else []


def _counted(network: Architecture, paths: Sequence[str], skips: int) -> str:
    """Blocks by kind, then skips: "8 resnet blocks, 6 transformers and 4 skips"."""
    kinds = Counter(network.by_path[path].kind for path in paths)
    counted = [*sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])), *[("skip", skips)] * bool(skips)]
    named = [f"{units.exact(count)} {_plural(kind) if count > 1 else kind}" for kind, count in counted]
    return joined(named)


def _plural(kind: str) -> str:
    return f"{kind} layers" if kind.endswith("sample") else f"{kind}s"
