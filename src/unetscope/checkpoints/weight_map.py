"""Which tensor of a file goes where in a network, as plain JSON: what a conversion has to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unetscope.checkpoints.fit import FileFit, counterpart
from unetscope.checkpoints.names import crosswalks
from unetscope.model import Architecture
from unetscope.sizes import Shape


def weight_map(given: FileFit, network: Architecture) -> dict[str, Any]:
    """The map of a file that was set against a network.

    "map" has, by the network's names, tensors that are taken whole (reshaped, where a convolution of one
    pixel is a linear layer there); "split" those that are rows of one: its name, the first row and the row
    behind the last. Of names in "swap_halves" the two halves of the rows change places: diffusers has shift
    and scale in another order. "missing" is what the file has not.
    """
    one = counterpart(given.answer, network)
    whole, split = dict[str, str](), dict[str, tuple[str, int, int]]()
    wanted = {tensor.name: tensor.shape for tensor in network.tensors}
    if one is None:
        return {"map": whole, "split": split, "swap_halves": [], "missing": sorted(wanted)}
    reshaped = {name for name, _, _ in given.found.reshaped}
    names = [name for name in given.answer.listing.tensors if name.startswith(one.prefix)]
    ends = dict[str, int]()
    for name, (origin, share) in crosswalks.origins(one.scheme, names, one.prefix).items():
        if name not in wanted or name in reshaped:
            continue
        if not share:
            whole[name] = origin
            continue
        start = ends.get(origin, 0)
        ends[origin] = start + wanted[name][0]
        split[name] = (origin, start, ends[origin])
    swapped = [name for name in whole if is_swapped(one.scheme, name, wanted)]
    return {"map": whole, "split": split, "swap_halves": swapped, "missing": list(given.found.missing)}


def is_swapped(scheme: str, name: str, shapes: Mapping[str, Shape]) -> bool:
    """Whether a modulation of shift and scale stands the other way round: the last of FLUX, SD3 and
    HunyuanVideo, and that of SD3's last context block, which has two rows a channel where others have six."""
    if scheme not in ("flux", "flux2", "sd3", "hunyuan") or ".linear." not in name:
        return False
    sides = shapes.get(f"{name.rpartition('.')[0]}.weight", ())
    two_rows = len(sides) == 2 and sides[0] == 2 * sides[1]
    return name.startswith("norm_out.linear.") or (".norm1_context.linear." in name and two_rows)
