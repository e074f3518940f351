"""Errors a user can cause: one line that says what is wrong, and a hint that says what to do."""

from __future__ import annotations


class UnetscopeError(Exception):
    """Something could not be done. `hint` is one line of advice: none is without."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class SourceError(UnetscopeError):
    """A source cannot be found, read or understood."""


class ConfigError(UnetscopeError):
    """A config cannot describe a network: wrong types, impossible values, unknown class."""


class TraceError(UnetscopeError):
    """A network cannot be built or run on the meta device, or torch is missing."""


class OutputError(UnetscopeError):
    """A result cannot be written where it was asked for."""


class OptionError(UnetscopeError):
    """Options or arguments that cannot be read, or that do not go together."""
