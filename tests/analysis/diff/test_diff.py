"""How two networks differ: the published truths, causes, alignment, weight maps, and the command."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.command_line import traced_here, unetscope
from support.networks import SMALL
from support.traces import bundled
from unetscope import api, zoo
from unetscope.analysis.diff import Diff, compare
from unetscope.analysis.diff.transfer import counts
from unetscope.render.diff import as_json, as_text
from unetscope.words import diff as words


def without_causes(a: str, b: str) -> Diff:
    """The diff of two bundled traces, nothing built."""
    return compare(bundled(a), bundled(b), trials=None, common=True, unknown="not asked")


def changes(diff: Diff, kind: str) -> list[Any]:
    return [change for change in diff.changes if change.kind == kind]


def causes(diff: Diff) -> dict[tuple[str, ...], int]:
    """How many tensors each set of fields accounts for."""
    assert diff.groups is not None
    return {group.fields: len(group.tensors) for group in diff.groups}


def effects(diff: Diff) -> dict[tuple[str, ...], str]:
    assert diff.groups is not None
    return {group.fields: group.impact.effect for group in diff.groups}


def test_inpainting_widens_one_tensor() -> None:
    diff = api.diff("sd15", "sd15-inpaint")
    (tensor,) = changes(diff, "tensor")
    assert (tensor.change, tensor.path, tensor.cause) == ("changed", "conv_in.weight", ("in_channels",))
    assert (tensor.before.shape, tensor.after.shape) == ((320, 4, 3, 3), (320, 9, 3, 3))
    assert diff.b.cost.params - diff.a.cost.params == 14_400
    assert diff.b.cost.macs - diff.a.cost.macs == 58_982_400
    assert words.verdict(diff.verdict) == "same blocks, wider input"


def test_every_tensor_between_sd15_and_sd21_has_its_field() -> None:
    diff = api.diff("sd15", "sd21")
    assert causes(diff) == {
        ("cross_attention_dim",): 32,
        ("use_linear_projection",): 32,
        ("attention_head_dim",): 0,
        ("sample_size",): 0,
        ("upcast_attention",): 0,
    }
    assert effects(diff) == {
        ("cross_attention_dim",): "architecture",
        ("use_linear_projection",): "architecture",
        ("attention_head_dim",): "architecture",
        ("sample_size",): "none",
        ("upcast_attention",): "numerics",
    }
    assert words.verdict(diff.verdict) == "same blocks, different conditioning and linear projections"
    assert diff.b.basis.input == (4, 64, 64), "costs are compared at the size of A"


def test_the_two_sizes_of_sd20_differ_in_prediction_and_native_size_alone() -> None:
    diff = api.diff("sd20-base", "sd20")
    assert [(one.kind, one.path) for one in diff.changes] == [
        ("config", "sample_size"),
        ("scheduler", "prediction_type"),
    ]
    assert diff.identical
    assert words.verdict(diff.verdict) == "identical network; prediction type, native size differ"


def test_sdxl_turbo_is_the_network_of_sdxl() -> None:
    diff = without_causes("sdxl", "sdxl-turbo")
    assert not changes(diff, "tensor")
    assert not changes(diff, "block")


def test_cosxl_edit_reads_eight_channels() -> None:
    diff = api.diff("sdxl", "cosxl-edit")
    (given,) = changes(diff, "conditioning")
    assert (given.path, given.after.shape, given.cause) == ("sample", (8,), ("in_channels",))


@pytest.mark.slow
def test_sd15_to_sdxl_names_every_cause_and_joins_an_embedding_with_its_sizes() -> None:
    diff = api.diff("sd15", "sdxl")
    assert all(change.cause for change in changes(diff, "tensor"))
    sizes = ("addition_embed_type", "addition_time_embed_dim", "projection_class_embeddings_input_dim")
    assert causes(diff)[sizes] == 4
    stages = {stage.pair.before: stage.pair.after for stage in diff.stages}
    assert stages["down_blocks.3"] is None
    assert stages["up_blocks.1"] == "up_blocks.0"
    assert stages["up_blocks.3"] == "up_blocks.2"


BASE_REMOVED = "R1,2 A1,2 R2,2 A2,2 R3,2 A3,2 R4,2 R6,2 R7,2 A7,2 R8,2 A8,2 R9,2 A9,2".split()
"""The units that Base lacks; published in the authors' configs and training code (BK-SDM)."""
SMALL_REMOVED = [*BASE_REMOVED, "R5,1", "A5,1", "R5,2"]
TINY_REMOVED = [*SMALL_REMOVED, "R4,1", "R6,1", "R6,3"]


