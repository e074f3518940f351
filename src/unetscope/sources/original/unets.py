"""The UNet of a config of CompVis' or Stability's code, in diffusers' keys.

After diffusers' `create_unet_diffusers_config_from_ldm` (`loaders/single_file_utils.py`, 0.42).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unetscope.checkpoint import Facts
from unetscope.errors import ConfigError
from unetscope.sources.original import Translated
from unetscope.words.messages import listed, shown

_UNETS = (
    "ldm.modules.diffusionmodules.openaimodel.UNetModel",
    "sgm.modules.diffusionmodules.openaimodel.UNetModel",
)
_READ = frozenset(
    "in_channels out_channels model_channels attention_resolutions num_res_blocks channel_mult num_heads "
    "num_head_channels transformer_depth context_dim use_linear_in_transformer num_classes adm_in_channels "
    "disable_self_attentions image_size".split()
)
_SILENT = frozenset(
    "use_checkpoint legacy use_fp16 use_spatial_transformer spatial_transformer_attn_type use_bf16 dims "
    "dropout disable_middle_self_attn num_attention_blocks use_scale_shift_norm resblock_updown "
    "use_new_attention_order conv_resample".split()
)
"""Keys that shape no tensor of these networks as they are usually given, or say how they are run."""
_ENCODERS = {
    "FrozenCLIPEmbedder": "CLIP ViT-L/14",
    "FrozenOpenCLIPEmbedder": "OpenCLIP ViT-H/14",
    "FrozenOpenCLIPEmbedder2": "OpenCLIP ViT-bigG/14",
}


def translated(whole: Any) -> Translated:
    """The UNet that a config describes. Raises ConfigError where it has none, or one of other parts."""
    params = _inside(whole, "model", "params")
    unet = _inside(params, "network_config") or _inside(params, "unet_config")
    target, inner = unet.get("target"), _inside(unet, "params")
    if target not in _UNETS or not inner:
        what = f"its network is {shown(target, limit=80)}" if target else "it describes no network"
        raise ConfigError(
            f"{what}; UNets of CompVis and Stability are read",
            hint="give the config.json of its diffusers version",
        )
    if inner.get("use_scale_shift_norm") or inner.get("resblock_updown") or inner.get("dims", 2) != 2:
        raise ConfigError(
            "its UNet has parts that those of Stable Diffusion lack",
            hint="give the config.json of its diffusers version",
        )
    unread = [key for key in inner if key not in _READ | _SILENT]
    warnings = [f"not understood in its UNet: {listed(unread, limit=12)}"] if unread else []
    config = _config(inner)
    size, notes = _sample_size(params, config)
    return Translated(config | {"sample_size": size}, _facts(params), (*warnings, *notes))


def _inside(value: Any, *keys: str) -> Mapping[str, Any]:
    """A mapping inside of mappings; empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _config(params: Mapping[str, Any]) -> dict[str, Any]:
    base, factors = _number(params, "model_channels"), _numbers(params, "channel_mult")
    widths = [base * factor for factor in factors]
    attending = [2**level in _numbers(params, "attention_resolutions") for level in range(len(widths))]
    down = ["CrossAttnDownBlock2D" if attends else "DownBlock2D" for attends in attending]
    up = ["CrossAttnUpBlock2D" if attends else "UpBlock2D" for attends in reversed(attending)]
    context = params.get("context_dim")
    values = {
        "_class_name": "UNet2DConditionModel",
        "in_channels": _number(params, "in_channels"),
        "out_channels": _number(params, "out_channels"),
        "block_out_channels": widths,
        "layers_per_block": _number(params, "num_res_blocks"),
        "down_block_types": down,
        "up_block_types": up,
        "mid_block_type": "UNetMidBlock2DCrossAttn",
        "transformer_layers_per_block": params.get("transformer_depth", 1),
        "cross_attention_dim": context[0] if isinstance(context, list) and context else context,
        "attention_head_dim": _heads(params, widths),
        "use_linear_projection": params.get("use_linear_in_transformer", False),
    }
    if "disable_self_attentions" in params:
        values["only_cross_attention"] = params["disable_self_attentions"]
    return values | _classes(params)


def _heads(params: Mapping[str, Any], widths: list[int]) -> Any:
    """The number of heads, which diffusers calls attention_head_dim: of all levels, or of each."""
    if "num_heads" in params and params["num_heads"] != -1:
        return params["num_heads"]
    size = _number(params, "num_head_channels")
    return [max(1, width // size) for width in widths]


def _classes(params: Mapping[str, Any]) -> dict[str, Any]:
    """What is embedded beside the time: pooled text with sizes, or classes."""
    classes = params.get("num_classes")
    if classes == "sequential":
        return {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": _number(params, "adm_in_channels"),
        }
    return {} if classes is None else {"num_class_embeds": classes}


def _number(params: Mapping[str, Any], key: str) -> int:
    value = params.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError(f"{key} is {shown(value, limit=60)}", hint="its UNet needs a number there")
    return value


def _numbers(params: Mapping[str, Any], key: str) -> list[int]:
    value = params.get(key)
    if not isinstance(value, list) or not all(
        isinstance(number, int) and 0 < number < 2**16 for number in value
    ):
        raise ConfigError(f"{key} is {shown(value, limit=60)}", hint="its UNet needs a list of numbers there")
    return value


def _sample_size(params: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[int, tuple[str, ...]]:
    """The side of the latent, and what is said of it: where the file is silent or wrong, as in diffusers."""
    size = params.get("image_size")
    if params.get("parameterization") == "v" and size == 64 and config["cross_attention_dim"] == 1024:
        return 96, (
            "image_size is 64 in it; models that predict v were trained at 768 px, so the latent is 96",
        )
    if isinstance(size, int) and 0 < size <= 2**12:
        return size, ()
    side = 128 if "addition_embed_type" in config else 64
    return side, (f"no image size in it: the latent is {side}, as diffusers has it",)


def _facts(params: Mapping[str, Any]) -> Facts:
    """What it says beside the network: what is predicted, the VAE, the text encoders."""
    vae = _inside(params, "first_stage_config", "params")
    levels = _inside(vae, "ddconfig").get("ch_mult")
    scale, channels = params.get("scale_factor"), vae.get("embed_dim")
    known = isinstance(levels, list) and 1 <= len(levels) <= 8
    words = f"AutoencoderKL, {channels} channels, scale {scale}" if known else None
    scaling = str(_inside(params, "denoiser_config", "params", "scaling_config").get("target"))
    predicts_v = params.get("parameterization") == "v" or scaling.endswith("VScaling")
    return Facts(
        prediction_type="v_prediction" if predicts_v else "epsilon",
        vae=words,
        vae_factor=2 ** (len(levels) - 1) if known and isinstance(levels, list) else None,
        text_encoders=_encoders(params),
    )


def _encoders(params: Mapping[str, Any]) -> tuple[str, ...]:
    listed_ = _inside(params, "conditioner_config", "params").get("emb_models")
    parts = listed_ if isinstance(listed_, list) else [params.get("cond_stage_config")]
    names = [str(part.get("target")).rpartition(".")[2] for part in parts if isinstance(part, Mapping)]
    return tuple(_ENCODERS[name] for name in names if name in _ENCODERS)
