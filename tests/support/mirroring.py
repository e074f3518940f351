"""When two diffs, one way and the other, tell the same."""

from __future__ import annotations

import re

from unetscope.analysis.diff import Diff
from unetscope.words.diff import verdict

TURNED = {
    "added": "removed", "removed": "added", "wider": "narrower", "narrower": "wider",
    "linear": "convolution", "convolution": "linear",
}  # fmt: skip


def told(diff: Diff) -> list[str]:
    return sorted(str((one.kind, one.change, one.before, one.after, one.cause)) for one in diff.changes)


def mirrored(diff: Diff) -> list[str]:
    return sorted(
        str((one.kind, TURNED.get(one.change, one.change), one.after, one.before, one.cause))
        for one in diff.changes
    )


def turned(words: str) -> str:
    return re.sub(r"\w+", lambda word: TURNED.get(word[0], word[0]), words)


def assert_mirrors(there: Diff, back: Diff) -> None:
    assert mirrored(there) == told(back)
    assert turned(verdict(there.verdict)) == verdict(back.verdict)
    assert there.identical == back.identical
    assert (there.a.cost, there.b.cost) == (back.b.cost, back.a.cost)
    stages = {(one.pair.before, one.pair.after): (one.before, one.after, one.tensors) for one in there.stages}
    assert stages == {
        (one.pair.after, one.pair.before): (one.after, one.before, one.tensors) for one in back.stages
    }
    assert {target: source for source, target in there.transfer.loads.items()} == back.transfer.loads
    assert there.transfer.elements["partial"] == back.transfer.elements["partial"]
    if there.groups is not None and back.groups is not None:
        assert {
            (one.fields, one.impact, one.joint, -one.params, one.added, one.removed) for one in there.groups
        } == {(one.fields, one.impact, one.joint, one.params, one.removed, one.added) for one in back.groups}
