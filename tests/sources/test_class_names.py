"""Class names and files that are no config of ours: what each is, and what to do about it."""

from __future__ import annotations

import json
from importlib import metadata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.diffusers_source import SHIPPED, listing
from unetscope.errors import ConfigError, SourceError
from unetscope.families import FAMILIES, catalogue
from unetscope.sources import not_json, parsing, resolve

KEYS = {name: family.keys for name, family in FAMILIES.items() if family.keys is not None}
SD_KEYS = dict.fromkeys(KEYS["UNet2DConditionModel"])
OLD = {
    # google/ddpm-cifar10-32 and its kin, as diffusers 0.1 wrote them
    "_class_name": "UNetUnconditionalModel",
    "act_fn": "silu",
    "attention_head_dim": 8,
    "block_channels": [128, 256, 512],
    "down_blocks": ["UNetResDownBlock2D", "UNetResAttnDownBlock2D", "UNetResDownBlock2D"],
    "up_blocks": ["UNetResUpBlock2D", "UNetResAttnUpBlock2D", "UNetResUpBlock2D"],
    "image_size": 32,
    "in_channels": 3,
    "num_head_channels": 32,
    "resnet_eps": 1e-06,
}
FLUX = len(catalogue.known()["FluxTransformer2DModel"].keys)
TEXT_UNET = "diffusers.pipelines.deprecated.versatile_diffusion.modeling_text_unet"
SUPPORTED = (
    f"supported are UNet2DConditionModel, UNet2DModel and {len(FAMILIES) - 2} more classes of diffusers"
)


def refused(config):
    with pytest.raises(ConfigError) as caught:
        resolve(config)
    return caught.value.message, caught.value.hint


@pytest.mark.slow
def test_the_list_of_classes_is_what_diffusers_own_source_says():
    if not metadata.version("diffusers").startswith("0.42."):
        pytest.skip("the list is that of diffusers 0.42")
    assert SHIPPED.read_text(encoding="utf-8").partition("\n")[2] == listing().partition("\n")[2]


def test_the_keys_of_our_families_are_those_of_the_list():
    for name, keys in KEYS.items():
        assert set(catalogue.known()[name].keys) == set(keys)


@pytest.mark.parametrize(
    ("config", "message", "hint"),
    [
        (
            {"_class_name": "UNetFlatConditionModel", "cross_attention_dim": 768},
            "UNetFlatConditionModel is not supported yet",
            "diffusers has it (diffusers.pipelines.deprecated.versatile_diffusion.modeling_text_unet); "
            + SUPPORTED,
        ),
        (
            {"_class_name": "AnyFlowFARTransformer3DModel"},
            "AnyFlowFARTransformer3DModel cannot be run by itself",
            "its FlexAttention refuses the meta device",
        ),
        (
            {"_class_name": "UNet3DConditionModel", "mid_block_type": "UNetMidBlock3DCrossAttn"},
            "this is Hotshot-XL's own UNet3DConditionModel, not that of diffusers, which is ModelScope's",
            "its code is not in diffusers, so it cannot be built",
        ),
        (
            {"_class_name": "UNet2DConditionModelMusic", "cross_attention_dim": 1024},
            "this is a class of Mustango's own copy of diffusers: its UNet also attends to beats and chords",
            "its code is not in diffusers, so it cannot be built",
        ),
        (
            OLD,
            "UNetUnconditionalModel is the old name of UNet2DModel",
            'write "UNet2DModel" as its _class_name, and rename its keys: '
            "block_channels → block_out_channels, "
            "down_blocks → down_block_types, up_blocks → up_block_types, image_size → sample_size, "
            "num_head_channels → attention_head_dim, resnet_eps → norm_eps",
        ),
        (
            {"_class_name": "FlaxUNet2DConditionModel"} | SD_KEYS,
            "FlaxUNet2DConditionModel is a Flax class, the same network as UNet2DConditionModel",
            'write "UNet2DConditionModel" as its _class_name',
        ),
        (
            {"_class_name": "MultiViewUNet", "views": 4} | SD_KEYS,
            'unknown class "MultiViewUNet"',
            f"{len(SD_KEYS)} of its {len(SD_KEYS) + 1} keys are those of UNet2DConditionModel: "
            "if it derives from that, write it as _class_name to see it without what it adds",
        ),
        (
            {"_class_name": "MyFlux"} | dict.fromkeys(catalogue.known()["FluxTransformer2DModel"].keys, 1),
            'unknown class "MyFlux"',
            f"{FLUX} of its {FLUX} keys are those of FluxTransformer2DModel: "
            "if it derives from that, write it as _class_name to see it without what it adds",
        ),
        ({"_class_name": "UNet2DModle"}, 'unknown class "UNet2DModle"', "did you mean UNet2DModel?"),
        (
            {"_class_name": "FluxTransfomer2DModel"},
            'unknown class "FluxTransfomer2DModel"',
            "did you mean FluxTransformer2DModel?",
        ),
        ({"_class_name": "qqq"}, 'unknown class "qqq"', "diffusers has no such class; " + SUPPORTED),
        (
            {"architectures": ["CLIPTextModel"], "model_type": "clip_text_model"},
            "the config names no class (_class_name) and does not have the keys of a UNet",
            "it looks like the config of a transformers model: give the one in the unet folder",
        ),
    ],
)
def test_a_class_that_is_not_built_is_told_what_it_is(config, message, hint):
    assert refused(config) == (message, hint)


