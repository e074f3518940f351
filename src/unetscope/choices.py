"""What a caller may choose: every argument that is one of a few words, and the look that every layout reads.

The words are types, so that a checker refuses others before anything runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from unetscope.errors import OutputError
from unetscope.paths import is_within

CostUnit: TypeAlias = Literal["macs", "flops"]
Detail: TypeAlias = Literal["stage", "block", "layer"]
ColorBy: TypeAlias = Literal["kind", "params", "macs"]
Width: TypeAlias = Literal["readme", "full", "column"]
ChartWidth: TypeAlias = Literal["readme", "column"]
LayoutName: TypeAlias = Literal["strip", "u", "column"]
Ground: TypeAlias = Literal["theme", "transparent"]
CaptionForm: TypeAlias = Literal["latex", "markdown", "alt"]
ThemeName: TypeAlias = Literal["light", "dark", "auto", "paper"]

DiagramFormat: TypeAlias = Literal["svg", "png", "pdf", "tex", "json", "html"]
DiffFormat: TypeAlias = Literal["text", "json", "markdown", "html", "svg", "png", "pdf", "tex"]
GraphFormat: TypeAlias = Literal["svg", "png", "pdf", "dot", "mermaid"]
TreeFormat: TypeAlias = Literal["text", "svg", "png", "pdf", "dot", "mermaid"]
ChartFormat: TypeAlias = Literal["svg", "png", "pdf"]
CodeFormat: TypeAlias = Literal["python", "javascript", "latex"]
ChartKind: TypeAlias = Literal["stages", "memory", "sweep", "zoo"]

PartName: TypeAlias = Literal["encoder", "decoder"]
KeysBy: TypeAlias = Literal["block", "layer", "tensor"]
NamingName: TypeAlias = Literal[
    "original", "ldm", "sgm", "bfl", "sd3", "wan", "ltx", "hunyuan", "lumina",
    "merge", "bk-sdm", "kohya", "peft",
]  # fmt: skip
"""Other namings than diffusers'; `original` is that of a network's own code, whatever it is called."""
RowsBy: TypeAlias = Literal["stage", "block", "kind", "layer"]
ConventionName: TypeAlias = Literal["full", "layers", "thop", "calflops", "deepspeed"]
DtypeName: TypeAlias = Literal["float32", "float16", "bfloat16"]
AttentionName: TypeAlias = Literal["fused", "eager"]
MixedName: TypeAlias = Literal["fp16", "bf16", "no"]
QuantName: TypeAlias = Literal["fp8", "int8", "nf4", "q8_0", "q6_k", "q5_k", "q4_k", "q3_k", "q2_k"]
OptimizerName: TypeAlias = Literal[
    "adamw", "adamw8bit", "paged-adamw8bit", "adafactor", "lion", "lion8bit", "sgd", "sgd-momentum"
]

CHOICES: dict[str, tuple[str, ...]] = {
    "unit": ("macs", "flops"),
    "detail": ("stage", "block", "layer"),
    "color_by": ("kind", "params", "macs"),
    "width": ("readme", "full", "column"),
}
"""Every option that is one of a few words, with these words, the default first (`detail`: block)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What fills mean in place of kinds and costs: how much each part of a network changed.

    `changes` has ‖A − B‖² and ‖A‖² of each block, by its path; `said` are the lines below the picture.
    """

    changes: Mapping[str, tuple[float, float]]
    said: tuple[str, ...]

    def at(self, path: str) -> int:
        """‖A − B‖ / ‖A‖ of all blocks inside a module, in millionths: 0 where nothing changed, else 1 at
        least."""
        inside = [pair for block, pair in self.changes.items() if is_within(block, path)]
        whole, change = (sum(pair[at] for pair in inside) for at in (1, 0))
        return max(1, round(1e6 * math.sqrt(change / whole))) if whole and change else 0


@dataclass(frozen=True, slots=True)
class Look:
    """Unit of the costs, how far blocks are opened, what fills mean, how wide the page is.

    `measured` makes the fills of a strip mean how much its parts changed. `command` is printed at the foot.
    `paper` leaves only the picture, its numbers and one line of legend, for a figure with its own caption.
    `title` says whether the network's name stands above.
    """

    unit: CostUnit = "macs"
    command: str = ""
    detail: Detail = "block"
    color_by: ColorBy = "kind"
    width: Width = "readme"
    paper: bool = False
    title: bool = True
    measured: Measured | None = None

    @property
    def shaded(self) -> bool:
        """Whether fills mean an amount in place of a kind."""
        return self.color_by != "kind" or self.measured is not None


def checked(look: Look) -> Look:
    """The same look; raises OutputError for a word that is not one of the choices."""
    for name, known in CHOICES.items():
        value = getattr(look, name)
        if value not in known:
            words = name.replace("_", "-")
            raise OutputError(f"no {words} {value!r}", hint=f"{words}: " + ", ".join(known))
    return look


def check(name: str, value: object, words: Any) -> None:
    """Raise OutputError where a value is not one of the words of a type; None, not given, passes."""
    known = get_args(words)
    if value is not None and value not in known:
        raise OutputError(f"no {name} {value!r}", hint=f"{name}: " + ", ".join(known))


HANDED_OVER = 0.8
"""The denoising_end at which diffusers' documentation hands SDXL's latents over to the refiner."""
