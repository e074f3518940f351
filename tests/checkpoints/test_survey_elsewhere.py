"""Surveys of what lies elsewhere, by workers elsewhere, ended from outside: the same rows as here."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path

import fsspec  # torch brings it
import msgspec
import pytest

import unetscope
from support.command_line import traced_here
from support.files.checkpoint_files import header, listing
from support.files.hub_server import Hub, serving
from support.files.surveyed_files import folder_of, rows
from unetscope.checkpoints.presets import tensors
from unetscope.checkpoints.surveys.items import items
from unetscope.checkpoints.surveys.reading import surveyed
from unetscope.checkpoints.surveys.row import SurveyRow, family_of

SD15, LORA = header(tensors("sd15"), "F16"), header(listing("toolkit-lora-v1-unet").shapes, "F16")


def told(*sources: str) -> list[SurveyRow]:
    return [msgspec.json.decode(line, type=SurveyRow) for line in surveyed(items(sources)).splitlines()]


@pytest.fixture
def memory():
    """A file system in memory with two files of weights, one that is broken, one that is something else."""
    system = fsspec.filesystem("memory")
    for name, data in (("sd15", SD15), ("deep/lora", LORA), ("bad", b"<html>")):
        system.pipe(f"/models/{name}.safetensors", data + bytes(4096))
    system.pipe("/models/README.md", b"# not asked for")
    yield system
    system.rm("/models", recursive=True)


@pytest.mark.usefixtures("memory")
def test_a_url_is_a_file_a_folder_or_a_glob_and_what_is_wrong_is_a_row():
    places = [f"memory:///models/{name}.safetensors" for name in ("bad", "deep/lora", "sd15")]
    folder = told("memory://models")
    assert [row.source.replace("///", "//") for row in folder] == [p.replace("///", "//") for p in places]
    assert [row.kind for row in folder] == ["", "LoRA", "denoiser"]
    assert folder[0].error
    assert (folder[2].nearest, folder[2].params) == ("sd15", 859_520_964)
    assert [row.header for row in told("memory://models/*.safetensors")] == ["", folder[2].header]
    assert [row.header for row in told(places[1])] == [folder[1].header]
    nothing, nowhere = told("memory://models/*.gguf", "nosuchsystem://x")
    assert (nothing.error, nothing.hint) == ("nothing of weights is there", "check its name")
    assert "nosuchsystem" in nowhere.error


def test_a_file_has_the_same_row_by_its_url(tmp_path):
    path = folder_of(tmp_path / "m", 1) / "000-sd15.safetensors"
    (here,), (elsewhere,) = told(str(path)), told(path.as_uri())
    assert msgspec.structs.replace(elsewhere, source=here.source) == here


def test_of_a_file_elsewhere_the_header_alone_is_read(memory, monkeypatch):
    asked = []
    fetch = type(memory.open("/models/sd15.safetensors")).read
    monkeypatch.setattr(
        type(memory.open("/models/sd15.safetensors")),
        "read",
        lambda file, size=-1: (asked.append(size), fetch(file, size))[1],
    )
    told("memory://models/sd15.safetensors")
    assert all(size >= 0 for size in asked)
    assert sum(asked) <= len(SD15) + 1024


@pytest.mark.slow
def test_repositories_are_listed_in_a_text_file_one_on_each_line(tmp_path, monkeypatch):
    files = {
        "org/one": {"unet/diffusion_pytorch_model.safetensors": SD15},
        "org/lora": {"lora.safetensors": LORA},
    }
    with serving(Hub(files)) as hub:
        for name, value in (
            ("HF_ENDPOINT", hub.endpoint), ("HF_HUB_OFFLINE", "0"), ("HF_HOME", str(tmp_path / "hf")),
            ("HF_TOKEN", ""), ("HF_HUB_DOWNLOAD_TIMEOUT", "1"),
        ):  # fmt: skip
            monkeypatch.setenv(name, value)
        (tmp_path / "ids.txt").write_text("# mine\norg/one\n\norg/gone\norg/lora\n")
        command = ["survey", "ids.txt", "-o", "s.jsonl", "--workers", "1"]
        done = subprocess.run(
            [sys.executable, "-m", "unetscope", *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    one, gone, lora = rows(tmp_path / "s.jsonl")
    assert (one.nearest, one.source) == ("sd15", "org/one")
    assert (lora.family, lora.kind) == ("Stable Diffusion 1", "LoRA")
    assert "org/gone" in gone.error
    assert "3 files" in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux for the processes of a process")
def test_a_survey_killed_outright_leaves_no_process_and_loses_nothing(tmp_path):
    folder, parts = folder_of(tmp_path / "m", 100), tmp_path / "s.jsonl.parts"
    command = ["survey", "m", "-o", "s.jsonl", "--workers", "2"]
    running = subprocess.Popen(
        [sys.executable, "-m", "unetscope", *command],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while running.poll() is None and not list(parts.glob("[0-9a-f]*.jsonl")):
        time.sleep(0.005)
    workers = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert not (tmp_path / "s.jsonl").exists()
    kept = {path: path.stat().st_mtime_ns for path in parts.glob("[0-9a-f]*.jsonl")}
    while any(is_running(worker) for worker in workers):
        time.sleep(0.005)
    (parts / ".half.part").write_bytes(b'{"source": "m/0')  # as a write that was cut off leaves it
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    whole_run = traced_here("survey", str(folder), "-o", str(tmp_path / "whole.jsonl"), "--workers", "1")
    again = subprocess.run(
        [sys.executable, "-m", "unetscope", *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (again.returncode, whole_run.returncode) == (0, 0)
    assert f"{32 * len(kept)} of them at hand from the run before" in again.stdout
    whole = (tmp_path / "whole.jsonl").read_text().replace(f"{folder}/", "m/")
    assert (tmp_path / "s.jsonl").read_text() == whole
    assert not parts.exists()


def is_running(process: str) -> bool:
    """Whether a process is there and no zombie."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.live
