"""Where networks have the same blocks and other conditioning, a rail below the strip says which."""

from __future__ import annotations

import pytest

from support.pictures import texts
from unetscope import api
from unetscope.layout import diff
from unetscope.layout.diff.rails import differing


def _said(before: str, after: str) -> set[str]:
    return {text.content for text in texts(diff.lay_out(api.diff(before, after)))}


def test_conditioning_that_differs_stands_on_rails_below_the_strip():
    assert {"time: add_embedding differs", "context: encoder_hid_proj differs", "t", "c"} <= _said(
        "sdxl", "kolors"
    )


@pytest.mark.parametrize("after", ["sd15-inpaint", "sd14"])
def test_a_diff_of_equal_conditioning_has_no_rail(after):
    assert not differing(api.diff("sd15", after))
    assert not {"t", "c"} & _said("sd15", after)
