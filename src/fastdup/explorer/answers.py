"""Bodies of requests, and answers as JSON."""

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from fastdup.printable import error_text
from fastdup.report.wording import in_pieces

#: Largest body but for images.
BODY_BYTES = 2**20


async def read_body(request: Request, max_bytes: int) -> bytes:
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


def json_response(value: Any, status: int = 200) -> Response:
    """Return a value as a response of JSON."""
    # ASCII, so that the answer is valid whatever is in a name.
    return Response(json.dumps(value, ensure_ascii=True), status, media_type="application/json")


def error_response(_request: Request, error: Exception) -> Response:
    """Return a failure in its own words, as status 400."""
    return json_response({"error": in_pieces(error_text(error))}, 400)
