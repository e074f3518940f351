"""What each module reads from outside the stages: the time embedding, the context, both or nothing."""

from __future__ import annotations

from collections.abc import Mapping

from unetscope.analysis.once import once
from unetscope.calls import Call, InputRole
from unetscope.families.module_names import is_context_of_images
from unetscope.model import Architecture, Node, Stage
from unetscope.paths import parent

Reads = Mapping[str, frozenset[str]]
_NOTHING = frozenset[str]()
_TIME, _CONTEXT = frozenset({"time"}), frozenset({"context"})
_POOLED_RANK = 2
"""Batch and width: what has tokens besides has one dimension more."""
_READ: dict[InputRole, frozenset[str]] = {
    "time": _TIME,
    "pooled text": _TIME,
    "image context": _TIME,
    "class": _TIME,
    "guidance": _TIME,
    "size": _TIME,
    "text context": _CONTEXT,
}
"""What reading an input means. What is pooled joins the time embedding; a mask, positions and options
condition nothing, nor does the image of a ControlNet, which is added to the sample."""


@once
def conditioned(architecture: Architecture) -> Reads:
    """For each module path "time", "context" or both; paths that read neither are left out."""
    origins = _origins(architecture)
    reads: dict[str, frozenset[str]] = {}
    for call in architecture.calls:
        found = _read(call, origins)
        path = architecture.nodes[call.node].path
        while path and found and not found <= reads.get(path, frozenset()):
            reads[path] = reads.get(path, frozenset()) | found
            path = parent(path)
    return reads


def crosses(node: Node, reads: Reads) -> bool:
    """Whether an attention layer reads the context: one made for it attends to itself if given none."""
    return "context" in reads.get(node.path, frozenset())


def context_word(architecture: Architecture) -> str:
    """What the context is made of: "text", "image", "text and image", or "context" where unknown."""
    if architecture.input_of("image context") and is_context_of_images(architecture.config):
        return "image" if architecture.input_of("text context") is None else "text and image"
    return "text" if architecture.basis.tokens is not None else "context"


def _origins(architecture: Architecture) -> dict[int, frozenset[str]]:
    """Kinds of input by what calls read: the inputs themselves, and results of calls outside the stages."""
    origins = {~index: _READ.get(one.role, _NOTHING) for index, one in enumerate(architecture.inputs)}
    for index, call in enumerate(architecture.calls):
        read = _read(call, origins)
        if not read:
            continue
        stage = architecture.stage_of(architecture.nodes[call.node].path)
        if stage is None or stage.role == "conditioning":
            origins[index] = _made(architecture, stage, read)
    return origins


def _read(call: Call, origins: Mapping[int, frozenset[str]]) -> frozenset[str]:
    """What the tensors that a call reads were made of."""
    known = [origins[read] for read in call.reads if read in origins]
    return _NOTHING.union(*known) if known else _NOTHING


def _made(architecture: Architecture, stage: Stage | None, read: frozenset[str]) -> frozenset[str]:
    """What a module outside the stages makes of what it reads: a context where that is a list of tokens,
    else part of the time embedding, even where that is pooled from the text. The network's own operations
    only join, and a module that returns several tensors passes on what each was made from."""
    if stage is None or not read:
        return read
    node = architecture.by_path[stage.path]
    if node.output is None or len(node.returned) > 1:
        return read
    return _CONTEXT if len(node.output) > _POOLED_RANK else _TIME
