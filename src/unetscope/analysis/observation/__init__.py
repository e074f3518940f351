"""What a network is, seen in the record of one forward alone: its running path, levels, stages, long skips.

Nothing here asks what a class or a module is called.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from unetscope.analysis.observation.blocks import blocks
from unetscope.analysis.observation.joins import Join, joins
from unetscope.analysis.observation.levels import levels
from unetscope.analysis.observation.members import places
from unetscope.analysis.observation.phases import ObservedStage, PathForm, form, stages
from unetscope.analysis.observation.regrouped import regrouped
from unetscope.analysis.observation.running_path import Path, running_path
from unetscope.model import Architecture


@dataclass(frozen=True)
class Observation:
    """What was seen of a network: its stages in order, its skips, and what that makes of it."""

    path: Path
    stages: tuple[ObservedStage, ...]
    joins: tuple[Join, ...]
    form: PathForm


def observation(architecture: Architecture) -> Observation | None:
    """Stages and skips from the record; None where no output is made of the sample."""
    path = running_path(architecture)
    if path is None:
        return None
    heights = levels(path)
    skips = joins(path, heights)
    parts = stages(blocks(path, heights, skips), skips, heights)
    return Observation(path, parts, skips, form(parts, skips)) if parts else None


def observed(architecture: Architecture) -> Architecture:
    """The architecture with its modules under the stages that were seen, as it is where none were."""
    seen = observation(architecture)
    if seen is None:
        return architecture
    network = regrouped(seen.path, seen.stages, places(seen.path, seen.stages, seen.joins), seen.joins)
    added = sum(skip.kind == "add" and skip.on_path for skip in network.skips)
    sums = (
        f"{added} of {len(network.skips)} skips are added to the running path, not concatenated"
        if added
        else ""
    )
    lines = tuple(line for line in (FORMS[seen.form], sums) if line)
    return replace(network, notes=(*lines, *network.notes))


FORMS: dict[PathForm, str] = {
    "u": "",
    "hourglass": "no U-Net: an encoder and a decoder without skips",
    "down": "no U-Net: it only goes down",
    "up": "no U-Net: it only goes up",
    "flat": "no U-Net: one resolution",
    "branches": "no U-Net: several branches, of which the longest is told stage by stage",
    "flat with skips": "one resolution, with skips",
}
"""A sentence for what is no U-Net."""
