"""Where every number of a page comes from, entry by entry; the figures link to these."""

from __future__ import annotations

from typing import Any

from unetscope.analysis.remarks import remarks
from unetscope.model import Architecture
from unetscope.render import text
from unetscope.words import basis, units
from unetscope.words.safe import clean

_TOLD = frozenset({"parameters", "MACs", "counted", "basis", "notes", "hint"})
"""What the entries above the facts say already."""


def values(architecture: Architecture) -> dict[str, Any]:
    """Values of part_provenance.html.j2."""
    return {"entries": [(name, title, clean(content)) for name, title, content in _entries(architecture)]}


def known(architecture: Architecture) -> dict[str, Any]:
    """Values of part_facts.html.j2: what is known of the checkpoint beside its figures."""
    facts = text.facts(architecture)
    return {"facts": [(name, clean(value)) for name, value in facts if name not in _TOLD]}


def _entries(architecture: Architecture) -> list[tuple[str, str, str]]:
    """Id, heading and text of how each kind of figure is known."""
    tensors = [tensor for tensor in architecture.tensors if tensor.role == "parameter"]
    counted = basis.counted(architecture.counting, architecture.uncounted, basis.beside(architecture))
    entries = [
        (
            "parameters",
            "Parameters",
            f"The elements of all {units.exact(len(tensors))} parameters of the {architecture.class_name}, "
            "built by diffusers from its config on torch's meta device. Buffers are no parameters.",
        ),
        (
            "macs",
            "MACs and FLOPs",
            f"Every operation of one recorded forward at {basis.full(architecture)}; {counted}.",
        ),
        ("shapes", "Shapes and skips", "As recorded in that forward; the batch is left out."),
        (
            "memory",
            "Memory",
            f"Weights: parameters × bytes of {architecture.basis.dtype}. Activations: the recorded life of "
            "every storage in that forward, its inputs included, attention fused, without the weights.",
        ),
    ]
    if architecture.scaling is not None:
        formula = "Exact polynomials, learned from traces and verified on sizes not used to learn them."
        entries.append(("formula", "Cost over size", formula))
    noted = "; ".join(remarks(architecture))
    return [*entries, ("notes", "Notes", noted)] if noted else entries
