"""The web application of the first page, with the explorers of opened results below it."""

import re
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from fastdup.errors import FastdupError
from fastdup.explorer.answers import BODY_BYTES, error_response, json_response, read_body
from fastdup.explorer.app import file_response, read_assets
from fastdup.explorer.params import Params
from fastdup.window.opened_results import OpenedResults
from fastdup.window.start_handlers import StartHandlers

_RESULTS = re.compile(r"/results/([0-9]{1,9})(/.*)", re.DOTALL)
_GONE = "These results are no longer open. Open them again from the start page.\n"
#: The same for one who reloads the page, with the way there.
_GONE_PAGE = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>fastdup</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/static/gallery.css">
<link rel="stylesheet" href="/static/explorer.css">
</head><body><main><h1>No longer open</h1><p class="lead">{_GONE}</p>
<p class="row-of-buttons"><a class="button main" href="/">Start page</a></p></main></body></html>
"""

Endpoint = Callable[[Request], Awaitable[Response]]


def create_window_app(handlers: StartHandlers, results: OpenedResults) -> ASGIApp:
    """Return the application around `handlers` and `results`; it lets anybody in."""
    assets = read_assets() | _own_assets()

    async def asset(request: Request) -> Response:
        name = request.path_params.get("name", "start.html")
        if name not in assets:
            raise HTTPException(404)
        return assets[name]

    def look(handle: Callable[[Params], Any]) -> Endpoint:
        async def answer(request: Request) -> Response:
            params = Params(request.query_params, 0)
            return json_response(await run_in_threadpool(handle, params))

        return answer

    def choose(handle: Callable[[Params], Any]) -> Endpoint:
        async def answer(request: Request) -> Response:
            params = Params.of_body(await read_body(request, BODY_BYTES), 0)
            return json_response(await run_in_threadpool(handle, params))

        return answer

    first = Starlette(
        routes=[
            Route("/", asset),
            Route("/static/{name}", asset),
            *(Route(f"/api/{name}", look(handle)) for name, handle in handlers.looks.items()),
            *(
                Route(f"/api/{name}", choose(handle), methods=["POST"])
                for name, handle in handlers.choices.items()
            ),
        ],
        exception_handlers={FastdupError: error_response, OSError: error_response},
    )
    return _Mounted(first, results)


class _Mounted:
    """Passes what is below ``/results/N/`` to the explorer of that number, the rest to `first`."""

    def __init__(self, first: ASGIApp, results: OpenedResults) -> None:
        self._first = first
        self._results = results

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        found = _RESULTS.fullmatch(scope["path"])
        if not found:
            await self._first(scope, receive, send)
            return
        below = {**scope, "path": found[2], "raw_path": found[2].encode()}
        with self._results.used(int(found[1])) as app:
            await (app or _gone(below["path"]))(below, receive, send)


def _gone(path: str) -> Response:
    """Return the answer where results are not open any more: a page in place of their page."""
    return HTMLResponse(_GONE_PAGE, 404) if path == "/" else PlainTextResponse(_GONE, 404)


def _own_assets() -> dict[str, Response]:
    own = files("fastdup.window") / "static"
    return {item.name: file_response(item) for item in own.iterdir()}
