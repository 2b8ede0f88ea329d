"""The web application: the page, its files, and the requests that it makes."""

import json
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from fastdup.errors import FastdupError
from fastdup.explorer.handlers import Handlers
from fastdup.explorer.params import Params
from fastdup.report.wording import in_pieces

#: Largest image that may be dropped on the page, and largest other body.
UPLOAD_BYTES = 64 * 2**20
_BODY_BYTES = 2**20

_TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".png": "image/png"}
#: What the page shares with the galleries.
_SHARED = ("elements.js", "gallery.css", "marks.js", "planes.js", "viewer.js")

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(handlers: Handlers) -> Starlette:
    """Return the application around `handlers`; it lets anybody in."""
    assets = _read_assets()

    async def asset(request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        if name not in assets:
            raise HTTPException(404)
        return assets[name]

    async def picture(request: Request) -> Response:
        side = Params(request.query_params, handlers.n_images).whole("side")
        jpeg = await run_in_threadpool(handlers.picture, request.path_params["row"], side)
        if jpeg is None:
            raise HTTPException(404)
        return Response(jpeg, media_type="image/jpeg")

    async def plan_file(_request: Request) -> Response:
        table = await run_in_threadpool(handlers.plan_file)
        headers = {"Content-Disposition": 'attachment; filename="clean-plan.csv"'}
        return Response(table, media_type="text/csv", headers=headers)

    async def search(request: Request) -> Response:
        return _response(
            await run_in_threadpool(handlers.search, await _body(request, UPLOAD_BYTES))
        )

    def look(handle: Callable[[Params], Any]) -> Endpoint:
        async def answer(request: Request) -> Response:
            params = Params(request.query_params, handlers.n_images)
            return _response(await run_in_threadpool(handle, params))

        return answer

    def choose(handle: Callable[[Params], Any]) -> Endpoint:
        async def answer(request: Request) -> Response:
            params = Params.of_body(await _body(request, _BODY_BYTES), handlers.n_images)
            return _response(await run_in_threadpool(handle, params))

        return answer

    return Starlette(
        routes=[
            Route("/", asset),
            Route("/static/{name}", asset),
            Route("/image/{row:int}", picture),
            Route("/plan.csv", plan_file),
            *(Route(f"/api/{name}", look(handle)) for name, handle in handlers.looks.items()),
            *(
                Route(f"/api/{name}", choose(handle), methods=["POST"])
                for name, handle in handlers.choices.items()
            ),
            Route("/api/search", search, methods=["POST"]),
        ],
        exception_handlers={FastdupError: _error_response},
    )


async def _body(request: Request, max_bytes: int) -> bytes:
    """Return the body, of which no more than `max_bytes` is read."""
    too_large = HTTPException(413, f"larger than {max_bytes:,} bytes")
    if int(request.headers.get("content-length", 0)) > max_bytes:
        raise too_large
    parts, n_bytes = [], 0
    try:
        async for part in request.stream():
            n_bytes += len(part)
            if n_bytes > max_bytes:
                raise too_large
            parts.append(part)
    except ClientDisconnect as exc:
        raise HTTPException(400, "cut short") from exc
    return b"".join(parts)


def _response(value: Any) -> Response:
    if isinstance(value, bytes):
        return Response(value, media_type="application/octet-stream")
    return _json(value)


def _error_response(_request: Request, error: Exception) -> Response:
    return _json({"error": in_pieces(str(error))}, 400)


def _json(value: Any, status: int = 200) -> Response:
    # ASCII, so that the answer is valid whatever is in a name.
    return Response(json.dumps(value, ensure_ascii=True), status, media_type="application/json")


def _read_assets() -> dict[str, Response]:
    """Return name → response for each of the page's files; no other file is ever served."""
    own = files("fastdup.explorer") / "static"
    shared = files("fastdup.report") / "templates"
    found = {item.name: item for item in own.iterdir()}
    found |= {name: shared / name for name in _SHARED}
    return {
        name: Response(item.read_bytes(), media_type=_TYPES[name[name.rindex(".") :]])
        for name, item in found.items()
    }
