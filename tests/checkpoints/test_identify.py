"""What a file of weights is: 56 listings of real files, every bundled model in every naming, near misses."""

from __future__ import annotations

import csv
import random

import pytest

from support.files.checkpoint_files import DATA, listing, listings, of
from unetscope import zoo
from unetscope.checkpoints import presets
from unetscope.checkpoints.identify import identify
from unetscope.checkpoints.listing import Stored
from unetscope.checkpoints.names import crosswalks, ldm
from unetscope.checkpoints.rules import adapters, networks

with (DATA / "listings.tsv").open() as file:
    EXPECTED = [row for row in csv.reader(file, delimiter="\t") if not row[0].startswith("#")]

SAME = {
    "sdxl": "SDXL",
    "sd15": "Stable Diffusion 1",
    "sd21": "Stable Diffusion 2",
    "bk-sdm-base": "BK-SDM-Base",
    "bk-sdm-tiny": "BK-SDM-Tiny",
}
"""Titles of networks that several presets share, by the preset that stands for them."""
CONDITIONED = [id for id in zoo.ids() if zoo.preset(id).class_name == "UNet2DConditionModel"]
"""Those whose names LDM has too."""


@pytest.mark.parametrize(
    ("id", "kind", "title", "beside", "quantised"), EXPECTED, ids=[row[0] for row in EXPECTED]
)
def test_the_listing_of_a_real_file_is_what_it_truly_is(id, kind, title, beside, quantised):
    found = identify(listing(id))
    told = " + ".join(one.title for one in found.components[1:]) or "-"
    assert (found.kind, found.title, told, found.quantised or "-") == (kind, title, beside, quantised)


def test_every_listing_has_an_expected_answer():
    assert {row[0] for row in EXPECTED} == set(listings())


@pytest.mark.parametrize("id", zoo.ids())
def test_a_bundled_model_in_the_names_of_diffusers_is_itself(id):
    kept = {"bn.running_mean": (128,), "bn.running_var": (128,)} if id == "vae-flux2" else {}
    found = identify(of(presets.tensors(id) | kept))
    near, preset = found.near[0], zoo.preset(id)
    assert near.differences == ()
    assert found.against.fits
    assert found.against.equal == len(presets.tensors(id))
    assert id in near.alike or TWINS.get(id) in near.alike
    if preset.class_name.startswith("UNet2D"):
        assert found.title == (preset.title if len(near.alike) == 1 else SAME[near.id])
    else:
        assert FAMILY.get(id, preset.title).split()[0].lower()[:3] in found.title.lower()


TWINS = {"vae-qwen-image": "vae-wan2.1"}
"""Models whose tensors are those of a model of another class."""
FAMILY = {
    "svd-xt": "Stable", "t2v-ms-1.7b": "text", "movq": "VQ", "vae-sd15": "SD", "vae-sd3": "SD3",
    "vae-sdxl": "SDXL", "vae-x4-upscaler": "SD", "vae-svd": "Stable", "dc-ae-f32c32": "DC-AE",
}  # fmt: skip


@pytest.mark.parametrize("id", [id for id in CONDITIONED if id not in ("kandinsky-2.2", "kolors")])
@pytest.mark.parametrize("prefix", ["", "model.diffusion_model.", "diffusion_model."])
def test_a_bundled_model_in_the_names_of_ldm_is_itself_under_any_prefix(id, prefix):
    names = ldm.from_diffusers(presets.tensors(id))
    assert len(names) == len(presets.tensors(id))
    found = identify(of({prefix + new: presets.tensors(id)[old] for old, new in names.items()}))
    assert found.components[0].naming == "LDM"
    assert found.components[0].prefix == prefix
    assert id in found.near[0].alike
    assert found.against.fits


REAL = {
    "supermerger-sd1-mergeable": ("model.diffusion_model.", "sd15"),
    "sdmecha-sdxl-sgm": ("model.diffusion_model.", "sdxl"),
    "toolkit-unet-xl-refiner": ("", "sdxl-refiner"),
    "toolkit-unet-v1-pix2pix": ("", "instruct-pix2pix"),
}


@pytest.mark.parametrize(("id", "prefix", "preset"), [(id, *rest) for id, rest in REAL.items()])
def test_the_crosswalk_of_ldm_names_takes_real_files_to_the_bundled_tensors(id, prefix, preset):
    known = presets.tensors(preset)
    real = {
        name.removeprefix(prefix): one.shape
        for name, one in listing(id).tensors.items()
        if name.startswith(prefix)
    }
    table = ldm.to_diffusers(real)
    assert {new: real[old] for old, new in table.items()} == known
    assert {new: old for old, new in ldm.from_diffusers(known).items()}.keys() == table.keys()


