"""Files from strangers: whatever their text holds, every command ends as promised in SECURITY.md.

The text of small saved architectures is replaced throughout by words made to be obeyed by a terminal, a
page, a spreadsheet, TeX, Graphviz or Mermaid; each command and format is run on them. Then any value of
them is changed to any other.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.hostile import COMMANDS, WORDS, broken, hostile, run
from support.judges import harmful
from support.networks import SMALL
from unetscope import api, codec

pytestmark = pytest.mark.slow  # together they take long

OTHERS: dict[str, dict[str, Any]] = {
    "audio": {
        "_class_name": "StableAudioDiTModel", "sample_size": 16, "in_channels": 4, "out_channels": 4,
        "num_layers": 1, "attention_head_dim": 8, "num_attention_heads": 2, "time_proj_dim": 16,
        "num_key_value_attention_heads": 1, "cross_attention_dim": 16, "global_states_input_dim": 16,
        "cross_attention_input_dim": 16,
    },
    "video": {
        "_class_name": "CogVideoXTransformer3DModel", "num_attention_heads": 2, "attention_head_dim": 8,
        "in_channels": 4, "out_channels": 4, "time_embed_dim": 2, "text_embed_dim": 8, "num_layers": 1,
        "sample_width": 8, "sample_height": 8, "sample_frames": 9, "patch_size": 2,
        "temporal_compression_ratio": 4, "max_text_seq_length": 8,
    },
}  # fmt: skip
"""Networks without height and width, and with frames, as small as they come."""


@pytest.fixture(scope="module")
def saved() -> str:
    """A small network as `trace` saves it."""
    return codec.dumps(api.load(SMALL)).decode()


@pytest.fixture(scope="module", params=OTHERS)
def other(request) -> str:
    """The same of another kind."""
    return codec.dumps(api.load(OTHERS[request.param])).decode()


@pytest.fixture
def folder(tmp_path: Path, saved: str) -> Path:
    """A place for a command to work in, a folder below the one that is watched."""
    made = tmp_path / "watched" / "here"
    (made / "out").mkdir(parents=True)
    (made / "other.json").write_text(saved)
    return made


def mixed(offset: int) -> Any:
    return lambda n: WORDS[(n + offset) % len(WORDS)]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_word_of_a_file_breaks_a_promise(command, folder, saved):
    for offset, renamed in ((0, "conv_in"), (7, '\x1b[31m\u202e<b>"conv')):
        (folder / "s.json").write_bytes(hostile(saved, mixed(offset), renamed=renamed))
        assert broken(command, folder) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_no_word_of_another_kind_of_network_breaks_a_promise(command, folder, other):
    (folder / "s.json").write_bytes(hostile(other, mixed(3), axis='\x1b[31m\u202e<b>"axis'))
    assert broken(command, folder) == []


def test_the_files_of_these_tests_are_read_not_refused(folder, saved, other):
    for text, axis in ((saved, ""), (other, "\x1b]0;x\x07"), (other, WORDS[0])):
        (folder / "s.json").write_bytes(hostile(text, mixed(0), axis=axis))
        assert [run([name, "s.json"], folder)[0] for name in ("table", "show", "memory")] == [0, 0, 0]


@pytest.mark.slow
@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_no_word_in_all_places_at_once_breaks_a_promise(word, folder, saved):
    (folder / "s.json").write_bytes(
        hostile(saved, lambda _: word, renamed=word.replace(".", ""), axis=word[:900])
    )
    for command in COMMANDS:
        assert (command, broken(command, folder)) == (command, [])


ARGUMENTS = st.sampled_from([*WORDS, "a\0b"]) | st.text(st.characters(exclude_categories=()), max_size=30)
PLACES = """\
table {}
table sd15 --by {}
table sd15 --columns {}
{}
table sd15 {}
table sd15 --{}
table sd15 --latent {}
table sd15 --set {}
table sd15 --set {}=1
reconcile sd15 {} --no-torchinfo
diagram sd15 -o {}.xyz
sweep sd15 --batch {}
memory sd15 --fits {}
graph sd15 --depth {}
""".splitlines()


@pytest.mark.parametrize("place", PLACES)
def test_no_argument_reaches_the_terminal_as_it_is(place, tmp_path):
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(word=ARGUMENTS)
    def check(word: str) -> None:
        code, out, err = run([part.replace("{}", word) for part in place.split()], tmp_path)
        assert code in (0, 1, 2)
        assert harmful(out) + harmful(err) == []
        assert "Traceback" not in err
        assert "error: unexpected" not in err
        assert max(map(len, err.splitlines()), default=0) <= 700

    check()


ODD = [
    None, True, -1, 0, 1, 7, 2**31, 2**63, 10**30, 10**400, 0.5, 1e308, "", "..", "\0", [], [0], [1] * 40, {},
    {"": 1},
]  # fmt: skip
CHANGES = st.sampled_from(ODD) | st.sampled_from(WORDS) | st.sampled_from(["drop", "twice", "reversed"])


def change(root: Any, path: list[int], to: Any) -> None:
    """Put something else in a place of a JSON value: a number chooses an entry at each level."""
    for number in path[:-1]:
        entries = list(root) if isinstance(root, dict) else range(len(root))
        key = entries[number % len(entries)]
        if not isinstance(root[key], dict | list) or not root[key]:
            break
        root = root[key]
    entries = list(root) if isinstance(root, dict) else range(len(root))
    key = entries[path[-1] % len(entries)]
    if to == "drop":
        del root[key]
    elif to in ("twice", "reversed") and isinstance(root[key], list):
        root[key] = root[key] * 2 if to == "twice" else root[key][::-1]
    else:
        root[key] = deepcopy(to)  # a later change may alter what this one put in


@pytest.mark.slow
@pytest.mark.parametrize("share", range(4))
def test_no_value_of_a_file_breaks_a_promise(share, folder, saved, other):
    paths = st.lists(st.integers(0, 10**6), min_size=1, max_size=5)

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        which=st.sampled_from(["saved", "other"]),
        changes=st.lists(st.tuples(paths, CHANGES), min_size=1, max_size=3),
        command=st.sampled_from(COMMANDS[share::4]),
    )
    def check(which: str, changes: list[tuple[list[int], Any]], command: str) -> None:
        root = json.loads(saved if which == "saved" else other)
        for path, to in changes:
            change(root, path, to)
        (folder / "s.json").write_text(json.dumps(root))
        for made in (path for place in ("out", "outputs") for path in (folder / place).glob("*")):
            made.unlink()
        assert broken(command, folder) == []

    check()


def test_a_long_name_is_not_echoed_whole(tmp_path):
    for argv in (["table", "x" * 20_000], ["table", "sd15", "--by", "x" * 20_000], ["--" + "x" * 20_000]):
        code, _, err = run(argv, tmp_path)
        assert code in (1, 2)
        assert max(map(len, err.splitlines())) <= 700
