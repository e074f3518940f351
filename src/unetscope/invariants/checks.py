"""The checks behind the list of invariants that need more than a line; each takes linear time."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import chain

from unetscope.calls import CASTS, WIDENED
from unetscope.checkpoint import Facts
from unetscope.limits import (
    MAX_AXIS,
    MAX_CONFIG_INTEGER,
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_LATENT,
    MAX_NAME,
    MAX_POWER,
    MAX_RANK,
    MAX_SIDE,
    MAX_STAGES,
)
from unetscope.model import Architecture
from unetscope.paths import parent, within
from unetscope.sizes import AxisGrid, Shape, Term

_PLACES = re.compile(r"[0-9]{1,4}( [0-9]{1,4})*")
_BLOCKS = ("stage", "resnet block", "transformer", "transformer block")
_CARRIERS = frozenset((*_BLOCKS, "attention", "conv", "downsample", "upsample"))
_SIZES = frozenset(
    """
    in_features out_features in_channels out_channels query_dim inner_dim cross_attention_dim
    added_kv_proj_dim heads head_dim num_groups groups
    """.split()
)
ATTENTION = "scaled_dot_product_attention"


def numbers_fit(a: Architecture) -> bool:
    """Whether every count of parameters, MACs and bytes is in range."""
    own = (node.own for node in a.nodes)
    counts = {n for cost in own for n in (cost.params, *cost.macs_by_op.values(), cost.elementwise)}
    counts.update(operation.macs for operation in a.operations)
    counts.update(chain.from_iterable(call.allocates for call in a.calls))
    counts.update(argument.bytes for argument in a.inputs)
    return min(counts) >= 0 and max(counts) < MAX_INTEGER


def shapes(a: Architecture) -> set[Shape]:
    """Every distinct shape."""
    every = {shape for node in a.nodes for shape in (node.input, node.output) if shape is not None}
    every.update(tensor.shape for tensor in a.tensors)
    every.update(argument.shape for argument in a.inputs)
    every.update(skip.shape for skip in a.skips)
    every.update(chain.from_iterable((*operation.inputs, *operation.outputs) for operation in a.operations))
    return every


def names_fit(a: Architecture) -> bool:
    """Whether every text beside the config is short."""
    names = chain(
        (a.id, a.title, a.source, a.class_name),
        a.uncounted,
        a.ignored_keys,
        a.defaulted_keys,
        a.notes,
        _facts(a.facts),
        chain.from_iterable((node.path, node.type, node.kind) for node in a.nodes),
        chain.from_iterable((tensor.name, tensor.dtype) for tensor in a.tensors),
        chain.from_iterable((argument.name, argument.dtype) for argument in a.inputs),
        chain.from_iterable((operation.name, operation.dtype) for operation in a.operations),
        chain.from_iterable((stage.name, stage.stream or "") for stage in a.stages),
    )
    return max(map(len, names)) <= MAX_NAME


def _facts(facts: Facts) -> Iterator[str]:
    """Every text that is known of a model beside its config."""
    single = (facts.prediction_type, facts.vae, facts.scheduler, facts.licence, facts.training, facts.hub)
    phases = chain.from_iterable((phase.data, phase.told) for phase in facts.phases)
    yield from (text for text in (*single, facts.provenance, *phases) if text is not None)
    yield from chain(facts.text_encoders, facts.aliases)
    yield from chain.from_iterable((parent.id, parent.step) for parent in facts.parents)
    yield from (group.name for group in facts.input_channels)


def plain(value: object, depth: int = 0) -> bool:
    """Whether a value is what a config may hold: finite, in 64 bits, not nested deeper than a config."""
    match value:
        case bool() | str() | None:
            return True
        case int():
            return -MAX_CONFIG_INTEGER <= value < MAX_CONFIG_INTEGER
        case float():
            return math.isfinite(value)
        case list() | tuple():
            return depth < MAX_DEPTH and all(plain(entry, depth + 1) for entry in value)
        case dict():
            return depth < MAX_DEPTH and all(plain(entry, depth + 1) for entry in value.values())
    return False


def details_plain(a: Architecture) -> bool:
    """Whether the attributes of modules and the details of operations are plain."""
    details = chain((node.attributes for node in a.nodes), (operation.details for operation in a.operations))
    return all(plain(value) for detail in details for value in detail.values())


def parents_first(a: Architecture) -> bool:
    """Whether each module stands after the one it lies in."""
    seen = {""}
    for node in a.nodes[1:]:
        if parent(node.path) not in seen:
            return False
        seen.add(node.path)
    return True


def stages_apart(a: Architecture) -> bool:
    """Whether stages are modules below the network, none inside another."""
    staged = {stage.path for stage in a.stages}
    apart = all(path and within(parent(path), staged) is None for path in staged)
    return apart and len(staged) == len(a.stages) and staged <= paths(a)


def paths(a: Architecture) -> set[str]:
    return {node.path for node in a.nodes}


def reads_earlier(a: Architecture) -> bool:
    first = -len(a.inputs)
    return all(first <= read < index for index, call in enumerate(a.calls) for read in call.reads)


def freed_once(a: Architecture) -> bool:
    """Whether each storage is freed at most once, and by a call after the one that made it."""
    allocated, freed = 0, set[int]()
    for call in a.calls:
        if not all(0 <= number < allocated and number not in freed for number in call.frees):
            return False
        freed.update(call.frees)
        allocated += len(call.allocates)
    return len(freed) == sum(len(call.frees) for call in a.calls)


def carries_channels(a: Architecture) -> bool:
    """Whether what blocks and convolutions take and return has a batch and channels."""
    staged = {stage.path for stage in a.stages if stage.role in ("down", "mid", "up")}
    carriers = (node for node in a.nodes if node.kind in _CARRIERS or node.path in staged)
    shapes = {shape for node in carriers for shape in (node.input, node.output) if shape is not None}
    return all(len(shape) >= 2 for shape in shapes)


def sizes_whole(a: Architecture) -> bool:
    """Whether the sizes that modules and operations state are whole numbers, or None."""
    details = chain((node.attributes for node in a.nodes), (operation.details for operation in a.operations))
    stated = (detail[name] for detail in details for name in _SIZES & detail.keys())
    return all(value is None or (type(value) is int and value >= 1) for value in stated)


def products_whole(a: Architecture) -> bool:
    """Whether what is counted has two operands, of channels for a convolution, and a result."""
    counted = [
        operation for operation in a.operations if operation.op_class in ("conv", "linear", "attention")
    ]
    convolved = [operation.inputs[:2] for operation in counted if operation.op_class == "conv"]
    return all(len(operation.inputs) >= 2 and operation.outputs for operation in counted) and all(
        min(map(len, pair)) >= 2 for pair in convolved
    )


def attention_whole(a: Architecture) -> bool:
    """Whether attention has query, key and value, each of rows and columns."""
    attention = (operation.inputs for operation in a.operations if operation.name == ATTENTION)
    return all(len(inputs) >= 3 and min(map(len, inputs[:3])) >= 2 for inputs in attention)


def casts_known(a: Architecture) -> bool:
    """Whether notes of casts say if a result is float32, and give places of operands that calls read."""
    read: dict[int, int] = {}
    for call in a.calls:
        read[call.operation] = min(len(call.reads), read.get(call.operation, len(call.reads)))
    for number, operation in enumerate(a.operations):
        wide, places = operation.details.get(WIDENED, True), operation.details.get(CASTS, "0")
        if type(wide) is not bool or not isinstance(places, str) or not _PLACES.fullmatch(places):
            return False
        if CASTS in operation.details and max(map(int, places.split())) >= read.get(number, 0):
            return False
    return True


def basis_whole(a: Architecture) -> bool:
    """Whether the basis has a batch, axes, and the shape of the first input without its batch."""
    basis = a.basis
    return (
        1 <= len(basis.input) < MAX_RANK
        and min(basis.batch, *basis.input, *basis.axes.values()) >= 1
        and max(basis.batch, *basis.axes.values(), 1) <= MAX_AXIS
        and a.inputs[0].item(basis.batch) == basis.input
        and max(map(len, basis.axes), default=0) <= MAX_NAME
    )


def facts_sound(facts: Facts) -> bool:
    """Whether numbers that are known of a model are possible."""
    numbers = [facts.vae_factor, facts.tokens, facts.steps, facts.experts]
    numbers += [*(facts.latent or ()), *facts.encoder_tokens]
    numbers += [group.count for group in facts.input_channels]
    return all(number is None or 1 <= number <= MAX_LATENT for number in numbers)


def scaling_whole(a: Architecture) -> bool:
    """Whether each axis has a grid, each site a row, and every index of the scaling points at something."""
    if a.scaling is None:
        return True
    scaling, sites = a.scaling, len(a.inputs) + len(a.nodes) + len(a.calls) + len(a.skips)
    terms = list(chain.from_iterable(scaling.rules))
    return (
        sorted(grid.axis for grid in scaling.grids) == sorted(a.basis.axes)
        and all(_grid_whole(grid, scaling.axes) for grid in scaling.grids)
        and len(scaling.sites) == sites
        and all(_term_whole(term, len(scaling.axes)) for term in terms)
        and all(0 <= number < len(scaling.rules) for row in scaling.rows for number in row)
        and all(0 <= number < len(scaling.rows) for number in scaling.sites)
    )


def _grid_whole(grid: AxisGrid, axes: tuple[str, ...]) -> bool:
    in_range = 0 < grid.step <= MAX_LATENT and 0 < grid.least <= MAX_LATENT and 0 <= grid.offset <= MAX_LATENT
    return in_range and (not grid.tied or grid.tied in axes)


def _term_whole(term: Term, axes: int) -> bool:
    in_range = 0 < term.denominator < MAX_INTEGER and abs(term.numerator) < MAX_INTEGER
    return in_range and len(term.powers) == axes and all(0 <= power <= MAX_POWER for power in term.powers)


def returns_known(a: Architecture) -> bool:
    first, last = -len(a.inputs), len(a.calls)
    return all(first <= index < last for node in a.nodes for index in node.returned)


def shapes_fit(a: Architecture) -> bool:
    return all(len(shape) <= MAX_RANK and all(0 <= side <= MAX_SIDE for side in shape) for shape in shapes(a))


def depth(a: Architecture) -> int:
    """How many modules the innermost one lies in, itself counted."""
    return max(path.count(".") + 1 for path in paths(a))


def is_level(level: int | None) -> bool:
    return level is None or 0 <= level < MAX_STAGES


def ends(a: Architecture) -> Iterator[str]:
    return chain.from_iterable((skip.source, skip.target) for skip in a.skips)


def takes(a: Architecture) -> Iterator[bool]:
    return (len(call.reads) <= len(a.operations[call.operation].inputs) for call in a.calls)
