"""Two halves side by side: which of their parts share a line, so that what joins them is level."""

from __future__ import annotations

from collections.abc import Sequence


def lines_of(
    left: int, right: int, level: Sequence[tuple[int, int]]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The line of each part of two halves, from top to bottom.

    `level` are pairs of parts on one line, rising at both ends. What lies between two pairs shares lines:
    the left half's parts stand at the top of it, next to where they come from, the right half's at its foot.
    """
    lefts, rights, line = list[int](), list[int](), 0
    for left_line, other in [*level, (left, right)]:
        between = max(left_line - len(lefts), other - len(rights))
        line += between
        # Nothing stands above the first part: it is next to its stage.
        start = line - between if lefts else line - (left_line - len(lefts))
        lefts += range(min(start, line - (left_line - len(lefts))), line)[: left_line - len(lefts)]
        rights += range(line - (other - len(rights)), line)
        lefts += [line] if left_line < left else []
        rights += [line] if other < right else []
        line += 1
    return tuple(lefts), tuple(rights)


def level_pairs(rungs: Sequence[tuple[int, int, float]]) -> list[tuple[int, int]]:
    """The pairs that can be level together, each below the one before at both ends, with the greatest weight
    in all; `rungs` are two parts and a weight."""
    best = list[tuple[float, list[tuple[int, int]]]]()
    ordered = sorted(rungs)
    for at, (left_rank, other, weight) in enumerate(ordered):
        before = [best[k] for k in range(at) if ordered[k][0] < left_rank and ordered[k][1] < other]
        most, pairs = max(before, key=lambda option: option[0], default=(0.0, []))
        best.append((most + weight, [*pairs, (left_rank, other)]))
    return max(best, key=lambda option: option[0], default=(0.0, []))[1]
