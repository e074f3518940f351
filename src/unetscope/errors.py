"""Errors a user can cause: one line that says what is wrong, and a hint that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial


class UnetscopeError(Exception):
    """Something could not be done. `hint` is one line of advice; every error has one.

    As text it is both, so that a traceback in Python or a notebook gives the advice too; what sets the
    two apart, or quotes the error in a line of its own, takes `message`.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} (hint: {self.hint})"

    def __reduce__(self) -> tuple[Callable[..., UnetscopeError], tuple[str]]:
        """How it comes back from another process, with its advice."""
        return partial(type(self), hint=self.hint), (self.message,)

    def _render_traceback_(self) -> list[str]:
        """What IPython and notebooks show: the caller's line, what is wrong, what to do; no line of ours."""
        import traceback
        from pathlib import Path

        ours = str(Path(__file__).parent)
        calls = traceback.extract_tb(self.__traceback__)
        asked = [call for call in calls if not call.filename.startswith(ours)]
        place = [f"line {asked[-1].lineno}: {asked[-1].line}"] if asked else []
        return [*place, f"{type(self).__name__}: {self.message}", f"hint: {self.hint}"]


class SourceError(UnetscopeError):
    """A source cannot be found, read or understood."""


class ConfigError(UnetscopeError):
    """A config cannot describe a network: wrong types, impossible values, unknown class."""


class TraceError(UnetscopeError):
    """A network cannot be built or run on the meta device, or torch is missing."""


class OutputError(UnetscopeError):
    """A result cannot be written where it was asked for."""


class DocumentError(UnetscopeError):
    """A document has a marker that cannot be read, or names what cannot be shown there."""


class OptionError(UnetscopeError):
    """Options or arguments that cannot be read, or that do not go together."""
