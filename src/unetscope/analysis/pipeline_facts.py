"""What a comparison tells of the pipeline around each network: what one image takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from unetscope.analysis.facts import FactQuantity
from unetscope.analysis.memory.pipeline import MODES, Pipeline

PipelineFact: TypeAlias = tuple[str, str, FactQuantity, tuple[int | None, ...]]
"""Name, heading, quantity, and the value of each pipeline; None where a part of it is not known."""


def pipeline_facts(pipelines: Sequence[Pipeline]) -> list[PipelineFact]:
    """Sums over all parts of each pipeline: parameters, MACs, the most bytes held in each of MODES."""
    kinds = {"image" if pipeline.frames is None else "video" for pipeline in pipelines}
    work = f"MACs, one {kinds.pop() if len(kinds) == 1 else 'result'}"

    def told(value: Callable[[Pipeline], int | None]) -> tuple[int | None, ...]:
        return tuple(value(pipeline) for pipeline in pipelines)

    facts: list[PipelineFact] = [
        ("pipeline_params", "all parameters", "count", told(_params)),
        ("pipeline_macs", work, "count", told(_macs)),
    ]
    for at, mode in enumerate(MODES):
        heading = f"held, {'resident' if mode == 'none' else mode}"
        facts.append((f"held_{mode}", heading, "count", told(_held(at))))
    return facts


def _params(pipeline: Pipeline) -> int | None:
    return None if pipeline.unknown("params") else pipeline.params


def _macs(pipeline: Pipeline) -> int | None:
    return None if pipeline.unknown("macs") or pipeline.without_image_tokens else pipeline.macs


def _held(at: int) -> Callable[[Pipeline], int | None]:
    """Bytes in a mode; None if a part's weights or activations are unknown, as the peak then is too."""

    def found(pipeline: Pipeline) -> int | None:
        need = pipeline.held()[at]
        known = not need.without and not pipeline.unknown("activations") and not pipeline.without_image_tokens
        return need.bytes if known else None

    return found
