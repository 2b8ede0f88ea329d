"""All that the user named, as one source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastdup.sources.base import IsStored, Listing, Stamp
from fastdup.sources.crops import Box, Crop, crop_name
from fastdup.sources.listing import PathsSource, without_repeats
from fastdup.sources.reader import UriReader


@dataclass(frozen=True)
class Collection:
    """All that the user named, one place after the other; see `Source`.

    Attributes
    ----------
    name : str
        What the user named, for messages.
    listings : tuple of Listing
        The places.
    reader : UriReader
        Reads what they list, and lists the archives among it.
    box : Box or None
        The part of each image that is taken; None: the whole.
    """

    name: str
    listings: tuple[Listing, ...]
    reader: UriReader
    box: Box | None = None

    def uris(self) -> Iterator[str]:
        """Yield each image at its first mention."""
        if self.box is None:
            return self._wholes()
        return (crop_name(uri, self.box) for uri in self._wholes())

    def _wholes(self) -> Iterator[str]:
        places = (place for listing in self.listings for place in listing.uris())
        listed = (uri for place in places for uri in self.reader.expand(place))
        return without_repeats(listed, self.name) if self._may_repeat() else listed

    def _may_repeat(self) -> bool:
        """Tell whether several places are listed; one alone never repeats itself."""
        if len(self.listings) != 1:
            return True
        (only,) = self.listings
        return isinstance(only, PathsSource) and len(only.paths) > 1

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change."""
        return self.reader.stamp(uri)

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes, only the first `max_bytes` when that is given."""
        return self.reader.read(uri, max_bytes)

    def label(self, uri: str) -> str | None:
        """Return what the place says of the image."""
        return self.reader.label(uri)

    def crop(self, uri: str) -> Crop | None:
        """Return the part of an image that `uri` names, None when it is whole."""
        return self.reader.crop(uri)

    def is_file(self, uri: str) -> bool:
        """Tell whether `uri` is a plain file of this machine."""
        return self.reader.is_file(uri)

    def expect(self, uris: Sequence[str], is_stored: IsStored | None = None) -> None:
        """Hear what will be read next."""
        self.reader.expect(uris, is_stored)

    def close(self) -> None:
        """Let go of all files and connections."""
        self.reader.close()


@dataclass(frozen=True)
class StoreListing:
    """The objects below a URL, or the one object there.

    Attributes
    ----------
    name : str
        The URL.
    reader : UriReader
        Lists them.
    """

    name: str
    reader: UriReader

    def uris(self) -> Iterator[str]:
        """Yield the objects, sorted by key."""
        return self.reader.place(self.name)
