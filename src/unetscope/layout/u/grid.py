"""The U as rows on one grid: encoder layers left, decoder layers right, the two ends of a skip on
the same line. Knows no coordinates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from unetscope.layout.chain.blocks import Block, Chain, StageBlocks
from unetscope.layout.parts.halves import lines_of
from unetscope.model import Skip


@dataclass(frozen=True, slots=True)
class GridRow:
    """Blocks side by side on grid line `line`; `stage` is None for the convolutions at the ends."""

    stage: StageBlocks | None
    blocks: tuple[Block, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class UGrid:
    """Both halves from top to bottom, the skips as pairs of rows, and how many lines there are."""

    encoder: tuple[GridRow, ...]
    decoder: tuple[GridRow, ...]
    rungs: tuple[tuple[Skip, int, int], ...]
    lines: int


def grid(chain: Chain, fits: Callable[[list[Block]], bool] = lambda blocks: len(blocks) <= 4) -> UGrid:
    """Rows of a chain; `rungs` name a row of the encoder and one of the decoder by index.

    `fits` says whether blocks can stand side by side on one line.
    """
    encoder = [row for stage in chain.stages if stage.stage.role == "down" for row in _rows(stage, fits)]
    decoder = [row for stage in chain.stages if stage.stage.role == "up" for row in _rows(stage, fits)]
    if chain.inlet:
        encoder.insert(0, GridRow(None, (chain.inlet,)))
    if chain.outlet:
        decoder.append(GridRow(None, (chain.outlet,)))
    decoder.reverse()
    rungs = _rungs(encoder, decoder)
    lines = lines_of(len(encoder), len(decoder), _rising(rungs))
    left = tuple(replace(row, line=line) for row, line in zip(encoder, lines[0], strict=True))
    right = tuple(replace(row, line=line) for row, line in zip(decoder, lines[1], strict=True))
    return UGrid(left, right, rungs, max((row.line for row in (*left, *right)), default=-1) + 1)


def part_of(whole: UGrid, own: Callable[[GridRow], GridRow | None]) -> UGrid:
    """The rows of one of two networks, on the lines of both."""
    encoder, decoder = (
        tuple(placed_row for row in half if (placed_row := own(row)) is not None)
        for half in (whole.encoder, whole.decoder)
    )
    return UGrid(encoder, decoder, _rungs(encoder, decoder), whole.lines)


def _rows(stage: StageBlocks, fits: Callable[[list[Block]], bool]) -> list[GridRow]:
    """One row per layer: a concatenation or residual block begins it, attention joins it, and so does
    what runs beside."""
    rows: list[list[Block]] = []
    for block in stage.blocks:
        last = rows[-1][-1] if rows else stage.blocks[0]
        joins = bool(rows) and (
            block.beside
            or (last.beside and bool(block.resamples))
            or (block.kind == "attention" and last.kind in ("residual", "attention"))
            or last.kind == "concat"
        )
        if _is_dense(stage, block, last) or (joins and fits([*rows[-1], block])):
            rows[-1].append(block)
        else:
            rows.append([block])
    return [GridRow(stage, tuple(row)) for row in rows]


def _is_dense(stage: StageBlocks, block: Block, last: Block) -> bool:
    """Whether a block stands on the line of a stage with dense skips: from the first ⧺ to what the last one
    leads to."""
    bars = [at for at, one in enumerate(stage.blocks) if one.skip is not None]
    dense, is_opened = (any(getattr(one, what) for one in stage.blocks) for what in ("dense", "layers"))
    if block is last or not dense or is_opened:
        return False
    return bars[0] < stage.blocks.index(block) <= bars[-1] + 1


def _rungs(encoder: Sequence[GridRow], decoder: Sequence[GridRow]) -> tuple[tuple[Skip, int, int], ...]:
    """Skips from top to bottom, as indices of the row that makes and of the row that takes each."""
    # A stage may make a skipped tensor itself, after its last block.
    makers = {row.stage.stage.path: index for index, row in enumerate(encoder) if row.stage}
    makers |= {block.path: index for index, row in enumerate(encoder) for block in row.blocks}
    rungs = []
    for index, row in enumerate(decoder):
        dense, entered = any(block.dense for block in row.blocks), set[str]()
        for block in row.blocks:
            if block.skip is None or block.skip.source not in makers:
                continue
            if (
                not dense or block.skip.source not in entered
            ):  # dense skips go on from the first ⧺ of their row
                entered.add(block.skip.source)
                rungs.append((block.skip, makers[block.skip.source], index))
    return tuple(rungs)


def _rising(rungs: Sequence[tuple[Skip, int, int]]) -> list[tuple[int, int]]:
    """The rungs that can be level together: each below the one before at both ends."""
    rising: list[tuple[int, int]] = []
    for _, maker, taken in rungs:
        if not rising or (maker > rising[-1][0] and taken > rising[-1][1]):
            rising.append((maker, taken))
    return rising
