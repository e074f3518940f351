"""A SOURCE that is code of one's own: model.py:build, package.module:factory, with --input and --with.

This runs what the user wrote. It is done for a source typed on the command line of this process and for no
other: not for one that a document's marker, a config, a saved architecture or the Hub names.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import click

from unetscope.api.loading import load
from unetscope.api.loading.live import is_live
from unetscope.cli.option_values import Options
from unetscope.cli.output import on_stderr
from unetscope.cli.process import TYPED
from unetscope.errors import ConfigError, OptionError, SourceError
from unetscope.sources import parse_setting, reading
from unetscope.words import safe
from unetscope.words.messages import did_you_mean, listed, printable

F = TypeVar("F", bound=Callable[..., Any])

_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_CODE = re.compile(rf"(?P<place>.+\.py|{_NAME}):(?P<name>{_NAME})")


def code_options(command: F) -> F:
    """--input and --with; a command that has them takes code as a SOURCE."""
    command = click.option(
        "--with",
        "arguments",
        multiple=True,
        metavar="KEY=VALUE",
        help="Argument of what MODEL.py:NAME makes a network with (JSON, else text).",
    )(command)
    return click.option(
        "--input",
        "inputs",
        multiple=True,
        metavar="[NAME=]SHAPE",
        help="Input of the network that MODEL.py:NAME makes: x=1x3x64x64:float16.",
    )(command)


def is_code(source: object) -> bool:
    """Whether a source is written as a place of code, and nothing of that name exists."""
    return isinstance(source, str) and bool(_CODE.fullmatch(source)) and not reading.exists(Path(source))


def built(source: str, options: Options) -> tuple[Any, Any]:
    """The module that a source's code makes, with its inputs; any other source as it is, without.

    Raises OptionError where options and source do not go together, SourceError where the code is not there,
    fails, or makes no module.
    """
    if not is_code(source):
        for flag, name in (("--input", "inputs"), ("--with", "arguments")):
            if options.get(name):
                raise OptionError(
                    f"{flag} is about code, and {printable(source)} is none", hint=f"leave {flag} out"
                )
        return source, None
    _refuse(source, options)
    try:
        arguments = dict(parse_setting(text) for text in options["arguments"])
    except ConfigError as error:
        raise OptionError(f"--with: {error.message}", hint="for example: --with depth=4") from error
    module = _made(source, arguments)
    return module, _inputs(module, options["inputs"])


@contextlib.contextmanager
def running(source: str, options: Options) -> Iterator[tuple[Any, Any]]:
    """What `built` gives, for as long as it runs: what the user's own code prints goes to standard error, as
    it is not our output. Raises as `built` does."""
    with contextlib.redirect_stdout(sys.stderr):
        yield built(source, options)


def traced(source: str, options: Options, size: dict[str, Any]) -> Any:
    """What a source's code makes, traced at a size; any other source as it is."""
    if not is_code(source):
        return source
    with running(source, options) as (module, inputs):
        return load(module, inputs=inputs, size=size)


def _refuse(source: str, options: Options) -> None:
    """Raise if nobody typed the source, or if the command takes no code."""
    if click.get_current_context().find_root().obj != TYPED:
        raise SourceError(
            f"{printable(source)} is code, which runs only where it is typed as a command",
            hint="trace it, and name the file that is kept",
        )
    if "inputs" not in options:
        raise OptionError(
            f"{click.get_current_context().info_name} runs no code",
            hint=f"unetscope trace {printable(source)} -o mine.json, then name mine.json",
        )


def refuse_file(file: str) -> None:
    """Raise where code stands in place of a file of weights."""
    if is_code(file):
        raise OptionError(
            f"{printable(file)} is code, and a file of weights stands here",
            hint="keep its weights with safetensors.torch.save_model, then name that file",
        )


