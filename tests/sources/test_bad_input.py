"""Whatever a file holds, reading it gives a spec or one clear line; impossible networks are refused."""

from __future__ import annotations

import json
import math
import os
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unetscope import zoo
from unetscope.errors import ConfigError, SourceError, UnetscopeError
from unetscope.families import FAMILIES, check
from unetscope.sources import parse_setting, resolve
from unetscope.words.messages import printable, shown

CONDITION, PLAIN = "UNet2DConditionModel", "UNet2DModel"
SD15, DDPM = zoo.preset("sd15").config, zoo.preset("ddpm-cifar10").config


def complaint(action):
    """The error's text, which must be one printable line, or "" where there was none."""
    try:
        action()
    except UnetscopeError as error:
        caught = error
    else:
        return ""
    assert 0 < len(caught.message) < 400
    assert caught.message.isprintable(), caught.message
    assert caught.hint.isprintable(), caught.hint
    return caught.message


def write(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "x.json is empty"),
        (b" \r\n\t", "x.json is empty"),
        (b"\xef\xbb\xbf", "x.json is empty"),
        (b'{"a": 1,}', "is not valid JSON: Illegal trailing comma before end of object at line 1 column 8"),
        (b'{\n"a" 1}', "is not valid JSON: Expecting ':' delimiter at line 2 column 5"),
        (b'{"a": [1, 2', "is not valid JSON"),
        (b"[]", "x.json holds no JSON object"),
        (b"null", "x.json holds no JSON object"),
        (b'"sdxl"', "x.json holds no JSON object"),
        (b'{"a": NaN}', "x.json is not valid JSON: NaN is not a JSON number"),
        (b'{"a": -Infinity}', "x.json is not valid JSON: -Infinity is not a JSON number"),
        (b'{"a": 1e999}', "x.json holds Infinity, which is not a JSON value"),
        (b'{"a": 99999999999999999999}', "x.json holds an integer beyond 64 bits"),
        (b'{"a": ' + b"9" * 5000 + b"}", "x.json holds an integer beyond 64 bits"),
        (b'{"a": 1, "a": 2}', 'x.json is not valid JSON: the key "a" stands twice in one object'),
        (b'{"a": "\\ud800"}', 'x.json holds text that is not valid Unicode: "\\ud800"'),
        (b"[" * 100_000, "x.json is nested too deeply"),
        (b'{"a":' * 50 + b"1" + b"}" * 50, "x.json is nested too deeply"),
        ('{"a": 1}'.encode("utf-16"), "x.json is not UTF-8 text"),
        ('{"a": 1}'.encode("utf-16-le"), "x.json is not UTF-8 text"),
        ('{"a": 1}'.encode("utf-32"), "x.json is not UTF-8 text"),
        (b'{"a": "\xff"}', "x.json is not UTF-8 text: invalid byte at offset 7"),
        (b" " * (9 * 2**20), "x.json is larger than 8 MiB: not a config"),
        (b"\x1f\x8b\x08\x00", "not an architecture saved by unetscope"),
    ],
)
def test_a_file_that_is_no_config_is_refused_in_one_line(tmp_path, content, message):
    path = write(tmp_path / "x.json", content)
    found = complaint(lambda: resolve(path))
    if "trailing comma" in message and sys.version_info < (3, 13):
        message = "is not valid JSON: Expecting property name enclosed in double quotes at line 1 column 9"
    assert message in found


def test_a_truncated_file_says_that_it_seems_cut_off(tmp_path):
    path = write(tmp_path / "x.json", json.dumps(SD15)[:-20])
    with pytest.raises(SourceError, match=r"not valid JSON: .* at line 1 column") as caught:
        resolve(path)
    assert caught.value.hint == "it seems to be cut off"


