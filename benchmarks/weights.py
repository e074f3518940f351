"""Comparing the values of two files of weights, beside reading both with numpy: time, and memory at most.

    python benchmarks/weights.py [GIB] [DTYPE]   # two files of so many GiB (2), F16 (default), F32 or BF16

Reading: `numpy.fromfile` of each file whole, as loaders without memory maps do; and `readinto` of one buffer
of 4 MiB over and over, which is all that the disk, or the memory that caches it, gives. Each is done on a
cold cache (the kernel is asked to drop the files' pages) and on a warm one. Every value of B is another than
that of A. Each in a process of its own, the least of three.
Target: at most 1.5 × `numpy.fromfile`, below 500 MB.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIDE = 4096
"""Of the square matrices that the files hold."""
TYPES = {"F16": "<f2", "F32": "<f4", "BF16": "<u2"}


def main() -> None:
    size = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    dtype = sys.argv[2] if len(sys.argv) > 2 else "F16"
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCHMARK_FOLDER")) as folder:
        paths = _made(Path(folder), size, dtype)
        total = sum(os.path.getsize(path) for path in paths) / 1e9
        print(f"two files of {total / 2:.2f} GB, {dtype}, {os.cpu_count()} processors")
        print(f"{'':10}{'':28}{'s':>8}{'CPU s':>8}{'GB/s':>8}{'MB':>8}")
        for cache in ("cold", "warm"):
            for name in ("fromfile", "readinto", "compare"):
                seconds, cpu, memory = min(_run(name, cache, paths) for _ in range(3))
                figures = f"{seconds:8.2f}{cpu:8.2f}{total / seconds:8.2f}{memory:8.0f}"
                print(f"{cache:10}{LABELS[name]:28}{figures}")


def _made(folder: Path, size: float, dtype: str) -> list[Path]:
    """Two files of random values, written matrix by matrix."""
    import numpy as np

    random = np.random.default_rng(0)
    kind = TYPES[dtype]
    each = SIDE * SIDE * np.dtype(kind).itemsize
    count = max(1, round(size * 2**30 / each))
    one = {"dtype": dtype, "shape": [SIDE, SIDE]}
    spans = [[at * each, (at + 1) * each] for at in range(count)]
    entries = {f"blocks.{at}.weight": one | {"data_offsets": span} for at, span in enumerate(spans)}
    header = json.dumps(entries).encode()
    paths = [folder / "a.safetensors", folder / "b.safetensors"]
    values = 0.02 * random.standard_normal((SIDE, SIDE), dtype="f4")
    with paths[0].open("wb") as a, paths[1].open("wb") as b:
        for file in (a, b):
            file.write(len(header).to_bytes(8, "little") + header)
        for at in range(count):
            one = np.roll(values, at)
            a.write(_bytes(one, dtype))
            b.write(_bytes(one * np.float32(1.001) + np.float32(1e-4), dtype))
    return paths


def _bytes(values, dtype: str) -> bytes:
    if dtype == "BF16":
        return (values.view("<u4") >> 16).astype("<u2").tobytes()
    return values.astype(TYPES[dtype]).tobytes()


def _run(name: str, cache: str, paths: list[Path]) -> tuple[float, float, float]:
    """Seconds, seconds of processors, and megabytes of memory at most, of one way in a process of its own."""
    for path in paths:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            if cache == "cold":
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            else:
                _readinto([path])
    done = subprocess.run([sys.executable, __file__, "--one", name, *map(str, paths)],
                          capture_output=True, text=True, check=True)  # fmt: skip
    seconds, cpu, memory = map(float, done.stdout.split())
    return seconds, cpu, memory


def _fromfile(paths: list[Path]) -> None:
    import numpy as np

    for path in paths:
        np.fromfile(path, "u1")


def _readinto(paths: list[Path]) -> None:
    room = bytearray(2**22)
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while file.readinto(room):
                pass


def _compare(paths: list[Path]) -> None:
    from unetscope.checkpoints.values.difference import difference

    assert not difference(*paths).equal


WAYS = {"fromfile": _fromfile, "readinto": _readinto, "compare": _compare}
LABELS = {
    "fromfile": "reading both, numpy.fromfile",
    "readinto": "reading both, readinto",
    "compare": "diff --weights",
}


def _one(name: str, paths: list[Path]) -> None:
    """One way, timed without what it imports."""
    import numpy as np

    from unetscope.checkpoints.values import difference

    del np, difference
    start, cpu = time.perf_counter(), time.process_time()
    WAYS[name](paths)
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    print(seconds, used, _peak())


def _peak() -> float:
    """Megabytes of memory at most; ru_maxrss would begin with those of the process that started this one."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1e3


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(sys.argv[2], [Path(path) for path in sys.argv[3:]])
    else:
        main()
