"""`unetscope plan` as a person runs it: the folder, its formats, what it refuses and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import unetscope as package
from support.command_line import traced_here, unetscope
from unetscope import files

RECIPE = ("plan", "sd15", "--recipe", "bk-sdm-small")
FILES = {
    "plan.json", "plan.txt", "config.json", "table.tex", "table.md", "weights.json", "weights.py",
    "distillation.json", "student.json.gz", "student.svg", "diff.svg", "diff.html",
}  # fmt: skip


def test_a_folder_holds_all_of_a_plan_and_its_config_loads(tmp_path: Path) -> None:
    done = traced_here(*RECIPE, "-o", "student/", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    folder = tmp_path / "student"
    assert {path.name for path in folder.iterdir()} == FILES
    assert sorted(done.stdout.splitlines()) == sorted(f"student/{name}" for name in FILES)
    told = json.loads((folder / "plan.json").read_text())
    assert told["params"] == {"teacher": 859_520_964, "student": 482_346_884}
    assert package.load(folder / "student.json.gz").cost.params == 482_346_884
    config = json.loads((folder / "config.json").read_text())
    assert (config["layers_per_block"], config["mid_block_type"]) == (1, None)
    assert len(json.loads((folder / "weights.json").read_text())["map"]) == 396
    assert len(json.loads((folder / "distillation.json").read_text())) == 8
    files.write_folder(folder, {"weights.py": b"written again"}, mark="plan.json")
    assert (folder / "weights.py").read_text() == "written again"


def test_the_table_stands_beside_published_students_and_the_sentence_below(tmp_path: Path) -> None:
    done = traced_here(*RECIPE, "--title", "Ours", "-o", "row.tex", cwd=tmp_path)
    assert done.returncode == 0
    text = (tmp_path / "row.tex").read_text()
    rows = [line.split(" & ")[0].strip() for line in text.splitlines() if line.count(" & ") == 4]
    assert rows == [
        "network", "Stable Diffusion 1.5", "BK-SDM-Base", "BK-SDM-Small", "BK-SDM-Tiny", "Ours",
    ]  # fmt: skip
    assert "Ours is Stable Diffusion 1.5 without 10 of its 22 residual blocks and 7 of its 16" in text
    assert "482,346,884 parameters (56 \\% of its teacher's)" in text


def test_a_folder_of_others_is_left_alone_before_anything_is_planned(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.json").write_text("precious")
    refused = traced_here(*RECIPE, "-o", "mine/", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "holds other files" in refused.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["config.json"]
    (tmp_path / "file").write_text("x")
    assert unetscope(*RECIPE, "-o", "file/", cwd=tmp_path).returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "mine"]


@pytest.mark.parametrize(
    ("args", "said"),
    {
        ("sd15",): "nothing is to change",
        ("sd15", "--drop", "R1,9"): "nothing in Stable Diffusion 1.5 is called 'R1,9'",
        ("sd15", "--recipe", "bk-sdm-smal"): "no recipe is called",
        ("sd15", "--recipe", "bk-sdm-small", "-o", "x/", "--format", "json"): "a folder holds every format",
        ("vae-sd15", "--drop", "mid"): "Stable Diffusion",
        ("sd15", "--part", "encoder", "--drop", "mid"): "part",
    }.items(),
)
def test_what_makes_no_sense_is_one_line_and_a_hint(args: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = traced_here("plan", *args, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()] == ["error", "hint"]
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_sdxl_to_a_budget_with_figure_and_row_is_one_command(tmp_path: Path) -> None:
    args = ("plan", "sdxl", "--params", "1.3B", "--vram", "8GB", "--size", "1024", "--gpu", "a100")
    done = traced_here(*args, "-o", f"{tmp_path}/student/")
    assert (done.returncode, done.stderr) == (0, "")
    names = {path.name for path in (tmp_path / "student").iterdir()}
    assert names == FILES | {"students.txt", "students.json", "students.svg", "floor.svg"}
    told = json.loads((tmp_path / "student" / "students.json").read_text())
    assert all(one["params"] < 1_350_000_000 and one["bytes"] <= 8 * 10**9 for one in told["students"])
    plan = json.loads((tmp_path / "student" / "plan.json").read_text())
    assert plan["params"]["student"] == told["students"][0]["params"]
    assert len(plan["latency_floor"]) == 2
    assert "Segmind SSD-1B" in (tmp_path / "student" / "table.tex").read_text()
    listed = traced_here(*args[:6]).stdout
    assert "quality is not predicted" in " ".join(listed.split())
    assert max(map(len, listed.splitlines())) <= 80
