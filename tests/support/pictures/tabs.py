"""Tabs of the browser that tests take in turn: to open a window costs Chromium 0.4 s of processor time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Tabs:
    """The tabs of one browser that no test has, by whether they are touched and whether they run script."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._free: dict[tuple[bool, bool], list[tuple[Any, list[str]]]] = {}

    @contextmanager
    def lent(
        self,
        *,
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        motion: str = "no-preference",
        touch: bool = False,
        script: bool = True,
        fetches: bool = False,
    ) -> Iterator[Any]:
        """An empty tab. What its pages say in the console, their errors and, unless it may, whatever they
        fetch fail the test."""
        free = self._free.setdefault((touch, script), [])
        page, complaints = free.pop() if free else self._opened(touch=touch, script=script)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(media="null", color_scheme=scheme, reduced_motion=motion)
        yield page
        page.goto("about:blank")  # ends what the test left running
        page.mouse.move(0, 0)
        said = [text for text in complaints if not (fetches and text.startswith(_FETCHES))]
        complaints.clear()
        free.append((page, complaints))
        assert said == []

    def _opened(self, *, touch: bool, script: bool) -> tuple[Any, list[str]]:
        page = self._browser.new_context(has_touch=touch, java_script_enabled=script).new_page()
        complaints: list[str] = []

        def fetched(request: Any) -> None:
            if not request.is_navigation_request():
                complaints.append(_FETCHES + request.url)

        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", fetched)
        return page, complaints


_FETCHES = "fetches "
