"""Configs of models' original code: CompVis' and Stability's YAML, the JSON of Wan and Black Forest Labs, in
diffusers' keys; hostile YAML is refused by its line. The fields are those published, restated."""

from __future__ import annotations

import json

import pytest

from unetscope import sources, zoo
from unetscope.errors import ConfigError, SourceError
from unetscope.families import catalogue

SD1 = """
model:
  base_learning_rate: 1.0e-04
  target: ldm.models.diffusion.ddpm.LatentDiffusion
  params:
    image_size: 64
    scale_factor: 0.18215
    # comments are read over
    unet_config:
      target: ldm.modules.diffusionmodules.openaimodel.UNetModel
      params:
        image_size: 32 # unused
        in_channels: {inputs}
        out_channels: 4
        model_channels: 320
        attention_resolutions: [ 4, 2, 1 ]
        num_res_blocks: 2
        channel_mult: [ 1, 2, 4, 4 ]
        num_heads: 8
        use_spatial_transformer: True
        transformer_depth: 1
        context_dim: 768
        use_checkpoint: True
        legacy: False
    first_stage_config:
      target: ldm.models.autoencoder.AutoencoderKL
      params:
        embed_dim: 4
        ddconfig:
          z_channels: 4
          ch_mult:
          - 1
          - 2
          - 4
          - 4
    cond_stage_config:
      target: ldm.modules.encoders.modules.FrozenCLIPEmbedder
"""
SD2 = """
model:
  target: ldm.models.diffusion.ddpm.LatentDiffusion
  params:
    parameterization: "v"
    image_size: 64
    scale_factor: 0.18215
    unet_config:
      target: ldm.modules.diffusionmodules.openaimodel.UNetModel
      params:
        use_checkpoint: True
        use_fp16: True
        image_size: 32
        in_channels: 4
        out_channels: 4
        model_channels: 320
        attention_resolutions: [ 4, 2, 1 ]
        num_res_blocks: 2
        channel_mult: [ 1, 2, 4, 4 ]
        num_head_channels: 64
        use_spatial_transformer: True
        use_linear_in_transformer: True
        transformer_depth: 1
        context_dim: 1024
        legacy: False
    cond_stage_config:
      target: ldm.modules.encoders.modules.FrozenOpenCLIPEmbedder
"""
SGM = """
model:
  target: sgm.models.diffusion.DiffusionEngine
  params:
    scale_factor: 0.13025
    denoiser_config:
      params:
        scaling_config:
          target: sgm.modules.diffusionmodules.denoiser_scaling.EpsScaling
    network_config:
      target: sgm.modules.diffusionmodules.openaimodel.UNetModel
      params:
        adm_in_channels: {adm}
        num_classes: sequential
        use_checkpoint: True
        in_channels: 4
        out_channels: 4
        model_channels: {base}
        attention_resolutions: [4, 2]
        num_res_blocks: 2
        channel_mult: {levels}
        num_head_channels: 64
        use_linear_in_transformer: True
        transformer_depth: {depth}
        context_dim: {context}
        spatial_transformer_attn_type: softmax-xformers
        legacy: False
    conditioner_config:
      params:
        emb_models:
        - target: sgm.modules.encoders.modules.FrozenCLIPEmbedder
        - target: sgm.modules.encoders.modules.FrozenOpenCLIPEmbedder2
        - target: sgm.modules.encoders.modules.ConcatTimestepEmbedderND
"""
WAN = {"_class_name": "WanModel", "_diffusers_version": "0.30.0", "dim": 1536, "eps": 1e-06, "ffn_dim": 8960,
       "freq_dim": 256, "in_dim": 16, "model_type": "t2v", "num_heads": 12, "num_layers": 30, "out_dim": 16,
       "text_len": 512}  # fmt: skip
FLUX1 = {"in_channels": 64, "out_channels": 64, "vec_in_dim": 768, "context_in_dim": 4096,
         "hidden_size": 3072, "mlp_ratio": 4.0, "num_heads": 24, "depth": 19, "depth_single_blocks": 38,
         "axes_dim": [16, 56, 56], "theta": 10000, "qkv_bias": True, "guidance_embed": True}  # fmt: skip
