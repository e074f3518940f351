"""A config read off tensors builds them again: every bundled network, and names that diffusers converts."""

from __future__ import annotations

import pytest
import torch

from support.files.checkpoint_files import of
from unetscope import zoo
from unetscope.checkpoints import presets
from unetscope.checkpoints.agreement import compare
from unetscope.checkpoints.identify import identify
from unetscope.checkpoints.names import crosswalks

NETWORKS = list({zoo.network(id): id for id in reversed(zoo.ids())}.values())
"""One bundled model of each network."""
NEAREST = (
    "dc-ae-f32c32", "movq", "omnigen", "stable-cascade-b", "stable-cascade-b-lite", "stable-cascade-c",
    "stable-cascade-c-lite", "vae-cogvideox", "vae-hunyuanimage", "vae-ltx-0.9.7", "vae-mochi",
    "vae-qwen-image", "vae-svd", "vae-wan2.1",
)  # fmt: skip
"""Whose config is that of the bundled model of the same tensors alone: nothing is read off them."""


def built(class_name, config):
    import diffusers

    with torch.device("meta"):
        made = getattr(diffusers, class_name).from_config(config)
    return {name: tuple(one.shape) for name, one in made.named_parameters()}


@pytest.mark.slow
@pytest.mark.parametrize("id", [id for id in NETWORKS if id not in (*NEAREST, "vae-flux2")])
@pytest.mark.filterwarnings("ignore")
def test_the_config_read_off_a_bundled_networks_tensors_builds_them_again(id):
    one = identify(of(presets.tensors(id))).components[0]
    assert one.class_name == zoo.preset(id).class_name
    assert compare(presets.tensors(id), built(one.class_name, dict(one.config))).fits


@pytest.mark.parametrize("id", NEAREST)
def test_a_network_whose_config_is_not_read_is_told_by_its_tensors(id):
    found = identify(of(presets.tensors(id)))
    assert found.near[0].differences == ()
    assert found.against.fits


CONVERTED = {
    "chroma": ("flux", "convert_chroma_transformer_checkpoint_to_diffusers"),
    "hunyuanvideo": ("hunyuan", "convert_hunyuan_video_transformer_to_diffusers"),
    "wan2.1-vace-1.3b": ("wan", "convert_wan_transformer_to_diffusers"),
}


@pytest.mark.parametrize("id", CONVERTED)
@pytest.mark.filterwarnings("ignore")
def test_makers_names_of_a_bundled_network_are_those_that_diffusers_converts(id):
    from diffusers.loaders import single_file_utils

    scheme, converter = CONVERTED[id]
    tensors, preset = presets.tensors(id), zoo.preset(id)
    native = crosswalks.native(scheme, tensors)
    meta = {key: torch.empty(shape, device="meta") for key, shape in native.items()}
    theirs = getattr(single_file_utils, converter)(meta)
    assert {key: tuple(one.shape) for key, one in theirs.items()} == tensors
    found = identify(of({f"model.diffusion_model.{key}": shape for key, shape in native.items()}))
    one = found.components[0]
    assert (one.class_name, one.foreign) == (preset.class_name, ())
    assert found.against.fits
    assert id in found.near[0].alike
    assert compare(tensors, built(one.class_name, dict(one.config))).fits


def changed(id, **sides):
    """A bundled network's tensors, some with another side."""
    found = dict(presets.tensors(id))
    for path, shape in sides.items():
        found[path.replace("__", ".")] = shape
    return identify(of(found))


def test_a_near_miss_of_a_transformer_says_which_field_differs():
    found = changed("cogview4-6b", patch_embed__proj__weight=(4096, 128))
    assert [(one.field, one.here, one.there) for one in found.near[0].differences] == [
        ("in_channels", 32, 16)
    ]
    found = identify(of({k: v for k, v in presets.tensors("dit-xl-2-256").items() if ".27." not in k}))
    assert [(one.field, one.here, one.there) for one in found.near[0].differences] == [("num_layers", 27, 28)]
