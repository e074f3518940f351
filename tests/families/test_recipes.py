"""Recipes: each row stands for a class of diffusers, says only what it has, and runs to the pinned counts."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from support.by_recipe import Case, built, cases, counted_by_torch, defaults, inputs, network_class, recorded
from unetscope.errors import ConfigError
from unetscope.families import expressions
from unetscope.families.recipe import (
    POSITION,
    Argument,
    Recipe,
    arguments,
    depends,
    native,
    refuse_unfit,
    strides,
)
from unetscope.families.recipes import GROUPS, MORE, recipes
from unetscope.spec import ExampleInput

CASES = {case.class_name: case for case in cases()}
NAMED = (
    "AutoencoderKL",
    "DiTTransformer2DModel",
    "FluxTransformer2DModel",
    "SD3Transformer2DModel",
    "UNetSpatioTemporalConditionModel",
    "WanTransformer3DModel",
)
"""Classes whose networks the rest of the tool is proved on."""
READING = ("HunyuanImageTransformer2DModel", "Lumina2Transformer2DModel", "HiDreamImageTransformer2DModel")
"""Classes whose forwards index by a mask, ask a tensor for a number, or route tokens to experts."""

MAKES_UP_NAMES = {"HiDreamImageTransformer2DModel": {"llama_layers_read"}}
WANTING = ("AutoencoderRAE", "CosmosControlNetModel", "CosmosTransformer3DModel")
"""Classes that diffusers builds with transformers, or with torchvision."""


def _expressions(recipe: Recipe) -> list[str]:
    tables = (recipe.axes, recipe.derived, recipe.strides, recipe.offsets, recipe.grids)
    told = [expression for table in tables for expression in table.values()]
    return told + [text for one in recipe.arguments for text in (one.shape, one.value, one.when) if text]


@pytest.mark.parametrize("name", sorted(recipes()))
def test_a_row_names_only_fields_of_its_class_axes_and_what_follows_from_them(name):
    recipe = recipes()[name]
    own = set(recipe.axes) | set(recipe.derived) | {"batch", POSITION} | MAKES_UP_NAMES.get(name, set())
    known = own | set(defaults(name))
    assert [text for text in _expressions(recipe) if not expressions.names(text) <= known] == []


@pytest.mark.parametrize("name", sorted(recipes()))
def test_an_axis_hides_no_config_field(name):
    recipe = recipes()[name]
    assert not (set(recipe.axes) | set(recipe.derived) | {"batch", POSITION}) & set(defaults(name))


@pytest.mark.parametrize("name", sorted(recipes()))
def test_every_argument_is_one_of_the_forward_and_none_that_it_needs_is_left_out(name):
    import inspect

    parameters = inspect.signature(network_class(name).forward).parameters
    taken = {one.name.split(".")[0].split("[")[0] for one in recipes()[name].arguments}
    needed = {
        one.name
        for one in parameters.values()
        if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    } - {"self"}
    assert taken <= set(parameters)
    assert needed <= taken


def test_the_sample_stands_first_in_every_row():
    assert {name for name, recipe in recipes().items() if recipe.arguments[0].role != "sample"} == set()


@pytest.mark.parametrize("name", sorted(recipes()))
def test_native_sizes_are_sizes_that_the_network_takes(name):
    recipe, config = recipes()[name], defaults(name) | CASES[name].config
    refuse_unfit(recipe, config, native(recipe, config))


def test_rows_stand_in_order_one_class_in_one_file():
    found = [
        list(json.loads(files("unetscope.families.recipes").joinpath(f"{g}.json").read_text()))
        for g in GROUPS
    ]
    assert all(names == sorted(names) for names in found)
    assert len(recipes()) == sum(map(len, found))
    assert set(MORE) <= set(recipes())
    assert set(recipes()) == set(CASES)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMED)
def test_the_classes_all_else_is_proved_on_count_what_was_counted_elsewhere(name):
    _counts_agree(CASES[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", READING)
def test_forwards_that_read_values_count_what_was_counted_elsewhere(name):
    _counts_agree(CASES[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(CASES) - {*NAMED, *READING, *WANTING}))
def test_every_other_class_counts_what_is_pinned(name):
    _counts_agree(CASES[name])


@pytest.mark.live
@pytest.mark.parametrize("name", WANTING)
def test_a_class_that_wants_another_library_counts_what_is_pinned(name):
    _counts_agree(CASES[name])


def _counts_agree(case: Case) -> None:
    """Torch's counter and our recorder, equal blocks copied, both give the pinned figures."""
    network = built(case)
    assert counted_by_torch(case, network) == case.count
    assert recorded(case, network)[0] == case.count.macs


