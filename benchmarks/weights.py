"""Comparing the values of two files of weights, beside reading both with numpy: time, and memory at most.

    python benchmarks/weights.py [GIB] [DTYPE]   # two files of so many GiB (2), F16 (default), F32 or BF16

The target is 1.5 × *the time of reading both with numpy*, below 500 MB. That time is `numpy.fromfile` of a
file and one reduction of it, the largest of its values' bit patterns: the cheapest there is (numpy's own
sum of float16 takes eighty times as long). Beside it stand `fromfile` alone; `readinto` of one buffer of 4
MiB over and over, which touches no fresh memory: all that the disk gives, or the memory that caches it; and
what one would write with numpy alone, tensor by tensor: both in single precision, the norm of their
difference over that of A. × is time over that of the first, % speed over that of `readinto`.

"changed": every value of B is another than that of A. "equal": B is a copy of A. Each way runs in a process
of its own, in turns, on a cold cache (the kernel is asked to drop the files' pages) and on a warm one, twice:
the first time is not told, as memory that no process has touched for a while can take longer than to read
into it (a virtual machine gives it back). Told is the least of ROUNDS, by the clock and by the processors:
on a machine that is busy the latter alone holds.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIDE = 4096
"""Of the square matrices that the files hold."""
ROUNDS = 5
TYPES = {"F16": "<f2", "F32": "<f4", "BF16": "<u2"}


def main() -> None:
    size = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    dtype = sys.argv[2] if len(sys.argv) > 2 else "F16"
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCHMARK_FOLDER")) as folder:
        paths = _made(Path(folder), size, dtype)
        shutil.copy(paths[0], paths[0].with_name("copy.safetensors"))
        total = sum(os.path.getsize(path) for path in paths) / 1e9
        print(f"two files of {total / 2:.2f} GB, {dtype}, {os.cpu_count()} processors")
        print(f"{'':46}{'s':>8}{'CPU s':>8}{'GB/s':>8}{'MB':>8}{'×':>8}{'%':>6}")
        for cache in ("cold", "warm"):
            runs = [{name: _run(name, cache, paths) for name in LABELS} for _ in range(ROUNDS)]
            least = {name: [min(run[name][at] for run in runs) for at in range(3)] for name in LABELS}
            for name, (seconds, cpu, memory) in least.items():
                times, share = seconds / least["reduced"][0], least["readinto"][0] / seconds
                speed = f"{total / seconds:8.2f}{memory:8.0f}{times:8.2f}{share:6.0%}"
                figures = f"{seconds:8.2f}{cpu:8.2f}{speed}"
                print(f"{cache:6}{LABELS[name]:40}{figures}")


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
    read = [paths[0], paths[0].with_name("copy.safetensors")] if name == "equal" else paths
    done = subprocess.run([sys.executable, __file__, "--one", name, cache, *map(str, read)],
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


def _reduced(paths: list[Path]) -> None:
    import numpy as np

    for path in paths:
        np.fromfile(path, f"<u{_header(path)[1].itemsize}").max()


def _plain(paths: list[Path]) -> None:
    """As one would write it: the files mapped, two matrices at a time in single precision."""
    import numpy as np

    start, kind, count = _header(paths[0])
    files = [np.memmap(path, kind, "r", start, (count, SIDE, SIDE)) for path in paths]
    for at in range(count):
        a, b = (_single(file[at]) for file in files)
        np.linalg.norm(b - a) / np.linalg.norm(a)


def _single(values):
    """Single precision; the bits of bfloat16 are its upper half."""
    import numpy as np

    return (values.astype("<u4") << 16).view("<f4") if values.dtype == np.uint16 else values.astype("<f4")


def _header(path: Path):
    """Where data begins, numpy's type of it, how many matrices there are."""
    import numpy as np

    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        entries = json.loads(file.read(size))
    return 8 + size, np.dtype(TYPES[entries["blocks.0.weight"]["dtype"]]), len(entries)


def _compare(paths: list[Path]) -> None:
    from unetscope.checkpoints.values.difference import difference

    assert difference(*paths).equal == (paths[1].name == "copy.safetensors")


WAYS = {
    "fromfile": _fromfile, "reduced": _reduced, "readinto": _readinto, "plain": _plain,
    "changed": _compare, "equal": _compare,
}  # fmt: skip
LABELS = {
    "fromfile": "numpy.fromfile",
    "reduced": "numpy.fromfile and one reduction (1 ×)",
    "readinto": "readinto",
    "plain": "the norms with numpy alone",
    "changed": "diff --weights, changed",
    "equal": "diff --weights, equal",
}


def _one(name: str, cache: str, paths: list[Path]) -> None:
    """One way, timed the second time, without what it imports."""
    import numpy as np

    from unetscope.checkpoints.values import difference

    del np, difference
    WAYS[name](paths)
    for path in paths if cache == "cold" else []:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
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
        _one(sys.argv[2], sys.argv[3], [Path(path) for path in sys.argv[4:]])
    else:
        main()
