"""Names of tensors in every naming: as real files list them and as diffusers' own converters take them, both
ways; blocks of merge tools and BK-SDM; searching; what a map does to weights."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
import torch

from support.command_line import traced_here
from support.files.checkpoint_files import listing
from unetscope import api, zoo
from unetscope.checkpoints.keys import names_of
from unetscope.checkpoints.rules import networks
from unetscope.choices import NamingName
from unetscope.errors import OptionError, SourceError

FILES = {
    # a real file: the network in it, under which prefix
    "supermerger-sd1-mergeable": ("sd15", "model.diffusion_model."),
    "toolkit-unet-v1-pix2pix": ("instruct-pix2pix", ""),
    "toolkit-unet-xl-refiner": ("sdxl-refiner", ""),
    "toolkit-vae-v1-sd": ("vae-sd15", ""),
    "sdmecha-sdxl-sgm": ("sdxl", "model.diffusion_model."),
    "aitoolkit-ssd": ("ssd-1b", "model.diffusion_model."),
    "aitoolkit-vega": ("segmind-vega", "model.diffusion_model."),
    "sdmecha-sd3-comfyui": ("sd3-medium", "model.diffusion_model."),
}
IN_DIFFUSERS = {
    "sdmecha-sdxl-diffusers-unet-only": "sdxl",
    "aitoolkit-refiner-unet-diffusers": "sdxl-refiner",
    "aitoolkit-ssd-unet-diffusers": "ssd-1b",
    "aitoolkit-vega-unet-diffusers": "segmind-vega",
    "index-flux1-schnell-transformer": "flux1-schnell",
    "index-flux2-klein-9b-transformer": "flux2-klein-9b",
    "index-sd35-large-transformer": "sd35-large",
    "index-z-image-transformer": "z-image",
    "index-chroma-transformer": "chroma",
    "aitoolkit-sdxl-unet-diffusers": "sdxl",
    "index-sd35-large-transformer-b": "sd35-large",
    "index-chromaforge-chroma-is-schnell": "flux1-schnell",
}
CONVERTERS = {
    "sd15": "ldm_unet", "sd15-inpaint": "ldm_unet", "sd21": "ldm_unet", "sdxl": "ldm_unet",
    "sdxl-refiner": "ldm_unet",
    "sdxl-inpaint": "ldm_unet", "vae-sd15": "ldm_vae", "flux1-dev": "flux_transformer",
    "flux1-schnell": "flux_transformer",
    "flux1-fill-dev": "flux_transformer", "chroma": "chroma_transformer", "flux2-dev": "flux2_transformer",
    "flux2-klein-4b": "flux2_transformer", "sd3-medium": "sd3_transformer", "sd35-medium": "sd3_transformer",
    "sd35-large": "sd3_transformer", "wan2.1-t2v-1.3b": "wan", "wan2.1-i2v-14b-480p": "wan",
    "wan2.2-ti2v-5b": "wan",
    "wan2.1-vace-1.3b": "wan", "ltx-0.9.0": "ltx_transformer", "hunyuanvideo": "hunyuan_video",
    "z-image": "z_image_transformer",
}  # fmt: skip


def keys(source, **asked):
    return api.keys(source, by="tensor", **asked)


@pytest.mark.parametrize("file", FILES)
def test_names_of_a_networks_own_code_are_those_of_a_real_file(file):
    source, prefix = FILES[file]
    found = keys(source)
    there = {
        name.removeprefix(prefix)
        for name in listing(file).shapes | listing(file).tensors
        if name.startswith(prefix)
    }
    assert {key.original for key in found.keys} == there
    assert found.missing == ()


@pytest.mark.parametrize("file", IN_DIFFUSERS)
def test_names_of_diffusers_are_those_of_a_real_file(file):
    names = {key.diffusers for key in keys(IN_DIFFUSERS[file]).keys}
    assert names == set(listing(file).tensors)


def test_names_in_an_excerpt_of_a_real_file_are_those_of_its_network():
    there = {key.original for key in keys("flux2-klein-9b").keys}
    excerpt = set(listing("invoke-flux2-transformer-excerpt").tensors)
    assert excerpt
    assert excerpt <= there


def test_the_averaged_copy_of_a_training_file_has_the_same_names_without_dots():
    names = {key.original.replace(".", "") for key in keys("sd15").keys}
    assert names == {name.replace(".", "") for name in listing("toolkit-unet-v1-ema").tensors}


ADAPTERS = {
    # a file of adapters: its base, what its names begin with, the field that has them
    "toolkit-lora-v1-unet": ("sd15", "", "lora_unet_", "kohya"),
    "toolkit-lora-v1a-unet": ("sd15", "", "lora_unet_", "kohya"),
    "invoke-lora-flux-lora-kohya": ("flux1-dev", "lora_unet_", "lora_unet_", "kohya"),
    "invoke-lora-qwen-image-lora-kohya": ("qwen-image", "lora_unet_", "lora_unet_", "kohya"),
    "invoke-lora-flux-lora-diffusers-base-model": (
        "flux1-dev",
        "base_model.model.",
        "base_model.model.",
        "peft",
    ),
    "invoke-lora-flux-lora-diffusers": ("flux1-dev", "transformer.", "base_model.model.", "peft"),
    "invoke-lora-qwen-image-lora-diffusers": ("qwen-image", "transformer.", "base_model.model.", "peft"),
}
_ENDING = re.compile(r"\.(lora_(up|down|[AB])(\.default)?(\.weight)?|alpha|lokr_\w+)$")


@pytest.mark.parametrize("file", ADAPTERS)
def test_layers_that_a_real_lora_adapts_have_its_names(file):
    base, prefix, ours, field = ADAPTERS[file]
    names = {_ENDING.sub("", name) for name in listing(file).tensors}
    layers = {ours + name.removeprefix(prefix).removeprefix("lora_unet_") for name in names}
    assert layers <= {getattr(key, field) for key in keys(base).keys}


def applied(plan, state):
    """As the page on converting does it."""
    found = {name: state[origin] for name, origin in plan["map"].items()}
    found |= {name: state[origin][first:end] for name, (origin, first, end) in plan["split"].items()}
    for name in plan["swap_halves"]:
        found[name] = torch.cat(found[name].chunk(2)[::-1])
    return found


@pytest.mark.parametrize("id", CONVERTERS)
@pytest.mark.filterwarnings("ignore")
def test_a_map_moves_weights_to_the_names_and_rows_that_diffusers_converter_gives_them(id):
    from diffusers.loaders import single_file_utils

    found = keys(id)
    plan = found.plan()
    rows = {key.original: (key.file_shape or (1,))[0] for key in found.keys}
    state = {name: torch.randn(count) for name, count in rows.items()}
    word = CONVERTERS[id]
    tail = "" if word == "ldm_vae" or word == "ldm_unet" else "_to_diffusers"
    name = f"convert_{word}{'_transformer' if word in ('wan', 'hunyuan_video') else '_checkpoint'}{tail}"
    convert = getattr(single_file_utils, name)
    prefix = {"ldm_unet": "model.diffusion_model.", "ldm_vae": "first_stage_model."}.get(word, "")
    given = {prefix + name: tensor for name, tensor in state.items()}
    config = {"config": dict(zoo.spec(id).config)} if word.startswith("ldm") else {}
    theirs, ours = convert(given, **config), applied(plan, state)
    assert plan["missing"] == []
    assert theirs.keys() == ours.keys() == {key.diffusers for key in found.keys}
    assert [name for name, tensor in theirs.items() if not torch.equal(tensor, ours[name])] == []


UNET = {
    "sample_size": 8, "block_out_channels": [32, 64], "norm_num_groups": 8, "layers_per_block": 2,
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D",
    "UpBlock2D"],
    "cross_attention_dim": 16, "attention_head_dim": 8,
}  # fmt: skip
SDXL = UNET | {
    "addition_embed_type": "text_time", "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 64,
    "transformer_layers_per_block": [1, 2], "use_linear_projection": True,
}  # fmt: skip
_WAN = {
    "num_attention_heads": 2,
    "attention_head_dim": 12,
    "text_dim": 16,
    "freq_dim": 16,
    "ffn_dim": 32,
    "num_layers": 2,
}
SMALL = {
    "Stable Diffusion": ("UNet2DConditionModel", UNET),
    "inpainting": ("UNet2DConditionModel", UNET | {"in_channels": 9}),
    "SDXL": ("UNet2DConditionModel", SDXL),
    "refiner": ("UNet2DConditionModel", SDXL | {"transformer_layers_per_block": 2}),
    "FLUX.1": ("FluxTransformer2DModel", {
        "num_layers": 2, "num_single_layers": 2, "attention_head_dim": 16, "num_attention_heads": 2,
        "guidance_embeds": True,
        "joint_attention_dim": 24, "pooled_projection_dim": 12, "axes_dims_rope": [4, 6, 6],
        "in_channels": 8}),
    "FLUX.2": ("Flux2Transformer2DModel", {
        "num_layers": 1, "num_single_layers": 2, "attention_head_dim": 16, "num_attention_heads": 2,
        "in_channels": 8,
        "joint_attention_dim": 24, "axes_dims_rope": [4, 4, 4, 4], "timestep_guidance_channels": 16}),
    "SD3": ("SD3Transformer2DModel", {
        "num_layers": 3, "num_attention_heads": 2, "attention_head_dim": 16, "caption_projection_dim": 32,
        "joint_attention_dim": 24, "pooled_projection_dim": 12, "pos_embed_max_size": 8, "sample_size": 8,
        "dual_attention_layers": [0], "qk_norm": "rms_norm"}),
    "Wan": ("WanTransformer3DModel", _WAN),
    "Wan I2V": ("WanTransformer3DModel", _WAN | {"image_dim": 16, "added_kv_proj_dim": 24,
    "in_channels": 36}),
    "Z-Image": ("ZImageTransformer2DModel", {
        "dim": 64, "n_layers": 2, "n_refiner_layers": 1, "n_heads": 2, "n_kv_heads": 2, "cap_feat_dim": 16,
        "axes_dims": [8, 12, 12], "axes_lens": [1024, 128, 128]}),
    "Qwen-Image": ("QwenImageTransformer2DModel", {
        "num_layers": 2, "attention_head_dim": 16, "num_attention_heads": 2, "joint_attention_dim": 24,
        "axes_dims_rope": [4, 6, 6], "in_channels": 16, "out_channels": 4}),
}  # fmt: skip


def original(plan, state):
    """A state dict of diffusers under the original names: what a map takes apart and swaps, put together."""
    turned = {
        name: torch.cat(tensor.chunk(2)[::-1]) if name in plan["swap_halves"] else tensor
        for name, tensor in state.items()
    }
    found = {origin: turned[name] for name, origin in plan["map"].items()}
    parts: dict[str, list[tuple[int, str]]] = {}
    for name, (origin, first, _) in plan["split"].items():
        parts.setdefault(origin, []).append((first, name))
    return found | {o: torch.cat([turned[name] for _, name in sorted(some)]) for o, some in parts.items()}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.filterwarnings("ignore")
def test_a_real_network_loads_strictly_what_the_map_makes_of_its_original_names(name):
    import diffusers

    class_name, config = SMALL[name]
    torch.manual_seed(0)
    first, second = (getattr(diffusers, class_name).from_config(config) for _ in range(2))
    plan = api.keys({"_class_name": class_name, **config}, fresh="uncached").plan()
    state = first.state_dict()
    assert plan["missing"] == []
    moved = applied(plan, original(plan, state))
    second.load_state_dict(moved, strict=True)
    assert all(torch.equal(tensor, second.state_dict()[key]) for key, tensor in state.items())


@pytest.mark.parametrize(
    ("source", "params"),
    [
        # as sd-mecha's blocks add up: its SDXL OUT00 … and supermerger's SD1 blocks, in millions
        ("sd15", {"M00": 97.0, "OUT05": 90.5}),
        ("sdxl", {"OUT00": 400.0, "OUT01": 400.0, "OUT02": 406.6, "M00": 413.1, "IN08": 382.0}),
    ],
)
def test_blocks_of_merge_tools_hold_what_they_are_known_to(source, params):
    sums: dict[str, int] = {}
    for key in keys(source).keys:
        sums[key.sd_mecha] = sums.get(key.sd_mecha, 0) + key.params
    assert {label: round(sums[label] / 1e6, 1) for label in params} == params


def test_blocks_are_counted_as_the_tools_do():
    sd15, sdxl, flux = (
        list(dict.fromkeys(key.merge for key in keys(id).keys)) for id in ("sd15", "sdxl", "flux1-dev")
    )
    assert sorted(sd15) == sorted(
        [*(f"IN{n:02}" for n in range(12)), "M00", *(f"OUT{n:02}" for n in range(12))]
    )
    assert sorted(sdxl) == sorted(
        [*(f"IN{n:02}" for n in range(9)), "M00", *(f"OUT{n:02}" for n in range(9))]
    )
    assert sorted(flux) == sorted(
        ["IN", *(f"D{n:02}" for n in range(19)), *(f"S{n:02}" for n in range(38)), "OUT"]
    )
    differing = {key.original.split(".")[0] for key in keys("sdxl").keys if key.merge != key.sd_mecha}
    assert differing == {"time_embed", "label_emb"}


STUDENTS = {
    # as nota-ai's figure has them: students keep the numbers of their teacher
    "sd15": "Cv R1,1 A1,1 R1,2 A1,2 CvDn1 R2,1 A2,1 R2,2 A2,2 CvDn2 R3,1 A3,1 R3,2 A3,2 CvDn3 R4,1 R4,2 "
    "R5,1 A5,1 R5,2 R6,1 R6,2 R6,3 CvUp6 R7,1 A7,1 R7,2 A7,2 R7,3 A7,3 CvUp7 R8,1 A8,1 R8,2 A8,2 R8,3 A8,3 "
    "CvUp8 R9,1 A9,1 R9,2 A9,2 R9,3 A9,3 Cv",
    "bk-sdm-base": "Cv R1,1 A1,1 CvDn1 R2,1 A2,1 CvDn2 R3,1 A3,1 CvDn3 R4,1 R5,1 A5,1 R5,2 R6,1 R6,3 CvUp6 "
    "R7,1 A7,1 R7,3 A7,3 CvUp7 R8,1 A8,1 R8,3 A8,3 CvUp8 R9,1 A9,1 R9,3 A9,3 Cv",
    "bk-sdm-tiny": "Cv R1,1 A1,1 CvDn1 R2,1 A2,1 CvDn2 R3,1 A3,1 R7,1 A7,1 R7,3 A7,3 CvUp7 "
    "R8,1 A8,1 R8,3 A8,3 CvUp8 R9,1 A9,1 R9,3 A9,3 Cv",
}


@pytest.mark.parametrize("id", STUDENTS)
def test_blocks_are_numbered_as_bk_sdm_does(id):
    assert " ".join(key.bk_sdm for key in api.keys(id).keys if key.bk_sdm) == STUDENTS[id]
    assert not any(key.bk_sdm for key in api.keys("sdxl").keys)


Q = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight"
FOUND = {
    # source and name as it is written somewhere: what is found
    ("sdxl", Q): [Q],
    ("sdxl", "input_blocks.4.1.transformer_blocks.0.attn1.to_q.weight"): [Q],
    ("sdxl", "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn1.to_q.weight"): [Q],
    ("sdxl", "lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q.lora_down.weight"): [Q],
    ("sdxl", "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q"): [Q],
    ("sdxl", "base_model.model." + Q.replace(".weight", ".lora_A.weight")): [Q],
    ("sdxl", "unet." + Q.replace(".weight", ".lora_B.weight")): [Q],
    ("sdxl", "input_blocks.4.1.transformer_blocks.0.attn1.to_q*"): [Q],
    ("sd15", "model_ema.diffusion_modelinput_blocks00weight"): ["conv_in.weight"],
    ("sd15", "CvDn2"): ["down_blocks.1.downsamplers.0.conv.weight", "down_blocks.1.downsamplers.0.conv.bias"],
    ("sd15", "in03"): ["down_blocks.0.downsamplers.0.conv.weight", "down_blocks.0.downsamplers.0.conv.bias"],
    ("flux1-dev", "double_blocks.0.img_attn.qkv.bias"): [
        f"transformer_blocks.0.attn.to_{part}.bias" for part in "qkv"
    ],
    ("flux1-dev", "lora_unet_final_layer_linear.lora_up.weight"): ["proj_out.weight", "proj_out.bias"],
    ("flux1-dev", "transformer.proj_out.lora_A.weight"): ["proj_out.weight", "proj_out.bias"],
}  # fmt: skip


@pytest.mark.parametrize(("source", "name"), FOUND)
def test_a_tensor_is_found_by_whatever_it_is_called(source, name):
    assert [key.diffusers for key in keys(source, find=name).keys] == FOUND[source, name]


def test_a_block_number_is_not_found_in_another():
    names = {key.original for key in keys("sd15", find="input_blocks.1").keys}
    assert {name.split(".")[1] for name in names} == {"1"}


def test_what_nothing_is_called_is_said_with_what_is_near():
    with pytest.raises(SourceError, match="nothing called") as told:
        keys("sd15", find="input_blocks.44")
    assert told.value.hint
    with pytest.raises(OptionError, match="no keys by"):
        api.keys("sd15", by="stage")


def test_the_words_for_namings_are_those_of_the_rules():
    words = {rule.naming.lower() for rule in networks() if rule.crosswalk and rule.class_name}
    assert words <= set(NamingName.__args__)
    for word in ("merge", "bk-sdm", "kohya", "peft", "ldm", "original", "sgm"):
        assert names_of(api.load("sd15"), word).by_path
    for source, word in (
        ("sd15", "bfl"),
        ("flux1-dev", "ldm"),
        ("sdxl", "bk-sdm"),
        ("pixart-sigma-1024", "original"),
    ):
        with pytest.raises(OptionError, match="names"):
            names_of(api.load(source), word)


def test_every_format_tells_the_same_keys():
    text, table, marked, data = (
        traced_here("keys", "flux1-dev", "norm_out", "--format", one).stdout
        for one in ("text", "csv", "markdown", "json")
    )
    (weight, bias) = csv.DictReader(io.StringIO(table))
    assert weight["diffusers"] == "norm_out.linear.weight"
    assert (weight["original"], weight["halves_swapped"]) == ("final_layer.adaLN_modulation.1.weight", "true")
    assert [key["original"] for key in json.loads(data)["keys"]] == [weight["original"], bias["original"]]
    assert "`final_layer.adaLN_modulation.1.weight halves swapped`" in marked
    assert "final_layer.adaLN_modulation.1.weight halves swapped" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_map_is_written_as_check_writes_it(tmp_path):
    done = traced_here("keys", "sd15", "--map-out", "map.json", cwd=tmp_path)
    assert done.returncode == 0
    plan = json.loads((tmp_path / "map.json").read_text())
    assert plan["map"]["conv_in.weight"] == "input_blocks.0.0.weight"
    assert (len(plan["map"]), plan["split"], plan["swap_halves"], plan["missing"]) == (686, {}, [], [])
    refused = traced_here("keys", "pixart-sigma-1024", "--map-out", "no.json", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert not (tmp_path / "no.json").exists()


def test_tables_descriptions_and_tooltips_tell_another_naming_where_it_is_asked_for():
    rows = api.table("sd15", names="ldm").records()
    assert [row["ldm"] for row in rows][:4] == [
        "time_embed",
        "input_blocks.0.0",
        "input_blocks.1–3",
        "input_blocks.4–6",
    ]
    shown = traced_here("show", "flux1-dev", "--names", "bfl").stdout
    assert "double_blocks.0–18" in shown
    stages = json.loads(traced_here("show", "flux1-dev", "--names", "bfl", "--json").stdout)["stages"]
    assert {"path": "x_embedder", "bfl": "img_in"}.items() <= next(
        s for s in stages if s["path"] == "x_embedder"
    ).items()
    named, usual = (api.draw("sd15", names=word).text for word in ("ldm", None))
    assert (
        "down_blocks.0.resnets.0 · ResnetBlock2D · 2.26 M params, 7.55 GMAC · ldm: input_blocks.1.0" in named
    )
    assert "unetscope diagram sd15 --names ldm" in named
    assert "input_blocks" not in usual
    assert "ldm: input_blocks.1.0" in api.draw("sd15", names="ldm", format="html").text
    for refused in (("table", "--by", "kind"), ("table", "--fold"), ("show", "--config")):
        assert traced_here(refused[0], "sd15", "--names", "ldm", *refused[1:]).returncode == 2
