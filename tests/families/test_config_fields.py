"""Configs of classes without a table of keys: bounded by the class's signature, and while they are built."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from support.by_recipe import cases, network_class
from unetscope.errors import ConfigError
from unetscope.families.signature_fields import Field, check_fields
from unetscope.limits import MAX_FIELD_ENTRIES, MAX_FIELD_TEXT

FIELDS = {
    "layers": Field(12, frozenset({"a number"}), lists=False),
    "widths": Field((320, 640), frozenset({"a number"})),
    "act": Field("gelu", frozenset({"text"}), lists=False),
    "bias": Field(default=True, kinds=frozenset({"true or false"}), lists=False),
    "any": Field(None),
}


@pytest.mark.parametrize(
    "config",
    [
        {"layers": 3, "widths": [1, [2, 3]], "act": "silu", "bias": False, "any": {"a": [1, None]}},
        {"layers": None, "widths": 320, "any": "text", "not a field": object()},
        {"layers": 2**31},
    ],
)
def test_a_config_within_bounds_goes_to_diffusers(config):
    check_fields(FIELDS, config)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"layers": "12"}, 'layers must be a number, not "12"'),
        ({"layers": True}, "layers must be a number, not true"),
        ({"layers": [12]}, "layers must be a number, not a list"),
        ({"layers": 2**31 + 1}, "layers must be within ±2,147,483,648, not 2147483649"),
        ({"layers": float("nan")}, "layers must be within ±2,147,483,648, not NaN"),
        ({"widths": [320, "x"]}, 'widths must be a number, or a list of such, not "x"'),
        ({"widths": [1] * (MAX_FIELD_ENTRIES + 1)}, "widths has more than 4096 entries"),
        ({"widths": [[[[[[1]]]]]]}, "widths holds lists more than 4 deep"),
        ({"act": "a" * (MAX_FIELD_TEXT + 1)}, "act has 1001 characters, more than 1000"),
        ({"bias": 1}, "bias must be true or false, not 1"),
    ],
)
def test_what_no_network_of_the_class_has_is_refused_in_one_line(config, message):
    with pytest.raises(ConfigError) as refused:
        check_fields(FIELDS, config)
    assert refused.value.message == message


VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=9),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=3), inner, max_size=3),
)


@given(some.dictionaries(some.sampled_from(sorted(FIELDS)), VALUES))
def test_any_json_is_let_through_or_refused_in_one_line(config):
    said = ""
    try:
        check_fields(FIELDS, config)
    except ConfigError as refused:
        said = refused.message + refused.hint
    assert said.isprintable()


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.class_name)
def test_published_configs_and_defaults_are_let_through(case):
    from unetscope.tracing.build.signature import fields

    found = fields(network_class(case.class_name))
    check_fields(found, case.config)
    check_fields(found, {name: field.default for name, field in found.items()})


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"num_layers": 100_000, "attention_head_dim": 8, "num_attention_heads": 1},
            "more than 10,000 tensors",
        ),
        ({"num_attention_heads": 2**30}, "more than 10.0 T parameters"),
    ],
)
def test_a_network_beyond_all_bounds_stops_while_it_is_built(config, message):
    from unetscope.tracing.build import build

    with pytest.raises(ConfigError, match=message):
        build("DiTTransformer2DModel", config, "float32")
