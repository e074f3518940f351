"""Weights beside a config are read by their header alone; where they are of another network, that is said."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unetscope
from support.files import checkpoint_files
from support.networks import SMALL
from unetscope.checkpoints import containers
from unetscope.errors import ConfigError, SourceError
from unetscope.sources import resolve

FILE = "diffusion_pytorch_model.safetensors"
INDEX = "diffusion_pytorch_model.safetensors.index.json"
OTHER = "holds another network than the config beside it"


@pytest.fixture(scope="module")
def shapes():
    """Names and shapes of the small network's tensors, as its state dict has them."""
    made = unetscope.load(SMALL, fresh="uncached")
    return {one.name: list(one.shape) for one in made.tensors if one.role == "parameter"}


def header(tensors):
    """A safetensors file of these shapes without its weights."""
    return checkpoint_files.header(tensors, "F32", {"format": "pt"})


def model(root, data, *, config=SMALL, name=FILE):
    """A model folder with these weights in it."""
    unet = root / "unet"
    unet.mkdir(parents=True, exist_ok=True)
    (unet / "config.json").write_text(json.dumps(config))
    (unet / name).write_bytes(data)
    return root


def told(root, **options):
    said = []
    unetscope.load(root, warn=said.append, cache_folder=root / "kept", **options)
    return said


def test_weights_of_the_network_are_no_news(tmp_path, shapes):
    assert told(model(tmp_path, header(shapes))) == []


def test_an_inpainting_checkpoint_beside_a_plain_config_is_said_with_the_setting_that_fits(tmp_path, shapes):
    root = model(tmp_path, header(shapes | {"conv_in.weight": [32, 9, 3, 3]}))
    line = (
        f"{FILE} {OTHER}: conv_in.weight is 32×9×3×3, by the config 32×4×3×3 "
        "(--set in_channels=9 fits it); tensors: 1 of another shape"
    )
    assert told(root) == [line]
    assert told(root, overrides={"in_channels": 9}) == []
    with pytest.raises(ConfigError) as caught:
        told(root, strict=True)
    assert caught.value.message == line


def test_it_is_said_again_from_the_cache_and_for_the_config_file_itself(tmp_path, shapes):
    root = model(tmp_path, header(shapes | {"conv_out.weight": [8, 32, 3, 3], "conv_out.bias": [8]}))
    first = told(root)
    assert first == told(root)
    assert "(--set out_channels=8 fits it)" in first[0]
    said = []
    unetscope.load(root / "unet" / "config.json", warn=said.append, cache_folder=root / "kept")
    assert said == first


def test_missing_and_unknown_tensors_are_counted(tmp_path, shapes):
    names = list(shapes)
    there = {name: shapes[name] for name in names[2:]} | {"brushnet.weight": [1]}
    assert told(model(tmp_path, header(there))) == [
        f"{FILE} {OTHER}: tensors: 2 missing, 1 that the network has none of"
    ]


def test_attention_by_its_names_of_old_is_the_same_attention(tmp_path):
    config = {
        "_class_name": "UNet2DModel",
        "sample_size": 16,
        "block_out_channels": [32, 64],
        "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
        "up_block_types": ["AttnUpBlock2D", "UpBlock2D"],
    }
    made = unetscope.load(config, fresh="uncached")
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    names = {one.name: list(one.shape) for one in made.tensors}
    for now, before in old.items():
        names = {name.replace(f".{now}.", f".{before}."): shape for name, shape in names.items()}
    assert any(".proj_attn." in name for name in names)
    assert told(model(tmp_path, header(names), config=config)) == []


def test_shards_are_put_together(tmp_path, shapes):
    names = sorted(shapes)
    parts = {"a-00001-of-00002.safetensors": names[::2], "a-00002-of-00002.safetensors": names[1::2]}
    index = {"metadata": {}, "weight_map": {name: file for file, some in parts.items() for name in some}}
    root = model(tmp_path, json.dumps(index).encode(), name=INDEX)
    assert told(root) == []  # the shards are not at hand
    for file, some in parts.items():
        (root / "unet" / file).write_bytes(header({name: shapes[name] for name in some}))
    assert told(root) == []
    wrong = {name: shapes[name] for name in names[1::2]} | {"conv_in.weight": [32, 9, 3, 3]}
    (root / "unet" / "a-00002-of-00002.safetensors").write_bytes(header(wrong))
    assert OTHER in told(root)[0]


