"""What stands outside the stacks: what makes t and c and the streams of tokens, and the layers at the
end.

We recognise each module by what it descends from: time, guidance, pooled text make t; the text's tokens are a
stream or c; the sample's are the image. Nothing is known of a class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from unetscope.cost import Cost, total
from unetscope.layout.chain.conditioning import pooled_word
from unetscope.layout.column.reading.block_calls import BlockCalls
from unetscope.layout.column.reading.feed_forward import form_of, widths_of
from unetscope.layout.column.reading.tokens import WORD_OF, Descent, shape_of
from unetscope.model import Architecture, Node
from unetscope.sizes import Shape
from unetscope.vocabulary import kind_of

Purpose: TypeAlias = Literal["t", "text", "image", "positions", "end", "other"]
MODULATING = ("time", "guidance", "pooled text", "class", "size")
"""What modulates blocks, in the order in which we name it."""
_TOKENS = 3
"""The rank of a tensor with tokens: batch, tokens, width."""


@dataclass(frozen=True, slots=True)
class Outside:
    """One module outside the stacks, or several equal ones. `made` is the shape of what it returns;
    `form` its layers in a few words and `norm` its last norm, where it has them; `reads_t` says that t
    modulates it."""

    purpose: Purpose
    name: str
    type: str
    form: str
    made: Shape
    inputs: tuple[int, ...]
    cost: Cost
    count: int = 1
    reads_t: bool = False
    path: str = ""
    norm: str = ""


def outside_of(architecture: Architecture, descent: Descent, last: int) -> tuple[Outside, ...]:
    """Every module outside the stacks in the order of the forward; `last` is the last call of the last
    stack."""
    modules: list[Outside] = []
    for stage in architecture.stages:
        if stage.role not in ("body", "down", "mid", "up"):
            modules += _split(architecture, descent, architecture.by_path[stage.path], last)
    return tuple(_together(_modulated_between(architecture, descent, modules, last)))


def _modulated_between(
    architecture: Architecture, descent: Descent, outsides: Sequence[Outside], last: int
) -> list[Outside]:
    """The modules, those with a norm behind the stacks as ones that t modulates where the network itself, and
    none of them, scales and shifts what comes out (Wan, PixArt)."""
    ends = [outside for outside in outsides if outside.purpose == "end"]
    own = architecture.calls_of.get("", ())
    between = [call for call in own if call > last and "sample" in descent.roles(call)]
    if any(end.reads_t for end in ends) or not _reads_t(architecture, descent, between):
        return [*outsides]
    return [
        replace(outside, reads_t=True) if outside in ends and outside.norm else outside
        for outside in outsides
    ]


def _split(architecture: Architecture, descent: Descent, node: Node, last: int) -> Iterator[Outside]:
    """A module, or its children where what it returns are several things (Wan's time and text)."""
    calls = BlockCalls(architecture, node.path, descent).calls
    if not calls:
        if architecture.costs[node.path].params:
            yield Outside(
                "other", node.path, node.type, "", (), (), architecture.costs[node.path], path=node.path
            )
        return
    returned = [call for call in node.returned if call >= 0] or calls[-1:]
    shapes = (
        [node.output]
        if node.output and len(returned) == 1
        else [shape_of(architecture, call) for call in returned]
    )
    purposes = Counter(
        _purpose(descent, call, tokens=_many(shape, architecture.basis.batch), last=last)
        for call, shape in zip(returned, shapes, strict=True)
    )
    children = architecture.children[node.path]
    if len(purposes) > 1 and children:
        for child in children:
            yield from _split(architecture, descent, child, last)
        return
    purpose = "end" if calls[0] > last else purposes.most_common(1)[0][0]
    yield Outside(
        purpose,
        node.path,
        node.type,
        _form(BlockCalls(architecture, node.path, descent), calls),
        shapes[0],
        tuple(sorted({index for call in returned for index in descent.inputs(call)})),
        architecture.costs[node.path],
        reads_t=_reads_t(architecture, descent, calls),
        path=node.path,
        norm=_norm(architecture, node.path),
    )


def _many(shape: Shape, batch: int) -> bool:
    """Whether a tensor holds several tokens; matmuls flatten the batch and the tokens."""
    return len(shape) > 1 and shape[0] > batch if len(shape) < _TOKENS else max(shape[1:-1]) > 1


def _purpose(descent: Descent, call: int, *, tokens: bool, last: int) -> Purpose:
    if call > last:
        return "end"
    roles = descent.roles(call)
    if "sample" in roles or (roles & {"control", "audio"} and tokens):
        return "image"
    if tokens and roles & {"text context", "image context"}:
        return "text"
    if not roles - {"ids", "rope", "mask", "option"}:
        return "positions"
    return "t"


def _form(block: BlockCalls, calls: Sequence[int]) -> str:
    """The layer of a module in a few words; for several layers, what goes in and out: "MLP 2304 → 2240"."""
    layers = [call for call in calls if block.multiplies(call)]
    if len(layers) < 2:
        return form_of(block, layers[0]) if layers else ""
    width_in, width_out = widths_of(block, layers[0])[0], widths_of(block, layers[-1])[1]
    return (
        f"MLP {width_in} → {width_out}"
        if len(layers) == 2
        else f"{len(layers)} layers, {width_in} → {width_out}"
    )


def _norm(architecture: Architecture, path: str) -> str:
    """The last norm of a module."""
    norms = [node.type for node in architecture.below(path) if kind_of(node.type) == "norm"]
    return norms[-1].removeprefix("FP32") if norms else ""


def _reads_t(architecture: Architecture, descent: Descent, calls: Sequence[int]) -> bool:
    """Whether a module reads from outside something that descends from time and not from the sample."""
    own = set(calls)
    reads = {read for call in calls for read in architecture.calls[call].reads if read not in own}
    return any("time" in descent.roles(read) and "sample" not in descent.roles(read) for read in reads)


def _together(outsides: Sequence[Outside]) -> Iterator[Outside]:
    """Equal modules of one list as one (HiDream's 49 projections of the text)."""
    groups: dict[tuple[str, str, Purpose], list[Outside]] = {}
    for outside in outsides:
        above, _, name = outside.name.rpartition(".")
        key = above if name.isdecimal() and above else outside.name
        groups.setdefault((key, outside.type, outside.purpose), []).append(outside)
    for (name, kind, purpose), members in groups.items():
        first = members[0]
        yield Outside(
            purpose,
            name,
            kind,
            first.form,
            first.made,
            tuple(sorted({index for member in members for index in member.inputs})),
            total(member.cost for member in members),
            len(members),
            first.reads_t,
            first.path,
            first.norm,
        )


def input_words(architecture: Architecture, numbers: Sequence[int]) -> list[str]:
    """What some inputs are: "time", "guidance", "pooled text 768", in the order of the forward."""
    words = []
    for number in sorted(
        numbers,
        key=lambda at: (
            MODULATING.index(architecture.inputs[at].role)
            if architecture.inputs[at].role in MODULATING
            else len(MODULATING)
        ),
    ):
        input_ = architecture.inputs[number]
        if input_.role == "pooled text":
            words.append(f"{pooled_word(architecture)} {input_.shape[-1]}")
        elif input_.role in WORD_OF and input_.role != "sample":
            words.append(WORD_OF[input_.role])
    return list(dict.fromkeys(words))


def text_inputs(architecture: Architecture) -> list[str]:
    """The sizes of what the network reads as text: ["512×4096"]."""
    return [
        "×".join(
            str(side) for side in input_.shape[(1 if input_.shape[0] == architecture.basis.batch else 0) :]
        )
        for input_ in architecture.inputs
        if input_.role == "text context"
    ]
