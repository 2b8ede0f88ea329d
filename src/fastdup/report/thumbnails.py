"""An image file → its small picture as a data: URI, or the reason why there is none."""

import base64
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastdup.errors import ImageError, Reason
from fastdup.sources import LocalReader

if TYPE_CHECKING:
    from PIL import Image

THUMBNAIL_SIDE = 320
"""Longest side of a thumbnail in pixels, inclusive."""

_JPEG_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that can be shown.

    Attributes
    ----------
    data_uri : str
        The thumbnail, a JPEG inside a data: URI.
    thumbnail_width, thumbnail_height : int
        Its size in pixels, the longest side at most `THUMBNAIL_SIDE`.
    width, height : int
        Size of the whole image, upright, in pixels.
    n_bytes : int
        Size of the file.
    format_name : str
        What the file is by its content, e.g. "JPEG"; empty if that is not known.
    digest : bytes
        Equal for two files of the same bytes.
    file_uri : str
        The file itself, as a file: URI.
    """

    data_uri: str
    thumbnail_width: int
    thumbnail_height: int
    width: int
    height: int
    n_bytes: int
    format_name: str
    digest: bytes
    file_uri: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An image that cannot be shown, and why."""

    reason: Reason
    detail: str


def make_picture(path: str) -> Picture | Failure:
    """Thumbnail and facts of the image at `path`, or why there are none.

    `path` is as listed, with bytes that are not UTF-8 as surrogates.
    """
    from fastdup.images import decode, sniff

    try:
        data = LocalReader().read(path)
        image = decode(data, min_side=THUMBNAIL_SIDE)
    except ImageError as exc:
        return Failure(exc.reason, str(exc))
    jpeg, thumbnail_width, thumbnail_height = _shrink(image.image)
    return Picture(
        data_uri=_data_uri(jpeg, "image/jpeg"),
        thumbnail_width=thumbnail_width,
        thumbnail_height=thumbnail_height,
        width=image.width,
        height=image.height,
        n_bytes=len(data),
        format_name=sniff(data) or "",
        digest=hashlib.blake2b(data, digest_size=16).digest(),
        file_uri=Path(path).absolute().as_uri(),
    )


def _shrink(image: "Image.Image") -> tuple[bytes, int, int]:
    """JPEG of `image` within the thumbnail's side, its width and its height."""
    from PIL import Image

    image = image.copy()
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=_JPEG_QUALITY, optimize=True)
    return buffer.getvalue(), image.width, image.height


def _data_uri(data: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
