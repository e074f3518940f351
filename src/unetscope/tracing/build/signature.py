"""What a class's signature says of its config: names, defaults and kinds of the fields."""

from __future__ import annotations

import inspect
import re
from typing import Any

from unetscope.families.signature_fields import Field, FieldKind

_WORDS: dict[str, FieldKind] = {
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
}
_MANY = frozenset({"list", "List", "tuple", "Tuple", "Sequence"})
_ANY = frozenset({"dict", "Dict", "Any", "Tensor"})


def fields(class_: Any) -> dict[str, Field]:
    """The fields of a network class, in its own order; the default is None where it gives none.

    The kinds come from the words of the annotation alone: we never evaluate it.
    """
    parameters = list(inspect.signature(class_.__init__).parameters.values())[1:]
    named = (
        parameter
        for parameter in parameters
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    )
    return {parameter.name: _field(parameter) for parameter in named}


def _field(parameter: inspect.Parameter) -> Field:
    default = None if parameter.default is parameter.empty else parameter.default
    annotation = parameter.annotation
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    words = set(re.findall(r"\w+", text))
    if parameter.annotation is parameter.empty or words & _ANY:
        return Field(default)
    # some annotate a flag as float: the default tells its kind as well
    words |= {type(default).__name__}
    kinds = frozenset(kind for word, kind in _WORDS.items() if word in words)
    # a bare list or tuple says nothing of its entries
    return Field(default, kinds, lists=bool(words & _MANY) or not kinds)
