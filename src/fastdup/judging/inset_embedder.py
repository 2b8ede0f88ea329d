"""Reads pictures that may show others, and embeds the parts that they show, in any process."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.embed import Embedder
from fastdup.errors import ImageError, SourceError
from fastdup.extract.prepare import PartDecoder, read_image_file
from fastdup.images import DecodedImage
from fastdup.judging.open_pictures import PictureFile
from fastdup.models import load_spec
from fastdup.sources import Reader
from fastdup.views import Projected, find_insets, view_space, without_cover, without_dots

#: Both sides keep so many pixels when a picture is decoded at a reduced scale.
_LEAST_SIDE = 180
#: How much of a covered picture's features counts with the cover filled, of what is beside it, and
#: as it is. Of 150 covered training photos the sum is nearest to the original for 127; with the
#: cover filled alone for 104.
_MIX = np.array([1.0, 0.45, 0.7], np.float32)


class InsetTask(NamedTuple):
    """Pictures to look at; `number` is their place among all tasks."""

    number: int
    files: tuple[PictureFile, ...]


class InsetEmbedder:
    """Embeds the parts of pictures that may be pictures. Picklable, thread-safe.

    Parameters
    ----------
    reader : Reader
        Reads the files.
    max_pixels : int
        Largest width × height to decode, inclusive.
    """

    def __init__(self, reader: Reader, max_pixels: int) -> None:
        self.reader = reader
        self.max_pixels = max_pixels

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what belongs to this process."""
        return {"reader": self.reader, "max_pixels": self.max_pixels}

    @property
    def nothing(self) -> Projected:
        """No rows, of the right width."""
        return np.empty((0, len(view_space().signs)), np.float16)

    @cached_property
    def _embedder(self) -> Embedder:
        return Embedder(load_spec())

    @cached_property
    def _parts(self) -> PartDecoder:
        return PartDecoder(self.reader, self.max_pixels)

    def __call__(self, task: InsetTask) -> list[Projected | None]:
        """Return the rows of each picture's views, in the `ViewSpace`; None for one not read."""
        self.reader.prefetch([file.uri for file in task.files])
        return [self._embed(file) for file in task.files]

    def _embed(self, file: PictureFile) -> Projected | None:
        try:
            if self.reader.stamp(file.uri) != file.stamp:
                return None
            data = read_image_file(self.reader, file.uri, file.stamp)
            decoded = self._parts.decode(file.uri, data, _LEAST_SIDE, frames=True)
        except (ImageError, SourceError):
            return None
        return self._rows(decoded)

    def _rows(self, decoded: DecodedImage) -> Projected:
        """Return the rows of what is seen: here of parts that may be pictures, and of frames."""
        picture = decoded.image
        width, height = picture.size
        frames = [frame.image for frame in decoded.shown if decoded.frames]
        parts = [picture.crop(box.corners(width, height)) for box in find_insets(picture)]
        features = self._features([*frames, *parts])
        return view_space().project(features, np.arange(len(features)))

    def _features(self, views: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return the features of views: (m, d)."""
        if not views:
            return np.empty((0, len(view_space().mean)), np.float32)
        return self._embedder.embed([self._embedder.prepare(view) for view in views])


class RestoredEmbedder(InsetEmbedder):
    """Embeds pictures as they may have been, before they were printed or covered.

    The rows are the features themselves. Picklable, thread-safe.
    """

    @property
    def nothing(self) -> Projected:
        """No rows, of the right width."""
        return np.empty((0, len(view_space().mean)), np.float16)

    def _rows(self, decoded: DecodedImage) -> Projected:
        smooth = without_dots(decoded.image)
        features = self._features([smooth] if smooth else [])
        if views := without_cover(decoded.image):
            of_views = self._features([*views, decoded.image])
            features = np.concatenate([features, of_views[:-1], [_MIX @ of_views]])
        return features.astype(np.float16)
