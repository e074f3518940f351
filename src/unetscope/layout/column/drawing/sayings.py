"""What a column says in words: its title lines, one sentence on what is spent, its legend and its
description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from unetscope.cost import Cost, Counting
from unetscope.layout.column.drawing.flowchart import ColumnNetwork
from unetscope.layout.column.drawing.spent import KINDS
from unetscope.layout.column.drawing.stack_card import title_of
from unetscope.layout.column.reading.cells import Cell
from unetscope.layout.parts.scale import CostScale
from unetscope.model import Architecture
from unetscope.words import caption, units
from unetscope.words.conventions import forwards

_ROPE_KEYS = ("axes_dims_rope", "axes_dim_rope", "axes_dims", "rope_axes_dim")
_NAMES = {
    "projection": ("Attention's projections", True),
    "scores": ("QKᵀ and PV", True),
    "feed-forward": ("The MLPs", True),
    "modulation": ("Modulation", False),
    "norm": ("Norms", True),
    "layers": ("Other layers", True),
    "outside": ("What stands outside the blocks", False),
}


def per_forward(counting: Counting) -> str:
    """What the work is of: "per forward", "for 50 forwards (25 steps × 2 for guidance)"."""
    return "per forward" if counting.forwards == 1 else f"for {forwards(counting)}"


def counts_line(architecture: Architecture, scale: CostScale) -> str:
    """Parameters and work of the whole network."""
    work = f"{scale.work_with_unit(architecture.cost)} {per_forward(architecture.counting)}"
    return f"{units.params(architecture.cost.params)} parameters · {work}"


def sentence(spent: Mapping[str, Cost], whole: Cost, scale: CostScale, word: str) -> str:
    """Where the share of parameters is furthest from that of the work; `word` is what feed-forward parts
    are called."""
    if not whole.params or not whole.total(scale.unit):
        return ""

    def apart(kind: str) -> float:
        cost = spent[kind]
        return abs(cost.params / whole.params - cost.total(scale.unit) / whole.total(scale.unit))

    most = max((kind for kind in spent if kind in KINDS), key=apart, default="")
    if not most:
        return ""
    params, work = scale.shares(spent[most])
    name, several = _NAMES[most]
    if most == "feed-forward" and word != "MLP":
        name, several = (f"The {word}", True) if word.endswith("s") else (word, False)
    if not spent[most].params:
        return f"{name} take {work} of the {scale.heading} without a parameter."
    verb, taken = ("hold", "take") if several else ("holds", "takes")
    return f"{name} {verb} {params} of the parameters and {taken} {work} of the {scale.heading}."


def remarks_of(network: ColumnNetwork) -> list[str]:
    """What the letters mean: t, c, RoPE."""
    letters = []
    blocks = sum(len(run.blocks.paths) for run in network.runs)
    modulated = sum(len(run.blocks.paths) for run in network.runs if "t" in _letters(run.inside.cells))
    ends = " and the end" if any(module.reads_t for module in network.of("end")) else ""
    if modulated:
        letters.append(
            f"t modulates {'all' if modulated == blocks else f'{modulated} of'} {blocks} blocks{ends}"
        )
    looking = sum(len(run.blocks.paths) for run in network.runs if "c" in _letters(run.inside.cells))
    if looking:
        letters.append(f"c is what the cross-attention of {looking} blocks looks at")
    if any("RoPE" in note for run in network.runs for cell in run.inside.cells for note in cell.notes):
        letters.append(f"RoPE turns Q, K by position{_axes(network.architecture)}")
    return letters


def _letters(cells: Iterable[Cell]) -> set[str]:
    return {letter for cell in cells for letter in cell.reads}


def _axes(architecture: Architecture) -> str:
    """How a head's dimensions are split between axes: ", 16 + 56 + 56 of 128"."""
    for key in _ROPE_KEYS:
        value = architecture.config.get(key)
        if isinstance(value, list | tuple) and value and all(isinstance(size, int) for size in value):
            return f", {' + '.join(map(str, value))} of {sum(value)}"
    return ""


def described(network: ColumnNetwork) -> str:
    """The picture in words, for readers who cannot see it."""
    parts = [f"Column diagram of {caption.of_network(network.architecture)}"]
    for run in network.runs:
        lanes = " and ".join(f"{lane.word} {lane.extent}" for lane in run.inside.lanes)
        inside = ", ".join(
            dict.fromkeys(cell.title for cell in run.inside.cells if cell.kind in ("scores", "feed-forward"))
        )
        parts.append(
            f"{title_of(run)}: {lanes}; {inside}; {units.params(run.blocks.cost.params)} parameters."
        )
    return " ".join(parts)
