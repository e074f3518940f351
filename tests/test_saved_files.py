"""Saved architectures from strangers: what is refused in which words, bounds, names, the basis they keep."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from support.traces import tiny
from unetscope import api, codec, files, invariants, limits
from unetscope.calls import Call
from unetscope.checkpoint import ChannelGroup, Facts
from unetscope.cli.commands import unetscope
from unetscope.cost import Counting
from unetscope.errors import SourceError, UnetscopeError
from unetscope.invariants import checks
from unetscope.model import Skip, Stage
from unetscope.sizes import AxisGrid, Scaling, Size, Term, sized
from unetscope.sources import resolve

SHAPE = (1, 3, 8, 8)
LONG = "x" * (limits.MAX_NAME + 1)


def altered(**changes):
    return replace(tiny(), **changes)


def node(**changes):
    """The tiny network with its convolution changed."""
    network, convolution = tiny().nodes
    return altered(nodes=(network, replace(convolution, **changes)))


def call(**changes):
    return altered(calls=(replace(tiny().calls[0], **changes),))


def operation(**changes):
    return altered(operations=(replace(tiny().operations[0], **changes),))


def basis(**changes):
    return altered(basis=replace(tiny().basis, **changes))


GRIDS = AxisGrid("height", 8, 8), AxisGrid("width", 8, 8)


def scaling(**changes):
    """The tiny network with a scaling that has no rules yet a row for each site, but for `changes`."""
    return altered(scaling=replace(Scaling(GRIDS, (), ((),), (0,) * 4), **changes))


BROKEN = [
    (altered(schema_version=999), "its schema is"),
    (altered(counting=Counting(steps=2)), "its MACs are"),
    (altered(nodes=()), "modules"),
    (altered(calls=()), "calls"),
    (altered(operations=()), "operations"),
    (altered(inputs=()), "inputs"),
    (altered(stages=tiny().stages * (limits.MAX_STAGES + 1)), "stages"),
    (altered(skips=(Skip("conv_in", "conv_in", SHAPE),) * (limits.MAX_SKIPS + 1)), "skips"),
    (altered(id=LONG), "characters"),
    (altered(notes=(LONG,)), "characters"),
    (altered(stages=(replace(tiny().stages[0], stream=LONG),)), "characters"),
    (altered(facts=Facts(licence=LONG)), "characters"),
    (altered(facts=Facts(input_channels=(ChannelGroup(LONG, 3),))), "characters"),
    (node(own=replace(tiny().nodes[1].own, params=10**400)), "a count is a whole number"),
    (node(own=replace(tiny().nodes[1].own, conv=-1)), "a count is a whole number"),
    (node(own=replace(tiny().nodes[1].own, elementwise=-1)), "a count is a whole number"),
    (call(allocates=(10**30 * 10,)), "a count is a whole number"),
    (node(output=(1,) * (limits.MAX_RANK + 1)), "a shape has at most"),
    (node(output=(1, -4)), "a shape has at most"),
    (node(output=(4,)), "batch and channels"),
    (altered(config={"a": 10**30}), "the config is plain"),
    (altered(config={"a": [[[[]]]] * 2, "b": json.loads("[" * 40 + "]" * 40)}), "the config is plain"),
    (altered(facts=Facts(unread={"a": 10**30})), "the config is plain"),
    (node(attributes={"p": 10**30}), "attributes and details"),
    (node(attributes={"in_features": "many"}), "a size that a module"),
    (node(attributes={"heads": 0}), "a size that a module"),
    (altered(nodes=tiny().nodes[1:]), "the first module"),
    (altered(nodes=(*tiny().nodes, tiny().nodes[1])), "share a path"),
    (altered(nodes=(*tiny().nodes, replace(tiny().nodes[1], path="a.b"))), "the one it lies in"),
    (
        altered(
            nodes=tiny().nodes
            + tuple(
                replace(tiny().nodes[1], path=".".join(["a"] * n)) for n in range(1, limits.MAX_NESTING + 2)
            )
        ),
        "modules nest at most",
    ),
    (altered(stages=(Stage("nowhere", "Stem", "stem"),)), "a stage is a module"),
    (altered(stages=(*tiny().stages, *tiny().stages)), "a stage is a module"),
    (altered(stages=(replace(tiny().stages[0], level=-1),)), "a level"),
    (altered(tensors=(replace(tiny().tensors[0], owner="nowhere"),)), "a tensor belongs"),
    (altered(skips=(Skip("conv_in", "nowhere", SHAPE),)), "a skip leads"),
    (altered(skips=(Skip("conv_in", "conv_in", ()),)), "a skip carries"),
    (call(node=2), "made by a module"),
    (call(operation=-1), "executes an operation"),
    (call(reads=(0,)), "reads inputs and earlier calls"),
    (call(reads=(~1,)), "reads inputs and earlier calls"),
    (call(reads=(~0, ~0, ~0)), "no more than its operation takes"),
    (call(frees=(0,)), "freed once"),
    (altered(calls=(*tiny().calls, Call(1, 0, (), (), (0, 0)))), "freed once"),
    (altered(calls=(*tiny().calls, Call(1, 0, (), (), (0,)), Call(1, 0, (), (), (0,)))), "freed once"),
    (operation(inputs=(SHAPE,), op_class="linear"), "two operands"),
    (operation(details={"casts": "<b>"}), "what is noted of casts"),
    (operation(details={"casts": "7"}), "what is noted of casts"),
    (operation(details={"casts": ""}), "what is noted of casts"),
    (operation(details={"wide": "yes"}), "what is noted of casts"),
    (operation(name=checks.ATTENTION, op_class="none", inputs=(SHAPE,) * 2), "query, key and value"),
    (operation(name=checks.ATTENTION, op_class="none", inputs=((),) * 3), "query, key and value"),
    (node(returned=(5,)), "a module returns"),
    (basis(dtype="int8"), "the type of the basis"),
    (basis(input=()), "the basis is that of the first input"),
    (basis(input=(3, 10**9, 10**9)), "the basis is that of the first input"),
    (basis(batch=0), "the basis is that of the first input"),
    (altered(facts=Facts(vae_factor=0)), "a known factor"),
    (altered(facts=Facts(latent=(0, 8))), "a known factor"),
    (scaling(sites=(0,)), "the scaling"),
    (scaling(rows=((0,),)), "the scaling"),
    (scaling(grids=GRIDS[:1]), "the scaling"),
    (scaling(grids=(GRIDS[0], GRIDS[0])), "the scaling"),
    (scaling(grids=(*GRIDS, AxisGrid("tokens", 1, 1))), "the scaling"),
    (scaling(grids=(GRIDS[0], AxisGrid("width", 0, 8))), "the scaling"),
    (scaling(grids=(GRIDS[0], AxisGrid("width", 8, 8, tied="x"))), "the scaling"),
    (scaling(rules=((Term(1, 1, (0, limits.MAX_POWER + 1)),),)), "the scaling"),
    (scaling(rules=((Term(1, 0, (0, 0)),),)), "the scaling"),
]


@pytest.mark.parametrize(
    ("architecture", "words"), BROKEN, ids=[f"{i}-{w}" for i, (_, w) in enumerate(BROKEN)]
)
def test_what_breaks_an_invariant_is_refused_by_its_name(architecture, words):
    assert words in str(invariants.broken(architecture))
    with pytest.raises(SourceError) as error:
        codec.loads(codec.dumps(architecture))
    assert len(error.value.message) < 200
    assert "unetscope trace" in error.value.hint


def test_every_invariant_has_a_name_of_its_own_and_holds_of_what_is_sound():
    names = [name for name, _ in invariants.INVARIANTS]
    assert len(set(names)) == len(names)
    assert invariants.broken(tiny()) is None
    assert invariants.broken(scaling()) is None


def test_every_invariant_is_broken_by_one_of_the_examples():
    covered = {invariants.broken(architecture) for architecture, _ in BROKEN}
    left = {name for name, _ in invariants.INVARIANTS} - covered
    assert left == {f"it has at most {limits.MAX_TENSORS} tensors"}  # too many to write out here


@given(st.text(max_size=300))
def test_a_name_from_a_file_never_leaves_the_folder_it_is_written_into(name):
    for made in (files.slug(name), files.named(name, "to", name, suffix="svg")):
        assert Path(made).name == made
        assert not made.startswith((".", "-", "_"))
        assert made.isascii()
        assert made.isprintable()
        assert len(made) <= 2 * 64 + 8
    assert files.slug(files.slug(name)) == files.slug(name)


@pytest.mark.parametrize(
    "id", ["../escaped/evil", "/{here}/victim", "..", "a\0b", "\x1b]0;x\x07", "", "x" * 999]
)
@pytest.mark.parametrize(
    "arguments",
    [
        ["diagram", "s.json"],
        ["graph", "s.json", "--format", "dot"],
        ["chart", "s.json"],
        ["trace", "s.json"],
        ["table", "s.json", "-o", "out/"],
        ["trace", "s.json", "-o", "out/"],
        ["diff", "s.json", "s.json", "--format", "html", "-o", "out/"],
    ],
)
def test_a_saved_id_writes_nothing_outside_the_folder_for_it(id, arguments, tmp_path, monkeypatch):
    work, victim = tmp_path / "work", tmp_path / "victim.json"
    for folder in (work / "out", tmp_path / "escaped"):
        folder.mkdir(parents=True)
    victim.write_text("precious")
    (work / "s.json").write_bytes(codec.dumps(replace(tiny(), id=id.replace("{here}", str(tmp_path)))))
    monkeypatch.chdir(work)
    result = CliRunner().invoke(unetscope, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "s.json"]
    assert {path.parent.name for path in written} <= {"outputs", "out", tmp_path.name}
    assert len(written) == 2
    assert victim.read_text() == "precious"


def test_what_the_user_names_stays_as_named(tmp_path):
    (tmp_path / "s.json").write_bytes(codec.dumps(tiny()))
    target = tmp_path / "a b – ü.csv"
    result = CliRunner().invoke(unetscope, ["table", str(tmp_path / "s.json"), "-o", str(target)])
    assert (result.exit_code, target.exists()) == (0, True)


@pytest.mark.parametrize("name", ["x.json.gz", "X.JSON.GZ"])
def test_a_trace_named_gz_is_gzip_in_the_shell_and_in_python(name, tmp_path):
    (tmp_path / "s.json").write_bytes(codec.dumps(tiny()))
    target = tmp_path / name
    assert (
        CliRunner().invoke(unetscope, ["trace", str(tmp_path / "s.json"), "-o", str(target)]).exit_code == 0
    )
    assert json.loads(gzip.decompress(target.read_bytes()))["id"] == "tiny"
    api.save(tiny(), target)
    assert json.loads(gzip.decompress(target.read_bytes()))["id"] == "tiny"


@pytest.mark.parametrize(
    "arguments",
    [
        ["table", "ddpm-cifar10", "--format", "json", "-o", "x.json.gz"],
        ["diagram", "ddpm-cifar10", "--format", "json", "-o", "x.json.gz"],
        ["diff", "ddpm-cifar10", "ddpm-cifar10", "--map-out", "x.json.gz"],
        ["compare", "ddpm-cifar10", "ddpm-church", "-o", "x.json.gz"],
    ],
)
def test_what_cannot_be_gzip_does_not_take_the_name(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(unetscope, arguments)
    assert result.exit_code == 2, result.output
    assert list(tmp_path.iterdir()) == []


def test_a_file_name_too_long_is_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    long = "x" * 300 + ".svg"
    for arguments in (["diagram", "ddpm-cifar10", "-o", long], ["diagram", long], ["diff", long, "sd15"]):
        result = CliRunner().invoke(unetscope, arguments)
        assert isinstance(result.exception, UnetscopeError), result.exception
        assert "\n" not in str(result.exception)


def test_little_gzip_that_would_unpack_to_very_much_is_refused_and_not_unpacked(tmp_path):
    bomb = gzip.compress(b"[" + b"0," * (limits.MAX_SAVED // 2 + 9) + b"0]", compresslevel=9)
    assert len(bomb) < 100_000
    (tmp_path / "bomb.json.gz").write_bytes(bomb)
    with pytest.raises(SourceError, match="unpacks to more than 32 MiB"):
        resolve(str(tmp_path / "bomb.json.gz"))


@pytest.mark.parametrize("damage", [lambda data: data[:-5], lambda data: data + b"x", lambda data: data[:20]])
def test_gzip_that_is_cut_off_or_goes_on_is_refused(damage):
    with pytest.raises(SourceError, match="gzip data"):
        codec.loads(damage(codec.pack(tiny())))


def test_many_keys_take_no_time_that_grows_with_their_square(tmp_path):
    config = {"_class_name": "UNet2DModel", "sample_size": 32} | {f"k{i}": i for i in range(100_000)}
    assert len(resolve(config).facts.unread) == 100_000
    text = json.dumps(config)[:-1] + ', "k7": 0}'
    (tmp_path / "twice.json").write_text(text)
    with pytest.raises(SourceError, match='"k7" stands twice'):
        resolve(str(tmp_path / "twice.json"))


SAVED_AT = Size.of(latent=(32, 24), batch=4, dtype="float16")


def saved(tmp_path: Path) -> Path:
    """The tiny network as if it had been traced at another basis."""
    shape = (4, 3, 32, 24)
    given = replace(tiny().inputs[0], shape=shape, dtype="float16")
    axes = {"height": 32, "width": 24}
    basis = replace(tiny().basis, batch=4, input=shape[1:], axes=axes, dtype="float16")
    path = tmp_path / "b.json"
    path.write_bytes(codec.dumps(altered(basis=basis, inputs=(given,))))
    return path


def test_a_saved_architecture_keeps_its_basis_unless_another_is_asked_for(tmp_path):
    architecture = api.load(saved(tmp_path))
    assert Size.at(architecture.basis) == SAVED_AT
    assert api.load(saved(tmp_path), size={"batch": 4, "latent": None, "dtype": "float16"}) == architecture
    for arguments in (["table"], ["show"], ["memory"], ["table", "--batch", "4"]):
        result = CliRunner().invoke(unetscope, [*arguments[:1], str(saved(tmp_path)), *arguments[1:]])
        assert result.exit_code == 0, (arguments, result.exception)
        assert "batch 4" in result.output


@settings(max_examples=30)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "latent": st.none() | st.just((7, 7)),
            "batch": st.none() | st.just(7),
            "tokens": st.none() | st.just(7),
            "dtype": st.none() | st.just("bfloat16"),
        },
    )
)
def test_what_is_not_asked_for_is_as_in_the_start(asked):
    start = Size.of(latent=(32, 24), batch=4, tokens=5, dtype="float16")
    size, given = sized(asked, start), {name: one for name, one in asked.items() if one is not None}
    assert (size.batch, size.dtype) == (given.get("batch", 4), given.get("dtype", "float16"))
    sides = dict.fromkeys(("height", "width"), 7) if "latent" in given else {"height": 32, "width": 24}
    assert size.named == {**sides, "tokens": given.get("tokens", 5)}
    assert sized(asked, None) == sized(asked, Size())
    assert sized({"pixels": (64, 64)}, start).named == {"tokens": 5}
    assert sized(Size.of(batch=2), start) == Size.of(batch=2)
