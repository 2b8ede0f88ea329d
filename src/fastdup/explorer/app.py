"""What the server answers: the page, its parts, and the calls it makes."""

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
from fastdup.explorer.calls import Calls
from fastdup.explorer.params import Params
from fastdup.report.wording import in_pieces

#: Largest image that may be dropped on the page, and largest other body.
UPLOAD_BYTES = 64 * 2**20
_BODY_BYTES = 2**20

_LOOKS = (
    *("summary", "groups", "group", "pairs", "outliers", "quality", "bad", "image"),
    *("difference", "map", "planned"),
)
_CHANGES = {
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


def create_app(calls: Calls) -> Starlette:
    """Return the application that answers by `calls`; it lets anybody in."""
    assets = _read_assets()

    async def asset(request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        if name not in assets:
            raise HTTPException(404)
        return assets[name]

    async def picture(request: Request) -> Response:
        side = Params(request.query_params, calls.n_images).whole("side")
        jpeg = await run_in_threadpool(calls.picture, request.path_params["row"], side)
        if jpeg is None:
            raise HTTPException(404)
        return Response(jpeg, media_type="image/jpeg")

    async def plan_file(_request: Request) -> Response:
        table = await run_in_threadpool(calls.plan_file)
        told = {"Content-Disposition": 'attachment; filename="clean-plan.csv"'}
        return Response(table, media_type="text/csv", headers=told)

    return Starlette(
        routes=[
            Route("/", asset),
            Route("/static/{name}", asset),
            Route("/image/{row:int}", picture),
            Route("/plan.csv", plan_file),
            *(Route(f"/api/{name}", _look(calls, name)) for name in _LOOKS),
            *(
                Route(f"/api/{name}", _change(calls, name, limit), methods=["POST"])
                for name, limit in _CHANGES.items()
            ),
        ],
        exception_handlers={FastdupError: _tell_error},
    )


def _look(calls: Calls, name: str) -> Endpoint:
    """Return what answers a call that changes nothing."""
    call: Callable[[Params], Any] = getattr(calls, name)

    async def answer(request: Request) -> Response:
        return _response(
            await run_in_threadpool(call, Params(request.query_params, calls.n_images))
        )

    return answer


def _change(calls: Calls, name: str, max_bytes: int) -> Endpoint:
    """Return what answers a call that brings something."""
    call: Callable[[bytes], Any] = getattr(calls, name)

    async def answer(request: Request) -> Response:
        return _response(await run_in_threadpool(call, await _body(request, max_bytes)))

    return answer


async def _body(request: Request, max_bytes: int) -> bytes:
    """Return the body, read no further than it may be."""
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


def _tell_error(_request: Request, error: Exception) -> Response:
    return _json({"error": in_pieces(str(error))}, 400)


def _json(value: Any, status: int = 200) -> Response:
    # ASCII, so that the answer is valid whatever is in a name.
    return Response(json.dumps(value, ensure_ascii=True), status, media_type="application/json")


def _read_assets() -> dict[str, Response]:
    """Return name → answer of the page's files; nothing else is ever served."""
    own = files("fastdup.explorer") / "static"
    shared = files("fastdup.report") / "templates"
    found = {item.name: item for item in own.iterdir()}
    found |= {name: shared / name for name in _SHARED}
    return {
        name: Response(item.read_bytes(), media_type=_TYPES[name[name.rindex(".") :]])
        for name, item in found.items()
    }
