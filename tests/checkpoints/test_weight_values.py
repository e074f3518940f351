"""The values of two files of weights: pairs come out as they were made, in every type, naming and format."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import unetscope
from support.command_line import traced_here
from unetscope.checkpoints.names import crosswalks, ldm
from unetscope.checkpoints.presets import running_order, tensors
from unetscope.checkpoints.values import numbers
from unetscope.checkpoints.values.changes import WeightDiff
from unetscope.checkpoints.values.difference import difference
from unetscope.checkpoints.values.pairing import block_of
from unetscope.errors import SourceError

TYPES = {
    "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2, "F8_E4M3FNUZ": torch.float8_e4m3fnuz,
    "F8_E5M2FNUZ": torch.float8_e5m2fnuz, "F8_E8M0": torch.float8_e8m0fnu, "I8": torch.int8,
    "U8": torch.uint8,
    "I16": torch.int16, "I32": torch.int32, "I64": torch.int64, "BOOL": torch.bool,
}  # fmt: skip
BLOCKS = ("down_blocks.0.attentions.0", "down_blocks.1.attentions.0", "up_blocks.0.attentions.1")
LAYERS = ("attn1.to_q", "attn1.to_v", "ff.net.2")
RANDOM = np.random.default_rng(7)


def run(*args: str, cwd: Path) -> CompletedProcess[str]:
    """The program in a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(cwd)
        patch.setenv("COLUMNS", "80")
        return traced_here(*args)


def bytes_of(value: torch.Tensor) -> bytes:
    return value.contiguous().view(torch.uint8).numpy().tobytes() if value.dim() else value.numpy().tobytes()


def saved(path: Path, values: dict[str, torch.Tensor]) -> Path:
    """A safetensors file of values, written as its format says."""
    names = {dtype: name for name, dtype in TYPES.items()}
    entries, parts, at = dict[str, Any](), [], 0
    for name, value in values.items():
        data = bytes_of(value)
        entries[name] = {
            "dtype": names[value.dtype], "shape": list(value.shape), "data_offsets": [at, at + len(data)],
        }  # fmt: skip
        at += len(data)
        parts.append(data)
    header = json.dumps(entries).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"".join(parts))
    return path


def base(dtype: torch.dtype = torch.float32) -> dict[str, torch.Tensor]:
    """Three blocks of three layers."""
    return {
        f"{block}.{layer}.weight": torch.from_numpy(0.02 * RANDOM.standard_normal((48, 64))).to(dtype)
        for block in BLOCKS
        for layer in LAYERS
    }


