"""Bytes of a tensor → numbers that are computed with: single precision, double for wide types.

numpy has neither bfloat16 nor float8, and its own cast of float16 takes six times as long as what stands
here: the bits are moved to where single precision has them, then the exponent is set right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy

    Elements: TypeAlias = numpy.ndarray[Any, Any]

_PLAIN = {
    "F32": "<f4", "F64": "<f8", "I8": "i1", "U8": "u1", "BOOL": "u1", "I16": "<i2", "U16": "<u2",
    "I32": "<i4", "U32": "<u4", "I64": "<i8", "U64": "<u8",
}  # fmt: skip
_WIDE = ("F64", "I32", "U32", "I64", "U64")
"""Types of which single precision would lose digits."""


@dataclass(frozen=True, slots=True)
class _Small:
    """A type of a sign, `exponent` bits with a bias, and a mantissa, in `bits` bits in all.

    `special` is the smallest pattern, without its sign, that is not a finite number, and what it would be as
    one; 0 where single precision has the same patterns for what is not finite.
    """

    bits: int
    exponent: int
    bias: int
    special: int = 0
    beyond: float = 0.0

    @property
    def mask(self) -> int:
        """The bits of single precision that a value has: its sign, and its others from the exponent's on."""
        others = ((1 << (self.bits - 1)) - 1) << (24 + self.exponent - self.bits)
        return others - (1 << 31)  # the sign, as of a signed integer


_SMALL = {
    "BF16": _Small(16, 8, 127),
    "F16": _Small(16, 5, 15, 0x7C00, 65536.0),
    "F8_E5M2": _Small(8, 5, 15, 0x7C, 65536.0),
    "F8_E4M3": _Small(8, 4, 7, 0x7F, 480.0),
}
_BY_TABLE = ("F8_E4M3FNUZ", "F8_E5M2FNUZ", "F8_E8M0")
KNOWN = frozenset((*_PLAIN, *_SMALL, *_BY_TABLE))
"""Types whose values are compared; of others (four and six bits, complex) the bytes are."""


def is_wide(dtype: str) -> bool:
    """Whether values are computed with in double precision."""
    return dtype in _WIDE


def exact(dtype: str, raw: Elements, room: Elements) -> Elements:
    """The numbers that bytes of a type stand for: in `room`, or the bytes themselves where they are such."""
    import numpy as np

    if dtype in _PLAIN:
        elements: Elements = raw.view(_PLAIN[dtype])
        if elements.dtype == room.dtype:
            return elements
        np.copyto(room, elements)
    elif dtype == "BF16":
        np.copyto(room, (raw.view("<u2").astype("<u4") << 16).view("<f4"))
    else:
        np.copyto(room, raw.view("<f2") if dtype == "F16" else _table(dtype)[raw])
    return room


def quick(dtype: str, raw: Elements, room: Elements) -> Elements:
    """The same, which is right where `is_right` says so.

    The sign extended, moved up until the mantissa is in its place, copies of the sign cut away, the bias put
    right by a multiplication, which makes subnormal numbers normal too.
    """
    import numpy as np

    kind = _SMALL.get(dtype)
    if kind is None or room.itemsize != 4:
        return exact(dtype, raw, room)
    bits: Elements = room.view("<i4")
    np.copyto(bits, raw.view(f"<i{kind.bits // 8}"))
    np.left_shift(bits, 24 + kind.exponent - kind.bits, out=bits)
    if kind.exponent < 8:
        np.bitwise_and(bits, np.int32(kind.mask), out=bits)
        np.multiply(room, np.float32(2.0 ** (127 - kind.bias)), out=room)
    return room


def is_right(dtype: str, raw: Elements, squares: float) -> bool:
    """Whether the quick numbers of bytes, whose squares have this sum, are right: all of them are finite."""
    kind = _SMALL.get(dtype)
    if kind is None or not kind.special or squares < kind.beyond**2 / 2:
        return True
    size, sign = kind.bits // 8, 1 << (kind.bits - 1)
    largest, least = raw.view(f"<i{size}").max(), raw.view(f"<u{size}").max()
    return bool(largest < kind.special and least < kind.special + sign)


@cache
def _table(dtype: str) -> Elements:
    """The value of each of the 256 patterns of a type of eight bits."""
    import numpy as np

    value: Callable[[int], float] = {
        "F8_E4M3": lambda byte: _value(byte, 4, 7),
        "F8_E5M2": lambda byte: _value(byte, 5, 15),
        "F8_E4M3FNUZ": lambda byte: _value(byte, 4, 8),
        "F8_E5M2FNUZ": lambda byte: _value(byte, 5, 16),
        "F8_E8M0": lambda byte: 2.0 ** (byte - 127),
    }[dtype]
    table: Elements = np.array([value(byte) for byte in range(256)], "<f4")
    if dtype == "F8_E5M2":
        table[[0x7C, 0xFC]] = np.inf, -np.inf
        table[[*range(0x7D, 0x80), *range(0xFD, 0x100)]] = np.nan
    table[{"F8_E4M3": [0x7F, 0xFF], "F8_E8M0": [0xFF], "F8_E5M2": []}.get(dtype, [0x80])] = np.nan
    return table


def _value(byte: int, exponent: int, bias: int) -> float:
    """A finite number of a sign, an exponent and a mantissa."""
    mantissa = 7 - exponent
    power, rest = (byte & 0x7F) >> mantissa, byte & ((1 << mantissa) - 1)
    size = (rest / (1 << mantissa) + (power > 0)) * 2.0 ** (max(power, 1) - bias)
    return -size if byte & 0x80 else size
