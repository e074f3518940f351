"""The keys that a checkpoint of A has under another name in B, module by module with one index for stages."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.difference import Diff

_LETTER = "i"


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
    modules: dict[tuple[str, str], int] = {}
    for target, source in diff.transfer.loads.items():
        if target != source:
            module = _module(target, source)
            modules[module] = modules.get(module, 0) + 1
    order = diff.b.first_call
    held: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for module in sorted(modules, key=lambda one: order.get(one[0], len(diff.b.calls))):
        held.setdefault(_pattern(*module), []).append(module)
    return tuple(_row(pattern, found, modules) for pattern, found in held.items())


def _row(
    pattern: tuple[str, str], found: list[tuple[str, str]], modules: dict[tuple[str, str], int]
) -> Renames:
    tensors = sum(modules[one] for one in found)
    if len(found) == 1:
        return Renames(*found[0], (), tensors)
    return Renames(*pattern, tuple(sorted(_stage(target) for target, _ in found)), tensors)


def _module(target: str, source: str) -> tuple[str, str]:
    """The units that two tensors belong to; deeper modules where what differs lies below."""
    ours, theirs = target.split("."), source.split(".")
    alike = 0
    for one, other in zip(reversed(ours), reversed(theirs), strict=False):
        if one != other:
            break
        alike += 1
    unit = 4 if _numbered(ours) else 3  # up_blocks.0.resnets.1, mid_block.resnets.1
    alike = min(alike, max(0, len(ours) - unit))
    return ".".join(ours[: len(ours) - alike]), ".".join(theirs[: len(theirs) - alike])


def _pattern(target: str, source: str) -> tuple[str, str]:
    """Both paths with a letter for the number of their stage; as they are where they have none."""
    ours, theirs = target.split("."), source.split(".")
    if not (_numbered(ours) and _numbered(theirs)):
        return target, source
    shift = int(theirs[1]) - int(ours[1])
    letters = _LETTER, f"({_LETTER}{shift:+d})" if shift else _LETTER
    return tuple(  # type: ignore[return-value]
        ".".join([parts[0], letter, *parts[2:]])
        for parts, letter in zip((ours, theirs), letters, strict=True)
    )


def _numbered(parts: list[str]) -> bool:
    return len(parts) > 1 and parts[1].isdecimal()


def _stage(path: str) -> int:
    return int(path.split(".")[1])


def _filled(pattern: str, index: int) -> str:
    first, letter, *rest = pattern.split(".")
    shift = int(letter.strip("()").removeprefix(_LETTER) or 0)
    return ".".join([first, str(index + shift), *rest])
