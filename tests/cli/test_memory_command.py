"""`unetscope memory` as people ask it: a type for training, a frozen base, an answer for a script."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from support.command_line import traced_here
from support.traces import bundled
from unetscope import api
from unetscope.analysis.memory.budget import Use
from unetscope.analysis.memory.training import TrainingPlan
from unetscope.cli.commands import unetscope
from unetscope.errors import ConfigError
from unetscope.model import Architecture
from unetscope.zoo import ids, preset
from unetscope.zoo.companions import companions


def run(*args: str) -> Result:
    return CliRunner().invoke(unetscope, ["memory", *args], env={"COLUMNS": "80"})


def told(*args: str) -> dict[str, Any]:
    done = run(*args, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.output)


SDXL = """\
 a training step            bytes
 ──────────────────────────────────────────────────────────────────────────────
 weights            5,134,927,368   4.78 GiB   float16
 gradients          5,134,927,368   4.78 GiB   float16
 optimizer          5,220,638,512   4.86 GiB   8-bit AdamW: two states, a
                                               float32 scale per 256
 activations          629,618,176    600 MiB   inputs of blocks, and one block
                                               computed again

 total             16,120,111,424     15 GiB   all at once: an upper bound

fits in 16,000,000,000 bytes (14.9 GiB): no, a training step takes 15 GiB
"""


def test_training_without_autocast_holds_everything_in_the_type_asked_for() -> None:
    args = ["--train", "--checkpointing", "--mixed", "no", "--dtype", "float16", "--optimizer", "adamw8bit"]
    assert SDXL in run("sdxl", *args, "--fits", "16GB").output


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_weights_gradients_averages_and_torchs_states_are_of_one_type(dtype: str) -> None:
    found = told("bk-sdm-tiny", "--train", "--mixed", "no", "--dtype", dtype, "--ema")
    size = bundled("bk-sdm-tiny").cost.params * (4 if dtype == "float32" else 2)
    step, basis = found["training"], found["basis"]
    assert (step["weights"], step["gradients"], step["ema"], step["optimizer"]) == (
        size,
        size,
        size,
        2 * size,
    )
    assert (basis["dtype"], basis["weights"]) == (dtype, dtype)


def test_training_without_autocast_is_in_float32_unless_a_type_is_asked_for() -> None:
    found = told("bk-sdm-tiny", "--train", "--mixed", "no")
    assert found["basis"]["weights"] == "float32"
    assert found["training"]["weights"] == 4 * bundled("bk-sdm-tiny").cost.params


def test_frozen_weights_are_held_in_autocasts_type_and_have_no_gradient() -> None:
    everything = told("bk-sdm-tiny", "--train")["training"]
    found = told("bk-sdm-tiny", "--train", "--frozen", "down_blocks", "--frozen", "*.attn1.*")
    step = found["training"]
    names = [one for one in bundled("bk-sdm-tiny").tensors if one.role == "parameter"]
    still = [one for one in names if one.name.startswith("down_blocks.") or ".attn1." in one.name]
    sizes = {one.name: 1 for one in names}
    for one in names:
        for side in one.shape:
            sizes[one.name] *= side
    frozen = sum(sizes[one.name] for one in still)
    assert step["trained"] == sum(sizes.values()) - frozen
    assert step["gradients"] == 4 * step["trained"]
    assert step["optimizer"] == 8 * step["trained"]
    assert step["activations"] < everything["activations"]
    assert found["basis"]["frozen"] == ["down_blocks", "*.attn1.*"]


REFUSED = {
    "down_block.*": ("no parameter or module is named down_block.*", "did you mean down_blocks"),
    "\x1b[2J": ("no parameter or module is named \\x1b[2J", "* stands for any letters"),
    "*": ("nothing is left to train: every parameter is frozen", "--lora RANK trains adapters"),
}


@pytest.mark.parametrize("pattern", REFUSED)
def test_a_pattern_that_freezes_nothing_or_everything_is_refused(pattern: str) -> None:
    line, hint = REFUSED[pattern]
    with pytest.raises(ConfigError) as error:
        api.memory_of(bundled("bk-sdm-tiny"), Use(training=TrainingPlan(frozen=(pattern,))))
    assert (error.value.message, error.value.hint[: len(hint)]) == (line, hint)


def test_a_lora_is_trained_beside_a_frozen_base() -> None:
    found = told("sd15", "--train", "--lora", "4", "--mixed", "bf16")
    step, whole = found["training"], told("sd15", "--train")["training"]
    assert step["trained"] == 797_184
    assert (step["gradients"], step["optimizer"]) == (4 * 797_184, 8 * 797_184)
    # The base in bfloat16, the LoRA in float32 and what autocast casts of it.
    assert 0 < step["weights"] - 2 * 859_520_964 - 4 * 797_184 <= 2 * 797_184
    assert step["activations"] < whole["activations"]
    said = " ".join(run("sd15", "--train", "--lora", "4").output.split())
    assert "training: a LoRA of rank 4, 797,184 parameters, autocast to float16 as on CUDA" in said


def test_a_lora_needs_attention_and_freezes_everything_else() -> None:
    assert run("sd15", "--train", "--lora", "4", "--frozen", "conv_in").exit_code == 2
    assert run("sd15", "--train", "--lora", "0").exit_code == 2
    assert run("sd15", "--lora", "4").exit_code == 2
    with pytest.raises(ConfigError, match="this network has none"):
        api.memory_of(without_attention(), Use(training=TrainingPlan(lora=4)))


def without_attention() -> Architecture:
    """A network whose linear layers bear other names than attention's."""
    found = bundled("bk-sdm-tiny")
    nodes = tuple(replace(node, kind="other" if node.kind == "linear" else node.kind) for node in found.nodes)
    return replace(found, nodes=nodes)


