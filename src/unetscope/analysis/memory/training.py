"""Bytes that one training step needs: what each holds, by optimizer, precision and what is trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from unetscope.analysis.memory import weights
from unetscope.analysis.memory.autograd import Key, Run, kept, run, storage
from unetscope.analysis.memory.frozen import NOTHING, Frozen, adapters, frozen, lora
from unetscope.analysis.memory.optimizers import OPTIMIZERS
from unetscope.analysis.memory.precision import AUTOCAST_WIDE, WIDE, Precision, is_computed, width
from unetscope.calls import Call
from unetscope.errors import ConfigError
from unetscope.families import checkpointing
from unetscope.model import Architecture, Node
from unetscope.paths import parent
from unetscope.vocabulary import CONTAINERS

MIXED = {"fp16": "float16", "bf16": "bfloat16", "no": WIDE}


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How a network is trained. `mixed` is autocast's type; "no" computes in the type of the weights.

    `frozen` are patterns of names: what they name has no gradient. `dtype` is the type weights are
    held in; None is float32, and for frozen ones the type of autocast. `lora` is the rank of adapters
    on attention's projections, beside a network frozen as a whole.
    """

    optimizer: str = "adamw"
    ema: bool = False
    checkpointing: bool = False
    mixed: str = "fp16"
    dtype: str | None = None
    frozen: tuple[str, ...] = ()
    lora: int | None = None

    @property
    def weights(self) -> str:
        """The type of trained weights: float32 under autocast, as accelerate and GradScaler ask for."""
        return (self.dtype or WIDE) if self.mixed == "no" else WIDE

    @property
    def base(self) -> str:
        """The type of frozen weights, which diffusers' training scripts cast to that of autocast."""
        return self.dtype or MIXED[self.mixed]

    @property
    def precision(self) -> Precision:
        """The types of a training forward on CUDA."""
        if self.mixed == "no":
            return Precision(self.weights)
        return Precision(MIXED[self.mixed], autocast=True, wide=AUTOCAST_WIDE)


@dataclass(frozen=True, slots=True)
class Training:
    """Bytes by what they are for. `weights` includes `copies`, those autocast makes of weights.

    `trained` of the network's parameters have a gradient. `paged` bytes of the optimizer's may wait in
    the host's memory.
    """

    weights: int
    copies: int
    gradients: int
    optimizer: int
    ema: int
    activations: int
    paged: int
    trained: int

    @property
    def total(self) -> int:
        """All of it at once: an upper bound, as gradients grow while activations are let go."""
        return self.weights + self.gradients + self.optimizer + self.ema + self.activations

    @property
    def resident(self) -> int:
        """What the device has to hold: all but what is paged."""
        return self.total - self.paged


@dataclass(frozen=True, slots=True)
class Activations:
    """Bytes kept at the end of the forward, and the most at any moment: with checkpointing the
    backward makes a block's storages again beside those kept. `copies`: weights that autocast cast."""

    stored: int
    most: int
    copies: int


def training(architecture: Architecture, plan: TrainingPlan, *, attention: str = "fused") -> Training:
    """What one step holds. Gradients and averages are of the type of the weights that are trained.

    Raises ConfigError for an architecture traced at another type than float32, for a pattern that
    names no parameter, where all are frozen, and for checkpointing that diffusers
    has none of, or that is not known.
    """
    if architecture.basis.dtype != WIDE:
        raise ConfigError(
            "training memory follows only from a trace at float32", hint="trace it with --dtype float32"
        )
    if plan.checkpointing:
        _check_known(architecture.class_name)
    still = _still(architecture, plan)
    kept_for_backward = activations(
        architecture, plan.precision, attention=attention, checkpointing=plan.checkpointing, still=still
    )
    weight_bytes = sum(
        weights.bytes_of(tensor, still.dtype if tensor.name in still.names else plan.weights)
        for tensor in architecture.tensors
    )
    shapes = adapters(architecture, still) + [
        tensor.shape
        for tensor in architecture.tensors
        if tensor.role == "parameter" and tensor.name not in still.names
    ]
    added = sum(map(prod, adapters(architecture, still))) * width(plan.weights)
    optimizer, trained, size = OPTIMIZERS[plan.optimizer], sum(map(prod, shapes)), width(plan.weights)
    return Training(
        weights=weight_bytes + added + kept_for_backward.copies,
        copies=kept_for_backward.copies,
        gradients=trained * size,
        optimizer=sum(optimizer.states(shape, size) for shape in shapes),
        ema=trained * size if plan.ema else 0,
        activations=kept_for_backward.most,
        paged=sum(map(optimizer.paged, shapes)),
        trained=trained,
    )


def _check_known(class_name: str) -> None:
    """Raise ConfigError for a class that checkpoints no blocks, or whose checkpointed blocks are unknown."""
    hint = "leave --checkpointing out"
    if class_name in checkpointing.REFUSED:
        raise ConfigError(f"diffusers has no gradient checkpointing for {class_name}", hint=hint)
    if class_name in checkpointing.UNKNOWN:
        raise ConfigError(f"which blocks of {class_name} diffusers checkpoints is not known", hint=hint)


