"""A line of a table from one scheme of names to another: data for `crosswalks`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NamePattern:
    """`pattern` of a whole name; `to` is one name or several, into which the tensor is split by `parts`:
    how many shares of its first side each takes, 0 for the rest."""

    pattern: str
    to: Sequence[str]
    parts: Sequence[int] = ()


def lines(*pairs: tuple[str, str]) -> list[NamePattern]:
    return [NamePattern(pattern, (to,)) for pattern, to in pairs]


def fused(pattern: str, path: str, words: Sequence[str], kind: str = "(weight|bias)") -> NamePattern:
    """A fused projection, in three equal shares."""
    group = pattern.count("(") + 1
    return NamePattern(rf"{pattern}\.{kind}", tuple(rf"{path}.{word}.\{group}" for word in words), (1, 1, 1))
