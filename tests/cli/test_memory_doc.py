"""The figures of a training step in docs/memory.md are those that the command gives."""

from __future__ import annotations

import re

from support.places import ROOT
from unetscope import api

PAGE = (ROOT / "docs/memory.md").read_text("utf-8")
SECTION = PAGE.partition("## A training step beside")[2].partition("\n## ")[0]


def test_what_stands_beside_memory_summary_is_what_the_command_tells() -> None:
    step = api.memory("sana-1600m-1024", train=True).training
    blocks = api.memory("sana-1600m-1024", train=True, checkpointing=True).training
    assert step
    assert blocks
    weights = step.weights - step.copies
    before = weights + step.optimizer
    after = step.weights + step.optimizer + step.activations
    expected = [before, after, before + step.gradients, after, step.total]
    expected += [weights, step.copies, step.gradients, step.optimizer, step.activations, blocks.activations]
    assert [int(number.replace(",", "")) for number in re.findall(r"\d{1,3}(?:,\d{3})+", SECTION)] == expected
