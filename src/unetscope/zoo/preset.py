"""What a preset's data file holds, and reading one strictly. Knows nothing of diffusers or of traces."""

from __future__ import annotations

from typing import Any

import msgspec

from unetscope.model import ChannelGroup, Facts
from unetscope.spec import Spec


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One model of the zoo, as its data file states it.

    A file either writes its `config` out, or names another preset that does (`same_as`), with the
    `overrides` that make the difference; `zoo.preset` returns it with `config` filled in. `input_channels`
    are the runs of input channels, in order; `vae` has the words that `sources.folder` finds for a VAE's
    config; `vae_factor` is pixels per latent cell, 1 for models that work on pixels; `latent` and `tokens`
    are the size at which people use the model, if config and class do not give it; `provenance` says what
    the config rests on. A file leaves out what we do not know.
    """

    id: str
    title: str
    class_name: str
    aliases: tuple[str, ...] = ()
    same_as: str | None = None
    overrides: dict[str, Any] = {}
    config: dict[str, Any] = {}
    input_channels: tuple[ChannelGroup, ...] = ()
    prediction_type: str | None = None
    scheduler: str | None = None
    vae: str | None = None
    vae_factor: int | None = None
    latent: tuple[int, int] | None = None
    tokens: int | None = None
    text_encoders: tuple[str, ...] = ()
    licence: str | None = None
    training: str | None = None
    provenance: str


def read(data: bytes, *, id: str) -> Preset:
    """A preset from the bytes of its data file.

    Raises ValueError if the file breaks the schema, has another id, or does not give its config in exactly
    one way.
    """
    preset = msgspec.json.decode(data, type=Preset)
    if preset.id != id:
        raise ValueError(f"preset {id}: the file says its id is {preset.id}")
    if bool(preset.config) == bool(preset.same_as) or (preset.config and preset.overrides):
        raise ValueError(f"preset {id}: give either config, or same_as with overrides")
    return preset


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
        scheduler=preset.scheduler,
        licence=preset.licence,
        training=preset.training,
        aliases=preset.aliases,
        provenance=preset.provenance,
    )


def spec(preset: Preset) -> Spec:
    """The network to build for a preset whose config is filled in."""
    return Spec(
        id=preset.id,
        title=preset.title,
        source=preset.id,
        class_name=preset.class_name,
        config=preset.config,
        facts=facts(preset),
    )
