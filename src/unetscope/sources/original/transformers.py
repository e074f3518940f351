"""The transformer of a JSON config of Wan's or Black Forest Labs' code, in diffusers' keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unetscope.errors import ConfigError
from unetscope.sources.original import Translated
from unetscope.words.messages import listed, shown

_WAN = {"ffn_dim": "ffn_dim", "freq_dim": "freq_dim", "in_dim": "in_channels", "out_dim": "out_channels",
        "num_heads": "num_attention_heads", "num_layers": "num_layers", "eps": "eps"}  # fmt: skip
_WAN_SILENT = frozenset({"dim", "model_type", "text_len"})
_VACE = {"vace_layers": "vace_layers", "vace_in_dim": "vace_in_channels"}
_WAN_CLASSES: dict[str, tuple[str, dict[str, str]]] = {
    # Wan's class: diffusers', fields that it has beside those of all
    "WanModel": ("WanTransformer3DModel", {}),
    "VaceWanModel": ("WanVACETransformer3DModel", _VACE),
}
_WAN_OTHERS = ("WanModel_S2V", "WanAnimateModel")
"""Classes of Wan's code that no class of diffusers is built like: with audio, with poses and faces."""
_FLF_PLACES = 514
"""Positions of the two images' embeddings that a model between first and last frame reads (Wan's code:
257 of each)."""
_BFL = {"in_channels": "in_channels", "depth": "num_layers", "depth_single_blocks": "num_single_layers",
        "num_heads": "num_attention_heads", "context_in_dim": "joint_attention_dim"}  # fmt: skip
_FLUX1 = {"vec_in_dim": "pooled_projection_dim", "guidance_embed": "guidance_embeds",
          "out_channels": "out_channels",
          "axes_dim": "axes_dims_rope"}  # fmt: skip
_FLUX2 = {"mlp_ratio": "mlp_ratio", "theta": "rope_theta", "axes_dim": "axes_dims_rope",
          "use_guidance_embed": "guidance_embeds"}  # fmt: skip
_FLUX1_FIXED = {"mlp_ratio": 4, "theta": 10_000, "qkv_bias": True}
"""What diffusers builds without asking."""

_I2V = (
    "taken for Wan 2.1 I2V, which reads an image embedding; of Wan 2.2 I2V, whose config says the same: "
    "--set image_dim=null --set added_kv_proj_dim=null"
)


def translated(config: Mapping[str, Any]) -> Translated | None:
    """The network of a config of Wan or FLUX; None for any other. Raises ConfigError where its values cannot
    be those of one."""
    name = config.get("_class_name")
    if name in _WAN_OTHERS:
        problem = f"its class is {name}, of Wan's own code, which diffusers builds otherwise or not at all"
        raise ConfigError(problem, hint="give the config.json of its diffusers version, if there is one")
    if name in _WAN_CLASSES:
        return _wan(config, *_WAN_CLASSES[name])
    if "_class_name" not in config and {"hidden_size", *_BFL} <= config.keys():
        return _flux(config)
    return None


def _renamed(config: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {new: config[old] for old, new in names.items() if old in config}


def _head(config: Mapping[str, Any], width: str) -> int:
    """Channels of a head."""
    whole, heads = config.get(width), config.get("num_heads")
    if not isinstance(whole, int) or not isinstance(heads, int) or heads < 1 or whole % heads:
        problem = f"{width} is {shown(whole, limit=40)} and num_heads {shown(heads, limit=40)}"
        raise ConfigError(problem, hint="a head has a whole number of channels")
    return whole // heads


def _unread(config: Mapping[str, Any], known: set[str]) -> tuple[str, ...]:
    unread = [key for key in config if key not in known and not key.startswith("_")]
    return (f"not understood in it: {listed(unread, limit=12)}",) if unread else ()


def _wan(config: Mapping[str, Any], class_name: str, own: dict[str, str]) -> Translated:
    kind = config.get("model_type", "t2v")
    if kind not in ("t2v", "i2v", "ti2v", "flf2v", "vace"):
        problem = f"a Wan model of type {shown(kind, limit=40)}"
        raise ConfigError(problem, hint="give the config.json of its diffusers version")
    values = {"_class_name": class_name, "attention_head_dim": _head(config, "dim")}
    values |= _renamed(config, _WAN | own)
    warnings = _unread(config, {*_WAN, *own, *_WAN_SILENT})
    if kind in ("i2v", "flf2v"):
        values |= {"added_kv_proj_dim": config["dim"], "image_dim": 1280}
    if kind == "flf2v":
        values["pos_embed_seq_len"] = _FLF_PLACES
    return Translated(values, warnings=(*warnings, _I2V) if kind == "i2v" else warnings)


def _flux(config: Mapping[str, Any]) -> Translated:
    is_first = "vec_in_dim" in config
    own = _FLUX1 if is_first else _FLUX2
    values = {
        "_class_name": "FluxTransformer2DModel" if is_first else "Flux2Transformer2DModel",
        "attention_head_dim": _head(config, "hidden_size"),
        "patch_size": 1,
        **_renamed(config, _BFL | own),
    }
    fixed = _FLUX1_FIXED if is_first else {}
    other = [key for key, value in fixed.items() if config.get(key, value) != value]
    if other:
        problem = (
            f"{other[0]} is {shown(config[other[0]], limit=40)}, and diffusers' FLUX.1 has {fixed[other[0]]}"
        )
        raise ConfigError(problem, hint="it cannot be built from this")
    if values.get("out_channels") == values["in_channels"]:
        del values["out_channels"]  # as diffusers leaves it out
    return Translated(values, warnings=_unread(config, {"hidden_size", *_BFL, *own, *fixed}))
