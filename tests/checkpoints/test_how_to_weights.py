"""The how-to about values of files: each command is run, and says what stands below it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

from support.places import ROOT
from unetscope.cli.commands import unetscope as group

PAGE = (ROOT / "docs" / "how-to" / "weights.md").read_text()
COMMANDS = re.findall(r"```console\n\$ unetscope (.*)\n((?:.*\n)*?)```", PAGE)
BLOCKS = (
    "down_blocks.0.resnets.0",
    "down_blocks.0.attentions.0",
    "mid_block.attentions.0",
    "up_blocks.0.attentions.0",
)


def written(path, change):
    """Four blocks of two layers with values that are worked out, in float16."""
    names = [f"{block}.{layer}.weight" for block in BLOCKS for layer in ("first", "second")]
    values = np.cos(np.arange(64 * 64)).reshape(64, 64) / 50
    stored = {name: (values + change(name, values)).astype("<f2") for name in names}
    spans = {
        name: {"dtype": "F16", "shape": [64, 64], "data_offsets": [at * 8192, (at + 1) * 8192]}
        for at, name in enumerate(names)
    }
    header = json.dumps(spans).encode()
    data = b"".join(one.tobytes() for one in stored.values())
    path.write_bytes(len(header).to_bytes(8, "little") + header + data)


def tuned(name, values):
    """What was trained: the attention going down a little, that going up more."""
    if "attentions" not in name or "mid" in name or "second" in name:
        return 0
    return np.sin(np.arange(64 * 64)).reshape(64, 64) / (5000 if "down" in name else 1000)


@pytest.mark.parametrize(("command", "said"), COMMANDS)
def test_a_command_says_what_stands_below_it(tmp_path, monkeypatch, command, said):
    written(tmp_path / "base.safetensors", lambda *_: 0)
    written(tmp_path / "tuned.safetensors", tuned)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    done = CliRunner().invoke(group, command.split())
    assert done.stdout == said
    assert done.exit_code == 0


def test_every_command_of_the_page_is_run():
    assert len(COMMANDS) == 2
