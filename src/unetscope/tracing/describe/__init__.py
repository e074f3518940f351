"""Makes an Architecture of a finished recording and the modules behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

from unetscope.calls import Call, Input, Operation
from unetscope.cost import Cost
from unetscope.families import FAMILIES
from unetscope.families.roles import STREAMS, Roles, is_patching
from unetscope.model import Architecture, Node, Role, Stage, Tensor
from unetscope.paths import parent, within
from unetscope.sizes import IMAGE_RANK, Axes, Basis, Size
from unetscope.spec import DEFAULT_DTYPE, DTYPES, ExampleInput, Spec
from unetscope.tracing.describe.matmuls import attention_found
from unetscope.tracing.describe.skips import find_skips
from unetscope.tracing.record.as_data import scalar
from unetscope.tracing.record.in_progress import Recording, Seen
from unetscope.vocabulary import ADAPTER, CONTAINERS, kind_of


def architecture(
    *,
    network: Any,
    spec: Spec,
    config: Mapping[str, Any],
    entering: tuple[Input, ...],
    roles: Roles | None,
    axes: Axes,
    size: Size,
    record: Recording,
    seen: list[Seen],
    ignored: tuple[str, ...] = (),
    defaulted: tuple[str, ...] = (),
) -> Architecture:
    """Everything one trace saw, as plain data; without stages and skips where no roles are known."""
    plain = tuple(replace(op, details=dict(op.details)) for op in record.operations)
    operations, calls = attention_found(plain, record.calls)
    nodes = tuple(_nodes(network, calls, operations, seen))
    parts = () if roles is None else tuple(_stages(nodes, roles, calls))
    return Architecture(
        id=spec.id,
        title=spec.title,
        source=spec.source,
        class_name=spec.class_name,
        config={key: _plain(config[key]) for key in sorted(config)},
        basis=Basis(size.batch, entering[0].item(size.batch), axes, size.dtype or DEFAULT_DTYPE),
        facts=spec.facts,
        inputs=entering,
        stages=parts,
        nodes=tuple(_staged(nodes, parts)),
        tensors=tuple(tensors(network)),
        operations=operations,
        calls=tuple(calls),
        skips=find_skips(nodes, parts, operations, calls),
        uncounted=tuple(sorted(record.uncounted)),
        ignored_keys=ignored,
        defaulted_keys=defaulted,
    )


def _nodes(
    network: Any, calls: list[Call], operations: tuple[Operation, ...], seen: list[Seen]
) -> Iterator[Node]:
    macs = _macs_by_node(calls, operations, len(seen))
    owned: set[int] = set()
    beside = adapters(network)
    for index, (path, module) in enumerate(network.named_modules()):
        params = _own_params(module, owned)
        name, observed = type(module).__name__, seen[index]
        own = Cost(params, **macs[index])
        word = ADAPTER if beside and within(path, beside) else kind(module)
        yield Node(
            path,
            name,
            word,
            own,
            observed.input,
            observed.output,
            observed.returned,
            attributes(module),
        )


def _staged(nodes: tuple[Node, ...], parts: Sequence[Stage]) -> Iterator[Node]:
    """The modules; a stage whose class does not say so is called one."""
    levels = {part.path for part in parts if part.role in ("down", "mid", "up")}
    for node in nodes:
        yield replace(node, kind="stage") if node.path in levels and node.kind == node.type else node


def adapters(network: Any) -> set[str]:
    """Paths of the modules that peft put beside a layer; the layer's class names them."""
    return {
        f"{path}.{name}"
        for path, module in network.named_modules()
        for name in getattr(type(module), "adapter_layer_names", ())
    }


def kind(module: Any) -> str:
    """The field's word for a module; if its class has none, that of a class from which it inherits."""
    names = [base.__name__ for base in type(module).__mro__]
    return next((kind_of(name) for name in names if kind_of(name) != name), names[0])


def _macs_by_node(calls: list[Call], operations: tuple[Operation, ...], nodes: int) -> list[dict[str, int]]:
    summed: list[dict[str, int]] = [{} for _ in range(nodes)]
    for call in calls:
        operation = operations[call.operation]
        if operation.op_class != "none":
            own = summed[call.node]
            own[operation.op_class] = own.get(operation.op_class, 0) + operation.macs
    return summed


def _own_params(module: Any, owned: set[int]) -> int:
    """Elements of the parameters registered here that no earlier module registered."""
    fresh = [p for p in module.parameters(recurse=False) if id(p) not in owned]
    owned.update(id(parameter) for parameter in fresh)
    return sum(int(parameter.numel()) for parameter in fresh)


def attributes(module: Any) -> dict[str, Any]:
    """Public scalar attributes of a module, and the class of its attention processor."""
    values: dict[str, Any] = {}
    # most of what a module holds is torch's own: do not sort that
    public = [name for name in vars(module) if not name.startswith("_") and name != "training"]
    for name in sorted(public):
        value = vars(module)[name]
        entries = value if isinstance(value, list | tuple) else [value]
        if value is None or all(isinstance(entry, bool | int | float | str) for entry in entries):
            values[name] = scalar(value)
        elif name == "processor":
            values[name] = type(value).__name__
    return values