ROW = Recipe(
    module="",
    axes={"height": "first(sample_size) or 64", "width": "last(sample_size) or 64", "frames": "9"},
    derived={"image_tokens": "height // patch * (width // patch)", "all_tokens": "image_tokens * frames"},
    strides={"height": "patch", "frames": "4"},
    offsets={"frames": "1"},
    arguments=(
        Argument("sample", "sample", "batch, channels, height, width"),
        Argument("ids", "ids", "batch, all_tokens", "long", value="position"),
        Argument("mask", "mask", "batch, 4", "bool", value="position < 2"),
        Argument("rope", "rope", "((image_tokens, 8),) * 2"),
        Argument("x", "sample", "[(channels, height)] * batch"),
        Argument("added.time", "time", "batch", value="1"),
        Argument("added.unused", "size", "(batch, 2) if extra else None"),
        Argument("guidance", "guidance", "batch", when="guidance_embeds"),
        Argument("hidden", "option", "batch", when="of_a_later_version"),
        Argument("num_frames", "size", value="frames"),
        Argument("shapes", "size", value="[[(1, height, width)]] * batch"),
    ),
)
CONFIG = {"sample_size": [2, 4], "patch": 2, "channels": 3, "guidance_embeds": False, "extra": None}


def test_a_row_becomes_tensors_values_and_plain_arguments():
    axes = native(ROW, CONFIG) | {"batch": 2, "frames": 1}
    plain = [(e.name, e.shape, e.dtype, e.values, e.value) for e in arguments(ROW, CONFIG, axes)]
    assert plain == [
        ("sample", (2, 3, 2, 4), "float", (), None),
        ("ids", (2, 2), "long", (0, 1), None),
        ("mask", (2, 4), "bool", (True, True, False, False), None),
        ("rope.0", (2, 8), "float", (), None),
        ("rope.1", (2, 8), "float", (), None),
        ("x[0]", (3, 2), "float", (), None),
        ("x[1]", (3, 2), "float", (), None),
        ("added.time", (2,), "float", (1,), None),
        ("added.unused", None, "float", (), None),
        ("num_frames", None, "float", (), 1),
        ("shapes", None, "float", (), [[(1, 2, 4)], [(1, 2, 4)]]),
    ]


def test_entries_come_together_as_dict_list_and_tuple():
    from unetscope.tracing.forward.arguments import made

    called = made(arguments(ROW, CONFIG, native(ROW, CONFIG) | {"frames": 1}), "float16")
    assert [type(called[name]).__name__ for name in ("rope", "x", "added", "shapes")] == [
        "tuple",
        "list",
        "dict",
        "list",
    ]
    assert called["mask"].tolist() == [[True, True, False, False]]
    assert called["ids"].device.type == called["added"]["time"].device.type == "cpu"
    assert called["sample"].is_meta
    assert str(called["sample"].dtype) == "torch.float16"
    assert called["added"]["unused"] is None


def test_what_an_argument_follows_is_found_through_derived_names():
    found = {argument.name: sorted(depends(ROW, argument)) for argument in ROW.arguments}
    assert found["sample"] == ["batch", "height", "width"]
    assert found["ids"] == ["batch", "frames", "height", "width"]
    assert found["mask"] == ["batch"]
    assert found["num_frames"] == ["frames"]


def test_strides_and_offsets_say_which_sizes_do():
    assert strides(ROW, CONFIG) == {"height": 2, "frames": 4}
    refuse_unfit(ROW, CONFIG, {"height": 6, "width": 5, "frames": 13})
    with pytest.raises(ConfigError, match="frames 12 is not 1 more than a multiple of 4") as refused:
        refuse_unfit(ROW, CONFIG, {"height": 6, "width": 5, "frames": 12})
    assert refused.value.hint == "the nearest is 13"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"channels": None}, "sample comes out as None, where a size is needed"),
        ({"channels": -1}, "sample comes out as -1, where a size is needed"),
        ({"channels": 2**60}, "sample would have 1×1152921504606846976×2×4 elements"),
        (
            {"patch": 0},
            "image_tokens: a division by zero in the expression height // patch * (width // patch)",
        ),
        ({"patch": "2"}, "image_tokens: values that do not go together"),
    ],
)
def test_a_config_that_gives_no_shape_is_refused_by_name(change, message):
    with pytest.raises(ConfigError) as refused:
        arguments(ROW, CONFIG | change, native(ROW, CONFIG))
    assert str(refused.value).startswith(message)


def test_batch_goes_into_every_list_of_one_sample_each():
    case = CASES["ZImageTransformer2DModel"]
    assert [e.name for e in inputs(case, batch=2) if isinstance(e, ExampleInput)] == [
        "x[0]",
        "x[1]",
        "t",
        "cap_feats[0]",
        "cap_feats[1]",
    ]
