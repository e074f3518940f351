"""What others did to a live network, in words: quantized or masked weights, hooks and patched forwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from unetscope.errors import TraceError
from unetscope.families import FAMILIES
from unetscope.tracing.live.meta_copy import is_quantized, plain_forward
from unetscope.words import units
from unetscope.words.messages import listed, printable

_SHOWN = 3
"""Paths that we name before we only count the rest."""
_OFFLOADING = frozenset({"group_offloading", "lazy_prefetch_group_offloading"})
_CASTING = frozenset({"layerwise_casting", "peft_autocast_disable"})
"""Hooks of diffusers that cast weights; its others move them, keep results, or skip layers at some steps."""


def refuse(network: Any) -> None:
    """Raise TraceError for a network whose forward needs values, or would not be a whole one."""
    import torch

    for path, module in network.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            raise TraceError(
                f"{path or type(network).__name__} is TorchScript, which runs where nothing sees it",
                hint="load the Python module that it was made from",
            )
        if any(torch.nn.parameter.is_lazy(tensor) for tensor in module._parameters.values()):
            raise TraceError(
                f"{path} has no shape before the first forward", hint="run the network once, then trace it"
            )
        if type(module).__module__.startswith(("torch.ao.nn.quantized", "torch.nn.quantized")):
            raise TraceError(
                f"{path} is a {type(module).__name__} of torch.ao, which runs on no meta device",
                hint="load the network unquantized",
            )
        forward = plain_forward(module)
        if (getattr(forward, "__module__", None) or "").startswith("DeepCache."):
            raise TraceError(
                "DeepCache is on: it skips most blocks at most steps, by the step's number",
                hint="disable it to count a whole step; table --cache-interval N counts cached ones",
            )


def is_patched(network: Any) -> bool:
    """Whether anything beside the network's own modules takes part in its forward."""
    return bool(_forwards(network) or _hooks(network) or _foreign(network))


def notes(class_name: str, network: Any) -> Iterator[str]:
    """A line for each thing done to a network, except adapters and types."""
    yield from _quantized(network)
    if fused := [path for path, module in network.named_modules() if _is_fused(module)]:
        yield f"query, key and value fused in {len(fused)} attentions, which hold both copies"
    yield from _left_out(network)
    yield from _image_prompts(class_name, network)
    for packages, change in (
        (_hooks(network), "with a forward hook"),
        (_forwards(network), "with a patched forward"),
        (_foreign(network), "patched"),
    ):
        for package in sorted(set(packages.values())):
            paths = [path for path, package_of_path in packages.items() if package_of_path == package]
            maker = "" if package == "__main__" else f" by {package}"
            yield f"{_named(paths)} {change}{maker}: counted as it runs"
    if remade := [path for path, module in network.named_modules() if "parametrizations" in module._modules]:
        yield f"{_named(remade)} with reparametrized weights: what makes them is counted too"
    if any(_masks(network)):
        yield "weights masked by pruning: counted as dense"


def _named(paths: list[str]) -> str:
    first = ", ".join(printable(path or "the network") for path in paths[:_SHOWN])
    return first + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")


def _quantized(network: Any) -> Iterator[str]:
    """Layers with packed weights (bitsandbytes and the like), and weights of torchao's types."""
    kinds: Counter[str] = Counter()
    for module in network.modules():
        if is_quantized(module):
            kinds[f"{type(module).__module__.partition('.')[0]} {type(module).__name__}"] += 1
        for tensor in module._parameters.values():
            if tensor is not None and type(tensor.data).__module__.startswith("torchao."):
                kinds[f"torchao {type(tensor.data).__name__}"] += 1
    for kind, count in kinds.items():
        yield f"{count} weights quantized ({kind}): counted as matmuls of the types they stand for"


def _is_fused(module: Any) -> bool:
    return vars(module).get("fused_projections") is True and hasattr(module, "to_q")


def _left_out(network: Any) -> Iterator[str]:
    """Hooks of accelerate and diffusers, without which a trace runs."""
    every = [vars(module) for module in network.modules()]
    names = {name for attributes in every for name in getattr(attributes.get("_diffusers_hook"), "hooks", {})}
    if any("_hf_hook" in attributes for attributes in every) or names & _OFFLOADING:
        yield "offloading left out: it moves weights and computes nothing"
    if others := sorted(names - _OFFLOADING - _CASTING):
        yield f"hooks of diffusers left out ({listed(others)}): a step without them is counted"


def _image_prompts(class_name: str, network: Any) -> Iterator[str]:
    """IP-Adapters: their number, and the parameters that project images and make keys and values of them."""
    prompts = FAMILIES[class_name].image_prompts if class_name in FAMILIES else None
    count = len(prompts.projections(network)) if prompts else 0
    if prompts and count:
        own = (tensor for name, tensor in network.named_parameters() if prompts.holds(name))
        params = sum(int(tensor.numel()) for tensor in own)
        plural = f"{count} IP-Adapters" if count > 1 else "IP-Adapter"
        yield f"{plural}: {units.exact(params)} parameters, called with one image each"


def _forwards(network: Any) -> dict[str, str]:
    """Modules with a replaced forward, and the package that replaced it."""
    forwards = ((path, plain_forward(module)) for path, module in network.named_modules())
    return {path: _maker(forward) for path, forward in forwards if forward is not None}


def _hooks(network: Any) -> dict[str, str]:
    """Modules with forward hooks, except those of pruning, and the package of the hook."""
    packages = {}
    for path, module in network.named_modules():
        for hook in (*module._forward_hooks.values(), *module._forward_pre_hooks.values()):
            if type(hook).__module__ != "torch.nn.utils.prune":
                packages[path] = _maker(hook)
    return packages


def _maker(function: Any) -> str:
    """The package that a function or a class comes from."""
    module = getattr(getattr(function, "func", function), "__module__", None) or type(function).__module__
    return str(module).partition(".")[0]


def _masks(network: Any) -> Iterator[str]:
    return (name for name, _ in network.named_buffers() if name.endswith("_mask"))


def _foreign(network: Any) -> dict[str, str]:
    """Modules whose class another package (tomesd) derived from one of diffusers, and that package."""
    packages = {}
    for path, module in network.named_modules():
        kind = type(module)
        from_elsewhere = not kind.__module__.startswith(("diffusers.", "torch.", "peft."))
        if path and from_elsewhere and any(base.__module__.startswith("diffusers.") for base in kind.__mro__):
            packages[path] = _maker(kind)
    return packages
