"""Reads an image wherever it is: tells by its URI who can."""

import os
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Protocol

from fastdup.errors import ImageError, Reason
from fastdup.sources import archives, datasets, videos
from fastdup.sources.archives import ArchiveReader
from fastdup.sources.base import UNREACHABLE, IsStored, Stamp
from fastdup.sources.crops import Crop, parse_crop
from fastdup.sources.datasets import DatasetReader
from fastdup.sources.files import LocalFiles
from fastdup.sources.local import LocalReader, is_url
from fastdup.sources.nested import refuse_nested
from fastdup.sources.objects import ObjectFiles, ObjectReader, is_object_url
from fastdup.sources.packed import PackedObjects
from fastdup.sources.signed import SignedAddresses
from fastdup.sources.videos import KnownVideos, VideoReader

#: What a URI that leads into a file of images has in it: one look tells that most lead into none.
_MAY_LEAD = re.compile(
    "|".join(kind.ENDING.pattern for kind in (archives, videos, datasets)), re.IGNORECASE
)


class FileOfImages(Protocol):
    """Reads one kind of files that hold many images, on this machine or in object stores."""

    def find(self, path: str) -> str | None:
        """Return the file of this kind that `path` is or leads into, None for all else."""

    def uris(self, path: str) -> Iterator[str]:
        """Yield the images in the file at `path`."""

    def stamp(self, path: str, uri: str) -> Stamp:
        """Return the stamp of one of them; see `Source`."""

    def read(self, path: str, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes of one of them; see `Source`."""

    def close(self) -> None:
        """Close all that is open."""


class UriReader:
    """Stamps and reads files of this machine, the images in files of many, and objects.

    Safe to use from several threads. Pickles: a copy has the options and opens what it needs.

    Parameters
    ----------
    include_hidden : bool
        Whether members of archives and objects are listed whose name begins with a dot.
    video_interval_s : float
        Seconds between the frames of a video that are listed; -1: its key frames.
    image_column, label_column : str or None
        The columns of data sets that hold images and labels; None: found by themselves.
    signed : SignedAddresses, optional
        The addresses whose names hide a secret.
    known_videos : str, optional
        The file that keeps in mind which frames videos have; copies of the reader do without.
    """

    def __init__(
        self,
        include_hidden: bool = False,
        video_interval_s: float = -1.0,
        image_column: str | None = None,
        label_column: str | None = None,
        signed: SignedAddresses | None = None,
        known_videos: str | None = None,
    ) -> None:
        self._options = (include_hidden, video_interval_s, image_column, label_column)
        self.signed = signed or SignedAddresses()
        self._local = LocalReader()
        self._archives = ArchiveReader(include_hidden, LocalFiles())
        self._objects = ObjectReader(include_hidden, self.signed)
        self._packed_objects = PackedObjects(include_hidden, self._objects.client)
        known = KnownVideos(known_videos, video_interval_s) if known_videos else None
        self._videos = VideoReader(video_interval_s, LocalFiles(), known)
        columns = image_column, label_column
        self._datasets = DatasetReader(*columns, LocalFiles(), self._local.read)
        self._files: tuple[FileOfImages, ...] = (self._archives, self._videos, self._datasets)
        files, read = ObjectFiles(self._objects.client), self._objects.client.read
        self._object_datasets = DatasetReader(*columns, files, read)
        self._object_files: tuple[FileOfImages, ...] = (
            VideoReader(video_interval_s, files, known),
            self._object_datasets,
        )

    def __reduce__(self) -> tuple[type["UriReader"], tuple[object, ...]]:
        return UriReader, (*self._options, self.signed)

    def _find(self, uri: str) -> tuple[FileOfImages, str] | None:
        """Return who reads `uri` and the file that it leads into, None for a plain file.

        Archives in object stores have a way of their own.
        """
        if self.may_lead(uri):
            is_object = is_object_url(uri)
            if is_object and self._packed_objects.holds(uri):
                return None
            for reader in self._object_files if is_object else self._files:
                if found := reader.find(uri):
                    return reader, found
        return None

    def may_lead(self, uri: str) -> bool:
        """Tell whether `uri` is, or leads into, a file of many images by its name."""
        return _MAY_LEAD.search(uri) is not None

    def place(self, url: str) -> Iterator[str]:
        """Yield the objects below `url`, or `url` itself when it is one."""
        return self._objects.uris(url)

    def expand(self, uri: str) -> Iterator[str]:
        """Yield what `uri` stands for: members, frames, rows, a folder's objects, or itself."""
        if self.crop(uri):
            return iter((uri,))
        if not is_object_url(uri):
            return self._enter(uri) or iter((uri,))
        expand = self._packed_objects.expand
        named = self._objects.named(uri)
        return chain.from_iterable(self._enter(found) or expand(found) for found in named)

    def _enter(self, uri: str) -> Iterator[str] | None:
        """Return what the file of images at `uri` holds, None where there is no such file."""
        found = self._find(uri)
        return found[0].uris(uri) if found and found[1] == uri else None

    def require_extra(self, uri: str) -> None:
        """Refuse the one input named alone when nothing of it can be read.

        Raises
        ------
        MissingExtraError
            When the package that reads it is not installed.
        """
        found = self._find(uri)
        for reader in (self._videos, self._datasets):
            if found and found[0] is reader:
                reader.require_extra()

    def label(self, uri: str) -> str | None:
        """Return what the file that holds an image says of it, None when it says nothing."""
        if crop := self.crop(uri):
            uri = crop.uri
        if not _MAY_LEAD.search(uri):
            return None
        if is_url(uri):  # nobody asks the network for a label alone
            datasets, found = self._object_datasets, self._object_datasets.find_listed(uri)
        else:
            datasets, found = self._datasets, self._datasets.find(uri)
        return datasets.label(found, uri) if found else None

    def crop(self, uri: str) -> Crop | None:
        """Return the part of an image that `uri` names; see `Source`."""
        crop = parse_crop(uri)
        return crop if crop and (is_url(uri) or not os.path.lexists(uri)) else None

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change; see `Source`."""
        if crop := self.crop(uri):
            uri = crop.uri
        if is_url(uri) and not is_object_url(uri):
            return UNREACHABLE
        if found := self._find(uri):
            return found[0].stamp(found[1], uri)
        if not is_url(uri):
            return self._local.stamp(uri)
        packed = self._packed_objects
        return packed.stamp(uri) if packed.holds(uri) else self._objects.stamp(uri)

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes; see `Source`."""
        if crop := self.crop(uri):
            uri = crop.uri
        if is_url(uri) and not is_object_url(uri):
            scheme = uri.partition("://")[0]
            raise ImageError(f"{scheme}:// is not known", reason=Reason.UNSUPPORTED)
        if found := self._find(uri):
            reader, path = found
            data = reader.read(path, uri, max_bytes)
            if reader is self._archives:
                refuse_nested(uri, data)
            return data
        if not is_url(uri):
            return self._local.read(uri, max_bytes)
        if not self._packed_objects.holds(uri):
            return self._objects.read(uri, max_bytes)
        data = self._packed_objects.read(uri, max_bytes)
        refuse_nested(uri, data)
        return data

    def is_file(self, uri: str) -> bool:
        """Tell whether it is a plain file of this machine; see `Source`."""
        if crop := self.crop(uri):
            uri = crop.uri
        return not is_url(uri) and self._find(uri) is None

    def expect(self, uris: Sequence[str], is_stored: IsStored | None = None) -> None:
        """Hear what will be read next; see `Source`."""
        objects: list[str] = []
        members: list[str] = []
        for uri in filter(is_object_url, uris):
            # Parts of one object are asked for when they are read: each would take the answer away.
            if not self.crop(uri) and not self._find(uri):
                (members if self._packed_objects.holds(uri) else objects).append(uri)
        if objects:
            self._objects.expect(objects, is_stored)
        if members:
            self._packed_objects.expect(members, is_stored)

    def close(self) -> None:
        """Close all that is open."""
        for reader in (*self._files, *self._object_files):
            reader.close()
        self._packed_objects.close()
        self._objects.close()
