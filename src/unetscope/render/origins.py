"""Which family a bundled model is of, where its facts were read, and how two of them are related."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unetscope import zoo
from unetscope.model import Architecture
from unetscope.words import lineage
from unetscope.zoo import Preset, kinship
from unetscope.zoo.licences import licence_text

LICENCE_TEXT = "licence text"
_WORDS = {
    "prediction_type": "prediction type",
    "vae": "VAE",
    "vae_factor": "VAE factor",
    "encoder_tokens": "tokens of encoders",
    "text_encoders": "text encoders",
    "text_dropout": "text dropout",
    "from_scratch": "start",
    "hub": "repository",
    "input_channels": "input channels",
    "phases": "steps, sizes and data",
}


def bundled(architecture: Architecture) -> Preset | None:
    """The preset that an architecture is, untouched; None for any other network."""
    known = zoo.find(architecture.source)
    return zoo.preset(known) if known is not None and known == architecture.id else None


def rows(architecture: Architecture) -> list[tuple[str, str]]:
    """Name and value of what is known of a bundled model; none for any other network."""
    preset = bundled(architecture)
    return [("family", preset.family), ("second-hand", second_hand(preset))] if preset else []


def second_hand(preset: Preset) -> str:
    """The facts of a model that we did not read where its makers published them: "licence, year"."""
    return ", ".join(word(name) for source in preset.sources if source.second_hand for name in source.of)


def address(licence: str | None) -> str:
    """Where the text of a licence stands, and whether that was read second-hand; "" where it is unknown."""
    place = licence_text(licence)
    return "" if place is None else place.text + (" (second-hand)" if place.second_hand else "")


def word(name: str) -> str:
    """A fact's name in words."""
    return _WORDS.get(name, name)


def sources(preset: Preset) -> Iterator[tuple[str, str]]:
    """What facts, in words, and where they were read."""
    yield "network", preset.provenance
    for source in preset.sources:
        by = f"as {source.taken_from} has it: " if source.taken_from else ""
        mark = "second-hand: " if source.second_hand else ""
        yield ", ".join(map(word, source.of)), mark + by + source.where
    if place := licence_text(preset.licence):
        yield LICENCE_TEXT, ("second-hand: " if place.second_hand else "") + place.where


def related(a: Architecture, b: Architecture) -> str:
    """How two bundled models are related, in words; "" where that is not known, and for other networks."""
    first, second = bundled(a), bundled(b)
    if first is None or second is None:
        return ""
    relation = kinship.kinship(first.id, second.id)
    return lineage.related(relation, first.id, second.id) if relation else ""


def relations(networks: Sequence[Architecture]) -> list[str]:
    """How each of some networks is related to its nearest relative before it."""
    sentences = []
    for at, network in enumerate(networks):
        candidates = [
            (steps(other, network), related(other, network))
            for other in networks[:at]
            if related(other, network)
        ]
        sentences += [min(candidates, key=lambda pair: pair[0])[1]] if candidates else []
    return sentences


def steps(a: Architecture, b: Architecture) -> int:
    """How many steps lie between two bundled models that are related."""
    relation = kinship.kinship(a.id, b.id)
    return len(relation.to_a) + len(relation.to_b) if relation else 0
