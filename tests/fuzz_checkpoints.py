"""Mutates headers of files of weights and reads each: `python tests/fuzz_checkpoints.py SECONDS`.

What a mutation reaches that none did before (lines of unetscope/checkpoints, by sys.settrace) is kept as a
seed: guided by coverage, in Python alone. Any exception but UnetscopeError, any file that takes more than
two seconds and any growth beyond 200 MB ends it with the bytes written to fuzz-found.bin.
"""

from __future__ import annotations

import io
import pickle
import random
import resource
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from types import FrameType

from support.checkpoint_files import gguf, header, listing
from unetscope.checkpoints import identify_file
from unetscope.errors import UnetscopeError

SMALL = {"conv_in.weight": (4, 4, 3, 3), "a.bias": (4,), "b": ()}
PIECES = [*(c.encode() for c in '{}[]".(:'), b"\x80", b"\xff" * 8, b"\x00" * 8, b"PK\x05\x06", b"1e999"]


def seeds() -> list[bytes]:
    """One of each container."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("m/data.pkl", pickle.dumps({"state_dict": {"a": (1, 2)}}, 2))
    state = {"state_dict": {"a": [1, (2, 3)], "b": {"c": b"x"}}, "x": 2.5, "y": {1, 2}}
    lora = listing("invoke-lora-anima-lora-peft").shapes
    pickles = [pickle.dumps(state, protocol) for protocol in range(2, 6)]
    pairs = {"general.architecture": "flux", "l": ["a", "b"], "n": 3}
    return [header(SMALL), header(lora), gguf(SMALL, pairs), archive.getvalue(), *pickles]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut, repeated, or a piece of syntax put in."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) + 1)
        kind = chance.randrange(5)
        if kind == 0 and found:
            found[at % len(found)] = chance.randrange(256)
        elif kind == 1:
            del found[at : at + chance.randint(1, 20)]
        elif kind == 2:
            found[at:at] = chance.choice(PIECES)
        elif kind == 3:
            found[at:at] = found[at : at + chance.randint(1, 40)] * chance.randint(1, 4)
        elif found:
            found[at % len(found)] ^= 1 << chance.randrange(8)
    return bytes(found[:200_000])


def reached(path: Path) -> set[tuple[str, int]]:
    """The lines of the package that reading a file goes through. Raises what reading raises."""
    lines: set[tuple[str, int]] = set()

    def follow(frame: FrameType, event: str, _: object):
        name = frame.f_code.co_filename
        if "checkpoints" not in name:
            return None
        if event == "line":
            lines.add((name, frame.f_lineno))
        return follow

    sys.settrace(follow)
    try:
        identify_file(path)
    except UnetscopeError:
        pass
    finally:
        sys.settrace(None)
    return lines


def main(seconds: float) -> int:
    chance, corpus, seen, tries, slowest = random.Random(11), seeds(), set(), 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        path, end = Path(folder) / "m.safetensors", time.monotonic() + seconds
        while time.monotonic() < end:
            data = mutated(chance.choice(corpus), chance)
            path.write_bytes(data)
            start = time.process_time()
            try:
                lines = reached(path)
            except Exception:
                Path("fuzz-found.bin").write_bytes(data)
                raise
            slowest, tries = max(slowest, time.process_time() - start), tries + 1
            if slowest > 2:
                Path("fuzz-found.bin").write_bytes(data)
                raise SystemExit("a file took more than two seconds")
            if not lines <= seen:
                seen |= lines
                corpus.append(data)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{tries} files, {len(seen)} lines reached, {len(corpus)} seeds, slowest {slowest:.2f} s, {memory} MB"
    )
    return 0 if memory < 200 else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
