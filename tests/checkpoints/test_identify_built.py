"""Networks that diffusers builds at their full shapes: identified, built again from the config inferred, and
taken through diffusers' own converters from the names of other schemes."""

from __future__ import annotations

import json

import pytest
import torch

from support.files.checkpoint_files import DATA, listing, of, written
from unetscope import api, zoo
from unetscope.checkpoints import presets
from unetscope.checkpoints.agreement import compare
from unetscope.checkpoints.identify import identify
from unetscope.checkpoints.names import crosswalks, ldm

NETWORKS = json.loads((DATA / "denoisers.json").read_text())["networks"]
QUICK = ("sd15-vae", "flux1-dev-vae", "wan-t2v-1.3b-transformer", "controlnet-sd15-canny-controlnet")
"""What is built in a second; the others are slow together."""
EACH = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in NETWORKS]


def built(class_name, config):
    import diffusers

    with torch.device("meta"):
        state = getattr(diffusers, class_name).from_config(config).state_dict()
    return {name: tuple(tensor.shape) for name, tensor in state.items()}


@pytest.mark.parametrize("name", EACH)
@pytest.mark.filterwarnings("ignore")
def test_a_network_is_identified_and_built_again_from_what_its_header_tells(name):
    known = NETWORKS[name]
    shapes = built(known["class"], known["config"])
    found = identify(of(shapes))
    assert found.title == known["is"]
    one = found.components[0]
    assert one.class_name == known["class"]
    assert one.foreign == ()
    if known["class"] != "ControlNetModel":
        again = compare(shapes, built(known["class"], dict(one.config)))
        assert again.fits, again


CONVERTERS = {
    "flux1-dev-transformer": ("flux", "convert_flux_transformer_checkpoint_to_diffusers", 780),
    "flux1-schnell-transformer": ("flux", "convert_flux_transformer_checkpoint_to_diffusers", 776),
    "flux2-klein-4b-transformer": ("flux2", "convert_flux2_transformer_checkpoint_to_diffusers", 0),
    "flux2-dev-transformer": ("flux2", "convert_flux2_transformer_checkpoint_to_diffusers", 0),
    "sd3-medium-transformer": ("sd3", "convert_sd3_transformer_checkpoint_to_diffusers", 491),
    "sd35-medium-transformer": ("sd3", "convert_sd3_transformer_checkpoint_to_diffusers", 0),
    "wan-t2v-1.3b-transformer": ("wan", "convert_wan_transformer_to_diffusers", 0),
    "wan-i2v-14b-480p-transformer": ("wan", "convert_wan_transformer_to_diffusers", 0),
    "ltx-0.9.0-transformer": ("ltx", "convert_ltx_transformer_checkpoint_to_diffusers", 0),
    "z-image-transformer": ("z-image", "convert_z_image_transformer_checkpoint_to_diffusers", 0),
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "scheme", "converter", "count"), [(k, *v) for k, v in CONVERTERS.items()])
@pytest.mark.filterwarnings("ignore")
def test_names_of_another_scheme_are_those_that_diffusers_converts(name, scheme, converter, count):
    from diffusers.loaders import single_file_utils

    known = NETWORKS[name]
    shapes = built(known["class"], known["config"])
    native = crosswalks.native(scheme, shapes)
    assert not count or len(native) == count
    meta = {key: torch.empty(shape, device="meta") for key, shape in native.items()}
    theirs = {key: tuple(one.shape) for key, one in getattr(single_file_utils, converter)(meta).items()}
    assert {key: shape for key, shape in shapes.items() if key in theirs} == theirs
    found = identify(of({f"model.diffusion_model.{key}": shape for key, shape in native.items()}))
    assert found.title == known["is"]
    assert compare(found.components[0].names, shapes).fits


