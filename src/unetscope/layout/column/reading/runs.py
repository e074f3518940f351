"""Runs of equal blocks in the stacks of a network: found by comparing all that was recorded of their
modules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from unetscope.cost import Cost, total
from unetscope.model import Architecture, Stage
from unetscope.vocabulary import CONTAINERS

_MOST_RUNS = 6
"""In a stack of more runs, we report equal blocks together, wherever they stand: two kinds that take
turns."""

BlockForm = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class EqualBlocks:
    """Blocks of one stack that are equal in every module, in the order of the forward. `form` is what they
    have in common, `build` the same without sizes; `whole` says that the stack holds no others. `one` is what
    most of them cost and `first` the first that does: DiT runs a layer of its first block once more."""

    stage: Stage
    paths: tuple[str, ...]
    form: BlockForm
    build: BlockForm
    one: Cost
    cost: Cost
    whole: bool
    first: str

    @property
    def numbers(self) -> str:
        """Which of their stack they are: "0–12", or "0, 2, 4 … 26" where others stand between."""
        names = [path.rpartition(".")[2] for path in self.paths]
        if not all(name.isdecimal() for name in names):
            return ""
        numbers = [int(name) for name in names]
        if len(numbers) == 1:
            return names[0]
        if numbers == list(range(numbers[0], numbers[-1] + 1)):
            return f"{numbers[0]}–{numbers[-1]}"
        return ", ".join(names) if len(names) < 5 else f"{', '.join(names[:3])} … {names[-1]}"


def equal_blocks(architecture: Architecture) -> tuple[EqualBlocks, ...]:
    """The blocks of every stack by kind, in the order of the forward."""
    first = architecture.first_call
    stacks = [stage for stage in architecture.stages if stage.role == "body" and stage.path in first]
    stacks.sort(key=lambda stage: first[stage.path])
    return tuple(blocks for stage in stacks for blocks in _of_stack(architecture, stage))


def _of_stack(architecture: Architecture, stage: Stage) -> Iterator[EqualBlocks]:
    forms = [(path, _form(architecture, path)) for path in _listed(architecture, stage.path)]
    runs = [[path for path, _ in group] for _, group in groupby(forms, key=lambda pair: pair[1])]
    if len(runs) > _MOST_RUNS:
        together: dict[BlockForm, list[str]] = {}
        for path, form in forms:
            together.setdefault(form, []).append(path)
        runs = [*together.values()]
    of = dict(forms)
    for paths in runs:
        costs = [architecture.costs[path] for path in paths]
        usual = Counter(costs).most_common(1)[0][0]
        form, build = of[paths[0]], _build(architecture, paths[0])
        yield EqualBlocks(
            stage, tuple(paths), form, build, usual, total(costs), len(runs) == 1, paths[costs.index(usual)]
        )


def _listed(architecture: Architecture, path: str) -> list[str]:
    """The blocks of a stack that ran, in the order of the forward; the stack itself where it is no list."""
    if architecture.by_path[path].type not in CONTAINERS:
        return [path]
    paths = [
        inner
        for child in architecture.children[path]
        if child.path in architecture.first_call
        for inner in _listed(architecture, child.path)
    ]
    return sorted(paths, key=architecture.first_call.__getitem__)


def _form(architecture: Architecture, path: str) -> BlockForm:
    """What sets a block apart: every module below it with its class, parameters and sizes."""
    return tuple(
        (node.path[len(path) :], node.type, node.own.params, node.input, node.output)
        for node in architecture.below(path)
    )


def _build(architecture: Architecture, path: str) -> BlockForm:
    """What sets a block apart whatever it is given: its modules with their classes and parameters."""
    return tuple((node.path[len(path) :], node.type, node.own.params) for node in architecture.below(path))


def stack_word(blocks: EqualBlocks) -> str:
    """What a stack's blocks are called: "transformer block", "noise refiner"."""
    above, _, name = blocks.stage.path.rpartition(".")
    if name.isdecimal() or not above:
        return (above or name).replace("_", " ").removesuffix("s")
    return f"{name} {above.rpartition('.')[2]}".replace("_", " ").removesuffix("s")
