"""Which family a bundled model is of, when it came out, and what it was made from."""

from __future__ import annotations

from unetscope import zoo
from unetscope.model import Architecture
from unetscope.zoo import Preset


def rows(architecture: Architecture) -> list[tuple[str, str]]:
    """Name and value of what is known of a bundled model; none for any other network."""
    known = zoo.find(architecture.source)
    if known is None or known != architecture.id:
        return []
    preset = zoo.preset(known)
    return [("made from", made_from(preset)), ("family", family(preset))]


def family(preset: Preset) -> str:
    """Its family with the year of its release: "FLUX.1, 2024"."""
    return f"{preset.family}, {preset.year}" if preset.year else preset.family


def made_from(preset: Preset) -> str:
    """Its parents, each with the kind of step: "sdxl (inpainting)"."""
    return ", ".join(f"{one.id} ({one.step})" for one in preset.parents)
