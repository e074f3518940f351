"""A refiner takes over from its base: steps as diffusers' schedulers split them, encoders loaded once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from support.traces import bundled
from unetscope import api
from unetscope.analysis.memory.turns import evenly, handed_over
from unetscope.cli.commands import unetscope
from unetscope.errors import ConfigError

REFINED = ("--pipeline", "--refiner", "sdxl-refiner")


def run(*args: str) -> Any:
    return CliRunner().invoke(unetscope, list(args), env={"COLUMNS": "80"})


def test_base_and_refiner_share_the_steps_and_what_both_load_is_there_once() -> None:
    found = json.loads(run("table", "sdxl", *REFINED, "--steps", "30", "--json").output)
    runs = {part["name"]: part["runs"] for part in found["parts"]}
    assert runs == {
        "CLIP ViT-L/14": 2,
        "OpenCLIP ViT-bigG/14": 4,
        "Stable Diffusion XL Base 1.0": 2 * 23,
        "Stable Diffusion XL Refiner 1.0": 2 * 7,
        "AutoencoderKL, decoder": 1,
    }
    alone = json.loads(run("table", "sdxl", "--pipeline", "--json").output)
    assert found["params"] == alone["params"] + bundled("sdxl-refiner").cost.params
    assert found["macs"] == sum(part["macs_of_a_run"] * part["runs"] for part in found["parts"])
    assert found["denoising_end"] == 0.8


def test_the_hand_over_is_told_and_can_be_moved() -> None:
    told = "the refiner takes over at denoising_end {}: {} steps"
    assert told.format("0.8", "40 + 10") in run("memory", "sdxl", *REFINED).output
    assert told.format("0.7", "35 + 15") in run("memory", "sdxl", *REFINED, "--denoising-end", "0.7").output


@pytest.mark.parametrize("denoising_end", [0.5, 0.7, 0.75, 0.8, 0.9])
def test_steps_are_split_as_diffusers_cuts_the_timesteps_of_sdxls_scheduler(denoising_end: float) -> None:
    diffusers = pytest.importorskip("diffusers", reason="diffusers is not installed")
    scheduler = diffusers.EulerDiscreteScheduler(timestep_spacing="leading", steps_offset=1)
    cutoff = round(1000 - denoising_end * 1000)
    for steps in range(12, 101):
        scheduler.set_timesteps(steps)
        times = scheduler.timesteps.tolist()
        split = [sum(time >= cutoff for time in times), sum(time < cutoff for time in times)]
        assert handed_over(steps, denoising_end) == split


def test_networks_alike_share_the_steps_evenly() -> None:
    assert evenly(41, 2) == [21, 20]
    assert evenly(4, 1) == [4]


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["sdxl", "--refiner", "sdxl-refiner"], "--refiner is about a pipeline"),
        (["sdxl", "--pipeline", "--denoising-end", "0.7"], "--denoising-end is when a refiner takes over"),
        (["sdxl", "--pipeline", "--refiner", "sd15"], "does not take over the latent of"),
        (["sdxl", "--pipeline", "--refiner", "vae-sdxl"], "does not take over the latent of"),
        (["sdxl", *REFINED, "--steps", "1"], "the base runs none"),
        (["sdxl", *REFINED, "--denoising-end", "1"], "is not in the range 0<x<1"),
    ],
)
def test_what_cannot_take_over_is_refused(args: list[str], complaint: str) -> None:
    done = run("table", *args)
    assert done.exit_code != 0
    assert complaint in done.output + str(done.exception)


def test_the_picture_from_python_names_the_command_that_draws_it() -> None:
    found = api.pipeline("sdxl", refiner="sdxl-refiner", denoising_end=0.7)
    drawn = api.draw_pipeline(found).text
    assert "unetscope diagram sdxl --denoising-end 0.7 --pipeline --refiner sdxl-refiner" in drawn
    assert "denoising_end 0.7" in drawn


def test_a_refiner_of_no_steps_is_an_error_in_python_too() -> None:
    with pytest.raises(ConfigError, match="the refiner runs none"):
        api.pipeline("sdxl", refiner="sdxl-refiner", steps=2, denoising_end=0.9999)
