"""Videos made on the spot."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from pictures import scene

SIZE = (192, 144)


def film_of(
    path: Path,
    pictures: Sequence[Image.Image],
    *,
    codec: str = "libx264",
    fps: int = 10,
    key_every: int = 10,
    at: Sequence[int] | None = None,
    rotation: int = 0,
    title: str = "",
    **options: str,
) -> Path:
    """Write a video, a key frame every `key_every`; `at`: when each picture is shown, in ms."""
    with av.open(str(path), "w") as container:
        container.metadata.update({"title": title} if title else {})
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height = pictures[0].size
        stream.pix_fmt = "yuv420p"
        stream.gop_size = key_every
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.options = {"sc_threshold": "0", "threads": "1", **options}
        if rotation:
            stream.set_display_rotation(rotation)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            frame.pts = at[number] if at else number * 1000 // fps
            frame.time_base = Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def scenes(numbers: Sequence[int], n_frames: int = 10) -> list[Image.Image]:
    """Return `n_frames` pictures of each scene, one after the other."""
    return [scene(number, SIZE) for number in numbers for _ in range(n_frames)]
