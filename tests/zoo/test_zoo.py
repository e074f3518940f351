"""The presets: every data file is sound, and says what the published configs say."""

from __future__ import annotations

import dataclasses
import json
import math
import re

import pytest

from support import published
from support.traces import bundled
from unetscope import api, zoo
from unetscope.families import FAMILIES, catalogue, check, complete
from unetscope.sources import resolve
from unetscope.zoo.preset import read

WITHOUT_PRESET = {"bk-sdm-v2-768-base", "bk-sdm-v2-768-small", "bk-sdm-v2-768-tiny"}
UNETS = [id for id in zoo.ids() if zoo.preset(id).class_name in ("UNet2DModel", "UNet2DConditionModel")]
NEEDED = {
    *("sd11", "sd12", "sd13", "sd14", "sd15", "sd15-inpaint", "sd20", "sd20-base", "sd20-inpaint"),
    *("sd21", "sd21-base", "sd-turbo", "sd2-depth", "sd-x4-upscaler", "instruct-pix2pix", "lcm-dreamshaper"),
    *(
        "sdxl",
        "sdxl-refiner",
        "sdxl-inpaint",
        "sdxl-turbo",
        "cosxl",
        "cosxl-edit",
        "playground-v2.5",
        "kolors",
    ),
    *("sdxl-lightning-1step", "sdxl-lightning-2step", "sdxl-lightning-4step", "sdxl-lightning-8step"),
    *("bk-sdm-base", "bk-sdm-small", "bk-sdm-tiny", "bk-sdm-v2-base", "bk-sdm-v2-small", "bk-sdm-v2-tiny"),
    *("ssd-1b", "segmind-vega", "koala-1b", "koala-700m", "small-sd", "tiny-sd"),
    *("kandinsky-2.2", "ddpm-cifar10", "ddpm-church"),
}


@pytest.mark.parametrize("id", zoo.ids())
def test_a_preset_describes_a_network_that_passes_the_checks(id):
    preset = zoo.preset(id)
    check(preset.class_name, preset.config)
    assert preset.config.keys() <= set(catalogue.known()[preset.class_name].keys)
    groups, channels = preset.input_channels, preset.config.get("in_channels")
    assert not groups or channels in (None, sum(group.count for group in groups))


@pytest.mark.parametrize("id", published.of_presets())
def test_a_preset_has_the_architecture_of_its_published_config(id):
    config, preset = published.fields(published.of_presets()[id]), zoo.preset(id)
    assert preset.class_name == config["_class_name"]
    assert effective(preset.class_name, preset.config) == effective(preset.class_name, config)


def effective(class_name, config):
    """What diffusers makes of a config: defaults filled in, a flag's null as false."""
    filled = complete(class_name, config)
    flags = [name for name, key in (FAMILIES[class_name].keys or {}).items() if key.kind == "flag"]
    return filled | {name: filled[name] or False for name in flags}


def having(part):
    """Presets whose model published this part, and the part's fields."""
    models = published.of_presets().items()
    return {id: published.fields(model, part) for id, model in models if published.is_published(model, part)}


@pytest.mark.parametrize(("id", "scheduler"), having("scheduler").items(), ids=having("scheduler"))
def test_the_scheduler_of_a_preset_is_the_published_one(id, scheduler):
    preset = zoo.preset(id)
    assert preset.scheduler == scheduler["_class_name"]
    assert preset.prediction_type == scheduler.get("prediction_type", "epsilon")


@pytest.mark.parametrize(("id", "vae"), having("vae").items(), ids=having("vae"))
def test_the_vae_of_a_preset_is_the_published_one(id, vae):
    preset = zoo.preset(id)
    assert preset.vae_factor == 2 ** (len(vae["block_out_channels"]) - 1)
    stated = re.fullmatch(r"(\w+), (\d+) channels, scale ([\d.]+)(?:, from (\S+))?", preset.vae or "")
    assert stated
    assert stated[1] == vae["_class_name"]
    assert int(stated[2]) == vae["latent_channels"]
    assert float(stated[3]) == vae.get("scaling_factor", 0.18215)  # diffusers' default
    assert stated[4] in (None, vae.get("_name_or_path"))


@pytest.mark.parametrize("id", having("vae"))
def test_a_vae_reads_the_same_in_a_preset_as_in_its_model_folder(id, tmp_path):
    published.write(tmp_path / "unet" / "config.json", "sd15")
    published.write(tmp_path / "vae" / "config.json", published.of_presets()[id], "vae")
    assert resolve(tmp_path).facts.vae == zoo.preset(id).vae


