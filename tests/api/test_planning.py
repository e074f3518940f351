"""A planned student: published ones to the tensor, what follows from a choice, holes, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

import unetscope
from support.files.checkpoint_files import listing
from support.networks import SMALL
from unetscope.analysis.plan.recipes import RECIPES
from unetscope.difference.changes import BlockChange
from unetscope.errors import ConfigError
from unetscope.model import Architecture
from unetscope.plans import Plan

DEEP: dict[str, Any] = SMALL | {
    "block_out_channels": [32, 64, 64],
    "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
    "layers_per_block": 2,
    "transformer_layers_per_block": [1, 2, 3],
}
"""A UNet with all that a plan can drop, which builds in a moment."""
PUBLISHED = [
    (recipe.id, teacher, student)
    for recipe in RECIPES.values()
    for teacher, student in recipe.published.items()
]


def tensors(network: Architecture) -> set[tuple[str, tuple[int, ...]]]:
    return {(tensor.name, tensor.shape) for tensor in network.tensors}


def gone(plan: Plan) -> list[str]:
    return [one.label or one.path for one in plan.dropped]


@pytest.mark.parametrize(("recipe", "teacher", "student"), PUBLISHED)
def test_a_recipe_makes_the_published_student_to_the_tensor(recipe: str, teacher: str, student: str) -> None:
    """By the config that the words lead to, not by that of the bundled student."""
    made = unetscope.plan(teacher, drop=RECIPES[recipe].drop)
    known = unetscope.load(student)
    assert made.config is not None
    assert tensors(made.student) == tensors(known)
    assert made.student.cost == known.cost
    assert made.student.skips == known.skips
    assert set(made.keys) == {tensor.name for tensor in known.tensors}
    assert made.changed == ()
    assert unetscope.plan(teacher, recipe=recipe).keys == made.keys


REAL_FILES = {"ssd-1b": ("aitoolkit-ssd-unet-diffusers", 944), "vega": ("aitoolkit-vega-unet-diffusers", 564)}
"""Names of the tensors of real files, from the key maps of ostris/ai-toolkit @27a03a9 (tests/data)."""


@pytest.mark.parametrize("recipe", REAL_FILES)
def test_a_recipe_has_the_tensors_of_the_real_file(recipe: str) -> None:
    file, number = REAL_FILES[recipe]
    found = listing(file)
    there = {*found.shapes, *found.tensors}
    made = unetscope.plan("sdxl", recipe=recipe)
    assert {tensor.name for tensor in made.student.tensors} == there
    assert len(there) == number


FLUX = {"flux1-lite": ({"num_layers": 8}, 8_163_264_064), "flux-mini": (
    {"num_layers": 5, "num_single_layers": 10}, 3_179_199_552)}  # fmt: skip
"""Blocks left as their makers say; parameters as that gives them (they print 8 B and 3.2 B)."""


@pytest.mark.parametrize("recipe", FLUX)
def test_a_recipe_of_flux_leaves_as_many_blocks_as_published(recipe: str) -> None:
    fields, params = FLUX[recipe]
    made = unetscope.plan("flux1-dev", recipe=recipe)
    known = unetscope.load("flux1-dev", overrides=fields)
    assert tensors(made.student) == tensors(known)
    assert made.student.cost.params == params
    assert made.recipe is not None
    assert "no list of its tensors was seen" in made.recipe.told


def test_flux_lite_takes_as_many_bytes_as_its_published_files() -> None:
    """huggingface.co/Freepik/flux.1-lite-8B-alpha, transformer/: 9.91 GB and 6.42 GB, bfloat16."""
    params = FLUX["flux1-lite"][1]
    assert abs(2 * params - (9.91 + 6.42) * 10**9) < 0.01 * 10**9


def test_every_recipe_is_held_to_something_published() -> None:
    assert {recipe for recipe, *_ in PUBLISHED} | set(FLUX) == set(RECIPES)


def test_a_recipe_can_be_applied_to_another_teacher() -> None:
    made = unetscope.plan("sd21", recipe="bk-sdm-small")
    assert (made.student.cost.params, made.student.basis.axes["height"]) == (485_787_524, 96)
    assert made.student.config["upcast_attention"] is True


BK_SDM = {
    # of the student: of the teacher (published.md 1e, copy_weight_from_teacher)
    "up_blocks.0.resnets.1.conv1.weight": "up_blocks.0.resnets.2.conv1.weight",
    "up_blocks.2.attentions.1.proj_in.weight": "up_blocks.2.attentions.2.proj_in.weight",
    "down_blocks.0.resnets.0.conv1.weight": "down_blocks.0.resnets.0.conv1.weight",
}
BK_SDM_TINY = {
    "up_blocks.0.resnets.1.conv1.weight": "up_blocks.1.resnets.2.conv1.weight",
    "up_blocks.1.upsamplers.0.conv.weight": "up_blocks.2.upsamplers.0.conv.weight",
    "up_blocks.2.attentions.0.norm.weight": "up_blocks.3.attentions.0.norm.weight",
}


@pytest.mark.parametrize(
    ("recipe", "expected"), [("bk-sdm-base", BK_SDM), ("bk-sdm-small", BK_SDM), ("bk-sdm-tiny", BK_SDM_TINY)]
)
def test_weights_are_taken_as_the_training_code_of_bk_sdm_takes_them(
    recipe: str, expected: dict[str, str]
) -> None:
    keys = unetscope.plan("sd14", recipe=recipe).keys
    assert {key: keys[key] for key in expected} == expected


FOLLOWS = {
    # what is dropped of DEEP: what goes in all
    "R1,2": ["A1,2", "R1,2", "A7,2", "R7,2"],
    "R7,2": ["A1,2", "R1,2", "A7,2", "R7,2"],
    "IN02": ["A1,2", "R1,2", "A7,2", "R7,2"],
    "OUT01": ["A3,2", "R3,2", "A5,2", "R5,2"],
    "down_blocks.1.resnets.1": ["A2,2", "R2,2", "A6,2", "R6,2"],
    "mid": ["mid_block"],
    "M00": ["mid_block"],
    "R4,2": ["A4,1", "R4,2"],
    "level@last": ["down_blocks.1.downsamplers", "down_blocks.2", "up_blocks.0"],
    "level@0": ["down_blocks.0", "up_blocks.1.upsamplers", "up_blocks.2"],
    "attention@0": ["A1,1", "A1,2", "A7,1", "A7,2", "A7,3"],
    "down_blocks.0.attentions": ["A1,1", "A1,2"],
    "residual@0 mid": None,
}


@pytest.mark.parametrize("words", FOLLOWS)
def test_what_is_dropped_takes_along_what_it_is_joined_with(words: str) -> None:
    expected = FOLLOWS[words]
    if expected is None:
        with pytest.raises(ConfigError, match="no layer left"):
            unetscope.plan(DEEP, drop=words)
        return
    made = unetscope.plan(DEEP, drop=words)
    inside = [one for one in gone(made) if ".transformer_blocks." not in one]
    assert [one for one in inside if one in expected] == expected
    assert made.config is not None
    assert unetscope.load({"_class_name": made.student.class_name, **made.config}).cost == made.student.cost


HOLES = {
    "A1,2": "network.down_blocks[0].attentions[1] = Pass()",
    "A4,1": "network.mid_block.attentions[0] = Pass()",
    "mid_block.*.transformer_blocks.2": "del network.mid_block.attentions[0].transformer_blocks[2]",
    "up_blocks.1.attentions.1 level@last": "network.num_upsamplers -= 1",
}


@pytest.mark.parametrize("words", HOLES)
def test_a_student_that_no_config_says_is_cut_out_of_its_teacher(words: str) -> None:
    from unetscope.render.plan.code import edit_lines

    made = unetscope.plan(DEEP, drop=words)
    assert made.config is None
    assert made.hole
    assert HOLES[words] in edit_lines(made.edits)
    taken = [tensor for tensor in made.teacher.tensors if tensor.name in set(made.keys.values())]
    assert sum(1 for _ in taken) == len(made.keys) == len(made.student.tensors)
    assert made.student.cost.params < made.teacher.cost.params


def test_a_hole_is_told_as_the_block_that_went_and_its_skip_as_re_joined() -> None:
    """The place that an attention leaves is no block: what it gives back is the residual block's."""
    report = unetscope.plan_report(unetscope.plan(DEEP, drop="A1,2"))
    assert "down_blocks.0.attentions.1" not in report.plan.student.by_path
    assert [(one.change, one.path) for one in report.diff.changes if isinstance(one, BlockChange)] == [
        ("removed", "down_blocks.0.attentions.1")
    ]
    assert ("down_blocks.0.resnets.1", "up_blocks.2.resnets.0") in [
        (skip.source, skip.target) for skip in report.plan.student.skips
    ]
    assert "the plan took A1,2 down_blocks.0.attentions.1 out" in report.diff.unknown


