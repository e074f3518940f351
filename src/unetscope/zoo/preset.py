"""What a preset's data file holds, and reading one strictly. Knows nothing of diffusers or of traces."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Set
from typing import Any

import msgspec

from unetscope.checkpoint import ChannelGroup, Facts, Guidance, Parent, TrainingPhase
from unetscope.spec import Spec

_GROUPS = {
    "Stable Diffusion 1": ("Stable Diffusion 1",),
    "Stable Diffusion 2": ("Stable Diffusion 2",),
    "Stable Diffusion XL": ("Stable Diffusion XL",),
    "other UNets": ("Kandinsky", "Stable Cascade", "DDPM"),
    "image transformers": (
        "Stable Diffusion 3", "FLUX.1", "FLUX.2", "Chroma", "SANA", "PixArt", "DiT", "HunyuanDiT", "Lumina",
        "AuraFlow", "CogView", "Qwen-Image", "Z-Image", "HiDream", "HunyuanImage", "OmniGen", "Krea",
    ),
    "video": (
        "Stable Video Diffusion", "CogVideoX", "Mochi", "LTX-Video", "HunyuanVideo", "Wan", "Allegro",
        "ModelScope",
    ),
    "ControlNets": ("ControlNet",),
    "autoencoders": ("autoencoders",),
}  # fmt: skip
FAMILIES = {family: group for group, families in _GROUPS.items() for family in families}
"""What `family` may be, in the order in which lists show them, and the group of families it belongs to."""

OWN = frozenset(
    "id title aliases same_as overrides config training from_scratch parents phases text_dropout hub year "
    "provenance sources".split()
)
"""What a preset never takes from the one it is the `same_as`."""

NAMES = frozenset("id title family class_name aliases same_as overrides config unpublished".split())
"""Fields that are no facts of a source's, or that `provenance` speaks of."""


class FactSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where some facts were read, by the names of their fields.

    `second_hand` where that is not what the makers published; `taken_from` is the preset whose file states
    them, where it is another one (`same_as`).
    """

    of: tuple[str, ...]
    where: str
    second_hand: bool = False
    taken_from: str | None = None


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One model of the zoo, with all that its data file takes from another filled in.

    A file either writes its `config` out or names another preset (`same_as`): then it states only what
    differs, `overrides` of the config and whichever facts are not those of the other; null for a fact of
    the other that is not known here. A model of which no network is known has neither, and `unpublished`
    says why.

    `input_channels` are the runs of input channels, in order; `vae` has the words that `sources.folder` finds
    for a VAE's config; `vae_factor` is pixels per latent cell, 1 for models that work on pixels; `latent` and
    `tokens` are the size at which people use the model, if config and class do not give it; `encoder_tokens`
    are those that each of `text_encoders` reads. `steps` and `guidance` are as its card or its pipeline's
    defaults say; `experts` is how many networks like it take turns. `from_scratch`, `parents`, `phases`,
    `text_dropout` (in per cent) and `training` say how it came to be, `hub` and `year` where it was published
    and when. `provenance` says what the config rests on, `sources` where each other fact was read. A file
    leaves out what we do not know.
    """

    id: str
    title: str
    family: str
    class_name: str
    aliases: tuple[str, ...] = ()
    same_as: str | None = None
    overrides: dict[str, Any] = {}
    config: dict[str, Any] = {}
    unpublished: str | None = None
    input_channels: tuple[ChannelGroup, ...] = ()
    prediction_type: str | None = None
    scheduler: str | None = None
    vae: str | None = None
    vae_factor: int | None = None
    latent: tuple[int, int] | None = None
    tokens: int | None = None
    text_encoders: tuple[str, ...] = ()
    encoder_tokens: tuple[int, ...] = ()
    steps: int | None = None
    guidance: Guidance | None = None
    experts: int | None = None
    licence: str | None = None
    training: str | None = None
    from_scratch: bool | None = None
    parents: tuple[Parent, ...] = ()
    phases: tuple[TrainingPhase, ...] = ()
    text_dropout: int | None = None
    hub: str | None = None
    year: int | None = None
    provenance: str
    sources: tuple[FactSource, ...] = ()


