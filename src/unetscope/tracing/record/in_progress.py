"""What is noted of a forward in progress, storage by storage."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from unetscope.calls import Call, Operation
from unetscope.errors import TraceError
from unetscope.limits import MAX_CALLS
from unetscope.sizes import Shape


@dataclass
class Recording:
    """A forward in progress.

    `stack` holds the node indices of the running modules, `weights` the storages of parameters and buffers
    by identity, `derived` the calls that read nothing but those. `without_values` refuses parameters
    that have values: those of an original whose copy is meant to run.
    """

    weights: dict[int, Any]
    derived: set[int] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    operations: dict[Operation, int] = field(default_factory=dict)
    stack: list[int] = field(default_factory=list)
    uncounted: set[str] = field(default_factory=set)
    writer: dict[int, int] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    freed: list[int] = field(default_factory=list)
    storages: int = 0
    paused: bool = False
    without_values: bool = False
    _watched: dict[int, weakref.ref[Any]] = field(default_factory=dict)

    def producer(self, tensor: Any) -> int | None:
        """The call that last wrote to a tensor's storage; None for a weight, or a tensor from elsewhere."""
        return self.writer.get(storage_key(tensor))

    def is_weight(self, tensor: Any) -> bool:
        """Whether a tensor is a parameter or buffer, or made from those alone (masks, weight norm)."""
        key = storage_key(tensor)
        return key in self.weights or self.writer.get(key) in self.derived

    def watch(self, tensor: Any, call: int) -> int | None:
        """Note that `call` wrote a tensor; returns the bytes of its storage if that is new, else None.

        A new storage takes the next number; we watch it until it dies.
        """
        storage = tensor.untyped_storage()
        key = storage._cdata
        known = key in self.writer
        self.writer[key] = call
        if known:
            return None
        number, self.storages = self.storages, self.storages + 1
        self.numbers[key] = number
        self._watched[key] = weakref.ref(storage, lambda _: self._release(key, number))
        return int(storage.nbytes())

    def _release(self, key: int, number: int) -> None:
        self.writer.pop(key, None)
        self.numbers.pop(key, None)
        self._watched.pop(key, None)
        self.freed.append(number)

    def take_freed(self) -> tuple[int, ...]:
        """Numbers of the storages that died since the last question."""
        freed, self.freed = tuple(self.freed), []
        return freed

    def add(self, operation: Operation, reads: tuple[int, ...], results: Iterable[Any]) -> None:
        """Append one call of an operation by the running module. Raises TraceError beyond MAX_CALLS."""
        if len(self.calls) >= MAX_CALLS:
            raise TraceError(
                f"the forward executes more than {MAX_CALLS:,} operations",
                hint="ask for a smaller size, or see the keys that give numbers of layers and repeats",
            )
        index, frees = len(self.calls), self.take_freed()
        sizes = tuple(size for tensor in results if (size := self.watch(tensor, index)) is not None)
        number = self.operations.setdefault(operation, len(self.operations))
        node = self.stack[-1] if self.stack else 0  # a hook of the network itself runs outside its forward
        self.calls.append(Call(node, number, reads, sizes, frees))

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Let torch do something that does not belong to the forward."""
        before, self.paused = self.paused, True
        try:
            yield
        finally:
            self.paused = before


@dataclass
class Seen:
    """What we saw at the boundary of a module during the forward."""

    input: Shape | None = None
    output: Shape | None = None
    returned: tuple[int, ...] = ()


def storage_key(tensor: Any) -> int:
    """Identity of a tensor's storage, shared by all its views."""
    return int(tensor.untyped_storage()._cdata)
