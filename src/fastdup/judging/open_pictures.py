"""The pictures that are being judged: each is read, decoded and described once, while it fits."""

import threading
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from fastdup.errors import ImageError, Reason
from fastdup.extract.content_hash import content_hash
from fastdup.extract.prepare import PartDecoder, read_image_file
from fastdup.images import HEAD_BYTES, DecodedImage, sniff
from fastdup.images.multi_picture import pictures_of_one_size
from fastdup.sources import Reader, Stamp
from fastdup.sources.crops import Crop

if TYPE_CHECKING:
    from fastdup.verify import Picture

#: Memory for the pictures of one process.
MOST_BYTES = 192 * 2**20
#: Both sides keep so many pixels when a picture is decoded at a reduced scale.
_LEAST_SIDE = 480
#: A smaller JPEG is first decoded small and grey, for a look that settles most pairs; of a larger
#: one that would take nearly as long as all of it.
_DECODED_AT_ONCE_BYTES = 2**19
#: Bytes of the first look at a picture, and of its pixels, grey levels and the like for each pixel.
_BYTES_AT_FIRST, _BYTES_PER_PIXEL = 2**19, 6


class PictureFile(NamedTuple):
    """A picture to judge: where it is, and its stamp when its features were made."""

    uri: str
    stamp: Stamp


class OpenPicture:
    """A picture that was read; decoded on first use.

    Attributes
    ----------
    is_gif : bool
        Whether it is stored with few colours, so that frames differ by noise.
    is_jpeg : bool
        Whether it is stored as a JPEG.
    n_beyond : int
        Frames that no one of `frames` comes after; known once these are.
    n_frames : int
        Pictures in the file, known once `picture` is; 0: a single one.
    own_range : (float, float) or None
        The values that are shown black and white, where it is shown by its own range; known once
        `picture` is.
    """

    def __init__(
        self, file: PictureFile, data: bytes, crop: Crop | None, parts: PartDecoder
    ) -> None:
        self._file = file
        self._data = data
        self._parts = parts
        self._picture: Picture | None = None
        self._frames: tuple[Picture | None, ...] = ()
        self.n_beyond = self.n_frames = 0
        self.own_range: tuple[float, float] | None = None
        self.is_gif = data.startswith(b"GIF8")
        self.is_jpeg = data.startswith(b"\xff\xd8\xff")
        self._lock = threading.RLock()
        self._crop, self._n_file_bytes = crop, len(data)
        self._digest: bytes | None = None
        self._n_pixels = 0

    @property
    def n_bytes(self) -> int:
        """About the memory that it takes."""
        if self._picture is None:
            return self._n_file_bytes
        n_pixels = max(self._n_pixels, self._picture.n_pixels)
        return len(self._data) + _BYTES_AT_FIRST + n_pixels * _BYTES_PER_PIXEL

    def has_same_bytes(self, other: "OpenPicture") -> bool:
        """Return whether two files are the same byte by byte, and the same part of them is shown.

        Files of other sizes are not, so that hardly any is hashed.
        """
        return self._n_file_bytes == other._n_file_bytes and self._hashed() == other._hashed()

    def _hashed(self) -> bytes:
        with self._lock:
            if self._digest is None:
                self._digest = content_hash(self._data, self._crop)
            return self._digest

    @property
    def picture(self) -> "Picture":
        """The picture, at reduced scale.

        Raises
        ------
        ImageError
            When it cannot be decoded; from the picture's own attributes too.
        """
        with self._lock:
            if self._picture is None:
                self._picture = self._small() or self._all()
            return self._picture

    @property
    def frames(self) -> "tuple[Picture | None, ...]":
        """The frames to compare, None for a blank one; none of a single picture.

        Raises
        ------
        ImageError
            When it cannot be decoded.
        """
        _ = self.picture
        return self._frames

    def _small(self) -> "Picture | None":
        """Return the picture decoded small, None where all of it can be decoded as well."""
        uri, data = self._file.uri, self._data
        if (
            len(data) >= _DECODED_AT_ONCE_BYTES
            or sniff(data[:HEAD_BYTES]) != "JPEG"
            or self._parts.is_part(uri)
            or pictures_of_one_size(data)
        ):
            return None
        from fastdup.verify import FIRST_SIDE, Picture

        decoded = self._parts.decode(uri, data, FIRST_SIDE, grey=True)
        # No method of this object, which would keep both in memory long after their last use.
        decode = partial(self._parts.decode, uri, data, _LEAST_SIDE, frames=True)
        size = decoded.width, decoded.height
        return Picture(lambda: decode().image, size, decoded.image)

    def _all(self) -> "Picture":
        decoded = self._parts.decode(self._file.uri, self._data, _LEAST_SIDE, frames=True)
        self._n_pixels = sum(frame.image.width * frame.image.height for frame in decoded.shown)
        self._hashed()
        data, self._data = self._data, b""
        self.n_beyond, self.n_frames = decoded.n_beyond, decoded.header.n_frames
        self.own_range = decoded.header.own_range
        pictures = {frame: _picture_of(frame) for frame in decoded.shown}
        self._frames = tuple(pictures[frame] if frame else None for frame in decoded.frames)
        found = pictures[decoded] if decoded in pictures else _picture_of(decoded)
        return self._with_others(found, data)

    def _with_others(self, first: "Picture", data: bytes) -> "Picture":
        """Return the first picture of a file, whose others are its frames, if it is a JPEG."""
        is_jpeg = sniff(data[:HEAD_BYTES]) == "JPEG" and not self._parts.is_part(self._file.uri)
        others = pictures_of_one_size(data)[1:] if is_jpeg else []
        if others:
            decoded = (self._parts.decode(self._file.uri, one, _LEAST_SIDE) for one in others)
            self._frames = (first, *map(_picture_of, decoded))
        return first


