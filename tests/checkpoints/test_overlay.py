"""What a LoRA changes in a network: figures by block against those counted by hand, pictures in every layout,
refusals with their reason."""

from __future__ import annotations

import json

import pytest

from support.command_line import traced_here
from support.files.checkpoint_files import listing, written
from unetscope import api
from unetscope.errors import OutputError, SourceError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("loras")
    written(made / "sd1.safetensors", listing("toolkit-lora-v1-unet").shapes)
    written(made / "flux.safetensors", listing("invoke-lora-flux-lora-kohya").shapes)
    written(made / "flux-diffusers.safetensors", listing("invoke-lora-flux-lora-diffusers").shapes)
    written(made / "text.safetensors", listing("toolkit-lora-v1-clip").shapes)
    written(made / "vae.safetensors", listing("toolkit-vae-v1-sd").shapes)
    written(made / "sdxl.safetensors", _cross_attention())
    return made


def _cross_attention():
    """SDXL's cross-attention alone: rank 32 in the middle, 8 above it, nothing below."""
    shapes = {}
    for key in api.keys("sdxl", by="tensor").keys:
        if key.kohya and "attn2.to_" in key.diffusers and not key.diffusers.startswith("down"):
            rank = 32 if key.diffusers.startswith("mid") else 8
            shapes[f"{key.kohya}.lora_down.weight"] = (rank, key.shape[1])
            shapes[f"{key.kohya}.lora_up.weight"] = (key.shape[0], rank)
    return shapes


def test_stages_and_blocks_are_told_with_their_layers_weights_and_ranks(folder):
    found = api.overlay(folder / "sdxl.safetensors", "sdxl")
    stages = {one.path: one for one in found.stages}
    weights = {key.diffusers: key.params for key in api.keys("sdxl", by="tensor").keys if key.peft}
    for path, one in stages.items():
        mine = [p for name, p in weights.items() if name.startswith(f"{path}.") and "attn2.to_" in name]
        mine = [] if path.startswith("down") else mine
        assert (one.layers, one.weights) == (len(mine), sum(mine))
    assert (stages["mid_block"].ranks, stages["up_blocks.0"].ranks) == ((32,), (8,))
    assert found.whole.ranks == (32, 8)
    assert found.whole.weights == sum(one.weights for one in found.stages)
    for path, blocks in found.blocks.items():
        assert sum(one.weights for one in blocks) == stages[path].weights
        assert sum(one.layers_in_all for one in blocks) == stages[path].layers_in_all


def test_a_fused_layer_changes_all_that_diffusers_makes_of_it(folder):
    """38 linear1 are q, k, v and an MLP each; 38 qkv of double blocks three layers each."""
    fused, split = (
        api.overlay(folder / f"{name}.safetensors", "flux1-dev") for name in ("flux", "flux-diffusers")
    )
    layers = {one.path: one.layers for one in fused.stages}
    assert layers["transformer_blocks"] == 19 * 14
    assert layers["single_transformer_blocks"] == 38 * 6
    assert split.whole.layers == 494


@pytest.mark.parametrize(
    ("file", "source", "told"),
    [
        ("sd1", "sdxl", "is not for Stable Diffusion XL Base 1.0: it is a LoRA for Stable Diffusion 1"),
        ("flux", "sd15", "is not for Stable Diffusion 1.5: it is a LoRA for FLUX.1"),
        ("text", "sd15", "changes no layer of a denoiser"),
        ("vae", "sd15", "holds no adapters"),
    ],
)
def test_what_is_for_another_base_is_refused_with_the_reason(folder, file, source, told):
    done = traced_here("diagram", source, "--overlay", f"{file}.safetensors", "-o", "no.svg", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "hint: " in done.stderr
    assert not (folder / "no.svg").exists()
    with pytest.raises(SourceError, match="safetensors"):
        api.overlay(folder / f"{file}.safetensors", source)


@pytest.mark.parametrize(
    ("source", "file", "look"),
    [
        ("sdxl", "sdxl", {}),
        ("sdxl", "sdxl", {"layout": "u", "theme": "dark"}),
        ("sdxl", "sdxl", {"theme": "paper"}),
        ("sdxl", "sdxl", {"width": "column"}),
        ("flux1-dev", "flux", {"theme": "auto"}),
    ],
)
def test_a_picture_marks_the_blocks_and_keeps_all_else(folder, source, file, look):
    path = folder / f"{file}.safetensors"
    drawn = json.loads(api.draw(source, overlay=path, format="json", **look))
    plain = json.loads(api.draw(source, format="json", **look))
    assert drawn["height"] > plain["height"]
    assert drawn["width"] == plain["width"]
    text = json.dumps(drawn)
    assert f"{file}.safetensors" in text
    assert "changed blocks are outlined" in text


def test_a_stack_that_is_changed_in_part_is_not_outlined(folder):
    half = {
        name: shape
        for name, shape in listing("invoke-lora-flux-lora-kohya").shapes.items()
        if "blocks_1_" in name
    }
    path = written(folder / "half.safetensors", half)
    text = api.draw("flux1-dev", overlay=path, format="json").text
    assert '"stroke": "new"' not in text
    assert '"stroke": "new"' in api.draw("flux1-dev", overlay=folder / "flux.safetensors", format="json").text


def test_a_page_has_no_overlay(folder):
    with pytest.raises(OutputError, match="no overlay"):
        api.draw("sdxl", overlay=folder / "sdxl.safetensors", format="html")


def test_the_figures_are_in_the_json_of_check(folder):
    data = json.loads(traced_here("check", "sdxl.safetensors", "sdxl", "--json", cwd=folder).stdout)
    assert data["overlay"]["all"]["ranks"] == [32, 8]
    (middle,) = (one for one in data["overlay"]["stages"] if one["path"] == "mid_block")
    assert [block["layers"] for block in middle["blocks"]] == [0, 40, 0]


@pytest.mark.parametrize("look", [{}, {"width": "column"}, {"theme": "paper"}])
def test_nothing_below_the_picture_leaves_the_page(folder, look):
    drawn = json.loads(api.draw("sdxl", overlay=folder / "sdxl.safetensors", format="json", **look))
    texts = [item for item in drawn["items"] if item["type"] == "text"]
    assert look.get("width") != "column" or min(item["size"] for item in texts) >= 12.6
    assert all(
        item["x"] + item["width"] <= drawn["width"]
        for item in texts
        if item.get("anchor", "start") == "start"
    )
