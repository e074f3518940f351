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
from unetscope.analysis.latency import floor, gpu
from unetscope.families import FAMILIES, examples
from unetscope.sizes import Size
from unetscope.spec import Spec
from unetscope.tracing.forward import arguments, called

NETWORKS = ("sd15", "sdxl", "dit-xl-2-256")
WARM, RUNS = 5, 20


def network_of(architecture: unetscope.Architecture) -> torch.nn.Module:
    """The network with random weights on the GPU."""
    name = architecture.class_name
    kind = getattr(importlib.import_module(FAMILIES[name].module), name)
    return kind.from_config(architecture.config).half().cuda().eval()


def arguments_of(architecture: unetscope.Architecture, device: str) -> dict[str, Any]:
    """The arguments of a forward on a device, random where they are floats, one where they are numbers."""
    spec = Spec("", "", "", architecture.class_name, dict(architecture.config), architecture.facts)
    given = examples(spec, architecture.config, Size.at(architecture.basis))

    def real(one: Any) -> Any:
        if not isinstance(one, torch.Tensor):
            return one
        drawn = torch.ones(one.shape, dtype=one.dtype, device=device)
        return drawn.normal_() if one.is_floating_point() else drawn

    return torch.utils._pytree.tree_map(real, arguments.made(given, "float16"))


def measured(architecture: unetscope.Architecture) -> float:
    """Median milliseconds of a forward."""
    network, given = network_of(architecture), arguments_of(architecture, "cuda")
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


def main() -> None:
    if not torch.cuda.is_available():
        sys.exit("no GPU: nothing is measured")
    card = gpu(sys.argv[1])
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, float16, batch 1")
    for id in NETWORKS:
        architecture = unetscope.load(id)
        least = floor(architecture, card, "float16").nanoseconds / 1e6
        took = measured(architecture)
        print(f"{id:14} floor {least:8.3f} ms  measured {took:8.3f} ms  ratio {took / least:6.2f}")


if __name__ == "__main__":
    main()
