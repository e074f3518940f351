"""The latency floor beside measured times, on a GPU: floor, measured, ratio.

    python benchmarks/latency.py h100-sxm            # the card that torch sees, by its name in unetscope

Runs SD 1.5 at 512 px, SDXL at 1024 px and DiT-XL/2 at 256 px with random weights, in float16 and batch 1: the
median of 20 forwards between CUDA events after 5 to warm up. A ratio below 1 would be a fault of the floor.
"""

from __future__ import annotations

import importlib
import statistics
import sys
from typing import Any

import torch

import unetscope
from unetscope.analysis.latency import Gpu, floor, gpu
from unetscope.families import FAMILIES, examples
from unetscope.sizes import Size
from unetscope.spec import Spec
from unetscope.tracing.forward import arguments, called

NETWORKS = ("sd15", "sdxl", "dit-xl-2-256")
WARM, RUNS, DTYPE = 5, 20, "float16"


def network_of(architecture: unetscope.Architecture, device: str, dtype: str) -> torch.nn.Module:
    """The network with random weights on a device."""
    name = architecture.class_name
    kind = getattr(importlib.import_module(FAMILIES[name].module), name)
    return kind.from_config(architecture.config).to(device, getattr(torch, dtype)).eval()


def arguments_of(architecture: unetscope.Architecture, device: str, dtype: str) -> dict[str, Any]:
    """The arguments of a forward on a device, random where they are floats, one where they are numbers."""
    spec = Spec("", "", "", architecture.class_name, dict(architecture.config), architecture.facts)
    given = examples(spec, architecture.config, Size.at(architecture.basis))

    def real(one: Any) -> Any:
        if not isinstance(one, torch.Tensor):
            return one
        drawn = torch.ones(one.shape, dtype=one.dtype, device=device)
        return drawn.normal_() if one.is_floating_point() else drawn

    return torch.utils._pytree.tree_map(real, arguments.made(given, dtype))


def measured(architecture: unetscope.Architecture) -> float:
    """Median milliseconds of a forward."""
    network = network_of(architecture, "cuda", DTYPE)
    given = arguments_of(architecture, "cuda", DTYPE)
    times = []
    with torch.inference_mode():
        for run in range(WARM + RUNS):
            start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            called(network, given)
            end.record()
            torch.cuda.synchronize()
            times += [start.elapsed_time(end)] if run >= WARM else []
    return statistics.median(times)


def line(architecture: unetscope.Architecture, card: Gpu, took: float) -> str:
    """Floor and measured milliseconds of a network, and how many times the floor that is."""
    least = floor(architecture, card, DTYPE).nanoseconds / 1e6
    return f"{architecture.id:14} floor {least:8.3f} ms  measured {took:8.3f} ms  ratio {took / least:6.2f}"


def main() -> None:
    if not torch.cuda.is_available():
        sys.exit("no GPU: nothing is measured")
    card = gpu(sys.argv[1])
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, {DTYPE}, batch 1")
    for id in NETWORKS:
        architecture = unetscope.load(id)
        print(line(architecture, card, measured(architecture)))


if __name__ == "__main__":
    main()