def _picture_of(decoded: DecodedImage) -> "Picture":
    from fastdup.verify import Picture

    return Picture(decoded.image, (decoded.width, decoded.height))


class OpenPictures:
    """The pictures that were read last. Thread-safe; picklable, and nothing is read elsewhere yet.

    Parameters
    ----------
    reader : Reader
        Reads the files.
    max_pixels : int
        Largest width × height to decode, inclusive.
    most_bytes : int
        Memory to keep to. The picture that was used longest ago goes first.
    """

    def __init__(self, reader: Reader, max_pixels: int, most_bytes: int = MOST_BYTES) -> None:
        self._reader, self._max_pixels = reader, max_pixels
        self._parts = PartDecoder(reader, max_pixels)
        self._most_bytes = most_bytes
        self._open: OrderedDict[PictureFile, OpenPicture] = OrderedDict()
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type["OpenPictures"], tuple[Reader, int, int]]:
        """Leave out what belongs to this process."""
        return OpenPictures, (self._reader, self._max_pixels, self._most_bytes)

    def prefetch(self, files: list[PictureFile]) -> None:
        """Let the reader prepare for those that will have to be read."""
        with self._lock:
            uris = [file.uri for file in files if file not in self._open]
        self._reader.prefetch(uris)

    def get(self, file: PictureFile) -> OpenPicture:
        """Return a picture, read if it must be.

        Raises
        ------
        ImageError
            When it cannot be read, or is not what it was when its features were made.
        """
        with self._lock:
            if found := self._open.get(file):
                self._open.move_to_end(file)
                return found
        data = self._read(file)
        found = OpenPicture(file, data, self._reader.crop(file.uri), self._parts)
        with self._lock:
            self._open[file] = found
            n_bytes = sum(picture.n_bytes for picture in self._open.values())
            while n_bytes > self._most_bytes and len(self._open) > 2:
                n_bytes -= self._open.popitem(last=False)[1].n_bytes
        return found

    def full(self, file: PictureFile) -> Image.Image:
        """Return a picture at full size, read again; see `get`."""
        return self.decoded(file).image

    def decoded(
        self,
        file: PictureFile,
        least_side: int | None = None,
        *,
        grey: bool = False,
        frames: bool | int = False,
    ) -> DecodedImage:
        """Return a picture, read again; at reduced scale if both sides keep `least_side` pixels.

        Where grey levels are enough, it may have no colours.
        """
        return self._parts.decode(file.uri, self._read(file), least_side, grey=grey, frames=frames)

    def _read(self, file: PictureFile) -> bytes:
        stamp = self._reader.stamp(file.uri)
        if stamp != file.stamp:
            raise ImageError("it changed since its features were made", reason=Reason.NOT_FOUND)
        return read_image_file(self._reader, file.uri, stamp)
