"""Names of one scheme → those of diffusers, with shapes where tensors are split or fused.

Tables as data: a pattern, and what it becomes; a list of names is one tensor split along its first side.
After diffusers' `loaders/single_file_utils.py` (0.42) `convert_*_to_diffusers`, tried against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from unetscope.checkpoints import ldm, vaes
from unetscope.sizes import Shape

Names = Mapping[str, Shape | None]


@dataclass(frozen=True, slots=True)
class Line:
    """`pattern` of a whole name; `to` is one name or several, into which the tensor is split by `parts`:
    how many shares of its first side each takes, 0 for the rest."""

    pattern: str
    to: Sequence[str]
    parts: Sequence[int] = ()


def _lines(*pairs: tuple[str, str]) -> list[Line]:
    return [Line(pattern, (to,)) for pattern, to in pairs]


def _qkv(pattern: str, path: str, words: Sequence[str], kind: str = "(weight|bias)") -> Line:
    """A fused projection, in three equal shares."""
    group = pattern.count("(") + 1
    return Line(rf"{pattern}\.{kind}", tuple(rf"{path}.{word}.\{group}" for word in words), (1, 1, 1))


_D, _S = r"double_blocks\.(\d+)", r"single_blocks\.(\d+)"
_FLUX = [
    *_lines(
        (r"img_in\.(.+)", r"x_embedder.\1"),
        (r"txt_in\.(.+)", r"context_embedder.\1"),
        (r"time_in\.in_layer\.(.+)", r"time_text_embed.timestep_embedder.linear_1.\1"),
        (r"time_in\.out_layer\.(.+)", r"time_text_embed.timestep_embedder.linear_2.\1"),
        (r"vector_in\.in_layer\.(.+)", r"time_text_embed.text_embedder.linear_1.\1"),
        (r"vector_in\.out_layer\.(.+)", r"time_text_embed.text_embedder.linear_2.\1"),
        (r"guidance_in\.in_layer\.(.+)", r"time_text_embed.guidance_embedder.linear_1.\1"),
        (r"guidance_in\.out_layer\.(.+)", r"time_text_embed.guidance_embedder.linear_2.\1"),
        (r"final_layer\.linear\.(.+)", r"proj_out.\1"),
        (r"final_layer\.adaLN_modulation\.1\.(.+)", r"norm_out.linear.\1"),
        (rf"{_D}\.img_mod\.lin\.(.+)", r"transformer_blocks.\1.norm1.linear.\2"),
        (rf"{_D}\.txt_mod\.lin\.(.+)", r"transformer_blocks.\1.norm1_context.linear.\2"),
        (rf"{_D}\.img_attn\.norm\.query_norm\.scale", r"transformer_blocks.\1.attn.norm_q.weight"),
        (rf"{_D}\.img_attn\.norm\.key_norm\.scale", r"transformer_blocks.\1.attn.norm_k.weight"),
        (rf"{_D}\.txt_attn\.norm\.query_norm\.scale", r"transformer_blocks.\1.attn.norm_added_q.weight"),
        (rf"{_D}\.txt_attn\.norm\.key_norm\.scale", r"transformer_blocks.\1.attn.norm_added_k.weight"),
        (rf"{_D}\.img_attn\.proj\.(.+)", r"transformer_blocks.\1.attn.to_out.0.\2"),
        (rf"{_D}\.txt_attn\.proj\.(.+)", r"transformer_blocks.\1.attn.to_add_out.\2"),
        (rf"{_D}\.img_mlp\.0\.(.+)", r"transformer_blocks.\1.ff.net.0.proj.\2"),
        (rf"{_D}\.img_mlp\.2\.(.+)", r"transformer_blocks.\1.ff.net.2.\2"),
        (rf"{_D}\.txt_mlp\.0\.(.+)", r"transformer_blocks.\1.ff_context.net.0.proj.\2"),
        (rf"{_D}\.txt_mlp\.2\.(.+)", r"transformer_blocks.\1.ff_context.net.2.\2"),
        (rf"{_S}\.modulation\.lin\.(.+)", r"single_transformer_blocks.\1.norm.linear.\2"),
        (rf"{_S}\.norm\.query_norm\.scale", r"single_transformer_blocks.\1.attn.norm_q.weight"),
        (rf"{_S}\.norm\.key_norm\.scale", r"single_transformer_blocks.\1.attn.norm_k.weight"),
        (rf"{_S}\.linear2\.(.+)", r"single_transformer_blocks.\1.proj_out.\2"),
    ),
    _qkv(rf"{_D}\.img_attn\.qkv", r"transformer_blocks.\1.attn", ("to_q", "to_k", "to_v")),
    _qkv(rf"{_D}\.txt_attn\.qkv", r"transformer_blocks.\1.attn", ("add_q_proj", "add_k_proj", "add_v_proj")),
    Line(
        rf"{_S}\.linear1\.(.+)",
        tuple(
            rf"single_transformer_blocks.\1.{word}.\2"
            for word in ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")
        ),
        (1, 1, 1, 4),
    ),
]
"""linear1 of FLUX.1: query, key, value and an MLP of four times their width."""

_J = r"joint_blocks\.(\d+)"
_SD3 = [
    *_lines(
        (r"pos_embed", "pos_embed.pos_embed"),
        (r"x_embedder\.proj\.(.+)", r"pos_embed.proj.\1"),
        (r"t_embedder\.mlp\.0\.(.+)", r"time_text_embed.timestep_embedder.linear_1.\1"),
        (r"t_embedder\.mlp\.2\.(.+)", r"time_text_embed.timestep_embedder.linear_2.\1"),
        (r"y_embedder\.mlp\.0\.(.+)", r"time_text_embed.text_embedder.linear_1.\1"),
        (r"y_embedder\.mlp\.2\.(.+)", r"time_text_embed.text_embedder.linear_2.\1"),
        (r"context_embedder\.(.+)", r"context_embedder.\1"),
        (r"final_layer\.linear\.(.+)", r"proj_out.\1"),
        (r"final_layer\.adaLN_modulation\.1\.(.+)", r"norm_out.linear.\1"),
        (rf"{_J}\.x_block\.adaLN_modulation\.1\.(.+)", r"transformer_blocks.\1.norm1.linear.\2"),
        (
            rf"{_J}\.context_block\.adaLN_modulation\.1\.(.+)",
            r"transformer_blocks.\1.norm1_context.linear.\2",
        ),
        (rf"{_J}\.x_block\.attn\.proj\.(.+)", r"transformer_blocks.\1.attn.to_out.0.\2"),
        (rf"{_J}\.x_block\.attn2\.proj\.(.+)", r"transformer_blocks.\1.attn2.to_out.0.\2"),
        (rf"{_J}\.context_block\.attn\.proj\.(.+)", r"transformer_blocks.\1.attn.to_add_out.\2"),
        (rf"{_J}\.x_block\.(attn2?)\.ln_([qk])\.weight", r"transformer_blocks.\1.\2.norm_\3.weight"),
        (
            rf"{_J}\.context_block\.attn\.ln_([qk])\.weight",
            r"transformer_blocks.\1.attn.norm_added_\2.weight",
        ),
        (rf"{_J}\.x_block\.mlp\.fc1\.(.+)", r"transformer_blocks.\1.ff.net.0.proj.\2"),
        (rf"{_J}\.x_block\.mlp\.fc2\.(.+)", r"transformer_blocks.\1.ff.net.2.\2"),
        (rf"{_J}\.context_block\.mlp\.fc1\.(.+)", r"transformer_blocks.\1.ff_context.net.0.proj.\2"),
        (rf"{_J}\.context_block\.mlp\.fc2\.(.+)", r"transformer_blocks.\1.ff_context.net.2.\2"),
    ),
    _qkv(rf"{_J}\.x_block\.attn\.qkv", r"transformer_blocks.\1.attn", ("to_q", "to_k", "to_v")),
    _qkv(rf"{_J}\.x_block\.attn2\.qkv", r"transformer_blocks.\1.attn2", ("to_q", "to_k", "to_v")),
    _qkv(
        rf"{_J}\.context_block\.attn\.qkv",
        r"transformer_blocks.\1.attn",
        ("add_q_proj", "add_k_proj", "add_v_proj"),
    ),
]

_B = r"blocks\.(\d+)"
_WAN = _lines(
    (r"patch_embedding\.(.+)", r"patch_embedding.\1"),
    (r"head\.modulation", "scale_shift_table"),
    (r"head\.head\.(.+)", r"proj_out.\1"),
    (r"text_embedding\.0\.(.+)", r"condition_embedder.text_embedder.linear_1.\1"),
    (r"text_embedding\.2\.(.+)", r"condition_embedder.text_embedder.linear_2.\1"),
    (r"time_embedding\.0\.(.+)", r"condition_embedder.time_embedder.linear_1.\1"),
    (r"time_embedding\.2\.(.+)", r"condition_embedder.time_embedder.linear_2.\1"),
    (r"time_projection\.1\.(.+)", r"condition_embedder.time_proj.\1"),
    (r"img_emb\.emb_pos", "condition_embedder.image_embedder.pos_embed"),
    (r"img_emb\.proj\.0\.(.+)", r"condition_embedder.image_embedder.norm1.\1"),
    (r"img_emb\.proj\.1\.(.+)", r"condition_embedder.image_embedder.ff.net.0.proj.\1"),
    (r"img_emb\.proj\.3\.(.+)", r"condition_embedder.image_embedder.ff.net.2.\1"),
    (r"img_emb\.proj\.4\.(.+)", r"condition_embedder.image_embedder.norm2.\1"),
    (rf"{_B}\.modulation", r"blocks.\1.scale_shift_table"),
    (rf"{_B}\.norm3\.(.+)", r"blocks.\1.norm2.\2"),
    (rf"{_B}\.ffn\.0\.(.+)", r"blocks.\1.ffn.net.0.proj.\2"),
    (rf"{_B}\.ffn\.2\.(.+)", r"blocks.\1.ffn.net.2.\2"),
    (rf"{_B}\.self_attn\.([qkv])\.(.+)", r"blocks.\1.attn1.to_\2.\3"),
    (rf"{_B}\.cross_attn\.([qkv])\.(.+)", r"blocks.\1.attn2.to_\2.\3"),
    (rf"{_B}\.self_attn\.o\.(.+)", r"blocks.\1.attn1.to_out.0.\2"),
    (rf"{_B}\.cross_attn\.o\.(.+)", r"blocks.\1.attn2.to_out.0.\2"),
    (rf"{_B}\.self_attn\.norm_([qk])\.(.+)", r"blocks.\1.attn1.norm_\2.\3"),
    (rf"{_B}\.cross_attn\.norm_([qk])\.(.+)", r"blocks.\1.attn2.norm_\2.\3"),
    (rf"{_B}\.cross_attn\.([kv])_img\.(.+)", r"blocks.\1.attn2.add_\2_proj.\3"),
    (rf"{_B}\.cross_attn\.norm_k_img\.(.+)", r"blocks.\1.attn2.norm_added_k.\2"),
)
_LTX = _lines(
    (r"patchify_proj\.(.+)", r"proj_in.\1"),
    (r"adaln_single\.(.+)", r"time_embed.\1"),
    (r"(.+)\.q_norm\.weight", r"\1.norm_q.weight"),
    (r"(.+)\.k_norm\.weight", r"\1.norm_k.weight"),
    (r"(.+)", r"\1"),
)
_Z = [
    *_lines(
        (r"x_embedder\.(.+)", r"all_x_embedder.2-1.\1"),
        (r"final_layer\.(.+)", r"all_final_layer.2-1.\1"),
        (r"(.+)\.attention\.out\.(.+)", r"\1.attention.to_out.0.\2"),
        (r"(.+)\.attention\.([qk])_norm\.(.+)", r"\1.attention.norm_\2.\3"),
    ),
    _qkv(r"(.+)\.attention\.qkv", r"\1.attention", ("to_q", "to_k", "to_v"), "(weight)"),
    *_lines((r"(.+)", r"\1")),
]

_PATTERNS = {"flux": _FLUX, "sd3": _SD3, "wan": _WAN, "ltx": _LTX, "z-image": _Z}


def _table(
    lines: list[Line],
) -> Callable[[Iterable[str]], dict[str, tuple[tuple[str, ...], tuple[int, ...]]]]:
    compiled = [(re.compile(line.pattern), line) for line in lines]

    def walk(names: Iterable[str]) -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
        found = {}
        for name in names:
            for pattern, line in compiled:
                match = pattern.fullmatch(name)
                if match:
                    found[name] = (tuple(match.expand(to) for to in line.to), tuple(line.parts))
                    break
        return found

    return walk


def _whole(names: Iterable[str]) -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
    return {name: ((new,), ()) for name, new in ldm.to_diffusers(names).items()}


def _vae(names: Iterable[str]) -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
    return {name: ((new,), ()) for name, new in vaes.to_diffusers(names).items()}


TABLES = {"ldm": _whole, "vae": _vae, **{name: _table(lines) for name, lines in _PATTERNS.items()}}
"""Scheme → what each of its names becomes, with the shares of a split."""


def renamed(scheme: str, names: Names) -> dict[str, Shape | None]:
    """Tensors under the names that diffusers gives them; those without one keep their own."""
    table, found = TABLES[scheme](names), dict[str, Shape | None]()
    for name, shape in names.items():
        new, parts = table.get(name, ((name,), ()))
        for target, part in zip(new, parts or (0,), strict=True):
            found[target] = _share(shape, part, parts)
    if scheme == "vae":
        return {name: vaes.linear(name, shape) for name, shape in found.items()}
    return found


def _share(shape: Shape | None, part: int, parts: Sequence[int]) -> Shape | None:
    """The shape of one share of a tensor that is split along its first side."""
    if shape is None or not part or not shape:
        return shape
    return (shape[0] * part // sum(parts), *shape[1:])


def origins(scheme: str, names: Iterable[str], prefix: str) -> dict[str, tuple[str, int]]:
    """Name in diffusers → the tensor of the file that it comes from, under a prefix, and how many shares of
    its first side it takes: 0 for the whole. Shares of one tensor come in their order."""
    inside = [name.removeprefix(prefix) for name in names]
    table = TABLES[scheme](inside) if scheme else {}
    found: dict[str, tuple[str, int]] = {}
    for name in inside:
        new, parts = table.get(name, ((name,), ()))
        found |= {target: (prefix + name, part) for target, part in zip(new, parts or (0,), strict=True)}
    return found


def native(scheme: str, there: Mapping[str, Shape]) -> dict[str, Shape]:
    """The way back: tensors of a diffusers network under the names of a scheme, fused ones put together."""
    if scheme not in _PATTERNS:
        back = ldm.from_diffusers(there) if scheme == "ldm" else {}
        return {new: there[name] for name, new in back.items()}
    found = dict[str, Shape]()
    lines = [
        (template, re.compile(_reversed(line.pattern, to)), len(line.to))
        for line in _PATTERNS[scheme]
        for template in (_template(line.pattern),)
        for to in line.to
    ]
    for name, shape in there.items():
        for template, pattern, shares in lines:
            match = pattern.fullmatch(name)
            if match:
                new = template.format(*match.groups())
                before = found.get(new)
                found[new] = shape if before is None or shares == 1 else (before[0] + shape[0], *shape[1:])
                break
    return found


_GROUP = re.compile(r"\((?:[^()])+\)")


def _template(pattern: str) -> str:
    """A pattern as a format string: its groups are the fields."""
    return _GROUP.sub("{}", pattern).replace("\\.", ".")


def _reversed(pattern: str, to: str) -> str:
    """What a name becomes, as a pattern: its references are the groups of the pattern before."""
    groups, parts = _GROUP.findall(pattern), re.split(r"\\(\d)", to)
    return "".join(groups[int(part) - 1] if at % 2 else re.escape(part) for at, part in enumerate(parts))