def test_keep_alone_drops_the_rest_of_its_lists_and_beside_drop_it_protects() -> None:
    alone = unetscope.plan("dit-xl-2-256", keep="transformer_blocks.0-6")
    both = unetscope.plan("dit-xl-2-256", drop="transformer_blocks.*", keep="transformer_blocks.0-6")
    assert alone.config == both.config
    assert alone.student.config["num_layers"] == 7


def test_blocks_that_a_config_numbers_are_counted_again() -> None:
    made = unetscope.plan("sd35-medium", drop="transformer_blocks.3-5")
    assert made.student.config["dual_attention_layers"] == list(range(10))
    assert made.changed == ()


def test_fields_alone_make_a_student_too() -> None:
    made = unetscope.plan(DEEP, overrides={"layers_per_block": 1})
    assert (made.dropped, made.settings) == ((), {"layers_per_block": 1})
    assert made.student.cost == unetscope.load(DEEP, overrides={"layers_per_block": 1}).cost


REFUSED: dict[tuple[str, ...], str] = {
    ("R1,9",): "nothing in",
    ("no_such.*",): "nothing in",
    ("residual@0",): "would have no layer left",
    ("level@0", "level@1", "level@2"): "no level would be left",
    ("R4,1",): "where the mid block begins",
    (): "nothing is to change",
}


@pytest.mark.parametrize("drop", REFUSED, ids=" ".join)
def test_what_cannot_be_is_refused_in_one_line_with_a_hint(drop: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match=REFUSED[drop]) as error:
        unetscope.plan(DEEP, drop=drop)
    assert error.value.hint
    assert "\n" not in error.value.message


def test_a_network_without_such_lists_is_refused() -> None:
    with pytest.raises(ConfigError, match="no blocks that plan knows"):
        unetscope.plan("controlnet-sd15", drop="mid")


def test_a_difference_that_shapes_lead_elsewhere_says_what_the_plan_drops() -> None:
    """Blocks of a stack are alike: a difference cannot see which went, the plan knows."""
    report = unetscope.plan_report(unetscope.plan("flux1-dev", recipe="flux1-lite"), causes=False)
    assert any("transformer_blocks.4–14 went" in note for note in report.diff.b.notes)
    assert report.plan.keys["transformer_blocks.4.norm1.linear.weight"] == (
        "transformer_blocks.15.norm1.linear.weight"
    )
    known = unetscope.plan_report(unetscope.plan("sd15", recipe="bk-sdm-small"), causes=False)
    assert known.diff.transfer.loads == dict(known.plan.keys)
    assert known.diff.b.notes == ()
