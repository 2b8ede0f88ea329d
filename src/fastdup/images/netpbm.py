"""Reads the Netpbm formats, PBM to PAM, and PFM; whole files only.

Written after the formats' manual pages. Pillow reads neither PAM nor colours in PFM.
"""

import re
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.errors import ImageError
from fastdup.images.cut_short import ends_early

_KIND = re.compile(rb"P[1-7Ff](?=\s)")
#: White space and comments, then a word.
_WORD = re.compile(rb"(?:\s|#[^\n\r]*[\n\r])*([^\s#]+)")
_PAM_FIELD = re.compile(rb"(WIDTH|HEIGHT|DEPTH|MAXVAL)\s+(\d{1,9})\s*$", re.MULTILINE)
_PAM_END = re.compile(rb"^ENDHDR\n", re.MULTILINE)
#: A header, its comments included, is no longer.
_HEADER_BYTES = 2**14
_MOST_VALUE = 65535


class NetpbmHeader(NamedTuple):
    """What a file begins with.

    Attributes
    ----------
    kind : bytes
        ``P1`` to ``P7``, ``Pf`` or ``PF``.
    width, height, n_channels : int
    most : float
        The value of white; of PFM, the scale, which is negative for little-endian numbers.
    end : int
        Where the pixels begin.
    """

    kind: bytes
    width: int
    height: int
    n_channels: int
    most: float
    end: int


def is_netpbm(head: bytes) -> bool:
    """Return whether a file begins like one of these formats: its kind, then numbers."""
    if not _KIND.match(head):
        return False
    if head.startswith(b"P7"):
        return b"WIDTH" in head or b"HEIGHT" in head
    words = [match[1] for match, _ in zip(_WORD.finditer(head, 2), range(2), strict=False)]
    return len(words) == 2 and all(word.isdigit() and len(word) < 10 for word in words)


def netpbm_size(data: bytes) -> tuple[int, int]:
    """Return (width, height); raises as `open_netpbm` does."""
    header = read_header(data)
    return header.width, header.height


def open_netpbm(file: BytesIO) -> Image.Image:
    """Return the picture: mode RGB, L, LA, RGBA, ``I;16`` or F, of values as wide as these.

    Raises
    ------
    ImageError
        When the header is damaged, or pixels are missing.
    """
    data = file.getvalue()
    header = read_header(data)
    values = _values(header, data)
    if header.kind in (b"Pf", b"PF"):
        return _float_image(values[::-1])  # the last row comes first
    if header.n_channels == 1 and header.most > 255:
        scaled = values.astype(np.uint32) * _MOST_VALUE // int(header.most)
        return Image.fromarray(scaled.astype(np.uint16)[..., 0])
    if header.most != 255:
        values = values.astype(np.uint32) * 255 // int(header.most)
    pixels = np.ascontiguousarray(values.astype(np.uint8))
    return Image.fromarray(pixels[..., 0] if header.n_channels == 1 else pixels)


def read_header(data: bytes) -> NetpbmHeader:
    """Return what a file begins with.

    Raises
    ------
    ImageError
        TRUNCATED: it ends inside its header. DECODE_ERROR: a number makes no sense.
    """
    kind, head = data[:2], data[:_HEADER_BYTES]
    header = _pam_header(head) if kind == b"P7" else _plain_header(kind, head)
    is_float = kind in (b"Pf", b"PF")
    has_size = header.width > 0 and header.height > 0 and 1 <= header.n_channels <= 4
    if not has_size or not (is_float or 0 < header.most <= _MOST_VALUE):
        raise ImageError("PNM: the header is damaged, or gives a size of 0")
    return header


