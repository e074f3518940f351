"""The picture in words, for readers who cannot see it."""

from __future__ import annotations

from collections import Counter

from unetscope import units
from unetscope.analysis.cost.insight import insight
from unetscope.layout.chain.blocks import Chain, StageBlocks
from unetscope.model import Architecture
from unetscope.vocabulary import GLYPHS
from unetscope.words import caption
from unetscope.words.insight import of_network


def description(architecture: Architecture, drawn: Chain, layout: str) -> str:
    """What the picture shows, stage by stage."""
    parts = [f"{layout} diagram of {caption.of_network(architecture)}"]
    parts += [_stage(stage) for stage in drawn.stages]
    parts.append(of_network(insight(architecture), architecture.counting))
    return " ".join(part for part in parts if part)


def _stage(stage: StageBlocks) -> str:
    counts = Counter(block.kind for block in stage.blocks)
    blocks = ", ".join(GLYPHS[kind].words(count) for kind, count in counts.items())
    sizes = f", {units.dimensions(stage.output)} out" if stage.output else ""
    return (
        f"{stage.stage.name}: {blocks or 'no blocks'}{sizes}, {units.params(stage.cost.params)} parameters."
    )
