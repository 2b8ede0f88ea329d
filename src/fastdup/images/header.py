"""What an image file holds besides its pixels, taken from the decoder, not yet interpreted.

The decoder reads all of it anyway, so this costs a few microseconds. `fastdup.metadata` makes sense
of it.
"""

import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from PIL import ImageFile

from fastdup.images import tiff
from fastdup.images.jpeg_xl import N_FRAMES, jpeg_xl_kind

#: Bytes of a packet that are kept; the rest is history of edits, or made to take time.
MOST_BYTES = 2**16
#: The texts of a PNG that are kept, and how many characters of each.
_PNG_TEXTS, _MOST_CHARACTERS = ("Software", "Creation Time"), 400
#: Chunks of a PNG that are passed to find its time; more than any real file has.
_MOST_CHUNKS = 10_000
_WITH_ALPHA = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_XMP, _BITS, _IPTC, _PROFILE = 0x02BC, 0x0102, 0x83BB, 0x8773
_MPF_IMAGES, _MOST_IN_MULTI_PICTURE = 0xB001, 1000
_PHOTOSHOP_IPTC = 0x0404
#: Where the number of bits is in the box of a HEIF file that has it, and where that box may be.
_PIXI, _PIXI_BITS, _PIXI_WITHIN = b"pixi", 9, 2**14


@dataclass(frozen=True, slots=True)
class Header:
    """What an image file holds besides its pixels; what is not known is empty.

    Attributes
    ----------
    exif : bytes
        A TIFF block, from its byte order mark on; of a TIFF file, the whole file.
    xmp, iptc : bytes
        The first `MOST_BYTES` of the packets.
    texts : mapping of str to str
        Of a PNG: its program, and when it was made.
    tables : tuple of tuples of int
        Of a JPEG: its quantisation tables by number, each of 64 values, row by row.
    sampling : tuple of (int, int)
        Of a JPEG: the horizontal and vertical sampling factors of each channel.
    is_progressive : bool
        Of a JPEG.
    bits : int
        Of each channel; 0: not known.
    n_frames : int
        Pictures in the file; 0: not known.
    own_range : (float, float) or None
        The values that are shown black and white, where the picture was scaled by its own range.
    has_alpha, has_profile, has_thumbnail : bool
        Whether there are an opacity, a colour profile, a small picture (outside of EXIF).
    """

    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    texts: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[tuple[int, ...], ...] = ()
    sampling: tuple[tuple[int, int], ...] = ()
    is_progressive: bool = False
    bits: int = 0
    n_frames: int = 0
    own_range: tuple[float, float] | None = None
    has_alpha: bool = False
    has_profile: bool = False
    has_thumbnail: bool = False


#: Of a picture that did not come from a file.
NO_HEADER = Header()


def read_header(name: str, image: ImageFile.ImageFile, data: bytes, n_passed: int) -> Header:
    """Return what the decoder found in a file besides its pixels.

    Parameters
    ----------
    name : str
        The format, as `sniff` names it.
    image : PIL image
        Loaded.
    data : bytes
        The whole file.
    n_passed : int
        Pictures that `require_complete` passed.
    """
    info: Mapping[Any, Any] = image.info
    found: dict[str, Any] = {
        "bits": 16 if image.mode.startswith("I") else 8,
        "n_frames": n_passed,
        "exif": _bytes(info.get("exif")).removeprefix(tiff.EXIF_PREFIX),
        "xmp": _bytes(info.get("xmp"))[:MOST_BYTES],
        "has_alpha": image.mode in _WITH_ALPHA or "transparency" in info,
        "has_profile": bool(info.get("icc_profile")),
    }
    if name in _OWN:
        # Broad on purpose: a picture is not refused for what is written beside it.
        with suppress(Exception):
            found |= _OWN[name](image, data)
    return Header(**found)


