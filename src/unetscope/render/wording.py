"""Phrases that several outputs share: the meaning of inputs, the conditioning, what is not run."""

from __future__ import annotations

from unetscope import units
from unetscope.analysis.idle import idle
from unetscope.model import Architecture

_CONDITIONS = {
    "encoder_hidden_states": "text context",
    "timestep": "time",
    "timestep_cond": "guidance embedding",
    "class_labels": "class labels",
    "added_cond_kwargs.text_embeds": "pooled text",
    "added_cond_kwargs.time_ids": "size ids",
    "added_cond_kwargs.image_embeds": "image embedding",
    "added_cond_kwargs.hint": "image hint",
}


def not_run(architecture: Architecture) -> str:
    """Parameters that the forward had no use for: "208,020,000 parameters (fuser, position_net)"; or ""."""
    found = idle(architecture)
    return f"{units.exact(found.params)} parameters ({', '.join(found.modules)})" if found.params else ""


def input_meaning(architecture: Architecture) -> str:
    """Input channels and what they hold: "9 = noisy latent 4 + mask 1 + masked-image latent 4"."""
    channels = architecture.basis.input[0]
    groups = architecture.facts.input_channels
    if not groups or sum(group.count for group in groups) != channels:
        return str(channels)
    return f"{channels} = " + " + ".join(f"{group.name} {group.count}" for group in groups)


def conditioning(architecture: Architecture) -> str:
    """What steers the network beside the sample, with shapes: "time; text context 77×768"."""
    inputs = (one for one in architecture.inputs if one.name != "sample")
    return "; ".join(condition(one.name, one.shape[1:]) for one in inputs)


def condition(name: str, shape: tuple[int, ...]) -> str:
    """One input beside the sample, its shape without the batch: "text context 77×768"."""
    return f"{_CONDITIONS.get(name, name)} {'×'.join(str(size) for size in shape)}".strip()
