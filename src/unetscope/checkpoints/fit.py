"""Whether a file loads into a network: tensors set against each other, causes and remedies in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from unetscope.checkpoints import presets
from unetscope.checkpoints.adapters import Adapter
from unetscope.checkpoints.agreement import Agreement, compare
from unetscope.checkpoints.answer import Answer, Component
from unetscope.checkpoints.config_words import in_words
from unetscope.checkpoints.names import crosswalks
from unetscope.families import FAMILIES
from unetscope.hooks import Shown
from unetscope.model import Architecture
from unetscope.sizes import Shape

Reshaped = tuple[str, Shape, Shape]


@dataclass(frozen=True, slots=True)
class FileFit(Shown):
    """Whether a file loads into a network. `why` says so in words, `causes` what lies behind differences,
    `remedies` what to do; `found` are its tensors, or the modules of a LoRA, against the network's."""

    answer: Answer
    network: str
    fits: bool
    why: str
    found: Agreement
    causes: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Fit({self.answer.listing.name!r}, {self.network!r}, fits={self.fits})"


def fit(answer: Answer, network: Architecture) -> FileFit:
    """A file set against a network."""
    there = {tensor.name: tensor.shape for tensor in network.tensors if tensor.role == "parameter"}
    if answer.adapter:
        return _adapter(answer, answer.adapter, network, there)
    component = counterpart(answer, network)
    if component is None:
        why = f"it holds no {_KIND.get(network.class_name, 'denoiser')}: it is {_called(answer)}"
        agreement = Agreement(0, tuple(there))
        return FileFit(answer, network.title, fits=False, why=why, found=agreement, remedies=_instead(answer))
    everything = {tensor.name for tensor in network.tensors}
    agreement = compare(_without_buffers(component.names, everything, there), there)
    causes = _causes(component, network, agreement) if network.class_name in FAMILIES else ()
    return FileFit(
        answer,
        network.title,
        agreement.fits,
        _verdict(agreement, component),
        agreement,
        causes,
        _remedies(component, agreement, answer),
    )


_KIND = {"AutoencoderKL": "VAE", "ControlNetModel": "ControlNet"}


def counterpart(answer: Answer, network: Architecture) -> Component | None:
    """The network in a file that is to be loaded: the one of its class, else the denoiser; for a network of
    another package all that the file holds."""
    if network.class_name not in FAMILIES:
        return _own_names(answer, [tensor.name for tensor in network.tensors if tensor.role == "parameter"])
    same = next(
        (component for component in answer.components if component.class_name == network.class_name), None
    )
    kind = _KIND.get(network.class_name, "denoiser")
    return (
        same
        or next((component for component in answer.components if component.kind == kind), None)
        or answer.denoiser
    )


def _own_names(answer: Answer, there: Sequence[str]) -> Component:
    """The tensors of a file by their own names, without the prefix behind which most are a network's."""
    names = {name: stored.shape for name, stored in answer.listing.tensors.items()}
    first = next(iter(there), "")
    prefixes = sorted({"", *(name.removesuffix(first) for name in names if name.endswith(first))})
    inside = {
        prefix: {name.removeprefix(prefix): names[name] for name in names if name.startswith(prefix)}
        for prefix in prefixes
    }
    best = max(prefixes, key=lambda prefix: len(inside[prefix].keys() & {*there}))
    return Component("", answer.title, "", "diffusers", best, (), inside[best], len(inside[best]))


def _without_buffers(
    names: Mapping[str, Shape | None], everything: set[str], there: Mapping[str, Shape]
) -> dict[str, Any]:
    return {name: shape for name, shape in names.items() if name in there or name not in everything}


def _called(answer: Answer) -> str:
    return "unknown" if answer.kind == "unknown" else f"{answer.title} ({answer.kind})"


def _instead(answer: Answer) -> tuple[str, ...]:
    if answer.kind == "unknown":
        return ("see what it holds: unetscope identify",)
    return (f"load it as what it is: {answer.kind}",)


