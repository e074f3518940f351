"""The residual additions of a block and the streams of tokens that run along them.

Found from recorded operations alone: an addition of two equal shapes is residual where one operand descends
from the other. Chains of them are streams: the image's tokens, the text's, or both joined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from unetscope.calls import InputRole
from unetscope.layout.column.reading.tokens import Descent, shape_of
from unetscope.model import Architecture
from unetscope.sizes import Shape

_ADDITIONS = frozenset({"add", "add_"})
_TOKENS: frozenset[InputRole] = frozenset({"sample", "text context", "audio", "control"})
"""What streams of tokens descend from."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A residual addition: the call, the operand that runs past (`carried`), the one that is added, and the
    shape of all three."""

    call: int
    carried: int
    added: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class Flowing:
    """A stream of tokens through a block: what it is before the first addition, and the additions in order.

    One without additions only feeds the others."""

    start: int
    additions: tuple[Addition, ...]

    @property
    def end(self) -> int:
        """The call whose result leaves the block."""
        return self.additions[-1].call if self.additions else self.start


ReachedCalls = Mapping[int, frozenset[int]]
"""For each call of a block all it descends from, inside the block and what the block reads from outside."""


def reach_of(architecture: Architecture, calls: list[int]) -> dict[int, frozenset[int]]:
    """What each of some calls, in the order of the forward, descends from."""
    reached: dict[int, frozenset[int]] = {}
    for call in calls:
        reads = architecture.calls[call].reads
        reached[call] = frozenset(reads).union(*(reached.get(read, frozenset()) for read in reads))
    return reached


def additions_of(
    architecture: Architecture, calls: list[int], reach: ReachedCalls, descent: Descent
) -> list[Addition]:
    """The residual additions among the calls of a block, in order.

    The second attention of SD 3.5 reads what the first one read: its addition carries on what the first made.
    """
    additions: dict[int, Addition] = {}

    def carries(carried: int, added: int) -> bool:
        """Whether `added` joins `carried`, which runs past."""
        if not _is_whole(architecture, carried, call) and not descent.roles(carried) & _TOKENS:
            return False
        behind = reach.get(added, frozenset())
        again = carried in additions and added not in additions and additions[carried].carried in behind
        return carried in behind or again

    for call in calls:
        if not _adds_equal_shapes(architecture, call):
            continue
        first, other = architecture.calls[call].reads
        if carries(first, other):
            additions[call] = Addition(call, first, other, _made(architecture, call))
        elif carries(other, first):
            additions[call] = Addition(call, other, first, _made(architecture, call))
    return _rejoined(architecture, calls, [*additions.values()])


def _rejoined(architecture: Architecture, calls: list[int], additions: list[Addition]) -> list[Addition]:
    """The additions, those to parts of one tensor that are put together again as one: HunyuanVideo gates the
    tokens of the first frame apart from the others."""
    by_call = {addition.call: addition for addition in additions}
    for call in calls:
        parts = [by_call[read] for read in architecture.calls[call].reads if read in by_call]
        whole = {part.carried for part in parts}
        joins = architecture.operations[architecture.calls[call].operation].name == "cat"
        if joins and len(parts) > 1 and len(whole) == 1 and _is_whole(architecture, min(whole), call):
            largest = max(parts, key=lambda part: prod(part.shape))
            for part in parts:
                del by_call[part.call]
            by_call[call] = Addition(call, largest.carried, largest.added, _made(architecture, call))
    return sorted(by_call.values(), key=lambda addition: addition.call)


def _is_whole(architecture: Architecture, read: int, call: int) -> bool:
    """Whether a call adds all of what another made, rather than a part: a shift for each token is cut out of
    what makes scales and gates too."""
    return prod(shape_of(architecture, read)) == prod(_made(architecture, call))


def _made(architecture: Architecture, call: int) -> Shape:
    return architecture.operations[architecture.calls[call].operation].outputs[0]


def _adds_equal_shapes(architecture: Architecture, call: int) -> bool:
    addition = architecture.calls[call]
    operation = architecture.operations[addition.operation]
    if operation.name not in _ADDITIONS or len(addition.reads) != 2 or len(operation.inputs) != 2:
        return False
    return all(shape == operation.outputs[0] for shape in operation.inputs)


def streams_of(additions: list[Addition], reach: ReachedCalls) -> list[Flowing]:
    """The additions as chains: each carries on what the one before it on its stream made, or what the block
    was given (AuraFlow). Two streams may be cut out of one tensor (CogVideoX): their shapes differ."""
    chains: list[list[Addition]] = []
    for addition in additions:
        for chain in chains:
            same = addition.shape == chain[0].shape
            if same and addition.carried in (chain[-1].call, chain[0].carried):
                chain.append(addition)
                break
        else:
            chains.append([addition])
    return _linked([Flowing(chain[0].carried, tuple(chain)) for chain in chains], reach)


def _linked(streams: list[Flowing], reach: ReachedCalls) -> list[Flowing]:
    """Streams that go on where another one ended, after a norm or a change of layout, as one."""
    flowings: list[Flowing] = []
    for stream in streams:
        behind = reach.get(stream.start, frozenset())
        before = [flowing for flowing in flowings if flowing.end in behind]
        if len(before) == 1 and not _forked(before[0], stream, streams):
            flowings.remove(before[0])
            flowings.append(Flowing(before[0].start, before[0].additions + stream.additions))
        else:
            flowings.append(stream)
    return flowings


def _forked(before: Flowing, stream: Flowing, streams: list[Flowing]) -> bool:
    """Whether two streams begin at the end of one."""
    return sum(flowing.start == stream.start for flowing in streams) > 1 and before.end != stream.start
