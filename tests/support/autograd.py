"""What autograd keeps of a forward of a real network, until the backward."""

from __future__ import annotations

from typing import Any

from support.real_networks import tensors_for


def saved_by(network: Any, config: dict[str, Any], *, autocast: bool = False) -> dict[int, Any]:
    """Storages autograd keeps of one training forward, by identity; weights and single numbers left out."""
    given = tensors_for(config, dtype="bfloat16" if autocast else "float32")
    return saved_by_call(network, given, autocast=autocast)


def saved_by_call(network: Any, given: dict[str, Any], *, autocast: bool = False) -> dict[int, Any]:
    """The same of a forward with these arguments."""
    import torch

    own = {parameter.untyped_storage()._cdata for parameter in network.parameters()}
    seen: dict[int, Any] = {}

    def pack(tensor: Any) -> Any:
        storage = tensor.untyped_storage()
        if storage._cdata not in own and tensor.dim():
            seen[storage._cdata] = storage
        return tensor

    hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor)
    with hooks, torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        network(**given)
    return seen
