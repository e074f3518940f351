"""A server on this machine that speaks what is asked of the Hub, and can be told to answer badly."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """Files by repository and path. `sent` counts the bytes of each file that went out, `seen` are the paths
    asked for with what their headers said. `fault` is how it answers badly, `hidden` the token that it wants,
    `elsewhere` the server that has its files."""

    files: dict[str, dict[str, bytes]]
    sizes: dict[str, int] = field(default_factory=dict)
    fault: str = ""
    hidden: str = ""
    elsewhere: str = ""
    port: int = 0
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """The server, while it runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with contextlib.suppress(OSError):  # who asked may have gone
                _answer(self, hub)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(request: BaseHTTPRequestHandler, hub: Hub) -> None:
    path = unquote(urlsplit(request.path).path)
    hub.seen.append((path, {name.lower(): value for name, value in request.headers.items()}))
    if hub.hidden and request.headers.get("Authorization") != f"Bearer {hub.hidden}":
        return _send(request, 401, b"Invalid username or password.")
    if hub.fault in ("500", "429", "403"):
        return _send(request, int(hub.fault), b"{}")
    if hub.fault == "html":
        return _send(request, 200, b"<!doctype html><title>Log in</title>")
    if hub.fault == "silent":
        time.sleep(30)
        return None
    parts = path.strip("/").split("/")
    if parts[:2] == ["api", "models"]:
        return _list(request, hub, "/".join(parts[2:4]), "/".join(parts[5:]))
    return _file(request, hub, "/".join(parts[:2]), "/".join(parts[4:]))


def _list(request: BaseHTTPRequestHandler, hub: Hub, repo: str, revision: str) -> None:
    if repo not in hub.files:
        return _send(request, 404, b"{}", {"X-Error-Code": "RepoNotFound"})
    if revision not in ("main", "v2", "refs/pr/3", COMMIT):
        return _send(request, 404, b"{}", {"X-Error-Code": "RevisionNotFound"})
    files = [
        {"rfilename": name, "size": hub.sizes.get(name, len(data))} for name, data in hub.files[repo].items()
    ]
    return _send(request, 200, json.dumps({"id": repo, "sha": COMMIT, "siblings": files}).encode())


def _file(request: BaseHTTPRequestHandler, hub: Hub, repo: str, name: str) -> None:
    data = hub.files.get(repo, {}).get(name)
    if data is None or hub.fault == "gone":
        return _send(request, 404, b"Entry not found", {"X-Error-Code": "EntryNotFound"})
    if hub.elsewhere:
        return _send(request, 302, b"", {"Location": hub.elsewhere + request.path})
    status, span = 200, request.headers.get("Range")
    if span and hub.fault != "no ranges":
        start, stop = map(int, span.removeprefix("bytes=").split("-"))
        status, data = 206, data[start : stop + 1]
    if hub.fault == "page for a file":
        data = b"<html>Too many requests</html>"
    if hub.fault == "short":
        data = data[: len(data) // 2]
    if hub.fault == "long":
        data += b" " * 5_000_000
    hub.sent[name] = hub.sent.get(name, 0) + len(data)
    commit = COMMIT[::-1] if hub.fault == "another commit" else COMMIT
    return _send(request, status, data, {"X-Repo-Commit": commit}, fault=hub.fault)


def _send(
    request: BaseHTTPRequestHandler,
    status: int,
    data: bytes,
    headers: dict[str, str] | None = None,
    *,
    fault: str = "",
) -> None:
    request.send_response(status)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(data) + 1000 * (fault == "promises more")))
    request.send_header("Connection", "close")
    request.end_headers()
    if fault == "drip":
        for byte in data:
            request.wfile.write(bytes([byte]))
            request.wfile.flush()
            time.sleep(0.3)
    else:
        request.wfile.write(data)
    request.close_connection = True
