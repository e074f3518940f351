"""The names of CompVis' and Stability's UNets → those of diffusers, one to one.

Written from the layout of the two: input_blocks are counted through, block 0 is conv_in, a block whose
first part is `.0.op` ends a level; output_blocks likewise, where `.conv` under part 1 or 2 ends one.
ControlNets have the same encoder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_TOP = {
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    "time_embed.cond_proj": "time_embedding.cond_proj",
    "label_emb.0.0": "add_embedding.linear_1",
    "label_emb.0.2": "add_embedding.linear_2",
    "label_emb": "class_embedding",
    "input_blocks.0.0": "conv_in",
    "out.0": "conv_norm_out",
    "out.2": "conv_out",
    "middle_block_out.0": "controlnet_mid_block",
}
_RESNET = {
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
}
_BLOCK = re.compile(r"^(input|output)_blocks\.(\d{1,3})\.(\d)\.(.+)$")
_MIDDLE = re.compile(r"^middle_block\.(\d)\.(.+)$")
_ZERO = re.compile(r"^zero_convs\.(\d{1,3})\.0\.(.+)$")
_HINT = re.compile(r"^input_hint_block\.(\d{1,2})\.(.+)$")
_LAST = re.compile(r"^(.*)\.([^.]+)$")


def to_diffusers(names: Iterable[str]) -> dict[str, str]:
    """LDM name → diffusers name; names that no UNet has are left out."""
    known = list(names)
    places = {side: _places(known, side) for side in ("input", "output")}
    moved = ((name, _moved(name, places)) for name in known)
    return {name: new for name, new in moved if new}


def _places(names: list[str], side: str) -> dict[int, tuple[int, int]]:
    """Block number → its level, and its place in that level."""
    parts: dict[int, set[str]] = {}
    for name in names:
        match = _BLOCK.match(name)
        if match and match[1] == side:
            parts.setdefault(int(match[2]), set()).add(f"{match[3]}.{match[4].split('.')[0]}")
    level, place, result = 0, 0, dict[int, tuple[int, int]]()
    for number in sorted(parts):
        if side == "input" and number == 0:
            continue
        result[number] = (level, place)
        ends = "0.op" in parts[number] if side == "input" else bool({"1.conv", "2.conv"} & parts[number])
        level, place = (level + 1, 0) if ends else (level, place + 1)
    return result


def _moved(name: str, places: dict[str, dict[int, tuple[int, int]]]) -> str:
    if top := _top(name):
        return top
    if block := _BLOCK.match(name):
        level = places[block[1]].get(int(block[2]))
        return _in_block(block[1], level, block[3], block[4]) if level else ""
    if middle := _MIDDLE.match(name):
        return _in_middle(int(middle[1]), middle[2])
    if zero := _ZERO.match(name):
        return f"controlnet_down_blocks.{zero[1]}.{zero[2]}"
    if hint := _HINT.match(name):
        return _in_hint(int(hint[1]), hint[2])
    return ""


def _top(name: str) -> str:
    match = _LAST.match(name)
    return f"{_TOP[match[1]]}.{match[2]}" if match and match[1] in _TOP else ""


def _in_block(side: str, place: tuple[int, int], part: str, rest: str) -> str:
    level, number = place
    block = f"{'down' if side == 'input' else 'up'}_blocks.{level}"
    if rest.startswith("op."):
        return f"{block}.downsamplers.0.conv.{rest[3:]}"
    if part != "0" and rest.startswith("conv."):
        return f"{block}.upsamplers.0.conv.{rest[5:]}"
    if part == "0":
        return _resnet(f"{block}.resnets.{number}", rest)
    return f"{block}.attentions.{number}.{rest}" if part == "1" else ""


def _in_middle(part: int, rest: str) -> str:
    """Resnet, attention, resnet: in a middle without attention the second resnet is part 1."""
    if re.match(r"(in|emb|out)_layers\.", rest):
        return _resnet(f"mid_block.resnets.{(part + 1) // 2}", rest)
    return f"mid_block.attentions.{part // 2}.{rest}"


def _in_hint(part: int, rest: str) -> str:
    """Convolutions with an activation between each two: 0, 2, … 14."""
    where = "conv_in" if part == 0 else "conv_out" if part == 14 else f"blocks.{part // 2 - 1}"
    return f"controlnet_cond_embedding.{where}.{rest}"


def _resnet(path: str, rest: str) -> str:
    match = _LAST.match(rest)
    return f"{path}.{_RESNET[match[1]]}.{match[2]}" if match and match[1] in _RESNET else ""


def from_diffusers(names: Iterable[str]) -> dict[str, str]:
    """Diffusers name → LDM name, the way back; names unknown to LDM are left out."""
    known = list(names)
    layers = {side: _layers(known, side) for side in ("down", "up")}
    moved = ((name, _moved_back(name, layers, known)) for name in known)
    return {name: new for name, new in moved if new}


_TOP_BACK = {new: old for old, new in _TOP.items()}
_RESNET_BACK = {new: old for old, new in _RESNET.items()}
_PLACE = re.compile(
    r"^(down|up|mid)_blocks?\.(?:(\d+)\.)?(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)$"
)

_HINT_BACK = re.compile(r"^controlnet_cond_embedding\.(conv_in|conv_out|blocks\.(\d))\.(.+)$")


def _layers(names: list[str], side: str) -> list[int]:
    """How many resnets each level has."""
    counts: dict[int, set[str]] = {}
    for name in names:
        place = _PLACE.match(name)
        if place and place[1] == side and place[3] == "resnets" and place[2]:
            counts.setdefault(int(place[2]), set()).add(place[4])
    return [len(counts[level]) for level in sorted(counts)]


def _moved_back(name: str, layers: dict[str, list[int]], names: list[str]) -> str:
    last = _LAST.match(name)
    if last and last[1] in _TOP_BACK:
        return f"{_TOP_BACK[last[1]]}.{last[2]}"
    if name.startswith("controlnet_down_blocks."):
        _, number, rest = name.split(".", 2)
        return f"zero_convs.{number}.0.{rest}"
    if hint := _HINT_BACK.match(name):
        at = {"conv_in": 0, "conv_out": 14}.get(hint[1], 2 + 2 * int(hint[2] or 0))
        return f"input_hint_block.{at}.{hint[3]}"
    place = _PLACE.match(name)
    if place is None:
        return ""
    block = _block_back(place, layers)
    part = _part_back(place, names)
    return f"{block}.{part}" if block and part else ""


def _block_back(place: re.Match[str], layers: dict[str, list[int]]) -> str:
    side, level, kind, number = place[1], int(place[2] or 0), place[3], int(place[4])
    if side == "mid":
        return "middle_block"
    if side == "down":
        before = 1 + sum(count + 1 for count in layers["down"][:level])
        return f"input_blocks.{before + (layers['down'][level] if kind == 'downsamplers' else number)}"
    before = sum(layers["up"][:level])
    return f"output_blocks.{before + (layers['up'][level] - 1 if kind == 'upsamplers' else number)}"


def _part_back(place: re.Match[str], names: list[str]) -> str:
    side, level, kind, number, rest = place[1], place[2], place[3], int(place[4]), place[5]
    if kind == "resnets":
        last = _LAST.match(rest)
        inner = f"{_RESNET_BACK[last[1]]}.{last[2]}" if last and last[1] in _RESNET_BACK else ""
        return inner and f"{2 * number if side == 'mid' else 0}.{inner}"
    if kind == "attentions":
        return f"1.{rest}"
    if not rest.startswith("conv."):  # a residual block that resamples, which LDM has not
        return ""
    end = rest.removeprefix("conv.")
    if kind == "downsamplers":
        return f"0.op.{end}"
    attends = any(name.startswith(f"up_blocks.{level}.attentions.") for name in names)
    return f"{2 if attends else 1}.conv.{end}"
