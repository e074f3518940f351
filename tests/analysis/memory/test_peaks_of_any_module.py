"""The peak told of a module of any class is what its tensors take while it really runs, to the byte."""

from __future__ import annotations

import weakref
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

import unetscope
from unetscope.analysis.memory.activations import activation_peak


class Held(TorchDispatchMode):
    """Counts the bytes of all storages that operations make, until the last tensor of each is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.live = self.peak = 0
        self.known = set[int]()

    def __torch_dispatch__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = {id(one.untyped_storage()) for one in tree_leaves((args, kwargs)) if torch.is_tensor(one)}
        made = operation(*args, **(kwargs or {}))
        for tensor in filter(torch.is_tensor, tree_leaves(made)):
            storage = tensor.untyped_storage()
            if id(storage) not in given | self.known:
                self.live += storage.nbytes()
                self.known.add(id(storage))
                weakref.finalize(storage, self._freed, id(storage), storage.nbytes())
        self.peak = max(self.peak, self.live)
        return made

    def _freed(self, storage: int, size: int) -> None:
        self.live -= size
        self.known.discard(storage)


def double(before: int, after: int) -> nn.Sequential:
    convs = (nn.Conv2d(before, after, 3, padding=1), nn.Conv2d(after, after, 3, padding=1))
    return nn.Sequential(convs[0], nn.ReLU(inplace=True), convs[1], nn.GroupNorm(2, after))


class UNet(nn.Module):
    """Whose forward drops the skips as it goes (`pops`), or holds each in a local to its end."""

    def __init__(self, *, pops: bool) -> None:
        super().__init__()
        self.pops = pops
        self.downs = nn.ModuleList([double(3, 8), double(8, 16)])
        self.mid = double(16, 32)
        self.ups = nn.ModuleList([double(48, 16), double(24, 8)])
        self.attention = nn.MultiheadAttention(32, 4, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skips = []
        for down in self.downs:
            skips.append(down(x))
            x = nn.functional.max_pool2d(skips[-1], 2)
        x = self.mid(x)
        tokens = x.flatten(2).transpose(1, 2)
        x = (
            (tokens + self.attention(tokens, tokens, tokens, need_weights=False)[0])
            .transpose(1, 2)
            .view_as(x)
        )
        for at, up in enumerate(self.ups):
            skip = skips.pop() if self.pops else skips[-1 - at]
            x = up(torch.cat([nn.functional.interpolate(x, scale_factor=2.0), skip], 1))
        return x


@pytest.mark.parametrize("pops", [True, False])
def test_the_peak_of_any_module_is_what_its_tensors_take_as_it_runs(*, pops: bool) -> None:
    network, x = UNet(pops=pops).eval(), torch.randn(2, 3, 32, 32)
    with torch.no_grad(), Held() as held:
        kept = network(x)
    told = activation_peak(unetscope.load(network, inputs=x))
    assert told.bytes - x.nbytes == held.peak
    assert held.live == kept.nbytes
