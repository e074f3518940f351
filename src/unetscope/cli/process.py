"""The process around a command: its three streams, and Ctrl-C."""

from __future__ import annotations

import codecs
import io
import os
import signal
import sys
from types import FrameType
from typing import TextIO

from unetscope.cli import INTERRUPTED

TYPED = "typed"
"""What click's outermost context holds where a person typed the command, and not a document."""
_STAND_INS = str.maketrans({
    "×": "x", "·": "|", "−": "-", "–": "-", "—": "-", "─": "-", "│": "|", "→": ">", "←": "<", "…": "~",
    "≤": "<", "≥": ">", "≈": "~", "²": "2", "³": "3", "Δ": "D", "⧺": "+", "∥": "|",
})  # fmt: skip
"""Signs of ours for an encoding that has no such letter, as wide as they are."""


def prepare() -> None:
    """Make the streams and Ctrl-C fit for a command line; for the process that runs nothing else."""
    _open_standard_streams()
    codecs.register_error("unetscope", _stand_in)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="unetscope")
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell may have it ignored
        signal.signal(signal.SIGINT, _interrupt)
        sys.unraisablehook = _unraisable


def end() -> None:
    """What is left before an exit: an interrupt ends it without a word, a stream that is full keeps quiet."""
    if signal.getsignal(signal.SIGINT) is _interrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        if _is_stuck(stream):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _is_stuck(stream: TextIO) -> bool:
    """Whether what was written to a stream cannot reach its end: closed, full, gone."""
    try:
        stream.flush()
    except OSError:
        return True
    return False


def _open_standard_streams() -> None:
    """Where one of the three was closed, the next file opened would take its number and what is printed.

    A closed stdout then fails when written to ("Bad file descriptor"), as it does for other programs.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number < 2 else os.O_WRONLY)  # takes the lowest free number
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _stand_in(error: UnicodeError) -> tuple[str | bytes, int]:
    """What to write for letters that the stream's encoding lacks: a similar sign, else an escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end].translate(_STAND_INS)
    return missing.encode("ascii", "backslashreplace").decode(), error.end


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ctrl-C: KeyboardInterrupt, but inside an import the end at once.

    What is half imported swallows the exception or makes another of it (torch: a RecursionError); no file
    of ours is open then.
    """
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            _leave()
        frame = frame.f_back
    raise KeyboardInterrupt


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    """Treats an interrupt inside a finalizer, which cannot raise, as an interrupt all the same."""
    if args.exc_type is KeyboardInterrupt:
        _leave()
    sys.__unraisablehook__(args)


def _leave() -> None:
    # A line that says what is done is taken away, and the cursor, which it hides, shown again.
    clearing = b"\r\x1b[2K\x1b[?25h" if os.isatty(2) else b""
    os.write(2, clearing + b"error: interrupted\n")
    os._exit(INTERRUPTED)
