"""Where a ControlNet joins a network: as diffusers' own forwards add its outputs, in pictures of every
layout, and refused with the reason for another base."""

from __future__ import annotations

import json

import pytest

from support.command_line import traced_here
from support.files.checkpoint_files import listing, written
from unetscope import api
from unetscope.checkpoint import ControlJoints
from unetscope.checkpoints import identify_file
from unetscope.checkpoints.joints import joints
from unetscope.checkpoints.names import crosswalks
from unetscope.checkpoints.presets import tensors
from unetscope.errors import SourceError

FLUX = {
    "num_layers": 5, "num_single_layers": 3, "attention_head_dim": 16, "num_attention_heads": 2,
    "joint_attention_dim": 24, "pooled_projection_dim": 12, "axes_dims_rope": [4, 6, 6], "in_channels": 8,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("controls")
    written(made / "sd15.safetensors", tensors("controlnet-sd15"))
    native = crosswalks.native("ldm", tensors("controlnet-sd15"))
    written(made / "ldm.safetensors", {f"control_model.{name}": shape for name, shape in native.items()})
    written(made / "sdxl.safetensors", tensors("controlnet-sdxl"))
    written(made / "flux.safetensors", listing("invoke-flux-controlnet-instantx-union").shapes)
    written(made / "xlabs.safetensors", listing("invoke-flux-controlnet-xlabs").shapes)
    written(made / "z-image.safetensors", {"control_layers.0.attention.to_q.weight": (64, 64)})
    return made


@pytest.mark.parametrize("file", ["sd15", "ldm"])
def test_of_a_unet_each_skip_has_an_output_in_the_order_in_which_skips_are_made(folder, file):
    found = api.overlay(folder / f"{file}.safetensors", "sd15")
    assert isinstance(found, ControlJoints)
    assert found.params == 361_279_120
    told = [(joint.layer.rpartition(".")[2], joint.into, joint.target) for joint in found.joints]
    assert told[:4] == [
        ("0", "conv_in", "up_blocks.3.resnets.2"),
        ("1", "down_blocks.0.attentions.0", "up_blocks.3.resnets.1"),
        ("2", "down_blocks.0.attentions.1", "up_blocks.3.resnets.0"),
        ("3", "down_blocks.0.downsamplers.0", "up_blocks.2.resnets.2"),
    ]
    assert told[-2:] == [
        ("11", "down_blocks.3.resnets.1", "up_blocks.0.resnets.0"),
        ("controlnet_mid_block", "mid_block", ""),
    ]
    assert [joint.channels for joint in found.joints] == [320] * 4 + [640] * 3 + [1280] * 6
    assert found.records()[0]["layer"] == "controlnet_down_blocks.0"


def test_an_inpainting_network_and_a_student_of_the_same_skips_are_joined_too(folder):
    assert len(api.overlay(folder / "sd15.safetensors", "sd15-inpaint").joints) == 13
    assert len(api.overlay(folder / "sdxl.safetensors", "ssd-1b").joints) == 10


@pytest.mark.parametrize(
    ("file", "source", "told"),
    [
        ("sd15", "sd21", "a ControlNet for Stable Diffusion 1; context 768 wide, not 1024"),
        ("sd15", "sdxl", "context 768 wide, not 2048"),
        ("sd15", "bk-sdm-base", "it has 13 outputs for 9 places"),
        ("sd15", "flux1-dev", "its base is a UNet2DConditionModel, not a FluxTransformer2DModel"),
        ("xlabs", "sd3-medium", "its base is a FluxTransformer2DModel"),
        ("z-image", "z-image", "where a Z-Image ControlNet joins its base does not follow from its names"),
    ],
)
def test_another_base_is_refused_with_the_reason(folder, file, source, told):
    path, target = str(folder / f"{file}.safetensors"), str(folder / "no.svg")
    done = traced_here("diagram", source, "--overlay", path, "-o", target)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "hint: " in done.stderr
    assert not (folder / "no.svg").exists()


def test_check_tells_that_a_controlnet_joins_its_base_and_why_it_does_not_join_another(folder):
    path = str(folder / "sd15.safetensors")
    data = json.loads(traced_here("check", path, "sd15", "--json").stdout)
    assert (data["fits"], len(data["overlay"]["joints"])) == (False, 13)
    assert "  joins       Stable Diffusion 1.5, at 13 places" in traced_here("check", path, "sd15").stdout
    data = json.loads(traced_here("check", path, "sdxl", "--json").stdout)
    assert "overlay" not in data
    assert "context 768 wide, not 2048" in data["causes"][-1]
    data = json.loads(traced_here("check", path, "controlnet-sd15", "--json").stdout)
    assert (data["fits"], data["causes"]) == (True, [])


def test_a_base_of_the_same_depth_and_another_width_is_refused(tmp_path):
    odd = tensors("controlnet-sd15") | {"controlnet_down_blocks.3.weight": (160, 160, 1, 1)}
    path = written(tmp_path / "odd.safetensors", odd)
    told = r"controlnet_down_blocks.3 makes 160 channels, down_blocks.0.downsamplers.0 320"
    with pytest.raises(SourceError, match=told):
        api.overlay(path, "sd15")


@pytest.mark.parametrize(
    ("source", "file", "look", "skips"),
    [
        ("sd15", "sd15", {}, 12),
        ("sd15", "sd15", {"layout": "u", "theme": "dark"}, 12),
        ("sd15", "sd15", {"theme": "paper"}, 12),
        ("sd15", "sd15", {"width": "column"}, 8),
        ("sd15", "sd15", {"detail": "stage"}, 8),
        ("sdxl", "sdxl", {}, 9),
        ("flux1-dev", "flux", {}, 0),
        ("flux1-schnell", "xlabs", {"theme": "auto"}, 0),
    ],
)
def test_a_picture_marks_every_skip_and_what_else_is_added_to(folder, source, file, look, skips):
    drawn = json.loads(api.draw(source, overlay=folder / f"{file}.safetensors", format="json", **look))
    items = list(_flat(drawn["items"]))
    signs = [item for item in items if item["type"] == "circle" and item.get("stroke") == "new"]
    outlines = [item for item in items if item["type"] == "box" and item.get("stroke") == "new"]
    assert len(signs) == skips
    assert outlines
    assert all(item["y"] <= drawn["height"] for item in items if item["type"] == "text")
    assert "adds" in drawn["description"]
    if look.get("width") == "column":
        assert min(item["size"] for item in items if item["type"] == "text") >= 12.6


def _flat(items):
    for item in items:
        yield item
        yield from _flat(item.get("items", ()))


def _flux_joints(tmp_path, double, single, repeat):
    """Which output is told to be added to what each block returns."""
    width = FLUX["attention_head_dim"] * FLUX["num_attention_heads"]
    shapes = {f"controlnet_blocks.{at}.weight": (width, width) for at in range(double)}
    if repeat:
        shapes |= {
            "double_blocks.0.img_attn.qkv.weight": (3 * width, width),
            "input_hint_block.0.weight": (16, 3, 3, 3), "txt_in.weight": (width, 24),
            "vector_in.in_layer.weight": (width, 12),
        }  # fmt: skip
    else:
        shapes |= {f"controlnet_single_blocks.{at}.weight": (width, width) for at in range(single)}
        shapes |= {
            "controlnet_x_embedder.weight": (width, 8), "x_embedder.weight": (width, 8),
            "context_embedder.weight": (width, 24),
            "time_text_embed.text_embedder.linear_1.weight": (width, 12),
            "transformer_blocks.0.attn.add_q_proj.weight": (width, width),
            "transformer_blocks.0.attn.norm_q.weight": (16,),
        }  # fmt: skip
    answer = identify_file(written(tmp_path / "c.safetensors", shapes))
    network = api.load({"_class_name": "FluxTransformer2DModel", **FLUX}, fresh="uncached")
    found = joints(answer, answer.denoiser, network)
    return {joint.into: int(joint.layer.rpartition(".")[2]) for joint in found.joints}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("double", "single", "repeat"), [(2, 2, False), (5, 3, False), (4, 1, False), (2, 0, True), (3, 0, True)]
)
@pytest.mark.filterwarnings("ignore:Converting a tensor")
def test_blocks_of_flux_get_the_output_that_diffusers_adds_to_them(tmp_path, double, single, repeat):
    """Zeroed weights return what they are given: what a block is given beside that is what was added."""
    import torch
    from diffusers import FluxTransformer2DModel

    network = FluxTransformer2DModel.from_config(FLUX)
    network.load_state_dict({name: torch.zeros_like(value) for name, value in network.state_dict().items()})
    returned: dict[str, torch.Tensor] = {}
    blocks = {
        f"{stack}.{at}": block
        for stack in ("transformer_blocks", "single_transformer_blocks")
        for at, block in enumerate(getattr(network, stack))
    }
    given: dict[str, torch.Tensor] = {}
    for path, block in blocks.items():
        block.register_forward_hook(lambda _, a, out, path=path: returned.__setitem__(path, out[1]))
        block.register_forward_pre_hook(
            lambda _, a, kw, path=path: given.__setitem__(path, kw["hidden_states"]), with_kwargs=True
        )
    network.norm_out.register_forward_pre_hook(lambda _, a: given.__setitem__("end", a[0]))
    network(
        torch.zeros(1, 4, 8), encoder_hidden_states=torch.zeros(1, 3, 24), timestep=torch.zeros(1),
        pooled_projections=torch.zeros(1, 12), img_ids=torch.zeros(4, 3), txt_ids=torch.zeros(3, 3),
        controlnet_block_samples=[torch.full((1, 4, 32), at + 1.0) for at in range(double)],
        controlnet_single_block_samples=[torch.full((1, 4, 32), at + 1.0) for at in range(single)] or None,
        controlnet_blocks_repeat=repeat,
    )  # fmt: skip
    after = [*list(blocks)[1:], "end"]
    added = {
        path: round(float((given[following] - returned[path]).mean())) - 1
        for path, following in zip(blocks, after, strict=True)
    }
    assert {path: at for path, at in added.items() if at >= 0} == _flux_joints(
        tmp_path, double, single, repeat
    )


