"""YAML to plain values, of the kind that configs are written in: no aliases, no tags, each key once."""

from __future__ import annotations

import re
from typing import Any

from unetscope.errors import SourceError
from unetscope.limits import MAX_DEPTH, MAX_YAML
from unetscope.words.messages import printable, shown

_ORIGINAL = re.compile(rb"^[ \t]*target: *(?:ldm|sgm)\.", re.MULTILINE)
"""A class of CompVis' or Stability's own code, as their configs name it."""
_PLAIN = "a config holds keys, lists, numbers and text"
_SCALARS = ("null", "bool", "int", "float")
"""What a scalar may be but text, by the end of its tag in YAML 1.1."""


def is_original(data: bytes) -> bool:
    """Whether bytes are text that names a class of CompVis' or Stability's code, as YAML does."""
    return not data.lstrip().startswith((b"{", b"[")) and bool(_ORIGINAL.search(data[:MAX_YAML]))


def parse(data: bytes, name: str) -> Any:
    """The value that a YAML text holds. Raises SourceError with the line of what is refused."""
    import yaml

    if len(data) > MAX_YAML:
        raise SourceError(
            f"{name} is larger than {MAX_YAML // 2**10} KiB: no such config is", hint="give the config itself"
        )
    try:
        text = data.decode("utf-8-sig")
        _checked(yaml.parse(text, Loader=yaml.SafeLoader), name)
        return _value(yaml.compose(text, Loader=yaml.SafeLoader), name)
    except UnicodeDecodeError as error:
        raise SourceError(f"{name} is not UTF-8 text", hint="a config is text in UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        what = printable(str(getattr(error, "problem", None) or "it cannot be read"), limit=100)
        raise SourceError(
            f"{name} is not valid YAML{where}: {what}", hint="look at that line: indentation, colons, quotes"
        ) from error


def _checked(events: Any, name: str) -> None:
    """Refuse, before anything is made of it, what could take space or time, or make objects."""
    import yaml

    depth = documents = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            _refuse(name, line, "an alias or anchor", "write the value where it is used")
        if getattr(event, "tag", None):
            _refuse(name, line, f"the tag {shown(event.tag, limit=60)}", _PLAIN)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            _refuse(name, line, "a second document", "keep one of them")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            _refuse(name, line, "what is nested too deeply", _PLAIN)


def _refuse(name: str, line: int, what: str, hint: str) -> None:
    raise SourceError(f"{name} has {what} at line {line}", hint=hint)


def _value(node: Any, name: str) -> Any:
    import yaml

    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key, value in node.value:
            word, line = str(key.value), key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or word in mapping:
                _refuse(name, line, "a key that is no text, or stands twice", "keep each key once")
            mapping[word] = _value(value, name)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_value(entry, name) for entry in node.value]
    return None if node is None else _scalar(node, name)


def _scalar(node: Any, name: str) -> Any:
    """A number, a truth or text; dates and the like stay text."""
    import yaml

    kind = node.tag.rpartition(":")[2]
    if kind not in _SCALARS:
        return node.value
    try:
        construct = getattr(yaml.SafeLoader(""), f"construct_yaml_{kind}")
        return construct(node)
    except ValueError:
        _refuse(
            name, node.start_mark.line + 1, f"{shown(node.value, limit=60)}, which is not a number", _PLAIN
        )
