"""What every run of the tests needs: threads, programs of the machine, a browser. Helpers are in support/."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from support.places import CHROMIUM, PDFLATEX

# Each of two workers has a core: more threads, on networks as small as these, only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# No test asks the Hub; those of sources/hub ask a server of their own.
os.environ["HF_HUB_OFFLINE"] = "1"
# torch brings a million objects that hardly any collection frees: walking them less often spares a tenth.
gc.set_threshold(50_000, 50, 50)
# Whatever the shell says: a program that a test starts reads what the one before compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# How long an example takes says nothing where the machine has other work.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

BY_FIXTURE = {"browser": ("Chromium", CHROMIUM), "pdflatex": ("pdflatex", PDFLATEX)}
"""The program behind each fixture that needs one."""


def missing() -> dict[str, str]:
    """Fixtures whose program this machine lacks, and its name. CI has to have them all: there they fail."""
    lacking = {fixture: name for fixture, (name, program) in BY_FIXTURE.items() if program is None}
    return {} if os.environ.get("CI") else lacking


def pytest_report_header() -> list[str]:
    """Say which tests are left out for want of a program."""
    return [f"{name} is not here: the tests that run it are deselected" for name in missing().values()]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what this machine cannot run."""
    lacking = missing().keys()
    out = {item for item in items if lacking & set(getattr(item, "fixturenames", ()))}
    config.hook.pytest_deselected(items=list(out))
    items[:] = [item for item in items if item not in out]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The one browser of the process."""
    from support.pictures.measuring import chromium

    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def tabs(browser: Any) -> Any:
    """Lends empty tabs of the browser: `with tabs.lent(width=420) as tab`."""
    from support.pictures.tabs import Tabs

    return Tabs(browser)


@pytest.fixture(scope="session")
def pages(browser: Any) -> dict[str, Any]:
    """A page of the browser for each colour scheme, to measure pictures in."""
    from support.pictures.measuring import pages_of

    return pages_of(browser)


@pytest.fixture(scope="session")
def pdflatex() -> str:
    """The path of pdflatex."""
    assert PDFLATEX, "texlive-latex-recommended brings it"
    return PDFLATEX
