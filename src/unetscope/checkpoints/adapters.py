"""LoRA and its kin: which modules a file adapts, by which method, of which rank, for which base."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from unetscope.checkpoints.evidence import chosen
from unetscope.checkpoints.names.naming import Names
from unetscope.checkpoints.rules import AdapterRule, adapters
from unetscope.sizes import Shape

_ENDINGS: tuple[tuple[str, str, str], ...] = (
    # what a tensor's name ends in, the method, the part that it is
    (r"[._]lora_down\.weight", "LoRA", "down"),
    (r"[._]lora_up\.weight", "LoRA", "up"),
    (r"[._]lora_mid\.weight", "LoRA", "mid"),
    (r"\.lora_A(?:\.\w+)?\.weight|\.lora_A(?:\.default)?", "LoRA", "down"),
    (r"\.lora_B(?:\.\w+)?\.weight|\.lora_B(?:\.default)?", "LoRA", "up"),
    (r"\.lora_B(?:\.\w+)?\.bias", "LoRA", "bias"),
    (r"(?:_lora|\.lora|\.lora_linear_layer)\.down\.weight", "LoRA", "down"),
    (r"(?:_lora|\.lora|\.lora_linear_layer)\.up\.weight", "LoRA", "up"),
    (r"_lora\d?\.down\.weight", "LoRA", "down"),
    (r"_lora\d?\.up\.weight", "LoRA", "up"),
    (r"\.hada_w1_a", "LoHa", "up"),
    (r"\.hada_w1_b", "LoHa", "down"),
    (r"\.hada_(?:w2_[ab]|t[12])", "LoHa", "other"),
    (r"\.lokr_w1", "LoKr", "w1"),
    (r"\.lokr_w2", "LoKr", "w2"),
    (r"\.lokr_w1_a", "LoKr", "w1_a"),
    (r"\.lokr_w1_b", "LoKr", "w1_b"),
    (r"\.lokr_w2_a", "LoKr", "w2_a"),
    (r"\.lokr_w2_b", "LoKr", "w2_b"),
    (r"\.lokr_t2", "LoKr", "other"),
    (r"\.oft_(?:blocks|diag|R(?:\.\w+)?(?:\.weight)?)", "OFT", "other"),
    (r"\.(?:dora_scale|lora_magnitude_vector(?:\.\w+)?(?:\.weight)?)", "DoRA", "scale"),
    (r"\.(?:diff|diff_b|set_weight|reshape_weight|w_norm|b_norm)", "full difference", "other"),
    (r"\.(?:alpha|rank_num|scale)", "", "alpha"),
)
_ENDING = re.compile(
    "|".join(f"(?P<e{at}>{ending})" for at, (ending, _, _) in enumerate(_ENDINGS)).join(("(?:", ")$"))
)
_PREFIX = re.compile(
    r"^(?P<text>lora_te\d?_|lora_text_encoders?_?\d?[._]|text_encoders?_?\d?\.|te\d?\.|"
    r"text_model\.|clip_[lg]\.|t5xxl\.)|"
    r"^(?:lora_unet_|lora_prior_(?=unet)|lora_transformer_|lycoris_|oft_unet_|base_model\.model\.(?:unet\.|transformer\.)?|"
    r"model\.diffusion_model\.|diffusion_model\.|transformer\.(?=[a-z])|unet\.|denoiser\.)"
)
_NAMINGS = (
    ("lora_unet_", "kohya"),
    ("lora_te", "kohya"),
    ("lora_prior_unet", "OneTrainer"),
    ("lora_transformer_", "OneTrainer"),
    ("lycoris_", "LyCORIS"),
    ("base_model.model.", "PEFT"),
    ("double_blocks.0.processor", "XLabs"),
    ("diffusion_model.", "ComfyUI"),
    ("transformer.", "diffusers"),
    ("unet.", "diffusers"),
)
_TELLTALE = re.compile(r"lora|hada_|lokr_|oft_|\.diff|set_weight|[wb]_norm$", re.MULTILINE)
_LEAST_SHARE = 0.5
"""Of a file's tensors that belong to adapters, for the file to be one of them."""


@dataclass(slots=True)
class Module:
    """One adapted module: the parts found of it, by their kind."""

    parts: dict[str, Shape | None] = field(default_factory=dict)

    @property
    def rank(self) -> int | None:
        for part in ("down", "w1_b", "w2_b"):
            if shape := self.parts.get(part):
                return shape[0]
        return None

    @property
    def sides(self) -> tuple[int, int] | None:
        """Outputs and inputs of the module; None where the parts do not tell."""
        up, down = self.parts.get("up"), self.parts.get("down")
        if up and down and len(down) > 1:
            return up[0], down[1]
        first, second = self._factor("w1"), self._factor("w2")
        return (first[0] * second[0], first[1] * second[1]) if first and second else None

    def _factor(self, name: str) -> tuple[int, int] | None:
        """A factor of LoKr, whole or itself a product."""
        whole, a, b = (self.parts.get(name + end) for end in ("", "_a", "_b"))
        if whole and len(whole) > 1:
            return whole[0], whole[1]
        return (a[0], b[1]) if a and b and len(b) > 1 else None