@pytest.mark.parametrize("id", ["sd15", "sd21", "sdxl", "sdxl-refiner", "sd15-inpaint"])
@pytest.mark.filterwarnings("ignore")
def test_ldm_names_are_those_that_diffusers_converts(id):
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint

    tensors = presets.tensors(id)
    native = {
        f"model.diffusion_model.{new}": torch.empty(tensors[old], device="meta")
        for old, new in ldm.from_diffusers(tensors).items()
    }
    theirs = convert_ldm_unet_checkpoint(dict(native), config=dict(zoo.spec(id).config))
    assert {key: tuple(one.shape) for key, one in theirs.items()} == tensors


@pytest.mark.filterwarnings("ignore")
def test_a_real_vae_in_ldm_names_has_the_tensors_of_the_one_that_diffusers_builds():
    known = NETWORKS["sd15-vae"]
    one = identify(listing("toolkit-vae-v1-sd")).components[0]
    assert one.names == built(known["class"], known["config"])
    assert one.names == built(known["class"], dict(one.config))


SHORT = {
    "flux": (
        "FluxTransformer2DModel",
        {"num_layers": 1, "num_single_layers": 1, "guidance_embeds": True},
        "convert_flux_transformer_checkpoint_to_diffusers",
    ),
    "sd3": (
        "SD3Transformer2DModel",
        {"num_layers": 2, "qk_norm": "rms_norm", "num_attention_heads": 2, "caption_projection_dim": 128},
        "convert_sd3_transformer_checkpoint_to_diffusers",
    ),
}
"""Networks of one or two blocks, as wide as the converters take for granted."""


@pytest.mark.parametrize("scheme", SHORT)
@pytest.mark.filterwarnings("ignore")
def test_weights_moved_by_the_map_are_those_that_diffusers_converts(scheme, tmp_path):
    from diffusers.loaders import single_file_utils

    class_name, config, converter = SHORT[scheme]
    native = crosswalks.native(scheme, built(class_name, config))
    rows = {name: torch.randn(shape[0]) for name, shape in native.items()}
    path = written(
        tmp_path / "m.safetensors", {f"net.{name}": shape for name, shape in native.items()}, "F32"
    )
    plan = api.weight_map(path, {"_class_name": class_name, **config}, fresh="uncached", warn=print)
    assert plan["missing"] == []
    ours = {target: rows[source.removeprefix("net.")] for target, source in plan["map"].items()}
    for target, (source, start, end) in plan["split"].items():
        ours[target] = rows[source.removeprefix("net.")][start:end]
    for name in plan["swap_halves"]:
        ours[name] = torch.cat(ours[name].chunk(2)[::-1])
    theirs = getattr(single_file_utils, converter)(dict(rows))
    assert theirs.keys() == ours.keys()
    assert [name for name, one in theirs.items() if not torch.equal(one, ours[name])] == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_wan_21_i2v_on_22_i2v_lacks_the_cross_attention_on_an_image(tmp_path):
    old, new = (NETWORKS[f"wan{name}-transformer"] for name in ("-i2v-14b-480p", "2.2-i2v-14b-720p"))
    network = {"_class_name": new["class"], **new["config"]}
    native = crosswalks.native("wan", built(old["class"], old["config"]))
    found = api.check(written(tmp_path / "m.safetensors", native, "BF16"), network, warn=print)
    assert len(found.found.unexpected) == 208
    assert "cross-attention on an image: 5120, not none" in found.causes
    modules = [
        f"diffusion_model.blocks.{n}.cross_attn.{part}"
        for n in range(40)
        for part in ("k", "v", "k_img", "v_img")
    ]
    lora = {
        f"{m}.lora_{ab}.weight": shape for m in modules for ab, shape in (("A", (4, 5120)), ("B", (5120, 4)))
    }
    found = api.check(written(tmp_path / "lora.safetensors", lora), network, warn=print)
    assert found.why == "80 of 160 modules are not in the network; 80 fit"
    assert found.causes == (
        "it is a LoRA for Wan 2.1 I2V: it adapts the cross-attention on an image (k_img, v_img), which "
        "Wan 2.2 lacks",
        "80 of its modules adapt the cross-attention on an image, which this network does not have",
    )