@pytest.mark.slow
def test_skips_of_a_unet_get_the_output_that_diffusers_adds_to_them():
    """Zeroed weights make everything zero, so that what a block reads of a skip is what was added to it."""
    import torch
    from diffusers import UNet2DConditionModel

    config = {
        "sample_size": 8, "block_out_channels": [8, 16], "norm_num_groups": 4, "layers_per_block": 2,
        "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
        "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"], "cross_attention_dim": 8,
        "attention_head_dim": 4,
    }  # fmt: skip
    network = UNet2DConditionModel.from_config(config)
    network.load_state_dict({name: torch.zeros_like(value) for name, value in network.state_dict().items()})
    read: dict[str, float] = {}
    for path, module in network.named_modules():
        if path.startswith("up_blocks") and path.rpartition(".")[0].endswith("resnets"):
            module.register_forward_pre_hook(
                lambda _, a, path=path: read.__setitem__(path, float(a[0][0, -1, 0, 0]))
            )
    sides = [(8, 8), (8, 8), (8, 8), (8, 4), (16, 4), (16, 4)]
    network(
        torch.zeros(1, 4, 8, 8), 0, torch.zeros(1, 3, 8),
        down_block_additional_residuals=[
            torch.full((1, channels, side, side), at + 1.0) for at, (channels, side) in enumerate(sides)
        ],
        mid_block_additional_residual=torch.zeros(1, 16, 4, 4),
    )  # fmt: skip
    traced = api.load({"_class_name": "UNet2DConditionModel", **config}, fresh="uncached")
    first = traced.first_call
    made = sorted(traced.skips, key=lambda skip: first[skip.source])
    assert {skip.target: at + 1.0 for at, skip in enumerate(made)} == read
