"""What stands outside the stages, module by module: what the ends and the conditioning are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from unetscope.analysis.cost.by_kind import STAGED, outside_cost
from unetscope.cost import Cost, total
from unetscope.families.module_names import MEANING_KEYS, MEANINGS, PROJECTIONS, is_guidance, is_norm
from unetscope.layout.cards.elements import LINE
from unetscope.layout.chain.blocks import Chain, convolution
from unetscope.layout.chain.conditioning import comes_as, context_word, pooled_word
from unetscope.layout.chain.modules import channels, kernel
from unetscope.layout.measure import wrapped
from unetscope.model import Architecture, Stage
from unetscope.paths import is_within, parent

_ROW = 35.0
_IMAGE_RANK = 4
"""Batch, channels and sides: what reads an image of its own, as a ControlNet does."""
_MOST_WIDTHS = 5
"""Widths that a row can name."""
_ROOM = 234.0
"""The width of a row's text in the narrowest card."""


@dataclass(frozen=True, slots=True)
class StemPart:
    """One row of the card. `paths` are the modules it stands for; none for an input. `more` is what
    only a picture with room for further lines says."""

    badge: Literal["time", "context", "conv", ""]
    name: str
    detail: str
    cost: Cost
    paths: tuple[str, ...] = ()
    more: str = ""

    @property
    def lines(self) -> list[str]:
        """What stands below the name, in lines that fit the card."""
        return [
            line for sentence in (self.detail, self.more) for line in wrapped(sentence, _ROOM, 10.5) if line
        ]

    @property
    def names(self) -> list[str]:
        """Its name, in lines that fit the card."""
        return wrapped(self.name, _ROOM, 10.5, bold=True)

    @property
    def height(self) -> float:
        """The height of the row in px."""
        return _ROW + LINE * max(0, len(self.names) + len(self.lines) - 2)


def parts(architecture: Architecture, chain: Chain) -> list[StemPart]:
    """What stands outside the stages, in the order of execution; their costs add up to all of it."""
    outside = [stage for stage in architecture.stages if stage.role not in STAGED]
    rows: list[StemPart] = []
    weighty = [stage for stage in outside if architecture.costs[stage.path].params]
    added, others = _behind(architecture, [stage for stage in weighty if stage.role == "conditioning"])
    rows += [_conditioning(architecture, stage) for stage in others]
    rows += _context(architecture, chain)
    ends = _convolutions(architecture, [stage for stage in outside if stage.role == "stem"])
    ends += _convolutions(architecture, [stage for stage in outside if stage.role == "head"])
    rows += sorted(ends, key=lambda part: max(architecture.first_call.get(path, -1) for path in part.paths))
    rows += _added(architecture, added)
    rest = outside_cost(architecture).params - sum(part.cost.params for part in rows)
    return [*rows, StemPart("", "other parameters", "", Cost(params=rest))] if rest else rows


def _conditioning(architecture: Architecture, stage: Stage) -> StemPart:
    name = MEANINGS.get(stage.path, stage.path)
    if stage.path in MEANING_KEYS:
        name = str(architecture.config.get(MEANING_KEYS[stage.path]) or name)
    comes = comes_as(architecture, stage)
    badge: Literal["time", "context", "conv", ""] = "time" if "time" in comes else "context" if comes else ""
    if stage.path in PROJECTIONS:
        word = context_word(architecture)
        badge, name = "context", f"{'context' if ' ' in word else word} projection"
    node, cost = architecture.by_path[stage.path], architecture.costs[stage.path]
    if convolution(architecture, stage.path) and len(node.output or ()) >= _IMAGE_RANK:
        return StemPart("conv", name, f"{channels(node)} channels", cost, (stage.path,))
    if stage.path not in architecture.first_call:
        return StemPart("", name, "not run without its input", architecture.costs[stage.path], (stage.path,))
    detail = _pooled(architecture, stage) or _widths(architecture, stage) or _table(architecture, stage)
    return StemPart(badge, name, detail, architecture.costs[stage.path], (stage.path,))


def _behind(architecture: Architecture, stages: Sequence[Stage]) -> tuple[list[Stage], list[Stage]]:
    """The modules that run once the stages have begun (a ControlNet's zero convolutions), and the others."""
    first = architecture.first_call
    begun = min((first[stage.path] for stage in architecture.stages if stage.role in STAGED
                 and stage.path in first), default=None)  # fmt: skip
    late = [
        stage for stage in stages
        if begun is not None and first.get(stage.path, -1) > begun and convolution(architecture, stage.path)
    ]  # fmt: skip
    return late, [stage for stage in stages if stage not in late]


def _added(architecture: Architecture, stages: Sequence[Stage]) -> list[StemPart]:
    """Convolutions behind what the stages make, a row for each list of them."""
    lists: dict[str, list[str]] = {}
    for stage in stages:
        above, _, name = stage.path.rpartition(".")
        lists.setdefault(above if name.isdecimal() else stage.path, []).append(stage.path)
    rows = []
    for name, paths in lists.items():
        conv = convolution(architecture, paths[0])
        form = f"conv {kernel(conv.attributes)}" if conv else ""
        count = f"{len(paths)} × " if len(paths) > 1 else ""
        cost = total(architecture.costs[path] for path in paths)
        rows.append(StemPart("conv", name, f"{count}{form}, on what stages make", cost, tuple(paths)))
    return rows


