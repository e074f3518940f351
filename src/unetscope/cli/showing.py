"""What a command of ours shows in a document: run in this process, written as the document wants it."""

from __future__ import annotations

import contextlib
import hashlib
import html
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from click.core import ParameterSource

from unetscope import files
from unetscope.cli.output import FAILED
from unetscope.cli.own_code import is_code
from unetscope.embedding.hosts import Host, Illustration
from unetscope.embedding.settings import Project
from unetscope.errors import DocumentError, UnetscopeError
from unetscope.sources.folder import PROJECT

PICTURES = ("svg", "png", "pdf", "tex")
_NOT_SHOWN = ("embed", "trace", "zoo")
"""Commands that write files of their own."""
_COLUMNS = "80"
_NAME = re.compile(r"[\w./-]+", re.ASCII)
_DESCRIPTION = re.compile(r"<desc[^>]*>(.*?)</desc>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands, and what it is part of."""

    folder: Path
    project: Project


@dataclass(frozen=True, slots=True)
class Display:
    """What to write in the document: a text, made of one in this format, or a figure and its files."""

    text: str
    format: str
    files: Mapping[Path, bytes] = field(default_factory=dict)
    figure: Illustration | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    """A command with its words, what it would read of them, and the format in which it is shown."""

    group: click.Group
    words: tuple[str, ...]
    params: Mapping[str, Any]
    formats: tuple[str, ...]
    format: str
    said: frozenset[str]
    """Which of format and theme the words say."""


def display(group: click.Group, words: Sequence[str], host: Host, place: Place, *, typed: bool) -> Display:
    """What a command shows in a document; `typed`: as on a terminal, below the command.

    Raises DocumentError for a command or a path that a marker may not name, UnetscopeError where it fails.
    """
    try:
        return _display(group, words, host, place, typed=typed)
    except click.UsageError as error:
        message, _, hint = error.format_message().partition("\nhint: ")
        hint = hint or f"see unetscope {words[0]} --help"
        raise DocumentError(f"{message[:1].lower()}{message[1:]}".rstrip("."), hint=hint) from error


def _display(group: click.Group, words: Sequence[str], host: Host, place: Place, *, typed: bool) -> Display:
    call = _read(group, tuple(words), host, place, typed=typed)
    if typed:
        output = _printed(call, place).decode()
        return Display(host.code(f"$ unetscope {' '.join(words)}\n{output}", "console"), "console")
    if call.format in PICTURES and "caption" not in call.said:
        return _picture(call, host, place)
    text = _printed(call, place).decode()
    return Display(text if call.format == host.plain else host.code(text, call.format), call.format)


def _read(group: click.Group, words: tuple[str, ...], host: Host, place: Place, *, typed: bool) -> _Call:
    """The words as click reads them, without running anything."""
    verb, *args = words
    above = click.Context(group, info_name="unetscope", **group.context_settings)
    command = group.get_command(above, verb)
    if command is None or (verb in _NOT_SHOWN and not (typed and "--help" in args)):
        raise DocumentError(f"no command {verb!r} that shows something", hint="see unetscope --help")
    context = command.make_context(verb, list(args), above, resilient_parsing=True)
    params = context.params
    _check_paths(command, params, place)
    formats = _formats(command)
    named = params.get("caption") or params.get("format_") or ("json" if params.get("as_json") else None)
    target = params.get("output")
    if target is not None:
        named = named or Path(target).suffix.removeprefix(".").lower()
        if named not in PICTURES or not _NAME.fullmatch(target) or typed:
            raise DocumentError("-o names the file of a picture here", hint="-o pictures/sdxl.svg")
    set_by_hand = {
        name
        for name in ("format_", "theme", "as_json", "caption")
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    return _Call(
        group, words, params, formats, named or _usual(formats, host, typed=typed), frozenset(set_by_hand)
    )


def _check_paths(command: click.Command, params: Mapping[str, Any], place: Place) -> None:
    """No source lies outside of the project; none is standard input, and nothing else is written."""
    if params.get("map_out"):
        raise DocumentError("--map-out writes a file of its own", hint="leave it out")
    if overlay := params.get("overlay"):
        _inside(place.folder / os.path.expanduser(overlay), place.project.root, overlay)
    for param in command.params:
        if not isinstance(param, click.Argument):
            continue
        value = params.get(param.name or "")
        values = value if isinstance(value, tuple) else (value,)
        for path in (word for word in values if isinstance(word, str)):  # a figure to reconcile is no path
            if path == "-":
                raise DocumentError("a marker reads no standard input", hint="name a file")
            if is_code(path):
                raise DocumentError("a marker runs no code", hint="trace it, and name the file that is kept")
            _inside(place.folder / os.path.expanduser(path), place.project.root, path)


def _inside(path: Path, root: Path, name: str) -> None:
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        raise DocumentError(
            f"{name!r} lies outside of the project", hint="a marker names files beside its document"
        )


def _formats(command: click.Command) -> tuple[str, ...]:
    kind = next((param.type for param in command.params if param.name == "format_"), None)
    return tuple(kind.choices) if isinstance(kind, click.Choice) else ()


def _usual(formats: Sequence[str], host: Host, *, typed: bool) -> str:
    """The format for a kind of document: a picture if the command draws one, else a table or text."""
    if typed or not formats:
        return "text"
    wanted = host.pictures if formats[0] in PICTURES else host.tables
    return next((candidate for candidate in wanted if candidate in formats), formats[0])


def _picture(call: _Call, host: Host, place: Place) -> Display:
    path = _image(call, place)
    pair = (
        host.pairs
        and place.project.theme == "pair"
        and call.format in ("svg", "png")
        and "theme" not in call.said
    )
    themes: dict[Path, str | None] = {
        path: None if "theme" in call.said or call.format == "png" else host.theme
    }
    if pair:
        themes = {path: "light", path.with_stem(f"{path.stem}-dark"): "dark"}
    pictures = {file: _printed(call, place, theme=theme) for file, theme in themes.items()}
    first = pictures[path] if call.format == "svg" else _printed(call, place, format="svg")
    descriptions = _DESCRIPTION.findall(first.decode())
    if len(descriptions) > 1:
        raise DocumentError("several pictures in one place", hint="a marker for each SOURCE")
    alt = " ".join(html.unescape("".join(descriptions)).split())
    sources = [_reference(file, place.folder) for file in pictures]
    figure = Illustration(sources[0], sources[1] if pair else None, alt)
    return Display(host.picture(figure), call.format, pictures, figure)


def _image(call: _Call, place: Place) -> Path:
    """The file of a picture: as -o says, else named by the command's words; inside of the project."""
    target = call.params.get("output")
    if target is not None:
        path = place.folder / target
    else:
        path = place.project.image_folder(place.folder) / f"{_stem(call.words)}.{call.format}"
    _inside(path, place.project.root, target or str(place.project.images))
    return Path(os.path.normpath(path))


def _stem(words: Sequence[str]) -> str:
    """A file name that spells the command; where it cannot spell all of it, it ends in digits made of the
    words."""
    whole = "-".join(word.lstrip("-") for word in words)
    name = files.slug(whole)
    return name if name == whole else f"{name}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def _reference(path: Path, folder: Path) -> str:
    return quote(Path(os.path.relpath(path, folder)).as_posix())


def _printed(call: _Call, place: Place, *, format: str | None = None, theme: str | None = None) -> bytes:
    """What the command prints, in its format or another, in its theme or another."""
    args = list(call.words)
    if call.formats and "caption" not in call.said:
        args += ["-o", "-"]
        args += (
            ["--format", format or call.format] if format or not call.said & {"format_", "as_json"} else []
        )
    args += ["--theme", theme] if theme else []
    token = PROJECT.set(Path(os.path.realpath(place.project.root)))
    try:
        return printed(call.group, args, place.folder)
    finally:
        PROJECT.reset(token)


def printed(group: click.Group, args: Sequence[str], folder: Path) -> bytes:
    """What a command prints when it is run from a folder, 80 columns wide and without colour."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
    with _from(folder), contextlib.redirect_stdout(stream):
        code = group.main([*args], prog_name="unetscope", standalone_mode=False)
    stream.flush()
    if code == FAILED:
        raise UnetscopeError(f"unetscope {args[0]} failed", hint="what it said stands above")
    content: bytes = stream.buffer.getvalue()
    return content


@contextlib.contextmanager
def _from(folder: Path) -> Iterator[None]:
    """The current folder and the width of the terminal, for as long as a command runs."""
    here, columns = os.getcwd(), os.environ.get("COLUMNS")
    os.chdir(folder)
    os.environ["COLUMNS"] = _COLUMNS
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.pop("COLUMNS")
        if columns is not None:
            os.environ["COLUMNS"] = columns