@pytest.mark.parametrize("scheme", ["flux", "sd3", "wan"])
def test_a_crosswalk_has_a_way_back(scheme):
    samples = {
        "flux": {
            "img_in.weight": (64, 16),
            "double_blocks.3.img_attn.qkv.weight": (192, 64),
            "single_blocks.7.linear1.bias": (448,),
            "double_blocks.0.txt_mlp.2.bias": (64,),
            "double_blocks.3.img_attn.norm.key_norm.scale": (16,),
            "guidance_in.out_layer.bias": (64,),
        },
        "sd3": {
            "joint_blocks.1.x_block.attn.qkv.weight": (192, 64),
            "joint_blocks.1.x_block.attn2.ln_q.weight": (16,),
            "pos_embed": (1, 9, 64),
            "joint_blocks.0.context_block.mlp.fc1.bias": (256,),
        },
        "wan": {
            "head.modulation": (1, 2, 64),
            "blocks.2.cross_attn.k_img.weight": (64, 64),
            "blocks.2.self_attn.o.bias": (64,),
            "blocks.2.ffn.0.weight": (256, 64),
        },
    }[scheme]
    there = crosswalks.renamed(scheme, samples)
    assert crosswalks.native(scheme, there) == samples
    assert not there.keys() & samples.keys() - {"pos_embed"}


def changed(id, **tensors):
    found = dict(presets.tensors(id))
    for path, shape in tensors.items():
        name = path.replace("__", ".")
        if shape is None:
            del found[name]
        else:
            found[name] = shape
    return identify(of(found))


def test_one_tensor_off_is_said_by_name():
    found = changed("sd15", conv_out__bias=None)
    assert found.near[0].differences == ()
    assert found.against.missing == ("conv_out.bias",)
    assert "1 missing, for example conv_out.bias" in found.warnings[0]
    found = changed("sd15", conv_norm_out__weight=(64,))
    assert found.against.reshaped == (("conv_norm_out.weight", (64,), (320,)),)


@pytest.mark.parametrize(
    ("id", "inputs", "title"),
    [
        ("sd15", 9, "Stable Diffusion 1.5 Inpainting"),
        ("sd15", 8, "InstructPix2Pix"),
        ("sd21", 5, "Stable Diffusion 2.0 Depth"),
        ("sdxl", 9, "Stable Diffusion XL Inpainting 0.1"),
        ("sdxl", 8, "CosXL Edit"),
    ],
)
def test_another_number_of_inputs_makes_the_network_for_it(id, inputs, title):
    found = changed(id, conv_in__weight=(320, inputs, 3, 3))
    assert found.title == title
    assert found.against.fits


def test_a_number_of_inputs_that_nobody_has_is_told_as_the_difference():
    found = changed("sd15", conv_in__weight=(320, 13, 3, 3))
    assert found.title == "Stable Diffusion 1"
    (one,) = found.near[0].differences
    assert (one.field, one.here) == ("in_channels", 13)


def test_random_names_empty_files_and_mixtures_are_unknown():
    letters = random.Random(7)
    words = ["".join(letters.choices("abcdefghij_", k=6)) for _ in range(40)]
    names = {f"{letters.choice(words)}.{letters.choice(words)}.{n}.weight": (4, 4) for n in range(300)}
    for tensors in (names, {}, {"weight": (3,)}):
        found = identify(of(tensors))
        assert found.kind == "unknown"
        assert found.components == ()
    sd15, wan = presets.tensors("sd15"), {f"blocks.{n}.self_attn.q.weight": (64, 64) for n in range(40)}
    mixed = identify(of(sd15 | wan))
    assert mixed.kind == "unknown"
    assert "40 others among them" in mixed.why[0]
    assert dict(mixed.seen)["blocks.#"] == 40


def test_an_averaged_copy_beside_a_network_is_told_and_not_taken_for_it():
    tensors = presets.tensors("sd15")
    names = ldm.from_diffusers(tensors)
    both = {f"model.diffusion_model.{new}": tensors[old] for old, new in names.items()}
    both |= {"model_ema.diffusion_model" + new.replace(".", ""): tensors[old] for old, new in names.items()}
    found = identify(of(both | {"model_ema.decay": (), "model_ema.num_updates": ()}))
    assert found.title == "Stable Diffusion 1"
    assert found.against.fits
    assert any("688 tensors are an averaged copy" in line for line in found.warnings)


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16", "F8_E4M3"])
def test_the_type_of_the_weights_changes_nothing_but_what_is_said_of_it(dtype):
    tensors = {name: Stored(shape, dtype, 0) for name, shape in presets.tensors("sdxl").items()}
    found = identify(of(tensors))
    assert found.title == "SDXL"
    assert found.quantised == ("fp8" if dtype == "F8_E4M3" else "")


