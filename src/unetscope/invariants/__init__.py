"""What holds of every Architecture: what analyses, layouts and renderers may rely on.

`INVARIANTS` is the whole list. Traces keep to it by construction; the codec refuses a saved architecture that
breaks it, and names the first line that fails, so that nothing behind it can fail. All checks together take
time linear in the size of the architecture.
"""

from __future__ import annotations

from collections.abc import Callable

from unetscope.cost import ONCE
from unetscope.invariants import checks
from unetscope.limits import (
    MAX_AXIS,
    MAX_CALLS,
    MAX_INPUTS,
    MAX_LATENT,
    MAX_NAME,
    MAX_NESTING,
    MAX_NODES,
    MAX_RANK,
    MAX_SKIPS,
    MAX_STAGES,
    MAX_TENSORS,
)
from unetscope.model import SCHEMA_VERSION, Architecture
from unetscope.spec import DTYPES

INVARIANTS: tuple[tuple[str, Callable[[Architecture], bool]], ...] = (
    # what is bounded
    ("its MACs are those of one forward in full", lambda a: a.counting == ONCE),
    (f"its schema is {SCHEMA_VERSION}", lambda a: a.schema_version == SCHEMA_VERSION),
    (f"it has 1 to {MAX_NODES} modules", lambda a: 1 <= len(a.nodes) <= MAX_NODES),
    (f"it has 1 to {MAX_CALLS} calls", lambda a: 1 <= len(a.calls) <= MAX_CALLS),
    (f"it has 1 to {MAX_CALLS} operations", lambda a: 1 <= len(a.operations) <= MAX_CALLS),
    (f"it has 1 to {MAX_INPUTS} inputs", lambda a: 1 <= len(a.inputs) <= MAX_INPUTS),
    (f"it has at most {MAX_STAGES} stages", lambda a: len(a.stages) <= MAX_STAGES),
    (f"it has at most {MAX_SKIPS} skips", lambda a: len(a.skips) <= MAX_SKIPS),
    (f"it has at most {MAX_TENSORS} tensors", lambda a: len(a.tensors) <= MAX_TENSORS),
    (f"a name has at most {MAX_NAME} characters", checks.names_fit),
    ("a count is a whole number from 0 to 2¹⁰⁰", checks.numbers_fit),
    (f"a shape has at most {MAX_RANK} sides, from 0 to 2⁴⁸", checks.shapes_fit),
    ("the config is plain JSON", lambda a: checks.plain(a.config) and checks.plain(a.facts.unread)),
    ("attributes and details are plain values", checks.details_plain),
    # what the network is
    ("the first module is the network itself", lambda a: a.nodes[0].path == ""),
    ("no two modules share a path", lambda a: len(checks.paths(a)) == len(a.nodes)),
    ("a module follows the one it lies in", checks.parents_first),
    (f"modules nest at most {MAX_NESTING} deep", lambda a: checks.depth(a) <= MAX_NESTING),
    ("a stage is a module in no other stage", checks.stages_apart),
    ("a level is a number from 0", lambda a: all(checks.is_level(stage.level) for stage in a.stages)),
    ("a block or convolution takes and returns batch and channels", checks.carries_channels),
    ("a size that a module or operation states is a whole number", checks.sizes_whole),
    ("a tensor belongs to a module", lambda a: {tensor.owner for tensor in a.tensors} <= checks.paths(a)),
    ("a skip leads from module to module", lambda a: set(checks.ends(a)) <= checks.paths(a)),
    ("a skip carries batch and channels", lambda a: all(len(skip.shape) >= 2 for skip in a.skips)),
    # what one forward does
    ("a call is made by a module", lambda a: all(0 <= call.node < len(a.nodes) for call in a.calls)),
    ("a call executes an operation", lambda a: all(0 <= c.operation < len(a.operations) for c in a.calls)),
    ("a call reads inputs and earlier calls", checks.reads_earlier),
    ("a call reads no more than its operation takes", lambda a: all(checks.takes(a))),
    ("a storage is freed once, after it was made", checks.freed_once),
    ("what is multiplied has two operands and a result", checks.products_whole),
    ("attention has query, key and value", checks.attention_whole),
    ("what is noted of casts names operands", checks.casts_known),
    ("a module returns inputs and results of calls", checks.returns_known),
    # what it was traced at, and what is known beside it
    (f"the type of the basis is one of {', '.join(DTYPES)}", lambda a: a.basis.dtype in DTYPES),
    (f"the basis is that of the first input, up to {MAX_AXIS} a size", checks.basis_whole),
    (f"a known factor, size or number of tokens is 1 to {MAX_LATENT}", lambda a: checks.facts_sound(a.facts)),
    ("the scaling has a grid for each axis, and a row of rules for each site", checks.scaling_whole),
)


def broken(architecture: Architecture) -> str | None:
    """The first invariant that does not hold, in its own words; None where all hold."""
    return next((words for words, holds in INVARIANTS if not holds(architecture)), None)
