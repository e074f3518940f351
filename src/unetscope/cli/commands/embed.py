"""`unetscope embed`: marked regions of documents, made again."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from unetscope import files
from unetscope.cli.output import FAILED, complain, say
from unetscope.cli.showing import Display, Place, display
from unetscope.embedding.document import Refreshed, refreshed
from unetscope.embedding.hosts import Host
from unetscope.embedding.markers import Region
from unetscope.embedding.settings import project_of
from unetscope.errors import DocumentError, UnetscopeError
from unetscope.limits import MAX_DOCUMENT
from unetscope.words import safe

STALE = 1
"""The answer of --check that a document does not show what its markers say, as an exit code."""


@click.command("embed", epilog="Example: unetscope embed README.md docs/networks.rst")
@click.argument("documents", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option(
    "--check", is_flag=True, help="Write nothing; print what is stale as a diff, and exit 1 if any is."
)
@click.pass_context
def command(ctx: click.Context, /, documents: tuple[str, ...], check: bool) -> None:
    """Make pictures and tables in documents again: Markdown, MDX, reST, HTML, LaTeX, notebooks.

    What stands between <!-- unetscope: diagram sdxl --layout u --> and <!-- /unetscope -->
    becomes what that command shows: a picture beside the document, light and dark, with its
    words; a table in place. Any command that shows a picture, a table or text can stand there;
    "$ table sd15" is shown as on a terminal. reST and LaTeX have the markers in their comments
    (.. unetscope: and % unetscope:). All else stays byte for byte.
    """
    gc.enable()  # a marker is a command's life long, and there may be thousands
    codes = [_document(ctx.find_root(), document, check=check) for document in documents]
    ctx.exit(max(codes))


def _document(root: click.Context, document: str, *, check: bool) -> int:
    """Refresh or check one document and return the exit code. A failure is reported, and the others go on."""
    try:
        return _refresh(root, document, check=check)
    except UnetscopeError as error:
        complain(error.message, hint=error.hint)
    return FAILED


def _refresh(root: click.Context, document: str, *, check: bool) -> int:
    path = Path(document)
    text = _read(path)
    written: dict[Path, bytes] = {}
    result = refreshed(document, text, _filler(root, path, written))
    stale = {file: data for file, data in written.items() if _content(file) != data}
    if check:
        return _tell(document, result, list(stale))
    for file, data in stale.items():  # first, so that a document never names a picture that is not there
        files.write(file, data, make_folder=True)
        say(safe.escaped(_shown(file)) + "\n")
    if result.text != text:
        files.write(path, result.text.encode("utf-8", "surrogateescape"))
        say(safe.escaped(document) + "\n")
    return 0


def _filler(
    root: click.Context, path: Path, written: dict[Path, bytes]
) -> Callable[[Region, Host, str], str]:
    """What fills regions of a document, and notes the files that they refer to."""
    group = root.command
    assert isinstance(group, click.Group)
    folder = path.absolute().parent
    place = Place(folder, project_of(folder))
    known: dict[tuple[Any, ...], Display] = {}

    def fill(region: Region, host: Host, where: str) -> str:
        key = (region.words, region.typed)
        try:
            if key not in known:
                known[key] = display(group, region.words, host, place, typed=region.typed)
        except UnetscopeError as error:
            raise DocumentError(f"{where}: {error.message}", hint=error.hint) from error
        for file, data in known[key].files.items():
            if written.setdefault(file, data) != data:
                raise DocumentError(f"{where}: another marker writes {file.name!r} too", hint="name it by -o")
        return known[key].text

    return fill


def _tell(document: str, refreshed: Refreshed, stale: list[Path]) -> int:
    """Print what is stale; the exit code."""
    say("".join(f"{line}\n" for line in (*refreshed.diff, *_changed(stale))))
    if not refreshed.diff and not stale:
        return 0
    complain(f"{safe.escaped(document)} is stale", hint=f"unetscope embed {safe.escaped(document)}")
    return STALE


def _changed(pictures: list[Path]) -> Iterator[str]:
    """A line for each picture: its bytes mean nothing to a reader, the words beside it do."""
    for path in pictures:
        old = f"a/{_shown(path)}" if path.exists() else "/dev/null"
        yield f"Binary files {old} and b/{_shown(path)} differ"


def _shown(path: Path) -> str:
    """A path relative to the current folder, if it lies below it."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)


def _content(path: Path) -> bytes | None:
    try:
        return files.read(path, most=MAX_DOCUMENT)
    except OSError:
        return None


def _read(path: Path) -> str:
    """A document's text; bytes that are no UTF-8 stay what they are. Raises DocumentError."""
    name = safe.escaped(str(path), limit=200)
    try:
        data = files.read(path, most=MAX_DOCUMENT)
    except (OSError, ValueError) as error:
        raise DocumentError(
            f"{name}: {safe.told(error)}", hint="name documents, one after the other"
        ) from error
    if data is None:
        raise DocumentError(f"{name}: not a file, or larger than 64 MiB", hint="name documents")
    return data.decode("utf-8", "surrogateescape")
