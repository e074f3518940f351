"""The how-tos about files of weights: each command is run, and says what stands there."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from support.files.checkpoint_files import listing, written
from support.places import ROOT
from unetscope.checkpoints import presets
from unetscope.checkpoints.names import ldm
from unetscope.cli.commands import unetscope as group

FOLDER = ROOT / "docs" / "how-to"
LOG = """Traceback (most recent call last):
RuntimeError: Error(s) in loading state_dict for UNet2DConditionModel:
    size mismatch for conv_in.weight: copying a param with shape torch.Size([320, 9, 3, 3]) from checkpoint, \
the shape in current model is torch.Size([320, 4, 3, 3]).
lora key not loaded: lora_unet_double_blocks_0_img_attn_proj.lora_up.weight
lora key not loaded: lora_unet_double_blocks_0_img_attn_proj.lora_down.weight
"""
COMMANDS = [
    pytest.param(command, said, id=f"{page.stem} {command}")
    for page in (FOLDER / "convert.md", FOLDER / "load-error.md", FOLDER / "names.md")
    for command, said in re.findall(r"```console\n\$ unetscope (.*)\n((?:.*\n)*?)```", page.read_text())
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files that the pages speak of."""
    made = tmp_path_factory.mktemp("files")
    unet, full = presets.tensors("sd15"), listing("supermerger-sd1-mergeable").shapes
    whole = {f"model.diffusion_model.{new}": unet[old] for old, new in ldm.from_diffusers(unet).items()}
    whole |= {
        f"first_stage_model.{name}": shape for name, shape in listing("toolkit-vae-v1-sd").shapes.items()
    }
    whole |= {name: shape for name, shape in full.items() if name.startswith("cond_stage_model.")}
    written(made / "v1-5.safetensors", whole, metadata={"modelspec.architecture": "stable-diffusion-v1"})
    written(made / "inpaint.safetensors", presets.tensors("sd15-inpaint"))
    written(made / "lora.safetensors", listing("toolkit-lora-v1-unet").shapes)
    written(made / "flux-lora.safetensors", listing("invoke-lora-flux-lora-kohya").shapes)
    (made / "error.log").write_text(LOG)
    return made


@pytest.mark.parametrize(("command", "said"), COMMANDS)
def test_a_command_says_what_stands_below_it(folder, monkeypatch, command, said):
    monkeypatch.chdir(folder)
    assert CliRunner().invoke(group, command.split()).stdout == said


def test_every_command_of_the_pages_is_run():
    assert len(COMMANDS) == 12


def test_the_code_on_the_page_moves_weights(folder, monkeypatch):
    import torch

    (code,) = re.findall(r"```python\n(.*?)```", (FOLDER / "convert.md").read_text(), re.DOTALL)
    space: dict[str, object] = {}
    exec(code, space)
    plan = {
        "map": {"a": "x.a", "n": "x.n"},
        "split": {"q": ["x.qk", 0, 2], "k": ["x.qk", 2, 4]},
        "swap_halves": ["n"],
    }
    four = torch.arange(4.0)
    file = {"x.a": four.reshape(2, 2, 1, 1), "x.n": four, "x.qk": four}
    state = space["converted"](plan, file, {"a": (2, 2), "n": (4,), "q": (2,), "k": (2,)})
    assert {name: one.tolist() for name, one in state.items()} == {
        "a": [[0, 1], [2, 3]], "n": [2, 3, 0, 1], "q": [0, 1], "k": [2, 3],
    }  # fmt: skip
