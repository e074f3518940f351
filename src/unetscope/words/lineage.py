"""How a checkpoint came to be, in words: from what, by which kind of step, on what and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from unetscope.checkpoint import Facts, Kinship, Parent, TrainingPhase
from unetscope.words import units

SCRATCH = "from scratch"


def made_from(facts: Facts) -> str:
    """Its parents, each with the kind of step: "sdxl (inpainting)"; "from scratch" of the first of a line."""
    parents = ", ".join(f"{parent.id} ({parent.step})" for parent in facts.parents)
    return parents or (SCRATCH if facts.from_scratch else "")


def training(facts: Facts) -> str:
    """All that is known of the training in a line: its phases, the text left out, the rest."""
    phases = ", then ".join(phase(step) for step in facts.phases)
    dropout = f"{facts.text_dropout} % text dropout" if facts.text_dropout else ""
    first = "; ".join(part for part in (phases, dropout) if part)
    return " ".join(part for part in (first and f"{first[:1].upper()}{first[1:]}.", facts.training) if part)


def course(facts: Facts) -> str:
    """The phases without their data: "150,000 steps (v-objective), then 140,000 steps at 768 px"."""
    return ", then ".join(filter(None, (phase(replace(step, data=None)) for step in facts.phases)))


def published(facts: Facts) -> str:
    """Where and when: "runwayml/stable-diffusion-v1-5, 2022"."""
    return ", ".join(str(part) for part in (facts.hub, facts.year) if part)


def phase(phase: TrainingPhase) -> str:
    """One part of a training: "595,000 steps at 512 px on laion-aesthetics v2 5+"."""
    parts = (
        phase.steps and f"{units.exact(phase.steps)} steps",
        phase.pixels and f"at {phase.pixels} px",
        phase.data and f"on {phase.data}",
        phase.told and f"({phase.told})",
    )
    return " ".join(part for part in parts if part)


def related(kinship: Kinship, a: str, b: str) -> str:
    """How two models are related: "sd15 was made from sd12 by fine-tune"."""
    if not kinship.to_a:
        return _descended(b, a, kinship.to_b)
    if not kinship.to_b:
        return _descended(a, b, kinship.to_a)
    if len(kinship.to_a) == len(kinship.to_b) == 1:
        both = f"{a} by {kinship.to_a[0].step}, {b} by {kinship.to_b[0].step}"
        return f"both were made from {kinship.common}: {both}"
    return f"both come from {kinship.common}: {steps(kinship.to_a)}; {steps(kinship.to_b)}"


def _descended(young: str, old: str, way: Sequence[Parent]) -> str:
    if len(way) == 1:
        return f"{young} was made from {old} by {way[0].step}"
    return f"{young} comes from {old}: {steps(way)}"


def steps(parents: Sequence[Parent]) -> str:
    """Steps one after the other, each with what came out of it: "fine-tune (sd12), inpainting (…)"."""
    return ", then ".join(f"{parent.step} ({parent.id})" for parent in parents)
