"""Write the reference from the program: commands, verbs of Python, the schema of a saved architecture.

    python docs/write_reference.py

A test holds docs/reference/ to what this writes.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import msgspec

import unetscope
from unetscope.cli.commands import GROUPS
from unetscope.cli.commands import unetscope as program
from unetscope.cli.showing import printed
from unetscope.model import Architecture

FOLDER = Path(__file__).resolve().parent / "reference"


def commands() -> str:
    """The help of the program and of each command, as a terminal of 80 columns shows it."""
    parts = ["# Commands", _help()]
    for title, found in GROUPS.items():
        parts.append(f"## {title}")
        parts += [f"### {name}\n\n{_help(name)}" for name in found]
    return "\n\n".join(parts) + "\n"


def _help(*words: str) -> str:
    shown = printed(program, [*words, "--help"], FOLDER).decode().rstrip()
    return f"```text\n{shown}\n```"


def verbs() -> str:
    """Signature and docstring of each function and class that the package offers."""
    parts = ["# Python"]
    for name in unetscope.__all__:
        value = getattr(unetscope, name)
        if inspect.isfunction(value):
            told = inspect.getdoc(value) or ""
            parts.append(f"## {name}\n\n```text\n{_signature(name, value)}\n```\n\n{_text(told)}")
        elif inspect.isclass(value):
            parts.append(f"## {name}\n\n{_text(inspect.getdoc(value) or '')}")
    return "\n\n".join(parts) + "\n"


def _default(value: Any) -> str:
    """A default as it is written: a record whose fields are all at their own defaults by its name alone."""
    name = type(value).__name__
    return f"{name}()" if is_dataclass(value) and value == type(value)() else repr(value)


def _signature(name: str, function: Callable[..., Any]) -> str:
    """A call with one argument a line, types and defaults as they are written."""
    found = inspect.signature(function)
    lines, starred = [], False
    for one in found.parameters.values():
        if one.kind is one.KEYWORD_ONLY and not starred:
            lines.append("    *,")
        starred = starred or one.kind in (one.KEYWORD_ONLY, one.VAR_POSITIONAL)
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        default = "" if one.default is one.empty else f" = {_default(one.default)}"
        lines.append(f"    {stars}{one.name}: {one.annotation}{default},")
    return "\n".join([f"{name}(", *lines, f") -> {found.return_annotation}"])


def _text(docstring: str) -> str:
    """A docstring as Markdown: its signs stand as they are."""
    return docstring.replace("<", "&lt;").replace("*", "\\*")


def schema() -> str:
    """The JSON Schema of an architecture as `unetscope trace` saves it."""
    found = msgspec.json.schema(Architecture, schema_hook=lambda kind: {"description": "any value of JSON"})
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


PAGES = {"commands.md": commands, "python.md": verbs, "architecture.schema.json": schema}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_bytes(make().encode())


if __name__ == "__main__":
    main()
