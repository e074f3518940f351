"""Reports of files that other programs took for something else, each with a header made for it.

The numbers are those of the list of reports that `test_identify` goes by; here are those that need a GGUF, a
whole checkpoint or two readings side by side.
"""

from __future__ import annotations

import pytest

from support.files.checkpoint_files import gguf, listing, of, written
from unetscope.checkpoints import identify_file, presets
from unetscope.checkpoints.identify import identify
from unetscope.checkpoints.names import crosswalks, ldm


def makers(id, scheme):
    """A bundled model under its maker's names."""
    return crosswalks.native(scheme, presets.tensors(id))


GGUFS = {
    # architecture in its metadata, tensors, and the answer
    "23 Wan I2V by another converter": ("pig", "wan2.1-i2v-14b-480p", "wan", "Wan 2.1 I2V"),
    "24 FLUX.2 dev without an architecture": (None, "flux2-dev", "flux2", "FLUX.2 dev"),
    "27 FLUX.1 Fill": ("flux", "flux1-fill-dev", "flux", "FLUX.1 Fill"),
    "27 Z-Image, no full checkpoint": ("lumina2", "z-image", "z-image", "Z-Image"),
    "27 Chroma, no FLUX": ("flux", "chroma", "flux", "Chroma"),
    "SD3 by stable-diffusion.cpp": (None, "sd35-large", "sd3", "Stable Diffusion 3.5 Large"),
}


@pytest.mark.parametrize(("architecture", "id", "scheme", "title"), GGUFS.values(), ids=GGUFS)
def test_a_gguf_is_told_by_its_tensors_whatever_it_calls_itself(architecture, id, scheme, title, tmp_path):
    pairs = {} if architecture is None else {"general.architecture": architecture}
    (tmp_path / "m.gguf").write_bytes(gguf(makers(id, scheme), pairs))
    found = identify_file(tmp_path / "m.gguf")
    assert (found.kind, found.title) == ("denoiser", title)
    assert id in found.near[0].alike


@pytest.mark.parametrize("prefix", ["", "model.diffusion_model."])
@pytest.mark.parametrize(
    ("id", "title"),
    [
        ("sdxl-inpaint", "Stable Diffusion XL Inpainting 0.1"),
        ("sd15-inpaint", "Stable Diffusion 1.5 Inpainting"),
    ],
    ids=["18 an SDXL inpainting model", "20 an SD 1.5 inpainting model"],
)
def test_an_inpainting_model_is_one_under_either_naming(id, title, prefix):
    """diffusers took 18 for SD 1 inpainting; ComfyUI refused 20 under the names of diffusers."""
    tensors = presets.tensors(id)
    names = ldm.from_diffusers(tensors) if prefix else {name: name for name in tensors}
    assert identify(of({prefix + new: tensors[old] for old, new in names.items()})).title == title


def test_29_a_lora_for_flux_whose_metadata_speaks_of_another_base_is_flux():
    shapes = listing("invoke-lora-flux-lora-kohya").shapes
    found = identify(of(shapes, metadata={"ss_base_model_version": "sd_v1"}))
    assert found.title == "LoRA for FLUX.1"
    assert any("ss_base_model_version says sd_v1" in line for line in found.warnings)


def test_30_a_lora_for_pony_is_one_for_sdxl_and_says_that_the_fine_tune_cannot_be_known():
    module = "lora_unet_input_blocks_4_1_transformer_blocks_1_attn2_to_k"
    shapes = {f"{module}.lora_up.weight": (640, 8), f"{module}.lora_down.weight": (8, 2048)}
    found = identify(of(shapes, name="my-pony-style"))
    assert found.title == "LoRA for SDXL"
    assert "file name: speaks of SDXL" in found.hints
    assert any("which fine-tune it was trained on" in line for line in found.unknowable)


@pytest.mark.parametrize(
    ("id", "name", "title"),
    [
        ("sd21", "v2-1_768-ema-pruned", "Stable Diffusion 2"),
        ("sd21", "nothing-in-the-name", "Stable Diffusion 2"),
        ("sd15", "yiffymix-v-pred", "Stable Diffusion 1"),
    ],
    ids=["33 v by its name", "33 v without one", "33 SD 1 that predicts v"],
)
def test_33_what_a_model_predicts_is_never_guessed_from_its_name(id, name, title):
    found = identify(of(presets.tensors(id), name=name))
    assert found.title == title
    assert any("noise or v" in line for line in found.unknowable)


def test_25_whole_files_in_fp8_are_what_they_are_in_fp16(tmp_path):
    for id, scheme, title in (("sd15", "ldm", "Stable Diffusion 1"), ("flux1-dev", "flux", "FLUX.1 dev")):
        shapes = {f"model.diffusion_model.{name}": one for name, one in makers(id, scheme).items()}
        found = identify_file(written(tmp_path / "m.safetensors", shapes, "F8_E4M3"))
        assert (found.title, found.quantised) == (title, "fp8")
        assert found.against.fits
