"""What we know of a checkpoint beside its network. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Guidance: TypeAlias = Literal["cfg", "embedded", "none"]
"""How a model is guided: by a second forward without the prompt, by a scale it reads, or not at all."""


ON_HUB = "the Hub's "
"""How the provenance of a network begins that was read on the Hugging Face Hub."""


@dataclass(frozen=True, slots=True)
class ChannelGroup:
    """What a run of the network's input channels holds."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Parent:
    """What a model was made from, and by what kind of step: "fine-tune", "guidance distillation" …"""

    id: str
    step: str


@dataclass(frozen=True, slots=True)
class TrainingPhase:
    """One phase of a training: optimizer steps on images of `pixels` a side, on some data. `told` is what
    else distinguishes it: "v-objective", "inpainting".
    """

    steps: int | None = None
    pixels: int | None = None
    data: str | None = None
    told: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What we know of a checkpoint beside its network; empty or None means unknown.

    `latent` (height, width) and `tokens` are the sizes at which people use it, if config and class do not
    give them; `encoder_tokens` those that each text encoder reads. `steps` and `guidance` are how it is
    sampled, `experts` how many networks like it take turns in that. A model comes `from_scratch` or from
    `parents`, by `phases` in their order; `text_dropout` is the percentage of samples trained without their
    text, `training` what else is known of that; `hub` is the Hub's repository where it was published, in
    `year`. `provenance` is what a bundled model's config rests on, or the commit that was read on the Hub.
    `unread` holds the config's keys that say nothing of the network: `_diffusers_version` and unknown ones.
    """

    input_channels: tuple[ChannelGroup, ...] = ()
    prediction_type: str | None = None
    vae: str | None = None
    vae_factor: int | None = None
    latent: tuple[int, int] | None = None
    tokens: int | None = None
    text_encoders: tuple[str, ...] = ()
    encoder_tokens: tuple[int, ...] = ()
    scheduler: str | None = None
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
    aliases: tuple[str, ...] = ()
    provenance: str | None = None
    unread: dict[str, Any] = field(default_factory=dict)


def is_bundled(facts: Facts) -> bool:
    """Whether the facts are those of a bundled model, all of which say what they rest on."""
    return facts.provenance is not None and not facts.provenance.startswith(ON_HUB)


def pixel_factor(facts: Facts, channels: object) -> int | None:
    """Pixels of the image for one cell of a network's input, along a side; None if unknown.

    A VAE gives its own. Without one, an input of 1 or 3 channels is the image itself: 1.
    """
    if facts.vae is None and facts.vae_factor is None and channels in (1, 3):
        return 1
    return facts.vae_factor


@dataclass(frozen=True, slots=True)
class Kinship:
    """How two models are related: what both come from, and the steps from there to each.

    A step's `id` is what came out of it. No steps to A: B comes from A itself.
    """

    common: str
    to_a: tuple[Parent, ...]
    to_b: tuple[Parent, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a file of adapters reaches into a part of a network: how many of its layers it changes, the
    weights of these, and the ranks it changes them by, the largest first; () where it has none."""

    path: str
    name: str
    layers: int
    layers_in_all: int
    weights: int
    params: int
    ranks: tuple[int, ...]

    @property
    def share(self) -> float:
        """Of the part's parameters, those of layers that are changed."""
        return self.weights / self.params if self.params else 0.0


@dataclass(frozen=True, slots=True)
class Overlay:
    """What a file of adapters changes in a network: by stage, in the order of the forward, and by block of
    each. `what` says what it is; `elsewhere` counts layers of text encoders."""

    file: str
    what: str
    network: str
    whole: Reach
    stages: tuple[Reach, ...]
    blocks: Mapping[str, tuple[Reach, ...]]
    elsewhere: int = 0

    def records(self) -> list[dict[str, Any]]:
        """A dict for each stage: `pandas.DataFrame(overlay.records())`."""
        return [{name: getattr(stage, name) for name in (*Reach.__slots__, "share")} for stage in self.stages]


@dataclass(frozen=True, slots=True)
class Joint:
    """A place where a ControlNet adds a tensor to its base: `layer` of the ControlNet makes it. It is added
    to the skip from `into` to `target`, or to what `into` returns, where `target` is "". `stage` is that of
    `into`, by its path; `channels` are those of the tensor, or the width of tokens."""

    layer: str
    stage: str
    into: str
    target: str
    channels: int


@dataclass(frozen=True, slots=True)
class ControlJoints:
    """Where a ControlNet joins a network, in the order of the forward. `what` says what it is, `params` how
    large, None where some shape is not known; `stages` are the names of the base's stages, by path."""

    file: str
    what: str
    network: str
    params: int | None
    stages: Mapping[str, str]
    joints: tuple[Joint, ...]

    def records(self) -> list[dict[str, Any]]:
        """A dict for each joint: `pandas.DataFrame(found.records())`."""
        return [{name: getattr(joint, name) for name in Joint.__slots__} for joint in self.joints]
