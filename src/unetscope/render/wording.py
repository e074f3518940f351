"""Phrases that several outputs share: the meaning of inputs, the conditioning, what is not run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from unetscope.analysis.channels import of_input, usual
from unetscope.analysis.facts import FACTS
from unetscope.analysis.remarks import idle
from unetscope.calls import InputRole
from unetscope.checkpoint import ChannelGroup
from unetscope.model import Architecture
from unetscope.words import units

_FEW = 3
"""Inputs that read alike are all named up to these."""
_CONDITIONS: dict[InputRole, str] = {
    "guidance": "guidance embedding",
    "class": "class labels",
    "size": "size ids",
    "image context": "image embedding",
    "control": "image hint",
    "ids": "position ids",
    "rope": "rotary embedding",
}
"""Roles whose word is another than their name; an option goes by the name of the argument."""


def not_run(architecture: Architecture) -> str:
    """Parameters that the forward had no use for: "208,020,000 parameters (fuser, position_net)"; or ""."""
    unused = idle(architecture)
    return f"{units.exact(unused.params)} parameters ({', '.join(unused.modules)})" if unused.params else ""


def input_meaning(architecture: Architecture) -> str:
    """Input channels and what they hold: "9 = noisy latent 4 + mask 1 + masked-image latent 4".

    What is not known but usual is said to be so: "8, usually noisy latent 4 + image latent 4 (…)".
    """
    channels = of_input(architecture)
    groups = architecture.facts.input_channels
    if guess := usual(architecture):
        return f"{channels}, usually {_groups(guess[0])} ({guess[1]})"
    if sum(group.count for group in groups) != channels:
        return str(channels)
    return f"{channels} = {_groups(groups)}"


def _groups(groups: Sequence[ChannelGroup]) -> str:
    return " + ".join(f"{group.name} {group.count}" for group in groups)


def levels(architecture: Architecture) -> str:
    """Widths by level, or the blocks of each stack: "320, 640, 1280", "19 + 38 blocks"."""
    values = {name: value(architecture) for name, _, _, value in FACTS if name in ("level_widths", "stacks")}
    widths, stacks = (cast("tuple[int, ...]", values[name]) for name in ("level_widths", "stacks"))
    if widths:
        return ", ".join(map(str, widths)) + " channels"
    return " + ".join(map(str, stacks)) + f" block{'s' * (sum(stacks) > 1)}" if stacks else ""


def conditioning(architecture: Architecture) -> str:
    """What steers the network beside the sample, with shapes: "time; text context 77×768"."""
    batch = architecture.basis.batch
    others = (input_ for input_ in architecture.inputs if input_.role != "sample")
    return conditions((other.name, other.role, other.item(batch)) for other in others)


def conditions(inputs: Iterable[tuple[str, InputRole, tuple[int, ...]]]) -> str:
    """Several inputs; those that read alike once, with their names: "position ids 3 (img_ids, txt_ids)"."""
    groups: dict[str, list[str]] = {}
    for name, role, shape in inputs:
        groups.setdefault(condition(name, role, shape), []).append(name)
    return "; ".join(
        f"{text} ({_names(names)})" if len(names) > 1 else text for text, names in groups.items()
    )


def _names(names: Sequence[str]) -> str:
    """Names in a row; of many, only the first and the last."""
    return ", ".join(names) if len(names) <= _FEW else f"{names[0]} … {names[-1]}, {len(names)} in all"


def condition(name: str, role: InputRole, shape: tuple[int, ...]) -> str:
    """One input beside the sample, its shape without the batch: "text context 77×768"."""
    word = name if role == "option" else _CONDITIONS.get(role, role)
    return f"{word} {'×'.join(str(size) for size in shape)}".strip()