def _still(architecture: Architecture, plan: TrainingPlan) -> Frozen:
    """What is not trained."""
    if plan.lora is None:
        return frozen(architecture, plan.frozen, plan.base)
    if plan.frozen:
        raise ConfigError("a LoRA freezes the whole network", hint="leave --frozen or --lora out")
    return lora(architecture, plan.lora, plan.base)


def activations(
    architecture: Architecture,
    precision: Precision,
    *,
    attention: str = "fused",
    checkpointing: bool = False,
    still: Frozen = NOTHING,
) -> Activations:
    """Bytes that a training forward keeps for its backward, network inputs included, each storage once.

    `still` are the parameters that are not trained.
    """
    forward = run(architecture, precision, attention=attention, frozen=still)
    units = _needed(forward) if checkpointing else {}
    stored: dict[Key, int] = dict(_masks(architecture))
    total = most = sum(stored.values())
    remade: dict[str, dict[Key, int]] = {}
    for index, call in enumerate(architecture.calls):
        unit = units.get(call.node)
        new = kept(forward, index) if unit is None else _given(forward, index, units)
        for key, size in new:
            total += size if key not in stored else 0
            stored[key] = size
        if unit is not None:
            remade.setdefault(unit, {}).update(kept(forward, index))
            own = sum(size for key, size in remade[unit].items() if key not in stored)
            most = max(most, total + own)
    return Activations(total, max(total, most), copies(forward))


def _given(forward: Run, index: int, units: dict[int, str]) -> Iterator[tuple[Key, int]]:
    """What a checkpointed block received and this call of it reads: kept in place of everything inside."""
    calls = forward.architecture.calls
    unit = units[calls[index].node]
    for source in calls[index].reads:
        saved_storage = storage(forward, source)
        if saved_storage and (source < 0 or units.get(calls[source].node) != unit):
            yield saved_storage


def _needed(forward: Run) -> dict[int, str]:
    """The checkpointed block of each module inside one; a block that needs no gradient keeps nothing."""
    units = checkpointed(forward.architecture)
    calls = enumerate(forward.architecture.calls)
    needed = {units.get(call.node) for index, call in calls if forward.needs[index]}
    return {node: unit for node, unit in units.items() if unit in needed}


def checkpointed(architecture: Architecture) -> dict[int, str]:
    """The checkpointed block each module lies in, by the module's index."""
    roots: dict[str, str] = {}
    for node in architecture.nodes[1:]:
        above = roots.get(parent(node.path), "")
        roots[node.path] = above or (node.path if _is_checkpointed(architecture, node) else "")
    return {i: roots[node.path] for i, node in enumerate(architecture.nodes) if roots.get(node.path)}


def _is_checkpointed(architecture: Architecture, node: Node) -> bool:
    """Whether a module is run under checkpointing: a block of a stack, or what the class around it says."""
    if node.type in CONTAINERS:
        return False
    above, _, name = node.path.rpartition(".")
    stage = architecture.stage_of(node.path)
    if stage is not None and stage.role == "body" and above == stage.path:
        return checkpointing.is_run(architecture.class_name, stage.path)
    number = name if name.isdecimal() else ""
    if number:
        above, _, name = above.rpartition(".")
    return checkpointing.is_listed(architecture.class_name, architecture.by_path[above].type, name, number)


def _masks(architecture: Architecture) -> Iterator[tuple[Key, int]]:
    """One byte an element for each dropout that drops; a trace in evaluation mode does not show it."""
    for index, node in enumerate(architecture.nodes):
        if node.kind == "dropout" and node.attributes.get("p") and node.output:
            yield ("mask", index, 0), prod(node.output)


def copies(forward: Run) -> int:
    """Bytes of weights that autocast casts and the backward reads; a layer that only inputs feed drops its
    copy."""
    if not forward.precision.autocast:
        return 0
    cast = forward.frozen.names if forward.frozen.dtype == forward.precision.computed else frozenset()
    elements = {
        tensor.name: prod(tensor.shape) for tensor in forward.architecture.tensors if tensor.name not in cast
    }
    elements_by_path = {}
    for index, call in enumerate(forward.architecture.calls):
        operation, path = forward.operation(call), forward.architecture.nodes[call.node].path
        fed = any(source >= 0 and forward.needs[source] for source in call.reads)
        read = forward.needs[index] and (fed or operation.op_class == "conv")
        if read and is_computed(forward.architecture, call):
            elements_by_path[path] = elements.get(f"{path}.weight", 0)
        if path in forward.frozen.adapted and operation.op_class == "linear":
            elements_by_path[f"{path} LoRA"] = _adapter(forward, call, fed=fed)
    return sum(elements_by_path.values()) * width(forward.precision.computed)


def _adapter(forward: Run, call: Call, *, fed: bool) -> int:
    """Elements of a LoRA's weights that the backward reads: the first where the input needs a gradient."""
    operation, rank = forward.operation(call), forward.frozen.rank
    return rank * (operation.outputs[0][-1] + (operation.inputs[-1][0] if fed else 0))
