"""The presets: every data file is sound, and says what the reference configs say."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from unetscope import zoo
from unetscope.families.checks import check
from unetscope.families.keys import KEYS, complete
from unetscope.zoo.preset import read

REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "reference" / "configs"
FOLDERS = {"sdxl": "sdxl-base", "ddpm-cifar10": "ddpm-cifar10-32", "ddpm-church": "ddpm-church-256"}
NEEDED = {"sd15", "sd15-inpaint", "sd21", "sdxl", "bk-sdm-base", "bk-sdm-small", "bk-sdm-tiny"}


@pytest.mark.parametrize("id", zoo.ids())
def test_a_preset_describes_a_network_that_passes_the_checks(id):
    preset = zoo.preset(id)
    check(preset.class_name, preset.config)
    assert preset.config.keys() <= KEYS[preset.class_name].keys()
    assert sum(group.count for group in preset.input_channels) == preset.config["in_channels"]


@pytest.mark.parametrize("id", zoo.ids())
def test_a_preset_has_the_architecture_of_its_reference_config(id):
    path = REFERENCE / FOLDERS.get(id, id) / "unet.json"
    if not path.is_file():
        pytest.skip("the reference configs are not beside this checkout")
    published = json.loads(path.read_text(encoding="utf-8"))
    preset = zoo.preset(id)
    assert preset.class_name == published["_class_name"]
    assert effective(preset.class_name, preset.config) == effective(preset.class_name, published)


def effective(class_name, config):
    """What diffusers makes of a config: defaults filled in, a flag's null as false."""
    filled = complete(class_name, config)
    flags = [name for name, key in KEYS[class_name].items() if key.kind == "flag"]
    return filled | {name: filled[name] or False for name in flags}


def test_scheduler_and_vae_facts_agree_with_the_reference():
    if not REFERENCE.is_dir():
        pytest.skip("the reference configs are not beside this checkout")
    for preset in map(zoo.preset, zoo.ids()):
        folder = REFERENCE / FOLDERS.get(preset.id, preset.id)
        if (folder / "scheduler.json").is_file():
            scheduler = json.loads((folder / "scheduler.json").read_text(encoding="utf-8"))
            assert preset.scheduler == scheduler["_class_name"]
            assert preset.prediction_type == scheduler.get("prediction_type", "epsilon")
        if (folder / "vae.json").is_file():
            vae = json.loads((folder / "vae.json").read_text(encoding="utf-8"))
            assert preset.vae_factor == 2 ** (len(vae["block_out_channels"]) - 1)


def test_the_models_the_main_job_needs_are_there():
    assert set(zoo.ids()) >= NEEDED


def test_no_two_presets_share_a_name():
    names = [name.casefold() for id in zoo.ids() for name in {id, *zoo.preset(id).aliases}]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("sdxl", "sdxl"),
        ("SDXL", "sdxl"),
        ("sdxl-base", "sdxl"),
        ("stabilityai/stable-diffusion-xl-base-1.0", "sdxl"),
        ("v1-5-pruned.ckpt", "sd15"),
        ("Nota-AI/BK-SDM-Tiny", "bk-sdm-tiny"),
        ("sdlx", None),
        ("", None),
    ],
)
def test_a_name_finds_its_preset_whatever_the_case(name, id):
    assert zoo.find(name) == id


@pytest.mark.parametrize(
    ("typed", "meant"), [("sdlx", "sdxl"), ("sd-15", "sd15"), ("bksdm-tiny", "bk-sdm-tiny")]
)
def test_a_mistyped_name_has_a_nearest_preset(typed, meant):
    assert zoo.nearest(typed)[0] == meant


def test_nothing_resembles_nonsense():
    assert zoo.nearest("ØØØØØØØØ") == zoo.nearest("") == ()


def test_a_spec_is_the_callers_own_copy():
    zoo.spec("sd15").config["in_channels"] = 9
    assert zoo.spec("sd15").config["in_channels"] == 4


def test_an_inpainting_preset_differs_from_its_base_in_the_input_channels_alone():
    base, inpaint = zoo.preset("sd15"), zoo.preset("sd15-inpaint")
    assert {key for key in base.config if base.config[key] != inpaint.config[key]} == {"in_channels"}
    assert [group.name for group in inpaint.input_channels] == ["noisy latent", "mask", "masked-image latent"]


def test_a_trace_is_bundled_under_a_presets_id_only():
    assert zoo.bundled("../models/sd15") is None
    assert zoo.bundled("no-such-preset") is None


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "other"},
        {"aliases": "sd15"},
        {"surprise": 1},
        {"config": {}},
        {"same_as": "sd15"},
        {"input_channels": [{"name": "noise", "count": "four"}]},
    ],
)
def test_a_data_file_that_breaks_the_schema_is_refused(fields):
    good = {
        "id": "x",
        "title": "X",
        "class_name": "UNet2DModel",
        "config": {"in_channels": 3},
        "provenance": "me",
    }
    assert read(json.dumps(good).encode(), id="x").config == {"in_channels": 3}
    with pytest.raises(ValueError, match=r".+"):
        read(json.dumps(good | fields).encode(), id="x")


def test_no_preset_number_is_absurd():
    numbers = [v for id in zoo.ids() for v in zoo.preset(id).config.values() if isinstance(v, int | float)]
    assert all(math.isfinite(number) and 0 <= number <= 4096 for number in numbers)
