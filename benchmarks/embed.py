"""`unetscope embed`: processor time by the number of markers in a file, files after kill -9 at any moment.

python benchmarks/embed.py time     # 250 to 2,000 markers, each of another table
python benchmarks/embed.py kill     # 100 kills: documents and pictures are old or new, never anything between
"""

from __future__ import annotations

import os
import random
import resource
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


def processor_seconds(*args: str | Path) -> float:
    """What a run of `embed` takes of the processor, whatever else the machine does meanwhile."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*COMMAND, *args], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def times() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            regions = (
                f"<!-- unetscope: table ddpm-cifar10 --title n{number} -->\n<!-- /unetscope -->\n"
                for number in range(count)
            )
            path = Path(folder, "many.md")
            path.write_text("\n".join(regions))
            written = processor_seconds(path)
            checked = processor_seconds("--check", path)
            print(f"{count} markers: written in {written:.1f} s, checked in {checked:.1f} s")


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
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def state(path: Path, old: dict[str, bytes], new: dict[str, bytes]) -> str:
    """Which of both a file is; a part that was being written has a name of its own."""
    data = path.read_bytes()
    if data in (new.get(path.name), old.get(path.name)):
        return "new" if data == new.get(path.name) else "old"
    return "left over" if path.suffix == ".part" else "torn"


def kills() -> None:
    with tempfile.TemporaryDirectory() as undisturbed, tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        new = made(Path(undisturbed), 1)
        longest = time.perf_counter() - begun
        old = made(Path(folder), 0) | {"a.md": document(1).encode()}
        seen = {"old": 0, "new": 0, "left over": 0, "torn": 0}
        for number in range(KILLS):
            for path in Path(folder).iterdir():
                path.unlink()
            for name, data in old.items():
                Path(folder, name).write_bytes(data)
            running = subprocess.Popen([*COMMAND, "a.md"], cwd=folder, stdout=subprocess.DEVNULL)
            if number % 2:  # at any moment
                time.sleep(random.uniform(0, 1.05 * longest))
            else:  # while files are being written, which takes a hundredth of the time
                written = Path(folder, f"{SMALL[0]}.svg")
                while written.read_bytes() == old[written.name] and running.poll() is None:
                    time.sleep(0.0005)
                time.sleep(random.uniform(0, 0.02))
            os.kill(running.pid, signal.SIGKILL)
            running.wait()
            for path in Path(folder).iterdir():
                seen[state(path, old, new)] += 1
        print(f"{KILLS} kills: {seen}")
        subprocess.run([*COMMAND, "a.md"], cwd=folder, check=True, capture_output=True)
        after = {path.name: path.read_bytes() for path in Path(folder).iterdir() if path.suffix != ".part"}
        print("run once more: all new" if after == new else "run once more: NOT all new")


if __name__ == "__main__":
    {"time": times, "kill": kills}[sys.argv[1]]()
