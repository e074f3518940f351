"""The language of recipes: what it works out, what it refuses, and that nothing outside it runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from unetscope.errors import ConfigError
from unetscope.families.expressions import MAX_LENGTH, evaluate, names

CONFIG = {"channels": 4, "patch": [1, 2, 2], "kind": "text_time", "nothing": None, "height": 64, "flag": True}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("channels", 4),
        ("2, channels, height // 2", (2, 4, 32)),
        ("()", ()),
        ("[(channels,)] * 2", [(4,), (4,)]),
        ("-(-(height - 1) // 4) * 4", 64),
        ("2 ** (len(patch) - 1)", 4),
        ("height % 10", 4),
        ("patch[0], patch[-1]", (1, 2)),
        ("first(patch), last(patch), first(channels)", (1, 2, 4)),
        ("first(nothing) or 64", 64),
        ("max(channels, 7) - min(channels, 7)", 3),
        ("channels if kind == 'text_time' else 0", 4),
        ("not flag", False),
        ("nothing is None and channels in (3, 4)", True),
        ("1 < channels <= 4 < height", True),
        ("channels and nothing", None),
        ("{}", {}),
        ("(1.0, 2.0)", (1.0, 2.0)),
    ],
)
def test_an_expression_means_what_python_would_mean(expression, value):
    assert evaluate("shape", expression, CONFIG) == value


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("width", "nothing is called width"),
        ("channels // nothing", "values that do not go together"),
        ("channels // (height - 64)", "a division by zero"),
        ("patch[3]", "an index beyond the end"),
        ("2 ** 65", "a power outside 0 to 64"),
        ("2 ** -1", "a power outside 0 to 64"),
        ("2 ** 63", "a number too large"),
        ("[0] * 65537", "a list too long"),
        ("kind * 65537", "a list too long"),
        ("'%999999d' % 1", "values that do not go together"),
        ("", "a mistake of syntax"),
        ("channels channels", "a mistake of syntax"),
        ("1 + " * MAX_LENGTH + "1", f"more than {MAX_LENGTH} characters"),
        ("(" * 50 + "1" + ",)" * 50, "more than 24 levels"),
        ("channels.real", "Attribute has no place"),
        ("__import__('os')", "Call has no place"),
        ("len.__class__", "Attribute has no place"),
        ("patch[:2]", "Subscript has no place"),
        ("[one for one in patch]", "ListComp has no place"),
        ("lambda: 1", "Lambda has no place"),
        ("(one := 1)", "NamedExpr has no place"),
        ("f'{channels}'", "JoinedStr has no place"),
        ("{'a': 1}", "Dict has no place"),
        ("min(*patch)", "Starred has no place"),
        ("max(patch, key=len)", "Call has no place"),
        ("channels | 1", "BinOp has no place"),
        ("b'a'", "Constant has no place"),
    ],
)
def test_a_refusal_names_the_key_the_expression_and_the_reason(expression, why):
    with pytest.raises(ConfigError) as refused:
        evaluate("hidden_states", expression, CONFIG)
    message = str(refused.value)
    assert message.startswith(f"hidden_states: {why}")
    assert "\n" not in message
    assert len(message) < 400


def test_names_are_the_fields_and_axes_but_not_the_functions():
    assert names("max(first(width), height) // len(patch) if kind == 'a' else 1") == {
        "width",
        "height",
        "patch",
        "kind",
    }


def _outcome(expression):
    """The value of an expression, or None, and what a refusal says."""
    try:
        return evaluate("shape", expression, CONFIG), ""
    except ConfigError as refused:
        return None, str(refused)


@given(some.text(max_size=80))
def test_any_text_is_worked_out_or_refused_in_one_line(expression):
    assert _outcome(expression)[1].isprintable()


WORDS = """1 2 64 channels patch kind nothing ( ) , [ ] + * ** // % - if else or and not is in == < len(
first( 'a' 99999999999999999999""".split()


@given(some.lists(some.sampled_from(WORDS), max_size=25))
def test_any_words_of_the_language_end_soon_and_stay_small(words):
    value, said = _outcome(" ".join(words))
    assert said.isprintable()
    assert len(repr(value)) < 2**22
