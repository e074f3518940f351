"""The U without its blocks: one box per stage, skips between two stages merged into one rung."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from unetscope.layout.chain.blocks import Block, Chain, StageBlocks
from unetscope.layout.measure import text, width
from unetscope.layout.parts.glyphs import arrow, stage_tooltip
from unetscope.layout.parts.lanes import skip_name
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Box, Frame, Group, Item
from unetscope.layout.strip.skips import merged_skips, stage_path
from unetscope.layout.strip.stage_boxes import box_colours
from unetscope.layout.u import gutter
from unetscope.layout.u.arrows import around_mid, around_the_foot, rung
from unetscope.layout.u.cells import cell
from unetscope.layout.u.ends import comes_out, goes_in
from unetscope.layout.u.measures import RAIL, UForm
from unetscope.layout.u.rails import Readers, Reading, rails
from unetscope.model import Architecture
from unetscope.vocabulary import GLYPHS
from unetscope.words import units

_HIGH, _LOW, _PITCH = 80.0, 27.0, 100.0
_Merged = tuple[int, int, int, int]
"""Source, target, channels and count of skips drawn as one."""


@dataclass(frozen=True, slots=True)
class _Places:
    """The frame of every stage by its number, and of the convolutions at both ends."""

    stages: dict[int, Frame]
    inlet: Frame | None
    outlet: Frame | None
    foot: float

    def maker(self, number: int) -> Frame | None:
        """The frame that a merged skip leaves."""
        return self.inlet if number < 0 else self.stages.get(number)


def u_stages(
    architecture: Architecture, chain: Chain, scale: CostScale, form: UForm, *, top: float
) -> tuple[list[Item], float]:
    """The boxes of a chain from `top` on, and the y below them."""
    places = _places(chain, form, top)
    items: list[Item] = []
    items += _rungs(chain, places, form)
    lines = _all_lines(chain, form)
    for number, stage in enumerate(chain.stages):
        if stage.stage.role != "mid":
            items += _stage(stage, places.stages[number], lines[number], scale, form)
    items += _ends(architecture, chain, places, form)
    items += _flow(chain, places)
    mid, frame, y = _mid(chain, places, scale, form)
    return [*items, *mid, *rails(architecture, _readers(chain, places, frame, form), form)], y


def _readers(chain: Chain, places: _Places, mid: Frame | None, form: UForm) -> Readers:
    """Where stages stand whose blocks may read what comes from outside."""
    halves: dict[str, list[Reading]] = {"down": [], "up": []}
    for number, frame in places.stages.items():
        stage = chain.stages[number]
        halves[stage.stage.role].append((frame.middle, stage.blocks))
    under = [(mid.centre, stage.blocks) for stage in chain.stages if stage.stage.role == "mid" and mid]
    first = min((frame.y for frame in places.stages.values()), default=0.0)
    head = places.inlet.y + 7 if places.inlet else first - 17
    foot = mid.bottom if mid else places.foot + 12
    return Readers(halves["down"], under, halves["up"], head, foot)


def _places(chain: Chain, form: UForm, top: float) -> _Places:
    """Encoder downwards, decoder upwards, the last up stage beside the first down stage."""
    downs = [n for n, stage in enumerate(chain.stages) if stage.stage.role == "down"]
    ups = [n for n, stage in enumerate(chain.stages) if stage.stage.role == "up"]
    first = top + (_LOW + 22 if chain.inlet or chain.outlet else 0)
    lines = max(len(downs), len(ups))
    frames = {
        n: Frame(x, first + _PITCH * line, form.room + form.pad, _HIGH)
        for x, half in ((form.cells_left, downs), (form.right, ups[::-1]))
        for line, n in enumerate(half)
    }
    ends = [
        Frame(x, top, form.room, _LOW) if end else None
        for x, end in ((form.cells_left, chain.inlet), (form.right + form.pad, chain.outlet))
    ]
    return _Places(frames, ends[0], ends[1], first + _PITCH * lines - (_PITCH - _HIGH if lines else 0))


def _stage(
    stage: StageBlocks, frame: Frame, lines: Sequence[str], scale: CostScale, form: UForm
) -> Iterator[Item]:
    left = frame.x < form.right
    yield stage_box(stage, frame, lines)
    around = Frame(form.left if left else form.right, frame.y, form.box, frame.height)
    yield gutter.gutter(stage, scale, around, left=left, form=form)


def stage_box(stage: StageBlocks, frame: Frame, lines: Sequence[str] = ()) -> Group:
    """A box with what it holds and the sizes at its ends."""
    fill, ink = box_colours(stage.shade)
    fitting = [line for line in lines if _fits(line, frame.width)]
    y = frame.middle + 4 - 8 * (len(fitting) - 1)
    texts = [
        text(frame.centre, y + 16 * index, line, size=10.5, role=ink, anchor="middle", frame=frame)
        for index, line in enumerate(fitting)
    ]
    return Group((Box(frame, fill, "outline", 1.2, radius=9), *texts), stage.stage.path, stage_tooltip(stage))


def _fits(line: str, wide: float) -> bool:
    return width(line, 10.5) <= wide - 10


def _all_lines(chain: Chain, form: UForm) -> list[list[str]]:
    """The lines of every stage; sizes at both ends where all of them fit, else what each stage makes."""
    stages = [stage for stage in chain.stages if stage.stage.role != "mid"]
    full = all(_fits(line, form.room) for stage in stages for line in _lines(stage)[1:])
    return [_lines(stage, ends=2 if full else 1) for stage in chain.stages]


def _sign(block: Block) -> str:
    """Its letter or sign; of what has none, and of convolutions, the class."""
    return block.type if block.kind == "conv" else GLYPHS[block.kind].letter or block.letter or block.type


def _lines(stage: StageBlocks, *, ends: int = 2) -> list[str]:
    """What a stage holds ("2 R · 2 A · ↓"), and the sizes at both its ends or at the last."""
    counts = Counter(_sign(block) for block in stage.blocks if block.kind != "concat")
    counted = " · ".join(sign if sign in "↓↑" else f"{count} {sign}" for sign, count in counts.items())
    sizes = [units.dimensions(shape) for shape in (stage.input, stage.output) if shape]
    words = " → ".join(sizes) if ends > 1 else "".join(f"→ {size}" for size in sizes[-1:])
    return [line for line in (counted, words) if line]


def _rungs(chain: Chain, places: _Places, form: UForm) -> Iterator[Item]:
    """Merged skips: level ones in the middle of both boxes, others below it out and above it in."""
    alike: dict[tuple[int, int], list[_Merged]] = {}
    for skip in merged_skips(chain):
        alike.setdefault(skip[:2], []).append(skip)
    # those of one stage to one other are one rung, also where their widths differ
    merged = [(*several[0][:3], sum(count for *_, count in several)) for several in alike.values()]
    words = {skip: " + ".join(map(_words, alike[skip[:2]])) for skip in merged}
    wide = max((width(word, 10) for word in words.values()), default=0) + 10
    middle = (form.left + form.box + form.right) / 2
    for skip in merged:
        source, target = places.maker(skip[0]), places.stages.get(skip[1])
        if source is None or target is None:
            continue
        out = into = 0.0
        if source.y != target.y:
            slanted = [candidate for candidate in merged if not _level(candidate, places)]
            out = _offset(source, skip, [slant for slant in slanted if slant[0] == skip[0]])
            into = _offset(target, skip, [slant for slant in slanted if slant[1] == skip[1]])
        start, end = (source.right, source.middle + out), (target.x - 0.5, target.middle - into)
        name = skip_name(stage_path(chain, skip[0]), stage_path(chain, skip[1]))
        yield Group(tuple(rung(start, end, words[skip], wide, middle)), name)


def _level(skip: _Merged, places: _Places) -> bool:
    source, target = places.maker(skip[0]), places.stages.get(skip[1])
    return source is not None and target is not None and source.y == target.y


def _offset(frame: Frame, skip: _Merged, beside: Sequence[_Merged]) -> float:
    """How far from the middle of a box one of several slanted rungs stands."""
    return 0.0 if frame.height <= _LOW else min(28.0, 20.0 * (len(beside) - beside.index(skip)))


def _words(skip: _Merged) -> str:
    return f"{skip[3]} × {skip[2]}" if skip[3] > 1 else str(skip[2])


def _ends(architecture: Architecture, chain: Chain, places: _Places, form: UForm) -> Iterator[Item]:
    """The convolutions at both ends, with what goes in and what comes out."""
    for block, frame, draw in (
        (chain.inlet, places.inlet, goes_in), (chain.outlet, places.outlet, comes_out)
    ):  # fmt: skip
        if block and frame:
            yield cell(architecture, block, frame, form)
            yield from draw(architecture, frame, form, top=frame.y)


def _flow(chain: Chain, places: _Places) -> Iterator[Item]:
    """Down the encoder and up the decoder."""
    roles = [stage.stage.role for stage in chain.stages]
    down = [places.inlet] + [frame for n, frame in places.stages.items() if roles[n] == "down"]
    up = [places.outlet] + [frame for n, frame in places.stages.items() if roles[n] == "up"]
    for above, below in pairwise([frame for frame in down if frame]):
        yield arrow((above.centre, above.bottom), (above.centre, below.y - 0.5))
    for above, below in pairwise([frame for frame in up if frame]):
        yield arrow((above.centre, below.y), (above.centre, above.bottom + 0.5))


def _mid(
    chain: Chain, places: _Places, scale: CostScale, form: UForm
) -> tuple[list[Item], Frame | None, float]:
    """The mid stage below both halves, or the flow around their feet; its frame, if there is one."""
    into, out = (_lowest(chain, places, role) for role in ("down", "up"))
    stages = [stage for stage in chain.stages if stage.stage.role == "mid"]
    if not stages:
        way = around_the_foot(into[0], out[0], places.foot + 12) if into and out else ()
        return [*way], None, places.foot + 20 + RAIL * form.rails
    stage = stages[0]
    frame = Frame((form.page.width - form.mid) / 2, places.foot + 22, form.mid, 52)
    feet = [[(half.centre, half.bottom) for half in side] for side in (into, out)]
    items: list[Item] = [*around_mid(feet[0], feet[1], frame, frame.y + 26, stage, form)]
    items.append(stage_box(stage, frame))
    ink = box_colours(stage.shade)[1]
    items += gutter.mid_heading(stage, scale, frame, form, ink=ink)
    words = _lines(stage)[0] if stage.blocks else ""
    if words:
        items.append(text(frame.x + 10, frame.y + 38, words, size=10.5, role=ink, frame=frame))
    return items, frame, frame.bottom + RAIL * form.rails


def _lowest(chain: Chain, places: _Places, role: str) -> list[Frame]:
    """The foot of one half, as a list of one; empty where there is none."""
    half = [frame for n, frame in places.stages.items() if chain.stages[n].stage.role == role]
    return sorted(half, key=lambda frame: frame.y)[-1:]