def read(data: bytes, *, id: str, find: Callable[[str], Preset] | None = None) -> Preset:
    """A preset from the bytes of its data file; `find` gives the one that it is the `same_as`.

    Raises ValueError if the file breaks the schema, has another id, or does not give its config in exactly
    one way.
    """
    stated = msgspec.json.decode(data, type=dict[str, Any])
    if stated.get("id") != id:
        raise ValueError(f"preset {id}: the file says its id is {stated.get('id')}")
    ways = sum(bool(stated.get(way)) for way in ("config", "same_as", "unpublished"))
    if ways != 1 or (stated.get("overrides") and not stated.get("same_as")):
        raise ValueError(f"preset {id}: give one of config, same_as (with overrides) and unpublished")
    taken = _taken(stated, find)
    sources = (*stated.get("sources", ()), *_sources_taken(taken.keys() - stated.keys(), stated, find))
    return msgspec.convert(taken | stated | _config(stated, find) | {"sources": sources}, type=Preset)


def _taken(stated: dict[str, Any], find: Callable[[str], Preset] | None) -> dict[str, Any]:
    """The facts of the preset named by `same_as`, as plain data."""
    if not stated.get("same_as") or find is None:
        return {}
    plain: dict[str, Any] = msgspec.to_builtins(find(stated["same_as"]))
    return {name: value for name, value in plain.items() if name not in OWN}


def _sources_taken(
    names: Set[str], stated: dict[str, Any], find: Callable[[str], Preset] | None
) -> Iterator[dict[str, Any]]:
    """Where the facts taken from the other preset were read."""
    if not stated.get("same_as") or find is None:
        return
    names = names - {name for source in stated.get("sources", ()) for name in source["of"]}
    for source in find(stated["same_as"]).sources:
        taken = tuple(name for name in source.of if name in names)
        if taken:
            origin = source.taken_from or stated["same_as"]
            plain: dict[str, Any] = msgspec.to_builtins(source)
            yield plain | {"of": taken, "taken_from": origin}


def _config(stated: dict[str, Any], find: Callable[[str], Preset] | None) -> dict[str, Any]:
    """The config as it is built: that of the preset named by `same_as`, with the overrides."""
    if not stated.get("same_as") or find is None:
        return {}
    return {"config": find(stated["same_as"]).config | stated.get("overrides", {})}


def facts(preset: Preset) -> Facts:
    """What the preset knows of its model beside the network."""
    return Facts(
        input_channels=preset.input_channels,
        prediction_type=preset.prediction_type,
        vae=preset.vae,
        vae_factor=preset.vae_factor,
        latent=preset.latent,
        tokens=preset.tokens,
        text_encoders=preset.text_encoders,
        encoder_tokens=preset.encoder_tokens,
        scheduler=preset.scheduler,
        steps=preset.steps,
        guidance=preset.guidance,
        experts=preset.experts,
        licence=preset.licence,
        training=preset.training,
        from_scratch=preset.from_scratch,
        parents=preset.parents,
        phases=preset.phases,
        text_dropout=preset.text_dropout,
        hub=preset.hub,
        year=preset.year,
        aliases=preset.aliases,
        provenance=preset.provenance,
    )


def spec(preset: Preset) -> Spec:
    """The network to build for a preset that has one."""
    return Spec(
        id=preset.id,
        title=preset.title,
        source=preset.id,
        class_name=preset.class_name,
        config=preset.config,
        facts=facts(preset),
    )


def network_key(preset: Preset) -> str:
    """The name of a network's trace: a hash of its class, its config and the size it is used at.

    Presets that differ in facts alone share it.
    """
    identity = [preset.class_name, preset.config, preset.latent, preset.tokens]
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
