"""Every argument that is one of a few words, as a type that a checker knows, and the check of it here."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

from unetscope.choices import ColorBy, Detail, Width
from unetscope.errors import OutputError

__all__ = ["ColorBy", "Detail", "Unit", "Width"]

Layout: TypeAlias = Literal["strip", "u"]
Theme: TypeAlias = Literal["light", "dark", "auto", "paper"]
DiffWidth: TypeAlias = Literal["readme", "full"]
DiagramFormat: TypeAlias = Literal["svg", "png", "json"]
DiffFormat: TypeAlias = Literal["text", "json", "markdown", "html", "svg", "png"]
GraphFormat: TypeAlias = Literal["svg", "png", "dot", "mermaid"]
ChartFormat: TypeAlias = Literal["svg", "png", "pdf"]
Code: TypeAlias = Literal["python", "javascript", "latex"]
ChartKind: TypeAlias = Literal["stages", "memory", "sweep", "zoo"]
By: TypeAlias = Literal["stage", "block", "kind", "layer"]
Convention: TypeAlias = Literal["full", "layers", "thop", "calflops", "deepspeed"]
Dtype: TypeAlias = Literal["float32", "float16", "bfloat16"]
Attention: TypeAlias = Literal["fused", "eager"]
Mixed: TypeAlias = Literal["fp16", "bf16", "no"]
Optimizer: TypeAlias = Literal[
    "adamw", "adamw8bit", "paged-adamw8bit", "adafactor", "lion", "lion8bit", "sgd", "sgd-momentum"
]


def check(name: str, value: object, choices: Any) -> None:
    """Raise OutputError where a value is none of the words of a type; None, not given, passes."""
    known = get_args(choices)
    if value is not None and value not in known:
        raise OutputError(f"no {name} {value!r}", hint=f"{name}: " + ", ".join(known))
