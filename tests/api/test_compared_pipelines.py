"""`compare --pipeline` tells what one image takes, and no sum of a pipeline with a part that is not known."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from unetscope import api
from unetscope.cli.commands import unetscope
from unetscope.errors import ConfigError


def facts(*args: str) -> dict[str, Any]:
    done = CliRunner().invoke(unetscope, ["compare", *args, "--pipeline", "--json"])
    assert done.exit_code == 0, done.output
    return {fact["name"]: (fact["heading"], fact["values"]) for fact in json.loads(done.output)["facts"]}


def test_an_image_is_compared_by_what_each_pipeline_adds_up_to() -> None:
    ids = ("sdxl", "sdxl-lightning-4step", "sdxl-turbo")
    found, around = facts(*ids), [api.pipeline(id) for id in ids]
    assert found["pipeline_macs"] == ("MACs, one image", [one.macs for one in around])
    assert found["pipeline_params"] == ("all parameters", [one.params for one in around])
    held = [[one.held()[at].bytes for one in around] for at in range(3)]
    assert [found[f"held_{mode}"][1] for mode in ("none", "model", "sequential")] == held


@pytest.mark.slow
def test_a_pipeline_with_a_part_that_is_not_known_has_no_sum() -> None:
    found = facts("sd15", "ssd-1b", "qwen-image-edit", "wan2.1-t2v-1.3b")
    assert found["pipeline_macs"][0] == "MACs, one result"
    assert [value is None for value in found["pipeline_macs"][1]] == [False, True, True, False]
    assert [value is None for value in found["pipeline_params"][1]] == [False, True, False, False]


def test_steps_and_guidance_asked_for_hold_for_every_pipeline() -> None:
    found = facts("sdxl", "sdxl-turbo", "--steps", "3", "--size", "512")
    runs = [api.pipeline(id, steps=3, size=512).macs for id in ("sdxl", "sdxl-turbo")]
    assert found["pipeline_macs"][1] == runs


def test_its_note_says_what_is_held_and_without_pipelines_there_is_none() -> None:
    run = CliRunner().invoke
    told = "pipeline: batch 1, float16; text encoders, every step"
    assert told in run(unetscope, ["compare", "sdxl", "sdxl-turbo", "--pipeline"]).output
    assert "pipeline:" not in run(unetscope, ["compare", "sdxl", "sdxl-turbo"]).output


def test_each_network_has_one_pipeline() -> None:
    with pytest.raises(ConfigError, match="1 pipelines for 2 networks"):
        api.compare("sd15", "sdxl", pipelines=[api.pipeline("sd15")])
