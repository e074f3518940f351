"""What a network computes in float32 on purpose: a forward in float32 cannot show it, one in bfloat16 does.

Two details are noted of an operation where they do not follow by themselves: `wide`, whether its result is
float32 while the network is narrower, and `casts`, which of its reads are cast to float32 for it: "0 2".
No whole numbers, as these would pass for such that follow the size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from unetscope.analysis.memory.precision import WIDE, Precision, type_of
from unetscope.analysis.operation_details import with_details
from unetscope.calls import CASTS, WIDENED
from unetscope.model import Architecture
from unetscope.tracing.record.in_progress import Recording

NARROW = "bfloat16"
"""Networks ask for float16 alone, to keep it from overflowing; what they do at bfloat16 they do at both."""
_CAST = "_to_copy"


def with_casts(architecture: Architecture, narrow: Recording) -> Architecture:
    """The architecture of a forward in float32, with what the same one in bfloat16 casts.

    Unchanged where nothing is cast, and where the two forwards are not made of the same operations.
    """
    pairs = _aligned(architecture, narrow)
    if pairs is None:
        return architecture
    noted = dict(_noted(architecture, narrow, pairs))
    return _renumbered(architecture, noted) if noted else architecture


def _aligned(architecture: Architecture, narrow: Recording) -> list[int] | None:
    """The call of the narrow forward that does what each call does; it makes further casts."""
    operations, aligned = list(narrow.operations), list[int]()
    wanted = [(call.node, architecture.operations[call.operation].name) for call in architecture.calls]
    for index, call in enumerate(narrow.calls):
        wanted_call = (call.node, operations[call.operation].name)
        if len(aligned) < len(wanted) and wanted[len(aligned)] == wanted_call:
            aligned.append(index)
        elif wanted_call[1] != _CAST:
            return None
    return aligned if len(aligned) == len(wanted) else None


def _noted(
    architecture: Architecture, narrow: Recording, pairs: list[int]
) -> Iterator[tuple[int, dict[str, bool | str]]]:
    """What does not follow by itself, by call."""
    operations, types = list(narrow.operations), list[str]()
    widened = _widened(architecture, narrow, pairs)
    for index, (call, at) in enumerate(zip(architecture.calls, pairs, strict=True)):
        own = architecture.operations[call.operation]
        follows = type_of(architecture, call, own, types, Precision(NARROW))
        types.append(operations[narrow.calls[at].operation].dtype)
        cast = {widened[read] for read in narrow.calls[at].reads if read in widened}
        noted: dict[str, bool | str] = {}
        if types[-1] != follows and {types[-1], follows} == {WIDE, NARROW}:
            noted[WIDENED] = types[-1] == WIDE
        if places := [str(place) for place, read in enumerate(call.reads) if read in cast]:
            noted[CASTS] = " ".join(places)
        if noted:
            yield index, noted


def _widened(architecture: Architecture, narrow: Recording, pairs: list[int]) -> dict[int, int]:
    """Casts of the narrow forward to float32, each with the call (~i: the input) that made what it casts."""
    operations, origins = list(narrow.operations), {at: index for index, at in enumerate(pairs)}
    casts: dict[int, int] = {}
    for at, call in enumerate(narrow.calls):
        if at in origins or len(call.reads) != 1:
            continue
        [read] = call.reads
        origins[at] = origins.get(read, read)
        dtype = operations[narrow.calls[read].operation].dtype if read >= 0 else _given(architecture, ~read)
        if dtype == NARROW and operations[call.operation].dtype == WIDE:
            casts[at] = origins[at]
    return casts


def _given(architecture: Architecture, index: int) -> str:
    """The type of an input in the narrow forward."""
    own = architecture.inputs[index].dtype
    return NARROW if own == WIDE else own


def _renumbered(architecture: Architecture, noted: Mapping[int, dict[str, bool | str]]) -> Architecture:
    """Calls that refer to operations with what is noted of them."""
    details = [architecture.operations[call.operation].details for call in architecture.calls]
    return with_details(
        architecture, [{**detail, **noted.get(index, {})} for index, detail in enumerate(details)]
    )
