"""The door for text from outside, and the last look at a picture."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.judges import harmful
from unetscope.errors import OutputError
from unetscope.render.dataflow import dot_labels
from unetscope.render.picture.inspection import checked
from unetscope.render.table import as_csv
from unetscope.words import safe

ANY = st.text(st.characters(exclude_categories=())) | st.text(
    st.sampled_from(
        "a\x1b\x9b\x7f\n\r\t\u202e\u2066\u200d\u200b\u00ad\ufeff\ud800\udfff\uffff\u2028 \u3000é中👩👧❤\ufe0f"
    )
)


@given(ANY)
def test_a_line_is_one_line_without_anything_to_obey_and_stays_as_it_is(text):
    for made in (safe.line(text), safe.escaped(text), safe.message(text), safe.line(text, limit=7)):
        assert harmful(made) == []
        assert "\n" not in made
        assert "\t" not in made
        assert safe.escaped(made) == made


@given(ANY, st.integers(2, 40))
def test_a_line_keeps_to_its_limit(text, limit):
    assert len(safe.line(text, limit=limit)) <= limit
    assert len(safe.escaped(text, limit=limit)) <= limit


@pytest.mark.slow
@given(
    st.recursive(ANY | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(ANY, inner))
)
def test_json_holds_the_same_value_in_harmless_characters(value):
    for indent in (None, 2):
        made = safe.json(json.dumps(value, ensure_ascii=False, indent=indent))
        assert json.loads(made) == json.loads(json.dumps(value))
        assert harmful(made) == []


READABLE = (
    "Åse Müller · 中文 日本語 한국어 · العربية עברית · हिन्दी · 64×64 → 3·10⁹ − ½ · <b>&amp;$\\"
    " · 👩\u200d👧 🇩🇪 ❤️ 👍🏽"
)


def test_what_has_a_sign_to_see_stays_as_it_is():
    assert safe.line(READABLE) == READABLE
    assert safe.page(READABLE + "\n\tand more\n") == READABLE + "\n\tand more\n"
    assert safe.json(json.dumps(READABLE, ensure_ascii=False)) == json.dumps(READABLE, ensure_ascii=False)


def test_colours_of_ours_pass_where_there_are_colours_and_nothing_else_does():
    shown = "\x1b[1;31mred\x1b[0m \x1b]0;title\x07\x1b[2J\n"
    assert safe.page(shown, colour=True) == "\x1b[1;31mred\x1b[0m " + r"\x1b]0;title\x07\x1b[2J" + "\n"
    assert safe.page(shown) == r"\x1b[1;31mred\x1b[0m \x1b]0;title\x07\x1b[2J" + "\n"


def test_of_a_message_beyond_measure_the_middle_goes():
    made = safe.message("cannot read '" + "x" * 20_000 + "': it is a folder")
    assert len(made) < 610
    assert re.fullmatch(r"cannot read 'x+ … x+': it is a folder", made)


@pytest.mark.parametrize(
    "cell", ["=1+1", " =1+1", "\t=1", "\r\n@SUM(1)", "\u3000=1", "\u200b=1", "＝1+1", "-2+3", "+1"]
)
def test_no_cell_is_a_formula(cell):
    assert str(as_csv.plain(cell)).startswith(("'", "\\"))


@given(ANY)
def test_a_plain_label_in_dot_is_one_quoted_string(text):
    import graphviz

    dot = graphviz.Digraph()
    dot.node("v0", label=dot_labels.quoted(text))
    line = dot.source.splitlines()[1]
    assert re.fullmatch(
        r'\tv0 \[label=(?:"(?:[^"\\]|\\.)*"|[A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff]*|[-.\d]+)\]', line
    )
    assert harmful(line) == []


MORE_THAN_A_PICTURE = """\
<svg><a href="https://example.org"/></svg>
<svg><a xmlns:xlink="x" xlink:href="javascript:alert(1)"/></svg>
<svg xmlns:xlink="x"><use xlink:href="other.svg#a"/></svg>
<svg><use href="data:image/svg+xml,x"/></svg>
<svg><script>alert(1)</script></svg>
<svg><g onload="alert(1)"/></svg>
<svg><image href="#a"/></svg>
<svg><foreignObject/></svg>
<svg><animate attributeName="href"/></svg>
<svg><rect fill="url(https://example.org/x)"/></svg>
<svg><rect style="fill:URL( 'x.svg#a')"/></svg>
<svg><style>@import "x.css";</style></svg>
<svg><style>a{background:u\\72l(x)}</style></svg>
<!DOCTYPE svg [<!ENTITY a "b">]><svg/>
<?xml-stylesheet href="x.css"?><svg/>
<svg><g></svg>
<html/>
""".splitlines()


@pytest.mark.parametrize("svg", MORE_THAN_A_PICTURE)
def test_what_is_more_than_a_picture_is_not_written(svg):
    with pytest.raises(OutputError, match="the picture is not written: it would hold") as caught:
        checked(svg)
    assert caught.value.hint


def test_a_picture_passes_with_names_that_look_like_links():
    svg = (
        '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" id="u1">'
        "<style>#u1 .a{fill:var(--x)}</style>"
        '<g data-path="javascript:x url(http://x)"><title>url(http://example.org) javascript:</title>'
        '<rect fill="url(#u1-hatch)"/><text>@import &lt;script&gt;</text></g></svg>'
    )
    assert checked(svg) == svg