def _made(source: str, arguments: dict[str, Any]) -> Any:
    match = _CODE.fullmatch(source)
    assert match is not None
    place, name = match["place"], match["name"]
    path = Path(place) if place.endswith(".py") else None
    if path is not None and not path.is_file():
        raise SourceError(f"no such file: {printable(place, limit=200)}", hint="write PATH/TO/MODEL.py:NAME")
    on_stderr(f"runs the code of {printable(path.name if path else place)}")
    with _importable(path.resolve().parent if path else Path.cwd()):
        with _blamed(source):
            module = _imported(path) if path else _found(place)
        target = _named(module, name, place)
        if not isinstance(target, type) and (is_live(target) or not callable(target)):
            if arguments:
                raise OptionError(f"{printable(name)} takes no arguments", hint="leave --with out")
            instance = target
        else:
            with _blamed(source):
                instance = target(**arguments)
    if isinstance(instance, type) or not is_live(instance):
        raise SourceError(
            f"{printable(source)} gives a {printable(type(instance).__name__)}, no module",
            hint="name a class of torch.nn.Module, or a function that returns a module",
        )
    return instance


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _found(place: str) -> ModuleType:
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        if not f"{place}.".startswith(f"{error.name}."):
            raise
        raise SourceError(
            f"no module is called {printable(place)}",
            hint="write MODEL.py:NAME or PACKAGE.MODULE:NAME",
        ) from error


def _named(module: ModuleType, name: str, place: str) -> Any:
    """What a dotted name means in a module. Raises SourceError with the nearest names."""
    value: Any = module
    for part in name.split("."):
        if not hasattr(value, part):
            known = [
                var for var in vars(value) if not var.startswith("_") and callable(getattr(value, var, None))
            ]
            raise SourceError(
                f"{printable(place, limit=200)} has no {printable(part)!r}",
                hint=did_you_mean(part, known, otherwise=f"it has {listed(known) or 'nothing to call'}"),
            )
        value = getattr(value, part)
    return value


@contextlib.contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """A folder first on the path of imports. What was imported from it is forgotten afterwards: the next
    source has modules of the same names in a folder of its own."""
    before, path = dict(sys.modules), str(folder)
    sys.path.insert(0, path)
    try:
        yield
    finally:
        if path in sys.path:
            sys.path.remove(path)
        for name in [name for name, module in sys.modules.items() if before.get(name) is not module]:
            top = os.path.join(path, name.partition(".")[0])
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file == f"{top}.py" or file.startswith(top + os.sep):
                del sys.modules[name]
                if name in before:
                    sys.modules[name] = before[name]


@contextlib.contextmanager
def _blamed(source: str) -> Iterator[None]:
    """Turns whatever the user's code raises into one line with its type, message, file and line."""
    try:
        yield
    except SourceError:
        raise
    except (Exception, SystemExit) as error:
        from unetscope.tracing.any_module.refused import line_of

        if os.environ.get("UNETSCOPE_TRACEBACK"):
            on_stderr(safe.page("".join(traceback.format_exception(error)), colour=False))
        kind, message = printable(type(error).__name__), safe.told(error)
        message = message if message == kind else f"{kind}: {message}"
        raise SourceError(
            f"{message}{line_of(error) or f' ({printable(source)})'}",
            hint="an error of that code; UNETSCOPE_TRACEBACK=1 shows all of it",
        ) from error


def _inputs(module: Any, texts: tuple[str, ...]) -> Any:
    """What --input says, by name; what has no name stands in the order of the module's arguments."""
    pairs = [(name.strip(), text) for name, _, text in (text.rpartition("=") for text in texts)]
    in_order = [text for name, text in pairs if not name]
    named = {name: text for name, text in pairs if name}
    if not named:
        return in_order or None
    from unetscope.tracing.any_module.arguments import signature

    first = dict(zip(signature(module), in_order, strict=False))
    if len(first) < len(in_order) or first.keys() & named.keys() or len(named) + len(in_order) < len(pairs):
        raise OptionError("--input: one input twice, or too many", hint="name each: --input NAME=SHAPE")
    return first | named
