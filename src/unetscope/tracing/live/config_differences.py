"""How a module differs from what its config would build: other widths, added and missing parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from unetscope.errors import ConfigError, TraceError
from unetscope.families import FAMILIES
from unetscope.families.family import Config
from unetscope.families.image_prompts import EMBEDDINGS, PROCESSORS
from unetscope.families.module_names import FUSED
from unetscope.paths import parent, within
from unetscope.sizes import Shape
from unetscope.spec import DEFAULT_DTYPE, ExampleInput
from unetscope.tracing import build, describe
from unetscope.tracing.describe import adapters
from unetscope.words.messages import printable, shown

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Beyond:
    """The outermost modules that a network has, lacks, or has in another shape than its config says.

    `known` are tensors whose name says what they are: adapters, fused projections, masks.
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


def corrected(class_name: str, config: Config, network: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The config with the sizes of the module, and a line for each size that it states wrongly."""
    known = {key: layers for key, layers in FAMILIES[class_name].measures.items() if key in config}
    # A list gives one size a level: no single number could correct it.
    single = {key: layers for key, layers in known.items() if not isinstance(config[key], list | tuple)}
    sizes = {key: _measured(network, *layers) for key, layers in single.items()}
    wrong = {key: size for key, size in sizes.items() if size is not None and size != config[key]}
    lines = (
        f"config says {key}={shown(config[key])}, the module has {size}: the module is counted"
        for key, size in wrong.items()
    )
    return {**config, **wrong}, tuple(lines)


def beyond(class_name: str, config: Config, network: Any) -> Beyond:
    """The difference between a network and what diffusers builds from its config, by their state dicts."""
    try:
        plain = build.build(class_name, config, DEFAULT_DTYPE)
    except ConfigError:
        return Beyond(unbuilt=True)
    configured, actual = _shapes(plain), _shapes(network)
    extra = actual.keys() - configured.keys()
    prompts = FAMILIES[class_name].image_prompts
    known = {name for name in extra if _is_known(name) or (prompts and prompts.holds(name))}
    replaced = {f"{_layer(name)}.weight" for name in known} | {f"{_layer(name)}.bias" for name in known}
    return Beyond(
        tuple(_outermost(extra - known, configured)),
        tuple(_outermost(configured.keys() - actual.keys() - replaced, actual)),
        tuple(sorted(name for name in configured.keys() & actual.keys() if configured[name] != actual[name])),
        tuple(sorted(known | adapters(network))),
    )


def said(difference: Beyond) -> Iterator[str]:
    """A line on the parts of the module that its config does not make."""
    if difference.unbuilt:
        yield "diffusers cannot build its config: the module is counted as it is"
    parts = [
        f"{word} {_named(names)}"
        for word, names in (
            ("without", difference.missing),
            ("with", difference.added),
            ("reshaped", difference.reshaped),
        )
        if names
    ]
    if parts:
        yield f"not as its config says, {'; '.join(parts)}: the module is counted"


def _named(names: tuple[str, ...]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(printable(name) for name in names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def image_prompts(class_name: str, network: Any, batch: int) -> Iterator[ExampleInput]:
    """One image embedding for each IP-Adapter. Raises TraceError for a kind that asks for more."""
    prompts = FAMILIES[class_name].image_prompts
    if prompts is None:
        return
    for index, module in enumerate(prompts.projections(network)):
        name = type(module).__name__
        if name not in EMBEDDINGS:
            raise TraceError(
                f"the IP-Adapter's {name} asks for embeddings of a kind that is not known",
                hint=f"known: {', '.join(EMBEDDINGS)}",
            )
        shape = (batch, 1, *EMBEDDINGS[name](module))
        yield ExampleInput(f"{prompts.argument}[{index}]", shape, role="image context")


def _measured(network: Any, pattern: str, axis: int) -> int | None:
    """The size on an axis of the weights of some modules; None if there are none, or they differ."""
    sizes = {
        size
        for path, module in network.named_modules()
        if fnmatchcase(path, pattern) and (size := _size(module, axis)) is not None
    }
    return sizes.pop() if len(sizes) == 1 else None


def _size(module: Any, axis: int) -> int | None:
    weight = getattr(getattr(module, "base_layer", module), "weight", None)
    return None if weight is None or len(weight.shape) <= axis else int(weight.shape[axis])


def _shapes(network: Any) -> dict[str, Shape]:
    """Shapes of a state dict; layers inside peft's go by their former names."""
    inside = adapters(network)
    return {
        tensor.name.replace(".base_layer.", "."): tensor.shape
        for tensor in describe.tensors(network)
        if not inside or within(tensor.name, inside) is None
    }


def _is_known(name: str) -> bool:
    """Whether a name tells what was done: fused, reparametrized, pruned, or put beside attention."""
    marked = ".parametrizations." in name or PROCESSORS in name or not FUSED.isdisjoint(name.split("."))
    return marked or name.endswith(("_orig", "_mask"))


def _layer(name: str) -> str:
    """The layer whose weight a mask or a parametrization replaces."""
    return name.partition(".parametrizations.")[0] if ".parametrizations." in name else parent(name)


def _outermost(names: set[str], others: Mapping[str, Shape]) -> Iterator[str]:
    """The outermost modules that hold some tensors, and no tensor of the other network."""
    above_others = {above for name in others for above in _above(name)}
    outermost = {next((above for above in _above(name) if above not in above_others), name) for name in names}
    yield from sorted(outermost)


def _above(name: str) -> list[str]:
    """The modules around a tensor, the outermost first."""
    parts = parent(name).split(".")
    return [".".join(parts[: depth + 1]) for depth in range(len(parts))]
