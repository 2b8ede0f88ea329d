"""Reads an image wherever it is: looks its URI up in the table of kinds."""

import os
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from fastdup.errors import ImageError, Reason, SourceError
from fastdup.sources.base import UNREACHABLE, Skip, Stamp
from fastdup.sources.by_content import kind_by_content, may_hold_images, prefixes
from fastdup.sources.crops import Crop, parse_crop
from fastdup.sources.guarded_reader import GuardedReader
from fastdup.sources.kind_reader import KindReader
from fastdup.sources.kinds import OBJECTS, SourceKind
from fastdup.sources.local_reader import LocalReader, is_url
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.registry import added_kinds, adopt_kinds, known_kinds, load_reader
from fastdup.sources.signed import SignedAddresses

if TYPE_CHECKING:
    from fastdup.sources.containers.files import Files
    from fastdup.sources.objects.object_reader import ObjectReader


class UriReader:
    """Stamps and reads images of all kinds that are known; see `Reader`.

    A pickled copy has the options, and opens for itself what it needs.

    Parameters
    ----------
    options : ReaderOptions, optional
        How images are listed and read.
    signed : SignedAddresses, optional
        The addresses whose names hide a secret.
    """

    def __init__(
        self, options: ReaderOptions | None = None, signed: SignedAddresses | None = None
    ) -> None:
        self._options = options or ReaderOptions()
        self.signed = signed or SignedAddresses()
        #: Labels that list files give to images, by URI.
        self.named_labels: dict[str, str] = {}
        self._kinds = known_kinds()
        # One look finds out that a URI is a plain file, as nearly all are.
        self._has_mark = self._kinds.special.search
        #: Files that hold many images by their content alone, and what reads each.
        self._by_content: dict[str, KindReader] = {}
        self._local = LocalReader()
        self._opened: dict[tuple[str, bool], KindReader] = {}
        # The file that the last image is in: the next one mostly is too.
        self._last_container: tuple[str, KindReader] = "\0", self._local
        self._lock = threading.RLock()

    def __reduce__(self) -> tuple[Any, ...]:
        options = replace(self._options, frame_cache=None)
        opened = self._opened.get((OBJECTS.name, False))
        refused = dict(cast("ObjectReader", opened).refused) if opened else {}
        return _copied, (options, self.signed, added_kinds(), refused)

    # --- listing ----------------------------------------------------------------------------

    def objects(self, url: str) -> Iterator[str]:
        """Yield the objects below `url`, or `url` itself when it is one."""
        return self._object_reader.uris(url)

    def refuse(self, url: str, cause: SourceError) -> None:
        """Have all of the store be bad files that a URL names."""
        self._object_reader.refuse(url, cause)

    def refuse_stores(self, refused: Mapping[str, ImageError]) -> None:
        """Have all of these stores be bad files, each for its reason, as another reader has."""
        self._object_reader.refused.update(refused)

    def refuses(self, uri: str) -> bool:
        """Return whether a URI is in a store that was refused."""
        return self._kinds.of_scheme(uri) is OBJECTS and self._object_reader.refuses(uri)

    def expand(self, uri: str) -> Iterator[str]:
        """Yield what `uri` stands for: members, frames, rows, a folder's objects, or itself."""
        if not self._is_special(uri) or self.crop(uri):
            is_entered = may_hold_images(uri) and self._adopt(uri)
            return self._entered(uri) if is_entered else iter((uri,))
        if self._kinds.of_scheme(uri) is OBJECTS:
            return chain.from_iterable(map(self._entered, self._object_reader.named(uri)))
        return self._entered(uri)

    def _entered(self, uri: str) -> Iterator[str]:
        reader = self._reader_of(uri)
        return reader.uris(uri) if reader.find(uri) == uri else iter((uri,))

    def require_extra(self, path: str) -> None:
        """Refuse the one file named alone when nothing of it can be read.

        Raises
        ------
        MissingExtraError
            When the package that reads it is not installed.
        """
        kind = self._reader_of(path).kind
        if kind and kind.package:
            kind.check_installed()

    # --- reading ----------------------------------------------------------------------------

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change; see `Reader`."""
        if not self._is_special(uri):
            stamp = self._local.stamp(uri)
            if stamp != UNREACHABLE or not self._adopt_place_of(uri):
                return stamp
        whole = self._whole(uri)
        return self._reader_of(whole).stamp(whole)

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes; see `Reader`."""
        if not self._is_special(uri):
            try:
                return self._local.read(uri, max_bytes)
            except ImageError:
                if not self._adopt_place_of(uri):
                    raise
        whole = self._whole(uri)
        return self._reader_of(whole).read(whole, max_bytes)

    def label(self, uri: str) -> str | None:
        """Return the label of an image; see `Reader`."""
        if (named := self.named_labels.get(uri)) is not None:
            return named
        if not self._is_special(uri):
            return None
        whole = self._whole(uri)
        labels = (reader.label(whole) for reader in self._candidates(whole))
        return next((label for label in labels if label is not None), None)

    @property
    def has_captions(self) -> bool:
        """Whether an image listed so far has a caption."""
        return any(reader.has_captions for reader in self._opened.values())

    def caption(self, uri: str) -> str | None:
        """Return the caption of an image; see `Reader`."""
        if not self._is_special(uri):
            return None
        whole = self._whole(uri)
        captions = (reader.caption(whole) for reader in self._candidates(whole))
        return next((caption for caption in captions if caption is not None), None)

    def crop(self, uri: str) -> Crop | None:
        """Return the part of an image that `uri` names; see `Reader`."""
        crop = parse_crop(uri)
        return crop if crop and (is_url(uri) or not os.path.lexists(uri)) else None

    def is_file(self, uri: str) -> bool:
        """Return whether it is a plain file of this machine; see `Reader`."""
        if not self._is_special(uri):
            return True
        whole = self._whole(uri)
        return not is_url(whole) and self._reader_of(whole) is self._local

    def prefetch(self, uris: Sequence[str], skip: Skip | None = None) -> None:
        """Prepare for what will be read next; see `Reader`."""
        of_reader: defaultdict[KindReader, list[str]] = defaultdict(list)
        for uri in filter(self._is_special, uris):
            # Parts of one image are asked for when they are read: each would take the bytes away.
            if not self.crop(uri):
                of_reader[self._reader_of(uri)].append(uri)
        for reader, its_uris in of_reader.items():
            reader.prefetch(its_uris, skip)

    def close(self) -> None:
        """Close all that is open."""
        with self._lock:
            opened = list(self._opened.values())
            self._opened.clear()
            self._by_content.clear()
            self._last_container = "\0", self._local
        for reader in opened:
            reader.close()

    # --- who reads what ---------------------------------------------------------------------

    def _is_special(self, uri: str) -> bool:
        """Return whether a URI may be more than the path of a plain file."""
        return bool(self._has_mark(uri)) or self._reader_by_content(uri) is not None

    def _reader_by_content(self, uri: str) -> KindReader | None:
        """Return what reads the file that `uri` is or leads into, if its name does not say so."""
        if not self._by_content:
            return None
        found = (self._by_content.get(path) for path in prefixes(uri))
        return next(filter(None, found), None)

    def _adopt(self, path: str) -> bool:
        """Find out whether a plain file holds many images; if so, have it read as such."""
        try:
            kind = kind_by_content(path)
        except Exception:  # whatever a library raises at what it does not know
            return False
        if kind is None:
            return False
        reader = cast(GuardedReader, self._open(kind))
        reader.adopt(path)
        with self._lock:
            self._by_content[path] = reader
        return True

    def _adopt_place_of(self, uri: str) -> bool:
        """Look for a file that `uri` leads into, as one that another process listed may do."""
        places = (path for path in prefixes(uri) if path != uri and os.path.isfile(path))
        return any(map(self._adopt, filter(may_hold_images, places)))

    def _whole(self, uri: str) -> str:
        crop = self.crop(uri)
        return crop.uri if crop else uri

    def _reader_of(self, uri: str) -> KindReader:
        """Return the reader of a whole image."""
        below, reader = self._last_container
        if uri.startswith(below):
            return reader
        for reader in self._candidates(uri):
            if path := reader.find(uri):
                if not is_url(uri):
                    self._last_container = f"{path}/", reader
                return reader
        if not is_url(uri):
            is_found = not os.path.lexists(uri) and self._adopt_place_of(uri)
            return (is_found and self._reader_by_content(uri)) or self._local
        return self._object_reader if self._kinds.of_scheme(uri) else _UNKNOWN

    def _candidates(self, uri: str) -> Iterator[KindReader]:
        """Yield the readers that may find a place of many images in `uri` by what it is called."""
        by_scheme = self._kinds.of_scheme(uri)
        if by_scheme is None and not is_url(uri):
            for kind in self._kinds.containers_in(uri):
                yield self._open(kind)
            if found := self._reader_by_content(uri):
                yield found
        elif by_scheme is OBJECTS:
            for kind in self._kinds.containers_in(uri):
                if kind.is_built_in:
                    yield self._open(kind, in_objects=True)
        elif by_scheme:
            yield self._open(by_scheme)

    def _open(self, kind: SourceKind, *, in_objects: bool = False) -> KindReader:
        key = kind.name, in_objects
        if opened := self._opened.get(key):
            return opened
        with self._lock:
            if key not in self._opened:
                self._opened[key] = self._new(kind, in_objects)
            return self._opened[key]

    def _new(self, kind: SourceKind, in_objects: bool) -> KindReader:
        if not kind.is_built_in:
            from fastdup.sources.registered_reader import RegisteredReader

            return RegisteredReader(kind, self._options)
        reader: Any = load_reader(kind, in_objects=in_objects)
        if kind is OBJECTS:
            return cast(KindReader, reader(self._options, self.signed))
        if in_objects:
            from fastdup.sources.objects.object_files import ObjectFiles

            files: Files = ObjectFiles(self._object_reader.client)
        else:
            from fastdup.sources.containers.files import LocalFiles

            files = LocalFiles()
        return GuardedReader(reader(self._options, files), kind)

    @property
    def _object_reader(self) -> "ObjectReader":
        return cast("ObjectReader", self._open(OBJECTS))


def _copied(
    options: ReaderOptions,
    signed: SignedAddresses,
    kinds: Iterable[SourceKind],
    refused: Mapping[str, ImageError],
) -> UriReader:
    """Return a reader as it was in another process."""
    adopt_kinds(kinds)
    reader = UriReader(options, signed)
    if refused:
        reader.refuse_stores(refused)
    return reader


class _UnknownScheme(KindReader):
    """Reads what nobody can read."""

    def stamp(self, uri: str) -> Stamp:
        return UNREACHABLE

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        scheme = uri.partition("://")[0]
        raise ImageError(f"{scheme}:// is not known", reason=Reason.UNSUPPORTED)


_UNKNOWN = _UnknownScheme()
