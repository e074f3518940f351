"""Feeds the readers of weights with what a coverage-guided fuzzer makes up: needs `pip install atheris`.

    PYTHONPATH=src:tests python tests/fuzz_checkpoints.py CORPUS -max_total_time=3600 -rss_limit_mb=700

CORPUS is a folder that it fills; all options are libFuzzer's. The first byte of an input picks the reader;
what that reader's format begins with is put before the rest. The fuzzer sees which branches of unetscope are
reached. Any exception but UnetscopeError, and any file that takes over two seconds of processor time, ends
it with the input kept as `crash-…`.
"""

from __future__ import annotations

import io
import pickle
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["unetscope"]):
    from support.files.checkpoint_files import gguf, header, listing
    from unetscope.checkpoints import identify_file
    from unetscope.errors import UnetscopeError

SMALL = {"conv_in.weight": (4, 4, 3, 3), "a.bias": (4,), "b": ()}
SHARD = "m-00001-of-00001.safetensors"
SECONDS = 2
DICTIONARY = (
    '"__metadata__"', '"dtype"', '"shape"', '"data_offsets"', '"F16"', '"F8_E4M3"', '"weight_map"',
    '"metadata"', '"total_size"', f'"{SHARD}"', "lora_down.weight", "lora_A.weight", "model.diffusion_model.",
    "transformer_blocks.0.", "double_blocks.0.", "input_blocks.0.0.weight",
    "ctorch._utils\\x0a_rebuild_tensor_v2\\x0a",
    "\\x80\\x02", "\\x80\\x05", "PK\\x05\\x06", "PK\\x03\\x04", "comfy.gguf.orig_shape.", "general.alignment",
    "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff", "\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80",
)  # fmt: skip


def _sized(data: bytes) -> bytes:
    """A safetensors file whose header is as long as it says."""
    return len(data).to_bytes(8, "little") + data


def _zipped(data: bytes) -> bytes:
    """A checkpoint of torch in a zip archive, with this pickle."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("m/data.pkl", data)
    return archive.getvalue()


def _written(folder: Path, kind: int, data: bytes) -> Path:
    """The file that an input stands for."""
    if kind == 5:  # an index and its one shard, apart by a NUL
        text, _, shard = data.partition(b"\0")
        (folder / SHARD).write_bytes(_sized(shard))
        path, data = folder / "m.safetensors.index.json", text
    else:
        path = folder / "m.safetensors"
        data = (bytes, _sized, _zipped, bytes, b"GGUF\3\0\0\0".__add__)[kind](data)
    path.write_bytes(data)
    return path


def seeds() -> list[bytes]:
    """One of each container and reader, small, and adapters, whose names are read closest."""
    state = {"state_dict": {"a": [1, (2, 3)], "b": {"c": b"x"}}, "x": 2.5, "y": {1, 2}}
    lora = header(dict(list(listing("invoke-lora-anima-lora-peft").shapes.items())[:6]))[8:]
    pickles = [pickle.dumps(state, protocol) for protocol in range(6)]
    pairs = {"general.architecture": "flux", "l": ["a", "b"], "n": 3, "comfy.gguf.orig_shape.a.bias": [4]}
    index = f'{{"metadata": {{"total_size": 9}}, "weight_map": {{"a.bias": "{SHARD}"}}}}'.encode()
    return [
        b"\0" + header(SMALL), b"\0" + _zipped(pickles[2]), b"\1" + header(SMALL)[8:], b"\1" + lora,
        *(b"\2" + one for one in pickles), *(b"\3" + one for one in pickles[2:]),
        b"\4" + gguf(SMALL, pairs)[8:], b"\5" + index + b"\0" + header({"a.bias": (4,)})[8:],
    ]  # fmt: skip


def main(corpus: Path, options: list[str]) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds()):
        (corpus / f"seed-{number}").write_bytes(data)
    words = corpus.with_suffix(".dict")
    words.write_text("".join('"{}"\n'.format(word.replace('"', '\\"')) for word in DICTIONARY))
    folder = Path(tempfile.mkdtemp())

    def one_input(data: bytes) -> None:
        start = time.process_time()
        try:
            identify_file(_written(folder, data[0] % 6, data[1:]) if data else folder / "absent")
        except UnetscopeError as error:
            refusal = str(error)
        else:
            refusal = ""
        assert "\n" not in refusal, "a refusal of more than one line"
        assert time.process_time() - start < SECONDS, "a file that takes too long"

    atheris.Setup([sys.argv[0], *options, f"-dict={words}", str(corpus)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
