"""What merge tools and BK-SDM's figure call the blocks of a UNet or of FLUX.1.

After hako-mikan/sd-webui-supermerger@0b1c4915 `scripts/mergers/mergers.py` and ljleb/sd-mecha@b8d4d881
`convert_sdxl_blocks.py`; the places of BK-SDM are those in the text of nota-ai's `docs/fig_model.pdf`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_BLOCK = re.compile(r"^(input|output)_blocks\.(\d+)\.|^(middle_block)\.")
_FLUX = re.compile(r"^(double|single)_blocks\.(\d+)\.")
_IN_BASE = ("time_embed.", "label_emb.", "label_emb")
"""What supermerger counts with IN00, sd-mecha with the text encoders as BASE."""
_PLACE = re.compile(
    r"^(?:(down|up)_blocks\.(\d+)|mid_block)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\."
)


def merge(original: str, last: int) -> str:
    """The block of supermerger that a tensor under its LDM name counts with: IN00 … M00 … OUT11, where
    `last` is the number of the last output block; "" for a name that it does not know."""
    if match := _BLOCK.match(original):
        return "M00" if match[3] else f"{'IN' if match[1] == 'input' else 'OUT'}{int(match[2]):02}"
    if original.startswith(_IN_BASE):
        return "IN00"
    return f"OUT{last:02}" if original.startswith("out.") else ""


def sd_mecha(original: str, last: int) -> str:
    """The same for sd-mecha, which keeps the embeddings of time and pooled text apart."""
    return "BASE" if original.startswith(_IN_BASE) else merge(original, last)


def flux(original: str) -> str:
    """The block of supermerger that a tensor of FLUX.1 under its BFL name counts with: IN, D00, S00, OUT."""
    if match := _FLUX.match(original):
        return f"{match[1][0].upper()}{int(match[2]):02}"
    part = original.split(".", 1)[0]
    return "IN" if part.endswith("_in") else "OUT" if part == "final_layer" else ""


def bk_sdm(path: str, config: Mapping[str, Any]) -> str:
    """A block as BK-SDM numbers it: R for residual, A for attention, Cv for a convolution; the stage, 1 to 4
    down, 5 in the middle, 6 to 9 up; the place in it. Students keep the numbers of their teacher.

    "" if the figure does not show the network.
    """
    levels, layers = config.get("block_out_channels"), config.get("layers_per_block", 2)
    if not _is_shown(levels, layers):
        return ""
    if path.startswith(("conv_in.", "conv_out.")):
        return "Cv"
    place = _PLACE.match(path)
    if place is None:
        return ""
    side, level, kind, number = place[1], int(place[2] or 0), place[3], int(place[4])
    missing = 4 - len(levels or ())  # Tiny has neither the fourth stage, nor the middle, nor the sixth
    stage = {"down": level + 1, "up": level + 6 + missing}.get(side, 5)
    if kind.endswith("samplers"):
        return f"Cv{'Dn' if side == 'down' else 'Up'}{stage}"
    numbered = {1: 3}.get(number, number + 1) if side == "up" and layers == 1 else number + 1
    return f"{'R' if kind == 'resnets' else 'A'}{stage},{numbered}"


_WIDTHS = (320, 640, 1280, 1280)


def _is_shown(levels: object, layers: object) -> bool:
    """Whether the levels are those of Stable Diffusion 1 and 2, or of one of their students."""
    if not isinstance(levels, Sequence) or layers not in (1, 2):
        return False
    return tuple(levels) == _WIDTHS or (tuple(levels) == _WIDTHS[:3] and layers == 1)


def together(labels: Sequence[str]) -> str:
    """The labels of several tensors, each once; consecutive ones as a range."""
    once = [fromkey for fromkey in dict.fromkeys(labels) if fromkey]
    numbers = [re.fullmatch(r"([A-Z]+)(\d+)", label) for label in once]
    if len(once) > 1 and all(numbers) and len({number[1] for number in numbers if number}) == 1:
        counted = sorted(int(number[2]) for number in numbers if number)
        if counted == list(range(counted[0], counted[-1] + 1)):
            return f"{min(once)}–{max(once)}"
    return " ".join(once)