def test_a_variant_stands_in_where_there_are_no_other_weights(tmp_path, shapes):
    name = "diffusion_pytorch_model.fp16.safetensors"
    root = model(tmp_path, header(shapes | {"conv_in.weight": [32, 9, 3, 3]}), name=name)
    assert told(root)[0].startswith(f"{name} {OTHER}")
    model(tmp_path, header(shapes))
    assert told(root) == []


def test_weights_that_were_not_fetched_are_no_news(tmp_path):
    assert told(model(tmp_path, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")) == []


def raw(entry):
    """A file of one tensor, as given."""
    data = json.dumps({"a": entry}).encode()
    return len(data).to_bytes(8, "little") + data


BROKEN = {
    "empty": (b"", "is empty"),
    "a length alone": ((100).to_bytes(8, "little"), "is cut off within its header"),
    "a huge length": (
        (2**63).to_bytes(8, "little") + b"{}",
        "its header cannot be 9223372036854775808 bytes long",
    ),
    "no JSON": ((4).to_bytes(8, "little") + b"abcd", "is not valid JSON"),
    "no object": ((4).to_bytes(8, "little") + b"[1] ", "its header is not a JSON object"),
    "no shape": ((8).to_bytes(8, "little") + b'{"a":{}}', 'gives no shape for "a"'),
    "a negative side": (raw({"shape": [-1]}), 'gives no shape for "a"'),
    "a side that is not a number": (raw({"shape": [True]}), 'gives no shape for "a"'),
    "too many sides": (raw({"shape": [1] * 9}), 'gives no shape for "a"'),
}


@pytest.mark.parametrize(("data", "why"), BROKEN.values(), ids=BROKEN)
def test_weights_that_cannot_be_read_are_left_out_with_a_word(tmp_path, data, why):
    (line,) = told(model(tmp_path, data))
    assert line.startswith("left out: ")
    assert why in line


@pytest.mark.parametrize(
    ("index", "why"),
    [
        ({}, "has no weight_map"),
        ([], "has no weight_map"),
        ({"weight_map": {"a": 1}}, "has no weight_map"),
        ({"weight_map": {"a": "../x.safetensors"}}, 'refers to "../x.safetensors", which is not read'),
        ({"weight_map": {"a": "/etc/x.safetensors"}}, 'refers to "/etc/x.safetensors", which is not read'),
        ({"weight_map": {"a": "x.zip"}}, 'refers to "x.zip", which is not read'),
        (
            {"weight_map": {str(n): f"{n}.safetensors" for n in range(201)}},
            "refers to 201 files, which is not read",
        ),
    ],
)
def test_an_index_reads_files_beside_it_alone(tmp_path, index, why):
    (line,) = told(model(tmp_path, json.dumps(index).encode(), name=INDEX))
    assert why in line


def test_a_pipe_in_place_of_weights_is_not_opened(tmp_path):
    root = model(tmp_path, b"")
    (root / "unet" / FILE).unlink()
    os.mkfifo(root / "unet" / FILE)
    assert told(root) == []


def test_only_a_config_json_has_weights_beside_it(tmp_path, shapes):
    root = model(tmp_path, header(shapes))
    (root / "unet" / "other.json").write_text(json.dumps(SMALL))
    assert resolve(root / "unet" / "other.json").weights is None
    assert resolve(root / "unet" / "config.json").weights == root / "unet" / FILE
    assert resolve(SMALL).weights is None


def test_the_weights_themselves_are_never_read(tmp_path, shapes):
    path = tmp_path / FILE
    path.write_bytes(header(shapes))
    with path.open("r+b") as file:
        file.truncate(2**40)  # a sparse terabyte: reading it would not end
    assert containers.read(path).shapes == {name: tuple(shape) for name, shape in shapes.items()}


def test_the_header_is_read_as_safetensors_reads_it(tmp_path):
    import numpy as np
    from safetensors import numpy

    tensors = {
        "a": np.zeros((2, 3), np.float16),
        "b": np.zeros((), np.float32),
        "c": np.zeros((0, 4), np.int8),
    }
    numpy.save_file(tensors, tmp_path / FILE, metadata={"format": "pt"})
    assert containers.read(tmp_path / FILE).shapes == {name: array.shape for name, array in tensors.items()}


@given(st.binary(max_size=200))
def test_any_bytes_give_shapes_or_one_line(tmp_path_factory, data):
    path = Path(tmp_path_factory.mktemp("any")) / FILE
    path.write_bytes(data)
    told = ""
    try:
        containers.read(path)
    except SourceError as error:
        told = str(error)
    assert "\n" not in told
