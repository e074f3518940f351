"""The names and shapes in a pickle of tensors. Nothing of it is run, imported or called.

Opcodes are read one by one and what they would build is noted down: a global is its name, a call is what
was to be called and with what, a tensor is its shape and type. Where a tensor's data lies is never followed.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from unetscope.checkpoints.containers.torch_objects import Global, Inert, Storage, made, name_of
from unetscope.checkpoints.listing import AGAIN
from unetscope.errors import SourceError
from unetscope.limits import MAX_OPCODES

MAX_FOREIGN = 20

_MARK = object()
_OWN = frozenset(
    "torch collections numpy _codecs copyreg __builtin__ builtins pytorch_lightning lightning "
    "lightning_fabric omegaconf typing functools pathlib datetime".split()
)
"""Packages whose names stand in the checkpoints of trainers; others are reported."""
_DANGEROUS = {"eval", "exec", "compile", "open", "__import__", "getattr", "setattr", "input", "breakpoint"}


@dataclass(slots=True)
class Machine:
    """The stack and the memo of one pickle, and the foreign names met."""

    file: str
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)
    foreign: dict[str, None] = field(default_factory=dict)

    def marked(self) -> list[Any]:
        """What was pushed since the last mark, taken off together with it."""
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise IndexError
        pushed = self.stack[at + 1 :]
        del self.stack[at:]
        return pushed

    def refer(self, module: str, name: str) -> None:
        """Push a global, and note it where torch itself would not need it."""
        known = module.split(".", maxsplit=1)[0] in _OWN and not (
            module.endswith("builtin__") and name in _DANGEROUS
        )
        known &= not (module == "builtins" and name in _DANGEROUS)
        if not known and len(self.foreign) < MAX_FOREIGN:
            self.foreign[f"{module}.{name}"] = None
        self.stack.append(Global(module, name))


def load(file: BinaryIO, name: str, foreign: dict[str, None]) -> Any:
    """What a pickle at the file's position would build, inert; names beyond torch are added to `foreign`.

    Reads as far as its STOP. Raises SourceError where it is no pickle or larger than any checkpoint's.
    """
    machine = Machine(name, foreign=foreign)
    try:
        for step, (opcode, argument, _) in enumerate(pickletools.genops(file)):
            if step > MAX_OPCODES:
                raise SourceError(f"{name} holds a pickle of more steps than any checkpoint's", hint=AGAIN)
            action = _ACTIONS.get(opcode.name)
            if action is not None:
                action(machine, argument)
            elif opcode.name not in _SILENT:
                raise SourceError(
                    f"{name} holds a pickle with {opcode.name}, which torch never writes", hint=AGAIN
                )
        return machine.stack.pop()
    except SourceError:
        raise
    except (
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise SourceError(f"{name} holds a broken pickle", hint=AGAIN) from error


_SILENT = frozenset({"PROTO", "FRAME", "STOP"})


def _push(machine: Machine, argument: Any) -> None:
    machine.stack.append(argument)


def _constant(make: Callable[[], Any]) -> Callable[[Machine, Any], None]:
    return lambda machine, _: machine.stack.append(make())


def _put(machine: Machine, argument: Any) -> None:
    machine.memo[len(machine.memo) if argument is None else argument] = machine.stack[-1]


def _get(machine: Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[argument])


def _tuple(size: int) -> Callable[[Machine, Any], None]:
    def action(machine: Machine, _: Any) -> None:
        parts = tuple(machine.stack[len(machine.stack) - size :])
        del machine.stack[len(machine.stack) - size :]
        machine.stack.append(parts)

    return action


def _marked_tuple(machine: Machine, _: Any) -> None:
    machine.stack.append(tuple(machine.marked()))


def _marked_list(machine: Machine, _: Any) -> None:
    machine.stack.append(machine.marked())


def _marked_dict(machine: Machine, _: Any) -> None:
    flat = machine.marked()
    machine.stack.append(_paired(flat))


def _paired(flat: list[Any]) -> dict[Any, Any]:
    """Pairs whose keys are text or numbers; other keys cannot be names."""
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return {key: value for key, value in pairs if isinstance(key, str | int)}


def _setitem(machine: Machine, _: Any) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _into(machine.stack[-1], [key, value])


def _setitems(machine: Machine, _: Any) -> None:
    flat = machine.marked()
    _into(machine.stack[-1], flat)


def _into(target: Any, flat: list[Any]) -> None:
    content = target.items if isinstance(target, Inert) else target
    if isinstance(content, dict):
        content.update(_paired(flat))


def _append(machine: Machine, _: Any) -> None:
    value = machine.stack.pop()
    if isinstance(machine.stack[-1], list):
        machine.stack[-1].append(value)


def _appends(machine: Machine, _: Any) -> None:
    values = machine.marked()
    if isinstance(machine.stack[-1], list):
        machine.stack[-1].extend(values)


def _global(machine: Machine, argument: str) -> None:
    module, _, name = argument.partition(" ")
    machine.refer(module, name)


def _stack_global(machine: Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.refer(str(module)[:200], str(name)[:200])


def _persistent(machine: Machine, _: Any) -> None:
    machine.stack[-1] = Storage.of(machine.stack[-1])


def _reduce(machine: Machine, _: Any) -> None:
    arguments, called = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(made(called, arguments, machine.file))


def _newobj(machine: Machine, _: Any) -> None:
    machine.stack.pop()
    machine.stack.append(Inert(name_of(machine.stack.pop())))


def _obj(machine: Machine, _: Any) -> None:
    machine.stack.append(Inert(name_of(next(iter(machine.marked()), ""))))


def _inst(machine: Machine, argument: str) -> None:
    machine.marked()
    _global(machine, argument)
    machine.stack.append(Inert(name_of(machine.stack.pop())))


def _build(machine: Machine, _: Any) -> None:
    """Set the state of an object; one that is not a dict holds nothing else."""
    state = machine.stack.pop()
    target = machine.stack[-1]
    if isinstance(target, Inert) and isinstance(state, dict):
        target.items.update(state)


def _pop(machine: Machine, _: Any) -> None:
    machine.stack.pop()


def _pop_mark(machine: Machine, _: Any) -> None:
    machine.marked()


def _dup(machine: Machine, _: Any) -> None:
    machine.stack.append(machine.stack[-1])


_PUSHED = (
    "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING UNICODE "
    "BINUNICODE SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8"
).split()
_ACTIONS: dict[str, Callable[[Machine, Any], None]] = {
    **dict.fromkeys(_PUSHED, _push), **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _get), "MARK": _constant(lambda: _MARK),
    "NONE": _constant(lambda: None), "NEWTRUE": _constant(lambda: True), "NEWFALSE": _constant(lambda: False),
    "EMPTY_TUPLE": _constant(tuple), "EMPTY_LIST": _constant(list), "EMPTY_DICT": _constant(dict),
    "EMPTY_SET": _constant(list), "TUPLE1": _tuple(1), "TUPLE2": _tuple(2), "TUPLE3": _tuple(3),
    "TUPLE": _marked_tuple, "LIST": _marked_list, "DICT": _marked_dict, "FROZENSET": _marked_list,
    "SETITEM": _setitem, "SETITEMS": _setitems, "APPEND": _append, "APPENDS": _appends, "ADDITEMS": _appends,
    "GLOBAL": _global, "STACK_GLOBAL": _stack_global, "BINPERSID": _persistent, "REDUCE": _reduce,
    "NEWOBJ": _newobj, "OBJ": _obj, "INST": _inst, "BUILD": _build, "POP": _pop, "POP_MARK": _pop_mark,
    "DUP": _dup,
}  # fmt: skip