def _plain_header(kind: bytes, head: bytes) -> NetpbmHeader:
    words, end = [], 2
    for _ in range(2 if kind in (b"P1", b"P4") else 3):
        found = _WORD.match(head, end)
        if found is None or found.end() >= len(head):
            raise ends_early("PNM", head)
        words.append(found[1])
        end = found.end()
    try:
        width, height = int(words[0]), int(words[1])
        most = float(words[2]) if len(words) > 2 else 1.0
    except ValueError as exc:
        raise ImageError("PNM: the header is damaged") from exc
    return NetpbmHeader(
        kind, width, height, 3 if kind in (b"P3", b"P6", b"PF") else 1, most, end + 1
    )


def _pam_header(head: bytes) -> NetpbmHeader:
    end = _PAM_END.search(head)
    if end is None:
        raise ends_early("PNM", head)
    found = {name: int(value) for name, value in _PAM_FIELD.findall(head[: end.start()])}
    names = (b"WIDTH", b"HEIGHT", b"DEPTH")
    width, height, depth = (found.get(name, 0) for name in names)
    return NetpbmHeader(b"P7", width, height, depth, found.get(b"MAXVAL", 0), end.end())


def _values(header: NetpbmHeader, data: bytes) -> NDArray[Any]:
    """Return the stored values as an (H, W, C) array; black is 0."""
    shape = header.height, header.width, header.n_channels
    n_values = header.height * header.width * header.n_channels
    if header.kind == b"P4":
        row_bytes = (header.width + 7) // 8
        packed = _stored(data, header, np.dtype(np.uint8), row_bytes * header.height)
        bits = np.unpackbits(packed.reshape(header.height, row_bytes), axis=1)
        return (1 - bits[:, : header.width]).reshape(shape)
    if header.kind in (b"P1", b"P2", b"P3"):
        return _from_text(header, data[header.end - 1 :], n_values).reshape(shape)
    dtype: np.dtype[Any]
    if header.kind in (b"Pf", b"PF"):
        dtype = np.dtype("<f4" if header.most < 0 else ">f4")
    else:
        dtype = np.dtype(">u2" if header.most > 255 else np.uint8)
    values = _stored(data, header, dtype, n_values).reshape(shape)
    return values if dtype.kind == "f" else np.minimum(values, int(header.most))


def _stored(data: bytes, header: NetpbmHeader, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
    if len(data) < header.end + count * dtype.itemsize:
        raise ends_early("PNM", data)
    return np.frombuffer(data, dtype, count, header.end)


def _from_text(header: NetpbmHeader, text: bytes, n_values: int) -> NDArray[Any]:
    """Return the values of a file that writes them as text."""
    text = re.sub(rb"#[^\n\r]*", b"", text)
    if len(text) < n_values:  # before memory is taken: each value has one character at least
        raise ends_early("PNM", text)
    if header.kind == b"P1":
        digits = np.frombuffer(text.translate(None, b" \t\n\r\v\f"), np.uint8)[:n_values]
        values = 1 - np.minimum(digits - ord("0"), 1)
    else:
        words = text.split(maxsplit=n_values)[:n_values]
        # The last number may have been cut: in a whole file, white space follows.
        is_cut = len(words) == n_values and text.rstrip() == text and text.endswith(words[-1])
        values = np.array([] if is_cut else words, dtype=np.int64)
        values = np.clip(values, 0, int(header.most))
    if len(values) < n_values:
        raise ends_early("PNM", text)
    return values


def _float_image(values: NDArray[Any]) -> Image.Image:
    """Return numbers as a picture: grey ones as they are, colours scaled by their own range."""
    numbers = np.ascontiguousarray(values.astype(np.float32))
    if numbers.shape[2] == 1:
        return Image.fromarray(numbers[..., 0])
    with np.errstate(invalid="ignore", over="ignore"):
        finite = numbers[np.isfinite(numbers)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        filled = np.nan_to_num(numbers.astype(np.float64), nan=low, posinf=high, neginf=low)
    span = high - low
    scaled = (filled - low) / span * 255 if span > 0 else np.zeros_like(filled)
    return Image.fromarray((scaled + 0.5).astype(np.uint8))
