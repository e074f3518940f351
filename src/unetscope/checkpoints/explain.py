"""What the error messages of diffusers, torch, ComfyUI and A1111 mean: a table of patterns, each with its answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from unetscope.checkpoints.hints import family
from unetscope.families.wording import printable

_LINE = 100
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


@dataclass(frozen=True, slots=True)
class _Known:
    pattern: re.Pattern[str]
    means: str
    remedy: str
    cause: Callable[[re.Match[str]], str] = lambda found: ""


_CONTEXT = {768: "Stable Diffusion 1", 1024: "Stable Diffusion 2", 2048: "SDXL", 1280: "the SDXL refiner", 4096: "T5-XXL's width"}
_INPUTS = {4: "text to image", 9: "inpainting", 8: "pix2pix", 5: "depth", 7: "the x4 upscaler"}


def _sizes(text: str) -> list[int]:
    return [int(word) for word in re.findall(r"\d{1,9}", text)]


def _mismatch(found: re.Match[str]) -> str:
    """What two shapes of one tensor say: their widths are those of known networks."""
    name, theirs, ours = found["name"], _sizes(found["file"]), _sizes(found["model"])
    if len(theirs) != len(ours):
        linear = {len(theirs), len(ours)} == {2, 4} and "proj_" in name
        return "one has linear layers where the other has convolutions: SD 1 against SD 2 or SDXL" if linear else ""
    if name.endswith(("conv_in.weight", "input_blocks.0.0.weight")) and len(theirs) > 1 and theirs[1] != ours[1]:
        return f"the file takes {theirs[1]} input channels{_of(_INPUTS, theirs[1])}, the network {ours[1]}{_of(_INPUTS, ours[1])}"
    if re.search(r"attn2[._]to_[kv]", name) and theirs[-1] != ours[-1]:
        return f"the file's context is {theirs[-1]} wide{_of(_CONTEXT, theirs[-1])}, the network's {ours[-1]}{_of(_CONTEXT, ours[-1])}"
    if name.endswith(("img_in.weight", "x_embedder.weight")) and theirs[-1] != ours[-1]:
        return f"the file takes {theirs[-1]} inputs, the network {ours[-1]}: 64 is FLUX.1, 384 Fill, 128 Canny or Depth"
    return ""


def _of(known: dict[int, str], number: int) -> str:
    return f" ({known[number]})" if number in known else ""


def _lora_base(found: re.Match[str]) -> str:
    name = found["name"]
    if re.search(r"double_blocks|single_blocks|single_transformer", name):
        return "its modules are FLUX's: the model it is loaded over is another, or its names another trainer's"
    if re.search(r"(down|up|input|output)_blocks", name):
        return "its modules are those of a UNet (SD 1, SD 2 or SDXL)"
    return "its modules are those of Wan" if re.search(r"(self|cross)_attn[._][qkvo]", name) else ""


def _pickle(found: re.Match[str]) -> str:
    return f"the file's pickle calls {printable(found['name'], limit=80)}"


def _state_dict(found: re.Match[str]) -> str:
    return f"the network being filled is a {found['name']}"


def _quantity(found: re.Match[str]) -> str:
    spoken = family(found["name"])
    return f"the name speaks of {spoken}" if spoken else ""


_IDENTIFY = "see what it is: unetscope identify FILE; and whether it fits: unetscope check FILE SOURCE"
_KNOWN: tuple[_Known, ...] = (
    _Known(
        re.compile(
            r"size mismatch for (?P<name>[\w.]+): copying a param with shape (?P<file>torch\.Size\(\[[\d, ]*\]\)|\([\d, ]*\))"
            r" from checkpoint, the shape in current model is (?P<model>torch\.Size\(\[[\d, ]*\]\)|\([\d, ]*\))"
        ),
        "the file and the network both have this tensor, of different shapes: they are two networks",
        _IDENTIFY, _mismatch,
    ),
    _Known(
        re.compile(
            r"Cannot load .{0,300}?because (?P<name>[\w.]+) expected shape (?P<model>torch\.Size\(\[[\d, ]*\]\)|tensor\(.{0,60}?\)),"
            r" but got (?P<file>torch\.Size\(\[[\d, ]*\]\))"
        ),
        "diffusers: the file and the config beside it are of two networks",
        "give the config of the file's own network, or ignore_mismatched_sizes=True and low_cpu_mem_usage=False", _mismatch,
    ),
    _Known(
        re.compile(r"Error\(s\) in loading state_dict for (?P<name>\w+)"),
        "torch: tensors of the file are not those of the network; the lines below say which", _IDENTIFY, _state_dict,
    ),
    _Known(
        re.compile(r"Missing key\(s\) in state_dict: ?(?P<name>.{0,200})"),
        "the network has tensors that the file lacks: another network, or a prefix or naming that was not converted",
        _IDENTIFY,
    ),
    _Known(
        re.compile(r"Unexpected key\(s\) in state_dict: ?(?P<name>.{0,200})"),
        "the file has tensors that the network lacks: another network, or names that were not converted", _IDENTIFY,
    ),
    _Known(
        re.compile(r"lora key not loaded:? ?(?P<name>\S{1,200})", re.IGNORECASE),
        "ComfyUI: the network has no module of this name, so this part of the LoRA does nothing",
        "is the LoRA of the same base? unetscope check LORA BASE", _lora_base,
    ),
    _Known(
        re.compile(r"(?:NOT LOADED|Failed to match keys when loading network).{0,200}"),
        "the network has no module of these names: the LoRA is of another base", "unetscope check LORA BASE",
    ),
    _Known(
        re.compile(r"Target modules? .{0,200}? not found in the base model"),
        "PEFT: none of the LoRA's modules is in the model", "is the LoRA of the same base? unetscope check LORA BASE",
    ),
    _Known(
        re.compile(r"Loading adapter weights from state_dict led to unexpected keys.{0,100}?: ?(?P<name>.{0,100})"),
        "diffusers: some of the LoRA's names are of no module; these parts do nothing", "unetscope check LORA BASE",
    ),
    _Known(
        re.compile(r"[Cc]ould not detect model type of:? ?(?P<name>.{0,200})"),
        "ComfyUI: no network that it knows has these names, or it is only a part: a bare denoiser is no checkpoint",
        "a bare denoiser belongs into models/diffusion_models and is loaded by UNETLoader; unetscope identify FILE", _quantity,
    ),
    _Known(
        re.compile(r"mat1 and mat2 shapes cannot be multiplied \((?P<name>\d+x(?P<have>\d+) and (?P<want>\d+)x\d+)\)"),
        "a layer is given something of another width than it was made for: often a text encoder, a LoRA or a "
        "ControlNet of another base", "unetscope identify FILE says the width of each context",
        lambda found: f"given {found['have']}{_of(_CONTEXT, int(found['have']))}, made for {found['want']}{_of(_CONTEXT, int(found['want']))}",
    ),
    _Known(
        re.compile(r"(?:expected input\[.{0,60}?\] to have (?P<want>\d+) channels, but got (?P<have>\d+) channels)"),
        "the network takes another number of input channels than it is given",
        "an inpainting network (9) needs an inpainting pipeline, a plain one (4) does not",
        lambda found: f"made for {found['want']}{_of(_INPUTS, int(found['want']))}, given {found['have']}{_of(_INPUTS, int(found['have']))}",
    ),
    _Known(
        re.compile(r"(?:HeaderTooLarge|HeaderTooSmall|InvalidHeaderDeserialization|InvalidHeaderLength)"),
        "the file is no safetensors file: often a pickle renamed, a web page saved in its place, or a Git LFS pointer",
        "unetscope identify FILE says what it is; download it again",
    ),
    _Known(
        re.compile(r"(?:MetadataIncompleteBuffer|incomplete metadata, file not fully covered)"),
        "the file's data is shorter or longer than its header says: a download that was cut short", "download it again",
    ),
    _Known(
        re.compile(r"(?:PytorchStreamReader failed|failed finding central directory|file in archive is not in a subdirectory)"),
        "the .ckpt or .pt is no whole zip archive: a download that was cut short, or another kind of file", "download it again",
    ),
    _Known(
        re.compile(r"(?:Unsupported (?:global|class)|Unsupported operand|GLOBAL) ?:? ?(?P<name>[\w.]{3,100})? ?.{0,60}?(?:weights_only|not an allowed global|was not an allowed)"),
        "torch refuses to call what the pickle asks for while it loads", "unetscope identify FILE lists it without running it; prefer a "
        "safetensors file",
        lambda found: f"it asks for {found['name']}" if found["name"] else "",
    ),
    _Known(
        re.compile(r"Can't load .{0,200}?Error no file named (?P<name>[\w.-]+)"),
        "diffusers looks for a folder with this file; what it was given is a single file or another folder",
        "a single file is loaded by from_single_file, a folder by from_pretrained",
    ),
    _Known(
        re.compile(r"(?:clip missing|missing clip|clip input is invalid: None|no CLIP|ERROR: clip).{0,100}", re.IGNORECASE),
        "the file has no text encoder in it: it is a bare denoiser",
        "load the text encoders by themselves (CLIPLoader, DualCLIPLoader)",
    ),
    _Known(
        re.compile(r"unknown (?:model )?architecture:? ?'?(?P<name>[\w.-]{1,60})'?|Unexpected architecture type in GGUF file:? ?'?(?P<other>[\w.-]{1,60})", re.IGNORECASE),
        "the GGUF file names an architecture that the loader does not know; its tensors may still be known ones",
        "unetscope identify FILE goes by the tensors",
    ),
    _Known(
        re.compile(r"checkpoint .{0,80}?(?:seems to be|is) (?:incompatible|not supported)|Invalid (?:model|checkpoint) (?:type|file)"),
        "the program knows no network with these tensors", _IDENTIFY,
    ),
    _Known(
        re.compile(r"CUDA out of memory|OutOfMemoryError"),
        "the card has too little memory: the file itself is fine", "unetscope memory FILE --fits 24GB",
    ),
)  # fmt: skip


def explain(log: str) -> list[Explained]:
    """What each kind of line in a log means, in the order in which they come; unknown lines are left out."""
    found: dict[tuple[str, str], Explained] = {}
    for line in log.splitlines():
        for known in _KNOWN:
            match = known.pattern.search(line[:_LONGEST])
            if match is None:
                continue
            cause = known.cause(match)
            key = (known.means, cause)
            before = found.get(key)
            count = before.count + 1 if before else 1
            quoted = before.quoted if before else printable(match[0].strip(), limit=_LINE)
            found[key] = Explained(quoted, known.means, cause, known.remedy, count)
            break
    return list(found.values())