def test_what_is_not_a_regular_file_is_refused_without_being_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "loop.json").symlink_to("loop.json")
    assert "is not a regular file" in complaint(lambda: resolve(tmp_path / "pipe.json"))
    assert "is not a regular file" in complaint(lambda: resolve("/dev/zero"))
    assert "symbolic links" in complaint(lambda: resolve(tmp_path / "loop.json"))


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a\0b",
        "a\0b.json",
        "x" * 100_000,
        "x/" * 5000,
        "\x1b[31mred\n",
        "\udcff",
        "\u202ertl",
        "~nobody",
        "%s{}",
    ],
)
def test_a_name_that_nothing_can_have_is_refused_in_one_line(name):
    assert complaint(lambda: resolve(name)).startswith("no ")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"in_channels": 0}, "in_channels must be a whole number from 1 to 65536, not 0"),
        ({"in_channels": -4}, "in_channels must be a whole number from 1 to 65536, not -4"),
        (
            {"in_channels": 10**18},
            "in_channels must be a whole number from 1 to 65536, not 1000000000000000000",
        ),
        ({"in_channels": 4.0}, "in_channels must be a whole number from 1 to 65536, not 4.0"),
        ({"in_channels": True}, "in_channels must be a whole number from 1 to 65536, not true"),
        ({"in_channels": "4"}, 'in_channels must be a whole number from 1 to 65536, not "4"'),
        ({"in_channels": None}, "in_channels must be a whole number from 1 to 65536, not null"),
        ({"in_channels": [4]}, "in_channels must be a whole number from 1 to 65536, not [4]"),
        ({"flip_sin_to_cos": 1}, "flip_sin_to_cos must be true or false, or null, not 1"),
        ({"norm_eps": math.inf}, "norm_eps must be a number from 0 to 1048576, not Infinity"),
        ({"dropout": 2}, "dropout must be a number from 0 to 1, not 2"),
        ({"act_fn": "sillu"}, 'act_fn must be one of silu, swish, mish, gelu, relu, not "sillu"'),
        (
            {"sample_size": [64, 64, 64]},
            "sample_size must be a whole number from 1 to 16384 or a pair of them",
        ),
        ({"sample_size": 10**9}, "sample_size must be a whole number from 1 to 16384 or a pair of them"),
        ({"block_out_channels": 320}, "block_out_channels must be a list, each entry a whole number"),
        ({"block_out_channels": []}, "block_out_channels has 0 entries, but down_block_types has 4"),
        ({"block_out_channels": [320, 640]}, "block_out_channels has 2 entries, but down_block_types has 4"),
        ({"block_out_channels": [320, 640, 1280, "x"]}, "block_out_channels must be a list"),
        ({"block_out_channels": [320, 640, 1280, 1281]}, "1281 does not divide by norm_num_groups 32"),
        ({"norm_num_groups": 0}, "norm_num_groups must be a whole number"),
        ({"norm_num_groups": 7}, "block_out_channels 320 does not divide by norm_num_groups 7"),
        ({"norm_num_groups": None}, "norm_num_groups is null, but residual blocks need it"),
        ({"down_block_types": []}, "down_block_types has 0 entries; a UNet has 1 to 16 levels"),
        ({"down_block_types": ["DownBlock2D"] * 999}, "down_block_types has 999 entries"),
        ({"up_block_types": ["UpBlock2D"]}, "up_block_types has 1 entries, but down_block_types has 4"),
        ({"down_block_types": ["DownBlok2D"] * 4}, "down_block_types must be a list, each entry one of"),
        ({"mid_block_type": "UNetMidBlock3D"}, "mid_block_type must be one of"),
        ({"attention_head_dim": [8, 8]}, "attention_head_dim has 2 entries, but down_block_types has 4"),
        ({"attention_head_dim": 0}, "attention_head_dim must be a whole number"),
        ({"attention_head_dim": 641}, "attention_head_dim 641 is more than the 320 channels of its level"),
        ({"num_attention_heads": 8}, "num_attention_heads cannot be set"),
        ({"layers_per_block": 0}, "layers_per_block must be a whole number"),
        ({"layers_per_block": 200}, "the config describes about 50.7 k modules, more than 20.0 k"),
        ({"layers_per_block": 10**6}, "the config describes about"),
        ({"layers_per_block": [1, 2]}, "layers_per_block has 2 entries, but down_block_types has 4"),
        ({"transformer_layers_per_block": 2000}, "the config describes about"),
        ({"transformer_layers_per_block": [1, 2]}, "transformer_layers_per_block has 2 entries"),
        (
            {"transformer_layers_per_block": [[1, 1]] * 4},
            "per layer needs reverse_transformer_layers_per_block",
        ),
        ({"only_cross_attention": [True]}, "only_cross_attention has 1 entries"),
        ({"cross_attention_dim": None}, "cross_attention_dim must be a whole number"),
        ({"cross_attention_dim": [768]}, "cross_attention_dim has 1 entries"),
        ({"addition_embed_type": "text_time"}, '"text_time" needs addition_time_embed_dim, projection_class'),
        ({"class_embed_type": "projection"}, '"projection" needs projection_class_embeddings_input_dim'),
        ({"encoder_hid_dim_type": "text_proj"}, '"text_proj" needs encoder_hid_dim'),
        ({"block_out_channels": [65536] * 4, "layers_per_block": 60}, "T parameters, more than 10.0 T"),
    ],
)
def test_an_impossible_config_is_refused_with_its_key(changes, message):
    assert message in complaint(lambda: check(CONDITION, SD15 | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"down_block_types": ["CrossAttnDownBlock2D"] * 4}, "CrossAttnDownBlock2D reads a text context"),
        ({"layers_per_block": [2, 2, 2, 2]}, "layers_per_block must be a whole number"),
        ({"time_embedding_type": "learned"}, '"learned" needs num_train_timesteps'),
        ({"attention_head_dim": 257}, "attention_head_dim 257 is more than the 256 channels"),
        ({"downsample_type": "pool"}, "downsample_type must be one of conv, resnet"),
    ],
)
def test_an_impossible_unconditional_config_is_refused_with_its_key(changes, message):
    assert message in complaint(lambda: check(PLAIN, DDPM | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"sample_size": None},
        {"sample_size": [64, 96]},
        {"upcast_attention": None},
        {"act_fn": "SiLU"},
        {"attention_head_dim": 7},
        {"transformer_layers_per_block": 0},
        {"layers_per_block": [1, 2, 3, 4]},
        {"down_block_types": ["UNetResDownBlock2D"] * 4},
        {
            "transformer_layers_per_block": [[1, 1], [1, 2], [2, 2], [1, 1]],
            "reverse_transformer_layers_per_block": [[1, 1, 1]] * 4,
        },
    ],
)
def test_an_unusual_config_that_diffusers_builds_is_let_through(changes):
    assert complaint(lambda: check(CONDITION, SD15 | changes)) == ""


