"""Headers of files of weights: every container, cut off or hostile, in bounded time; nothing is run."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import struct
import subprocess
import sys
import time
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.files.checkpoint_files import gguf, header, written
from unetscope.checkpoints import containers, identify_file, presets
from unetscope.errors import SourceError

SMALL = {"a.weight": (4, 3), "a.bias": (4,), "scalar": (), "none": (0, 3)}


def read(path: Path, data: bytes):
    path.write_bytes(data)
    return containers.read(path)


def refused(path: Path, data: bytes) -> str:
    """The one line with which a file is refused, within two seconds."""
    path.write_bytes(data)
    start = time.process_time()
    with pytest.raises(SourceError) as caught:
        containers.read(path)
    assert time.process_time() - start < 2
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return str(caught.value)


def test_a_safetensors_header_gives_names_shapes_types_bytes_and_metadata(tmp_path):
    found = containers.read(written(tmp_path / "m.safetensors", SMALL, "BF16", {"format": "pt"}))
    assert found.shapes == SMALL
    assert found.dtypes == {"BF16": 34}
    assert found.metadata == {"format": "pt"}
    assert (found.container, found.absent) == ("safetensors", 0)


def test_a_header_alone_and_a_cut_off_file_are_told_from_a_broken_one(tmp_path):
    alone = read(tmp_path / "m.safetensors", header(SMALL))
    assert alone.absent == 34
    cut = read(tmp_path / "m.safetensors", header(SMALL) + bytes(32))
    assert cut.absent == 2
    assert any(
        "2 bytes of its data are missing" in line
        for line in identify_file(tmp_path / "m.safetensors").warnings
    )


def test_bytes_behind_the_last_tensor_are_told(tmp_path):
    found = read(tmp_path / "m.safetensors", header(SMALL) + bytes(35))
    assert found.notes == ("1 bytes behind its last tensor, for which safetensors refuses it",)


@pytest.mark.parametrize("dtype", ["F4", "F6_E2M3", "F8_E4M3", "F8_E8M0"])
def test_types_of_less_than_a_byte_have_their_size(tmp_path, dtype):
    bits = {"F4": 4, "F6_E2M3": 6, "F8_E4M3": 8, "F8_E8M0": 8}[dtype]
    found = read(tmp_path / "m.safetensors", header({"a": (8, 4)}, dtype))
    assert found.tensors["a"].bytes == 4 * bits


def raw(entries: object, data: bytes = b"") -> bytes:
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + data


def one(**changes):
    return {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}}


DEEP = b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
HOSTILE = {
    "2^63": ((2**63).to_bytes(8, "little") + b"{}", "its header cannot be 9223372036854775808 bytes long"),
    "100 MB": ((100_000_000).to_bytes(8, "little") + b"{" + b" " * 1000, "cannot be 100000000 bytes long"),
    "empty": (b"", "is empty"),
    "a page": (b"<!DOCTYPE html><html>", "is a web page"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
    "deep": (raw(DEEP), "nested too deeply"),
    "lists": (raw(b'{"a":[' + b"[]," * 1_100_000 + b"[]]}"), "more lists than any network"),
    "twice": (raw(b'{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"a":1}'), "stands twice"),
    "not UTF-8": (raw(b'{"\xff":1}'), "not UTF-8"),
    "no object": (raw([]), "not a JSON object"),
    "a hole": (raw(one(data_offsets=[4, 12])), "bytes before it that belong to no tensor"),
    "overlap": (raw(one() | {"b": one()["a"]}), "overlaps another tensor"),
    "size": (raw(one(data_offsets=[0, 9])), "does not have the size of its shape"),
    "type": (raw(one(dtype="F99")), 'gives "a" an unknown type'),
    "a list as type": (raw(one(dtype=["F32"])), "an unknown type"),
    "negative": (raw(one(shape=[-2])), "gives no shape"),
    "true": (raw(one(shape=[True])), "gives no shape"),
    "huge": (raw(one(shape=[2**60])), "gives no shape"),
    "product": (raw(one(shape=[2**47] * 8)), "does not have the size"),
    "metadata": (raw({"__metadata__": {"a": 1}}), "metadata that is not text"),
    "a long name": (raw({"a" * 2000: one()["a"]}), "with an invalid name"),
    "GGUF version": (b"GGUF" + struct.pack("<IQQ", 9, 0, 0), "GGUF of version 9"),
    "GGUF counts": (b"GGUF" + struct.pack("<IQQ", 3, 2**63, 0), "tensors: more than is read"),
    "GGUF cut": (gguf(SMALL)[:60], "cut off within its header"),
    "GGUF text": (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**62), "cut off"),
    "GGUF list": (
        gguf({}, {})[:16]
        + struct.pack("<Q", 1)
        + struct.pack("<Q", 1)
        + b"k"
        + struct.pack("<IIQ", 9, 8, 2**40),
        "lists longer than any vocabulary",
    ),
    "GGUF nested": (
        gguf({}, {})[:16] + struct.pack("<Q", 1) + struct.pack("<Q", 1) + b"k" + struct.pack("<IIQ", 9, 9, 2),
        "lists inside lists",
    ),
    "GGUF type": (
        b"GGUF"
        + struct.pack("<IQQ", 3, 1, 0)
        + struct.pack("<Q", 1)
        + b"a"
        + struct.pack("<IQIQ", 1, 4, 77, 0),
        "of type 77",
    ),
    "zip": (b"PK\x03\x04" + bytes(100), "broken zip archive"),
    "pickle": (b"\x80\x02}q\x00(X\x01", "broken pickle"),
    "memo": (b"\x80\x02}r\xff\xff\xff\x7fh\x05.", "broken pickle"),
    "steps": (b"\x80\x02" + b"]0" * 400_000 + b".", "more steps"),
    "extension": (b"\x80\x02\x82\x01.", "EXT1, which torch never writes"),
}


@pytest.mark.parametrize(("data", "why"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_hostile_or_broken_is_refused_in_one_line(tmp_path, data, why):
    assert why in refused(tmp_path / "model.safetensors", data)


def test_a_pipe_is_not_waited_for(tmp_path):
    path = tmp_path / "m.ckpt"
    os.mkfifo(path)
    with pytest.raises(SourceError, match="not a regular file"):
        containers.read(path)


def zipped(path: Path, members: dict[str, bytes], *, compressed: bool = False) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.slow
def test_a_zip_bomb_is_refused(tmp_path):
    path = zipped(tmp_path / "m.pt", {"m/data.pkl": bytes(200_000_000)}, compressed=True)
    start = time.process_time()
    with pytest.raises(SourceError, match="broken zip archive"):
        containers.read(path)
    assert time.process_time() - start < 2
    path = zipped(tmp_path / "many.pt", {f"m/data/{n}": b"" for n in range(70_000)})
    with pytest.raises(SourceError, match="broken zip archive"):
        containers.read(path)
    path = zipped(tmp_path / "other.pt", {"a.txt": b"x"})
    with pytest.raises(SourceError, match="torch did not write it"):
        containers.read(path)


class Payload:
    """What runs a command where it is unpickled as Python does."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", range(2, 6))
