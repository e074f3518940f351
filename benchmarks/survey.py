"""A survey of ten thousand files: time, memory of its processes as it goes on, and the same table from Dask.

    python benchmarks/survey.py [FILES] [--dask]   # 10,000; --dask does it again on a cluster of two workers

The files have whole headers, those of all bundled networks and of a LoRA of Stable Diffusion in turn, each
with metadata of its own; their data is a hole on the disk. One more is broken. Workers are two processes.
Memory is what they took at most, after a quarter of the files and at the end: it must not grow. Linux alone.
Target: below 3 minutes on two cores, no torch in any process.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import unetscope

LORA = 4
"""Every so many files one is a LoRA."""


def main() -> None:
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    count = int(words[0]) if words else 10_000
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCHMARK_FOLDER")) as name:
        folder = Path(name)
        subprocess.run([sys.executable, __file__, "--make", folder / "models", str(count)], check=True)
        _survey(folder, "here", workers=2)
        if "--dask" in sys.argv:
            _survey(folder, "dask", workers=2, dask="local")
            same = (folder / "here.jsonl").read_bytes() == (folder / "dask.jsonl").read_bytes()
            print("the tables of both are", "the same" if same else "NOT the same")


def _make(folder: Path, count: int) -> None:
    folder.mkdir()
    shapes = list(_shapes())
    for at in range(count):
        header, size = _header(shapes[0 if at % LORA == 0 else 1 + at % (len(shapes) - 1)], at)
        with (folder / f"{at:05}.safetensors").open("wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            file.truncate(8 + len(header) + size)
    (folder / "bad.safetensors").write_bytes(b"<html>")


def _shapes() -> Iterator[dict[str, tuple[int, ...]]]:
    """Tensors of a LoRA, then of every bundled network."""
    lora = {}
    for key in unetscope.keys("sd15", by="tensor").keys:
        if key.kohya and key.shape:
            lora[f"{key.kohya}.lora_down.weight"] = (16, key.shape[1])
            lora[f"{key.kohya}.lora_up.weight"] = (key.shape[0], 16)
    yield lora
    for id in unetscope.presets():
        yield {tensor.name: tensor.shape for tensor in unetscope.load(id).tensors}


def _header(shapes: dict[str, tuple[int, ...]], number: int) -> tuple[bytes, int]:
    entries, end = {"__metadata__": {"number": str(number)}}, 0
    for name, shape in shapes.items():
        start, end = end, end + 2 * math.prod(shape)
        entries[name] = {"dtype": "F16", "shape": shape, "data_offsets": [start, end]}
    return json.dumps(entries).encode(), end


def _survey(folder: Path, name: str, **manner: object) -> None:
    """One survey, its processes watched."""
    taken, stop = list[tuple[float, float]](), threading.Event()
    watching = threading.Thread(target=_watch, args=(taken, stop))
    watching.start()
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    found = unetscope.survey(folder / "models", output=folder / f"{name}.jsonl", **manner)
    seconds = time.perf_counter() - start
    for worker in multiprocessing.active_children():
        worker.join()
    stop.set()
    watching.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    early = max(most for at, most in taken if at <= taken[0][0] + seconds / 4)
    print(f"{name}: {found}")
    print(f"  {seconds:.0f} s, workers {used:.0f} s of processors; this process {_peak('self'):.0f} MB; "
          f"a worker {early:.0f} MB after a quarter, {max(most for _, most in taken):.0f} MB at the end; "
          f"torch {'loaded' if 'torch' in sys.modules or _torch else 'in none'}")  # fmt: skip


_torch: list[str] = []


def _watch(taken: list[tuple[float, float]], stop: threading.Event) -> None:
    """Twice a second: the most memory of a process below this one, and whether one has loaded torch."""
    while not stop.wait(0.5):
        below = list(_below(str(os.getpid())))
        peaks = [_peak(process) for process in below]
        taken.append((time.perf_counter(), max(peaks, default=0.0)))
        _torch.extend(process for process in below if _maps_torch(process))


def _below(process: str) -> Iterator[str]:
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return
    for child in children:
        yield child
        yield from _below(child)


def _peak(process: str) -> float:
    """Megabytes of memory that a process took at most; 0 of one that has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0) / 1e3


def _maps_torch(process: str) -> bool:
    try:
        return "libtorch" in Path(f"/proc/{process}/maps").read_text()
    except OSError:
        return False


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        _make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
