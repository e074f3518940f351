"""What a file of adapters changes in a network, block by block: by names and shapes alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from unetscope.checkpoint import ControlJoints, Overlay, Reach
from unetscope.checkpoints.adapters import Adapter
from unetscope.checkpoints.answer import Answer
from unetscope.checkpoints.fit import FileFit
from unetscope.checkpoints.joints import joints
from unetscope.checkpoints.keys import Key, key_table
from unetscope.errors import SourceError
from unetscope.model import Architecture
from unetscope.paths import is_within, parent
from unetscope.words.messages import listed, printable

_STAGED = ("down", "mid", "up", "body")


def overlay(fit: FileFit, network: Architecture) -> Overlay | ControlJoints:
    """What a file that was set against a network changes in it, or where a ControlNet joins it.

    Raises SourceError where it holds neither adapters of layers nor a ControlNet, or those of another
    network.
    """
    control = fit.answer.denoiser
    if control and control.kind == "ControlNet":
        return joints(fit.answer, control, network)
    adapter = fit.answer.adapter
    if adapter is None or not adapter.modules:
        reason = f"{fit.answer.listing.name} {_instead(fit.answer)}"
        raise SourceError(reason, hint="give a LoRA or its kin, or a ControlNet")
    if not fit.fits:
        why = fit.causes[0] if fit.causes else fit.why
        raise SourceError(
            f"{fit.answer.listing.name} is not for {network.title}: {printable(why, limit=200)}",
            hint=fit.remedies[0] if fit.remedies else "give the network that it was made for",
        )
    layers = [key for key in key_table(network, by="tensor").keys if key.peft]
    ranks = _ranks(layers, adapter)
    parts = [stage for stage in network.stages if network.costs[stage.path].params]
    return Overlay(
        fit.answer.listing.name,
        f"{adapter.method} for {adapter.base}" if adapter.base else adapter.method,
        network.title,
        _reach("", "all", layers, ranks, network),
        tuple(_reach(part.path, part.name, layers, ranks, network) for part in parts),
        {
            part.path: tuple(
                _reach(path, path, layers, ranks, network) for path in _blocks(network, part.path)
            )
            for part in parts
            if part.role in _STAGED
        },
        adapter.text_modules,
    )


def _instead(answer: Answer) -> str:
    if answer.adapter is not None:
        return "changes no layer of a denoiser: " + (answer.adapter.why or answer.title)
    return f"holds no adapters: it is {answer.title}"


def _ranks(layers: Sequence[Key], adapter: Adapter) -> dict[str, int]:
    """Tensor of a changed layer → the rank that it is changed by, 0 where it has none. A fused layer is all
    that diffusers makes of it."""
    named: dict[str, list[str]] = defaultdict(list)
    for key in layers:
        for name in {parent(name).replace(".", "_") for name in (key.diffusers, key.original) if name}:
            named[name].append(key.diffusers)
    ranks = dict[str, int]()
    lost = [name for name in adapter.modules if name not in named]
    if lost:
        raise SourceError(
            f"no layer is known of {len(lost)} of its modules: {listed(lost, limit=3)}", hint="is it damaged?"
        )
    for name, module in adapter.modules.items():
        ranks |= dict.fromkeys(named[name], module.rank or 0)
    return ranks


def _reach(
    path: str, name: str, layers: Iterable[Key], ranks: Mapping[str, int], network: Architecture
) -> Reach:
    inside = [key for key in layers if is_within(key.diffusers, path)]
    changed = [key for key in inside if key.diffusers in ranks]
    known = sorted({ranks[key.diffusers] for key in changed} - {0}, reverse=True)
    return Reach(
        path,
        name,
        len(changed),
        len(inside),
        sum(key.params for key in changed),
        network.costs[path].params,
        tuple(known),
    )


def _blocks(network: Architecture, path: str) -> list[str]:
    """The blocks of a stage in the order of the forward."""
    blocks = []
    for child in network.children[path]:
        listed_ = child.kind == "container" and network.children[child.path]
        blocks += [block.path for block in listed_] if listed_ else [child.path]
    first = network.first_call
    return sorted(
        (block for block in blocks if network.costs[block].params), key=lambda block: first.get(block, 0)
    )
