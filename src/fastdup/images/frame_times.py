"""How long each frame of an animation is shown, by the structure of the file alone.

No pixel is decoded: a file of ten thousand frames takes as long as reading it.
"""

import struct
from collections.abc import Callable
from contextlib import suppress

from fastdup.images.completeness import gif_blocks

#: Where there is no time, or one that viewers replace: a tenth of a second, in microseconds.
_USUAL, _SHORTEST = 100_000, 10_000


def frame_times(name: str, data: bytes, n_frames: int) -> list[int]:
    """Return the duration of each frame, in microseconds; all alike where nothing is known.

    A picture that is stored for viewers without animation, and is no frame, has 0.

    Parameters
    ----------
    name : str
        The format.
    data : bytes
        The whole file.
    n_frames : int
        How many frames the decoder finds.
    """
    times: list[int] = []
    with suppress(struct.error, IndexError):
        times = _PARSERS[name](data) if name in _PARSERS else []
    return times if len(times) == n_frames and any(times) else [_USUAL] * n_frames


def gif_canvas(data: bytes) -> tuple[int, int]:
    """Return the (width, height) that covers the canvas of a GIF and all its frames."""
    width, height = struct.unpack_from("<HH", data, 6)
    for at in gif_blocks(data):
        if data[at] == 0x2C:
            left, top, across, down = struct.unpack_from("<4H", data, at + 1)
            width, height = max(width, left + across), max(height, top + down)
    return width, height


def _of_gif(data: bytes) -> list[int]:
    times, delay = [], 0
    for at in gif_blocks(data):
        if data[at : at + 2] == b"\x21\xf9":
            delay = struct.unpack_from("<H", data, at + 4)[0]
        elif data[at] == 0x2C:
            times.append(_shown(delay * 10_000))
            delay = 0
    return times


def _of_png(data: bytes) -> list[int]:
    times, at = [], 8
    while at + 12 <= len(data):
        kind = data[at + 4 : at + 8]
        if kind == b"fcTL":
            part, of = struct.unpack_from(">HH", data, at + 28)
            times.append(_shown(part * 1_000_000 // (of or 100)))
        elif kind == b"IDAT" and not times:
            times.append(0)
        at += 12 + int.from_bytes(data[at : at + 4])
    return times


def _of_webp(data: bytes) -> list[int]:
    times, at = [], 12
    while at + 8 <= len(data):
        size = struct.unpack_from("<I", data, at + 4)[0]
        if data[at : at + 4] == b"ANMF":
            times.append(_shown((struct.unpack_from("<I", data, at + 20)[0] & 0xFFFFFF) * 1000))
        at += 8 + size + size % 2
    return times


def _shown(time: int) -> int:
    return time if time > _SHORTEST else _USUAL


_PARSERS: dict[str, Callable[[bytes], list[int]]] = {
    "GIF": _of_gif,
    "PNG": _of_png,
    "WebP": _of_webp,
}
