"""Names of one scheme → those of diffusers, with shapes where tensors are split or fused.

UNets and VAEs go by code (`ldm`, `vaes`), whose blocks are counted in another way; transformers by the
patterns in `crosswalk_tables`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from unetscope.checkpoints import vaes
from unetscope.checkpoints.names import ldm
from unetscope.checkpoints.names.crosswalk_tables import PATTERNS
from unetscope.checkpoints.names.naming import Names
from unetscope.checkpoints.names.patterns import NamePattern
from unetscope.sizes import Shape

Target = tuple[tuple[str, ...], tuple[int, ...]]
"""The names that a tensor becomes, and the shares of its first side that each takes; no shares for one."""

SCHEMES = ("ldm", "vae", *PATTERNS)


def targets(scheme: str, names: Iterable[str]) -> dict[str, Target]:
    """What each name of a scheme becomes; names outside the scheme are left out."""
    if scheme in _BY_CODE:
        return {name: ((new,), ()) for name, new in _BY_CODE[scheme](names).items()}
    pairs = ((name, _target(_compiled(scheme), name)) for name in names)
    return {name: target for name, target in pairs if target}


_BY_CODE = {"ldm": ldm.to_diffusers, "vae": vaes.to_diffusers}


@cache
def _compiled(scheme: str) -> list[tuple[re.Pattern[str], NamePattern]]:
    return [(re.compile(line.pattern), line) for line in PATTERNS[scheme]]


def _target(lines: list[tuple[re.Pattern[str], NamePattern]], name: str) -> Target | None:
    for pattern, line in lines:
        if match := pattern.fullmatch(name):
            return tuple(match.expand(to) for to in line.to), tuple(line.parts)
    return None


def renamed(scheme: str, names: Names) -> dict[str, Shape | None]:
    """Tensors under the names that diffusers gives them; those without one keep their own."""
    table, shapes = targets(scheme, names), dict[str, Shape | None]()
    for name, shape in names.items():
        new, parts = table.get(name, ((name,), ()))
        for target, part in zip(new, parts or (0,), strict=True):
            shapes[target] = _share(shape, part, parts)
    if scheme == "vae":
        return {name: vaes.linear(name, shape) for name, shape in shapes.items()}
    return shapes


def _share(shape: Shape | None, part: int, parts: Sequence[int]) -> Shape | None:
    """The shape of one share of a tensor that is split along its first side."""
    if shape is None or not part or not shape:
        return shape
    return (shape[0] * part // sum(parts), *shape[1:])


def origins(scheme: str, names: Iterable[str], prefix: str) -> dict[str, tuple[str, int]]:
    """Name in diffusers → the tensor of the file that it comes from, under a prefix, and how many shares of
    its first side it takes: 0 for the whole. Shares of one tensor come in their order."""
    inside = [name.removeprefix(prefix) for name in names]
    table = targets(scheme, inside) if scheme else {}
    sources: dict[str, tuple[str, int]] = {}
    for name in inside:
        new, parts = table.get(name, ((name,), ()))
        sources |= {target: (prefix + name, part) for target, part in zip(new, parts or (0,), strict=True)}
    return sources


def native(scheme: str, there: Mapping[str, Shape]) -> dict[str, Shape]:
    """The way back: tensors of a diffusers network under the names of a scheme, fused ones put together."""
    if scheme == "vae":
        back = vaes.from_diffusers(there)
        return {new: vaes.convolved(name, there[name]) for name, new in back.items()}
    if scheme == "ldm":
        return {new: there[name] for name, new in ldm.from_diffusers(there).items()}
    shapes = dict[str, Shape]()
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
                before = shapes.get(new)
                shapes[new] = shape if before is None or shares == 1 else (before[0] + shape[0], *shape[1:])
                break
    return shapes


@dataclass(frozen=True, slots=True)
class Taken:
    """Where a tensor of diffusers comes from: `origin` in the file, its rows from `first` up to `end`, both 0
    for all of them. Where `swapped`, its two halves change places: diffusers has scale before shift."""

    origin: str
    first: int = 0
    end: int = 0
    swapped: bool = False


def taken(scheme: str, names: Iterable[str], prefix: str, there: Mapping[str, Shape]) -> dict[str, Taken]:
    """Name in diffusers → what of a file's tensors it takes, for all names that a network there has."""
    shares, ends = dict[str, Taken](), dict[str, int]()
    for name, (origin, share) in origins(scheme, names, prefix).items():
        if name not in there:
            continue
        swapped = is_swapped(scheme, name, there)
        if not share:
            shares[name] = Taken(origin, swapped=swapped)
            continue
        first = ends.get(origin, 0)
        ends[origin] = first + there[name][0]
        shares[name] = Taken(origin, first, ends[origin], swapped)
    return shares


def plan(shares: Mapping[str, Taken], missing: Iterable[str]) -> dict[str, Any]:
    """A map of tensors as plain JSON.

    "map" has, by the network's names, tensors that are taken whole (reshaped, where a convolution of one
    pixel is a linear layer there); "split" those that are rows of one: its name, the first row and the row
    behind the last. Of names in "swap_halves" the two halves of the rows change places. "missing" is what the
    file lacks.
    """
    return {
        "map": {name: share.origin for name, share in shares.items() if not share.end},
        "split": {
            name: [share.origin, share.first, share.end] for name, share in shares.items() if share.end
        },
        "swap_halves": [name for name, share in shares.items() if share.swapped],
        "missing": list(missing),
    }


def is_swapped(scheme: str, name: str, shapes: Mapping[str, Shape]) -> bool:
    """Whether a modulation of shift and scale stands the other way round: the last of FLUX, SD3 and
    HunyuanVideo, and that of SD3's last context block, which has two rows a channel where others have six."""
    if scheme not in ("flux", "flux2", "sd3", "hunyuan"):
        return False
    if name.startswith("norm_out.linear."):
        return True
    if ".norm1_context.linear." not in name:
        return False
    rows, channels = shapes.get(f"{name.rpartition('.')[0]}.weight", (0, 1))[:2]
    return rows == 2 * channels


_GROUP = re.compile(r"\((?:[^()])+\)")


def _template(pattern: str) -> str:
    """A pattern as a format string: its groups are the fields."""
    return _GROUP.sub("{}", pattern).replace("\\.", ".")


def _reversed(pattern: str, to: str) -> str:
    """What a name becomes, as a pattern: its references are the groups of the pattern before."""
    groups, parts = _GROUP.findall(pattern), re.split(r"\\(\d)", to)
    return "".join(groups[int(part) - 1] if at % 2 else re.escape(part) for at, part in enumerate(parts))
