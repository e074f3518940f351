"""Requests to the Hub: whatever a server answers, they end, take few bytes, and fail in one line.

huggingface_hub brings what its user set: endpoint, token, proxies (HF_ENDPOINT, HF_TOKEN, HF_HOME,
HF_HUB_DOWNLOAD_TIMEOUT). Its own downloads are not used: they take whole files, and retry.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from unetscope.errors import SourceError
from unetscope.limits import HUB_SECONDS, MAX_HUB_BYTES
from unetscope.words.messages import printable

_AGAIN = (
    "if a path was meant, nothing here has that name; else try later (HF_HUB_OFFLINE=1: cached files alone)"
)
_PARTIAL, _WHOLE = 206, 200
_CHUNK = 2**16
_PATIENCE = 6


class Requests:
    """The requests for one source: together within MAX_HUB_BYTES, and within HUB_SECONDS or, if that is less,
    six times what the user lets one answer be silent."""

    def __init__(self, repo: str) -> None:
        from huggingface_hub import constants

        self._repo, self._left, self._wait = repo, MAX_HUB_BYTES, constants.HF_HUB_DOWNLOAD_TIMEOUT
        self._seconds = min(HUB_SECONDS, _PATIENCE * self._wait)
        self._end = time.monotonic() + self._seconds

    def whole(self, url: str, *, most: int, name: str) -> bytes:
        """A whole answer of at most `most` bytes. Raises SourceError."""
        data = self._within_time(lambda: self._body(url, {}, most, name))
        if len(data) > most:
            raise SourceError(
                f"{name} of {self._repo} is larger than {most >> 20} MiB", hint="it is not read"
            )
        return data

    def part(self, url: str, start: int, stop: int, *, name: str, commit: str) -> bytes:
        """Bytes `start` to `stop` of a file at a commit, fewer where it ends before. Raises SourceError."""
        headers = {"Range": f"bytes={start}-{stop - 1}"}
        data = self._within_time(
            lambda: self._body(url, headers, stop - start, name, start=start, commit=commit)
        )
        return data[: stop - start]

    def _within_time(self, call: Callable[[], bytes]) -> bytes:
        """What a call returns. The call is abandoned if it takes too long: a server may send a byte a
        minute."""
        done: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()

        def run() -> None:
            try:
                done.put(call())
            except Exception as error:  # noqa: BLE001 - httpx, httpx2 or a socket: it goes to whoever waits
                done.put(error)

        threading.Thread(target=run, daemon=True).start()
        try:
            outcome = done.get(timeout=max(0.01, self._end - time.monotonic()))
        except queue.Empty:
            raise self._failed(f"takes more than {self._seconds} s") from None
        if isinstance(outcome, SourceError):
            raise outcome
        if isinstance(outcome, Exception):
            raise self._failed(f"cannot be read: {_reason(outcome)}") from outcome
        self._left -= len(outcome)
        if self._left < 0:
            raise self._failed(f"takes more than {MAX_HUB_BYTES >> 20} MiB of headers")
        return outcome

    def _failed(self, what: str) -> SourceError:
        from huggingface_hub import constants

        server = printable(urlsplit(constants.ENDPOINT).netloc or constants.ENDPOINT, limit=80)
        return SourceError(f"{self._repo} on {server} {what}", hint=_AGAIN)

    def _body(
        self, url: str, headers: dict[str, str], most: int, name: str, *, start: int = 0, commit: str = ""
    ) -> bytes:
        """The first `most` + 1 bytes of an answer, no more of which is taken off the wire."""
        from huggingface_hub.utils import get_session

        own = {"User-Agent": "unetscope", "Accept-Encoding": "identity"} | _login() | headers
        session: Any = get_session()
        data = bytearray()
        with session.stream("GET", url, headers=own, timeout=self._wait, follow_redirects=True) as answer:
            self._judge(answer, name, ranged=start > 0)
            self._judge_commit(answer, name, commit)
            for chunk in answer.iter_raw(_CHUNK):
                data += chunk
                if len(data) > most:
                    break
        return bytes(data[: most + 1])

    def _judge(self, answer: Any, name: str, *, ranged: bool) -> None:
        """Raise SourceError for an answer that is not what was asked for."""
        status, code = int(answer.status_code), str(answer.headers.get("x-error-code", ""))
        if status == _PARTIAL or (status == _WHOLE and not ranged):
            return
        if status == _WHOLE:
            raise self._failed("answers no request for a part of a file")
        if status in (401, 403) or code in ("GatedRepo", "RepoNotFound"):
            raise SourceError(
                f"the Hub shows no {self._repo}: it does not exist, or is private or gated",
                hint="check its name; log in (hf auth login, or HF_TOKEN) and accept the terms on its page",
            )
        if code == "RevisionNotFound":
            raise SourceError(
                f"{self._repo} has no such revision", hint="give a branch, a tag or a whole commit hash"
            )
        if status == 404:
            raise SourceError(
                f"the Hub has no {name} of {self._repo}", hint="check the name and the revision"
            )
        raise self._failed(f"cannot be read: status {status}")

    def _judge_commit(self, answer: Any, name: str, commit: str) -> None:
        """Raise SourceError where the server says that a file is of another commit than was asked for: in the
        answer, or in a redirect before it, since stores of large files do not say."""
        commits = [response.headers.get("x-repo-commit") for response in (*answer.history, answer)]
        if commit and any(other and other != commit for other in commits):
            raise self._failed(f"sends {name} of another commit than was asked for")


def _login() -> dict[str, str]:
    """The user's token as a header. huggingface_hub's own headers would cost a hidden request."""
    from huggingface_hub import constants, get_token

    token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
    return {"Authorization": f"Bearer {token}"} if token else {}


def _reason(error: Exception) -> str:
    """An exception of the client in a few words."""
    return printable(str(error).splitlines()[0] if str(error) else type(error).__name__, limit=100)