def _verdict(agreement: Agreement, component: Component) -> str:
    if agreement.fits:
        through = (
            "" if component.naming == "diffusers" else f" once its {component.naming} names are converted"
        )
        lost = f"; of {agreement.unknown} the shape is not known" if agreement.unknown else ""
        return f"all {agreement.equal + agreement.unknown} tensors fit{through}{lost}"
    counts = (
        (len(agreement.missing), "missing"),
        (len(agreement.unexpected), "unexpected"),
        (len(agreement.reshaped), "of another shape"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count) + f"; {agreement.equal} fit"


def _causes(component: Component, network: Architecture, agreement: Agreement) -> tuple[str, ...]:
    """The config fields in which a file's network differs, in words."""
    if agreement.fits:
        return ()
    if component.class_name != network.class_name:
        return (
            f"the file holds {component.title}, a {component.class_name or component.kind}; "
            f"{network.title} is a {network.class_name}",
        )
    if component.class_name.startswith("UNet2D"):
        fields = [(d.field, d.here, d.there) for d in presets.differences(component.config, network.config)]
    else:
        config = network.config
        fields = [
            (key, value, config[key])
            for key, value in component.config.items()
            if key in config and value != config[key]
        ]
    differences = tuple(in_words(field, a, b) for field, a, b in fields)
    first = (f"the file holds {component.title}",) if differences else ()
    return first + differences


def _remedies(component: Component, agreement: Agreement, answer: Answer) -> tuple[str, ...]:
    lines = []
    if not agreement.fits and answer.near and not answer.near[0].differences:
        lines.append(f"it fits {answer.near[0].id}")
    if component.naming != "diffusers":
        lines.append(
            f"diffusers: {component.class_name or 'the class'}.from_single_file converts "
            f"{component.naming} names"
        )
    elif component.prefix:
        lines.append(f"cut the prefix {component.prefix!r} from the names")
    if answer.quantised:
        lines.append(f"its weights are {answer.quantised}: load it with what reads that")
    only_input = (
        len(agreement.reshaped) == 1
        and agreement.reshaped[0][0] == "conv_in.weight"
        and not agreement.missing
    )
    if only_input:
        sides = agreement.reshaped[0]
        lines.append(
            f"--set in_channels={sides[1][1]} makes the network the file's; "
            "loaded with ignore_mismatched_sizes its conv_in is lost"
        )
    return tuple(lines)


def _adapter(answer: Answer, adapter: Adapter, network: Architecture, there: Mapping[str, Shape]) -> FileFit:
    """The modules of a LoRA against those of its base."""
    known = _modules(there)
    equal, missing, reshaped, unknown = 0, list[str](), list[Reshaped](), 0
    for name, module in sorted(adapter.modules.items(), key=lambda pair: _in_order(pair[0])):
        theirs = known.get(name)
        if theirs is None:
            missing.append(name)
        elif module.sides is None:
            unknown += 1
        elif module.sides != theirs:
            reshaped.append((name, module.sides, theirs))
        else:
            equal += 1
    agreement = Agreement(equal, (), tuple(missing), tuple(reshaped), unknown)
    fits = agreement.fits and bool(adapter.modules)
    return FileFit(
        answer,
        network.title,
        fits,
        _adapter_verdict(agreement, adapter),
        agreement,
        () if fits else _adapter_causes(adapter, network, agreement),
        () if fits else (_adapter_remedy(adapter, network),),
    )


def _in_order(name: str) -> list[tuple[int, str]]:
    """Block 2 before block 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in name.split("_")]


def _modules(there: Mapping[str, Shape]) -> dict[str, tuple[int, int]]:
    """Outputs and inputs of each layer with a weight, by its path with underscores, in every scheme."""
    layers = dict[str, tuple[int, int]]()
    for names in (there, *(crosswalks.native(scheme, there) for scheme in crosswalks.SCHEMES)):
        for name, shape in names.items():
            if name.endswith(".weight") and len(shape) > 1:
                layers.setdefault(name.removesuffix(".weight").replace(".", "_"), (shape[0], shape[1]))
    return layers


def _adapter_verdict(agreement: Agreement, adapter: Adapter) -> str:
    if not adapter.modules:
        return "it adapts text encoders alone" if adapter.text_modules else "its modules are not read"
    if agreement.fits:
        text = f"; {adapter.text_modules} more are of text encoders" if adapter.text_modules else ""
        return f"all {agreement.equal + agreement.unknown} modules fit{text}"
    total = len(adapter.modules)
    parts = []
    if agreement.unexpected:
        parts.append(f"{len(agreement.unexpected)} of {total} modules are not in the network")
    if agreement.reshaped:
        counted = "" if parts else f" of {total} modules"
        parts.append(f"{len(agreement.reshaped)}{counted} have another size there")
    return ", ".join(parts) + f"; {agreement.equal + agreement.unknown} fit"


def _adapter_causes(adapter: Adapter, network: Architecture, agreement: Agreement) -> tuple[str, ...]:
    lines = []
    if _is_for_another(adapter, network):
        lines.append(f"it is a {adapter.method} for {adapter.base}: {adapter.why}")
    images = sum(
        name.endswith(("_k_img", "_v_img", "_norm_k_img", "add_k_proj", "add_v_proj"))
        for name in agreement.unexpected
    )
    if images and network.class_name.startswith("Wan"):
        lines.append(
            f"{images} of its modules adapt the cross-attention on an image, which this network does not have"
        )
    widths = {(here[1], theirs[1]) for _, here, theirs in agreement.reshaped}
    if len(widths) == 1:
        here, theirs = next(iter(widths))
        if here != theirs:
            lines.append(f"its layers read {here}, the network's {theirs}")
    return tuple(lines)


def _is_for_another(adapter: Adapter, network: Architecture) -> bool:
    """Whether an adapter's base is known, and is not the network."""
    return bool(adapter.base) and not network.title.startswith(adapter.base)


def _adapter_remedy(adapter: Adapter, network: Architecture) -> str:
    """Its base where that is known, and another than the network that it does not fit."""
    if _is_for_another(adapter, network):
        return f"load it over {adapter.base}"
    return "ask its maker which base it was trained for"
