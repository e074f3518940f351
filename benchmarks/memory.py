"""Memory told beside memory taken: `torch.cuda.max_memory_allocated` with random weights on a CUDA device.

    python benchmarks/memory.py [SOURCE...]

One inference forward at float16, and one training step under autocast with AdamW (the second one, whose
states exist), for each preset. "told" is what `unetscope memory` says; the ratio is taken / told. The
allocator rounds each tensor up to 512 bytes, and kernels' workspaces come on top.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable
from typing import Any

from unetscope import api, zoo
from unetscope.analysis.memory.budget import Use, needed
from unetscope.analysis.memory.training import TrainingPlan

SOURCES = ("sd15", "sdxl")
PLAN = TrainingPlan(mixed="fp16")


def taken(run: Callable[[], None]) -> int:
    """The most bytes of tensors at once on the device while something runs, those there before included."""
    import torch

    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    run()
    torch.cuda.synchronize()
    return int(torch.cuda.max_memory_allocated())


def network_of(source: str, dtype: Any) -> Any:
    """A preset's network with random weights on the device."""
    import torch

    spec = zoo.spec(source)
    with torch.device("cuda"):
        built = getattr(importlib.import_module("diffusers"), spec.class_name).from_config(spec.config)
    return built.to(dtype)


def arguments(source: str, dtype: Any) -> dict[str, Any]:
    """Random inputs of the shapes the preset was traced with."""
    import torch

    found: dict[str, Any] = {}
    for one in api.load(source).inputs:
        name, _, entry = one.name.partition(".")
        if one.dtype == "int64":
            tensor = torch.zeros(one.shape, dtype=torch.int64, device="cuda")
        else:
            tensor = torch.randn(one.shape, device="cuda").to(dtype)
        if entry:
            found.setdefault(name, {})[entry] = tensor
        else:
            found[name] = tensor
    return found


def inference(source: str) -> int:
    """Bytes taken by weights and one forward at float16."""
    import torch

    network, given = network_of(source, torch.float16).eval(), arguments(source, torch.float16)
    with torch.no_grad():
        return taken(lambda: network(**given))


def step(source: str) -> int:
    """Bytes taken by one training step of all weights under autocast."""
    import torch

    network, given = network_of(source, torch.float32).train(), arguments(source, torch.float16)
    optimizer = torch.optim.AdamW(network.parameters())

    def once() -> None:
        with torch.autocast("cuda", dtype=torch.float16):
            loss = network(**given).sample.float().square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    once()
    return taken(once)


def main() -> None:
    """Print one line for each source and use."""
    import torch

    if not torch.cuda.is_available():
        print("no CUDA device")
        return
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    for source in sys.argv[1:] or SOURCES:
        for name, use, measure in (
            ("inference", Use("float16"), inference),
            ("training", Use(training=PLAN), step),
        ):
            told, found = needed(api.load(source), use), measure(source)
            print(f"{source:12} {name:10} told {told:>16,}   taken {found:>16,}   {found / told:.3f}")


if __name__ == "__main__":
    main()
