"""What enters and leaves a network between its ends: the latent between encoder and decoder, a ControlNet's
image, and what a ControlNet sends out to another network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from unetscope.analysis.cost.by_kind import STAGED
from unetscope.layout.chain.blocks import Chain, convolution
from unetscope.layout.chain.ends import sides
from unetscope.layout.chain.modules import kernel
from unetscope.model import Architecture
from unetscope.paths import parent

_IMAGE_RANK = 4


@dataclass(frozen=True, slots=True)
class Midway:
    """`latent` stands behind the stage numbered `behind`; `control` joins behind the first convolution;
    `sent` are the channels that leave behind the blocks with these paths, each through a convolution
    with the kernel `through`. Empty words where a network has nothing of it."""

    latent: str = ""
    behind: int = -1
    control: str = ""
    sent: Mapping[str, int] | None = None
    through: str = ""


def midway(architecture: Architecture, chain: Chain) -> Midway:
    """What happens between the ends of a network."""
    behind = _last_of_encoder(chain)
    latent = architecture.by_path["decoder"].input if behind >= 0 else None
    sent, through = _sent(architecture, chain)
    control = architecture.input_of("control") if sent else None
    return Midway(
        f"{latent[1]}×{sides(latent)}" if latent and len(latent) >= _IMAGE_RANK else "",
        behind,
        f"control image {control.shape[1]}×{sides(control.shape)}" if control else "",
        sent,
        through,
    )


def _last_of_encoder(chain: Chain) -> int:
    """The number of the last stage of an encoder that a decoder follows; -1 where there are not both."""
    parts = [stage.stage.path.partition(".")[0] for stage in chain.stages]
    both = "encoder" in parts and "decoder" in parts
    return max(number for number, part in enumerate(parts) if part == "encoder") if both else -1


def _sent(architecture: Architecture, chain: Chain) -> tuple[dict[str, int], str]:
    """What a network that only goes down sends out of its stages, through convolutions behind them."""
    if any(stage.stage.role in ("up", "body") for stage in chain.stages) or not chain.stages:
        return {}, ""
    first = architecture.first_call
    late = max(first.get(stage.path, -1) for stage in architecture.stages if stage.role in STAGED)
    blocks = {block.path for block in chain.blocks()}
    channels: dict[str, int] = {}
    through = ""
    for stage in architecture.stages:
        conv, output = convolution(architecture, stage.path), architecture.by_path[stage.path].output
        if stage.role != "conditioning" or conv is None or output is None or first.get(stage.path, -1) < late:
            continue
        through = kernel(conv.attributes)
        read = architecture.calls[first[stage.path]].reads[0]
        source = architecture.nodes[architecture.calls[read].node].path if read >= 0 else ""
        while source and source not in blocks:
            source = parent(source)
        channels[source or (chain.inlet.path if chain.inlet else "")] = output[1]
    return channels, through
