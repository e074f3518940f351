"""The type and bytes of every storage of a recorded forward, were it run at another precision.

Types follow from the record by torch's own rules of promotion; nothing here knows a network's parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from unetscope.calls import CASTS, WIDENED, Call, Operation
from unetscope.errors import ConfigError
from unetscope.model import Architecture
from unetscope.spec import DTYPES

ATTENTION = "scaled_dot_product_attention"
WIDE = "float32"
NORMS = frozenset({"native_group_norm", "native_layer_norm"})
_WIDTHS = {
    **DTYPES,
    "float64": 8,
    "complex64": 8,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
    "bool": 1,
    "float8_e4m3fn": 1,
    "float8_e5m2": 1,
}


@dataclass(frozen=True, slots=True)
class Precision:
    """What decides the type of each result. `computed` is that of convolutions, matmuls and attention, and of
    the inputs.

    Without autocast weights are of that type too, and a network casts what it feeds to them. Under
    autocast weights stay float32, operands are cast at each call, and the operations in `wide`
    run in float32.
    """

    computed: str
    autocast: bool = False
    wide: frozenset[str] = frozenset()


AUTOCAST_WIDE = frozenset(
    """
    asin cumprod cumsum exp expm1 linalg_vector_norm log log10 log1p log2 log_softmax logsumexp
    native_group_norm native_layer_norm norm pow prod reciprocal rms_norm rsqrt softmax softplus sum tan
    upsample_bicubic2d upsample_bilinear2d upsample_linear1d upsample_nearest1d upsample_nearest2d
    upsample_nearest3d upsample_trilinear3d _softmax _fused_rms_norm _upsample_bicubic2d_aa
    _upsample_bilinear2d_aa _upsample_nearest_exact1d _upsample_nearest_exact2d _upsample_nearest_exact3d
    """.split()
)
"""What CUDA's autocast runs in float32, as registered with torch 2.13's dispatcher."""


@dataclass(frozen=True, slots=True)
class Storages:
    """`types` by call: that of its result. `first` by call: the number of the storage of its result;
    None where it has none. `bytes` by storage. `beside` by call: bytes alive during it alone, of operands
    cast for it and of a result before it is cast back."""

    types: tuple[str, ...]
    first: tuple[int | None, ...]
    bytes: tuple[int, ...]
    beside: tuple[int, ...]


def width(dtype: str) -> int:
    """Bytes of one element."""
    return _WIDTHS.get(dtype, 4)


def storages(architecture: Architecture, precision: Precision) -> Storages:
    """Types and bytes of everything a forward makes.

    Raises ConfigError where the architecture was traced at another type than float32 and a third one is asked
    for: what a network keeps in float32 on purpose can then no longer be recognised.
    """
    traced = architecture.basis.dtype
    if traced == precision.computed and not precision.autocast:
        types = [architecture.operations[call.operation].dtype for call in architecture.calls]
        return _counted(architecture, types, types, statistics=None)
    if traced != WIDE:
        raise ConfigError(
            f"a trace at {traced} cannot tell the memory at {precision.computed}",
            hint="trace it at float32 first: --dtype float32",
        )
    types = _types(architecture, precision)
    if precision.autocast:
        return _counted(architecture, types, types, statistics=WIDE)
    return _counted(architecture, types, _kept(architecture, types, precision), statistics=None)


def is_computed(architecture: Architecture, call: Call) -> bool:
    """Whether a call is a convolution, a matmul or attention, or finishes one inside a layer.

    A linear layer may add its bias by itself.
    """
    layer = architecture.nodes[call.node].kind in ("conv", "linear")
    return layer or architecture.operations[call.operation].op_class != "none"


def score_types(architecture: Architecture, call: Call, dtype: str) -> tuple[str, str]:
    """Types of attention scores as made and as put through the softmax, as the module asks for them."""
    asked = architecture.nodes[call.node].attributes
    scored = WIDE if asked.get("upcast_attention") else dtype
    return scored, WIDE if asked.get("upcast_softmax") else scored


def promoted(types: Iterable[str]) -> str:
    """The type torch gives a result of operands of several types."""
    distinct = set(types)
    floats = [name for name in ("float64", WIDE) if name in distinct]
    narrow = sorted(distinct & {"float16", "bfloat16"})
    if floats or len(narrow) > 1:
        return floats[0] if floats else WIDE
    return narrow[0] if narrow else max(distinct, key=width)


def _types(architecture: Architecture, precision: Precision) -> list[str]:
    """The type of each call's result."""
    types: list[str] = []
    for call in architecture.calls:
        operation = architecture.operations[call.operation]
        types.append(type_of(architecture, call, operation, types, precision))
    return types


