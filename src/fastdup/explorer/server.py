"""The explorer as an object: a server on this machine alone, and its address."""

import os
import secrets
import socket
import threading
import webbrowser
from html import escape
from typing import Self

from fastdup.errors import ConfigError, MissingExtraError

HOST = "127.0.0.1"
_PATIENCE_S = 5


class Explorer:
    """A local page over the results of a run, served until `stop` is called.

    In a notebook it shows a link to itself. As a context manager it stops at the end.

    Parameters
    ----------
    work_dir : str
        The folder of the run.
    port : int
        0: any free one.

    Attributes
    ----------
    url : str
        The address to open, with the token that lets one in.

    Raises
    ------
    ConfigError
        When the port is out of range or taken.
    MissingExtraError
        When the web library is not installed.
    WorkDirError
        When there is no finished run.
    """

    def __init__(self, work_dir: str, port: int = 0) -> None:
        _require_web_library()
        import uvicorn

        from fastdup.explorer.app import create_app
        from fastdup.explorer.handlers import Handlers
        from fastdup.explorer.security import SecurityMiddleware

        self._handlers = Handlers(work_dir)
        listener = _listen(port)
        port, token = listener.getsockname()[1], secrets.token_urlsafe(32)
        config = uvicorn.Config(
            SecurityMiddleware(create_app(self._handlers), token, port),
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_PATIENCE_S,
        )
        self.url = f"http://{HOST}:{port}/?token={token}"
        self._work_dir = work_dir
        self._server = uvicorn.Server(config)
        self._listener = listener
        # Not the main thread: there uvicorn would take over the signals.
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="fastdup-explorer", daemon=True
        )
        self._thread.start()

    def open_browser(self) -> bool:
        """Open the page in the person's browser; return whether there is one."""
        return webbrowser.open(self.url)

    def wait(self) -> None:
        """Return when the server has stopped."""
        # With a time limit, so that Ctrl-C interrupts it on every system.
        while self._thread.is_alive():
            self._thread.join(1)

    def stop(self) -> None:
        """Stop serving; the page no longer answers."""
        self._server.should_exit = True
        self._thread.join(2 * _PATIENCE_S)
        self._listener.close()
        self._handlers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<explorer of {self._work_dir!r} at {self.url}; .stop() ends it>"

    def _repr_html_(self) -> str:
        # A link, not a frame: the page refuses to be framed, and a frame of another origin would
        # not be sent its cookie.
        return (
            f'<p><a href="{escape(self.url)}" target="_blank" rel="noopener">Open the explorer</a> '
            f"of {escape(self._work_dir)}; <code>.stop()</code> ends it.</p>"
        )


def _require_web_library() -> None:
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as exc:
        raise MissingExtraError.needed_for("the explorer", extra="explore") from exc


def _listen(port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise ConfigError(f"port={port} is not allowed: 0 (any free one) to 65535; try port=0")
    # With the protocol named, asyncio sends small responses at once (TCP_NODELAY).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere it would let others take the port over
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as exc:
        listener.close()
        raise ConfigError(
            f"cannot serve on port {port}: {exc.strerror}; try port=0, which takes a free one"
        ) from exc
    listener.listen()
    return listener
