"""Keys that a class does not read: none read is refused, some unread are told wherever figures stand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import unetscope
from support.networks import SMALL
from support.traces import bundled, tiny
from unetscope.analysis.remarks import not_read, unread
from unetscope.checkpoint import Facts
from unetscope.cli.commands import unetscope as program
from unetscope.errors import ConfigError
from unetscope.sources import resolve

KANDINSKY_3 = {
    # the unet of kandinsky-community/kandinsky-3 as it was published, under a class that reads none of it
    "_class_name": "UNet2DConditionModel",
    "_diffusers_version": "0.17.0.dev0",
    "model_channels": 384,
    "num_channels": 4,
    "init_channels": 192,
    "time_embed_dim": 1536,
    "context_dim": 4096,
    "model_dim": 4096,
    "groups": 32,
    "head_dim": 64,
    "expansion_ratio": 4,
    "compression_ratio": 2,
    "dim_mult": [1, 2, 4, 8],
    "num_blocks": [3, 3, 3, 3],
    "add_cross_attention": [False, True, True, True],
    "add_self_attention": [False, True, True, True],
}
STUDENT = {
    # a distilled Stable Diffusion whose narrower blocks UNet2DConditionModel knows nothing of
    "_class_name": "UNet2DConditionModel",
    "block_out_channels": [320, 640, 1280],
    "cross_attention_dim": 768,
    "down_block_types": ["CrossAttnDownBlock2D"] * 3,
    "up_block_types": ["CrossAttnUpBlock2D"] * 3,
    "layers_per_block": 1,
    "mid_block_type": None,
    "sample_size": 64,
    "block_crossattn_heads": [8] * 9,
    "block_mid_channels": [256, 480, 960, 320, 320, 160, 160, 96, 256],
    "block_selfattn_heads": [8, 4, 6, 6, 8, 8, 4, 8, 8],
    "crossattn_out_dim": None,
}
TOLD = "config keys not read by UNet2DConditionModel"


def modified(**keys):
    """A small network whose config holds keys of its own."""
    return SMALL | keys


def test_a_config_of_which_the_class_reads_nothing_is_refused_with_the_nearest_classes():
    with pytest.raises(ConfigError) as caught:
        resolve(KANDINSKY_3)
    assert str(caught.value).startswith(
        "UNet2DConditionModel reads none of the 14 config keys: model_channels, "
    )
    assert caught.value.hint.startswith("the nearest classes: Kandinsky3UNet reads 1 (groups); ")


def test_a_class_name_alone_is_a_config():
    assert resolve({"_class_name": "UNet2DConditionModel"}).warnings == ()
    assert resolve({"_class_name": "UNet2DModel", "_diffusers_version": "0.1"}).warnings == ()


def test_one_key_read_is_enough_to_be_built():
    assert resolve({"_class_name": "UNet2DModel", "sample_size": 32, "odd": 1}).warnings == (
        "UNet2DModel ignores 1 config key: odd",
    )


@pytest.fixture(scope="module")
def student():
    with pytest.warns(UserWarning, match="ignores 4 config keys"):
        return unetscope.load(STUDENT, fresh="uncached")


def test_the_figures_of_a_student_stand_and_its_unread_keys_are_named(student):
    assert student.cost.params == 323_384_964
    assert list(unread(student)) == ["block_crossattn_heads", "block_mid_channels", "block_selfattn_heads"]
    assert not_read(student) == f"{TOLD}: block_crossattn_heads, block_mid_channels, block_selfattn_heads"


@pytest.mark.parametrize("options", [{}, {"layout": "u"}, {"width": "column"}, {"theme": "paper"}])
def test_every_picture_names_unread_keys(student, options):
    picture = unetscope.draw(student, **options).decode()
    assert TOLD in picture
    assert "block_mid_channels" in picture


COMMANDS = [
    "table net.json",
    "table net.json --json",
    "table net.json --depth 1 --json",
    "table net.json -o made.md",
    "show net.json",
    "show net.json --json",
    "memory net.json",
    "sweep net.json --latent 16:32:16",
    "sweep net.json --formula",
    "compare net.json sd15",
    "reconcile net.json 400G --no-torchinfo",
    "graph net.json -o -",
    "diagram net.json -o -",
    "diff net.json sd15 --stat",
    "diff net.json sd15 --json",
    "memory net.json --json",
    "sweep net.json --latent 16 --json",
    "compare net.json sd15 --json",
    "reconcile net.json 400G --no-torchinfo --json",
    "table net.json -o made.csv",
    "table net.json -o made.html",
    "table net.json -o made.tex",
    "table net.json --by layer --torchinfo",
    "table net.json --by layer --torchinfo --json",
    "graph net.json --format mermaid -o -",
    "chart net.json -o -",
    "chart net.json sd15 -o -",
    "chart net.json --kind memory -o -",
    "chart net.json --kind sweep --sides 16,32 -o -",
    "chart net.json --kind zoo -o -",
    "diff net.json sd15 -o made.svg",
    "diff net.json sd15 -o made.html",
    "diff net.json sd15 -o made.md",
]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_prints_figures_names_unread_keys(command, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("UNETSCOPE_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Path("net.json").write_text(json.dumps(modified(block_mid_channels=[8, 16], unread_flag=False)))
    program.main(args=command.split(), standalone_mode=False)
    made = [path.read_text() for path in tmp_path.glob("made.*")]
    told = capsys.readouterr().out + "".join(made)
    assert "block_mid_channels" in told.replace("\\_", "_").replace("\n", " ")


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in COMMANDS if "--formula" not in command])
def test_every_command_that_prints_figures_tells_notes_of_a_live_module(
    command, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("UNETSCOPE_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    noted = replace(unetscope.load(SMALL, fresh="uncached"), notes=("quantizedbytorchao",))
    unetscope.save(noted, "net.json")
    program.main(args=command.split(), standalone_mode=False)
    made = [path.read_text() for path in tmp_path.glob("made.*")]
    assert "quantizedbytorchao" in capsys.readouterr().out + "".join(made)


def test_what_training_left_in_a_config_is_no_part_of_the_network():
    # runwayml/stable-diffusion-xl-1.0-inpainting-0.1 carries the state of its moving average
    average = {"decay": 0.9999, "inv_gamma": 1.0, "optimization_step": 37_000, "use_ema_warmup": False}
    empty = {"a": None, "b": False, "c": [], "d": {}, "e": ""}
    made = replace(tiny(), facts=Facts(unread=average | empty), ignored_keys=tuple(average | empty))
    assert unread(made) == {}
    assert not_read(made) == ""


def test_an_unread_key_whose_value_is_not_known_is_named():
    assert unread(replace(tiny(), ignored_keys=("odd",))) == {"odd": None}


def test_hostile_and_many_keys_are_escaped_and_counted():
    keys = {"\x1b[31mred": 1} | {f"key{index}": 1 for index in range(40)}
    made = replace(tiny(), facts=Facts(unread=keys), ignored_keys=tuple(keys))
    assert not_read(made) == (
        r"config keys not read by UNet2DModel: \x1b[31mred, key0, key1, key2, key3, key4 and 35 more"
    )


def test_bundled_models_have_no_unread_keys():
    assert not any(unread(bundled(name)) for name in ("sd15", "sdxl", "bk-sdm-small"))
