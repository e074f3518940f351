"""What a PDF holds, as far as tests ask: its objects, unpacked; the letters that can be copied out of it."""

from __future__ import annotations

import re
import zlib


def unpacked(pdf: bytes) -> str:
    """The file and, behind it, all its compressed streams."""
    parts = [pdf]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            parts.append(zlib.decompress(packed))
        except zlib.error:
            continue
    return "\n".join(part.decode("latin-1") for part in parts)


def letters(pdf: bytes) -> set[str]:
    """Every character that a glyph of an embedded font stands for: what selecting text finds."""
    found = set()
    for block in re.findall(r"beginbfchar(.*?)endbfchar", unpacked(pdf), re.S):
        for text in re.findall(r"<[0-9a-fA-F]+> *<([0-9a-fA-F]+)>", block):
            found |= {*bytes.fromhex(text).decode("utf-16-be")}
    return found
