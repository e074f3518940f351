"""Names of one scheme → those of diffusers, with shapes where tensors are split or fused.

Tables as data: a pattern, and what it becomes; a list of names is one tensor split along its first side.
After diffusers' `loaders/single_file_utils.py` (0.42) `convert_*_to_diffusers`, tried against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from unetscope.checkpoints import ldm, vaes
from unetscope.checkpoints.crosswalk_tables import PATTERNS, Line
from unetscope.sizes import Shape

Names = Mapping[str, Shape | None]


def _table(
    lines: list[Line],
) -> Callable[[Iterable[str]], dict[str, tuple[tuple[str, ...], tuple[int, ...]]]]:
    compiled = [(re.compile(line.pattern), line) for line in lines]

    def walk(names: Iterable[str]) -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
        found = {}
        for name in names:
            for pattern, line in compiled:
                match = pattern.fullmatch(name)
                if match:
                    found[name] = (tuple(match.expand(to) for to in line.to), tuple(line.parts))
                    break
        return found

    return walk


def _whole(names: Iterable[str]) -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
    return {name: ((new,), ()) for name, new in ldm.to_diffusers(names).items()}


def _vae(names: Iterable[str]) -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
    return {name: ((new,), ()) for name, new in vaes.to_diffusers(names).items()}


TABLES = {"ldm": _whole, "vae": _vae, **{name: _table(lines) for name, lines in PATTERNS.items()}}
"""Scheme → what each of its names becomes, with the shares of a split."""


def renamed(scheme: str, names: Names) -> dict[str, Shape | None]:
    """Tensors under the names that diffusers gives them; those without one keep their own."""
    table, found = TABLES[scheme](names), dict[str, Shape | None]()
    for name, shape in names.items():
        new, parts = table.get(name, ((name,), ()))
        for target, part in zip(new, parts or (0,), strict=True):
            found[target] = _share(shape, part, parts)
    if scheme == "vae":
        return {name: vaes.linear(name, shape) for name, shape in found.items()}
    return found


def _share(shape: Shape | None, part: int, parts: Sequence[int]) -> Shape | None:
    """The shape of one share of a tensor that is split along its first side."""
    if shape is None or not part or not shape:
        return shape
    return (shape[0] * part // sum(parts), *shape[1:])


def origins(scheme: str, names: Iterable[str], prefix: str) -> dict[str, tuple[str, int]]:
    """Name in diffusers → the tensor of the file that it comes from, under a prefix, and how many shares of
    its first side it takes: 0 for the whole. Shares of one tensor come in their order."""
    inside = [name.removeprefix(prefix) for name in names]
    table = TABLES[scheme](inside) if scheme else {}
    found: dict[str, tuple[str, int]] = {}
    for name in inside:
        new, parts = table.get(name, ((name,), ()))
        found |= {target: (prefix + name, part) for target, part in zip(new, parts or (0,), strict=True)}
    return found


def native(scheme: str, there: Mapping[str, Shape]) -> dict[str, Shape]:
    """The way back: tensors of a diffusers network under the names of a scheme, fused ones put together."""
    if scheme not in PATTERNS:
        back = ldm.from_diffusers(there) if scheme == "ldm" else {}
        return {new: there[name] for name, new in back.items()}
    found = dict[str, Shape]()
    lines = [
        (template, re.compile(_reversed(line.pattern, to)), len(line.to))
        for line in PATTERNS[scheme]
        for template in (_template(line.pattern),)
        for to in line.to
    ]
    for name, shape in there.items():
        for template, pattern, shares in lines:
            match = pattern.fullmatch(name)
            if match:
                new = template.format(*match.groups())
                before = found.get(new)
                found[new] = shape if before is None or shares == 1 else (before[0] + shape[0], *shape[1:])
                break
    return found


_GROUP = re.compile(r"\((?:[^()])+\)")


def _template(pattern: str) -> str:
    """A pattern as a format string: its groups are the fields."""
    return _GROUP.sub("{}", pattern).replace("\\.", ".")


def _reversed(pattern: str, to: str) -> str:
    """What a name becomes, as a pattern: its references are the groups of the pattern before."""
    groups, parts = _GROUP.findall(pattern), re.split(r"\\(\d)", to)
    return "".join(groups[int(part) - 1] if at % 2 else re.escape(part) for at, part in enumerate(parts))
