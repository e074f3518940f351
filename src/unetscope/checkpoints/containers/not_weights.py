"""What stands where a file of weights should: told by its first bytes or its name."""

from __future__ import annotations

import re
from pathlib import Path

from unetscope import zoo
from unetscope.errors import SourceError
from unetscope.words.messages import printable
from unetscope.zoo import world_unets

POINTER = b"version https://git-lfs"
"""How a Git LFS pointer begins, which stands for weights that were not fetched."""
_GZIP = b"\x1f\x8b"
_TEXT = re.compile(rb"[\t\n\r\x20-\x7e]{8}")
_SOURCE = "a config or a saved network is a SOURCE: unetscope show {}"
_AGAIN = "download it again"


def refuse(start: bytes, name: str) -> None:
    """Raise SourceError for the first bytes of what is no file of weights."""
    first = start.lstrip()[:1]
    # the length that begins a header of safetensors has a zero among its eight bytes
    is_text = 0 not in start[:8] and _TEXT.match(start)
    if start.startswith(POINTER):
        raise SourceError(
            f"{name} is a Git LFS pointer that stands for the weights", hint="fetch them with git lfs pull"
        )
    if not start:
        raise SourceError(f"{name} is empty", hint=_AGAIN)
    if is_text and first == b"{":
        raise SourceError(f"{name} is JSON, not weights", hint=_SOURCE.format(name))
    if start.startswith(_GZIP):
        raise SourceError(f"{name} is compressed by gzip, not weights", hint=_SOURCE.format(name))
    if b"{" not in start[8:64] and first in (b"<", b"E", b"I"):
        raise SourceError(f"{name} is a web page or a server's answer, not weights", hint=_AGAIN)
    if is_text:
        raise SourceError(f"{name} is text, not weights", hint="give the file that it tells of")


def refuse_name(path: Path) -> None:
    """Raise SourceError for the name of a bundled network where no file is called so."""
    name = str(path)
    if path.exists() or (zoo.find(name) is None and name.casefold() not in world_unets.table()):
        return
    raise SourceError(
        f"{printable(name)} is a bundled network, not a file of weights",
        hint=f"it is a SOURCE: unetscope show {printable(name)}; what stands here is a file or a folder",
    )
