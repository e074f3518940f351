"""`unetscope embed`: seconds by the number of markers in one file, and files after kill -9 at random moments.

python benchmarks/embed.py time     # 250 to 2,000 markers, each of another table
python benchmarks/embed.py kill     # 100 kills: documents and pictures are old or new, never anything between
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COUNTS = (250, 500, 1000, 2000)
KILLS = 100
COMMAND = (sys.executable, "-m", "unetscope", "embed")
SMALL = ("ddpm-cifar10", "ddpm-church", "sd15", "bk-sdm-tiny", "bk-sdm-small", "sd21")


def times() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            regions = (
                f"<!-- unetscope: table ddpm-cifar10 --title n{i} -->\n<!-- /unetscope -->\n"
                for i in range(count)
            )
            path = Path(folder, "many.md")
            path.write_text("\n".join(regions))
            begun = time.perf_counter()
            subprocess.run([*COMMAND, path], check=True, capture_output=True)
            written = time.perf_counter()
            subprocess.run([*COMMAND, "--check", path], check=True, capture_output=True)
            checked = time.perf_counter() - written
            print(f"{count} markers: written in {written - begun:.1f} s, checked in {checked:.1f} s")


def document(round_: int) -> str:
    """A document whose every region and picture differs from round to round."""
    words = "".join(
        f"<!-- unetscope: diagram {name} --title r{round_} -o {name}.svg -->\nold\n<!-- /unetscope -->\n"
        for name in SMALL
    )
    return "begin\n" + words + "end\n"


def made(folder: Path, round_: int) -> dict[str, bytes]:
    """What an undisturbed run makes."""
    (folder / "a.md").write_text(document(round_))
    subprocess.run([*COMMAND, "a.md"], cwd=folder, check=True, capture_output=True)
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def kills() -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        begun = time.perf_counter()
        new = made(Path(one), 1)
        most = time.perf_counter() - begun
        old = made(Path(other), 0) | {"a.md": document(1).encode()}
        seen = {"old": 0, "new": 0, "left over": 0, "torn": 0}
        for _ in range(KILLS):
            for path in Path(other).iterdir():
                path.unlink()
            for name, data in old.items():
                Path(other, name).write_bytes(data)
            running = subprocess.Popen([*COMMAND, "a.md"], cwd=other, stdout=subprocess.DEVNULL)
            time.sleep(random.uniform(0.6 * most, 1.05 * most))
            os.kill(running.pid, signal.SIGKILL)
            running.wait()
            for path in Path(other).iterdir():
                data = path.read_bytes()
                state = "left over" if path.suffix == ".part" else "torn"
                seen[
                    "new" if data == new.get(path.name) else "old" if data == old.get(path.name) else state
                ] += 1
        print(f"{KILLS} kills: {seen}")
        subprocess.run([*COMMAND, "a.md"], cwd=other, check=True, capture_output=True)
        after = {path.name: path.read_bytes() for path in Path(other).iterdir() if path.suffix != ".part"}
        print("run once more: all new" if after == new else "run once more: NOT all new")


if __name__ == "__main__":
    {"time": times, "kill": kills}[sys.argv[1]]()
