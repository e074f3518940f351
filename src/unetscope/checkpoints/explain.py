"""What error messages of diffusers, torch, ComfyUI and A1111 mean, by the table `rules/messages.json`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from unetscope.checkpoints.hints import family
from unetscope.checkpoints.rules import Message, messages
from unetscope.words.messages import printable

_LINE = 76
_LONGEST = 4_000
"""Characters of a line that are looked at."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A line of a log, what it means, its likely cause and what to do; `count` is how many are like it."""

    quoted: str
    means: str
    cause: str
    remedy: str
    count: int = 1


def explain(log: str) -> list[Explained]:
    """What each kind of line in a log means, in the order in which they come; unknown lines are left out."""
    known = [(re.compile(message.pattern), message) for message in messages()]
    meanings: dict[tuple[str, str], Explained] = {}
    for line in log.splitlines():
        for pattern, message in known:
            if match := pattern.search(line[:_LONGEST]):
                _note(meanings, match, message)
                break
    return list(meanings.values())


def _note(meanings: dict[tuple[str, str], Explained], match: re.Match[str], message: Message) -> None:
    cause = _CAUSES[message.cause](match) if message.cause else ""
    before = meanings.get((message.means, cause))
    count = before.count + 1 if before else 1
    quoted = before.quoted if before else printable(match[0].strip(), limit=_LINE)
    meanings[message.means, cause] = Explained(quoted, message.means, cause, message.remedy, count)


_CONTEXT = {
    768: "Stable Diffusion 1",
    1024: "Stable Diffusion 2",
    2048: "SDXL",
    1280: "the SDXL refiner",
    4096: "T5-XXL's width",
}
_INPUTS = {4: "text to image", 9: "inpainting", 8: "pix2pix", 5: "depth", 7: "the x4 upscaler"}


def _with(known: dict[int, str], number: int) -> str:
    """A number, with what it is known for."""
    return f"{number} ({known[number]})" if number in known else str(number)


def _sizes(text: str) -> list[int]:
    return [int(word) for word in re.findall(r"\d{1,9}", text)]


def _mismatch(match: re.Match[str]) -> str:
    """What two shapes of one tensor say: their widths are those of known networks."""
    name, theirs, ours = match["name"], _sizes(match["file"]), _sizes(match["model"])
    if len(theirs) != len(ours):
        linear = {len(theirs), len(ours)} == {2, 4} and "proj_" in name
        return "one has linear layers where the other has convolutions: SD 1 against SD 2" if linear else ""
    if not theirs:
        return ""
    if name.endswith(("conv_in.weight", "input_blocks.0.0.weight")) and theirs[1:2] != ours[1:2]:
        here, there = (_with(_INPUTS, sides[1]) for sides in (theirs, ours))
        return f"the file takes {here} input channels, the network {there}"
    if re.search(r"attn2[._]to_[kv]", name) and theirs[-1] != ours[-1]:
        return (
            f"the file's context is {_with(_CONTEXT, theirs[-1])} wide, "
            f"the network's {_with(_CONTEXT, ours[-1])}"
        )
    if name.endswith(("img_in.weight", "x_embedder.weight")) and theirs[-1] != ours[-1]:
        kinds = "64 is FLUX.1, 384 Fill, 128 Canny or Depth"
        return f"the file takes {theirs[-1]} inputs, the network {ours[-1]}: {kinds}"
    return ""


def _modules(match: re.Match[str]) -> str:
    """Which network the modules of a LoRA belong to."""
    name = match["name"]
    if re.search(r"double_blocks|single_blocks|single_transformer", name):
        return "its modules are FLUX's: it is loaded over another model, or has another trainer's names"
    if re.search(r"(down|up|input|output)_blocks", name):
        return "its modules are those of a UNet (SD 1, SD 2 or SDXL)"
    return "its modules are those of Wan" if re.search(r"(self|cross)_attn[._][qkvo]", name) else ""


def _widths(match: re.Match[str]) -> str:
    have, want = int(match["have"]), int(match["want"])
    return f"given {_with(_CONTEXT, have)}, made for {_with(_CONTEXT, want)}"


def _channels(match: re.Match[str]) -> str:
    have, want = int(match["have"]), int(match["want"])
    return f"given {_with(_INPUTS, have)}, made for {_with(_INPUTS, want)}"


def _asks(match: re.Match[str]) -> str:
    return f"it asks for {printable(match['name'], limit=80)}" if match["name"] else ""


def _class(match: re.Match[str]) -> str:
    return f"the network being filled is a {printable(match['name'], limit=80)}"


def _family(match: re.Match[str]) -> str:
    spoken = family(match["name"])
    return f"the name speaks of {spoken}" if spoken else ""


_CAUSES: dict[str, Callable[[re.Match[str]], str]] = {
    "mismatch": _mismatch,
    "modules": _modules,
    "widths": _widths,
    "channels": _channels,
    "asks": _asks,
    "class": _class,
    "name": _family,
}
