"""The keys that a checkpoint of A has under another name in B, module by module with one index for stages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from unetscope.difference import Diff
from unetscope.model import Architecture

_LETTER = "i"
_LETTERED = re.compile(r"i|\(i[+-]\d+\)")


@dataclass(frozen=True, slots=True)
class Renames:
    """Modules that load under another name: `up_blocks.i.resnets.1` from `up_blocks.(i+1).resnets.2`.

    `indices` are the values of i in B; empty where only one module follows the pattern, which then
    has its number in it. `tensors` counts the keys that load whole.
    """

    target: str
    source: str
    indices: tuple[int, ...]
    tensors: int

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each module of B with the one of A it is loaded from."""
        if not self.indices:
            return ((self.target, self.source),)
        return tuple((_filled(self.target, i), _filled(self.source, i)) for i in self.indices)


def renames(diff: Diff) -> tuple[Renames, ...]:
    """All renamed keys of `diff.transfer.loads`, in the order B's forward runs their modules."""
    modules: dict[_Module, int] = {}
    for target, source in diff.transfer.loads.items():
        if target != source:
            module = _module(diff, target, source)
            modules[module] = modules.get(module, 0) + 1
    order = diff.b.first_call
    by_pattern: dict[tuple[str, str], list[_Module]] = {}
    for module in sorted(modules, key=lambda pair: order.get(pair.target, len(diff.b.calls))):
        by_pattern.setdefault(_pattern(diff, module), []).append(module)
    return tuple(_row(diff, pattern, pairs, modules) for pattern, pairs in by_pattern.items())


class _Module(NamedTuple):
    """A module of B and the one of A that it loads from."""

    target: str
    source: str


def _row(
    diff: Diff, pattern: tuple[str, str], pairs: list[_Module], modules: Mapping[_Module, int]
) -> Renames:
    tensors = sum(modules[module] for module in pairs)
    if len(pairs) == 1:
        return Renames(*pairs[0], (), tensors)
    numbers = (int(_split(diff.b, module.target)[1]) for module in pairs)
    return Renames(*pattern, tuple(sorted(numbers)), tensors)


def _module(diff: Diff, target: str, source: str) -> _Module:
    """The units that two tensors belong to; deeper modules where what differs lies below."""
    ours, theirs = target.split("."), source.split(".")
    alike = 0
    for name, other in zip(reversed(ours), reversed(theirs), strict=False):
        if name != other:
            break
        alike += 1
    alike = min(alike, max(0, len(ours) - _depth(diff.b, target)))
    return _Module(".".join(ours[: len(ours) - alike]), ".".join(theirs[: len(theirs) - alike]))


def _depth(network: Architecture, name: str) -> int:
    """Names in the path of a unit: an entry of a stack, or of a list in a stage."""
    stage = network.stage_of(name)
    above = stage.path.count(".") + 1 if stage else 1
    return above + (1 if stage and stage.role == "body" else 2)


def _pattern(diff: Diff, module: _Module) -> tuple[str, str]:
    """Both paths with a letter for the number of their stage; unchanged where they have none."""
    ours, theirs = _split(diff.b, module.target), _split(diff.a, module.source)
    if not (ours[1] and theirs[1]):
        return module
    shift = int(theirs[1]) - int(ours[1])
    letters = _LETTER, f"({_LETTER}{shift:+d})" if shift else _LETTER
    (first, _, rest), (above, _, below) = ours, theirs
    return f"{first}{letters[0]}{rest}", f"{above}{letters[1]}{below}"


def _split(network: Architecture, path: str) -> tuple[str, str, str]:
    """A path around the number of its stage, or of its block where that is an entry of a stack: what
    stands before, the number, the rest; the number is "" where there is none."""
    stage = network.stage_of(path)
    parts = path.split(".")
    at = 0 if stage is None else stage.path.count(".") + (stage.role == "body")
    if stage is None or at >= len(parts) or not parts[at].isdecimal():
        return path, "", ""
    before, after = ".".join(parts[:at]), ".".join(parts[at + 1 :])
    return f"{before}.", parts[at], f".{after}" if after else ""


def _filled(pattern: str, index: int) -> str:
    parts = pattern.split(".")
    at = next(number for number, part in enumerate(parts) if _LETTERED.fullmatch(part))
    shift = int(parts[at].strip("()").removeprefix(_LETTER) or 0)
    return ".".join([*parts[:at], str(index + shift), *parts[at + 1 :]])
