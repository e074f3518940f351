"""Surveys of many files of weights: work in chunks that are kept as they are done, then one table of them.

A chunk's rows are a file of their own, named by what was read and written whole: whoever runs the same survey
again after an end of any kind goes on with what is missing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from unetscope import __version__, files
from unetscope.checkpoints.surveys.groups import SurveySummary, summary
from unetscope.checkpoints.surveys.items import SurveyItem, items
from unetscope.checkpoints.surveys.reading import surveyed
from unetscope.checkpoints.surveys.row import SCHEMA_VERSION, SurveyRow
from unetscope.errors import OptionError, SourceError, UnetscopeError
from unetscope.hooks import Shown, tell

LOCAL = "local"
"""In place of a scheduler's address: a cluster of Dask on this machine."""
_CHUNK = 32
"""Items that are done, and kept, together: one or two tenths of a second of work."""
_AHEAD = 3
"""Chunks for each process that wait at most, so that a million files need no more memory than a thousand."""
_Done: TypeAlias = Iterator[tuple[int, bytes]]
"""Chunks that are done, by number, in any order, each with its rows as lines of JSON."""


@dataclass(frozen=True, slots=True)
class Surveyed(Shown):
    """What became of a survey: what its report tells, and how many items were at hand from a run before."""

    summary: SurveySummary
    resumed: int

    def __repr__(self) -> str:
        return f"Surveyed({self.summary.files} files, {self.summary.errors} not read, resumed={self.resumed})"


def survey(
    *sources: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    report: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    dask: str = "",
    restart: bool = False,
) -> Surveyed:
    """Identify and measure all files of weights that the sources name, into a table and a report.

    A source is a file, a folder with all in it, a glob, a URL of any file system that fsspec knows, a
    repository on the Hub, or a .txt with one such on each line. `output` ends in .parquet, .csv or .jsonl,
    `report` in .html. `workers` are processes here, as many as there are processors; `dask` is the address of
    a scheduler whose workers do it instead, or "local" for a cluster on this machine. What is wrong with a
    file is its row. What a run that ended early had done is used again, unless `restart`.

    Raises OptionError where an extra is missing, SourceError where no source is given, OutputError where a
    result cannot be written.
    """
    from unetscope.render.checkpoints import survey_page, survey_table

    targets = _targets(output, report)
    survey_items = items(tuple(os.fspath(source) for source in sources))
    if not survey_items:
        raise SourceError("nothing to survey", hint="give files, folders, globs, URLs or a .txt of them")
    chunks = [survey_items[at : at + _CHUNK] for at in range(0, len(survey_items), _CHUNK)]
    parts = _Parts(Path(f"{targets[0]}.parts"), [_name(chunk) for chunk in chunks])
    if restart:
        parts.remove()
    missing = parts.missing()
    resumed = len(survey_items) - sum(len(chunks[at]) for at in missing)
    work = {at: chunks[at] for at in missing}
    if work:
        done = _on_dask(work, dask, workers) if dask else _in_processes(work, workers or _processors())
        for count, (at, rows) in enumerate(done, start=1):
            parts.keep(at, rows)
            tell(_progress(min(len(survey_items), resumed + count * _CHUNK), len(survey_items)))
    survey_summary = summary(parts.rows())
    if output is not None:
        survey_table.write(parts.rows(), targets[0])
    if report is not None:
        files.write(Path(report), survey_page.page(survey_summary).encode("utf-8"))
    parts.remove()
    return Surveyed(survey_summary, resumed)


def _targets(output: Any, report: Any) -> list[Path]:
    """The files to write, seen to be possible before anything is read."""
    from unetscope.render.checkpoints import survey_table

    targets = [Path(target) for target in (output, report) if target is not None]
    if not targets:
        raise OptionError(
            "a survey writes a table or a report", hint="give -o survey.parquet, or --report FILE"
        )
    if output is not None:
        suffix = targets[0].suffix.lower().removeprefix(".")
        if suffix not in survey_table.TABLES:
            known = ", ".join(f".{ending}" for ending in survey_table.TABLES)
            raise OptionError(f"{targets[0].name!r} has no suffix that names a table", hint=f"known: {known}")
        survey_table.needs(suffix)
    return targets


