"""Which tensor of a file goes where in a network, as plain JSON: what a conversion has to do."""

from __future__ import annotations

from typing import Any

from unetscope.checkpoints.fit import FileFit, counterpart
from unetscope.checkpoints.names import crosswalks
from unetscope.model import Architecture


def weight_map(given: FileFit, network: Architecture) -> dict[str, Any]:
    """The map of a file that was set against a network, as `crosswalks.plan` has it."""
    one = counterpart(given.answer, network)
    wanted = {tensor.name: tensor.shape for tensor in network.tensors}
    if one is None:
        return crosswalks.plan({}, sorted(wanted))
    names = [name for name in given.answer.listing.tensors if name.startswith(one.prefix)]
    found = crosswalks.taken(one.scheme, names, one.prefix, wanted)
    for name, _, _ in given.found.reshaped:
        found.pop(name, None)
    return crosswalks.plan(found, given.found.missing)