def _bytes(value: Any) -> bytes:
    """Return a value if it is of the right type; a PNG's texts may have any name."""
    return value if isinstance(value, bytes) else b""


def _of_jpeg(image: Any, data: bytes) -> dict[str, Any]:
    photoshop = image.info.get("photoshop")
    iptc = photoshop.get(_PHOTOSHOP_IPTC) if isinstance(photoshop, dict) else b""
    return {
        "iptc": _bytes(iptc)[:MOST_BYTES],
        "tables": tuple(tuple(table) for _, table in sorted(image.quantization.items())),
        "sampling": tuple((across, down) for _, across, down, _ in image.layer),
        "is_progressive": bool(image.info.get("progressive")),
        "n_frames": _n_in_multi_picture(image.info["mp"]) if "mp" in image.info else 1,
    }


def _n_in_multi_picture(block: bytes) -> int:
    """Return the number of pictures in a JPEG by its multi-picture block (CIPA DC-007)."""
    with suppress(struct.error, ValueError):
        reader = tiff.TiffReader(block)
        fields, _ = reader.find(reader.first, (_MPF_IMAGES,))
        return max(1, min(reader.number(fields, _MPF_IMAGES, 1), _MOST_IN_MULTI_PICTURE))
    return 1


def _of_png(image: Any, data: bytes) -> dict[str, Any]:
    texts = {
        name: text[:_MOST_CHARACTERS]
        for name in _PNG_TEXTS
        if isinstance((text := image.info.get(name)), str)
    }
    if "Creation Time" not in texts and (time := _png_time(data)):
        texts["Creation Time"] = time
    is_palette = data[25] == 3
    return {
        "texts": texts,
        "bits": 8 if is_palette else data[24],
        "n_frames": image.n_frames,
    }


def _png_time(data: bytes) -> str:
    """Return the time of the last change in the chunk tIME, in UTC; "" where there is none."""
    at = 8
    for _ in range(_MOST_CHUNKS):
        kind = data[at + 4 : at + 8]
        if kind == b"tIME":
            numbers = struct.unpack_from(">H5B", data, at + 8)
            return "{:04}-{:02}-{:02} {:02}:{:02}:{:02}Z".format(*numbers)
        if kind in (b"IEND", b""):
            break
        at += 12 + int.from_bytes(data[at : at + 4])
    return ""


def _of_tiff(image: Any, data: bytes) -> dict[str, Any]:
    reader = tiff.TiffReader(data)
    fields, _ = reader.find(reader.first, (_XMP, _BITS, _IPTC, _PROFILE))

    def content(tag: int) -> bytes:
        return reader.content(fields[tag], MOST_BYTES) if tag in fields else b""

    return {
        "exif": data,
        "xmp": content(_XMP),
        "iptc": content(_IPTC),
        "bits": reader.number(fields, _BITS, 1),
        "has_profile": _PROFILE in fields,
    }


def _of_heif(image: Any, data: bytes) -> dict[str, Any]:
    at = data.find(_PIXI, 0, _PIXI_WITHIN)
    return {
        "bits": data[at + _PIXI_BITS] if at > 0 else 0,
        "n_frames": getattr(image, "n_frames", 1),
        "has_thumbnail": bool(image.info.get("thumbnails")),
    }


def _of_webp(image: Any, data: bytes) -> dict[str, Any]:
    return {"n_frames": image.n_frames}


def _of_jpeg_xl(image: Any, data: bytes) -> dict[str, Any]:
    return {"n_frames": image.info.get(N_FRAMES, 1), "bits": jpeg_xl_kind(data).depth}


_OWN: dict[str, Callable[[Any, bytes], dict[str, Any]]] = {
    "AVIF": _of_heif,
    "HEIC": _of_heif,
    "JPEG": _of_jpeg,
    "JPEG XL": _of_jpeg_xl,
    "PNG": _of_png,
    "TIFF": _of_tiff,
    "WebP": _of_webp,
}
