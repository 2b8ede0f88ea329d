"""The pictures that are being judged: each is read, decoded and described once, while it fits."""

import threading
from collections import OrderedDict
from typing import NamedTuple

from PIL import Image

from fastdup import images
from fastdup.errors import ImageError, Reason
from fastdup.extract.content_hash import content_hash
from fastdup.extract.prepare import read_image_file
from fastdup.sources import Reader, Stamp
from fastdup.verify import Picture

#: Memory for the pictures of one process.
MOST_BYTES = 192 * 2**20
#: Both sides keep so many pixels when a picture is decoded at a reduced scale.
_LEAST_SIDE = 480
#: Bytes of a picture's grey levels, features and the like, for each pixel.
_BYTES_PER_PIXEL = 6


class PictureFile(NamedTuple):
    """A picture to judge: where it is, and its stamp when its features were made."""

    uri: str
    stamp: Stamp


class Decoder:
    """Decodes pictures and parts of them. Thread-safe.

    Parameters
    ----------
    reader : Reader
        Knows which parts are meant.
    max_pixels : int
        Largest width × height to decode, inclusive.
    """

    def __init__(self, reader: Reader, max_pixels: int) -> None:
        self._reader = reader
        self._max_pixels = max_pixels
        self._last = threading.local()

    def digest(self, file: PictureFile, data: bytes) -> bytes:
        """Return the content hash of a file, of its part for a crop."""
        return content_hash(data, self._reader.crop(file.uri))

    def decode(
        self, file: PictureFile, data: bytes, min_side: int | None = None
    ) -> images.DecodedImage:
        """Return the picture in `data`, or its part, reduced as `images.decode` does.

        Raises
        ------
        ImageError
            When it cannot be decoded.
        """
        crop = self._reader.crop(file.uri)
        if crop is None:
            return images.decode(data, min_side=min_side, max_pixels=self._max_pixels)
        whole = self._whole(data)
        part = images.cut_out(whole, crop.box.corners(whole.width, whole.height))
        return images.reduced(part, min_side)

    def _whole(self, data: bytes) -> images.DecodedImage:
        """Return the whole picture in `data`, cached for the next part of the same picture."""
        kept: tuple[bytes, images.DecodedImage] | None = getattr(self._last, "whole", None)
        if kept and kept[0] == data:
            return kept[1]
        whole = images.decode(data, max_pixels=self._max_pixels)
        self._last.whole = (data, whole)
        return whole


class OpenPicture:
    """A picture that was read; decoded on first use.

    Attributes
    ----------
    digest : bytes
        Content hash of the file, of its part for a crop.
    n_bytes : int
        Memory that it takes.
    """

    def __init__(self, file: PictureFile, data: bytes, decoder: Decoder) -> None:
        self._file = file
        self._data = data
        self._decoder = decoder
        self._picture: Picture | None = None
        self._lock = threading.Lock()
        self.digest = decoder.digest(file, data)
        self.n_bytes = len(data)

    @property
    def picture(self) -> Picture:
        """The picture, at reduced scale.

        Raises
        ------
        ImageError
            When it cannot be decoded.
        """
        with self._lock:
            if self._picture is None:
                decoded = self._decoder.decode(self._file, self._data, _LEAST_SIDE)
                self._picture = Picture(decoded.image, (decoded.width, decoded.height))
                self._data = b""
                width, height = self._picture.image.size
                self.n_bytes = width * height * _BYTES_PER_PIXEL
            return self._picture


class OpenPictures:
    """The pictures that were read last. Thread-safe.

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
        self._reader = reader
        self._decoder = Decoder(reader, max_pixels)
        self._most_bytes = most_bytes
        self._open: OrderedDict[PictureFile, OpenPicture] = OrderedDict()
        self._lock = threading.Lock()

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
            found = self._open.get(file)
            if found:
                self._open.move_to_end(file)
        if found is None:
            found = OpenPicture(file, self._read(file), self._decoder)
        with self._lock:
            self._open[file] = found
            n_bytes = sum(picture.n_bytes for picture in self._open.values())
            while n_bytes > self._most_bytes and len(self._open) > 2:
                n_bytes -= self._open.popitem(last=False)[1].n_bytes
        return found

    def full(self, file: PictureFile) -> Image.Image:
        """Return a picture at full size, read again; see `get`."""
        return self._decoder.decode(file, self._read(file)).image

    def _read(self, file: PictureFile) -> bytes:
        stamp = self._reader.stamp(file.uri)
        if stamp != file.stamp:
            raise ImageError("it changed since its features were made", reason=Reason.NOT_FOUND)
        return read_image_file(self._reader, file.uri, stamp)
