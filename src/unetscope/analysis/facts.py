"""Facts of one network: its shape as traced, and what is known of its checkpoint. Compares nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from math import prod
from typing import Literal, TypeAlias, TypeVar

from unetscope import zoo
from unetscope.analysis import channels, stack_facts
from unetscope.analysis.cost.by_kind import STAGED
from unetscope.checkpoint import Facts
from unetscope.families import FAMILIES
from unetscope.model import Architecture, Node, Role, Stage
from unetscope.paths import is_within
from unetscope.sizes import sides
from unetscope.vocabulary import ATTENDING
from unetscope.words import lineage
from unetscope.zoo import kinship
from unetscope.zoo.preset import facts as facts_of

FactValue: TypeAlias = "int | str | tuple[FactValue, ...] | None"
"""None where it is not known; an empty tuple where the network has none."""

FactQuantity: TypeAlias = Literal["text", "count", "list", "size", "heads", "channels", "inputs"]
"""What a value is made of: a size of height and width, heads of (heads, width) pairs by level, channels
of (name, count) pairs, inputs of (name, shape without batch) pairs, a list of numbers or names."""

K = TypeVar("K")

_RESIDUAL = frozenset({"resnet block", "residual block"})
_CONVOLVING = frozenset({"conv block"})
"""Blocks of plain convolutions, which diffusers' UNets have none of."""


def _level_widths(architecture: Architecture) -> FactValue:
    """Channels that each down stage passes on, the finest first."""
    outputs = (architecture.by_path[stage.path].output for stage in _stages(architecture, "down"))
    return tuple(shape[1] for shape in outputs if shape is not None and len(shape) > 1)


def _blocks(role: Role, kinds: Set[str]) -> Callable[[Architecture], FactValue]:
    """Blocks of these kinds of each stage of a role that do not resample."""

    def counts(architecture: Architecture) -> FactValue:
        return tuple(
            sum(not _resamples(node) for node in _outermost(architecture, stage.path, kinds))
            for stage in _stages(architecture, role)
        )

    return counts


def _resamples(node: Node) -> bool:
    """Whether a block is told to resample, or makes another number of positions than it takes."""
    declared = node.attributes.get("down") is True or node.attributes.get("up") is True
    sides = [shape[2:] for shape in (node.input, node.output) if shape and len(shape) > 2]
    return declared or (
        len(sides) == 2 and (prod(sides[0]) >= 2 * prod(sides[1]) or prod(sides[1]) >= 2 * prod(sides[0]))
    )


def _attentions(role: Role) -> Callable[[Architecture], FactValue]:
    """Transformers, and attention blocks outside of any, of each stage of a role."""

    def counts(architecture: Architecture) -> FactValue:
        stages = _stages(architecture, role)
        return tuple(len(_outermost(architecture, stage.path, ATTENDING)) for stage in stages)

    return counts


def _depths(role: Role) -> Callable[[Architecture], FactValue]:
    """Blocks stacked in each transformer of each stage: one number where all of a stage agree."""

    def depths(architecture: Architecture) -> FactValue:
        return tuple(_depth(architecture, stage) for stage in _stages(architecture, role))

    return depths


def _depth(architecture: Architecture, stage: Stage) -> FactValue:
    outer = _outermost(architecture, stage.path, ATTENDING)
    if outer and architecture.class_name not in FAMILIES:  # what its classes are is not known by their names
        return None
    depths = tuple(_layers(architecture, node) for node in outer)
    return depths if len(set(depths)) > 1 else depths[0] if depths else 0


def _layers(architecture: Architecture, node: Node) -> int:
    """Transformer blocks that a module is or holds."""
    if node.kind == "transformer block":
        return 1
    return len(_outermost(architecture, node.path, frozenset({"transformer block"})))


def heads(architecture: Architecture) -> tuple[tuple[tuple[int, int], ...] | None, ...]:
    """(heads, width) pairs, as executed, at each level; () where no attention is, None where not known."""
    levels = sorted({stage.level for stage in architecture.stages if stage.level is not None})
    level_of = {stage.path: stage.level for stage in architecture.stages if stage.role in STAGED}
    by_level = _heads_by(architecture, level_of)
    return tuple(_known(by_level.get(level, set())) for level in levels)


def _heads_of_all(architecture: Architecture) -> FactValue:
    """`heads`; for a network without levels, those of each stack."""
    return heads(architecture) or tuple(heads_of_stacks(architecture).values())


def heads_of_stacks(architecture: Architecture) -> dict[str, tuple[tuple[int, int], ...] | None]:
    """(heads, width) pairs of the attention in each stack that has any, by path; None where not known."""
    places = {stage.path: stage.path for stage in _stages(architecture, "body")}
    return {path: _known(pairs) for path, pairs in _heads_by(architecture, places).items()}