ONLY = {
    "allegro": {"pos_embed.proj.weight": (2304, 4, 2, 2)}
    | {f"transformer_blocks.{n}.a": (1,) for n in range(32)},
    "cogview3": {f"transformer_blocks.{n}.a": (1,) for n in range(30)},
}
"""What a rule asks of shapes and numbers of blocks."""


@pytest.mark.parametrize("rule", networks(), ids=lambda rule: rule.id)
def test_every_rule_is_the_first_to_fit_what_it_needs(rule):
    names = {need: Stored() for need in rule.needs}
    names |= {name: Stored(shape, "F16") for name, shape in ONLY.get(rule.id, {}).items()}
    found = identify(of({f"any.prefix.{name}": one for name, one in names.items()}))
    assert [(one.rule, one.prefix) for one in found.components][:1] == [(rule.id, "any.prefix.")]


@pytest.mark.parametrize("rule", adapters(), ids=lambda rule: rule.id)
def test_every_rule_for_the_base_of_a_lora_has_its_reason(rule):
    assert rule.why
    assert rule.modules
    assert all(variant.why for variant in rule.variants)


REPORTS = {
    # number of the report: tensors, and a part of the right answer
    "1 anima under net.": ("invoke-anima-base-excerpt", "Anima"),
    "3 flux1-dev is no SD1": ("index-flux1-schnell-transformer", "FLUX.1 schnell"),
    "16 a VAE of SD1": ("toolkit-vae-v1-sd", "VAE of SD or SDXL"),
    "25 fp8": ("invoke-qwen25vl-fp8scaled-excerpt", "Qwen2.5-VL"),
}


@pytest.mark.parametrize(("id", "title"), REPORTS.values(), ids=REPORTS)
def test_reported_mistakes_of_others_with_a_real_listing(id, title):
    assert title in identify(listing(id)).title


def wan(width, inputs, *, seen=False):
    block = "blocks.0.cross_attn"
    names = {
        "head.modulation": (1, 2, width),
        "patch_embedding.weight": (width, inputs, 1, 2, 2),
        f"{block}.norm_k.weight": (width,),
        f"{block}.k.weight": (width, width),
        "head.head.weight": (64, width),
        "blocks.0.ffn.0.weight": (13824, width),
    }
    return names | (
        {"img_emb.proj.0.weight": (1280,), f"{block}.k_img.weight": (width, width)} if seen else {}
    )


def flux(inputs, *, guided=True, prefix=""):
    names = {
        "img_in.weight": (3072, inputs),
        "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
        "single_blocks.0.linear1.weight": (21504, 3072),
        "vector_in.in_layer.weight": (3072, 768),
    } | ({"guidance_in.in_layer.weight": (3072, 256)} if guided else {})
    return {prefix + name: shape for name, shape in names.items()}


MADE = {
    "2 wan2.1-t2v-1.3B": (wan(1536, 16), "Wan 2.1 T2V 1.3B"),
    "21 flux1-dev-fp8, bare": (flux(64), "FLUX.1 dev"),
    "27 FLUX Fill": (flux(384), "FLUX.1 Fill"),
    "32 Wan 2.2 I2V is no T2V": (wan(5120, 36), "Wan 2.2 I2V 14B"),
    "32 Wan 2.1 I2V": (wan(5120, 36, seen=True), "Wan 2.1 I2V"),
    "23 Wan TI2V": (wan(3072, 48), "Wan 2.2 TI2V 5B"),
    "Canny or Depth": (flux(128), "FLUX.1 Canny or Depth"),
    "FLUX under net.": (flux(64, prefix="net."), "FLUX.1 dev"),
    "4 qwen-image": (
        {
            "txt_norm.weight": (3584,),
            "transformer_blocks.0.img_mod.1.weight": (18432, 3072),
            "img_in.weight": (3072, 64),
        },
        "Qwen-Image",
    ),
    "14 the VAE that Wan, Qwen-Image and Anima share": (
        {
            "decoder.middle.0.residual.0.gamma": (384, 1, 1, 1),
            "encoder.conv1.weight": (96, 3, 3, 3, 3),
            "conv2.weight": (16, 16, 1, 1, 1),
        },
        "Wan 2.1's VAE",
    ),
    "15 LTX's VAE is not HunyuanVideo's": (
        {
            "decoder.conv_in.conv.weight": (512, 128, 3, 3, 3),
            "per_channel_statistics.mean-of-means": (128,),
            "decoder.up_blocks.0.resnets.0.conv1.conv.weight": (512, 512, 3, 3, 3),
            "quant_conv.weight": (1,),
        },
        "LTX's VAE",
    ),
    "17 Qwen2.5 is no Qwen3": (
        {
            "model.layers.0.self_attn.q_proj.weight": (1536, 1536),
            "model.layers.0.self_attn.q_proj.bias": (1536,),
            "model.embed_tokens.weight": (151936, 1536),
        },
        "Qwen2 or Qwen2.5 language model",
    ),
    "26 a language model given as a network": (
        {"blk.0.attn_q.weight": (8, 8), "token_embd.weight": (9, 8)},
        "a language model",
    ),
    "22 FLUX in nf4": (
        {
            **dict.fromkeys(flux(64), (9, 1)),
            "img_in.weight.absmax": (3,),
            "img_in.weight.quant_state.bitsandbytes__nf4": (99,),
        },
        "FLUX.1 dev",
    ),
}