FLUX2 = {"in_channels": 128, "context_in_dim": 15360, "hidden_size": 6144, "num_heads": 48, "depth": 8,
         "depth_single_blocks": 48, "axes_dim": [32, 32, 32, 32], "theta": 2000, "mlp_ratio": 3.0,
         "use_guidance_embed": True}  # fmt: skip
GIVEN = {
    "sd15": SD1.format(inputs=4),
    "sd15-inpaint": SD1.format(inputs=9),
    "sd21": SD2,
    "sdxl": SGM.format(adm=2816, base=320, levels="[1, 2, 4]", depth="[1, 2, 10]", context=2048),
    "sdxl-refiner": SGM.format(
        adm=2560, base=384, levels="[1, 2, 4, 4]", depth=4, context="[1280, 1280, 1280, 1280]"
    ),
    "wan2.1-t2v-1.3b": json.dumps(WAN),
    "wan2.1-t2v-14b": json.dumps(WAN | {"dim": 5120, "ffn_dim": 13824, "num_heads": 40, "num_layers": 40}),
    "wan2.1-i2v-14b-480p": json.dumps(
        WAN
        | {
            "dim": 5120,
            "ffn_dim": 13824,
            "num_heads": 40,
            "num_layers": 40,
            "in_dim": 36,
            "model_type": "i2v",
        }
    ),
    "wan2.1-vace-1.3b": json.dumps(
        WAN
        | {
            "_class_name": "VaceWanModel",
            "model_type": "vace",
            "vace_layers": list(range(0, 30, 2)),
            "vace_in_dim": 96,
        }
    ),
    "flux2-klein-4b": json.dumps(
        FLUX2
        | {
            "context_in_dim": 7680,
            "hidden_size": 3072,
            "num_heads": 24,
            "depth": 5,
            "depth_single_blocks": 20,
            "use_guidance_embed": False,
        }
    ),
    "flux1-dev": json.dumps(FLUX1),
    "flux1-schnell": json.dumps(FLUX1 | {"guidance_embed": False}),
    "flux1-fill-dev": json.dumps(FLUX1 | {"in_channels": 384}),
    "flux2-dev": json.dumps(FLUX2),
}
PRECISION = "upcast_attention"
"""How attention is computed in half precision, which original configs do not say."""


def resolved(tmp_path, text, name="given.yaml"):
    (tmp_path / name).write_text(text)
    return sources.resolve(str(tmp_path / name))


@pytest.mark.parametrize("id", GIVEN)
@pytest.mark.filterwarnings("ignore")
def test_an_original_config_is_the_networks_field_by_field(id, tmp_path):
    import inspect

    import diffusers

    found, known = resolved(tmp_path, GIVEN[id]), zoo.spec(id)
    assert found.class_name == known.class_name
    signature = inspect.signature(getattr(diffusers, found.class_name).__init__).parameters
    usual = {name: one.default for name, one in signature.items()}

    def plain(config, key):
        value = config.get(key, usual[key])
        return list(value) if isinstance(value, tuple) else value

    fields = (found.config.keys() | known.config.keys()) - {PRECISION}
    differing = {key: (plain(found.config, key), plain(known.config, key)) for key in fields}
    assert {key: pair for key, pair in differing.items() if pair[0] != pair[1]} == {}


def test_what_it_says_beside_the_network_is_kept(tmp_path):
    facts = resolved(tmp_path, GIVEN["sd15"]).facts
    assert (facts.prediction_type, facts.vae_factor, facts.text_encoders) == (
        "epsilon",
        8,
        ("CLIP ViT-L/14",),
    )
    assert facts.vae == "AutoencoderKL, 4 channels, scale 0.18215"
    assert resolved(tmp_path, SD2).facts.prediction_type == "v_prediction"
    found = resolved(tmp_path, GIVEN["sdxl"])
    assert found.facts.text_encoders == ("CLIP ViT-L/14", "OpenCLIP ViT-bigG/14")
    assert found.warnings == ("no image size in it: the latent is 128, as diffusers has it",)


