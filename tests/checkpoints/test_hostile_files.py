"""Hostile files through the program itself: one line, under two seconds and 200 MB, start-up included."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from unetscope.limits import MAX_HEADER

pytestmark = pytest.mark.slow  # each starts the program, with many megabytes of input

SECONDS, MEGABYTES = 2, 200
LARGE = MAX_HEADER - 300
"""Bytes of a header that is just read."""


def header(text: bytes) -> bytes:
    return len(text).to_bytes(8, "little") + text


def zipped(data: bytes, *, compressed: bool = False) -> bytes:
    """An archive as torch writes it, with this pickle."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as made:
        made.writestr("m/data.pkl", data)
    return archive.getvalue()


def many(count: int) -> bytes:
    """As many tensors as fit into a header, of one byte each."""
    entries = {f"t{n}": {"dtype": "U8", "shape": [1], "data_offsets": [n, n + 1]} for n in range(count)}
    return json.dumps(entries).encode()


def nested(opcode: bytes, count: int) -> bytes:
    return b"\x80\x02" + opcode * count + b"."


HOSTILE = {
    "a header larger than is read": lambda: header(b"[" * 99_000_000),
    "a header of 2^63 bytes": lambda: struct.pack("<Q", 2**63) + b"{",
    "a header of many spaces": lambda: header(b"{" + b" " * LARGE + b"}"),
    "many brackets": lambda: header(b"[" * LARGE),
    "a name of many letters": lambda: header(b'{"' + b"a" * LARGE + b'": 1}'),
    "a list of many ones": lambda: header(b'{"a": [' + b"1," * (LARGE // 2) + b"1]}"),
    "an index of many ones": lambda: b'{"weight_map": {}, "a": [' + b"1," * (LARGE // 2) + b"1]}",
    "a number of many digits": lambda: header(b'{"a": ' + b"9" * LARGE + b"}"),
    "metadata of many letters": lambda: header(b'{"__metadata__": {"a": "' + b"b" * LARGE + b'"}}'),
    "nothing but backslashes": lambda: header(b'{"' + b"\\\\" * (LARGE // 2) + b'": 1}'),
    "two hundred thousand tensors": lambda: header(many(200_000)),
    "tensors upon each other": lambda: header(
        b'{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]},"b":{"dtype":"U8","shape":[9],"data_offsets":[5,14]}}'
    ),
    "bytes that are no text": lambda: header(b'{"\xff\xfe": 1}'),
    "a pickle of lists in lists": lambda: zipped(nested(b"(", LARGE)),
    "a pickle of empty lists": lambda: zipped(nested(b"]", LARGE)),
    "a pickle of long numbers": lambda: zipped(
        b"\x80\x02\x8b" + struct.pack("<i", LARGE) + b"\x7f" * LARGE + b"."
    ),
    "a pickle of decimal digits": lambda: zipped(b"I" + b"9" * LARGE + b"\n."),
    "a pickle that doubles a tuple": lambda: zipped(b"\x80\x02)" + b"2\x86" * (LARGE // 2) + b"."),
    "a pickle whose memo is far away": lambda: zipped(b"\x80\x02]r\xff\xff\xff\x7f."),
    "a pickle that promises 2^63 letters": lambda: zipped(b"\x80\x04\x8d" + b"\xff" * 7 + b"\x7f" + b"a."),
    "a pickle that would call": lambda: zipped(b"cposix\nsystem\n(S'touch hostile'\ntR."),
    "a zip bomb": lambda: zipped(bytes(400_000_000), compressed=True),
    "an old pickle of dicts": lambda: b"\x80\x02" + b"}" * LARGE + b".",
    "a GGUF of 2^63 tensors": lambda: b"GGUF" + struct.pack("<IQQ", 3, 2**63, 0),
    "a GGUF of 2^63 pairs": lambda: b"GGUF" + struct.pack("<IQQ", 3, 0, 2**63),
    "a GGUF string of 2^63 bytes": lambda: b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**63),
    "a GGUF list of 2^62 numbers": lambda: b"GGUF" + struct.pack("<IQQQcIIQ", 3, 0, 1, 1, b"a", 9, 4, 2**62),
    "a GGUF list of empty strings": lambda: b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"a"
    + struct.pack("<IIQ", 9, 8, 10_000_000) + bytes(80_000_000),
    "a GGUF of lists in lists": lambda: b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"a"
    + struct.pack("<IIQ", 9, 9, 2**40) * 9,
}  # fmt: skip


RUN = """
import resource, runpy, sys
try:
    sys.argv = ["unetscope", "identify", sys.argv[1]]
    runpy.run_module("unetscope", run_name="__main__")
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(f"\\n{used.ru_utime + used.ru_stime} {peak / 1024}")
"""
"""The program, with the seconds of processor time and the megabytes that it took below what it says."""


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is Linux's")
def test_a_hostile_file_costs_a_line_two_seconds_and_two_hundred_megabytes(kind, tmp_path):
    path = tmp_path / ("m.safetensors.index.json" if kind.startswith("an index") else "m.safetensors")
    path.write_bytes(HOSTILE[kind]())
    done = subprocess.run(
        [sys.executable, "-c", RUN, path.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    *said, last = done.stdout.splitlines()
    seconds, megabytes = map(float, last.split())
    print(
        f"{kind}: {seconds:.2f} s, {megabytes:.0f} MB, {(done.stderr or done.stdout).strip().splitlines()[0]}"
    )
    assert (seconds < SECONDS, megabytes < MEGABYTES) == (True, True), (seconds, megabytes)
    if done.stderr:
        line, hint = done.stderr.splitlines()
        assert (done.returncode, line[:7], hint[:6]) == (2, "error: ", "hint: ")
    else:
        assert any("unknown" in line for line in said), said
        assert done.returncode == 1
    assert os.listdir(tmp_path) == [path.name]
