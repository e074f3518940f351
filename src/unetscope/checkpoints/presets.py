"""The bundled model that an inferred config comes nearest to, and the tensors it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from unetscope import codec, zoo
from unetscope.checkpoints.agreement import Agreement, compare
from unetscope.sizes import Shape

_DEFAULTS: dict[str, Any] = {
    "in_channels": 4,
    "out_channels": 4,
    "mid_block_type": "UNetMidBlock2DCrossAttn",
    "layers_per_block": 2,
    "transformer_layers_per_block": 1,
    "reverse_transformer_layers_per_block": None,
    "use_linear_projection": False,
    "addition_embed_type": None,
    "projection_class_embeddings_input_dim": None,
    "num_class_embeds": None,
    "time_cond_proj_dim": None,
    "encoder_hid_dim": None,
    "encoder_hid_dim_type": None,
    "cross_attention_dim": 1280,
}
"""What holds where a config leaves a field out (diffusers 0.42), of the fields that shape tensors."""
_COMPARED = (*_DEFAULTS, "block_out_channels", "down_block_types", "up_block_types")
"""Fields of a UNet that shape its tensors."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A config field in which a file differs from a preset: the file's value, the preset's."""

    field: str
    here: Any
    there: Any


@dataclass(frozen=True, slots=True)
class Near:
    """A preset and the fields in which a file differs from it; `alike` are presets of the same network."""

    id: str
    title: str
    alike: tuple[str, ...]
    differences: tuple[Difference, ...]


def nearest(
    class_name: str, config: Mapping[str, Any], names: Mapping[str, Shape | None], limit: int = 3
) -> list[Near]:
    """The presets of a class that a file comes nearest to, best first, those of the same tensors together.

    UNets go by the config that was inferred, as there are many; all others by their tensors.
    """
    presets = [id for id in zoo.ids() if zoo.preset(id).class_name == class_name]
    ranked = (
        _by_config(presets, config)
        if class_name.startswith("UNet2D")
        else _by_tensors(presets, config, names)
    )
    return [_by_popularity(near) for near in ranked[:limit]]


def _by_config(presets: list[str], config: Mapping[str, Any]) -> list[Near]:
    groups: dict[str, list[str]] = {}
    for id in presets:
        key = repr(sorted((name, _normal(zoo.preset(id).config, name)) for name in _COMPARED))
        groups.setdefault(key, []).append(id)
    candidates = (
        Near(ids[0], "", tuple(ids), differences(config, zoo.preset(ids[0]).config))
        for ids in groups.values()
    )
    return sorted(candidates, key=lambda near: (_weight(near), _plainness(near.id)))


def _by_tensors(
    presets: list[str], config: Mapping[str, Any], names: Mapping[str, Shape | None]
) -> list[Near]:
    """First the presets whose tensors are those of the file, together; then those that may be, as some shapes
    are unknown, one by one; then the others, by how many of their tensors the file lacks."""
    same, others = list[str](), list[tuple[int, Near]]()
    groups: dict[str, list[str]] = {}
    for id in presets:
        groups.setdefault(zoo.network(id), []).append(id)
    for ids in groups.values():
        agreement = against(ids[0], names)
        if agreement.fits and not agreement.unknown:
            same += ids
            continue
        count = len(agreement.missing) + len(agreement.unexpected) + len(agreement.reshaped)
        alone = Difference("tensors", f"{count} of them", f"the {len(tensors(ids[0]))} of {ids[0]}")
        fields = _fields(config, zoo.preset(ids[0]).config) or (alone,)
        others.append((count, Near(ids[0], "", tuple(ids), () if agreement.fits else fields)))
    ranked = [near for _, near in sorted(others, key=lambda pair: pair[0])]
    return ([Near(same[0], "", tuple(same), ())] if same else []) + ranked


