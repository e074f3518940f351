"""Which parameters are not trained: chosen by patterns, held in a type of their own, without gradients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from unetscope.errors import ConfigError
from unetscope.families.module_names import is_lora_target
from unetscope.model import Architecture
from unetscope.paths import within
from unetscope.sizes import Shape
from unetscope.words.messages import did_you_mean, printable


@dataclass(frozen=True, slots=True)
class Frozen:
    """Names of parameters without a gradient, and the type they are held in.

    `adapted` are paths of linear layers with a LoRA of `rank` beside them, which is trained.
    """

    names: frozenset[str] = frozenset()
    dtype: str = "float32"
    adapted: frozenset[str] = frozenset()
    rank: int = 0


NOTHING = Frozen()


def frozen(architecture: Architecture, patterns: Iterable[str], dtype: str) -> Frozen:
    """The parameters that any pattern names: the whole name, or that of a module around it.

    `*` stands for any letters, dots too. Raises ConfigError for a pattern that names nothing, and
    where nothing is left to train.
    """
    names = [tensor.name for tensor in architecture.tensors if tensor.role == "parameter"]
    paths = [node.path for node in architecture.nodes[1:]]
    chosen: set[str] = set()
    for pattern in patterns:
        modules = frozenset(path for path in paths if fnmatchcase(path, pattern))
        named = {name for name in names if fnmatchcase(name, pattern) or within(name, modules)}
        if not named:
            raise ConfigError(
                f"no parameter or module is named {printable(pattern)}",
                hint=did_you_mean(pattern, paths, otherwise="* stands for any letters: 'down_blocks.*'"),
            )
        chosen |= named
    if chosen and len(chosen) == len(names):
        raise ConfigError(
            "nothing is left to train: every parameter is frozen",
            hint="--lora RANK trains adapters beside a frozen network",
        )
    return Frozen(frozenset(chosen), dtype)


def lora(architecture: Architecture, rank: int, dtype: str) -> Frozen:
    """A network frozen as a whole, a LoRA of a rank on the projections of its attention.

    Raises ConfigError where it has none.
    """
    names = frozenset(tensor.name for tensor in architecture.tensors if tensor.role == "parameter")
    paths = (node.path for node in architecture.nodes if node.kind == "linear")
    adapted = frozenset(path for path in paths if is_lora_target(path))
    if not adapted:
        raise ConfigError(
            "a LoRA goes on attention's projections, and this network has none",
            hint="freeze by name instead: --frozen GLOB",
        )
    return Frozen(names, dtype, adapted, rank)


def adapters(architecture: Architecture, still: Frozen) -> list[Shape]:
    """Shapes of a LoRA's parameters: rank × inputs and outputs × rank for each layer."""
    weights = (tensor for tensor in architecture.tensors if tensor.name == f"{tensor.owner}.weight")
    return [
        shape
        for weight in weights
        if weight.owner in still.adapted
        for shape in ((still.rank, weight.shape[1]), (weight.shape[0], still.rank))
    ]


def trained(architecture: Architecture, still: Frozen) -> tuple[tuple[bool, bool], ...]:
    """By module: whether a parameter of its own is trained, and whether its weight is.

    A module without parameters works for those below it, as a network does that reads constants.
    """
    own: dict[str, list[str]] = {node.path: [] for node in architecture.nodes}
    for tensor in architecture.tensors:
        if tensor.role == "parameter":
            own[tensor.owner].append(tensor.name)
    free = {path: any(name not in still.names for name in names) for path, names in own.items()}
    shapes = []
    for node in architecture.nodes:
        any_ = free[node.path] if own[node.path] else True
        weight, adapted = f"{node.path}.weight", node.path in still.adapted
        own_weight = weight not in still.names if weight in own[node.path] else any_
        shapes.append((any_ or adapted, own_weight or adapted))
    return tuple(shapes)
