"""What torch's pickles are made of, as inert data: names, calls not made, tensors by shape and type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from unetscope.checkpoints.listing import Stored, checked_shape, stored


class Global(NamedTuple):
    """A name that the pickle refers to."""

    module: str
    name: str


@dataclass(slots=True)
class Inert:
    """An object that the pickle would make by calling something; `items` is what was put into it."""

    made_by: str
    items: dict[Any, Any] = field(default_factory=dict)


_DTYPES = {
    "FloatStorage": "F32",
    "HalfStorage": "F16",
    "BFloat16Storage": "BF16",
    "DoubleStorage": "F64",
    "LongStorage": "I64",
    "IntStorage": "I32",
    "ShortStorage": "I16",
    "CharStorage": "I8",
    "ByteStorage": "U8",
    "BoolStorage": "BOOL",
    "ComplexFloatStorage": "C64",
    "ComplexDoubleStorage": "C128",
    "Float8_e4m3fnStorage": "F8_E4M3",
    "Float8_e5m2Storage": "F8_E5M2",
}
_BY_TORCH_NAME = {
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "float64": "F64",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint8": "U8",
    "bool": "BOOL",
    "complex64": "C64",
    "complex128": "C128",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "float8_e8m0fnu": "F8_E8M0",
}


@dataclass(frozen=True, slots=True)
class Storage:
    """Where a tensor's elements lie, of which only their type counts."""

    dtype: str

    @classmethod
    def of(cls, key: Any) -> Storage | None:
        """By what torch notes down of a storage: ("storage", type, key, device, elements)."""
        kind = key[1] if isinstance(key, tuple) and len(key) > 1 else None
        return cls(_DTYPES.get(kind.name, "")) if isinstance(kind, Global) else cls("")


def name_of(value: Any) -> str:
    return f"{value.module}.{value.name}" if isinstance(value, Global) else ""


def made(called: Any, arguments: Any, file: str) -> Any:
    """What a call would return, where it is one of torch's own that make tensors; else an inert object."""
    name = name_of(called)
    args = arguments if isinstance(arguments, tuple) else ()
    if name == "collections.OrderedDict":
        return {}
    if name in _REBUILDS and len(args) > 2:
        return _tensor(args, name, file)
    if name in ("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state") and args:
        return args[0]
    if name == "torch._tensor._rebuild_from_type_v2" and len(args) > 2 and isinstance(args[2], tuple):
        return made(args[0], args[2], file)
    return Inert(name)


_REBUILDS = (
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor_v3",
    "torch._utils._rebuild_meta_tensor_no_storage",
)


def _tensor(args: tuple[Any, ...], name: str, file: str) -> Stored:
    if name.endswith("no_storage"):  # (dtype, size, stride, requires_grad)
        dtype, shape = args[0], args[1]
    else:  # (storage, offset, size, stride, …)
        dtype, shape = args[6] if name.endswith("v3") and len(args) > 6 else args[0], args[2]
    if isinstance(dtype, Global):
        kind = _BY_TORCH_NAME.get(dtype.name, "")
    else:
        kind = dtype.dtype if isinstance(dtype, Storage) else ""
    return stored(checked_shape(shape, "a tensor", file), kind)