def structure(module: Any, known: dict[Any, int]) -> tuple[Hashable, ...]:
    """All that decides what a module does, one entry for each module in it; `known` saves looking twice."""
    entries = []
    for path, child in module.named_modules():
        if child not in known:
            known[child] = hash(tuple(_alone(child)))
        entries.append((path, known[child]))
    return tuple(entries)


def _alone(module: Any) -> Iterator[Hashable]:
    """Class, attributes and parameter shapes of a module without those in it, in order."""
    yield type(module).__qualname__, tuple(attributes(module).items())
    for name, tensor in (*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)):
        yield name, tuple(tensor.shape), tensor.dtype


def stages(network: Any, class_name: str) -> tuple[Stage, ...]:
    """The parts of a network that did not run, in the order of registration."""
    nodes = tuple(Node(path, type(module).__name__, "", Cost()) for path, module in network.named_modules())
    return tuple(_stages(nodes, FAMILIES[class_name].roles, ()))


_NUMBERED = frozenset({"down", "up"})


def _stages(nodes: tuple[Node, ...], roles: Roles, calls: Sequence[Call]) -> Iterator[Stage]:
    """The parts of a network: first those that condition the others, then the rest as the forward runs them.

    Each entry of a list of down or up blocks is a stage; a stack of blocks is one stage.
    """
    roles_of = dict(_parts(nodes, roles, ""))
    first = _first_calls(nodes, calls)
    order = sorted(
        roles_of, key=lambda path: roles_of[path] != "conditioning" and first.get(path, len(calls)) + 1
    )
    levels = _levels(nodes, [path for path in order if roles_of[path] in ("down", "mid", "up")])
    counts, numbers = Counter(roles_of.values()), Counter[Role]()
    for path in order:
        role = roles_of[path]
        numbers[role] += 1
        several = role in _NUMBERED or counts[role] > 1
        name = _stage_name(path, role, numbers[role] if several else None)
        stream = STREAMS.get(path.rpartition(".")[2]) if role == "body" and several else None
        yield Stage(path, name, role, levels.get(path), stream)


def _parts(nodes: tuple[Node, ...], roles: Roles, above: str) -> Iterator[tuple[str, Role]]:
    """Paths and roles of the parts below a module; looks inside modules of which only parts have a role."""
    for node in nodes[1:]:
        if parent(node.path) != above:
            continue
        role = roles.get(node.path) or ("stem" if is_patching(node.type) else None)
        if role is None and any(name.startswith(node.path + ".") for name in roles):
            yield from _parts(nodes, roles, node.path)
        elif node.type in CONTAINERS and role != "body":
            entries = (other.path for other in nodes if parent(other.path) == node.path)
            yield from ((entry, role or "conditioning") for entry in entries)
        else:
            yield node.path, role or "conditioning"


def _first_calls(nodes: tuple[Node, ...], calls: Sequence[Call]) -> dict[str, int]:
    """Index of the first call inside each module that ran, by path."""
    first: dict[str, int] = {}
    for index, call in enumerate(calls):
        path = nodes[call.node].path
        while path and path not in first:
            first[path] = index
            path = parent(path)
    return first


def _stage_name(path: str, role: Role, number: int | None) -> str:
    match role:
        case "down" | "mid" | "up":
            return role.capitalize() + (f" {number}" if number else "")
        case _:
            return path


def _levels(nodes: tuple[Node, ...], paths: list[str]) -> dict[str, int]:
    """Index of each stage's resolution among those of the network; the finest is 0."""
    # height times width: at the coarsest levels of an oblong input one of the two may not change
    areas: dict[str, int] = {}
    for node in nodes:
        stage = next((p for p in paths if node.path.startswith(p + ".")), None)
        if stage and stage not in areas and node.output and len(node.output) >= IMAGE_RANK:
            areas[stage] = node.output[-2] * node.output[-1]
    ladder = sorted(set(areas.values()), reverse=True)
    return {path: ladder.index(area) for path, area in areas.items()}


def tensors(network: Any) -> Iterator[Tensor]:
    """Entries of the state dict; shared ones have their first name, and some buffers are not in it."""
    for role, named in (("parameter", network.named_parameters()), ("buffer", _saved_buffers(network))):
        for name, tensor in named:
            dtype = str(tensor.dtype).removeprefix("torch.")
            yield Tensor(name, tuple(tensor.shape), dtype, name.rpartition(".")[0], role)  # type: ignore[arg-type]


def _saved_buffers(network: Any) -> Iterator[tuple[str, Any]]:
    """Buffers that a state dict holds: those not registered with persistent=False."""
    for name, tensor in network.named_buffers():
        owner, _, own = name.rpartition(".")
        if own not in network.get_submodule(owner)._non_persistent_buffers_set:
            yield name, tensor


def inputs(examples: tuple[ExampleInput, ...], dtype: str) -> Iterator[Input]:
    """The tensors a network was called with, and their bytes."""
    for example in examples:
        if example.shape is not None:
            named = {"float": dtype, "long": "int64", "bool": "bool"}[example.dtype]
            width = {"int64": 8, "bool": 1}.get(named) or DTYPES[named]
            yield Input(example.name, example.shape, named, prod(example.shape) * width, example.role)


def _plain(value: Any) -> Any:
    """A config value as JSON reads it back."""
    return [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value