@pytest.mark.parametrize("id", having("model_index"))
def test_a_preset_names_as_many_text_encoders_as_its_model_folder_has(id, tmp_path):
    published.write(tmp_path / "unet" / "config.json", "sd15")
    published.write(tmp_path / "model_index.json", published.of_presets()[id], "model_index")
    assert len(resolve(tmp_path).facts.text_encoders) == len(zoo.preset(id).text_encoders)


@pytest.mark.parametrize("id", UNETS)
def test_a_preset_says_that_it_is_derived_just_where_no_config_was_published(id):
    assert zoo.preset(id).provenance.startswith("Derived") != (id in published.of_presets())


def test_every_published_unet_has_a_preset_but_those_listed():
    assert set(published.unets()) - set(published.of_presets().values()) == WITHOUT_PRESET


def test_the_models_of_the_stable_diffusion_line_are_there():
    assert set(zoo.ids()) >= NEEDED


def test_a_model_on_pixels_has_one_pixel_to_a_cell_and_the_others_have_more():
    factors = {id: zoo.preset(id).vae_factor or 0 for id in UNETS}
    on_pixels = {id for id in UNETS if zoo.preset(id).class_name == "UNet2DModel"}
    assert {id for id, factor in factors.items() if factor <= 1} == on_pixels
    assert all(factors[id] == 1 for id in on_pixels)


@pytest.mark.parametrize("id", zoo.ids())
def test_what_a_preset_knows_reaches_the_facts_of_its_trace(id):
    preset, facts = zoo.preset(id), bundled(id).facts
    told = {field.name: getattr(facts, field.name) for field in dataclasses.fields(facts)}
    assert told.pop("unread") == {}
    assert {name: getattr(preset, name) for name in told} == told


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
        ("sdxl-lightning", "sdxl-lightning-4step"),
        ("sdxl_lightning_8step_unet.safetensors", "sdxl-lightning-8step"),
        ("cosxl_edit.safetensors", "cosxl-edit"),
        ("segmind/SSD-1B", "ssd-1b"),
        ("lcm-dreamshaper-v7", "lcm-dreamshaper"),
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


INPAINTING = [("noisy latent", 4), ("mask", 1), ("masked-image latent", 4)]
EDITING = [("noisy latent", 4), ("source-image latent", 4)]


@pytest.mark.parametrize(
    ("base", "id", "channels"),
    [
        ("sd15", "sd15-inpaint", INPAINTING),
        ("sd20-base", "sd20-inpaint", INPAINTING),
        ("sdxl", "sdxl-inpaint", INPAINTING),
        ("sd15", "instruct-pix2pix", EDITING),
        ("cosxl", "cosxl-edit", EDITING),
    ],
)
def test_a_model_that_sees_an_image_differs_from_its_base_in_the_input_channels_alone(base, id, channels):
    plain, seeing = zoo.preset(base), zoo.preset(id)
    assert {key for key in plain.config if plain.config[key] != seeing.config[key]} == {"in_channels"}
    assert [(group.name, group.count) for group in seeing.input_channels] == channels


def test_a_trace_is_bundled_under_a_networks_name_only():
    assert zoo.bundled("../models/sd15") is None
    assert zoo.bundled("sd15") is None
    assert zoo.bundled(zoo.network("sd15")) is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "other"},
        {"aliases": "sd15"},
        {"surprise": 1},
        {"config": {}},
        {"same_as": "sd15"},
        {"unpublished": "never released"},
        {"overrides": {"in_channels": 4}},
        {"guidance": "strong"},
        {"input_channels": [{"name": "noise", "count": "four"}]},
    ],
)
def test_a_data_file_that_breaks_the_schema_is_refused(fields):
    good = {
        "id": "x",
        "title": "X",
        "family": "DDPM",
        "class_name": "UNet2DModel",
        "config": {"in_channels": 3},
        "provenance": "me",
    }
    assert read(json.dumps(good).encode(), id="x").config == {"in_channels": 3}
    with pytest.raises(ValueError, match=r".+"):
        read(json.dumps(good | fields).encode(), id="x")


def test_no_preset_number_is_absurd():
    numbers = [v for id in zoo.ids() for v in zoo.preset(id).config.values() if isinstance(v, int | float)]
    assert all(math.isfinite(number) and 0 <= number <= 2**16 for number in numbers)


def test_what_a_caller_writes_into_a_config_reaches_no_later_load() -> None:
    api.load("sd15").config["block_out_channels"][0] = 99
    assert api.load("sd15").config["block_out_channels"][0] == 320