def _widths(architecture: Architecture, stage: Stage) -> str:
    """The widths that the linear layers of a module lead through: "320 → 1280 → 1280".

    A guidance embedding joins the first of them: "320 (+ guidance 256) → 1280 → 1280".
    """
    linears = [node for node in architecture.below(stage.path) if node.kind == "linear"]
    guidance = [node for node in linears if is_guidance(node.path)]
    linears = [node for node in linears if node not in guidance]
    sizes = [linears[0].attributes.get("in_features")] if linears else []
    sizes += [node.attributes.get("out_features") for node in linears]
    words = [str(size) for size in sizes if size is not None]
    if guidance and words:
        words[0] += f" + guidance {guidance[0].attributes.get('in_features')}"
    if len(words) > _MOST_WIDTHS:  # a module of several layers or blocks: where it begins and ends
        words = [words[0], f"{len(words) - 1} linear layers", words[-1]]
    return " → ".join(words)


def _table(architecture: Architecture, stage: Stage) -> str:
    """What an embedding looks up: "1000 × 1024"."""
    owned = [tensor.shape for tensor in architecture.tensors if is_within(tensor.owner, stage.path)]
    return " × ".join(str(side) for side in owned[0]) if len(owned) == 1 and len(owned[0]) == 2 else ""


def _pooled(architecture: Architecture, stage: Stage) -> str:
    """What SDXL's additional embedding is made of: pooled text, and ids of its own embedding each."""
    pooled, ids = architecture.input_of("pooled text"), architecture.input_of("size")
    each = architecture.config.get("addition_time_embed_dim")
    if not (pooled and ids and each) or stage.path not in MEANING_KEYS:
        return ""
    return f"{pooled_word(architecture)} {pooled.shape[-1]} + {ids.shape[-1]} × {each} ids"


def _context(architecture: Architecture, chain: Chain) -> list[StemPart]:
    """The text the network reads: tokens × width, who made it, and how many blocks read it."""
    context = architecture.input_of("text context")
    if context is None or len(context.shape) != 3:
        return []
    name = f"{context_word(architecture)} {context.shape[1]} × {context.shape[2]}"
    return [StemPart("context", name, _readers(architecture, chain), Cost())]


def _readers(architecture: Architecture, chain: Chain) -> str:
    encoders = architecture.facts.text_encoders
    blocks = chain.blocks()
    reading = [block for block in blocks if block.texts]
    alike = [block for block in blocks if block.kind == "attention"]
    if reading == alike:
        read = "read by every A"
    else:
        read = f"read by {len(reading)} of {len(blocks) - sum(b.kind == 'concat' for b in blocks)} blocks"
    if any(stage.stage.role == "body" for stage in chain.stages):
        read = _entered(chain) if reading != alike else read
    source = encoders[0] if len(encoders) == 1 else f"{_COUNTS.get(len(encoders), '')} text encoders".strip()
    return ", ".join(filter(None, (source, read))) if encoders else read


def _entered(chain: Chain) -> str:
    """Where the text enters stacks of blocks that hand it on: "enters transformer_blocks"."""
    names = [stage.stage.name for stage in chain.stages if any(block.texts for block in stage.blocks)]
    return f"enters {', '.join(names)}" if names else ""


_COUNTS = {2: "two", 3: "three", 4: "four"}


def _convolutions(architecture: Architecture, stages: Sequence[Stage]) -> list[StemPart]:
    """The modules at one end as one row, named after its convolution; an autoencoder has two such ends."""
    weighty = [stage for stage in stages if architecture.costs[stage.path].params]
    if not weighty:
        return []
    apart = dict.fromkeys(parent(stage.path) for stage in sorted(weighty, key=_run_order(architecture)))
    if len(apart) > 1:
        ends = ([stage for stage in weighty if parent(stage.path) == above] for above in apart)
        return [part for end in ends for part in _convolutions(architecture, end)]
    cost = total(architecture.costs[stage.path] for stage in weighty)
    names, detail = [], ""
    for stage in weighty:
        node = convolution(architecture, stage.path)
        names.append(f"{stage.path} {kernel(node.attributes)}".strip() if node else _short(stage.path))
        if node:
            detail = f"{channels(node)} channels"
    if parent(weighty[-1].path) and detail:  # the end of an encoder or decoder: its norm goes without saying
        names = names[-1:]
    groups = architecture.facts.input_channels
    named = stages[0].role == "stem" and len(groups) > 1
    # A group breaks over two lines only between groups.
    counts = [f"{group.count} {group.name}".replace(" ", "\u00a0") for group in groups]
    more = "\u00a0+ ".join(counts) if named else ""
    badge: Literal["conv", ""] = "conv" if detail else ""
    return [StemPart(badge, " · ".join(names), detail, cost, tuple(stage.path for stage in weighty), more)]


def _run_order(architecture: Architecture) -> Callable[[Stage], int]:
    """When a module first runs; what does not run comes first."""
    return lambda stage: architecture.first_call.get(stage.path, -1)


def _short(path: str) -> str:
    return "norm" if is_norm(path) else path