def _fields(here: Mapping[str, Any], there: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Fields that both configs give with different values."""
    return tuple(
        Difference(name, value, there[name])
        for name, value in here.items()
        if value is not None and there.get(name) is not None and _normal(here, name) != _normal(there, name)
    )


def differences(here: Mapping[str, Any], there: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Fields that shape a UNet's tensors in which two configs differ; what the first leaves out is not
    compared. One number for all levels is the same however many levels there are."""
    return tuple(
        Difference(name, here[name], there.get(name, _DEFAULTS.get(name)))
        for name in _COMPARED
        if name in here
        and here[name] != there.get(name, _DEFAULTS.get(name))
        and _normal(here, name) != _normal(there, name)
    )


def _normal(config: Mapping[str, Any], name: str) -> Any:
    """A field's value in one form: a number for all levels is a list of it, a default stands for absence."""
    value = config.get(name, _DEFAULTS.get(name))
    levels = len(config.get("down_block_types") or config.get("block_out_channels") or ())
    if name == "transformer_layers_per_block":
        return _per_level(value, config, levels)
    if name == "layers_per_block" and isinstance(value, int):
        return [value] * levels
    if name == "reverse_transformer_layers_per_block" and value is not None:
        return [_one(entry) for entry in value]
    if (
        name == "cross_attention_dim"
        and value is not None
        and "Attn" not in str(config.get("down_block_types"))
    ):
        return None
    return list(value) if isinstance(value, tuple) else value


def _per_level(value: Any, config: Mapping[str, Any], levels: int) -> list[Any]:
    """Depths of the levels that have transformers; the last counts for the middle too."""
    depths = [_one(entry) for entry in value] if isinstance(value, list | tuple) else [value] * levels
    kinds = config.get("down_block_types") or [""] * levels
    middle = "CrossAttn" in str(config.get("mid_block_type", _DEFAULTS["mid_block_type"]))
    last = len(depths) - 1
    return [
        depth if "Attn" in str(kind) or (middle and at == last) else None
        for at, (depth, kind) in enumerate(zip(depths, kinds, strict=False))
    ]


def _one(entry: Any) -> Any:
    """Turns a list of equal numbers into that number."""
    return entry[0] if isinstance(entry, list | tuple) and len(set(entry)) == 1 else entry


def _weight(near: Near) -> int:
    """How far a preset is: widths and blocks weigh more than what the network is given."""
    light = ("in_channels", "out_channels", "time_cond_proj_dim")
    return sum(1 if difference.field in light else 4 for difference in near.differences)


_FIRST = ("sd15", "sd21", "sdxl", "sd21-base", "bk-sdm-base", "bk-sdm-tiny")


def _plainness(id: str) -> tuple[bool, str]:
    return id not in _FIRST, id


def _by_popularity(near: Near) -> Near:
    """The preset that people know best stands for those of one network."""
    id = min(near.alike, key=_plainness)
    return Near(id, zoo.preset(id).title, near.alike, near.differences)


class _Tensor(msgspec.Struct):
    name: str
    shape: tuple[int, ...]
    role: str


class _Trace(msgspec.Struct):
    tensors: list[_Tensor]


@cache
def tensors(id: str) -> dict[str, Shape]:
    """Parameters of a preset by name, from its bundled trace; empty where none is bundled."""
    return {tensor.name: tensor.shape for tensor in _traced(id) if tensor.role == "parameter"}


@cache
def buffers(id: str) -> frozenset[str]:
    """Names of what a preset keeps beside parameters: files of its weights may hold them or not."""
    return frozenset(tensor.name for tensor in _traced(id) if tensor.role != "parameter")


@cache
def running_order(id: str) -> dict[str, int]:
    """Modules of a preset by path, with their places in its forward; empty where no trace is bundled."""
    data = zoo.bundled(zoo.network(id))
    first = codec.loads(data).first_call if data else {}
    return {path: place for path, place in first.items() if path}


@cache
def _traced(id: str) -> list[_Tensor]:
    data = zoo.bundled(zoo.network(id))
    return codec.unpack(data, _Trace).tensors if data else []


def against(id: str, names: Mapping[str, Shape | None]) -> Agreement:
    """The tensors of a file against those of a preset."""
    ignored = buffers(id)
    return compare({name: shape for name, shape in names.items() if name not in ignored}, tensors(id))
