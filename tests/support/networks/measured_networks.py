"""Figures of a network of another package, held to what torch counts."""

from __future__ import annotations

import csv
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

from support.networks.third_party import NETWORKS

UNUSED = (
    "kornia",
    "torchaudio",
    "torchdiffeq",
    "torchsde",
    "jsonmerge",
    "wandb",
    "clip",
    "cleanfid",
    "dctorch",
)
UNUSED += ("pytorch_warmup", "lightning", "datasets", "skimage")
"""What some of these packages import for training, and no forward needs."""


_TABLE = Path(__file__).parents[2] / "data" / "third_party_networks.tsv"


def of_packages() -> dict[str, dict[str, str]]:
    """What was measured of each network of another package, by its name."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        next(file)
        return {row["name"]: row for row in csv.DictReader(file, delimiter="\t")}


class _Standing(MetaPathFinder, Loader):
    """Stands in for packages of UNUSED that are not installed."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        is_unused = name.partition(".")[0] in UNUSED
        return ModuleSpec(name, self, is_package=True) if is_unused else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = MagicMock(name=spec.name)
        module.__path__, module.__spec__ = [], spec
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: it stands there."""


def ready() -> None:
    """Make the packages importable without what no forward needs: operators of torchvision that only a wheel
    for the same build of torch has, and UNUSED."""
    sys.modules.setdefault("torchvision._meta_registrations", ModuleType("torchvision._meta_registrations"))
    if not any(isinstance(finder, _Standing) for finder in sys.meta_path):
        sys.meta_path.append(_Standing())


ROLES = {"stem": "S", "down": "D", "mid": "M", "up": "U", "body": "B", "head": "H"}


def flops(name: str) -> int:
    """torch's count of a forward: on the meta device, and on the CPU where a network makes tensors there."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from unetscope.tracing.any_module import arguments

    for device in ("meta", "cpu"):
        module, inputs = NETWORKS[name].make()
        given = arguments.made(arguments.read(module, inputs), "float32", device)
        by_place = [given.pop(key) for key in list(given) if key.startswith("input_")]
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            try:
                module.to(device).eval()(*by_place, **given)
            except (NotImplementedError, RuntimeError):
                if device == "cpu":
                    raise
                continue
        return counter.get_total_flops()
    raise AssertionError


def traced_afresh(name: str, axes: dict[str, int] | None = None) -> Any:
    """The architecture of a network as its package makes it now, at sides of its own unless told others."""
    import unetscope

    ready()
    module, inputs = NETWORKS[name].make()
    return unetscope.load(module, inputs=inputs, axes=axes)


def traced_with_formula(name: str) -> Any:
    """The same with its cost over the sizes of its input, where a formula holds."""
    from unetscope import api

    ready()
    module, inputs = NETWORKS[name].make()
    return api.with_formula(api.load(module, inputs=inputs), module, inputs=inputs)


def unseen(architecture: Any) -> list[dict[str, int]]:
    """Two sizes from which no formula of a network was learned: other counts of steps, a prime each."""
    grids = architecture.scaling.grids if architecture.scaling else ()
    return [
        {grid.axis: grid.least + grid.step * steps for grid, steps in zip(grids, counts, strict=False)}
        for counts in ((23, 29, 31), (41, 37, 19))
        if grids
    ]


def measured(name: str) -> dict[str, str]:
    """A network's figures, held to its own parameters and to torch's count, and what was seen of it."""
    import unetscope

    ready()
    module, inputs = NETWORKS[name].make()
    architecture = unetscope.load(module, inputs=inputs)
    assert architecture.cost.params == sum(parameter.numel() for parameter in module.parameters())
    assert 2 * architecture.cost.macs == flops(name)
    assert architecture.uncounted == ()
    return observed(architecture)


def observed(architecture: Any) -> dict[str, str]:
    """What the table of networks has of one: its figures, and what was seen of it."""
    beside = {"concat": "dense", "add": "lateral"}
    kinds = [skip.kind if skip.on_path else beside[skip.kind] for skip in architecture.skips]
    form = next((note for note in architecture.notes if note.startswith(("no U-Net", "one res"))), "U-Net")
    counted = {kind: kinds.count(kind) for kind in ("concat", "add", *beside.values()) if kind in kinds}
    return {
        "parameters": str(architecture.cost.params),
        "MACs": str(architecture.cost.macs),
        "form": form.removeprefix("no U-Net: "),
        "stages": " ".join(
            ROLES[stage.role] + ("" if stage.level is None else str(stage.level))
            for stage in architecture.stages
            if stage.role != "conditioning"
        ),
        "skips": ", ".join(f"{count} {kind}" for kind, count in counted.items()),
    }
