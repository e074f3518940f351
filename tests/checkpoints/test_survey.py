"""Surveys of many files: a row for each, the same however the work is shared out, resumed where it ended."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import pytest

from support.command_line import heavy_after, traced_here
from support.files.surveyed_files import IDS, folder_of, rows
from unetscope.api import surveys
from unetscope.checkpoints.surveys.items import items
from unetscope.checkpoints.surveys.reading import surveyed
from unetscope.checkpoints.surveys.row import SurveyRow, in_common


def test_each_file_is_a_row_and_a_broken_one_too(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", 8)
    found = surveys.survey(str(folder), output=tmp_path / "s.jsonl", report=tmp_path / "s.html", workers=1)
    table = rows(tmp_path / "s.jsonl")
    assert [Path(row.source).name for row in table] == sorted(path.name for path in folder.iterdir())
    assert [row.file for row in table if row.error] == ["bad.safetensors"]
    assert table[0].nearest == "sd15"
    assert table[0].params == table[0].params_denoiser == 859_520_964
    assert len({row.header for row in table if not row.error}) == len(IDS)
    assert (found.summary.files, found.summary.errors, found.summary.headers) == (9, 1, len(IDS))
    assert not (tmp_path / "s.jsonl.parts").exists()
    page = (tmp_path / "s.html").read_text()
    assert "Survey of 9 files of weights" in page
    assert "1 file not read" in page


@pytest.mark.slow
def test_processes_make_the_same_table_as_one(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", 40)
    surveys.survey(str(folder), output=tmp_path / "one.jsonl", workers=1)
    surveys.survey(str(folder), output=tmp_path / "two.jsonl", workers=2)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


@pytest.mark.slow
def test_an_interrupted_survey_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, target = folder_of(tmp_path / "m", 40), tmp_path / "s.jsonl"
    surveys.survey(str(folder), output=tmp_path / "whole.jsonl", workers=1)
    done = []

    def ends(chunk):
        if done:
            raise KeyboardInterrupt
        done.append(chunk)
        return surveyed(chunk)

    with monkeypatch.context() as patch:
        patch.setattr(surveys, "surveyed", ends)
        with pytest.raises(KeyboardInterrupt):
            surveys.survey(str(folder), output=target, workers=1)
    assert not target.exists()
    again = surveys.survey(str(folder), output=target, workers=1)
    assert again.resumed == len(done[0])
    assert target.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_sources_are_files_folders_globs_and_lists(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", 4)
    (tmp_path / "list.txt").write_text(f"# mine\n{folder}/bad.safetensors\norg/repo\n\nnowhere.safetensors\n")
    found = items((f"{folder}/*.safetensors", str(folder), str(tmp_path / "list.txt")))
    assert [one.kind for one in found] == ["file"] * 5 + ["hub", "absent"]
    told = [msgspec.json.decode(line, type=SurveyRow) for line in surveyed(found[-1:]).splitlines()]
    assert told[0].error == "there is no such file, folder or repository"


def test_the_command_writes_csv_and_says_what_it_found(tmp_path: Path) -> None:
    folder_of(tmp_path / "m", 4)
    done = traced_here("survey", str(tmp_path / "m"), "-o", str(tmp_path / "s.csv"), "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert "5 files" in done.stdout
    with (tmp_path / "s.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 5
    for words, told in (
        ((), "writes a table or a report"),
        (("-o", "x.xlsx"), "no suffix that names a table"),
    ):
        failed = traced_here("survey", str(tmp_path / "m"), *words)
        assert (failed.returncode, told in failed.stderr) == (2, True)


def test_a_survey_loads_no_torch(tmp_path: Path) -> None:
    folder_of(tmp_path / "m", 4)
    out = str(tmp_path / "s.csv")
    assert heavy_after("survey", str(tmp_path / "m"), "-o", out, "--workers", "1") == "[]"


def test_what_headers_have_in_common_is_told_by_their_sketches() -> None:
    assert in_common([1, 2, 3], [1, 2, 3]) == 1.0
    assert in_common([1, 2, 3], [4, 5, 6]) == 0.0
    assert in_common([], []) == 1.0
