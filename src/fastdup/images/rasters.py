"""Older and simpler formats: whether a file is complete, and what Pillow does not read itself.

Pillow refuses a truncated file of most of them when it lacks pixels. Checked here is what it would
take for another picture.
"""

import re
import struct
from io import BytesIO

import numpy as np
from PIL import Image

from fastdup.errors import ImageError, Reason
from fastdup.images.cut_short import ends_early

_QOI_END = bytes(7) + b"\x01"
_PCX_PALETTE_BYTES = 769
#: A run of one byte, with its length before it, or bytes that stand for themselves.
_PCX_RUNS = re.compile(rb"[\xc0-\xff].|[\x00-\xbf]+", re.DOTALL)
_TGA_HEADER = struct.Struct("<BBBHHBHHHHBB")
_TGA_COLOUR_MAPPED, _TGA_PACKED = (1, 9), (9, 10, 11)
_TGA_DEPTHS = {1: (8,), 9: (8,), 2: (15, 16, 24, 32), 10: (15, 16, 24, 32), 3: (8,), 11: (8,)}
_DDS_HEADER_BYTES = 128
_DDS_ALPHA, _DDS_CODED, _DDS_PALETTE, _DDS_RGB = 0x1, 0x4, 0x20, 0x40
#: Of packed pictures, bytes for each 4 × 4 pixels, where they are not 16; and codes of DX10.
_DDS_SMALL_BLOCKS = {b"DXT1": 8, b"ATI1": 8, b"BC4U": 8, b"BC4S": 8}
_DX10_SMALL_BLOCKS, _DX10_COLOURS = (70, 71, 72, 79, 80, 81), (27, 28, 29)
_PSD_VERSION_INFO = 1057
#: Pixels of a QOI file, which is decoded in Python: 20 seconds.
_MOST_QOI_PIXELS = 2**24


def is_tga(head: bytes) -> bool:
    """Return whether a file begins like a Targa picture, which has no signature of its own."""
    if len(head) < _TGA_HEADER.size:
        return False
    _, mapped, kind, first, length, entry, _, _, width, height, depth, flags = (
        _TGA_HEADER.unpack_from(head)
    )
    if depth not in _TGA_DEPTHS.get(kind, ()) or not width or not height or flags & 0xC0:
        return False
    if kind in _TGA_COLOUR_MAPPED:
        return bool(mapped == 1 and 0 < first + length <= 256 and entry in (15, 16, 24, 32))
    return bool(mapped == 0 and first == length == entry == 0)


def qoi_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) of a QOI file.

    Raises
    ------
    ImageError
        TOO_LARGE: it would take minutes.
    """
    width, height = struct.unpack_from(">II", data, 4)
    if width * height > _MOST_QOI_PIXELS:
        detail = f"{width} x {height} pixels; of QOI files, {_MOST_QOI_PIXELS:,} are decoded"
        raise ImageError(detail, reason=Reason.TOO_LARGE)
    return width, height


def check_qoi(data: bytes) -> None:
    """Check that a QOI file has its end marker."""
    if _QOI_END not in data[-64:]:
        raise ends_early("QOI", data)


def check_pcx(data: bytes) -> None:
    """Check that a PCX file has all of its pixels, and its palette, which comes last."""
    version, packing, bits, left, top, right, bottom = struct.unpack_from("<BBBHHHH", data, 1)
    n_planes, row_bytes, is_grey = data[65], struct.unpack_from("<H", data, 66)[0], data[68] == 2
    pixels = data[128:]
    if version == 5 and bits == 8 and n_planes == 1 and not is_grey:
        pixels, palette = pixels[:-_PCX_PALETTE_BYTES], pixels[-_PCX_PALETTE_BYTES:]
        if palette[0] != 12:
            raise ends_early("PCX", data)
    needed = row_bytes * n_planes * (bottom - top + 1)
    stored = _unpacked_bytes(pixels) if packing else len(pixels)
    if right < left or stored < needed:
        raise ends_early("PCX", data)


def _unpacked_bytes(pixels: bytes) -> int:
    """Return how many bytes the runs of a PCX file stand for."""
    runs = _PCX_RUNS.findall(pixels)
    return sum(run[0] & 63 if run[0] >= 0xC0 else len(run) for run in runs)


def check_tga(data: bytes) -> None:
    """Check that a Targa file has all of its pixels."""
    n_id, _, kind, _, length, entry, _, _, width, height, depth, _ = _TGA_HEADER.unpack_from(data)
    at = _TGA_HEADER.size + n_id + length * ((entry + 7) // 8)
    n_bytes, n_pixels = (depth + 7) // 8, width * height
    while n_pixels > 0 and kind in _TGA_PACKED:
        count = (data[at] & 127) + 1
        at += 1 + n_bytes * (1 if data[at] & 128 else count)
        n_pixels -= count
    if len(data) < at + max(n_pixels, 0) * n_bytes:
        raise ends_early("TGA", data)


def check_psd(data: bytes) -> None:
    """Check that a Photoshop file has a composite that can be read, and all of it.

    Raises
    ------
    ImageError, struct.error
        UNSUPPORTED: it has none, or one of 16 or 32 bits.
    """
    version, n_channels, height, width, depth = struct.unpack_from(">H6xHIIH", data, 4)
    if version != 1 or depth not in (1, 8):
        what = "large documents" if version != 1 else f"{depth} bits"
        raise ImageError(f"PSD files of {what} cannot be decoded", reason=Reason.UNSUPPORTED)
    at = 26
    for number in range(3):  # colours, resources, layers
        (length,) = struct.unpack_from(">I", data, at)
        if number == 1 and not _has_composite(data[at + 4 : at + 4 + length]):
            detail = "a PSD file without a composite: save it with maximum compatibility"
            raise ImageError(detail, reason=Reason.UNSUPPORTED)
        at += 4 + length
    (packing,) = struct.unpack_from(">H", data, at)
    at += 2
    if packing == 0:
        needed = (width * depth + 7) // 8 * height * n_channels
    else:
        n_rows = height * n_channels
        lengths = np.frombuffer(data[at : at + 2 * n_rows][: (len(data) - at) // 2 * 2], ">u2")
        needed = 2 * n_rows + int(lengths.sum())
    if len(data) < at + needed:
        raise ends_early("PSD", data)


def psd_has_opacity(data: bytes) -> bool:
    """Return whether the first channel behind the colours of a composite is its opacity.

    So it is where the number of layers is negative; else, it is a selection that somebody saved.
    """
    at = 26
    for _ in range(2):  # colours, resources
        at += 4 + int.from_bytes(data[at : at + 4])
    length, of_layers, n_layers = struct.unpack(">IIh", data[at : at + 10].ljust(10, b"\0"))
    return bool(length and of_layers and n_layers < 0)


def _has_composite(resources: bytes) -> bool:
    """Return whether a Photoshop file says that its composite shows the picture."""
    at = 0
    while at + 12 <= len(resources):
        kind, n_name = struct.unpack_from(">HB", resources, at + 4)
        at += 6 + (n_name + 2) // 2 * 2
        (length,) = struct.unpack_from(">I", resources, at)
        if kind == _PSD_VERSION_INFO:
            return bool(resources[at + 8 : at + 9] != b"\x00")
        at += 4 + (length + 1) // 2 * 2
    return True


def dds_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) of a DDS file."""
    height, width = struct.unpack_from("<II", data, 12)
    return width, height