def test_a_mistyped_block_suggests_the_nearest():
    with pytest.raises(ConfigError) as caught:
        check(CONDITION, SD15 | {"down_block_types": ["CrossAtnDownBlock2D"] + ["DownBlock2D"] * 3})
    assert caught.value.hint == "did you mean CrossAttnDownBlock2D?"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KNOWN = sorted({key for name in (CONDITION, PLAIN) for key in FAMILIES[name].keys or ()})
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(data=st.binary(max_size=400))
def test_any_bytes_as_a_config_give_one_line_or_a_spec(tmp_path, data):
    path = write(tmp_path / "x.json", data)
    complaint(lambda: resolve(path))


@QUICK
@given(value=JSON)
def test_any_json_as_a_config_gives_one_line_or_a_spec(tmp_path, value):
    path = write(tmp_path / "x.json", json.dumps(value))
    complaint(lambda: resolve(path))


@QUICK
@given(
    class_name=st.sampled_from([CONDITION, PLAIN]),
    changes=st.dictionaries(st.sampled_from(KNOWN), JSON | st.integers(0, 300), min_size=1, max_size=4),
)
def test_any_value_of_a_known_key_gives_one_line_or_passes(class_name, changes):
    complaint(lambda: check(class_name, (SD15 if class_name == CONDITION else DDPM) | changes))
    complaint(lambda: resolve({"_class_name": class_name} | changes))


@QUICK
@given(cut=st.integers(0, len(json.dumps(SD15))), junk=st.binary(max_size=3))
def test_a_config_cut_and_patched_anywhere_gives_one_line_or_a_spec(tmp_path, cut, junk):
    text = json.dumps({"_class_name": CONDITION} | SD15).encode()
    path = write(tmp_path / "x.json", text[:cut] + junk + text[cut + 1 :])
    complaint(lambda: resolve(path))


@QUICK
@given(name=st.text(max_size=40))
def test_any_name_gives_one_line_or_a_source(name):
    complaint(lambda: resolve(name) if name != "-" else None)


@QUICK
@given(key=st.text(max_size=20), value=st.text(max_size=20) | JSON.map(str))
def test_any_setting_gives_one_line_or_a_pair(key, value):
    complaint(lambda: resolve("sd15", overrides=dict([parse_setting(f"{key}={value}")])))


@QUICK
@given(value=JSON | st.text())
def test_what_is_shown_of_a_value_is_one_short_printable_line(value):
    for text in (shown(value), printable(str(value))):
        assert text.isprintable()
        assert len(text) <= 60
