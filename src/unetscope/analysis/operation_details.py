"""Operations told apart by what is noted of them: with other details, and without those of casts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from unetscope.calls import CASTS, WIDENED, Operation, Scalar
from unetscope.model import Architecture

Details = dict[str, Scalar | tuple[Scalar, ...]]


def with_details(architecture: Architecture, details: Sequence[Details]) -> Architecture:
    """The same forward; each call executes its operation with these details, numbered by first use."""
    known: dict[str, int] = {}
    operations: list[Operation] = []
    calls = []
    for call, own in zip(architecture.calls, details, strict=True):
        detailed = replace(architecture.operations[call.operation], details=own)
        number = known.setdefault(repr(detailed), len(operations))
        operations.extend([detailed] if number == len(operations) else [])
        calls.append(replace(call, operation=number))
    return replace(architecture, operations=tuple(operations), calls=tuple(calls))


def without_casts(architecture: Architecture) -> Architecture:
    """The same forward as a trace that notes no casts has it."""
    if not any({CASTS, WIDENED} & operation.details.keys() for operation in architecture.operations):
        return architecture
    plain = [
        {key: value for key, value in operation.details.items() if key not in (CASTS, WIDENED)}
        for operation in architecture.operations
    ]
    return with_details(architecture, [plain[call.operation] for call in architecture.calls])
