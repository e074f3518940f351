"""Small cases that strangers found wrong, each with its right value, run as a user runs them.

Most cases have a test beside others of their kind, with more of that kind; this file holds the rest:

| case | test |
|---|---|
| no key, or not every key, is the class's | test_unread_keys |
| depths per layer; no text context | here for the command, test_levels for the network |
| scale and shift behind the norm; transformers side by side; 6×256 in a graph | test_inside_blocks |
| removed blocks against layers taken out | here, test_diff_words |
| commands at the foot | here, test_commands_of_pictures |
| whole basis on paper; a MAC's unit; a grey image | test_basis |
| heads of five; eight input channels | here, test_heads_and_channels |
| classes and files that are none of ours | here, test_class_names |
| one convention for one table; a number of parameters | test_counters |
| training in float16 | test_memory_command |
| no number cut at 420 px | test_narrow_pages |
| a cause shows all and only what it did | test_diff_page |
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from support.networks import AUDIO, MUSIC
from unetscope.cli.commands import COMMANDS, unetscope
from unetscope.errors import UnetscopeError

LEVELS = {
    "_class_name": "UNet2DConditionModel",
    "in_channels": 4,
    "out_channels": 4,
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
}
FOUR = LEVELS | {
    "block_out_channels": [4, 8],
    "norm_num_groups": 4,
    "cross_attention_dim": 8,
    "attention_head_dim": 2,
    "layers_per_block": 1,
    "sample_size": 16,
}
THIRTY_TWO = LEVELS | {
    "block_out_channels": [32, 64],
    "cross_attention_dim": 32,
    "attention_head_dim": 8,
    "layers_per_block": 2,
    "sample_size": 32,
}
PER_LAYER = {
    "transformer_layers_per_block": [[3, 2], 1],
    "reverse_transformer_layers_per_block": [[3, 4], 1],
}
"""Of two test configs of diffusers 0.42: a list for the level with transformers, a number for the other."""
UPSCALER = {
    # the unet of a k-diffusion upscaler, whose resampling kernels are buffers that no state dict holds
    "_class_name": "UNet2DConditionModel",
    "act_fn": "gelu",
    "attention_head_dim": 64,
    "block_out_channels": [384, 384, 768, 768],
    "conv_in_kernel": 1,
    "conv_out_kernel": 1,
    "cross_attention_dim": 768,
    "down_block_types": ["KDownBlock2D", *["KCrossAttnDownBlock2D"] * 3],
    "up_block_types": [*["KCrossAttnUpBlock2D"] * 3, "KUpBlock2D"],
    "in_channels": 8,
    "out_channels": 5,
    "layers_per_block": 4,
    "mid_block_type": None,
    "norm_num_groups": None,
    "resnet_time_scale_shift": "scale_shift",
    "time_cond_proj_dim": 896,
    "time_embedding_type": "fourier",
    "timestep_post_act": "gelu",
}
SD15 = {
    "_class_name": "UNet2DConditionModel",
    "block_out_channels": [320, 640, 1280, 1280],
    "cross_attention_dim": 768,
    "sample_size": 96,
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNETSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


def run(*args: str) -> Result:
    return CliRunner().invoke(unetscope, args)


def told(*args: str) -> dict[str, Any]:
    done = run(*args, "--json")
    assert done.exception is None, done.exception
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def written(config: dict[str, Any], name: str = "net.json") -> str:
    Path(name).write_text(json.dumps(config))
    return name


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_terminal_of_eighty_columns(name: str) -> None:
    lines = run(name, "--help").output.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    assert any(line.strip().startswith("Example") for line in lines)


@pytest.mark.parametrize(
    ("config", "options", "params", "macs"),
    [
        (FOUR | PER_LAYER, ("--batch", "4", "--tokens", "4"), 14_444, 16_858_624),
        (THIRTY_TWO | PER_LAYER, ("--batch", "4", "--tokens", "4"), 1_169_284, 4_277_338_112),
        (MUSIC, (), None, 578_469_888),
        (AUDIO, (), None, 38_035_456),
    ],
    ids=["depths per layer", "depths per layer, wider", "MusicLDM", "AudioLDM"],
)
def test_a_config_of_diffusers_own_tests_costs_what_it_costs_there(
    config: dict[str, Any], options: tuple[str, ...], params: int | None, macs: int
) -> None:
    totals = told("table", written(config), *options)["totals"]
    assert totals["macs"] == macs
    assert params in (None, totals["params"])


@pytest.mark.slow
def test_a_map_names_the_keys_of_a_state_dict_and_no_other() -> None:
    import torch
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        keys = UNet2DConditionModel.from_config(UPSCALER).state_dict().keys()
    written(UPSCALER, "a.json")
    written(UPSCALER | {"in_channels": 4}, "b.json")
    assert run("diff", "a.json", "b.json", "--map-out", "m.json", "--transfer").exit_code == 0
    plan = json.loads(Path("m.json").read_text())
    partial = [one["target"] for one in plan["partial"]]
    assert (len(plan["map"]), partial) == (638, ["conv_in.weight"])
    assert {*plan["map"], *plan["map"].values(), *partial} == set(keys)


SAVED = ("--batch", "4", "--latent", "32x32")
WITHOUT_TORCH = (
    "import sys; sys.modules['torch'] = None\n"
    "from unetscope.cli.commands import COMMANDS, unetscope\n"
    "unetscope(sys.argv[1:])"
)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_saved_trace_keeps_its_basis_with_torch_and_without(dtype: str) -> None:
    assert run("trace", written(FOUR), *SAVED, "--dtype", dtype, "-o", "b.json").exit_code == 0
    given = told("table", "net.json", *SAVED)
    there = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, "table", "b.json", "--json"], capture_output=True, check=True
    )
    for found in (told("table", "b.json"), json.loads(there.stdout)):
        assert found["totals"] == given["totals"]
        assert found["basis"] == given["basis"] | {"dtype": dtype}
        assert (found["basis"]["batch"], found["basis"]["input"]) == (4, [4, 32, 32])


@pytest.mark.parametrize(
    ("student", "params", "share", "layers"), [("ssd-1b", 382, 15, 33), ("segmind-vega", 382, 15, 56)]
)
def test_removed_blocks_are_told_from_layers_of_blocks_that_stay(
    student: str, params: int, share: int, layers: int
) -> None:
    words = " ".join(run("diff", "sdxl", student).output.split())
    assert f"The removed blocks held {params} M parameters ({share} %)" in words
    assert f"layers removed from transformers that stay held {'854 M' if layers == 33 else '1.44 B'}" in words
    assert f"parameters ({layers} %)" in words


@pytest.mark.slow
def test_the_command_at_the_foot_has_the_unit_batch_and_type_that_were_chosen() -> None:
    chosen = ("--unit", "flops", "--batch", "4", "--dtype", "float16")
    picture = run("diagram", "sdxl", *chosen, "-o", "-").output
    assert ">unetscope diagram sdxl --batch 4 --dtype float16 --unit flops<" in picture
    assert (
        picture
        == run("diagram", "sdxl", "--batch", "4", "--dtype", "float16", "--unit", "flops", "-o", "-").output
    )


def test_heads_of_five_are_told_with_a_hint() -> None:
    words = " ".join(run("show", written(SD15 | {"attention_head_dim": 64})).output.split())
    assert "64 heads of 5 at level 1, of 10 at level 2, of 20 at levels 3 and 4" in words
    assert "heads of 5 are unusual: here attention_head_dim is the number of heads, not their width" in words


def test_eight_input_channels_get_what_they_usually_are() -> None:
    words = " ".join(run("show", "sd15", "--set", "in_channels=8").output.split())
    assert "input channels 8, usually noisy latent 4 + image latent 4 (InstructPix2Pix" in words


@pytest.mark.parametrize(
    ("name", "text", "line", "hint"),
    [
        (
            "config.json",
            '{"_class_name": "UNetFlatConditionModel", "cross_attention_dim": 768}',
            "UNetFlatConditionModel is not supported yet",
            "diffusers has it (diffusers.pipelines.deprecated.versatile_diffusion.modeling_text_unet)",
        ),
        (
            "config.json",
            '{"_class_name": "UNetUnconditionalModel", "image_size": 32}',
            "UNetUnconditionalModel is the old name of UNet2DModel",
            'write "UNet2DModel" as its _class_name',
        ),
        (
            "config.json",
            '<<<<<<< HEAD\n{"in_channels": 18}\n=======\n{"in_channels": 4}\n>>>>>>> bc6e13a\n',
            "config.json is not valid JSON",
            "git left a merge conflict in it (lines 1 to 5)",
        ),
        (
            "config.json",
            '  "_class_name": "BriaTransformer2DModel",\n  "num_layers": 8\n}\n',
            "config.json is not valid JSON",
            'it begins with a key: the opening "{" and what stood before it are missing',
        ),
        (
            "v1-inference.yaml",
            "model:\n  base_learning_rate: 1.0e-04\n  target: ldm.models.diffusion.ddpm.LatentDiffusion\n",
            "it describes no network; UNets of CompVis and Stability are read",
            "give the config.json of its diffusers version",
        ),
    ],
    ids=["a class we have not", "an old class", "a merge conflict", "trailing text", "a YAML of LDM"],
)
def test_what_is_no_config_of_ours_is_told_what_it_is(name: str, text: str, line: str, hint: str) -> None:
    Path(name).write_text(text)
    done = run("table", name)
    assert isinstance(done.exception, UnetscopeError)
    assert str(done.exception).startswith(line)
    assert done.exception.hint.startswith(hint)
