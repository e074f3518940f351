"""Which tensor of a file goes where in a network, as plain JSON: what a conversion has to do."""

from __future__ import annotations

from typing import Any

from unetscope.checkpoints.fit import FileFit, counterpart
from unetscope.checkpoints.names import crosswalks
from unetscope.model import Architecture


def weight_map(fit: FileFit, network: Architecture) -> dict[str, Any]:
    """The map of a file that was set against a network, as `crosswalks.plan` has it."""
    component = counterpart(fit.answer, network)
    wanted = {tensor.name: tensor.shape for tensor in network.tensors}
    if component is None:
        return crosswalks.plan({}, sorted(wanted))
    names = [name for name in fit.answer.listing.tensors if name.startswith(component.prefix)]
    tensors = crosswalks.taken(component.scheme, names, component.prefix, wanted)
    for name, _, _ in fit.found.reshaped:
        tensors.pop(name, None)
    return crosswalks.plan(tensors, fit.found.missing)
