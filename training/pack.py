"""The training photos as one small file, to copy them to a machine with a GPU."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

SIDE, QUALITY = 160, 82
"""Of the JPEG files in the pack; photos are squashed to a square."""


def write_pack(target: Path, pictures: Iterable[tuple[Image.Image, float]], sha256: str) -> None:
    """Write a pack.

    Parameters
    ----------
    target : Path
        File to write, ending in `.npz`.
    pictures : iterable of (Image, float)
        RGB pictures and their width / height.
    sha256 : str
        Hash of the files that they come from.
    """
    encoded, aspects = [], []
    for picture, aspect in pictures:
        stream = io.BytesIO()
        small = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        small.save(stream, "JPEG", quality=QUALITY, optimize=True)
        encoded.append(stream.getvalue())
        aspects.append(aspect)
    np.savez(
        target,
        encoded=np.frombuffer(b"".join(encoded), np.uint8),
        ends=np.cumsum([len(one) for one in encoded]),
        aspects=np.array(aspects, np.float32),
        sha256=np.array(sha256),
    )


class Pack:
    """A pack that was written by `write_pack`."""

    def __init__(self, path: Path):
        with np.load(path) as parts:
            self._encoded, self._ends = parts["encoded"], parts["ends"]
            self._aspects, self.sha256 = parts["aspects"], str(parts["sha256"])

    def __len__(self) -> int:
        """Return the number of photos."""
        return len(self._ends)

    def __iter__(self) -> Iterator[tuple[Image.Image, float]]:
        """Decode the photos, in the order of their names, each with its width / height."""
        start = 0
        for end, aspect in zip(self._ends, self._aspects, strict=True):
            yield Image.open(io.BytesIO(self._encoded[start:end])), float(aspect)
            start = end
