"""The published ways of counting MACs, in words; what each counts of a trace is `analysis.conventions`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unetscope.cost import Counting


@dataclass(frozen=True, slots=True)
class Convention:
    """A way of counting: what it counts and what it leaves out, in words."""

    name: str
    counts: str
    leaves_out: str


_FLOPS_ADD = (
    "its FLOPs add norms at 5 per element (4 without affine), biases of convolutions, activations, "
    "pooling and upsampling"
)

CONVENTIONS = {
    convention.name: convention
    for convention in (
        Convention("full", "conv + linear + attention matmuls", "norms, activations, biases, softmax"),
        Convention("layers", "conv + linear", "attention matmuls, norms, activations, biases, softmax"),
        Convention(
            "thop",
            "conv + linear + LayerNorm at 4 per element (2 without affine) and average pooling "
            "at 1 per output, both under other, as thop 0.1.1 prints",
            "attention matmuls, other norms, activations, biases, softmax",
        ),
        Convention(
            "calflops",
            f"conv + linear, as calflops 0.3.2 prints; {_FLOPS_ADD}",
            "attention matmuls, softmax; from MACs also norms, activations, biases",
        ),
        Convention(
            "deepspeed",
            f"conv + linear + attention matmuls, as DeepSpeed 0.19.8's profiler prints; {_FLOPS_ADD}",
            "softmax; from MACs also norms, activations, biases",
        ),
    )
}


def forwards(counting: Counting) -> str:
    """How many forwards are added up: "one forward", "50 forwards (25 steps × 2 for guidance)"."""
    if counting.forwards == 1:
        return "one forward"
    if counting.steps == 1:
        return "2 forwards (guidance)"
    guided = f"{counting.gate} of them × 2" if counting.gate is not None else "× 2"
    joint = ", " if counting.gate is not None else " "
    text = f"{counting.steps} steps{f'{joint}{guided} for guidance' * counting.cfg}"
    return f"{counting.forwards} forwards ({'; '.join((text, *_reused(counting)))})"


def _reused(counting: Counting) -> Iterator[str]:
    """What some of the forwards reuse, of which method."""
    if counting.interval > 1:
        yield (
            f"DeepCache: {counting.whole_steps} whole, {counting.steps - counting.whole_steps} reuse "
            f"what lies behind skip {counting.branch}"
        )
    if counting.gate is not None:
        yield f"T-GATE: cross-attention reused after step {counting.gate}"


def steps(counting: Counting) -> str:
    """What the work is of: "one forward", "one guided step", "25 steps", "25 guided steps"."""
    guided = "guided " if counting.cfg else ""
    if counting.steps > 1:
        return f"{counting.steps} {guided}steps"
    return "one guided step" if counting.cfg else "one forward"


def per(counting: Counting) -> str:
    """The same behind an amount of work: "per forward", "per guided step", "for 25 guided steps"."""
    return f"for {steps(counting)}" if counting.steps > 1 else "per " + steps(counting).removeprefix("one ")
