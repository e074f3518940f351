"""How a module differs from what its config would build: widths, parts put in or taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from unetscope.errors import ConfigError, TraceError
from unetscope.families.wording import printable, shown
from unetscope.model import Shape, parent, within
from unetscope.spec import DEFAULT_DTYPE, ExampleInput
from unetscope.tracing import build, describe
from unetscope.tracing.describe import adapters

Config = Mapping[str, Any]
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Beyond:
    """Outermost modules that a network has, lacks or has in another shape than its config says.

    `known` are tensors that are named for what they are: adapters, fused projections, masks.
    """

    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reshaped: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    unbuilt: bool = False

    @property
    def any(self) -> bool:
        """Whether the config alone would make another network."""
        return bool(self.added or self.missing or self.reshaped or self.known or self.unbuilt)


def corrected(config: Config, network: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The config with the sizes that the module has, and a line for each that it says otherwise."""
    found = {key: read(network) for key, read in _SIZES.items() if key in config}
    if (
        isinstance(config.get("cross_attention_dim"), int)
        and getattr(network, "encoder_hid_proj", None) is None
    ):
        found["cross_attention_dim"] = _context(network)
    wrong = {key: size for key, size in found.items() if size is not None and size != config[key]}
    lines = (
        f"config says {key}={shown(config[key])}, the module has {size}: the module is counted"
        for key, size in wrong.items()
    )
    return {**config, **wrong}, tuple(lines)


def beyond(class_name: str, config: Config, network: Any) -> Beyond:
    """The difference between a network and what diffusers builds of its config, by their state dicts."""
    try:
        plain = build.build(class_name, config, DEFAULT_DTYPE)
    except ConfigError:
        return Beyond(unbuilt=True)
    told, has = _shapes(plain), _shapes(network)
    extra = has.keys() - told.keys()
    known = {name for name in extra if _is_known(name)}
    replaced = {f"{_layer(name)}.weight" for name in known} | {f"{_layer(name)}.bias" for name in known}
    return Beyond(
        tuple(_outermost(extra - known, told)),
        tuple(_outermost(told.keys() - has.keys() - replaced, has)),
        tuple(sorted(name for name in told.keys() & has.keys() if told[name] != has[name])),
        tuple(sorted(known | adapters(network))),
    )


def said(found: Beyond) -> Iterator[str]:
    """A line on what of the module its config does not make."""
    if found.unbuilt:
        yield "diffusers cannot build its config: the module is counted as it is"
    parts = [
        f"{word} {_named(names)}"
        for word, names in (("without", found.missing), ("with", found.added), ("reshaped", found.reshaped))
        if names
    ]
    if parts:
        yield f"not as its config says, {'; '.join(parts)}: the module is counted"


def _named(names: tuple[str, ...]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(printable(name) for name in names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def image_prompts(network: Any, batch: int) -> Iterator[ExampleInput]:
    """One image embedding for each IP-Adapter. Raises TraceError for a kind that asks for more."""
    prompts = getattr(getattr(network, "encoder_hid_proj", None), "image_projection_layers", ())
    for index, module in enumerate(prompts):
        name = type(module).__name__
        if name not in _EMBEDDINGS:
            raise TraceError(
                f"the IP-Adapter's {name} asks for embeddings of a kind that is not known",
                hint=f"known: {', '.join(_EMBEDDINGS)}",
            )
        shape = (batch, 1, *_EMBEDDINGS[name](module))
        yield ExampleInput(f"added_cond_kwargs.image_embeds[{index}]", shape, role="image context")


_PATCHES = 257
"""Tokens of a CLIP ViT-H or ViT-bigG image, the class token among them."""
_EMBEDDINGS: dict[str, Callable[[Any], Shape]] = {
    "ImageProjection": lambda module: (module.image_embeds.in_features,),
    "IPAdapterFullImageProjection": lambda module: (_PATCHES, module.ff.net[0].proj.in_features),
    "IPAdapterFaceIDImageProjection": lambda module: (module.ff.net[0].proj.in_features,),
    "IPAdapterPlusImageProjection": lambda module: (_PATCHES, module.proj_in.in_features),
}
"""Shape of the embedding of one image for each kind of IP-Adapter, as the image encoder gives it."""


def _weight(path: str, axis: int) -> Callable[[Any], int | None]:
    """The size of a module's weight on an axis; None where there is no such module."""

    def read(network: Any) -> int | None:
        module = network
        for name in path.split("."):
            module = getattr(module, name, None)
        module = getattr(module, "base_layer", module)
        weight = getattr(module, "weight", None)
        return None if weight is None or len(weight.shape) <= axis else int(weight.shape[axis])

    return read


def _context(network: Any) -> int | None:
    """Width of the text that every cross-attention reads; None where they differ or there is none."""
    keys = (module for path, module in network.named_modules() if path.endswith(".attn2.to_k"))
    widths = {int(getattr(module, "base_layer", module).weight.shape[1]) for module in keys}
    return widths.pop() if len(widths) == 1 else None


_SIZES: dict[str, Callable[[Any], int | None]] = {
    "in_channels": _weight("conv_in", 1),
    "out_channels": _weight("conv_out", 0),
    "time_cond_proj_dim": _weight("time_embedding.cond_proj", 1),
    "projection_class_embeddings_input_dim": _weight("add_embedding.linear_1", 1),
}
"""Keys whose value the weights show, and that decide what a forward is called with."""


def _shapes(network: Any) -> dict[str, Shape]:
    """Shapes of a state dict, layers inside peft's under the name that they had."""
    inside = adapters(network)
    return {
        one.name.replace(".base_layer.", "."): one.shape
        for one in describe.tensors(network)
        if not inside or within(one.name, inside) is None
    }


def _is_known(name: str) -> bool:
    within = (".to_qkv.", ".to_kv.", ".processor.", "encoder_hid_proj.", ".parametrizations.")
    return any(part in name for part in within) or name.endswith(("_orig", "_mask"))


def _layer(name: str) -> str:
    """The layer whose weight a mask or a parametrization stands for."""
    return name.partition(".parametrizations.")[0] if ".parametrizations." in name else parent(name)


def _outermost(names: set[str], others: Mapping[str, Shape]) -> Iterator[str]:
    """The outermost modules that hold some tensors and of which the other network has none."""
    held = {above for name in others for above in _above(name)}
    found = {next((above for above in _above(name) if above not in held), name) for name in names}
    yield from sorted(found)


def _above(name: str) -> list[str]:
    """The modules around a tensor, the outermost first."""
    parts = parent(name).split(".")
    return [".".join(parts[: depth + 1]) for depth in range(len(parts))]