@pytest.mark.parametrize(
    ("config", "class_name"),
    [
        ({"_class_name": "Transformer2DModel", "norm_type": "ada_norm_single"}, "PixArtTransformer2DModel"),
        ({"_class_name": "Transformer2DModel", "norm_type": "ada_norm_zero"}, "DiTTransformer2DModel"),
        ({"_class_name": "Transformer2DModel", "norm_type": "ada_norm"}, "Transformer2DModel"),
        ({"_class_name": "Transformer2DModel", "norm_type": ["ada_norm_zero"]}, "Transformer2DModel"),
        (
            {"_class_name": "HunyuanVideoTransformer3DModelPacked", "num_layers": 1},
            "HunyuanVideoFramepackTransformer3DModel",
        ),
    ],
)
def test_a_class_by_an_old_or_another_name_is_built_as_that_of_diffusers(config, class_name):
    assert resolve(config).class_name == class_name


def test_no_class_of_diffusers_is_called_unknown():
    others = catalogue.known().keys() - FAMILIES
    assert others
    messages = {name: refused({"_class_name": name})[0] for name in others}
    assert [name for name, message in messages.items() if message.startswith("unknown")] == []


MARKERS = "<<<<<<<, ======= and >>>>>>>"
CONFIG = json.dumps({"_class_name": "UNet2DModel", "sample_size": 32}, indent=1)
FILES = {
    "a merge conflict": (
        f"<<<<<<< HEAD\n{CONFIG}\n=======\n{CONFIG}\n>>>>>>> bc6e13a\n",
        "git left a merge conflict in it (lines 1 to 11): keep one side, and remove the lines " + MARKERS,
    ),
    "a conflict inside": (
        '{\n<<<<<<< ours\n "a": 1\n=======\n "a": 2\n>>>>>>> theirs\n}',
        "git left a merge conflict in it (lines 2 to 6): keep one side, and remove the lines " + MARKERS,
    ),
    "no opening brace": (
        '  "_class_name": "BriaTransformer2DModel",\n  "num_layers": 8\n}\n',
        'it begins with a key: the opening "{" and what stood before it are missing',
    ),
    "text behind": (f"{CONFIG}\nas above\n", "its JSON ends at line 4: remove the text behind it"),
    "two objects": (
        f"{CONFIG}\n{CONFIG}",
        "its JSON ends at line 4 and another begins at line 5: keep one of them",
    ),
    "another YAML": ("---\nsample_size: 32\n", "it looks like YAML: a diffusers config is JSON"),
    "a web page": (
        "<!DOCTYPE html>\n<html>",
        "it is a web page: download the raw file (on the Hub …/resolve/main/…/config.json)",
    ),
    "a pointer": (
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n",
        "it is a Git LFS pointer that stands for the file: fetch it with git lfs pull",
    ),
    "an answer": ("Entry not found", "it holds a server's answer in place of the file: download it again"),
    "Python's print": (
        "{'_class_name': 'UNet2DModel'}",
        "it looks like Python's own notation: write the config with json.dump or save_config",
    ),
    "a frozen dict": (
        "FrozenDict([('sample_size', 32)])",
        "it looks like Python's own notation: write the config with json.dump or save_config",
    ),
    "a word of Python": ('{"a": None}', "it looks like Python: None is null in JSON"),
    "a comment": ('{"a": 1, // one\n "b": 2}', "JSON has no comments: remove them"),
    "a comma too many": ('{"a": [1, 2,], "b": 3}', "JSON has no comma before a closing bracket: remove it"),
    "a comma before the brace": ('{"a": 1,\n}', "JSON has no comma before a closing bracket: remove it"),
    "an end that is missing": (CONFIG[:-10], "it seems to be cut off"),
    "nothing in particular": (
        "hello",
        "JSON has double quotes, no comments, no comma at the end and no key twice",
    ),
}


@pytest.mark.parametrize(("text", "hint"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_json_is_told_what_it_looks_like(tmp_path, text, hint):
    path = tmp_path / "config.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=r"^config\.json is not valid JSON: ") as caught:
        resolve(path)
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (
            b"PK\x03\x04\x00\xff",
            "it looks like a zip archive, as torch writes weights: give the config.json instead",
        ),
        (b'\x10\x00\x00\x00\x00\x00\x00\x00{"a":\xff', "it looks like weights: give the config.json instead"),
        (b"\x80\x02}q\x00", "it looks like weights: give the config.json instead"),
    ],
)
def test_bytes_that_are_no_text_are_told_what_they_look_like(tmp_path, data, hint):
    path = tmp_path / "config.json"
    path.write_bytes(data)
    with pytest.raises(SourceError, match="is not UTF-8 text") as caught:
        resolve(path)
    assert caught.value.hint == hint


MARKS = [
    "<<<<<<< ",
    ">>>>>>> ",
    "\n",
    " ",
    "#",
    ",",
    "{",
    "}",
    "]",
    '"',
    ":",
    "a",
    "target: ldm.",
    "//",
    "None",
]


@given(st.lists(st.sampled_from(MARKS), max_size=40).map("".join))
def test_any_text_gives_a_value_or_one_line_and_a_hint_of_one_line(text):
    told = ""
    try:
        parsing.parse(text.encode(), name="it")
    except SourceError as error:
        told = f"{error}{error.hint}"
    assert "\n" not in told


@pytest.mark.parametrize("mark", [*MARKS, "-\n", "{'", '{"a":1}\n'])
def test_looking_at_a_large_file_takes_time_in_proportion(mark):
    text = mark * (2_000_000 // len(mark))
    error = json.JSONDecodeError("Extra data", text, len(text) // 2)
    assert "\n" not in not_json.like(text, error)
