"""The hooks by which a notebook, and `print`, ask a result to show itself; `api` says what each shows.

So the data in the middle know nothing of pictures and tables, and yet show themselves.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any


class Shown:
    """A result that shows itself in Jupyter, VS Code and all that ask an object for its MIME bundle.

    Its `repr` is one line; as a string it is what the command prints.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return text(self).rstrip("\n")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Contents by MIME type; the viewer takes the richest that it knows."""
        del include, exclude  # IPython leaves out by itself what was not asked for
        return bundle(self)


@singledispatch
def bundle(result: object) -> dict[str, Any]:
    """What a result shows, by MIME type: its `repr`, until `api` is imported, which knows better."""
    return {"text/plain": repr(result)}


@singledispatch
def text(result: object) -> str:
    """What a result shows on a terminal: its `repr`, until `api` is imported."""
    return repr(result)
