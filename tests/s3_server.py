"""A real S3 server on loopback, and a proxy that does to its answers what networks do."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KEY, SECRET = "test-access-key", "test-secret-key"
_PATIENCE_S = 30


def rclone_program() -> str | None:
    """Return where rclone is, beside this interpreter or on the path."""
    return shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")


class S3Server:
    """``rclone serve s3`` over a folder, each folder in it a bucket; a context manager.

    What is put into the folder is there at once if `is_fresh`; else a folder is only listed once,
    nothing is checked twice and memory is freed late, as every request then costs much less.
    """

    def __init__(self, folder: Path, *, is_fresh: bool = True) -> None:
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._process = subprocess.Popen(
            [
                *(rclone_program(), "serve", "s3", "--auth-key", f"{KEY},{SECRET}"),
                *("--addr", f"127.0.0.1:{self.port}", "--log-level", "ERROR", folder),
                *("--dir-cache-time", "0s" if is_fresh else "1h"),
                *("--poll-interval", "0", "--config", "/dev/null"),
                *(() if is_fresh else ("--no-checksum", "--read-only")),
            ],
            env=os.environ if is_fresh else {**os.environ, "GOGC": "400"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> "S3Server":
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise TimeoutError("rclone does not answer")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid


#: Decides what happens to the n-th request (from 1) for a path: None, or the name of a fault.
Mischief = Callable[[str, int], str | None]


class FaultyProxy:
    """Passes requests on to a server, except where mischief says otherwise; a context manager.

    ``drop``: the connection is closed without an answer; ``503``, ``403``, …: that status;
    ``cut``: half of the body, then the connection is closed; ``stall``: half of the body, then
    nothing; ``silent``: no answer at all; ``short``: a whole answer with 5 bytes fewer, as of a
    cache that cut the object; ``slashes``: ``__`` in the answer is ``//``.
    """

    def __init__(self, port: int, mischief: Mischief) -> None:
        self.n_requests: Counter[str] = Counter()
        self.released = threading.Event()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy.answer(self, port, mischief)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FaultyProxy":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, port: int, mischief: Mischief) -> None:
        """Answer one request."""
        path = handler.path.partition("?")[0]
        self.n_requests[path] += 1
        fault = mischief(path, self.n_requests[path])
        handler.close_connection = fault is not None
        if fault == "drop":
            return
        if fault == "silent":
            self.released.wait(_PATIENCE_S)
            return
        if fault and fault.isdigit():
            handler.send_response(int(fault))
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        status, headers, body = _asked(handler, port)
        if fault == "short" and handler.command != "HEAD":
            body, fault = body[:-5], None
        elif fault == "slashes":
            body, fault = body.replace(b"__", b"//"), None
        handler.send_response(status)
        for name, value in headers:
            is_length = name.lower() == "content-length" and handler.command != "HEAD"
            handler.send_header(name, str(len(body)) if is_length else value)
        handler.end_headers()
        if handler.command == "HEAD":
            return
        handler.wfile.write(body[: len(body) // 2] if fault else body)
        if fault == "stall":
            handler.wfile.flush()
            self.released.wait(_PATIENCE_S)


def _asked(handler: BaseHTTPRequestHandler, port: int) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return the server's answer. The host that was signed is kept as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
    for name, value in handler.headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    kept = re.compile("(?i)date|etag|last-modified|content-(length|type|range)|accept-ranges")
    headers = [(name, value) for name, value in answer.getheaders() if kept.fullmatch(name)]
    # rclone answers with the part that was asked for, and calls it the whole.
    status = 206 if answer.getheader("Content-Range") and answer.status == 200 else answer.status
    if handler.command != "HEAD" and not any(n.lower() == "content-length" for n, _ in headers):
        headers.append(("Content-Length", str(len(body))))
    connection.close()
    return status, headers, body


def free_port() -> int:
    """Return a port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