@pytest.mark.parametrize(
    ("teacher", "student", "removed", "renamed", "kept", "unused"),
    [
        ("sd15", "bk-sdm-base", BASE_REMOVED, 126, 442, 244),
        ("sd15", "bk-sdm-small", SMALL_REMOVED, 126, 396, 290),
        ("sd15", "bk-sdm-tiny", TINY_REMOVED, 232, 358, 328),
        ("sd21-base", "bk-sdm-v2-base", BASE_REMOVED, 126, 442, 244),
        ("sd21-base", "bk-sdm-v2-small", SMALL_REMOVED, 126, 396, 290),
        ("sd21-base", "bk-sdm-v2-tiny", TINY_REMOVED, 232, 358, 328),
    ],
)
def test_a_pruned_student_is_aligned_with_its_teacher_as_published(
    teacher: str, student: str, removed: list[str], renamed: int, kept: int, unused: int
) -> None:
    diff = without_causes(teacher, student)
    gone = [label for one in changes(diff, "block") if one.change == "removed" for label in one.before.labels]
    assert sorted(gone) == sorted(removed)
    found = counts(diff.transfer)
    assert (found["renamed"], len(diff.transfer.loads), found["unused"]) == (renamed, kept, unused)
    assert found["partial"] == found["missing"] == 0
    assert diff.transfer.loads == {key: published_source(key, student) for key in diff.transfer.loads}
    assert words.verdict(diff.verdict) == "blocks removed"


def published_source(key: str, student: str) -> str:
    """The teacher's key for a student's, by the rule of the authors' copy_weight_from_teacher."""
    parts = key.split(".")
    if parts[0] == "up_blocks":
        if parts[2] in ("resnets", "attentions") and parts[3] == "1":
            parts[3] = "2"
        if student.endswith("tiny"):
            parts[1] = str(int(parts[1]) + 1)
    return ".".join(parts)


@pytest.mark.parametrize("student", ["ssd-1b", "segmind-vega", "koala-1b", "koala-700m"])
def test_a_teacher_that_lost_transformers_only_lost_blocks(student: str) -> None:
    """Stages without them are of another class, which is no other structure."""
    assert words.verdict(without_causes("sdxl", student).verdict) == "blocks removed"
    assert words.verdict(without_causes(student, "sdxl").verdict) == "blocks added"


def test_a_partner_that_shapes_leave_open_is_marked() -> None:
    diff = without_causes("sd15", "bk-sdm-base")
    open_ = [one.before.path for one in changes(diff, "block") if one.before and one.before.could_be]
    assert open_ == ["up_blocks.0.resnets.2", "up_blocks.3.attentions.2", "up_blocks.3.resnets.2"]


def test_skips_of_a_pruned_student_are_joined_anew() -> None:
    diff = without_causes("sd15", "bk-sdm-base")
    skips = changes(diff, "skip")
    assert [one.change for one in skips] == ["changed", "removed"] * 4
    assert (skips[0].before.source, skips[0].after.source) == (
        "down_blocks.3.resnets.1",
        "down_blocks.3.resnets.0",
    )


def test_tiny_owes_a_part_to_its_blocks_and_a_part_to_its_levels() -> None:
    levels = ("block_out_channels", "down_block_types", "up_block_types")
    found = causes(api.diff("sd15", "bk-sdm-tiny"))
    assert found == {
        ("layers_per_block",): 244,
        levels: 156,
        tuple(sorted((*levels, "layers_per_block"))): 114,
        ("mid_block_type",): 46,
    }