def check_dds(data: bytes) -> None:
    """Check that a DDS file has all pixels of its largest picture."""
    if len(data) < _DDS_HEADER_BYTES:
        raise ends_early("DDS", data)
    width, height = dds_size(data)
    flags, code, bits = struct.unpack_from("<I4sI", data, 80)
    at, block_bytes = _DDS_HEADER_BYTES, 0
    if flags & _DDS_CODED:
        block_bytes = _DDS_SMALL_BLOCKS.get(code, 16)
        if code == b"DX10":
            (kind,) = struct.unpack_from("<I", data, at)
            at, block_bytes = at + 20, 8 if kind in _DX10_SMALL_BLOCKS else 16
            bits = 32 if kind in _DX10_COLOURS else 0
    elif flags & _DDS_PALETTE:
        at, bits = at + 1024, 8
    needed = width * height * bits // 8
    if block_bytes and not (code == b"DX10" and bits):
        needed = -(-width // 4) * -(-height // 4) * block_bytes
    if len(data) < at + needed:
        raise ends_early("DDS", data)


def open_dds(file: BytesIO) -> Image.Image:
    """Return the picture of a DDS file; uncompressed colours are unpacked here, as Pillow is slow.

    Raises
    ------
    ImageError
        When the depth is none that textures have.
    """
    data = file.getvalue()
    flags, _, bits = struct.unpack_from("<III", data, 80)
    if not flags & _DDS_RGB:
        from PIL.DdsImagePlugin import DdsImageFile

        return DdsImageFile(file)
    if bits not in (16, 24, 32):
        raise ImageError(f"DDS files of {bits} bits cannot be decoded", reason=Reason.UNSUPPORTED)
    check_dds(data)
    width, height = dds_size(data)
    n_bytes = bits // 8
    stored = np.frombuffer(data, np.uint8, width * height * n_bytes, _DDS_HEADER_BYTES)
    values = np.zeros((height * width, 4), np.uint8)
    values[:, :n_bytes] = stored.reshape(-1, n_bytes)
    pixels = values.view("<u4").reshape(height, width)
    masks = struct.unpack_from("<4I", data, 92)[: 4 if flags & _DDS_ALPHA else 3]
    return Image.fromarray(np.dstack([_channel(pixels, mask) for mask in masks]))


def _channel(
    pixels: "np.ndarray[tuple[int, int], np.dtype[np.uint32]]", mask: int
) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    """Return the bits of a mask, scaled to 8 bits."""
    if not mask:
        return np.zeros(pixels.shape, np.uint8)
    shift = (mask & -mask).bit_length() - 1
    scaled = ((pixels & mask) >> shift).astype(np.float32) * (255 / (mask >> shift))
    return (scaled + 0.5).astype(np.uint8)
