"""weights.py, run on small real teachers: the student loads with strict=True and forwards what it should."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DiTTransformer2DModel, UNet2DConditionModel

import unetscope
from support.networks import SMALL
from unetscope import files
from unetscope.api.planning import reports as plan_reports
from unetscope.render.plan import code

UNET = {key: value for key, value in SMALL.items() if not key.startswith("_")} | {
    "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
    "layers_per_block": 2,
    "transformer_layers_per_block": [1, 2],
}
DIT = {"num_attention_heads": 2, "attention_head_dim": 8, "num_layers": 4, "sample_size": 8, "in_channels": 4}


def written(teacher: Any, folder: Path, **asked: Any) -> tuple[Any, Path]:
    """A plan for a teacher, and the folder that holds it."""
    made = unetscope.plan({"_class_name": type(teacher).__name__, **teacher.config}, **asked)
    files.write_folder(folder, plan_reports.folder(unetscope.plan_report(made)), mark=plan_reports.MARK)
    return made, folder


def run(folder: Path, teacher: Any, tmp_path: Path) -> None:
    teacher.save_pretrained(tmp_path / "teacher")
    subprocess.run(
        [sys.executable, str(folder / "weights.py"), str(tmp_path / "teacher"), str(tmp_path / "student")],
        check=True, capture_output=True, cwd=tmp_path,
    )  # fmt: skip


def unet(**more: Any) -> Any:
    torch.manual_seed(0)
    return UNet2DConditionModel(**UNET | more).eval()


def forward(network: Any) -> torch.Tensor:
    torch.manual_seed(1)
    return network(torch.randn(1, 4, 16, 16), 5, torch.randn(1, 7, 24)).sample


@pytest.mark.slow
def test_a_unet_takes_its_teachers_weights_by_the_script(tmp_path: Path) -> None:
    teacher = unet()
    made, folder = written(teacher, tmp_path / "plan", drop=["R1,2", "mid"])
    run(folder, teacher, tmp_path)
    student = UNet2DConditionModel.from_pretrained(tmp_path / "student").eval()
    held, source = student.state_dict(), teacher.state_dict()
    assert set(held) == set(made.keys)
    assert all(torch.equal(held[key], source[name]) for key, name in made.keys.items())
    with torch.no_grad():
        assert forward(student).shape == (1, 4, 16, 16)


@pytest.mark.slow
def test_a_transformer_takes_its_teachers_weights_by_the_script(tmp_path: Path) -> None:
    torch.manual_seed(0)
    teacher = DiTTransformer2DModel(**DIT)
    made, folder = written(teacher, tmp_path / "plan", drop=["transformer_blocks.1-2"])
    run(folder, teacher, tmp_path)
    student = DiTTransformer2DModel.from_pretrained(tmp_path / "student")
    held, source = student.state_dict(), teacher.state_dict()
    assert made.keys["transformer_blocks.1.ff.net.2.weight"] == "transformer_blocks.3.ff.net.2.weight"
    assert set(held) == set(made.keys)
    assert all(torch.equal(held[key], source[name]) for key, name in made.keys.items())


@pytest.mark.parametrize(
    "drop", [["A1,2"], ["A3,1"], ["mid_block.attentions.0.transformer_blocks.0"], ["R1,2 A4,1"]], ids=str
)
def test_a_student_cut_out_of_its_teacher_is_that_which_was_traced(drop: list[str]) -> None:
    """The function of the script in this process: same tensors as the plan says, and it forwards."""
    teacher = unet()
    made = unetscope.plan({"_class_name": "UNet2DConditionModel", **teacher.config}, drop=drop)
    assert made.config is None
    text = code.script(made)
    scope: dict[str, Any] = {"__name__": "weights", "__file__": "weights.py"}
    exec(compile(text, "weights.py", "exec"), scope)
    student = scope["student_of"](teacher)
    assert {name: tuple(one.shape) for name, one in student.state_dict().items()} == {
        tensor.name: tensor.shape for tensor in made.student.tensors
    }
    source = teacher.state_dict()
    student.load_state_dict({key: source[name] for key, name in made.keys.items()}, strict=True)
    with torch.no_grad():
        assert forward(student).shape == (1, 4, 16, 16)


def test_an_attention_that_lets_through_is_one_that_adds_nothing() -> None:
    """With its last projection zero the teacher's attention is the identity: then both give the same."""
    teacher = unet()
    made = unetscope.plan({"_class_name": "UNet2DConditionModel", **teacher.config}, drop="A1,2")
    scope: dict[str, Any] = {"__name__": "weights", "__file__": "weights.py"}
    exec(compile(code.script(made), "weights.py", "exec"), scope)
    for parameter in teacher.down_blocks[0].attentions[1].proj_out.parameters():
        torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        assert torch.equal(forward(teacher), forward(scope["student_of"](teacher)))
