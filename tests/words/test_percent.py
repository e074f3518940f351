"""A difference in percent: three digits, at most four places, and never 0 for what differs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unetscope.words.diff import percent


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (859_520_964, 859_535_364, "+0.0017 %"),
        (859_520_964, 482_346_884, "−43.9 %"),
        (37_192_326_709_248, 37_192_316_485_632, "−0.00003 %"),
        (10**15, 10**15 + 1, "+0.0000000000001 %"),
        (7, 7, ""),
        (0, 7, ""),
    ],
)
def test_a_difference_is_told_in_percent(before: int, after: int, told: str) -> None:
    assert percent(before, after) == told


@given(st.integers(1, 10**15), st.integers(0, 10**15))
def test_what_differs_is_never_told_as_nothing(before: int, after: int) -> None:
    told = percent(before, after)
    assert (told == "") == (before == after)
    assert told == "" or re.search(r"[1-9]", told)
