"""An image file → its small picture as JPEG bytes, or the reason why there is none."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from fastdup.errors import ImageError, Reason
from fastdup.report.wording import taken_text
from fastdup.sources import ReaderOptions, UriReader, is_url
from fastdup.sources.containers.videos.frame_names import parse_frame
from fastdup.sources.local_reader import LocalReader

if TYPE_CHECKING:
    from PIL import Image

    from fastdup.images import DecodedImage

THUMBNAIL_SIDE = 320
"""Longest side of a thumbnail in pixels, inclusive, unless another is given."""

#: Both sides of a picture that is compared keep so many pixels, as where a run judges it.
_COMPARED_SIDE = 480
_JPEG_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that can be shown.

    Attributes
    ----------
    jpeg : bytes
        The thumbnail.
    thumbnail_width, thumbnail_height : int
        Its size in pixels.
    width, height : int
        Size of the whole image, upright, in pixels.
    n_bytes : int
        Size of the file.
    format_name : str
        What the file is by its content, e.g. "JPEG", or "video frame"; empty if not known.
    digest : bytes
        Equal for two files of the same bytes.
    taken, camera : str
        When and by which camera it was taken, as a person reads it; "" if the file does not say.
    """

    jpeg: bytes
    thumbnail_width: int
    thumbnail_height: int
    width: int
    height: int
    n_bytes: int
    format_name: str
    digest: bytes
    taken: str = ""
    camera: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """An image that cannot be shown, and why."""

    reason: Reason
    detail: str


#: What was made of an image, and the image itself when there is one.
Look: TypeAlias = "tuple[Picture | Failure, Image.Image | None]"


def look_at(
    path: str,
    side: int,
    read: Callable[[str], bytes] | None = None,
    *,
    to_compare: bool = False,
) -> Look:
    """Return a thumbnail with facts, or why there is none, and the picture itself.

    The picture is at a reduced scale, None when it cannot be shown.

    Parameters
    ----------
    path : str
        As listed, with bytes that are not UTF-8 as surrogates.
    side : int
        Longest side of the thumbnail in pixels, inclusive.
    read : callable or None
        Path → the file's bytes, or an ImageError; None: files and members of archives are read, no
        server is asked.
    to_compare : bool
        Whether the picture is large enough to be compared with others.
    """
    from fastdup.images import sniff
    from fastdup.metadata.describe import describe

    try:
        data = (read or _read)(path)
        image = _decoded(path, data, max(side, _COMPARED_SIDE) if to_compare else side)
    except ImageError as exc:
        return Failure(exc.reason, str(exc)), None
    jpeg, thumbnail_width, thumbnail_height = _shrink(image.image, side)
    said = describe(image.header)
    picture = Picture(
        jpeg=jpeg,
        thumbnail_width=thumbnail_width,
        thumbnail_height=thumbnail_height,
        width=image.width,
        height=image.height,
        n_bytes=len(data),
        format_name="video frame" if parse_frame(path) else sniff(data) or "",
        digest=hashlib.blake2b(data + _part(path), digest_size=16).digest(),
        taken=taken_text(said.taken, said.taken_from),
        camera=said.camera,
    )
    return picture, image.image


def _decoded(path: str, data: bytes, min_side: int) -> "DecodedImage":
    """Return the picture in `data`, or the part of it that `path` names."""
    from fastdup.images import cut_out, decode

    crop = _reader().crop(path)
    if crop is None:
        return decode(data, min_side=min_side)
    whole = decode(data)
    return cut_out(whole, crop.box.corners(whole.width, whole.height))


def _part(path: str) -> bytes:
    crop = _reader().crop(path)
    return repr(crop.box).encode() if crop else b""


def _read(path: str) -> bytes:
    """Read a file, a member or a frame; a page asks no server for pictures by itself."""
    return LocalReader().read(path) if is_url(path) else _reader().read(path)


@cache
def _reader() -> UriReader:
    """Return what reads files, members of archives and frames, and stays open for the next."""
    return UriReader(ReaderOptions(include_hidden=True, include_system=True))


def _shrink(image: "Image.Image", side: int) -> tuple[bytes, int, int]:
    """JPEG of `image` within the side, its width and its height."""
    from PIL import Image

    image = image.copy()
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=_JPEG_QUALITY, optimize=True)
    return buffer.getvalue(), image.width, image.height
