"""Which stage and which unit of one network corresponds to which of another, from tensor names and shapes.

Works on state-dict names alone, so that a network which was only instantiated can be aligned too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from unetscope.difference import Pair
from unetscope.families.roles import role_of
from unetscope.model import Shape, Tensor

Unit: TypeAlias = dict[str, Shape]
"""Shapes of one layer of a stage, by name without the layer's number: "resnets" + "conv1.weight"."""

_SAMPLERS = ("downsamplers", "upsamplers")
_STAGES = ("down", "mid", "up")


@dataclass(frozen=True)
class Alignment:
    """Pairs of stages and of units, and where each path of A went."""

    stages: tuple[Pair, ...]
    units: tuple[Pair, ...]
    moves: dict[str, str | None]

    def moved(self, path: str) -> str | None:
        """The path in B of a module or tensor of A; None for one inside something removed."""
        parts = path.split(".")
        for end in range(len(parts), 0, -1):
            prefix = ".".join(parts[:end])
            if prefix in self.moves:
                target = self.moves[prefix]
                return None if target is None else ".".join([target, *parts[end:]])
        return path


def align(a: Iterable[Tensor], b: Iterable[Tensor]) -> Alignment:
    """Align two networks by their tensors.

    Down stages pair from the first, up stages from the last, which is by resolution. Inside a stage
    units keep their order, and the partners are those whose shapes agree most; where several would
    do: first with first, in up stages also last with last. `align(b, a)` gives the inverse.
    """
    ours, theirs = _stages(a), _stages(b)
    stages: list[Pair] = []
    units: list[Pair] = []
    for role in _STAGES:
        paths = [[path for path in side if role_of(path) == role] for side in (ours, theirs)]
        stages += _stage_pairs(paths[0], paths[1], is_up=role == "up")
    for pair in stages:
        if pair.before is not None and pair.after is not None:
            units += _unit_pairs(pair, ours[pair.before], theirs[pair.after])
    moves = {pair.before: pair.after for pair in (*stages, *units) if pair.before is not None}
    return Alignment(tuple(stages), tuple(units), moves)


def stage_of(path: str) -> str:
    """The stage or other top-level part that a path lies in."""
    first, _, rest = path.partition(".")
    number = rest.partition(".")[0]
    return f"{first}.{number}" if number.isdecimal() else first


def _stages(tensors: Iterable[Tensor]) -> dict[str, list[Unit]]:
    """The units of each stage, in the order of their numbers."""
    found: dict[str, dict[int, Unit]] = {}
    for tensor in tensors:
        stage = stage_of(tensor.name)
        if role_of(stage) not in _STAGES:
            continue
        units = found.setdefault(stage, {})
        parts = tensor.name[len(stage) + 1 :].split(".", 2)
        if len(parts) == 3 and parts[1].isdecimal() and parts[0] not in _SAMPLERS:
            units.setdefault(int(parts[1]), {})[f"{parts[0]} {parts[2]}"] = tensor.shape
    return {
        stage: [units.get(i, {}) for i in range(max(units, default=-1) + 1)] for stage, units in found.items()
    }


def _stage_pairs(ours: list[str], theirs: list[str], *, is_up: bool) -> list[Pair]:
    """Stages of one role, paired from the finest resolution on."""
    extra = len(ours) - len(theirs)
    before: list[str | None] = list(ours)
    after: list[str | None] = list(theirs)
    missing: list[str | None] = [None] * abs(extra)
    if extra > 0:
        after = missing + after if is_up else after + missing
    else:
        before = missing + before if is_up else before + missing
    return [Pair(one, other) for one, other in zip(before, after, strict=True)]


def _unit_pairs(stage: Pair, ours: list[Unit], theirs: list[Unit]) -> list[Pair]:
    """Modules of aligned units, entry by entry of each list in the stage."""
    assert stage.before is not None
    assert stage.after is not None
    is_up = role_of(stage.before) == "up"
    swapped = len(theirs) > len(ours)
    long, short = (theirs, ours) if swapped else (ours, theirs)
    chosen = _choose(long, short, is_up=is_up)
    roots = (stage.after, stage.before) if swapped else (stage.before, stage.after)
    found: list[Pair] = []
    for index, unit in enumerate(long):
        partner = chosen.index(index) if index in chosen else None
        rivals = [n for n, other in enumerate(long) if n not in chosen and other == unit]
        for name in _lists(unit):
            one = f"{roots[0]}.{name}.{index}"
            ties = () if partner is None else tuple(f"{roots[0]}.{name}.{rival}" for rival in rivals)
            other = None if partner is None else f"{roots[1]}.{name}.{partner}"
            found.append(Pair(other, one, ties) if swapped else Pair(one, other, ties))
    # A list that only the shorter side has (attention in one of the two) keeps to its unit all the same.
    for partner, index in enumerate(chosen):
        for name in _lists(short[partner]):
            if name not in _lists(long[index]):
                one, other = f"{roots[0]}.{name}.{index}", f"{roots[1]}.{name}.{partner}"
                found.append(Pair(other, one) if swapped else Pair(one, other))
    return found


def _lists(unit: Unit) -> list[str]:
    return list(dict.fromkeys(name.partition(" ")[0] for name in unit))


def _choose(long: Sequence[Unit], short: Sequence[Unit], *, is_up: bool) -> list[int]:
    """For each unit of the shorter side its partner's number, in rising order, by the best total score."""
    extra = len(long) - len(short)
    if not extra:
        return list(range(len(short)))
    none = (0, 0, 0, 0)
    best = [none] * (extra + 1)
    choices: list[list[int]] = []
    for number, unit in enumerate(short):
        row: list[tuple[int, ...]] = []
        taken: list[int] = []
        for shift in range(extra + 1):
            score = _score(long[number + shift], unit)
            ends = (number + shift == 0 == number, is_up and shift == extra and number == len(short) - 1)
            near = shift == (extra if is_up else 0)
            value = tuple(map(sum, zip(best[shift], (score, *map(int, ends), int(near)), strict=True)))
            is_better = not row or value > row[-1]
            row.append(value if is_better else row[-1])
            taken.append(shift if is_better else taken[-1])
        best = row  # type: ignore[assignment]
        choices.append(taken)
    shift, chosen = extra, []
    for number in reversed(range(len(short))):
        shift = choices[number][shift]
        chosen.append(number + shift)
    return chosen[::-1]


def _score(one: Unit, other: Unit) -> int:
    """Elements of the tensors that agree in name and shape."""
    return sum(prod(shape) for name, shape in one.items() if other.get(name) == shape)