def compared(tmp_path: Path, a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> WeightDiff:
    return difference(saved(tmp_path / "a.safetensors", a), saved(tmp_path / "b.safetensors", b))


def states(found: WeightDiff) -> dict[str, str]:
    return {one.name: one.state for one in found.tensors}


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
def test_a_file_and_its_copy_have_the_same_values(tmp_path: Path, dtype: str) -> None:
    made = base(TYPES[dtype])
    found = compared(tmp_path, made, made)
    assert found.equal
    assert {one.state for one in found.tensors} == {"equal"}
    assert [(one.path, one.sums.relative, one.sums.cosine, one.share) for one in found.blocks] == [
        (block, 0.0, 1.0, 0.0) for block in BLOCKS
    ]


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
@pytest.mark.parametrize("factor", [1.25, 0.5, 3.0])
def test_what_was_multiplied_is_told_with_its_factor(tmp_path: Path, dtype: str, factor: float) -> None:
    made = base(TYPES[dtype])
    found = compared(tmp_path, made, {name: value * factor for name, value in made.items()})
    assert found.total.scale == pytest.approx(factor, rel=1e-2 if dtype == "BF16" else 1e-3)
    assert found.total.sums.relative == pytest.approx(abs(factor - 1), rel=1e-2)
    assert all(one.scale is not None for one in found.blocks)


def test_of_one_trained_block_that_block_alone_changed(tmp_path: Path) -> None:
    made = base()
    noise = {
        name: 0.001 * torch.randn_like(value) for name, value in made.items() if name.startswith(BLOCKS[1])
    }
    found = compared(tmp_path, made, {name: value + noise.get(name, 0) for name, value in made.items()})
    assert {name for name, state in states(found).items() if state == "changed"} == noise.keys()
    shares = {one.path: one.share for one in found.blocks}
    assert shares == {BLOCKS[0]: 0.0, BLOCKS[1]: 1.0, BLOCKS[2]: 0.0}
    (moved,) = [one for one in found.blocks if one.count("changed")]
    change = math.sqrt(sum(float((value.double() ** 2).sum()) for value in noise.values()))
    whole = math.sqrt(sum(float((made[name].double() ** 2).sum()) for name in noise))
    assert moved.sums.relative == pytest.approx(change / whole, rel=1e-4)
    assert moved.scale is None


def test_a_merged_lora_changed_the_layers_it_was_trained_on(tmp_path: Path) -> None:
    made = base()
    deltas = {}
    for name, value in made.items():
        if ".attn1." in name:
            up, down = torch.randn(value.shape[0], 4), torch.randn(4, value.shape[1])
            deltas[name] = 1e-3 * up @ down
    found = compared(tmp_path, made, {name: value + deltas.get(name, 0) for name, value in made.items()})
    assert {name for name, state in states(found).items() if state == "changed"} == deltas.keys()
    for one in found.tensors:
        a, b = (
            made[one.name].double().flatten(),
            (made[one.name] + deltas.get(one.name, 0)).double().flatten(),
        )
        assert one.sums.cosine == pytest.approx(float(a @ b / a.norm() / b.norm()), abs=1e-7)
        assert one.sums.largest == pytest.approx(float((a - b).abs().max()), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("dtype", [one for one in TYPES if one != "BOOL"])
def test_every_pattern_of_a_type_is_the_number_that_torch_reads(dtype: str) -> None:
    wide = TYPES[dtype].itemsize
    patterns = np.arange(2 ** min(16, 8 * wide), dtype=f"u{min(2, wide)}")
    if wide > 2:
        patterns = RANDOM.integers(0, 2 ** (8 * wide - 1), 4096).astype(f"u{wide}")
    raw = patterns.view("u1")
    room = np.empty(len(patterns), "f8" if numbers.is_wide(dtype) else "f4")
    with np.errstate(all="ignore"):
        found = numbers.exact(dtype, raw, room)
        there = torch.from_numpy(raw.copy()).view(TYPES[dtype]).to(torch.float64).numpy()
        np.testing.assert_array_equal(found, there.astype(found.dtype))


@pytest.mark.parametrize("dtype", ["F16", "BF16", "F8_E4M3", "F8_E5M2"])
def test_finite_numbers_take_the_fast_way_to_the_same_values(dtype: str) -> None:
    given_ = torch.from_numpy(RANDOM.standard_normal(70_000) * 0.02).to(TYPES[dtype])
    found = numbers.quick(dtype, given_.view(torch.uint8).numpy(), np.empty(70_000, "f4"))
    np.testing.assert_array_equal(found, given_.to(torch.float32).numpy())


@given(
    st.integers(1, 200_000),
    st.sampled_from(["F32", "F16", "BF16", "F64", "I32"]),
    st.sampled_from(["F32", "F64"]),
)
def test_sums_are_those_of_all_elements(count: int, one: str, other: str) -> None:
    import tempfile

    values = torch.from_numpy(RANDOM.standard_normal(count) * 5)
    a, b = values.to(TYPES[one]), (values + 0.5).to(TYPES[other])
    with tempfile.TemporaryDirectory() as folder:
        (found,) = compared(Path(folder), {"x": a}, {"x": b}).tensors
    wide_a, wide_b = a.double(), b.double()
    assert found.sums.elements == count
    assert found.sums.a == pytest.approx(float(wide_a @ wide_a), rel=1e-5)
    assert found.sums.b == pytest.approx(float(wide_b @ wide_b), rel=1e-5)
    assert found.sums.change == pytest.approx(float(((wide_a - wide_b) ** 2).sum()), rel=1e-5)
    assert found.sums.largest == pytest.approx(float((wide_a - wide_b).abs().max()), rel=1e-5)


def small(id: str, parts: int) -> dict[str, torch.Tensor]:
    """A bundled network with a 64th of its widths and two blocks of each kind."""
    kept = {
        name: shape
        for name, shape in tensors(id).items()
        if not any(part.isdigit() and int(part) > 1 for part in name.split(".")[1:2]) or "blocks" not in name
    }
    sizes = {name: [max(1, side // parts) for side in shape] for name, shape in kept.items()}
    return {name: torch.from_numpy(RANDOM.standard_normal(sides)).float() for name, sides in sizes.items()}


def test_two_namings_of_one_network_are_matched_with_fused_and_swapped_tensors(tmp_path: Path) -> None:
    ours = small("flux1-dev", 64)
    theirs = dict[str, torch.Tensor]()
    shapes = {name: tuple(value.shape) for name, value in ours.items()}
    native = crosswalks.native("flux", shapes)
    for name, (own, share) in crosswalks.origins("flux", native, "").items():
        value = ours[name]
        if name.startswith("norm_out.linear"):
            value = torch.cat([value[len(value) // 2 :], value[: len(value) // 2]])
        theirs[own] = torch.cat([theirs[own], value]) if share and own in theirs else value
    changed = {
        **ours,
        "transformer_blocks.1.attn.to_k.weight": ours["transformer_blocks.1.attn.to_k.weight"] + 1,
    }
    found = compared(tmp_path, changed, theirs)
    assert found.naming == "the names of diffusers"
    assert (found.only_a, found.only_b) == ((), ())
    assert {name for name, state in states(found).items() if state != "equal"} == {
        "transformer_blocks.1.attn.to_k.weight"
    }
    assert {one.path for one in found.blocks if one.count("changed")} == {"transformer_blocks.1"}


def test_ldm_names_are_matched_with_those_of_diffusers_under_a_prefix(tmp_path: Path) -> None:
    ours = {
        name: torch.zeros([min(side, 8) for side in shape]) + 1 for name, shape in tensors("sd15").items()
    }
    shapes = tensors("sd15")
    ours = {name: torch.ones([1] * len(shape)) for name, shape in shapes.items()}
    back = ldm.from_diffusers(shapes)
    theirs = {f"model.diffusion_model.{new}": ours[name] for name, new in back.items()}
    theirs["first_stage_model.odd"] = torch.ones(3)
    found = compared(tmp_path, ours, theirs)
    assert found.only_a == ()
    assert found.only_b == ("first_stage_model.odd",)
    assert len(found.tensors) == len(shapes)


def test_values_that_are_not_finite_are_told_and_equal_bytes_stay_equal(tmp_path: Path) -> None:
    odd = torch.tensor([1.0, math.nan, math.inf])
    found = compared(
        tmp_path, {"same": odd, "other": odd}, {"same": odd, "other": odd + torch.tensor([1.0, 0, 0])}
    )
    assert states(found) == {"same": "equal", "other": "changed"}
    assert found.tensors[1].sums.relative is None
    document = json.loads(
        run("diff", "a.safetensors", "b.safetensors", "--weights", "--json", cwd=tmp_path).stdout
    )
    assert document["tensors"][1]["relative"] is None


def test_other_shapes_and_tensors_of_one_file_are_told(tmp_path: Path) -> None:
    one = {"x": torch.ones(2, 3), "y": torch.ones(4, 1), "left": torch.ones(1), "empty": torch.ones(0)}
    two = {"x": torch.ones(3, 2), "y": torch.ones(4, 1, 1), "right": torch.ones(1), "empty": torch.ones(0)}
    found = compared(tmp_path, one, two)
    assert states(found) == {"x": "reshaped", "y": "equal", "empty": "equal"}
    assert (found.only_a, found.only_b) == (("left",), ("right",))
    assert not found.equal


def test_blocks_stand_by_name_whatever_the_order_of_the_file(tmp_path: Path) -> None:
    names = [f"blocks.{at}.{part}.weight" for at in (10, 2, 0) for part in ("b", "a")]
    made = {name: torch.ones(2) for name in names}
    found = compared(tmp_path, made, made)
    assert [one.path for one in found.blocks] == ["blocks.0", "blocks.2", "blocks.10"]
    assert [one.name for one in found.blocks[1].tensors] == ["blocks.2.a.weight", "blocks.2.b.weight"]


def test_modules_of_a_bundled_network_stand_as_they_run() -> None:
    places = running_order("sd15")
    run = ["conv_in", "down_blocks.0.resnets.0", "down_blocks.0.attentions.0", "mid_block.resnets.0",
           "mid_block.attentions.0", "mid_block.resnets.1", "up_blocks.0.resnets.0", "conv_out"]  # fmt: skip
    assert sorted(run, key=places.__getitem__) == run


def test_the_formats_tell_the_same(tmp_path: Path) -> None:
    made = base()
    b = {name: value + (name.startswith(BLOCKS[0])) for name, value in made.items()}
    found = compared(tmp_path, made, b)
    files = ("diff", "a.safetensors", "b.safetensors", "--weights")
    document = json.loads(run(*files, "--json", cwd=tmp_path).stdout)
    rows = list(csv.DictReader(io.StringIO(run(*files, "--format", "csv", cwd=tmp_path).stdout)))
    assert [row["tensor"] for row in rows] == [one["name"] for one in document["tensors"]] == [*made]
    for row, one, tensor in zip(rows, document["tensors"], found.tensors, strict=True):
        assert row["state"] == one["state"] == tensor.state
        assert float(row["relative"]) == pytest.approx(one["relative"], rel=1e-8)
    text = run(*files, cwd=tmp_path).stdout
    assert "9 tensors in both: 6 equal, 3 changed, all of them in down_blocks.0.attentions.0" in " ".join(
        text.split()
    )
    assert max(map(len, text.splitlines())) <= 80
    marked = run(*files, "--format", "markdown", cwd=tmp_path).stdout
    assert all(f"| {block} |" in marked for block in BLOCKS)
    assert run(*files, "--exit-code", cwd=tmp_path).returncode == 1
    assert (
        run("diff", "a.safetensors", "a.safetensors", "--weights", "--exit-code", cwd=tmp_path).returncode
        == 0
    )


def test_a_picture_fills_the_blocks_that_changed(tmp_path: Path) -> None:
    shapes = tensors("sd15")
    made = {name: torch.ones([min(side, 2) for side in shape]) for name, shape in shapes.items()}
    moved = "up_blocks.1.attentions.2"
    found = compared(
        tmp_path, made, {name: value + 0.03 * name.startswith(f"{moved}.") for name, value in made.items()}
    )
    drawn = unetscope.draw_weights(replace(found, network="sd15")).text
    fills = dict(re.findall(r'data-path="([^"]+)"><title>[^<]*</title><rect [^>]*fill="([^"]+)"', drawn))
    blocks = {path: fill for path, fill in fills.items() if block_of(path) == path and path.count(".") == 3}
    assert len(blocks) > 30
    assert {path for path, fill in blocks.items() if fill != fills["conv_in"]} == {moved}
    assert "‖A − B‖ / ‖A‖" in drawn
    assert "hatch" not in drawn
    assert ">equal<" in drawn
    done = run("diff", "a.safetensors", "b.safetensors", "--weights", "-o", "x.svg", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "x.svg").exists()) == (2, False)
    assert "holds no network that is bundled" in done.stderr


def test_a_block_that_changed_little_is_filled_unlike_one_that_is_equal(tmp_path: Path) -> None:
    made = {name: torch.ones([min(side, 2) for side in shape]) for name, shape in tensors("sd15").items()}
    apart = {"down_blocks.0.resnets.0": 2.0**-20, "down_blocks.0.resnets.1": 0.02, "mid_block.resnets.0": 0.3}
    moved = {
        name: value + next((by for block, by in apart.items() if name.startswith(f"{block}.")), 0.0)
        for name, value in made.items()
    }
    drawn = unetscope.draw_weights(replace(compared(tmp_path, made, moved), network="sd15")).text
    fills = dict(re.findall(r'data-path="([^"]+)"><title>[^<]*</title><rect [^>]*fill="([^"]+)"', drawn))
    assert len({fills[path] for path in apart} | {fills["conv_in"]}) == 4


def test_a_sharded_file_is_compared_with_a_whole_one(tmp_path: Path) -> None:
    made = base()
    names = [*made]
    saved(tmp_path / "w-00001-of-00002.safetensors", {name: made[name] for name in names[:4]})
    saved(tmp_path / "w-00002-of-00002.safetensors", {name: made[name] for name in names[4:]})
    places = {name: f"w-0000{1 + (at >= 4)}-of-00002.safetensors" for at, name in enumerate(names)}
    index = tmp_path / "w.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": places}))
    assert difference(index, saved(tmp_path / "whole.safetensors", made)).equal
    (tmp_path / "w-00002-of-00002.safetensors").unlink()
    with pytest.raises(SourceError, match="not beside it"):
        difference(index, tmp_path / "whole.safetensors")


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (lambda data: data[:-5], "is cut off: 5 bytes of its data are not there"),
        (lambda data: data[:40], "is cut off within its header"),
        (lambda data: b"", "is empty"),
        (lambda data: b"\xff" * 8 + data[8:], "its header cannot be"),
        (lambda data: data.replace(b'"F32"', b'"F99"', 1), "an unknown type"),
        (lambda data: b"GGUF" + data, "b.safetensors"),
    ],
)
def test_a_broken_file_is_one_line(tmp_path: Path, broken: Any, told: str) -> None:
    path = saved(tmp_path / "a.safetensors", base())
    (tmp_path / "b.safetensors").write_bytes(broken(path.read_bytes()))
    for order in (("a", "b"), ("b", "a")):
        done = run("diff", *(f"{one}.safetensors" for one in order), "--weights", cwd=tmp_path)
        assert done.returncode == 2
        assert told in done.stderr
        assert done.stderr.count("\n") == 2
        assert done.stdout == ""


def test_other_containers_and_options_of_networks_are_refused(tmp_path: Path) -> None:
    saved(tmp_path / "a.safetensors", base())
    torch.save({"x": torch.ones(2)}, tmp_path / "b.ckpt")
    for words, told in (
        (("a.safetensors", "b.ckpt"), "values are read of safetensors alone"),
        (("a.safetensors",), "--weights compares the values of two files"),
        (("a.safetensors", "a.safetensors", "--only", "config"), "--only is about networks"),
        (("org/repo", "a.safetensors"), "no file here"),
        (("a.safetensors", "a.safetensors", "-o", "x.html"), "no suffix that names a format here"),
    ):
        done = run("diff", *words, "--weights", cwd=tmp_path)
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    assert (
        "--format csv is for --weights" in run("diff", "sd15", "sd21", "--format", "csv", cwd=tmp_path).stderr
    )


def test_names_of_a_file_reach_no_output_unescaped(tmp_path: Path) -> None:
    odd = {"=1+1|<b>\x1b[31m.weight": torch.ones(2)}
    saved(tmp_path / "a.safetensors", odd)
    saved(tmp_path / "b.safetensors", {name: value + 1 for name, value in odd.items()})
    files = ("diff", "a.safetensors", "b.safetensors", "--weights")
    for format_ in ("text", "csv", "markdown", "json"):
        shown = run(*files, "--format", format_, cwd=tmp_path).stdout
        assert "\x1b" not in shown
        assert "<b>" not in shown or format_ in ("text", "csv", "json")
    assert "\n'=1+1" in run(*files, "--format", "csv", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("down_blocks.0.attentions.1.transformer_blocks.0.attn1.to_q.weight", "down_blocks.0.attentions.1"),
        ("up_blocks.2.upsamplers.0.conv.bias", "up_blocks.2.upsamplers.0"),
        ("mid_block.resnets.1.conv1.weight", "mid_block.resnets.1"),
        ("transformer_blocks.17.ff.net.0.proj.weight", "transformer_blocks.17"),
        ("model.diffusion_model.input_blocks.4.1.proj_in.weight", "model.diffusion_model.input_blocks.4"),
        ("time_embedding.linear_1.weight", "time_embedding"),
        ("conv_in.weight", "conv_in"),
        ("weight", "weight"),
        ("", ""),
    ],
)
def test_a_tensor_belongs_to_the_block_its_name_says(name: str, block: str) -> None:
    assert block_of(name) == block


def test_the_python_function_shows_itself(tmp_path: Path) -> None:
    made = base()
    saved(tmp_path / "a.safetensors", made)
    found = unetscope.weight_diff(tmp_path / "a.safetensors", tmp_path / "a.safetensors", threads=1)
    assert repr(found) == "WeightDiff('a.safetensors', 'a.safetensors', 9 tensors, equal=True)"
    assert "the same values in all 9 tensors" in found._repr_mimebundle_()["text/plain"]
