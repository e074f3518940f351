"""The small language in which recipes say shapes: Python expressions over config fields and axes.

Never `eval`: we parse an expression, check every node against the few kinds below, and compute the value
here. An expression may hold names, numbers, strings, None and booleans, arithmetic (+ - * // % **),
comparisons, `and or not`, conditionals, indexing, tuples, lists, {}, and the functions in FUNCTIONS. Length,
depth, numbers and lists are bounded.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from unetscope.errors import ConfigError
from unetscope.words.messages import printable

NamedValues = Mapping[str, Any]

MAX_LENGTH = 400
"""Characters of an expression."""
MAX_DEPTH = 24
MAX_WHOLE = 2**62
"""Bound of every integer in between: no tensor has a shape beyond it."""
MAX_POWER = 64
MAX_ENTRIES = 2**16
"""Entries of a list or tuple made by + or *."""


def _edge(index: int) -> Callable[[Any], Any]:
    """The entry of a list at `index`; anything else counts as a list of itself."""
    return lambda value: value[index] if isinstance(value, list | tuple) else value


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "len": len,
    "first": _edge(0),
    "last": _edge(-1),
    "root": math.isqrt,
}

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.Not: operator.not_}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda entry, entries: entry in entries,
    ast.NotIn: lambda entry, entries: entry not in entries,
}
_PLAIN = (bool, int, float, str, type(None))
_FAILURES = (TypeError, ValueError, LookupError, ArithmeticError, RecursionError)


def evaluate(key: str, expression: str, names: NamedValues) -> Any:
    """The value of an expression. `key` names in messages what the expression is for.

    Raises ConfigError, which names the key and the expression, where the expression is outside the
    language, a name is missing, or a value does not suit it.
    """
    tree = _parsed(key, expression)
    try:
        return _value(tree, names)
    except _FAILURES as error:
        raise _refusal(key, expression, _why(error)) from error


def names(expression: str) -> frozenset[str]:
    """The config fields and axes that an expression reads. Raises ConfigError as `evaluate` does."""
    tree = _parsed("", expression)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    own_names = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called)
    return frozenset(node.id for node in own_names)


def _refusal(key: str, expression: str, why: str) -> ConfigError:
    where = f"{printable(key)}: " if key else ""
    words = f"{where}{why} in the expression {printable(expression, limit=120)}"
    return ConfigError(words, hint="the keys of the config that it names do not go together")


def _why(error: Exception) -> str:
    """What went wrong, in words that need no knowledge of Python."""
    match error:
        case _Missing():
            return f"nothing is called {printable(str(error.args[0]))}"
        case ZeroDivisionError():
            return "a division by zero"
        case LookupError():
            return "an index beyond the end"
        case TypeError():
            return f"values that do not go together ({printable(str(error), limit=80)})"
        case _:
            return printable(str(error), limit=80)


class _Missing(LookupError):
    """A name that stands for nothing."""


def _parsed(key: str, expression: str) -> ast.expr:
    """The checked tree of an expression."""
    tree = _tree(expression)
    if isinstance(tree, str):
        raise _refusal(key, expression, tree)
    return tree


@lru_cache(maxsize=4096)
def _tree(expression: str) -> ast.expr | str:
    """The tree of an expression, or why it is not of this language."""
    if len(expression) > MAX_LENGTH:
        return f"more than {MAX_LENGTH} characters"
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "a mistake of syntax"
    return next(_faults(tree, 0), None) or tree


def _faults(node: ast.AST, depth: int) -> Iterator[str]:
    """Why a tree is outside the language; nothing where it is inside."""
    if depth > MAX_DEPTH:
        yield f"more than {MAX_DEPTH} levels"
        return
    if not _allowed(node):
        yield f"{type(node).__name__} has no place"
        return
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.operator | ast.unaryop | ast.cmpop | ast.boolop | ast.expr_context):
            yield from _faults(child, depth + 1)


def _allowed(node: ast.AST) -> bool:
    """Whether one node, its parts aside, belongs to the language."""
    match node:
        case ast.Name() | ast.BoolOp() | ast.IfExp() | ast.Tuple() | ast.List():
            return True
        case ast.Subscript():
            return not isinstance(node.slice, ast.Slice)
        case ast.Constant():
            return isinstance(node.value, _PLAIN)
        case ast.BinOp():
            return type(node.op) in _BINARY
        case ast.UnaryOp():
            return type(node.op) in _UNARY
        case ast.Compare():
            return all(type(op) in _COMPARE for op in node.ops)
        case ast.Dict():
            return not node.keys
        case ast.Call():
            return isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and not node.keywords
    return False


def _value(node: ast.expr, names: NamedValues) -> Any:
    """The value of a checked node. Raises one of _FAILURES."""
    match node:
        case ast.Constant():
            return _bounded(node.value)
        case ast.Name():
            return _bounded(_named(node.id, names))
        case ast.Tuple() | ast.List():
            entries = (_value(entry, names) for entry in node.elts)
            return tuple(entries) if isinstance(node, ast.Tuple) else list(entries)
        case ast.Dict():
            return {}
        case ast.Subscript():
            return _bounded(_value(node.value, names)[_value(node.slice, names)])
        case ast.UnaryOp():
            return _UNARY[type(node.op)](_value(node.operand, names))
        case ast.BinOp():
            return _binary(type(node.op), _value(node.left, names), _value(node.right, names))
        case ast.Call(func=ast.Name(id=name)):
            return _bounded(FUNCTIONS[name](*(_value(argument, names) for argument in node.args)))
        case ast.IfExp():
            return _value(node.body if _value(node.test, names) else node.orelse, names)
        case ast.BoolOp():
            return _logical(node, names)
        case ast.Compare():
            return _compared(node, names)
    raise TypeError(type(node).__name__)  # pragma: no cover - _allowed knows the same kinds


def _named(name: str, names: NamedValues) -> Any:
    if name not in names:
        raise _Missing(name)
    return names[name]


def _binary(kind: type[ast.operator], left: Any, right: Any) -> Any:
    """One arithmetic operation, refused before it could make something huge."""
    for entries, times in ((left, right), (right, left)):
        if isinstance(entries, list | tuple | str) and kind is ast.Mult:
            _in_bounds(len(entries) * max(1, abs(times)), MAX_ENTRIES, "a list too long")
    if kind is ast.Mod and isinstance(left, str):
        raise TypeError("a text has no remainder")
    if kind is ast.Pow and not (isinstance(right, int) and 0 <= right <= MAX_POWER):
        raise ValueError(f"a power outside 0 to {MAX_POWER}")
    return _bounded(_BINARY[kind](left, right))


def _bounded(value: Any) -> Any:
    """The value, where it is neither too large a number nor too long a list."""
    if isinstance(value, int):
        _in_bounds(abs(value), MAX_WHOLE, "a number too large")
    elif isinstance(value, list | tuple | str):
        _in_bounds(len(value), MAX_ENTRIES, "a list too long")
    return value


def _in_bounds(size: int, limit: int, what: str) -> None:
    if size > limit:
        raise ValueError(what)


def _logical(node: ast.BoolOp, names: NamedValues) -> Any:
    """`and` and `or` as Python has them: the operand that decides."""
    value: Any = None
    for operand in node.values:
        value = _value(operand, names)
        if bool(value) is isinstance(node.op, ast.Or):
            break
    return value


def _compared(node: ast.Compare, names: NamedValues) -> bool:
    left = _value(node.left, names)
    for kind, operand in zip(node.ops, node.comparators, strict=True):
        right = _value(operand, names)
        if not _COMPARE[type(kind)](left, right):
            return False
        left = right
    return True
