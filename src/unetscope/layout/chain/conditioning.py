"""What conditions a network: what time and the context are made of, which modules read them, words for it."""

from __future__ import annotations

from collections.abc import Mapping

from unetscope.analysis.cost.by_kind import STAGED
from unetscope.analysis.once import once
from unetscope.calls import Call, InputRole
from unetscope.families.module_names import PROJECTIONS, is_context_of_images
from unetscope.model import Architecture, Node, Stage
from unetscope.paths import parent
from unetscope.words import units

Reads = Mapping[str, frozenset[str]]
_NOTHING = frozenset[str]()
_TIME, _CONTEXT, _VECTOR = frozenset({"time"}), frozenset({"context"}), frozenset({"vector"})
"""What conditions; a vector is time, unless it is made to tokens before blocks read it."""
_POOLED_RANK = 2
"""Batch and width: what has tokens besides has one dimension more."""
_READ: dict[InputRole, frozenset[str]] = {
    "time": _TIME,
    "pooled text": _VECTOR,
    "image context": _VECTOR,
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
    origins = _origins(architecture, _inputs(architecture))
    reads: dict[str, frozenset[str]] = {}
    for call in architecture.calls:
        kinds = _read(call, origins)
        path = architecture.nodes[call.node].path
        while path and kinds and not kinds <= reads.get(path, frozenset()):
            reads[path] = reads.get(path, frozenset()) | kinds
            path = parent(path)
    return reads


def crosses(node: Node, reads: Reads) -> bool:
    """Whether an attention layer reads the context: one made for it attends to itself if given none."""
    return "context" in reads.get(node.path, frozenset())


def context_word(architecture: Architecture) -> str:
    """What the context is made of: "text", "image", "text and image", or "context" where unknown."""
    if architecture.input_of("image context") and is_context_of_images(architecture.config):
        return "image" if architecture.input_of("text context") is None else "text and image"
    if architecture.basis.tokens is not None:
        return "text"
    encoders = architecture.facts.text_encoders
    if not encoders:
        return "context"
    return "image" if all("image" in encoder for encoder in encoders) else "text"


def pooled_word(architecture: Architecture) -> str:
    """What pooled text is called: by CLIP where that is among the text encoders, since of those that networks
    read beside it none makes one vector of a text."""
    clip = any("CLIP" in encoder for encoder in architecture.facts.text_encoders)
    return "pooled CLIP" if clip else "pooled text"


def _inputs(architecture: Architecture, role: InputRole | None = None) -> dict[int, frozenset[str]]:
    """What the inputs are, or those of one role, as calls name them."""
    inputs = {
        ~index: input_ for index, input_ in enumerate(architecture.inputs) if role in (None, input_.role)
    }
    return {index: _READ.get(input_.role, _NOTHING) for index, input_ in inputs.items()}


def _origins(architecture: Architecture, known: Mapping[int, frozenset[str]]) -> dict[int, frozenset[str]]:
    """Kinds of input by what calls read: what is known of some, and results of calls outside the stages."""
    origins = dict(known)
    for index, call in enumerate(architecture.calls):
        kinds = _kinds(call, origins)
        if not kinds or index in known:
            continue
        stage = architecture.stage_of(architecture.nodes[call.node].path)
        if stage is None or stage.role == "conditioning":
            origins[index] = _made(architecture, call, stage, kinds)
    return origins


def _kinds(call: Call, origins: Mapping[int, frozenset[str]]) -> frozenset[str]:
    """What the tensors that a call reads were made of."""
    known = [origins[read] for read in call.reads if read in origins]
    return _NOTHING.union(*known) if known else _NOTHING


def _read(call: Call, origins: Mapping[int, frozenset[str]]) -> frozenset[str]:
    """What a call reads, time or context: a vector that no module made to tokens is part of time."""
    kinds = _kinds(call, origins)
    return kinds - _VECTOR | _TIME if kinds & _VECTOR else kinds


def _made(
    architecture: Architecture, call: Call, stage: Stage | None, kinds: frozenset[str]
) -> frozenset[str]:
    """What is made outside the stages of what is read: a context where that is a list of tokens, else part of
    the time embedding. The network's own operations only join, or make tokens of a vector, and a module that
    returns several tensors passes on what each was made from."""
    if stage is None:
        shapes = architecture.operations[call.operation].outputs
        has_tokens = bool(shapes) and len(shapes[0]) > _POOLED_RANK
        return _CONTEXT if has_tokens and "time" not in kinds else kinds
    node = architecture.by_path[stage.path]
    if node.output is None or len(node.returned) > 1:
        return kinds
    if len(node.output) > _POOLED_RANK:
        return _TIME if kinds == _TIME else _CONTEXT  # Chroma's approximator gives a vector a block
    return _VECTOR if kinds == _VECTOR else _TIME


_TOKENS_RANK = 3
_JOINS: dict[InputRole, str] = {
    "time": "time",
    "pooled text": "pooled text",
    "size": "size ids",
    "class": "class",
    "guidance": "guidance",
    "image context": "image",
}
"""What joins the time embedding, in words."""


def joins_time(architecture: Architecture) -> str:
    """What the time embedding t is made of: "time, pooled text, size ids"."""
    named = {**_JOINS, "pooled text": pooled_word(architecture)}
    return ", ".join(named[role] for role in joining(architecture))


def joining(architecture: Architecture) -> tuple[InputRole, ...]:
    """The inputs that the time embedding is made of, by what they mean."""
    leads = _leads(architecture)
    return tuple(role for role in _JOINS if role in leads and (role == "time" or leads[role] != _CONTEXT))


@once
def _leads(architecture: Architecture) -> dict[InputRole, frozenset[str]]:
    """What each input comes to blocks as, time or context; nothing where no block reads what it becomes."""
    roles = {input_.role for input_ in architecture.inputs} & set(_JOINS)
    return {role: _reached(architecture, _inputs(architecture, role)) for role in roles}


def comes_as(architecture: Architecture, stage: Stage) -> frozenset[str]:
    """What a module outside the stages makes for blocks or what stands behind them, time or context; nothing
    where it reads neither."""
    origins = _origins(architecture, _inputs(architecture))
    returned = architecture.by_path[stage.path].returned
    reached = _reached(architecture, {call: origins[call] for call in returned if call in origins})
    return reached or conditioned(architecture).get(stage.path, _NOTHING) & _TIME


def _reached(architecture: Architecture, known: Mapping[int, frozenset[str]]) -> frozenset[str]:
    """What blocks read of what is known."""
    origins = _origins(architecture, known)
    calls = (call for call in architecture.calls if _kinds(call, origins) and _staged(architecture, call))
    return _NOTHING.union(*(_read(call, origins) for call in calls))


def _staged(architecture: Architecture, call: Call) -> bool:
    stage = architecture.stage_of(architecture.nodes[call.node].path)
    return stage is not None and stage.role in STAGED


def is_context(architecture: Architecture) -> str:
    """What the context c is: "text 77×768"."""
    context = architecture.input_of("text context")
    word = context_word(architecture)
    named = {"pooled text": pooled_word(architecture), "image context": "image"}
    more = [word for role, word in named.items() if _leads(architecture).get(role) == _CONTEXT]  # type: ignore[call-overload]
    sentence = (
        f"{word} {units.dimensions(context.shape)}"
        if context and len(context.shape) == _TOKENS_RANK
        else word
    )
    return ", ".join([sentence, *(other for other in more if other not in word)])


def rail_widths(architecture: Architecture) -> tuple[int, int]:
    """The width of the time embedding and of the context as the blocks read them; 0 where there is none."""
    time, context = 0, 0
    given_text = architecture.input_of("text context")
    if given_text and len(given_text.shape) == _TOKENS_RANK:
        context = given_text.shape[-1]
    reads = conditioned(architecture)
    for stage in architecture.stages:
        output = architecture.by_path[stage.path].output
        if stage.role != "conditioning" or not output or stage.path not in reads:
            continue
        if len(output) == _TOKENS_RANK and (stage.path in PROJECTIONS or not given_text):
            context = output[-1]
        elif len(output) < _TOKENS_RANK:
            time = output[-1]
    return time, context


def conditions(architecture: Architecture) -> str:
    """What conditions the network in a sentence; "" where nothing does."""
    parts = [joins_time(architecture)]
    if any("context" in reads for reads in conditioned(architecture).values()):
        parts.append(is_context(architecture))
    sentence = "; ".join(part for part in parts if part)
    return f"Conditioned on {sentence}." if sentence else ""