@pytest.mark.parametrize("name", zoo.ids())
def test_a_network_does_not_differ_from_itself(name: str) -> None:
    one = bundled(name)
    diff = compare(one, one, trials=(), common=True)
    assert diff.changes == ()
    assert diff.groups == ()
    assert (diff.identical, words.verdict(diff.verdict)) == (True, "identical network")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "value", "effect"),
    [
        ("sample_size", 32, "none"),
        ("attention_head_dim", [4, 4], "none"),
        ("upcast_attention", True, "numerics"),
        ("norm_eps", 1e-3, "numerics"),
        ("dropout", 0.1, "numerics"),
        ("attention_head_dim", 8, "architecture"),
        ("act_fn", "gelu", "architecture"),
        ("in_channels", 5, "architecture"),
    ],
)
def test_a_field_is_judged_by_what_it_does(setting: str, value: object, effect: str, tmp_path: Path) -> None:
    diff = api.diff(SMALL, SMALL | {setting: value}, cache_folder=tmp_path)
    assert effects(diff) == {(setting,): effect}
    assert diff.identical == (effect == "none")


def test_what_no_network_reads_is_listed_and_makes_no_difference(tmp_path: Path) -> None:
    one = SMALL | {"_name_or_path": "here", "_diffusers_version": "0.1", "freq_shift": 0, "unknown_key": [1]}
    other = SMALL | {"_name_or_path": "there", "dropout": 0.0}
    diff = api.diff(one, other, cache_folder=tmp_path, warn=lambda _: None)
    assert (diff.changes, diff.identical, diff.groups) == ((), True, ())
    assert [(item.change, item.path, item.before, item.after) for item in diff.written] == [
        ("removed", "_diffusers_version", "0.1", None),
        ("changed", "_name_or_path", "here", "there"),
        ("added", "dropout", None, 0.0),
        ("removed", "freq_shift", 0, None),
        ("removed", "unknown_key", [1], None),
    ]
    lines = as_text.lines_of(diff, "config")
    assert "no effect on the network: _name_or_path here → there" in lines
    assert "no effect on the network: dropout unset → 0.0" in lines
    assert len(as_json.document(diff)["changes"]) == 5
    assert api.diff(SMALL, "sd15", causes=False).written == (), "a bundled model's file is written again"


def test_the_map_loads_a_student_with_nothing_missing(tmp_path: Path) -> None:
    import diffusers
    import torch

    big = SMALL | {"layers_per_block": 2}
    diff = api.diff(big, SMALL, cache_folder=tmp_path)
    plan = as_json.weight_map(diff)
    assert plan["partial"] == plan["missing"] == []
    teacher, student = (diffusers.UNet2DConditionModel.from_config(one) for one in (big, SMALL))
    weights = teacher.state_dict()
    student.load_state_dict({target: weights[source] for target, source in plan["map"].items()}, strict=True)
    assert torch.equal(
        student.up_blocks[0].resnets[1].conv1.weight, teacher.up_blocks[0].resnets[2].conv1.weight
    )


def test_stages_add_up_to_the_totals() -> None:
    for a, b in (("sd15", "bk-sdm-tiny"), ("sd15", "sd21"), ("sdxl", "ssd-1b")):
        diff = without_causes(a, b)
        assert sum(one.before.params for one in diff.stages if one.before) == diff.a.cost.params
        assert sum(one.after.macs for one in diff.stages if one.after) == diff.b.cost.macs
        assert sum(one.tensors for one in diff.stages) == len(changes(diff, "tensor"))


def test_the_text_names_the_cause_before_the_effect() -> None:
    assert as_text.diff(api.diff("sd15", "sd15-inpaint")) == INPAINT


