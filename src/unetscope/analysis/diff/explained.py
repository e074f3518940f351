"""The causes of a diff in the order they are told in, and the fields that do nothing."""

from __future__ import annotations

from unetscope.changes import ConfigChange, TensorChange, of
from unetscope.difference import Diff, Explanation, Group


def explanations(diff: Diff) -> tuple[Explanation, ...]:
    """Causes with an effect, those of single fields or indivisible groups before joint ones."""
    company: dict[str, int] = {}
    found = []
    acting = [group for group in diff.groups or () if not _is_idle(group)]
    for group in sorted(acting, key=lambda group: group.joint):
        new = tuple(name for name in group.fields if name not in company)
        others = sorted((name for name in group.fields if name in company), key=lambda name: company[name])
        company |= dict.fromkeys(new, len(group.fields))
        how = {one.change for one in of(TensorChange, diff.changes) if one.cause == group.fields}
        found.append(
            Explanation(group, new, tuple(others), only=len(acting) == 1, renamed=how == {"renamed"})
        )
    return tuple(found)


def idle(diff: Diff) -> tuple[ConfigChange, ...]:
    """Fields without any effect on the network; those that only one config writes last."""
    fields = [name for group in diff.groups or () if _is_idle(group) for name in group.fields]
    known = {one.path: one for one in of(ConfigChange, diff.changes)}
    return (*(known[name] for name in fields), *diff.written)


def _is_idle(group: Group) -> bool:
    """Whether a group of fields does nothing to the network."""
    return not group.tensors and group.impact.effect == "none"
