"""Where the teacher's modules stand in the student: entries of lists move up where others went."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from unetscope.analysis.plan.skeleton import ATTENTIONS, Skeleton
from unetscope.paths import parent
from unetscope.plans import Edit


@dataclass(frozen=True)
class Renumbering:
    """The way from a path of the teacher to that of the student, for what is dropped.

    An attention whose residual block stays keeps its place: it becomes a module that does nothing, or the
    whole block is of a class without attention.
    """

    skeleton: Skeleton
    gone: frozenset[str]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number in the student of each entry that moves up or stays, by its path in the teacher."""
        numbers: dict[str, int] = {}
        for holder in (*self._blocks, *self.skeleton.lists):
            entries = self.skeleton.entries(holder)
            left = [path for path in entries if path not in self.gone or self.stays_as_place(path)]
            numbers |= {path: at for at, path in enumerate(left)}
        return numbers

    @property
    def _blocks(self) -> list[str]:
        """The lists of a UNet's down and up blocks."""
        parents = dict.fromkeys(parent(path) for path in self.skeleton.blocks if path != self.skeleton.mid)
        return list(parents)

    def stays_as_place(self, path: str) -> bool:
        """Whether a dropped attention leaves a place behind: its residual block stays."""
        return (
            parent(path).rpartition(".")[2] == ATTENTIONS
            and path in self.gone
            and self.skeleton.partner(path) not in self.gone
        )

    def moved(self, path: str) -> str | None:
        """The path in the student of a module or tensor; None for what is dropped or lies in it."""
        parts, done = path.split("."), []
        for end in range(1, len(parts) + 1):
            before = ".".join(parts[:end])
            if before in self.gone:
                return None
            done.append(str(self.numbers.get(before, parts[end - 1])))
        return ".".join(done)

    def edits(self) -> tuple[Edit, ...]:
        """What makes the student of the teacher's modules, those last in their list first."""
        edits: list[Edit] = []
        fewer = sum(1 for path in self.gone if path in {rung.up for rung in self.skeleton.rungs})
        order = {node.path: at for at, node in enumerate(self.skeleton.network.nodes)}
        for path in sorted(self.gone, key=order.__getitem__, reverse=True):
            if any(above in self.gone for above in _above(path)):
                continue
            if self.stays_as_place(path):
                edits.append(Edit("pass", path))
            elif path == self.skeleton.mid or not path.rpartition(".")[2].isdecimal():
                edits.append(Edit("none", path))
            else:
                edits.append(Edit("delete", path))
        return (*edits, *[Edit("fewer upsamplers")] * fewer)


def _above(path: str) -> list[str]:
    """All paths that a path lies in."""
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]