def type_of(
    architecture: Architecture, call: Call, operation: Operation, types: list[str], precision: Precision
) -> str:
    """The type of a call's result; `types` are those of the calls before it."""
    if operation.dtype != WIDE:
        return operation.dtype
    if WIDENED in operation.details and not precision.autocast:
        return WIDE if operation.details[WIDENED] else precision.computed
    if is_computed(architecture, call):
        return precision.computed
    if operation.name in precision.wide:
        return WIDE
    read = [
        types[index] if index >= 0 else input_type(architecture, ~index, precision) for index in call.reads
    ]
    # A tensor nobody made is a weight; a result made of nothing, or of integers, says float32 itself.
    if len(call.reads) < len(operation.inputs) and operation.name not in NORMS:
        read.append(WIDE if precision.autocast else precision.computed)
    if precision.computed in read and not precision.autocast:
        return precision.computed
    result = promoted(read) if read else WIDE
    return result if result in DTYPES else WIDE


def input_type(architecture: Architecture, index: int, precision: Precision) -> str:
    """The type of one of the network's inputs."""
    own = architecture.inputs[index].dtype
    return precision.computed if own in DTYPES else own


def _kept(architecture: Architecture, types: list[str], precision: Precision) -> list[str]:
    """The types in which results are held: the network holds a result cast if it casts it to meet weights or
    other tensors."""
    types_held = list(types)
    for call, kind in zip(architecture.calls, types, strict=True):
        if kind == precision.computed:
            for index in call.reads:
                if index >= 0 and types[index] in DTYPES:
                    types_held[index] = kind
    return types_held


def _counted(
    architecture: Architecture, types: list[str], types_held: list[str], *, statistics: str | None
) -> Storages:
    """Storages of results in the types in which they are held; `statistics` is the type of what accompanies a
    result."""
    first: list[int | None] = []
    sizes: list[int] = []
    for call, kind in zip(architecture.calls, types_held, strict=True):
        operation = architecture.operations[call.operation]
        # What works in place makes nothing: its result is the storage of its first operand.
        reused = first[call.reads[0]] if call.reads and call.reads[0] >= 0 else None
        first.append(len(sizes) if call.allocates else reused)
        sizes += [
            _resized(operation, statistics if order and statistics else kind, order, size)
            for order, size in enumerate(call.allocates)
        ]
    return Storages(tuple(types), tuple(first), tuple(sizes), tuple(_beside(architecture, types, types_held)))


def _beside(architecture: Architecture, types: list[str], types_held: list[str]) -> list[int]:
    """Bytes, by call, that live only as long as it runs: operands cast to float32, a wide result cast back.

    A cast that several calls of a module read lives from the first to the last of them.
    """
    extra = [0] * len(types)
    cast: dict[tuple[int, int], dict[int, int]] = {}
    for index, call in enumerate(architecture.calls):
        operation = architecture.operations[call.operation]
        if types[index] == WIDE != types_held[index]:
            extra[index] += sum(call.allocates) - sum(call.allocates) // width(WIDE) * width(
                types_held[index]
            )
        for place in map(int, str(operation.details.get(CASTS, "")).split()):
            source, size = call.reads[place], prod(operation.inputs[place])
            if source >= 0 and types_held[source] != WIDE:
                cast.setdefault((call.node, source), {})[index] = size * width(WIDE)
    for readers in cast.values():
        for index in range(min(readers), max(readers) + 1):
            extra[index] += max(readers.values())
    return extra


def _resized(operation: Operation, kind: str, order: int, size: int) -> int:
    """Bytes of a storage in another type; layer norms keep their statistics in float32."""
    if operation.dtype == kind or (order and operation.name == "native_layer_norm"):
        return size
    return size // width(operation.dtype) * width(kind)
