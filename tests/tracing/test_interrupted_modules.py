"""A real interrupt, in a process of its own, leaves a module traced in place as it was, to the byte."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from support.places import ROOT

PROGRAM = """
import hashlib, os, signal
import torch
import unetscope

torch.manual_seed(0)
inner = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Dropout(0.5))


class Closed(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.run = inner, lambda x: inner(x)
        self.cache = []

    def forward(self, x):
        self.cache.append(x)
        made = self.run(x)
        if next(inner.parameters()).is_meta:
            os.kill(os.getpid(), signal.SIGINT)
        return made


def state(module):
    held = module.state_dict().items()
    tensors = [(name, one.data_ptr(), one.device.type, one.numpy().tobytes()) for name, one in held]
    plain = [(name, sorted(vars(one)), one.training) for name, one in module.named_modules()]
    return hashlib.sha256(repr((tensors, plain, module.cache)).encode()).hexdigest()


module = Closed()
before = state(module)
try:
    unetscope.load(module, inputs=(1, 3, 16, 16))
except KeyboardInterrupt:
    print("interrupted", state(module) == before)
"""


@pytest.mark.slow
def test_an_interrupt_while_weights_are_lent_puts_them_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        check=False,
        timeout=120,
    )
    assert done.stdout == "interrupted True\n", done.stderr
