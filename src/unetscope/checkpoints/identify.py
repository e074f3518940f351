"""A listing → what the file is, with reasons: networks, adapters, or unknown with what was seen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from unetscope.checkpoints import adapters, components, hints, presets
from unetscope.checkpoints.adapters import Adapter
from unetscope.checkpoints.agreement import Agreement
from unetscope.checkpoints.answer import UNKNOWN, Answer, Component, RunnerUp
from unetscope.checkpoints.listing import Listing
from unetscope.checkpoints.names import naming
from unetscope.checkpoints.presets import Near
from unetscope.words.units import exact

_MARKERS = frozenset({"v_pred", "ztsnr", "edm_mean", "edm_std", "edm_vpred.sigma_max", "edm_vpred.sigma_min"})
_EXTRA = re.compile(
    r"alphas_cumprod\w*|betas|log_one_minus_alphas_cumprod|posterior_\w+|sqrt_\w*alphas_cumprod|"
    r"position_ids|logit_scale|text_projection|sigmas|num_updates|decay|logvar|log_sigmas|scaled_fp8"
)
"""Buffers of schedules and leftovers that training files keep."""
_EMA = "model_ema."
_SHOWN = 8


def identify(listing: Listing) -> Answer:
    """What a file of weights is, by names, shapes and metadata."""
    plain = naming.plain(listing)
    names = plain.names
    adapter = _control_lora(names) or adapters.read(names)
    quantised = hints.quantised(listing.metadata) or plain.quantised
    if adapter:
        return _adapter(listing, adapter, quantised)
    parts = components.found(_without_ema(names))
    answer = _networks(listing, names, parts, quantised) if parts else None
    if answer is None:
        return _unknown(listing, names, parts, quantised)
    return answer


def _without_ema(names: naming.Names) -> naming.Names:
    """Names without the averaged copy that stands beside the network itself."""
    others = {name: shape for name, shape in names.items() if not name.startswith(_EMA)}
    return others or {name.removeprefix(_EMA).removeprefix("diffusion_model"): s for name, s in names.items()}


def _networks(listing: Listing, names: naming.Names, parts: list[Component], quantised: str) -> Answer | None:
    """The answer where networks were found; None where the main one is mixed with something else."""
    main = parts[0]
    if components.mixed(main):
        return None
    near = _near(main)
    against = presets.against(near[0].id, main.names) if near and not near[0].differences else None
    ema = sum(name.startswith(_EMA) for name in names)
    taken = sum(_count(component, names) for component in parts) + ema
    extras = [name for name in names if _is_extra(name)]
    markers = frozenset(name for name in names if name in _MARKERS)
    kind = _kind(parts)
    title = _title(main, near, against)
    return Answer(
        listing, kind, title, _why(main, near, parts), tuple(parts), None, tuple(near), against, quantised,
        tuple(_runners_up(names, main, near)),
        tuple(_unknowable(main, near, title, markers, listing.metadata)),
        _hints(listing, markers), _warnings(listing, title, main, against, ema),
        (), len(extras) + max(0, len(names) - taken - len(extras) - len(markers)),
    )  # fmt: skip


def _count(component: Component, names: naming.Names) -> int:
    return (
        sum(name.startswith(component.prefix) for name in names) if component.prefix else len(component.names)
    )


def _is_extra(name: str) -> bool:
    last = name.removesuffix(".weight").rpartition(".")[2]
    return name.startswith("loss.") or bool(_EXTRA.fullmatch(last))


def _kind(components: list[Component]) -> str:
    """A full checkpoint is a denoiser that comes with its VAE or a text encoder."""
    main, beside = components[0], {component.kind for component in components[1:]}
    return "full checkpoint" if main.kind == "denoiser" and beside & {"VAE", "text encoder"} else main.kind


def _near(main: Component) -> list[Near]:
    return (
        presets.nearest(main.class_name, main.config, main.names) if main.class_name and main.crossed else []
    )


def _title(main: Component, near: list[Near], against: Agreement | None) -> str:
    """The bundled model where the tensors are its own; its family where several have them, or none."""
    if not main.class_name.startswith("UNet2D"):
        return main.title
    one_alone = near and not near[0].differences and not _also(near)
    if one_alone and (against is None or not against.reshaped):
        return near[0].title if len(near[0].alike) == 1 else _family(main, near[0])
    return main.title


def _also(near: list[Near]) -> list[Near]:
    """Other networks that fit as well: where shapes are not known, names do not tell them apart."""
    return [candidate for candidate in near[1:] if not candidate.differences]


def _family(main: Component, near: Near) -> str:
    """The family; a smaller network of a family goes by the bundled model people know it by."""
    plain = near.id in ("sd15", "sd21", "sdxl")
    return main.title if plain else near.title


def _why(main: Component, near: list[Near], components: list[Component]) -> tuple[str, ...]:
    lines = list(main.why)
    if near and not near[0].differences and len(near[0].alike) > 1 and not _also(near):
        lines.append(f"the same tensors: {', '.join(near[0].alike)}")
    return tuple(lines)


def _runners_up(names: naming.Names, main: Component, near: list[Near]) -> list[RunnerUp]:
    """The models after the nearest, with the fields that speak against them; or rules that nearly fit."""
    runners = [
        RunnerUp(
            candidate.title, "; ".join(_told(d.field, d.here, d.there) for d in candidate.differences[:3])
        )
        for candidate in near[1:3]
        if candidate.differences
    ]
    return runners or components.runners_up(names, main)


def _told(field: str, here: object, there: object) -> str:
    return f"{field} is {_short(here)}, not {_short(there)}"


def _short(value: object) -> str:
    text = "none" if value is None else str(value).replace("'", "")
    return text if len(text) < 60 else f"{text[:57]}…"


def _unknowable(
    main: Component, near: list[Near], title: str, markers: frozenset[str], metadata: Mapping[str, str]
) -> list[str]:
    """What shapes and names leave open."""
    lines = []
    unet = main.rule.startswith("unet")
    if also := _also(near):
        titles = ", ".join(candidate.title for candidate in [near[0], *also])
        lines.append(f"which of {titles} it is: they have the same names, and shapes are not given")
    if unet and main.kind == "denoiser" and not hints.prediction(markers, metadata)[1]:
        lines.append("whether it predicts noise or v: no marker tensor (v_pred) says so")
    if unet and main.class_name == "UNet2DConditionModel":
        lines.append("how many heads its attention has: shapes are the same for any number")
    if unet and "SDXL" in title:
        lines.append("which fine-tune it is: Pony, Illustrious and SDXL have the same tensors")
    return lines


def _hints(listing: Listing, markers: frozenset[str]) -> tuple[str, ...]:
    lines = list(hints.told(listing.metadata))
    target, sure = hints.prediction(markers, listing.metadata)
    if target and sure:
        lines.insert(0, f"marker tensors: it predicts {target}")
    named = hints.family(listing.name)
    if named:
        lines.append(f"file name: speaks of {named}")
    return tuple(lines)


def _warnings(
    listing: Listing, title: str, main: Component | None, against: Agreement | None, ema: int
) -> tuple[str, ...]:
    lines = list(hints.contradictions(listing.metadata, title))
    if listing.absent:
        size = (
            f"{exact(listing.absent)} bytes of its data are missing"
            if listing.absent > 1
            else "its end is missing"
        )
        lines.append(f"{size}: a header alone, or a download that was cut short")
    for name in listing.foreign:
        lines.append(
            f"its pickle refers to {name}, which loading it without weights_only would call; not run here"
        )
    if ema:
        lines.append(f"{exact(ema)} tensors are an averaged copy (EMA) of the network, not needed to run it")
    if against and not against.fits:
        lines.append(_unlike(against))
    if main and main.foreign:
        lines.append(f"{len(main.foreign)} tensors belong to no such network: {', '.join(main.foreign[:3])}")
    return tuple(lines)


def _unlike(agreement: Agreement) -> str:
    counts = (
        (len(agreement.missing), "missing"), (len(agreement.unexpected), "that it has not"),
        (len(agreement.reshaped), "of another shape"),
    )  # fmt: skip
    differences = ", ".join(f"{count} {what}" for count, what in counts if count)
    first = (*agreement.missing, *agreement.unexpected, *(name for name, _, _ in agreement.reshaped))[0]
    return f"not whole, or changed: of that network's tensors {differences}, for example {first}"


def _adapter(listing: Listing, adapter: Adapter, quantised: str) -> Answer:
    """The answer for LoRA and its kin."""
    base = adapter.base or "a network that is not known here"
    title = f"{adapter.method} for {base}"
    kind = "Control-LoRA" if adapter.method.startswith("Control") else "LoRA"
    return Answer(
        listing, kind, title, (adapter.why,), (), adapter, quantised=quantised,
        hints=_hints(listing, frozenset()), warnings=_warnings(listing, title, None, None, 0),
        unknowable=("which fine-tune it was trained on: the modules are the same",),
    )  # fmt: skip


def _control_lora(names: naming.Names) -> Adapter | None:
    """Adapters that say what they are by a marker of their own."""
    if "lora_controlnet" in names:
        base = "SDXL" if any(name.startswith("label_emb") for name in names) else "Stable Diffusion 1 or 2"
        return Adapter(
            "Control-LoRA", "LDM", base, "the marker tensor lora_controlnet", "control-lora", {}, 0, (), 0
        )
    if any(name.startswith("lllite_") for name in names):
        base = "Anima" if any("dit_blocks" in name for name in names) else "SDXL"
        return Adapter("ControlNet-LLLite", "kohya", base, "modules called lllite", "lllite", {}, 0, (), 0)
    return None


def _unknown(listing: Listing, names: naming.Names, parts: list[Component], quantised: str) -> Answer:
    """No answer, and what was seen: how the names begin."""
    starts = Counter(re.sub(r"\d+", "#", ".".join(name.split(".")[:2])) for name in names)
    mixed = parts[0] if parts else None
    why = (
        f"it has the tensors of a {mixed.title} and {len(mixed.foreign)} others among them"
        if mixed
        else "no network known here has tensors of these names",
    )
    return Answer(
        listing, UNKNOWN, UNKNOWN, why, (), None, (), None, quantised,
        tuple(components.runners_up(names, None)), hints=_hints(listing, frozenset()),
        warnings=_warnings(listing, UNKNOWN, None, None, 0), seen=tuple(starts.most_common(_SHOWN)),
    )  # fmt: skip
