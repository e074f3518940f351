"""Where a ControlNet joins its base: which of its layers adds to which skip, or to the output of which block.

After the forwards of diffusers 0.42 (`unet_2d_condition.py`, `transformer_flux.py`, `transformer_sd3.py`,
`transformer_qwenimage.py`, `sana_transformer.py`): by names and shapes alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from unetscope.checkpoint import ControlJoints, Joint
from unetscope.checkpoints.answer import Answer, Component
from unetscope.checkpoints.config_words import in_words
from unetscope.checkpoints.evidence import blocks
from unetscope.errors import SourceError
from unetscope.model import Architecture
from unetscope.paths import parent
from unetscope.sizes import width_of
from unetscope.words.messages import printable

_Share = Callable[[int, int, int], int | None]
"""Block, of how many, and how many outputs there are → the output that is added to it, if any."""


@dataclass(frozen=True, slots=True)
class _Manner:
    """The class of network that a kind of ControlNet joins; which output goes to which block; and whether the
    last block is left out. Without `share` there is one output for each skip of a UNet."""

    base: str
    share: _Share | None = None
    but_last: bool = False


def _evenly(block: int, blocks: int, outputs: int) -> int:
    return block // ceil(blocks / outputs)


def _evenly_to_the_end(block: int, blocks: int, outputs: int) -> int:
    return int(block / (blocks / outputs))


def _in_turn(block: int, _: int, outputs: int) -> int:
    return block % outputs


def _from_the_second(block: int, _: int, outputs: int) -> int | None:
    return block - 1 if 0 < block <= outputs else None


_MANNERS = {
    "controlnet-ldm": _Manner("UNet2DConditionModel"),
    "controlnet-diffusers": _Manner("UNet2DConditionModel"),
    "flux-controlnet": _Manner("FluxTransformer2DModel", _evenly),
    "flux-controlnet-xlabs": _Manner("FluxTransformer2DModel", _in_turn),
    "sd3-controlnet": _Manner("SD3Transformer2DModel", _evenly_to_the_end, but_last=True),
    "sd35-controlnet": _Manner("SD3Transformer2DModel", _evenly_to_the_end, but_last=True),
    "qwen-controlnet": _Manner("QwenImageTransformer2DModel", _evenly),
    "sana-controlnet": _Manner("SanaTransformer2DModel", _from_the_second),
}
"""Kind of ControlNet, by its rule → how it joins its base."""
_STACKS = {
    "controlnet_blocks.": "transformer_blocks",
    "controlnet_single_blocks.": "single_transformer_blocks",
}
_SHARED = (
    "cross_attention_dim",
    "addition_embed_type",
    "projection_class_embeddings_input_dim",
    "joint_attention_dim",
    "pooled_projection_dim",
    "caption_channels",
)
"""What both read: text and what is pooled of it."""


def joints(answer: Answer, component: Component, network: Architecture) -> ControlJoints:
    """Where the ControlNet of a file joins a network.

    Raises SourceError where it is for another network, or where that is not known of its kind.
    """
    manner = _MANNERS.get(component.rule)
    if manner is None:
        raise SourceError(
            f"where a {component.title} joins its base does not follow from its names",
            hint="joints are known for ControlNets of Stable Diffusion, SDXL, SD3, FLUX.1, Qwen-Image "
            "and Sana",
        )
    places = [] if network.class_name != manner.base else list(_joints(component, manner, network))
    why = _why_not(component, manner, network, places)
    if why:
        reason = f"it is a {component.title}; {printable(why, limit=160)}"
        raise SourceError(
            f"{answer.listing.name} is not for {network.title}: {reason}",
            hint="give the network that it was made for",
        )
    stages = {stage.path: stage.name for stage in network.stages}
    return ControlJoints(
        answer.listing.name, component.title, network.title, component.params, stages, tuple(places)
    )


def _joints(component: Component, manner: _Manner, network: Architecture) -> Iterator[Joint]:
    if manner.share is None:
        yield from _of_skips(component, network)
        return
    for prefix, stack in _STACKS.items():
        outputs = blocks(component.names, prefix)
        there = network.children.get(stack, ()) if outputs else ()
        for at, block in enumerate(there[: len(there) - manner.but_last]):
            output = manner.share(at, len(there), outputs)
            if output is not None:
                layer = f"{prefix}{output}"
                yield Joint(layer, stack, block.path, "", _channels(component, layer))


def _of_skips(component: Component, network: Architecture) -> Iterator[Joint]:
    """The joints of a UNet: one for each skip, in the order in which skips are made, then the output of the
    middle."""
    first = network.first_call
    skips = sorted(network.skips, key=lambda skip: first.get(skip.source, 0))
    for at, skip in enumerate(skips):
        layer, stage = f"controlnet_down_blocks.{at}", network.stage_of(skip.source)
        yield Joint(layer, stage.path if stage else "", skip.source, skip.target, _channels(component, layer))
    if "mid_block" in network.by_path:
        yield Joint(
            "controlnet_mid_block", "mid_block", "mid_block", "", _channels(component, "controlnet_mid_block")
        )


def _channels(component: Component, layer: str) -> int:
    """Channels that a layer makes; 0 where the file does not say."""
    shape = component.names.get(f"{layer}.weight")
    return shape[0] if shape else 0


def _why_not(component: Component, manner: _Manner, network: Architecture, joints: Sequence[Joint]) -> str:
    """Why a ControlNet cannot join a network, "" where it can."""
    if network.class_name != manner.base:
        return f"its base is a {manner.base}, not a {network.class_name}"
    differing = [
        in_words(field, component.config[field], network.config.get(field))
        for field in _SHARED
        if component.config.get(field) is not None and component.config[field] != network.config.get(field)
    ]
    if differing:
        return "; ".join(differing)
    layers = {parent(name) for name in component.names if name.startswith("controlnet_") and _is_output(name)}
    used = {joint.layer for joint in joints}
    most = len(joints) + manner.but_last  # what it has for a block that is left out is not used
    if used - layers or (layers - used and (manner.share is None or len(layers) > most)):
        return f"it has {len(layers)} outputs for {len(joints)} places"
    widths = _widths(network, joints)
    odd = next(
        (joint for joint in joints if joint.channels not in (0, widths[joint.into, joint.target])), None
    )
    if odd:
        return f"{odd.layer} makes {odd.channels} channels, {odd.into} {widths[odd.into, odd.target]}"
    return ""


def _is_output(name: str) -> bool:
    return name.endswith(".weight") and name.split(".", maxsplit=1)[0].endswith(("_blocks", "_mid_block"))


def _widths(network: Architecture, joints: Sequence[Joint]) -> Mapping[tuple[str, str], int]:
    """Channels of what each joint is added to."""
    widths = {(skip.source, skip.target): skip.channels for skip in network.skips}
    return {
        (joint.into, joint.target): widths.get((joint.into, joint.target)) or _returned(network, joint.into)
        for joint in joints
    }


def _returned(network: Architecture, path: str) -> int:
    """Channels of what a module returns."""
    shape = network.by_path[path].output
    return width_of(shape) if shape else 0
