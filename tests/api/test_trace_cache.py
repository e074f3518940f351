"""The cache saves time and never does harm: concurrent writers, broken entries, folders that refuse."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from support.places import ROOT
from support.traces import tiny
from unetscope import api, codec, zoo
from unetscope.api.loading import trace_cache
from unetscope.checkpoint import Facts
from unetscope.errors import OutputError
from unetscope.sizes import Size
from unetscope.spec import Spec

KEY = "0" * 64
SPEC = Spec("x", "X", "x", "UNet2DModel", {"in_channels": 3, "sample_size": 8})


def test_what_was_written_is_read_back(tmp_path):
    assert trace_cache.write(tmp_path / "new" / "folder", KEY, tiny())
    assert trace_cache.read(tmp_path / "new" / "folder", KEY) == tiny()
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == [f"{KEY}.json.gz"]


def test_an_entry_that_is_not_there_is_a_miss(tmp_path):
    assert trace_cache.read(tmp_path, KEY) is None
    assert trace_cache.read(tmp_path / "absent", KEY) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        codec.pack(tiny())[:-1],
        codec.pack(tiny())[:40],
        codec.dumps(tiny())[:-9],
        b"not ours",
        b"{}",
        codec.pack(replace(tiny(), schema_version=999)),
        codec.pack(tiny()).replace(codec.pack(tiny())[20:24], b"\0\0\0\0"),
    ],
)
def test_a_truncated_or_foreign_entry_is_a_miss_and_can_be_written_over(tmp_path, content):
    (tmp_path / f"{KEY}.json.gz").write_bytes(content)
    assert trace_cache.read(tmp_path, KEY) is None
    assert trace_cache.write(tmp_path, KEY, tiny())
    assert trace_cache.read(tmp_path, KEY) == tiny()


def entry_at(folder: Path) -> Path:
    return folder / f"{KEY}.json.gz"


def test_an_entry_of_another_key_is_a_miss_and_renewed(tmp_path):
    trace_cache.write(tmp_path, "1" * 64, tiny(id="foreign"))
    (tmp_path / f"{'1' * 64}.json.gz").rename(entry_at(tmp_path))
    assert trace_cache.read(tmp_path, KEY) is None
    entry_at(tmp_path).write_bytes(codec.pack(tiny(id="foreign")))  # well packed, of no key
    assert trace_cache.read(tmp_path, KEY) is None
    assert trace_cache.write(tmp_path, KEY, tiny())
    assert trace_cache.read(tmp_path, KEY) == tiny()


def test_an_entry_that_claims_the_key_and_is_of_another_network_is_not_used(tmp_path):
    config = {"_class_name": "UNet2DModel", "sample_size": 16, "in_channels": 3}
    right = api.load(config, cache_folder=tmp_path)
    [entry] = tmp_path.iterdir()
    key = entry.name.removesuffix(".json.gz")
    trace_cache.write(tmp_path, key, replace(right, config=right.config | {"in_channels": 7}))
    assert api.load(config, cache_folder=tmp_path) == right
    assert trace_cache.read(tmp_path, key) == right


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes and links")
def test_only_a_regular_file_is_an_entry_and_nothing_is_waited_for(tmp_path):
    entry = entry_at(tmp_path)
    real = tmp_path / "elsewhere"
    trace_cache.write(tmp_path, KEY, tiny())
    entry.rename(real)
    os.mkfifo(entry)
    assert trace_cache.read(tmp_path, KEY) is None
    entry.unlink()
    for target in (real, Path("/dev/zero"), tmp_path):
        entry.symlink_to(target)
        assert trace_cache.read(tmp_path, KEY) is None
        entry.unlink()
    with entry.open("wb") as sparse:
        sparse.truncate(2**40)
    assert trace_cache.read(tmp_path, KEY) is None
    assert trace_cache.write(tmp_path, KEY, tiny())
    assert trace_cache.read(tmp_path, KEY) == tiny()


@pytest.mark.slow
def test_a_sweep_of_a_saved_trace_leaves_the_entry_of_the_network_itself_alone(tmp_path):
    config = {"_class_name": "UNet2DModel", "sample_size": 16}
    saved, folder = tmp_path / "s.json", tmp_path / "cache"
    api.save(api.load(config, size=Size.of(latent=(32, 32)), fresh="uncached"), saved)
    api.sweep(saved, [Size.of(latent=(32, 32))], cache_folder=folder)
    assert api.load(config, cache_folder=folder).basis.input == (3, 16, 16)


def test_a_home_of_nobody_is_one_line():
    with pytest.raises(OutputError, match="names a home that is not known") as error:
        trace_cache.folder({"UNETSCOPE_CACHE": "~nobody-of-that-name/x"})
    assert "UNETSCOPE_CACHE=DIR" in error.value.hint


def test_the_key_does_not_depend_on_the_order_of_the_config():
    other = replace(SPEC, config=dict(reversed(SPEC.config.items())))
    assert trace_cache.key(SPEC, Size()) == trace_cache.key(other, Size())


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        (replace(SPEC, class_name="UNet2DConditionModel"), Size()),
        (replace(SPEC, config={"in_channels": 4, "sample_size": 8}), Size()),
        (SPEC, Size.of(batch=2)),
        (SPEC, Size.of(latent=(8, 8))),
        (SPEC, Size.of(tokens=77)),
        (SPEC, Size.of(dtype="float16")),
        (SPEC, Size.of(pixels=(64, 64))),
    ],
)
def test_all_that_a_trace_depends_on_is_in_the_key(spec, size):
    assert trace_cache.key(spec, size) != trace_cache.key(SPEC, Size())


def test_the_vae_factor_is_in_the_key_where_it_decides_the_latent():
    other = replace(SPEC, facts=Facts(vae_factor=8))
    assert trace_cache.key(other, Size.of(pixels=(64, 64))) != trace_cache.key(SPEC, Size.of(pixels=(64, 64)))


def test_names_and_facts_that_a_trace_does_not_depend_on_are_not_in_the_key():
    other = replace(
        SPEC, id="y", title="Y", source="y.json", facts=Facts(vae_factor=8, prediction_type="epsilon")
    )
    assert trace_cache.key(other, Size()) == trace_cache.key(SPEC, Size())


def test_another_version_of_torch_is_another_key(monkeypatch):
    before = trace_cache.key(SPEC, Size())
    monkeypatch.setattr(trace_cache, "_version", lambda package: f"{package} of the future")
    assert trace_cache.key(SPEC, Size()) != before


def test_every_preset_has_a_key_of_its_own_architecture():
    configs = {(zoo.preset(id).class_name, repr(sorted(zoo.preset(id).config.items()))) for id in zoo.ids()}
    assert len({trace_cache.key(zoo.spec(id), Size()) for id in zoo.ids()}) == len(configs)


def test_the_folder_is_the_variable_or_the_users_cache(tmp_path):
    assert trace_cache.folder({"UNETSCOPE_CACHE": str(tmp_path)}) == tmp_path
    assert trace_cache.folder({"UNETSCOPE_CACHE": ""}) == trace_cache.folder({})
    assert trace_cache.folder({}).name == "unetscope"


def test_a_folder_that_cannot_be_written_means_no_cache(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file" / "below", tmp_path / "file", Path("/proc/unetscope"), Path("a\0b")):
        assert trace_cache.write(folder, KEY, tiny()) is False
        assert trace_cache.read(folder, KEY) is None
        assert trace_cache.clear(folder) == 0
    assert (tmp_path / "file").read_text() == "in the way"


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from support.traces import tiny
from unetscope.api.loading import trace_cache
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write past the limit then fails like one to a full disk
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
print(trace_cache.write(Path(sys.argv[1]), "0" * 64, tiny()))
"""