@dataclass(frozen=True, slots=True)
class Adapter:
    """What a file of adapters holds. `modules` are those of the denoiser by their flattened names; `ranks`
    are ranks with the number of modules that have them; `kept` counts tensors that are no factors."""

    method: str
    naming: str
    base: str
    why: str
    rule: str
    modules: Mapping[str, Module]
    text_modules: int
    ranks: tuple[tuple[int, int], ...]
    kept: int


def read(names: Names) -> Adapter | None:
    """The adapters that a file holds; None where most of it is something else."""
    if not _TELLTALE.search("\n".join(names)):
        return None
    denoiser, text, methods = dict[str, Module](), dict[str, Module](), Counter[str]()
    for name, shape in names.items():
        if match := _ENDING.search(name):
            _, method, part = _ENDINGS[int(str(match.lastgroup)[1:])]
            methods[method] += 1
            bare, is_text = _bare(_path(name, match))
            modules = text if is_text else denoiser
            modules.setdefault(bare.replace(".", "_"), Module()).parts[part] = shape
    taken = methods.total()
    del methods[""]
    if not methods or taken < _LEAST_SHARE * len(names):
        return None
    rule, base, why = _base(denoiser, text)
    ranks = Counter(module.rank for module in [*denoiser.values(), *text.values()] if module.rank is not None)
    common = tuple(ranks.most_common(4))
    left = len(names) - taken
    return Adapter(_method(methods), _naming(names), base, why, rule, denoiser, len(text), common, left)


def module_of(name: str) -> str:
    """The module that a name in a file of adapters is about, without its trainer's prefix; any other name
    as it is."""
    match = _ENDING.search(name)
    return _bare(_path(name, match) if match else name)[0]


def _path(name: str, match: re.Match[str]) -> str:
    """The module that a tensor belongs to; XLabs' processors are no part of the network themselves."""
    keeps = "processor" in name and match[0].startswith("_lora")
    return name[: match.start()] + ("_lora" if keeps else "")


def _bare(path: str) -> tuple[str, bool]:
    """A module's path without the prefix of its trainer, and whether it is one of a text encoder."""
    match = _PREFIX.match(path)
    return (path, False) if match is None else (path[match.end() :], bool(match["text"]))


def _method(methods: Counter[str]) -> str:
    main = next((name for name, _ in methods.most_common() if name not in ("DoRA", "full difference")), "")
    main = main or methods.most_common(1)[0][0]
    if methods["DoRA"]:
        return "DoRA" if main == "LoRA" else f"DoRA by {main}"
    return main


def _naming(names: Iterable[str]) -> str:
    first = next(iter(names), "")
    known = next((word for start, word in _NAMINGS if first.startswith(start)), "")
    if not known:
        known = (
            "XLabs"
            if ".processor." in first
            else "BFL"
            if "_blocks." in first and "double" in first
            else "bare"
        )
    return known


def _base(denoiser: Mapping[str, Module], text: Mapping[str, Module]) -> tuple[str, str, str]:
    """The rule, the base in words, and why."""
    if not denoiser:
        return ("text", *_text_base(text))
    for rule in adapters():
        if _fits(rule, denoiser):
            variant = chosen(
                rule.variants, {key: _measured(what, denoiser) for key, what in rule.measures.items()}
            )
            return rule.id, *((variant.title, variant.why) if variant else (rule.title, rule.why))
    return "", "", "its modules are those of no network known here"


def _text_base(text: Mapping[str, Module]) -> tuple[str, str]:
    wide = {module.sides[1] for module in text.values() if module.sides}
    if 1280 in wide:
        return "SDXL", "it adapts text encoders alone, one of them 1280 wide"
    return (
        "Stable Diffusion 1, SDXL, FLUX.1 or another with CLIP-L",
        "it adapts a text encoder alone, which several have",
    )


def _fits(rule: AdapterRule, denoiser: Mapping[str, Module]) -> bool:
    if any(re.search(pattern, name) for pattern in rule.lacks for name in denoiser):
        return False
    return any(re.search(pattern, name) for pattern in rule.modules for name in denoiser)


def _measured(what: str, denoiser: Mapping[str, Module]) -> Any:
    how, _, pattern = what.partition(" ")
    if how == "found":
        return any(re.search(pattern, name) for name in denoiser)
    if how == "last":
        numbers = [int(match[1][:4]) for name in denoiser if (match := re.search(pattern, name))]
        return max(numbers, default=None)
    sides = (module.sides for name, module in denoiser.items() if re.search(pattern, name))
    first = next((side for side in sides if side), None)
    return None if first is None else first[how == "in"]
