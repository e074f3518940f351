"""Which parameters are not trained: chosen by patterns, held in a type of their own, without gradients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from unetscope.errors import ConfigError
from unetscope.families.wording import did_you_mean, printable
from unetscope.model import Architecture, within


@dataclass(frozen=True, slots=True)
class Frozen:
    """Names of parameters without a gradient, and the type they are held in."""

    names: frozenset[str] = frozenset()
    dtype: str = "float32"


NOTHING = Frozen()


def frozen(architecture: Architecture, patterns: Iterable[str], dtype: str) -> Frozen:
    """The parameters that any pattern names: the whole name, or that of a module around it.

    `*` stands for any letters, dots too. Raises ConfigError for a pattern that names nothing, and
    where nothing is left to train.
    """
    names = [one.name for one in architecture.tensors if one.role == "parameter"]
    paths = [node.path for node in architecture.nodes[1:]]
    chosen: set[str] = set()
    for pattern in patterns:
        modules = frozenset(path for path in paths if fnmatchcase(path, pattern))
        found = {name for name in names if fnmatchcase(name, pattern) or within(name, modules)}
        if not found:
            raise ConfigError(
                f"no parameter or module is named {printable(pattern)}",
                hint=did_you_mean(pattern, paths, otherwise="* stands for any letters: 'down_blocks.*'"),
            )
        chosen |= found
    if chosen and len(chosen) == len(names):
        raise ConfigError(
            "nothing is left to train: every parameter is frozen",
            hint="adapters count where the module has them: load it with them attached",
        )
    return Frozen(frozenset(chosen), dtype)


def trained(architecture: Architecture, held: Frozen) -> tuple[tuple[bool, bool], ...]:
    """By module: whether a parameter of its own is trained, and whether its weight is.

    A module without parameters works for those below it, as a network does that reads constants.
    """
    own: dict[str, list[str]] = {node.path: [] for node in architecture.nodes}
    for one in architecture.tensors:
        if one.role == "parameter":
            own[one.owner].append(one.name)
    free = {path: any(name not in held.names for name in names) for path, names in own.items()}
    found = []
    for node in architecture.nodes:
        any_ = free[node.path] if own[node.path] else True
        weight = f"{node.path}.weight"
        found.append((any_, weight not in held.names if weight in own[node.path] else any_))
    return tuple(found)
