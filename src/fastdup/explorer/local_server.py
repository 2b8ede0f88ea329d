"""A server on this machine alone, and the address that lets one in."""

import asyncio
import os
import secrets
import socket
import threading
import webbrowser
from typing import TYPE_CHECKING, Protocol, Self

from fastdup.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
#: How long requests may take to end when the server stops.
_PATIENCE_S = 5


class LocalServer:
    """Serves a web application to this machine, behind a token, until `stop` is called.

    Parameters
    ----------
    app : ASGI application
        Answers the requests that `SecurityMiddleware` lets pass.
    port : int
        0: any free one.
    framed : bool
        Whether pages of this machine, such as notebooks, may show it in a frame.

    Attributes
    ----------
    url : str
        The address to open, with the token that lets one in.
    frame_url : str
        The address for a frame.

    Raises
    ------
    ConfigError
        When the port is out of range or taken.
    """

    def __init__(self, app: "ASGIApp", port: int = 0, *, framed: bool = False) -> None:
        import uvicorn

        from fastdup.explorer.security import SecurityMiddleware

        listener = _listen(port)
        port, token = listener.getsockname()[1], secrets.token_urlsafe(32)
        config = uvicorn.Config(
            _UntilStopped(SecurityMiddleware(app, token, port, framed=framed)),
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
        )
        self.url = f"http://{HOST}:{port}/?token={token}"
        self.frame_url = f"http://{HOST}:{port}/~{token}/"
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
        self._thread.join(_PATIENCE_S)
        self._server.force_exit = True
        self._thread.join(_PATIENCE_S)
        self._listener.close()


class _UntilStopped:
    """Answers what is still asked for when the server ends, which would be logged as a failure."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        from starlette.responses import PlainTextResponse

        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            await PlainTextResponse("503: it was stopped\n", 503)(scope, receive, send)


class Closable(Protocol):
    """What holds something until it is closed."""

    def close(self) -> None:
        """Release it."""


class LocalPage:
    """A page on a server of its own, until `stop` is called; as a context manager, to the end.

    Parameters
    ----------
    app : ASGI application
    handlers : Closable
        Answers its requests; closed when the server has stopped, or cannot begin.
    port : int
        0: any free one.
    framed : bool
        See `LocalServer`.

    Attributes
    ----------
    url : str
        The address to open, with the token that lets one in.

    Raises
    ------
    ConfigError
        When the port is out of range or taken.
    """

    def __init__(
        self, app: "ASGIApp", handlers: Closable, port: int, *, framed: bool = False
    ) -> None:
        self._handlers = handlers
        try:
            self._server = LocalServer(app, port, framed=framed)
        except ConfigError:
            handlers.close()
            raise
        self.url = self._server.url

    def open_browser(self) -> bool:
        """Open the page in the person's browser; return whether there is one."""
        return self._server.open_browser()

    def wait(self) -> None:
        """Return when the server has stopped."""
        self._server.wait()

    def stop(self) -> None:
        """Stop serving, and what the page began; it no longer answers."""
        self._server.stop()
        self._handlers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def require_web_library() -> None:
    """Refuse to go on without the web library.

    Raises
    ------
    MissingExtraError
        When it is not installed.
    """
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