def test_nothing_in_a_pickle_is_run_and_what_it_would_call_is_told(tmp_path, protocol):
    told = tmp_path / "run"
    data = pickle.dumps({"state_dict": {}, "x": Payload(f"touch {told}")}, protocol)
    found = containers.read(zipped(tmp_path / "m.ckpt", {"m/data.pkl": data}))
    assert found.foreign == ("posix.system",)
    (tmp_path / "old.pt").write_bytes(data)
    assert containers.read(tmp_path / "old.pt").foreign == ("posix.system",)
    assert not told.exists()


def test_dicts_inside_dicts_that_repeat_each_other_are_bounded(tmp_path):
    level: dict[str, object] = {}
    for _ in range(8):
        level = {str(n): level for n in range(100)}
    path = zipped(tmp_path / "m.pt", {"m/data.pkl": pickle.dumps(level)})
    start = time.process_time()
    with pytest.raises(SourceError, match="more than is read"):
        containers.read(path)
    assert time.process_time() - start < 2


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """State dicts as torch writes them, in both of its formats, and wrapped as trainers do."""
    import torch

    folder = tmp_path_factory.mktemp("torch")
    tensors = OrderedDict(
        {"a.weight": torch.zeros(4, 3), "a.bias": torch.zeros(4, dtype=torch.float16)}
        | {"p": torch.nn.Parameter(torch.zeros(2, dtype=torch.bfloat16)), "view": torch.zeros(9, 9)[2:4, ::3]}
    )
    torch.save(tensors, folder / "zip.pt")
    torch.save(tensors, folder / "old.pt", _use_new_zipfile_serialization=False)
    torch.save(
        {"state_dict": tensors, "epoch": 3, "optimizer_states": [{"x": torch.zeros(7)}]}, folder / "ckpt.ckpt"
    )
    torch.save(torch.zeros(5, 6), folder / "root.pt")
    return folder


@pytest.mark.parametrize("name", ["zip.pt", "old.pt", "ckpt.ckpt"])
def test_what_torch_saves_is_read_without_it(saved, name):
    found = containers.read(saved / name)
    assert found.shapes == {"a.weight": (4, 3), "a.bias": (4,), "p": (2,), "view": (2, 3)}
    assert [one.dtype for one in found.tensors.values()] == ["F32", "F16", "BF16", "F32"]
    assert (found.foreign, found.absent) == ((), 0)


def test_a_tensor_by_itself_is_no_network(saved):
    found = identify_file(saved / "root.pt")
    assert found.listing.shapes == {"<root>": (5, 6)}
    assert found.kind == "unknown"


