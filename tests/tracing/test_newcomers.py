"""What people give `load` the first time: each answer is a count or one line that says what to do."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import unetscope
from unetscope.errors import UnetscopeError


def conv() -> nn.Module:
    return nn.Conv2d(3, 4, 3)


def without_gpu(x: torch.Tensor) -> torch.Tensor:
    """What `x.cuda()` does where torch has no CUDA."""
    raise AssertionError("Torch not compiled with CUDA enabled")


class Runs(nn.Module):
    """A convolution behind something else that its forward does."""

    def __init__(self, first: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.conv, self.first = conv(), first

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(self.first(x))


class Holds(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = conv()


class Wrapped(Holds):
    """As the modules of training frameworks: any arguments, a loss beside."""

    def forward(self, *args: Any, **options: Any) -> torch.Tensor:
        return self.net(*args, **options)


@pytest.mark.parametrize(
    ("source", "inputs", "error", "hint"),
    [
        (nn.Conv2d, (1, 3, 8, 8), "Conv2d is a class, and no module yet", r"load\(Conv2d\(...\)\)"),
        (Holds(), (1, 3, 8, 8), "Holds has no forward", "one of the modules in it: net"),
        (Holds(), None, "Holds has no forward", "one of the modules in it: net"),
        (
            Runs(without_gpu),
            (1, 3, 8, 8),
            "asks for a GPU",
            "device=x.device",
        ),
        (Runs(lambda x: sys.exit(3)), (1, 3, 8, 8), "ends the program, SystemExit 3", "say what it takes"),
        (Runs(lambda x: x), 3, "at least a tensor of batch and channels", r"inputs=\(1, 3, 64, 64\)"),
        (Runs(lambda x: x), (1, 4, 8, 8), "Runs refuses x 1×4×8×8", "inputs={'x'"),
    ],
)
def test_what_cannot_be_counted_is_one_line_with_what_to_do(
    source: Any, inputs: Any, error: str, hint: str
) -> None:
    with pytest.raises(UnetscopeError, match=error) as refused:
        unetscope.load(source, inputs=inputs)
    assert "\n" not in str(refused.value.message)
    assert re.search(hint, refused.value.hint or "")


def test_torchscript_is_refused_whole_or_inside() -> None:
    scripted = torch.jit.trace(conv(), torch.zeros(1, 3, 8, 8))
    for source in (scripted, nn.Sequential(scripted)):
        with pytest.raises(UnetscopeError, match="TorchScript"):
            unetscope.load(source, inputs=(1, 3, 8, 8))


@pytest.mark.parametrize(
    "wrap",
    [Wrapped, nn.DataParallel, torch.compile, torch.fx.symbolic_trace, nn.Module.half, nn.Module.train],
    ids=lambda wrap: wrap.__name__,
)
def test_what_people_wrap_networks_in_is_counted_as_the_network(wrap: Callable[..., Any]) -> None:
    source = wrap() if wrap is Wrapped else wrap(conv())
    before = {name: value.clone() for name, value in source.state_dict().items()}
    counted = unetscope.load(source, inputs=(1, 3, 8, 8)).cost
    assert (counted.params, counted.macs) == (112, 4 * 27 * 6 * 6)
    assert all(torch.equal(before[name], value) for name, value in source.state_dict().items())
    assert before.keys() == source.state_dict().keys()


def test_an_array_of_numpy_is_an_input() -> None:
    given = unetscope.load(Runs(lambda x: x), inputs=np.zeros((1, 3, 8, 8), "float32"))
    assert given.notes[1] == "called with x 1×3×8×8 float32"


def test_an_interrupt_goes_on_to_whoever_waits_for_it() -> None:
    def interrupt(x: torch.Tensor) -> torch.Tensor:
        raise KeyboardInterrupt

    source = Runs(interrupt)
    before = {name: dict(vars(module)) for name, module in source.named_modules()}
    with pytest.raises(KeyboardInterrupt):
        unetscope.load(source, inputs=(1, 3, 8, 8))
    assert before == {name: dict(vars(module)) for name, module in source.named_modules()}