INPAINT = """\
Stable Diffusion 1.5 → Stable Diffusion 1.5 Inpainting
same blocks, wider input

Cost
  parameters 859,520,964 → 859,535,364, +14,400
  MACs 401,636,720,640 → 401,695,703,040, +58,982,400
  tensors 686 → 686: 685 same, 1 reshaped
  All of the difference in parameters, 14,400, is in conv_in.

Why
  in_channels 4 → 9
      1 tensor (conv_in), +14,400 parameters, +59.0 MMAC

Inputs and skips
  ~ input sample 4 → 9 = noisy latent 4 + mask 1 + masked-image latent 4

Tensors
  ~ conv_in 320×4×3×3 → 320×9×3×3, by in_channels

Beside the network
  lineage: both were made from sd12: sd15 by fine-tune, sd15-inpaint by
      inpainting
  scheduler PNDMScheduler → DDIMScheduler

basis of both: 512×512 px, latent 4×64×64, batch 1, 77 text tokens, float32;
convention full: conv + linear + attention matmuls; one forward; 1 MAC = 2
FLOPs; not counted: norms, activations, biases, softmax
"""


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return traced_here("diff", *args)


@pytest.mark.parametrize(
    ("pair", "code"), [(("sd15", "sd14"), 0), (("sd15", "sd15-inpaint"), 1), (("sd15", "absent.json"), 2)]
)
def test_the_exit_code_tells_whether_networks_differ(pair: tuple[str, str], code: int) -> None:
    assert run(*pair, "--exit-code", "--stat").returncode == code


def test_two_ways_of_showing_are_a_usage_error() -> None:
    assert run("sd15", "sd14", "--json", "--stat").returncode == 2


def test_json_and_map_hold_what_they_promise(tmp_path: Path) -> None:
    done = run("sd15", "bk-sdm-small", "--json", "--map-out", str(tmp_path / "map.json"))
    found, plan = json.loads(done.stdout), json.loads((tmp_path / "map.json").read_text())
    assert found["schema_version"] == plan["schema_version"] == 1
    assert set(found["changes"][0]) == {"kind", "change", "path", "before", "after", "cause"}
    assert {one["cause"] for one in found["changes"] if one["kind"] == "tensor"} == {
        "layers_per_block",
        "mid_block_type",
    }
    assert found["totals"]["params"]["difference"] == -377_174_080
    assert (len(plan["map"]), plan["partial"], plan["missing"], len(plan["unused"])) == (396, [], [], 290)
    assert (plan["source"], plan["target"]) == ("sd15", "bk-sdm-small")


def test_without_torch_causes_are_unknown_and_the_reason_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('not here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("UNETSCOPE_CACHE", str(tmp_path))
    done = unetscope("diff", "sd12", "sd-x4-upscaler", "--json")
    found = json.loads(done.stdout)  # no line of the zoo joins these
    assert {one["cause"] for one in found["changes"] if one["kind"] == "tensor"} == {None}
    assert found["causes"] is None
    assert found["causes_unknown"].startswith("torch is needed")
    assert found["verdict"] == "different structure"


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        ("sdxl", "ssd-1b", "blocks removed"),  # its mid block lost its attention and is of another type now
        ("sdxl", "kolors", "same blocks, different conditioning"),
        ("sd15-inpaint", "bk-sdm-tiny", "blocks removed, narrower input"),
        (
            "bk-sdm-base",
            "sd2-depth",
            "blocks added, wider input, different conditioning and linear projections",
        ),
        ("sdxl", "sdxl-refiner", "different structure"),
        ("segmind-vega", "sdxl-refiner", "different structure"),
        ("sdxl", "sdxl-lightning-1step", "identical network; prediction type differs"),
    ],
)
def test_the_verdict_tells_what_kind_of_difference_it_is(a: str, b: str, verdict: str) -> None:
    assert words.verdict(without_causes(a, b).verdict) == verdict


def test_fields_of_two_classes_that_neither_config_writes_are_named_in_one_line() -> None:
    *shown, last = as_text.lines_of(without_causes("sd15", "ddpm-church"), "config")[:-1]
    assert "cross_attention_dim 768 → unset" in shown
    assert not any(line.endswith("unset → unset") for line in shown)
    assert last.startswith(
        "left at the default by both, where their classes know them: addition_embed_type_num_heads, "
    )


def test_the_map_does_not_go_where_the_diff_goes() -> None:
    done = run("sd15", "sd14", "--map-out", "-")
    assert done.returncode == 2
    assert "--map-out needs the name of a file" in done.stderr
