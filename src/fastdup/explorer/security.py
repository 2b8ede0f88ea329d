"""The middleware that lets in this page in this browser, and nobody else.

A page of another origin could send requests to a port of this machine, or have its own name point
here (DNS rebinding); another program of this machine could try all ports. So each request is
refused with 403 unless

- its ``Host`` is 127.0.0.1 or localhost with the server's port,
- ``Origin`` and ``Sec-Fetch-Site``, where the browser sends them, name this page,
- it brings the token: in the address of the first page, from then on in a cookie, or, in a frame
  of a notebook, which is of another site and so would not be sent the cookie, in the path,
- and, when it changes something, it is a POST with an ``Origin``.
"""

import hmac
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REFUSED = "403: open the address that fastdup explore printed\n"
_READING = ("GET", "HEAD")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: Where a notebook may be that shows the page in a frame.
_NOTEBOOKS = "http://127.0.0.1:* http://localhost:* https://localhost:* vscode-webview:"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_FRAMED_HEADERS = _HEADERS | {
    "Content-Security-Policy": _POLICY.replace(
        "frame-ancestors 'none'", f"frame-ancestors {_NOTEBOOKS}"
    )
}
del _FRAMED_HEADERS["X-Frame-Options"]


class SecurityMiddleware:
    """Refuses requests from elsewhere or without the token; adds security headers to each response.

    Parameters
    ----------
    app : ASGI application
        Answers the requests that pass.
    token : str
        The secret that lets a browser in.
    port : int
        Of the server.
    framed : bool
        Whether the path may bring the token, below which pages of this machine may frame the page.
    """

    def __init__(self, app: ASGIApp, token: str, port: int, *, framed: bool = False) -> None:
        self._app = app
        self._token = token
        self._is_framed = framed
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        # Browsers send a cookie to every port of its host.
        self._cookie = f"fastdup-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
        path = self._below_token(scope["path"])
        if path is not None:
            scope = {**scope, "path": path, "raw_path": path.encode()}
        brings_token = path is not None or self._is_token(self._cookie_token(headers))
        gets_cookie = path is None and self._is_token(_token_in(scope["query_string"]))
        enters = scope["path"] == "/" and (gets_cookie or path is not None)
        passes = self._may_pass(scope["method"], headers, enters=enters, brings_token=brings_token)

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                marked = MutableHeaders(scope=message)
                marked.update(_HEADERS if path is None else _FRAMED_HEADERS)
                if passes and enters and gets_cookie:
                    cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"
                    marked["Set-Cookie"] = cookie
            await send(message)

        app = self._app if passes else PlainTextResponse(_REFUSED, 403)
        await app(scope, receive, send_marked)

    def _below_token(self, path: str) -> str | None:
        """Return the rest of a path that begins with the token; None if it does not."""
        first, slash, rest = path.removeprefix("/").partition("/")
        is_token = self._is_framed and first.startswith("~") and self._is_token(first[1:])
        return f"/{rest}" if is_token and slash else None

    def _may_pass(
        self, method: str, headers: Mapping[str, str], *, enters: bool, brings_token: bool
    ) -> bool:
        host, origin = headers.get("host"), headers.get("origin")
        if host not in self._hosts or origin not in (None, f"http://{host}"):
            return False
        if method not in _READING and origin is None:
            return False
        if enters and method in _READING:  # a link elsewhere, a notebook's, may lead here
            return True
        comes_from = headers.get("sec-fetch-site", "same-origin")
        return comes_from in ("same-origin", "none") and brings_token

    def _cookie_token(self, headers: Mapping[str, str]) -> str:
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return ""
        return found.value if found else ""

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._token.encode())


def _token_in(query: bytes) -> str:
    return parse_qs(query.decode("latin-1")).get("token", [""])[0]