def _progress(done: int, of: int) -> str:
    filled = 20 * done // of
    return f"{'━' * filled}{'╌' * (20 - filled)} {done:,} of {of:,} surveyed"


def _name(chunk: Sequence[SurveyItem]) -> str:
    """A name for the rows of a chunk; it changes with the state of the files and with our version."""
    about = msgspec.json.encode((__version__, SCHEMA_VERSION, chunk))
    return hashlib.blake2b(about, digest_size=16).hexdigest()


class _Parts:
    """The folder of finished chunks, beside the table to come."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        self._folder, self._paths = folder, [folder / f"{name}.jsonl" for name in names]

    def missing(self) -> list[int]:
        """Numbers of the chunks that are not done."""
        return [at for at, path in enumerate(self._paths) if not path.is_file()]

    def keep(self, at: int, rows: bytes) -> None:
        """Keep the rows of a chunk, whole or not at all. Raises OutputError."""
        files.write(self._paths[at], rows, make_folder=True)

    def rows(self) -> Iterator[SurveyRow]:
        """All rows in the order of their items; only one chunk is in memory at a time."""
        for path in self._paths:
            for line in path.read_bytes().splitlines():
                yield msgspec.json.decode(line, type=SurveyRow)

    def remove(self) -> None:
        """Remove the folder, unless it holds files of others."""
        with contextlib.suppress(OSError):
            for path in self._folder.glob("[0-9a-f]*.jsonl"):
                path.unlink()
            for path in self._folder.glob(".*.part"):
                path.unlink()
            self._folder.rmdir()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(work: dict[int, list[SurveyItem]], workers: int) -> _Done:
    """Chunks done in separate processes, so that one broken file cannot stop the others."""
    import multiprocessing
    from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
    from concurrent.futures.process import BrokenProcessPool

    if workers == 1 or len(work) == 1:
        yield from ((at, surveyed(chunk)) for at, chunk in work.items())
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(work)), mp_context=context, initializer=_begin)
    try:
        left, waiting = iter(work.items()), dict[Future[bytes], int]()
        while True:
            for at, chunk in _some(left, _AHEAD * workers - len(waiting)):
                waiting[pool.submit(surveyed, chunk)] = at
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), future.result()
    except BrokenProcessPool as error:
        raise UnetscopeError(
            "a process of the survey was ended from outside", hint="run it again: what is done is kept"
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _some(left: Iterator[Any], count: int) -> list[Any]:
    from itertools import islice

    return list(islice(left, max(0, count)))


def _begin() -> None:
    """Ctrl-C is heard by the process that gives out the work; when that ends, however, so does this one."""
    import multiprocessing
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _on_dask(work: dict[int, list[SurveyItem]], address: str, workers: int | None) -> _Done:
    """The same chunks done by the workers of a Dask cluster, which must have unetscope and the files."""
    try:
        from distributed import Client, LocalCluster, as_completed
    except ImportError as error:
        raise OptionError("--dask needs Dask", hint='pip install "unetscope[dask]"') from error
    with contextlib.ExitStack() as stack:
        try:
            place: Any = address
            if address == LOCAL:
                place = stack.enter_context(
                    LocalCluster(
                        n_workers=workers or _processors(), threads_per_worker=1, dashboard_address=None
                    )
                )
            client = stack.enter_context(Client(place, timeout="20s"))
        except (OSError, ValueError) as error:
            raise OptionError(f"no Dask scheduler answers at {address}", hint="check its address") from error
        yield from _completed(client, as_completed, work)


def _completed(client: Any, as_completed: Callable[..., Any], work: dict[int, list[SurveyItem]]) -> _Done:
    left = iter(work.items())
    ahead = _AHEAD * max(1, len(client.scheduler_info()["workers"]))
    numbers = dict[str, int]()

    def more(count: int) -> Iterable[Any]:
        for at, chunk in _some(left, count):
            submitted = client.submit(surveyed, chunk, pure=False)
            numbers[submitted.key] = at
            yield submitted

    waiting = as_completed(list(more(ahead)), with_results=True)
    for future, rows in waiting:
        yield numbers.pop(future.key), rows
        for answered in more(1):
            waiting.add(answered)