def test_an_archive_without_its_end_still_tells_its_names(saved, tmp_path):
    data = (saved / "zip.pt").read_bytes()
    cut = read(tmp_path / "cut.pt", data[:-300])
    assert cut.shapes == containers.read(saved / "zip.pt").shapes
    assert cut.notes == ("cut off: the zip archive has no end",)


@pytest.mark.parametrize("turned", [True, False])
def test_gguf_sides_are_turned_and_a_writer_who_forgot_it_is_found_out(tmp_path, turned):
    shapes = {"a.weight": (4, 3), "a.bias": (4,)}
    shapes |= {
        f"square{n}.{part}": (7, 7)[: 2 - (part == "bias")] for n in range(9) for part in ("weight", "bias")
    }
    found = read(
        tmp_path / "m.gguf", gguf(shapes, {"general.architecture": "pig", "words": ["a"] * 40}, turned=turned)
    )
    assert found.shapes == shapes
    assert found.metadata == {"general.architecture": "pig"}
    assert found.absent > 0


def test_a_shape_that_was_changed_to_suit_gguf_is_the_one_before(tmp_path):
    pairs = {"comfy.gguf.orig_shape.p.weight": [2, 3, 1, 2, 2]}
    assert read(tmp_path / "m.gguf", gguf({"p.weight": (6, 4)}, pairs)).shapes == {
        "p.weight": (2, 3, 1, 2, 2)
    }


def test_shards_beside_their_index_are_put_together_and_absent_ones_leave_names(tmp_path):
    tensors = presets.tensors("sd15")
    names = sorted(tensors)
    parts = {"m-00001-of-00002.safetensors": names[::2], "m-00002-of-00002.safetensors": names[1::2]}
    places = {name: file for file, some in parts.items() for name in some}
    index = tmp_path / "m.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 5}, "weight_map": places}))
    bare = identify_file(index)
    assert bare.title == "Stable Diffusion 1 or 2"
    assert "2 of 2 shards are not beside the index" in bare.listing.notes[0]
    for file, some in parts.items():
        written(tmp_path / file, {name: tensors[name] for name in some})
    assert containers.read(index).shapes == tensors
    assert identify_file(index).title == "Stable Diffusion 1"
    assert containers.in_folder(tmp_path) == [index]


def test_a_file_of_seven_gigabytes_takes_no_longer_than_its_header(tmp_path):
    tensors = presets.tensors("sdxl")
    path = written(tmp_path / "m.safetensors", tensors, "F32")
    assert path.stat().st_size > 10**10
    start = time.process_time()
    assert identify_file(path).title == "SDXL"
    assert time.process_time() - start < 1


def test_identifying_never_imports_torch(tmp_path):
    path = written(tmp_path / "m.safetensors", presets.tensors("sd15"))
    code = (
        "import sys; from unetscope.checkpoints import identify_file; from pathlib import Path; "
        f"print(identify_file(Path({str(path)!r})).title); assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "Stable Diffusion 1\n", done.stderr


SEEDS = [
    header(SMALL),
    gguf(SMALL, {"k": "v", "l": ["a", "b"]}),
    pickle.dumps({"state_dict": {"a": (1, 2)}}, 2),
]


@given(
    st.one_of(st.binary(max_size=300), st.tuples(st.sampled_from(SEEDS), st.data()).map(lambda pair: pair))
)
def test_any_bytes_give_a_listing_or_one_line(tmp_path_factory, given_):
    data = given_ if isinstance(given_, bytes) else _mutated(*given_)
    path = Path(tmp_path_factory.mktemp("any")) / "m.safetensors"
    path.write_bytes(data)
    said = ""
    try:
        identify_file(path)
    except SourceError as error:
        said = str(error)
    assert "\n" not in said


def _mutated(seed: bytes, draw) -> bytes:
    """A header with some bytes of it replaced."""
    data = io.BytesIO(seed)
    for _ in range(draw.draw(st.integers(1, 4))):
        data.seek(draw.draw(st.integers(0, len(seed) - 1)))
        data.write(draw.draw(st.binary(min_size=1, max_size=4)))
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "said", "hint"),
    [
        (b'{\n  "schema_version": 2}', "is JSON, not weights", "unetscope show x.json"),
        (
            gzip.compress(b'{"schema_version": 2}', mtime=0),
            "is compressed by gzip, not weights",
            "unetscope show x.json",
        ),
        (b"model:\n  target: ldm.UNet\n", "is text, not weights", "the file that it tells of"),
        (b"", "is empty", "download it again"),
    ],
)
def test_what_is_no_file_of_weights_is_told_by_how_it_begins(
    tmp_path: Path, data: bytes, said: str, hint: str
) -> None:
    (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(SourceError, match=said) as refused:
        containers.read(tmp_path / "x.json")
    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize("name", ["sd15", "ADM-256"])
def test_the_name_of_a_bundled_network_is_no_file_of_weights(name: str) -> None:
    with pytest.raises(SourceError, match=f"{name} is a bundled network, not a file of weights"):
        containers.read(Path(name))
