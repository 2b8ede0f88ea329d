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

#: Handlers that change nothing.
_GET = (
    "summary",
    "groups",
    "group",
    "pairs",
    "outliers",
    "quality",
    "bad",
    "image",
    "difference",
    "map",
    "planned",
)
#: Handlers that take a body → the largest body that each takes.
_POST = {
    "search": UPLOAD_BYTES,
    "rule": _BODY_BYTES,
    "decide": _BODY_BYTES,
    "plan": _BODY_BYTES,
    "apply": _BODY_BYTES,
}
_TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".png": "image/png"}
#: What the page shares with the galleries.
_SHARED = ("elements.js", "gallery.css", "viewer.js")

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

    return Starlette(
        routes=[
            Route("/", asset),
            Route("/static/{name}", asset),
            Route("/image/{row:int}", picture),
            Route("/plan.csv", plan_file),
            *(Route(f"/api/{name}", _get(handlers, name)) for name in _GET),
            *(
                Route(f"/api/{name}", _post(handlers, name, limit), methods=["POST"])
                for name, limit in _POST.items()
            ),
        ],
        exception_handlers={FastdupError: _error_response},
    )


def _get(handlers: Handlers, name: str) -> Endpoint:
    """Return the endpoint of a handler that changes nothing."""
    handle: Callable[[Params], Any] = getattr(handlers, name)

    async def answer(request: Request) -> Response:
        return _response(
            await run_in_threadpool(handle, Params(request.query_params, handlers.n_images))
        )

    return answer


def _post(handlers: Handlers, name: str, max_bytes: int) -> Endpoint:
    """Return the endpoint of a handler that takes a body."""
    handle: Callable[[bytes], Any] = getattr(handlers, name)

    async def answer(request: Request) -> Response:
        return _response(await run_in_threadpool(handle, await _body(request, max_bytes)))

    return answer


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
