"""Architectures that ship, one written out by hand, and the specs of configs that are traced."""

from __future__ import annotations

from typing import Any

from unetscope.api import loading
from unetscope.calls import Call, Input, Operation
from unetscope.checkpoint import Facts
from unetscope.cost import Cost
from unetscope.model import Architecture, Node, Stage, Tensor
from unetscope.sizes import Basis
from unetscope.spec import Spec


def spec_of(config: dict[str, Any], *, name: str = "net") -> Spec:
    """A spec of a config as published, its metadata left out."""
    own = {key: value for key, value in config.items() if not key.startswith("_")}
    return Spec(name, name, name, config["_class_name"], own)


def bundled(name: str) -> Architecture:
    """The trace that ships for a preset."""
    found = loading.bundled(name)
    assert found is not None, f"no trace is bundled for {name}"
    return found


def tiny(*, id: str = "tiny", params: int = 112) -> Architecture:
    """A UNet2DModel in name only: its one convolution reads the one input."""
    shape = (1, 3, 8, 8)
    return Architecture(
        id=id,
        title=id.title(),
        source=id,
        class_name="UNet2DModel",
        config={"sample_size": 8, "in_channels": 3, "block_out_channels": [32, 64, 64, 64]},
        basis=Basis(batch=1, input=(3, 8, 8), axes={"height": 8, "width": 8}, dtype="float32"),
        facts=Facts(),
        inputs=(Input("sample", shape, "float32", 768),),
        stages=(Stage("conv_in", "Stem", "stem"),),
        nodes=(
            Node("", "UNet2DModel", "network", Cost()),
            Node("conv_in", "Conv2d", "conv", Cost(params=params, conv=6912), shape, (1, 4, 8, 8), (0,)),
        ),
        tensors=(Tensor("conv_in.weight", (4, 3, 3, 3), "float32", "conv_in", "parameter"),),
        operations=(
            Operation("aten.convolution", "conv", 6912, (shape, (4, 3, 3, 3)), ((1, 4, 8, 8),), "float32"),
        ),
        calls=(Call(1, 0, (~0,), (1024,), ()),),
        skips=(),
    )