def _heads_by(architecture: Architecture, place_of: Mapping[str, K]) -> dict[K, set[tuple[int, int] | None]]:
    """(heads, width) pairs of the attention that runs in each place, given the place of a path."""
    heads_by: dict[K, set[tuple[int, int] | None]] = {}
    for call in architecture.calls:
        operation = architecture.operations[call.operation]
        if operation.op_class != "attention":
            continue
        path = architecture.nodes[call.node].path
        place = next((place for top, place in place_of.items() if is_within(path, top)), None)
        if place is not None:
            pair = _pair(operation.details.get("heads"), operation.details.get("head_dim"))
            heads_by.setdefault(place, set()).add(pair)
    return heads_by


def _pair(heads: object, width: object) -> tuple[int, int] | None:
    return (heads, width) if isinstance(heads, int) and isinstance(width, int) else None


def _known(pairs: set[tuple[int, int] | None]) -> tuple[tuple[int, int], ...] | None:
    return None if None in pairs else tuple(sorted(pair for pair in pairs if pair))


def _stacks(architecture: Architecture) -> FactValue:
    """Blocks of each stack, in the order they run."""
    return tuple(len(architecture.children[stage.path]) for stage in _stages(architecture, "body"))


def _context_widths(architecture: Architecture) -> FactValue:
    """Widths of what the attention layers read beside their own input; of a network of stacks those of the
    text it is given."""
    if stack_facts.stacks(architecture):
        texts = (input_.shape for input_ in architecture.inputs if input_.role == "text context")
        return tuple(sorted({shape[-1] for shape in texts if shape}))
    widths: set[int] = set()
    for node in architecture.nodes:
        added = node.attributes.get("added_kv_proj_dim")
        crossed = node.attributes.get("is_cross_attention") is True and added is None
        width = node.attributes.get("cross_attention_dim") if crossed else added
        widths |= {width} if isinstance(width, int) else set()
    return tuple(sorted(widths))


def _conditioning(architecture: Architecture) -> FactValue:
    return tuple(
        (input_.name, input_.item(architecture.basis.batch), input_.role)
        for input_ in architecture.inputs
        if input_.role != "sample"
    )


def _native_input(architecture: Architecture) -> tuple[int, int] | None:
    """Height and width of the model as used, or those that the config states; None where none are known."""
    if architecture.facts.latent:
        return architecture.facts.latent
    match architecture.config.get("sample_size"):
        case int(side) if not isinstance(side, bool):
            return side, side
        case [int(height), int(width)]:
            return height, width
    return None


def _native_image(architecture: Architecture) -> FactValue:
    size, factor = _native_input(architecture), architecture.factor
    return None if size is None or factor is None else (size[0] * factor, size[1] * factor)


def _input_meaning(architecture: Architecture) -> FactValue:
    """What the input channels hold, where that is known and accounts for all of them."""
    groups = architecture.facts.input_channels
    adds_up = sum(group.count for group in groups) == channels.of_input(architecture)
    return tuple((group.name, group.count) for group in groups) if groups and adds_up else None


def _data(architecture: Architecture) -> FactValue:
    """What a model was trained on; if only the data of an ancestor are known, those, with the ancestor's
    id."""
    if own := _named_data(architecture.facts):
        return own
    known = zoo.find(architecture.source)
    for id in kinship.ancestors(known) if known and known == architecture.id else ():
        if names := _named_data(facts_of(zoo.preset(id))):
            return tuple(f"{data} ({id})" for data in names)
    return None


def _named_data(facts: Facts) -> tuple[str, ...]:
    return tuple(phase.data for phase in facts.phases if phase.data)


def _stages(architecture: Architecture, role: Role) -> list[Stage]:
    """Stages of a role from the finest level to the coarsest: up stages run the other way."""
    stages = [stage for stage in architecture.stages if stage.role == role]
    return stages[::-1] if role == "up" else stages


def _outermost(architecture: Architecture, path: str, kinds: Set[str]) -> list[Node]:
    """Modules of these kinds below a path, and inside no other such module."""
    outermost: list[Node] = []
    for child in architecture.children[path]:
        outermost += [child] if child.kind in kinds else _outermost(architecture, child.path, kinds)
    return outermost


Finder: TypeAlias = "tuple[str, str, FactQuantity, Callable[[Architecture], FactValue]]"