def test_keys_that_are_not_understood_are_told(tmp_path):
    text = GIVEN["sd15"].replace("        legacy: False", "        legacy: False\n        use_novel_thing: 3")
    assert resolved(tmp_path, text).warnings == ("not understood in its UNet: use_novel_thing",)
    found = resolved(tmp_path, json.dumps(WAN | {"new_key": 1}), "wan.json")
    assert "not understood in it: new_key" in found.warnings


T = "  target: ldm.models.X\n"
HOSTILE = {
    "aliases that grow": ("a: &a [1, 1]\nb: &b [*a, *a]\nmodel:\n" + T, "an alias or anchor at line 1"),
    "a tag that makes objects": (f"model:\n{T}x: !!python/object/apply:os.system ['id']\n", "the tag"),
    "a local tag": (f"model:\n{T}x: !thing 1\n", "at line 3"),
    "two documents": (f"model:\n{T}---\na: 1\n", "a second document at line 3"),
    "a key twice": (f"model:\n{T}{T}", "stands twice at line 3"),
    "nested deeply": (f"model:\n{T}x: {'[' * 200}{']' * 200}\n", "nested too deeply at line 3"),
    "damaged": (f"model:\n{T}\tx: [1\n", "is not valid YAML at line 3"),
    "large": (f"model:\n{T}" + "#" * 70_000, "larger than 64 KiB"),
    "a number of bits": (f"model:\n{T}x: 0b2\ny: [\n", "is not valid YAML"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_yaml_is_refused_by_its_line(name, tmp_path):
    text, told = HOSTILE[name]
    with pytest.raises(SourceError) as error:
        resolved(tmp_path, text)
    assert told in error.value.message
    assert error.value.hint
    assert "\n" not in error.value.message


@pytest.mark.parametrize(
    "change",
    [
        ("model_channels: 320", "model_channels: many"),
        ("channel_mult: [ 1, 2, 4, 4 ]", "channel_mult: 4"),
        ("num_heads: 8", "num_heads: -1"),
        ("num_res_blocks: 2", "num_res_blocks: -2"),
        ("openaimodel.UNetModel", "os.system"),
        ("context_dim: 768", "context_dim: {a: 1}"),
        ("transformer_depth: 1", "transformer_depth: deep"),
    ],
)
def test_values_that_no_unet_has_are_refused(change, tmp_path):
    with pytest.raises((ConfigError, SourceError)) as error:
        resolved(tmp_path, GIVEN["sd15"].replace(*change))
    assert error.value.hint


def test_other_yaml_keeps_its_hint(tmp_path):
    with pytest.raises(SourceError) as error:
        resolved(tmp_path, "in_channels: 4\nout_channels: 4\n")
    assert "it looks like YAML" in error.value.hint


@pytest.mark.parametrize(
    "config",
    [
        WAN | {"num_heads": 7},
        WAN | {"model_type": "s2v"},
        WAN | {"_class_name": "WanModel_S2V", "model_type": "s2v", "audio_dim": 1024},
        WAN | {"_class_name": "WanAnimateModel"},
        FLUX1 | {"mlp_ratio": 3.0},
    ],
)
def test_json_of_a_network_that_cannot_be_built_is_refused(config, tmp_path):
    with pytest.raises(ConfigError) as error:
        resolved(tmp_path, json.dumps(config), "config.json")
    assert error.value.hint


def test_no_class_of_diffusers_goes_by_the_names_that_are_taken_for_others():
    assert "WanModel" not in catalogue.known()


def test_a_model_between_first_and_last_frame_reads_two_images_and_their_places(tmp_path):
    """As diffusers' `convert_wan_to_diffusers.py` has FLF2V-14B-720P."""
    large = {"dim": 5120, "ffn_dim": 13824, "num_heads": 40, "num_layers": 40, "in_dim": 36}
    found = resolved(tmp_path, json.dumps(WAN | large | {"model_type": "flf2v"}), "config.json")
    assert found.warnings == ()
    image = {key: found.config[key] for key in ("added_kv_proj_dim", "image_dim", "pos_embed_seq_len")}
    assert image == {"added_kv_proj_dim": 5120, "image_dim": 1280, "pos_embed_seq_len": 514}
