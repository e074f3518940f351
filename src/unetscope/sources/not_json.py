"""What a file that is not JSON looks like, and what to do about it: one line, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from json import JSONDecodeError

_OURS = re.compile(r"^<{7} ", re.MULTILINE)
_YAML = re.compile(r"\A(?:[ \t]*(?:#.*|---.*)?\n)*[\w.-]+:(?: .*)?$", re.MULTILINE)
_COMMENT = ("//", "/*", "#")


def like(text: str, error: JSONDecodeError) -> str:
    """A hint for text that is not valid JSON; empty if it resembles nothing that we know."""
    hints = (look(text, error) for look in _LOOKS)
    return next(filter(None, hints), "")


def like_bytes(data: bytes) -> str:
    """A hint for bytes that are not text."""
    if data.startswith(b"PK\x03\x04"):
        return "it looks like a zip archive, as torch writes weights: give the config.json instead"
    if data[8:10] == b'{"' or data[:1] == b"\x80":
        return "it looks like weights: give the config.json instead"
    return ""


def _conflict(text: str, error: JSONDecodeError) -> str:
    ours, theirs = _OURS.search(text), text.rfind("\n>>>>>>> ")
    if ours is None or theirs < ours.start():
        return ""
    first, last = text.count("\n", 0, ours.start()) + 1, text.count("\n", 0, theirs) + 2
    return (
        f"git left a merge conflict in it (lines {first} to {last}): keep one side, and remove the lines "
        "<<<<<<<, ======= and >>>>>>>"
    )


def _fetched(text: str, error: JSONDecodeError) -> str:
    """What a download may have fetched instead of the file."""
    start = text.lstrip()[:200].lower()
    if start.startswith("version https://git-lfs.github.com/spec/"):
        return "it is a Git LFS pointer that stands for the file: fetch it with git lfs pull"
    if start.startswith(("<!doctype html", "<html")):
        return "it is a web page: download the raw file (on the Hub …/resolve/main/…/config.json)"
    if len(text) < 200 and "not found" in start:
        return "it holds a server's answer in place of the file: download it again"
    return ""


def _headless(text: str, error: JSONDecodeError) -> str:
    start = text.lstrip()
    if re.match(r'"[^"\n]*"\s*:', start):
        return 'it begins with a key: the opening "{" and what stood before it are missing'
    return ""


def _followed(text: str, error: JSONDecodeError) -> str:
    if error.msg != "Extra data" or not text.lstrip().startswith(("{", "[")):
        return ""
    end = text.count("\n", 0, len(text[: error.pos].rstrip())) + 1
    if text[error.pos] in "{[":
        return f"its JSON ends at line {end} and another begins at line {error.lineno}: keep one of them"
    return f"its JSON ends at line {end}: remove the text behind it"


def _python(text: str, error: JSONDecodeError) -> str:
    start = text.lstrip()
    if start.startswith(("FrozenDict(", "OrderedDict(", "dict(")) or re.match(r"[{\[]\s*'", start):
        return "it looks like Python's own notation: write the config with json.dump or save_config"
    word = re.match(r"True|False|None", text[error.pos :])
    return f"it looks like Python: {word.group()} is {_JSON[word.group()]} in JSON" if word else ""


_JSON = {"True": "true", "False": "false", "None": "null"}


def _lenient(text: str, error: JSONDecodeError) -> str:
    """What other JSON readers accept."""
    after = text[error.pos :].lstrip()
    if after.startswith(_COMMENT):
        return "JSON has no comments: remove them"
    before = text[: error.pos + 1].rstrip().removesuffix("}").removesuffix("]").rstrip()
    if before.endswith(",") and after.lstrip(", \t\r\n").startswith(("}", "]")):
        return "JSON has no comma before a closing bracket: remove it"
    return ""


def _yaml(text: str, error: JSONDecodeError) -> str:
    return "it looks like YAML: a diffusers config is JSON" if _YAML.match(text) else ""


def _cut_off(text: str, error: JSONDecodeError) -> str:
    open_ended = text.lstrip().startswith(("[", "{")) and not text.rstrip().endswith(("]", "}"))
    return "it seems to be cut off" if open_ended else ""


_LOOKS: tuple[Callable[[str, JSONDecodeError], str], ...] = (
    _conflict,
    _fetched,
    _headless,
    _followed,
    _python,
    _yaml,
    _lenient,
    _cut_off,
)