FACTS: tuple[Finder, ...] = (
    # name, heading, quantity, where its value is found
    ("title", "model", "text", lambda a: a.title),
    ("class_name", "network class", "text", lambda a: a.class_name),
    ("level_widths", "level widths", "list", _level_widths),
    ("resnets_down", "resnets, down", "list", _blocks("down", _RESIDUAL)),
    ("resnets_mid", "resnets, mid", "list", _blocks("mid", _RESIDUAL)),
    ("resnets_up", "resnets, up", "list", _blocks("up", _RESIDUAL)),
    ("convs_down", "conv blocks, down", "list", _blocks("down", _CONVOLVING)),
    ("convs_mid", "conv blocks, mid", "list", _blocks("mid", _CONVOLVING)),
    ("convs_up", "conv blocks, up", "list", _blocks("up", _CONVOLVING)),
    ("attentions_down", "attentions, down", "list", _attentions("down")),
    ("attentions_mid", "attentions, mid", "list", _attentions("mid")),
    ("attentions_up", "attentions, up", "list", _attentions("up")),
    ("depth_down", "depth, down", "list", _depths("down")),
    ("depth_mid", "depth, mid", "list", _depths("mid")),
    ("depth_up", "depth, up", "list", _depths("up")),
    ("stacks", "blocks in stacks", "list", _stacks),
    ("heads", "heads × dim", "heads", _heads_of_all),
    ("hidden", "hidden width", "list", stack_facts.hidden_widths),
    ("mlp", "MLP width", "list", stack_facts.mlp_widths),
    ("patch", "patch", "list", stack_facts.patch),
    ("positions", "positions", "list", stack_facts.positions),
    ("modulation", "modulation", "list", stack_facts.modulation),
    ("streams", "streams", "list", stack_facts.streams),
    ("skips", "skip connections", "count", lambda a: len(a.skips)),
    ("tokens", "text tokens", "count", lambda a: a.basis.tokens),
    ("context_width", "context width", "list", _context_widths),
    ("input_channels", "input channels", "count", channels.of_input),
    ("input_meaning", "input holds", "channels", _input_meaning),
    ("output_channels", "output channels", "count", channels.of_output),
    ("conditioning", "conditioning", "inputs", _conditioning),
    ("params", "parameters", "count", lambda a: a.cost.params),
    ("macs", "MACs", "count", lambda a: a.cost.macs),
    ("counted_at", "MACs at input", "size", lambda a: sides(a.basis.axes)),
    ("native_input", "native input", "size", _native_input),
    ("native_image", "native image, px", "size", _native_image),
    ("prediction_type", "predicts", "text", lambda a: a.facts.prediction_type),
    ("scheduler", "scheduler", "text", lambda a: a.facts.scheduler),
    ("vae", "VAE", "text", lambda a: a.facts.vae),
    ("vae_factor", "VAE factor", "count", lambda a: a.facts.vae_factor),
    ("text_encoders", "text encoders", "list", lambda a: a.facts.text_encoders or None),
    ("steps", "steps", "count", lambda a: a.facts.steps),
    ("guidance", "guidance", "text", lambda a: a.facts.guidance),
    ("made_from", "made from", "text", lambda a: lineage.made_from(a.facts) or None),
    ("data", "data", "list", _data),
    ("phases", "trained", "text", lambda a: lineage.course(a.facts) or None),
    ("text_dropout", "text dropout, %", "count", lambda a: a.facts.text_dropout),
    ("training", "training", "text", lambda a: a.facts.training),
    ("year", "published", "text", lambda a: str(a.facts.year) if a.facts.year else None),
    ("licence", "licence", "text", lambda a: a.facts.licence),
)

_OF_LEVELS = frozenset(
    ["level_widths"]
    + [
        f"{what}_{role}"
        for what in ("resnets", "convs", "attentions", "depth")
        for role in ("down", "mid", "up")
    ]
)

_OF_CONVS = frozenset({"convs_down", "convs_mid", "convs_up"})
_OF_STACKS = frozenset("stacks hidden mlp patch positions modulation streams tokens".split())


def told(architectures: Sequence[Architecture]) -> list[Finder]:
    """The facts that say anything of networks so built: levels go down and up, stacks stay on one."""
    roles = {stage.role for architecture in architectures for stage in architecture.stages}
    convs = [value for name, _, _, value in FACTS if name in _OF_CONVS]
    has_convs = any(any(value(network) or ()) for network in architectures for value in convs)  # type: ignore[arg-type]
    silent = set[str]() if has_convs else {*_OF_CONVS}
    if "body" not in roles:
        silent |= _OF_STACKS
    elif not roles & {"down", "mid", "up"}:
        silent |= _OF_LEVELS
    return [fact for fact in FACTS if fact[0] not in silent]