def test_a_parquet_table_has_the_rows_of_any_other_with_their_types(tmp_path):
    from pyarrow import parquet

    folder = folder_of(tmp_path / "m", 8)
    for suffix in ("parquet", "jsonl"):
        unetscope.survey(folder, output=tmp_path / f"s.{suffix}", workers=1)
    table = parquet.read_table(tmp_path / "s.parquet")
    assert table.schema.metadata[b"unetscope.survey"] == b"1"
    types = {field.name: str(field.type) for field in table.schema}
    assert (types["params"], types["what"]) == ("int64", "string")
    assert types["dtypes"].startswith("map<string, int64")
    assert types["reasons"].startswith("list<")
    made = [row | {"dtypes": dict(row["dtypes"])} for row in table.to_pylist()]
    assert made == [msgspec.structs.asdict(row) for row in rows(tmp_path / "s.jsonl")]
    assert [row["error"] != "" for row in made] == [False] * 8 + [True]


@pytest.mark.live
def test_a_dask_cluster_of_two_workers_makes_the_same_table(tmp_path):
    folder = folder_of(tmp_path / "m", 70)
    unetscope.survey(folder, output=tmp_path / "here.parquet", workers=1)
    unetscope.survey(folder, output=tmp_path / "dask.parquet", dask="local", workers=2)
    assert (tmp_path / "dask.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()


@pytest.mark.live
def test_no_scheduler_at_an_address_is_one_line(tmp_path):
    folder_of(tmp_path / "m", 1)
    done = traced_here(
        "survey", str(tmp_path / "m"), "-o", str(tmp_path / "s.csv"), "--dask", "tcp://127.0.0.1:9"
    )
    assert done.returncode == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert not (tmp_path / "s.csv").exists()


@pytest.mark.parametrize(
    ("base", "family"),
    [
        ("SDXL", "Stable Diffusion XL"),
        ("SDXL refiner", "Stable Diffusion XL"),
        ("Wan 14B", "Wan"),
        ("FLUX.2 klein 4B", "FLUX.2"),
        ("Stable Diffusion 1, 2 or SDXL", "Stable Diffusion 1, 2 or SDXL"),
        ("Anima", "Anima"),
    ],
)
def test_an_adapter_is_of_the_family_of_its_base(base, family):
    assert family_of(base) == family


def test_the_python_function_tells_what_it_found(tmp_path):
    found = unetscope.survey(folder_of(tmp_path / "m", 4), output=tmp_path / "s.csv", workers=1)
    assert repr(found) == "Surveyed(5 files, 1 not read, resumed=0)"
    assert str(found).startswith("5 files, ")
    assert str(found).endswith(" known; 0 unknown; 1 not read; 4 distinct headers")