@pytest.mark.parametrize(("tensors", "title"), MADE.values(), ids=MADE)
def test_reported_mistakes_of_others_with_a_header_made_for_them(tensors, title):
    assert identify(of(tensors)).title == title


UNET_LORA = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_{n}_attn{k}_to_k"


def lora(module, out, inputs, rank=4, up=".lora_up.weight", down=".lora_down.weight"):
    return {module + up: (out, rank), module + down: (rank, inputs), module + ".alpha": ()}


LORAS = {
    "5 SDXL by its context": (lora(UNET_LORA.format(n=0, k=2), 640, 2048), "LoRA for SDXL"),
    "6 SDXL without cross-attention": (lora(UNET_LORA.format(n=5, k=1), 1280, 1280), "LoRA for SDXL"),
    "28 two blocks deep": (lora(UNET_LORA.format(n=1, k=1), 640, 640), "LoRA for SDXL, or a network as deep"),
    "no evidence": (lora(UNET_LORA.format(n=0, k=1), 640, 640), "LoRA for Stable Diffusion 1, 2 or SDXL"),
    "7 OneTrainer FLUX": (
        lora("lora_transformer_single_transformer_blocks_0_attn_to_q", 3072, 3072),
        "LoRA for FLUX.1",
    ),
    "8 OneTrainer DoRA": (
        lora("lora_transformer_single_transformer_blocks_0_attn_to_q", 3072, 3072)
        | {"lora_transformer_single_transformer_blocks_0_attn_to_q.dora_scale": (1, 3072)},
        "DoRA for FLUX.1",
    ),
    "9 LoKr FLUX": (
        {
            "lycoris_single_transformer_blocks_0_attn_to_q.lokr_w1": (16, 16),
            "lycoris_single_transformer_blocks_0_attn_to_q.lokr_w2": (192, 192),
        },
        "LoKr for FLUX.1",
    ),
    "10 klein 4B": (lora("diffusion_model.single_blocks.0.linear1", 27648, 3072), "LoRA for FLUX.2 klein 4B"),
    "10 klein 9B": (
        lora("diffusion_model.double_blocks.0.img_attn.qkv", 12288, 4096),
        "LoRA for FLUX.2 klein 9B",
    ),
    "11 Z-Image": (lora("diffusion_model.layers.0.attention.to_q", 3840, 3840), "LoRA for Z-Image"),
    "12 Z-Image of transformer.layers": (
        lora("transformer.layers.0.attention.to_q", 3840, 3840, up=".lora_B.weight", down=".lora_A.weight"),
        "LoRA for Z-Image",
    ),
    "31 Pony Diag-OFT": (
        {
            f"oft_unet_input_blocks_4_1_transformer_blocks_{n}_attn1_to_q.oft_blocks": (8, 80, 80)
            for n in range(4)
        },
        "OFT for SDXL",
    ),
    "LoHa": (
        {
            f"lora_unet_input_blocks_7_1_transformer_blocks_5_attn2_to_k.hada_w{n}_{p}": s
            for n in (1, 2)
            for p, s in (("a", (1280, 4)), ("b", (4, 2048)))
        },
        "LoHa for SDXL",
    ),
    "Wan 2.1 I2V": (
        lora("diffusion_model.blocks.0.cross_attn.k_img", 5120, 5120)
        | lora("diffusion_model.blocks.0.cross_attn.k", 5120, 5120),
        "LoRA for Wan 2.1 I2V",
    ),
}


