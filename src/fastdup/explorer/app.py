"""The web application: the page, its files, and the requests that it makes."""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fastdup.errors import FastdupError
from fastdup.explorer.answers import BODY_BYTES, error_response, json_response, read_body
from fastdup.explorer.handlers import Handlers
from fastdup.explorer.params import Params

#: Largest image that may be dropped on the page.
UPLOAD_BYTES = 64 * 2**20
#: Most digits of an image's number.
_ROW_DIGITS = 12

_TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".png": "image/png"}
#: What the page shares with the galleries.
_SHARED = ("elements.js", "gallery.css", "gestures.js", "marks.js", "planes.js", "viewer.js")

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(handlers: Handlers) -> Starlette:
    """Return the application around `handlers`; it lets anybody in."""
    assets = read_assets()

    async def asset(request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        if name not in assets:
            raise HTTPException(404)
        return assets[name]

    async def picture(request: Request) -> Response:
        side = Params(request.query_params, handlers.n_images).whole("side")
        row = request.path_params["row"]
        # Not a convertor's `int`, which fails where there are thousands of digits.
        is_row = row.isascii() and row.isdigit() and len(row) <= _ROW_DIGITS
        jpeg = await run_in_threadpool(handlers.picture, int(row), side) if is_row else None
        if jpeg is None:
            raise HTTPException(404)
        if not jpeg:  # which is no error: the page asks why
            return Response(status_code=204)
        return Response(jpeg, media_type="image/jpeg")

    async def plan_file(_request: Request) -> Response:
        table = await run_in_threadpool(handlers.plan_file)
        headers = {"Content-Disposition": 'attachment; filename="clean-plan.csv"'}
        return Response(table, media_type="text/csv", headers=headers)

    async def search(request: Request) -> Response:
        return _response(
            await run_in_threadpool(handlers.search, await read_body(request, UPLOAD_BYTES))
        )

    def look(handle: Callable[[Params], Any]) -> Endpoint:
        async def answer(request: Request) -> Response:
            params = Params(request.query_params, handlers.n_images)
            return _response(await run_in_threadpool(handle, params))

        return answer

    def choose(handle: Callable[[Params], Any]) -> Endpoint:
        async def answer(request: Request) -> Response:
            params = Params.of_body(await read_body(request, BODY_BYTES), handlers.n_images)
            return _response(await run_in_threadpool(handle, params))

        return answer

    return Starlette(
        routes=[
            Route("/", asset),
            Route("/static/{name}", asset),
            Route("/image/{row}", picture),
            Route("/plan.csv", plan_file),
            *(Route(f"/api/{name}", look(handle)) for name, handle in handlers.looks.items()),
            *(
                Route(f"/api/{name}", choose(handle), methods=["POST"])
                for name, handle in handlers.choices.items()
            ),
            Route("/api/search", search, methods=["POST"]),
        ],
        exception_handlers={FastdupError: error_response, OSError: error_response},
    )


def _response(value: Any) -> Response:
    if isinstance(value, bytes):
        return Response(value, media_type="application/octet-stream")
    return json_response(value)


def read_assets() -> dict[str, Response]:
    """Return name → response for each of the page's files; no other file is ever served."""
    own = files("fastdup.explorer") / "static"
    shared = files("fastdup.report") / "templates"
    found = {item.name: item for item in own.iterdir()}
    found |= {name: shared / name for name in _SHARED}
    return {name: file_response(item) for name, item in found.items()}


def file_response(item: Traversable) -> Response:
    """Return a file of a page as a response."""
    return Response(item.read_bytes(), media_type=_TYPES[item.name[item.name.rindex(".") :]])
