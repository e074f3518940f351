"""Which prefix a network stands under, by agreement; names without what quantisation added to them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from unetscope.checkpoints.listing import Listing, Stored
from unetscope.sizes import Shape

Names = Mapping[str, Shape | None]
"""Tensors by name; the shape is None where it is not known, or is that of packed weights."""

_DEEPEST = 8
"""Parts of the longest prefix."""
_PACKED = {
    ".absmax": "bitsandbytes",
    ".quant_map": "bitsandbytes",
    ".nested_absmax": "bitsandbytes",
    ".nested_quant_map": "bitsandbytes",
    ".quant_state.bitsandbytes__nf4": "bitsandbytes nf4",
    ".quant_state.bitsandbytes__fp4": "bitsandbytes fp4",
    ".SCB": "bitsandbytes int8",
    ".weight_format": "bitsandbytes int8",
    ".qweight": "nunchaku",
    ".wscales": "nunchaku",
    ".wcscales": "nunchaku",
    ".wzeros": "nunchaku",
    ".wtscale": "nunchaku",
    ".smooth_factor": "nunchaku",
    ".smooth_factor_orig": "nunchaku",
    ".proj_down": "nunchaku",
    ".proj_up": "nunchaku",
    ".scale_weight": "fp8 scaled",
    ".scale_input": "fp8 scaled",
    ".weight_scale": "scaled",
    ".input_scale": "scaled",
    ".weight_scale_2": "scaled",
    ".comfy_quant": "scaled",
}
"""Endings of what stands beside a quantised weight → who writes it."""
_SDNQ = ("scale", "zero_point", "svd_up", "svd_down")
_SHAPE_LOST = ("bitsandbytes", "nunchaku")
_MARKERS = ("scaled_fp8",)
_BESIDE = (*_PACKED, *_MARKERS, *_SDNQ)
_BLOCKS = re.compile(r"^(Q\d|IQ\d|TQ\d|MXFP4)")
_SMALL = ("F8_", "F6_", "F4", "I8", "U8")


@dataclass(frozen=True, slots=True)
class Plain:
    """Tensors under their own names. `quantised` says how weights are packed, "" where they are not;
    `helpers` counts the scales and tables left out."""

    names: Names
    quantised: str = ""
    helpers: int = 0


def plain(listing: Listing) -> Plain:
    """The listing without scales and tables; a packed weight has no shape that says anything."""
    tensors = listing.tensors
    names: dict[str, Shape | None] = {}
    kinds: dict[str, int] = defaultdict(int)
    packed: set[str] = set()
    for name, tensor in tensors.items():
        kind, owner = _helper(name, tensors)
        if not kind:
            names[name] = tensor.shape
            continue
        kinds[kind] += 1
        if kind.startswith(_SHAPE_LOST) and owner:
            packed.add(owner)
    for owner in packed:
        weight = owner if owner.endswith(".weight") else f"{owner}.weight"
        names[weight] = None
    return Plain(names, _scheme(kinds, tensors), sum(kinds.values()))


def _helper(name: str, tensors: Mapping[str, Stored]) -> tuple[str, str]:
    """Which tool writes a tensor of this name beside a weight, and beside which weight; "" for any other
    name."""
    if not name.endswith(_BESIDE):
        return "", ""
    for ending, kind in _PACKED.items():
        if name.endswith(ending) and len(name) > len(ending):
            owner = name.removesuffix(ending)
            scaled = not kind.startswith(_SHAPE_LOST)
            if scaled and f"{owner}.weight" not in tensors:
                return "", ""
            return kind, owner
    if name.rpartition(".")[2] in _MARKERS:
        return "fp8 scaled", ""
    owner, dot, last = name.rpartition(".")
    if dot and last in _SDNQ:
        weight = tensors.get(f"{owner}.weight")
        if weight is not None and weight.dtype.startswith(_SMALL):
            return "SDNQ", owner
    return "", ""


def _scheme(kinds: Mapping[str, int], tensors: Mapping[str, Stored]) -> str:
    """How the weights are packed, in a word or two."""
    exact = [kind for kind in kinds if kind.startswith("bitsandbytes ")]
    if kinds:
        return exact[0] if exact else max(kinds, key=lambda kind: kinds[kind])
    blocks = sorted({tensor.dtype for tensor in tensors.values() if _BLOCKS.match(tensor.dtype)})
    if blocks:
        return "GGUF " + ", ".join(blocks)
    return "fp8" if any(tensor.dtype.startswith("F8_") for tensor in tensors.values()) else ""


def prefixes(names: Iterable[str], wanted: Iterable[str]) -> dict[str, set[str]]:
    """Under which prefixes each of the wanted names stands: the beginning of a name up to a dot."""
    known, places = frozenset(wanted), defaultdict[str, set[str]](set)
    for name in names:
        at = 0
        for _ in range(_DEEPEST):
            if name[at:] in known:
                places[name[at:]].add(name[:at])
            dot = name.find(".", at)
            if dot < 0:
                break
            at = dot + 1
    return places


def under(names: Names, prefix: str, others: Iterable[str] = ()) -> dict[str, Shape | None]:
    """Tensors under a prefix, cut, without those under a longer one of `others`."""
    longer = tuple(other for other in others if len(other) > len(prefix) and other.startswith(prefix))
    start = len(prefix)
    return {
        name[start:]: shape
        for name, shape in names.items()
        if name.startswith(prefix) and not (longer and name.startswith(longer))
    }