EXITS = {
    ("bk-sdm-tiny", "--fits", "24GB"): 0,
    ("bk-sdm-tiny", "--fits", "1MB"): 0,
    ("bk-sdm-tiny", "--fits", "24GB", "--exit-code"): 0,
    ("bk-sdm-tiny", "--fits", "1MB", "--exit-code"): 1,
    ("bk-sdm-tiny", "--fits", "1MB", "--exit-code", "--json"): 1,
    ("no-such-model", "--fits", "1MB", "--exit-code"): 2,
    ("no-such-model", "--fits", "1MB"): 2,
    ("bk-sdm-tiny", "--exit-code"): 2,
    ("bk-sdm-tiny", "--fits", "1XB", "--exit-code"): 2,
}


@pytest.mark.parametrize("args", EXITS, ids=" ".join)
def test_a_script_learns_whether_it_fits_by_the_exit_code(args: tuple[str, ...]) -> None:
    assert traced_here("memory", *args).returncode == EXITS[args]


UNKNOWN = {
    *("GLM-4-9B", "ByT5", "Llama-3.1-8B", "Qwen3-VL-4B", "Gemma-3-12B"),
    *("AutoencoderKLHunyuanVideo", "AutoencoderKLLTXVideo", "AutoencoderKLAllegro"),
    "AutoencoderKLWan",  # that of Wan 2.2 5B
}
"""Text encoders and VAEs of which no config is at hand."""


@pytest.mark.parametrize("id", ids())
def test_every_text_encoder_and_vae_that_a_preset_names_has_a_size(id: str) -> None:
    found = companions(bundled(id).facts)
    assert [one.name for one in found[: len(preset(id).text_encoders)]] == list(preset(id).text_encoders)
    assert {one.name for one in found if not one.params} <= UNKNOWN


ALONE = {
    "kolors": (
        "fits: the denoiser alone; its pipeline also holds, at float16, ChatGLM3-6B (6,243,584,000 "
        "parameters, 11.6 GiB), AutoencoderKL (83,653,863 parameters, 160 MiB); not counted: what else it "
        "loads, and activations of these"
    ),
    "ddpm-cifar10": (
        "fits: the denoiser alone; not counted: what it loads beside it, and activations of these"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("model", ALONE)
def test_a_fit_says_that_it_answers_for_the_denoiser_alone(model: str) -> None:
    said = " ".join(run(model, "--fits", "24GB").output.split())
    assert ALONE[model] in said
    assert "fits: " not in run(model).output


def test_networks_beside_a_training_are_held_in_the_type_of_what_is_frozen() -> None:
    beside = told("sdxl", "--train", "--mixed", "bf16", "--dtype", "float32", "--fits", "24GB")["fits"][
        "beside"
    ]
    assert [one["bytes"] for one in beside] == [4 * one["params"] for one in beside]


def test_a_paged_optimizer_fits_with_what_has_to_stay_on_the_device() -> None:
    found = told("sd15", "--train", "--optimizer", "paged-adamw8bit", "--fits", "24GB")
    step = found["training"]
    assert found["fits"]["needed"] == step["total"] - step["paged"] < step["total"]
    assert "\n on the device " in run("sd15", "--train", "--optimizer", "paged-adamw8bit").output