def run(script, *arguments):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])}
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_a_full_disk_leaves_the_old_entry_and_no_litter(tmp_path):
    assert trace_cache.write(tmp_path, KEY, tiny(id="old"))
    out, err = run(FULL_DISK, tmp_path).communicate(timeout=60)
    assert (out, err) == ("False\n", "")
    assert [path.name for path in tmp_path.iterdir()] == [f"{KEY}.json.gz"]
    assert trace_cache.read(tmp_path, KEY) == tiny(id="old")


WRITER = """
import sys
from pathlib import Path
from support.traces import tiny
from unetscope.api.loading import trace_cache
folder, mine = Path(sys.argv[1]), int(sys.argv[2])
bad = 0
for turn in range(40):
    assert trace_cache.write(folder, "0" * 64, tiny(params=mine * 1000 + turn))
    found = trace_cache.read(folder, "0" * 64)
    bad += found is None or found != tiny(params=found.cost.params)
print(bad)
"""


@pytest.mark.slow
def test_processes_writing_the_same_entry_never_show_a_broken_one(tmp_path):
    writers = [run(WRITER, tmp_path, number) for number in range(4)]
    results = [writer.communicate(timeout=120) for writer in writers]
    assert results == [("0\n", "")] * 4
    assert [path.name for path in tmp_path.iterdir()] == [f"{KEY}.json.gz"]


def test_the_entries_longest_unused_go_first_when_space_runs_out(tmp_path):
    for number in range(4):
        name = f"{number}" * 64
        trace_cache.write(tmp_path, name, tiny(id=name[:1]))
        os.utime(tmp_path / f"{name}.json.gz", (1000 + number, 1000 + number))
    size = (tmp_path / f"{KEY}.json.gz").stat().st_size
    trace_cache._prune(tmp_path, limit=2 * size + 100)
    assert sorted(path.name[0] for path in tmp_path.iterdir()) == ["2", "3"]


def test_reading_an_entry_marks_it_as_used(tmp_path):
    trace_cache.write(tmp_path, KEY, tiny())
    os.utime(tmp_path / f"{KEY}.json.gz", (1000, 1000))
    trace_cache.read(tmp_path, KEY)
    assert (tmp_path / f"{KEY}.json.gz").stat().st_mtime > 1000


def test_the_file_of_a_writer_that_died_is_cleaned_up_and_a_running_ones_is_not(tmp_path):
    for name, age in (("unetscope-dead_1.tmp", 2 * 3600), ("unetscope-busy_1.tmp", 60)):
        (tmp_path / name).write_bytes(b"half")
        moment = tmp_path.stat().st_mtime - age
        os.utime(tmp_path / name, (moment, moment))
    trace_cache.write(tmp_path, KEY, tiny())
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{KEY}.json.gz", "unetscope-busy_1.tmp"]


def test_clearing_removes_entries_and_leaves_strangers(tmp_path):
    trace_cache.write(tmp_path, KEY, tiny())
    (tmp_path / "notes.json.gz").write_text("mine")
    assert trace_cache.clear(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["notes.json.gz"]