@pytest.mark.parametrize(("tensors", "title"), LORAS.values(), ids=LORAS)
def test_a_lora_is_told_with_its_method_and_base(tensors, title):
    found = identify(of(tensors))
    assert (found.kind, found.title) == ("LoRA", title)


@pytest.mark.parametrize(
    ("marker", "says"),
    [
        ({"v_pred": (0,)}, "it predicts v"),
        ({"v_pred": (0,), "ztsnr": (0,)}, "it predicts v, with zero terminal SNR"),
        ({"edm_mean": (4,), "edm_std": (4,)}, "it predicts by EDM, as Playground v2.5"),
    ],
    ids=["13 v", "13 v with ztsnr", "19 Playground"],
)
def test_marker_tensors_tell_the_prediction(marker, says):
    names = {
        f"model.diffusion_model.{new}": presets.tensors("sdxl")[old]
        for old, new in ldm.from_diffusers(presets.tensors("sdxl")).items()
    }
    found = identify(of(names | marker))
    assert found.hints[0] == f"marker tensors: {says}"
    assert not any("noise or v" in line for line in found.unknowable)


def test_a_claim_of_the_metadata_against_the_tensors_is_a_warning_and_never_the_answer():
    found = identify(of(presets.tensors("sdxl"), metadata={"modelspec.architecture": "stable-diffusion-v1"}))
    assert found.title == "SDXL"
    assert found.warnings == (
        "metadata modelspec.architecture says stable-diffusion-v1, but the tensors are those of SDXL",
    )
    true = identify(
        of(presets.tensors("sdxl"), metadata={"modelspec.architecture": "stable-diffusion-xl-v1-base"})
    )
    assert true.warnings == ()


def test_a_file_name_is_a_hint_and_never_the_answer():
    found = identify(of(presets.tensors("sd21"), name="flux1-dev-768-v.safetensors"))
    assert found.title == "Stable Diffusion 2"
    assert "file name: speaks of FLUX.1" in found.hints
    assert any("noise or v" in line for line in found.unknowable)


@pytest.mark.parametrize(
    ("tensors", "title"),
    [
        ({"lora_controlnet": (0,), "label_emb.0.0.up": (4, 4)}, "Control-LoRA for SDXL"),
        (
            {"lora_controlnet": (0,), "input_blocks.0.0.up": (4, 4)},
            "Control-LoRA for Stable Diffusion 1 or 2",
        ),
        ({"lllite_unet_input_blocks_4_1.down.0.weight": (4, 4)}, "ControlNet-LLLite for SDXL"),
        ({"lllite_dit_blocks_0.down.0.weight": (4, 4)}, "ControlNet-LLLite for Anima"),
    ],
)
def test_adapters_that_control_are_told_by_their_markers(tensors, title):
    found = identify(of(tensors))
    assert (found.kind, found.title) == ("Control-LoRA", title)


QUANTISED = {
    "bitsandbytes fp4": {".absmax": (3,), ".quant_state.bitsandbytes__fp4": (9,)},
    "fp8 scaled": {".scale_weight": ()},
    "scaled": {".weight_scale": (), ".comfy_quant": (40,)},
}


@pytest.mark.parametrize(("kind", "helpers"), QUANTISED.items(), ids=QUANTISED)
def test_scales_and_tables_beside_weights_change_no_name(kind, helpers):
    plain = flux(64)
    beside = {
        name.removesuffix(".weight")
        + ("" if end.startswith(".scale") or "_" in end[:8] else ".weight")
        + end: shape
        for name in plain
        if name.endswith(".weight")
        for end, shape in helpers.items()
    }
    found = identify(of(plain | beside))
    assert (found.title, found.quantised) == ("FLUX.1 dev", kind)
    assert len(found.components[0].names) >= len(plain)
    assert found.components[0].foreign == ()


def test_nunchaku_and_sdnq_are_told_and_their_packed_shapes_never_asked():
    packed = {name: shape for name, shape in flux(64).items() if name != "img_in.weight"}
    packed |= {"img_in.qweight": (7, 7), "img_in.wscales": (2, 2), "img_in.smooth_factor": (3,)}
    found = identify(of(packed))
    assert (found.title, found.quantised) == ("FLUX.1 dev", "nunchaku")
    assert found.components[0].names["x_embedder.weight"] is None
    small = {
        name: Stored(shape, "U8" if name == "img_in.weight" else "F16") for name, shape in flux(64).items()
    }
    found = identify(of(small | {"img_in.scale": Stored((3072, 1), "F16")}))
    assert (found.title, found.quantised) == ("FLUX.1 dev", "SDNQ")
