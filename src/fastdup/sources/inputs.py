"""What the user named: a folder, an archive, a list file, an image, a store, or several."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, groupby

from fastdup.config import RunConfig
from fastdup.errors import SourceError
from fastdup.sources.base import Listing
from fastdup.sources.braces import expand_braces
from fastdup.sources.containers.datasets.row_names import may_be_row
from fastdup.sources.crops import Box, crop_name
from fastdup.sources.folder import FolderListing
from fastdup.sources.kinds import IMAGE_ENDINGS, LIST_ENDINGS, RAW_ENDINGS
from fastdup.sources.list_file import begins_like_list, path_of_uri, read_list_file
from fastdup.sources.local_reader import is_url
from fastdup.sources.path_list import PathListing, without_repeats
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.registry import check_readable, is_object_url, known_kinds
from fastdup.sources.uri_reader import UriReader
from fastdup.sources.wanted_files import EVERYTHING, WantedFiles

logger = logging.getLogger(__name__)

#: What a Python list of inputs is called in messages.
LIST_NAME = "the list given"


def open_reader(config: RunConfig, frame_cache: str | None = None) -> UriReader:
    """Return what reads the images that `config` names, wherever they are.

    `frame_cache` is the file that keeps which frames videos have.
    """
    return UriReader(ReaderOptions.of(config, frame_cache))


def open_listing(config: RunConfig, reader: UriReader, exclude: Iterable[str] = ()) -> "Inputs":
    """Return the listing of what `config.input_dir` names.

    Parameters
    ----------
    config : RunConfig
        ``input_dir`` is a folder, a list file, an archive, a video, a data set, a single image, the
        URL of a folder of objects, or a Python list of these; a list file in it is named ``.txt``,
        ``.lst``, ``.list`` or ``.csv``, a URL that ends with a slash or without a dot is a folder.
    reader : UriReader
        Lists what is in archives, stores and the like.
    exclude : iterable of str
        Files never listed when a folder holds them: fastdup's own outputs.

    Raises
    ------
    SourceError
        When there is nothing at that place.
    """
    excluded = frozenset(map(os.path.realpath, exclude))
    wanted = WantedFiles.of(config)
    places = _Places(reader, config, wanted, excluded)
    given = config.input_dir
    if isinstance(given, str | os.PathLike):
        listings = [places.named_alone(path_of_uri(os.fspath(given)))]
    else:
        listings = places.named_together([path_of_uri(os.fspath(item)) for item in given])
    name = listings[0].name if len(listings) == 1 else LIST_NAME
    box = Box(*config.crop) if config.crop else None
    return Inputs(name, tuple(listings), reader, box, wanted)


def list_images(config: RunConfig) -> Iterator[str]:
    """Yield the images that `config.input_dir` names.

    Raises
    ------
    SourceError
        When they cannot be listed.
    """
    with closing(open_reader(config)) as reader:
        yield from open_listing(config, reader).uris()


@dataclass(frozen=True)
class Inputs:
    """All that the user named, one place after the other; see `Listing`.

    Attributes
    ----------
    name : str
        What the user named, for messages.
    listings : tuple of Listing
        The places.
    reader : UriReader
        Lists the images in the archives, videos, … among them.
    box : Box or None
        The part of each image that is taken; None: the whole.
    wanted : WantedFiles
        Which of the images are listed.
    """

    name: str
    listings: tuple[Listing, ...]
    reader: UriReader
    box: Box | None = None
    wanted: WantedFiles = EVERYTHING

    def uris(self) -> Iterator[str]:
        """Yield each image at its first mention."""
        several = _Several(self.reader) if self._may_repeat() else None
        wholes: Iterator[str] = chain.from_iterable(
            self._selected(listing, several) for listing in self.listings
        )
        if several:
            wholes = without_repeats(several.unless_all_failed(wholes), self.name)
        box = self.box
        return wholes if box is None else (crop_name(uri, box) for uri in wholes)

    def _selected(self, listing: Listing, several: "_Several | None") -> Iterator[str]:
        """Yield the images at a place that are to be listed."""
        uris: Iterator[str]
        if several:
            places = several.listed(listing.name, listing.uris)
            uris = (uri for place in places for uri in several.expanded(place))
        else:
            uris = chain.from_iterable(map(self.reader.expand, listing.uris()))
        return uris if self.wanted == EVERYTHING else self._chosen(uris, listing.name)

    def _chosen(self, uris: Iterable[str], place: str) -> Iterator[str]:
        below, n_left_out = os.path.join(place, ""), 0
        for uri in uris:
            if self._takes(uri, below):
                yield uri
            else:
                n_left_out += 1
        if n_left_out:
            logger.info("%s: %d files left out that were not asked for", place, n_left_out)

    def _takes(self, uri: str, below: str) -> bool:
        if not self.wanted.takes(uri.removeprefix(below)):
            return False
        by_stamp = self.wanted.is_by_stamp
        return not by_stamp or self.wanted.takes_stamp(self.reader.stamp(uri))

    @property
    def is_list_file(self) -> bool:
        """Whether all images are named by list files."""
        return all(isinstance(place, PathListing) and place.is_list_file for place in self.listings)

    def _may_repeat(self) -> bool:
        """Return whether several places are listed; one alone never repeats itself."""
        if len(self.listings) != 1:
            return True
        (only,) = self.listings
        return isinstance(only, PathListing) and len(only.paths) > 1


class _Several:
    """Lists several places: a store that cannot be read is a bad file, as long as others can.

    Parameters
    ----------
    reader : UriReader
        Is asked for what is in a place, and has it in mind if that is nothing.
    """

    def __init__(self, reader: UriReader) -> None:
        self._reader = reader
        self._failures: list[SourceError] = []

    def expanded(self, uri: str) -> Iterator[str]:
        """Yield what a URI stands for."""
        return self.listed(uri, lambda: self._reader.expand(uri))

    def listed(self, name: str, list_place: Callable[[], Iterator[str]]) -> Iterator[str]:
        """Yield what is at a place, its name where it is in a store that cannot be read."""
        is_begun = False
        try:
            for uri in list_place():
                is_begun = True
                yield uri
        except SourceError as exc:
            if is_begun or not is_object_url(name):
                raise
            logger.warning("%s is listed as bad: %s", name, exc)
            self._reader.refuse(name, exc)
            self._failures.append(exc)
            yield name

    def unless_all_failed(self, uris: Iterator[str]) -> Iterator[str]:
        """Yield the same; raise the first failure when there was nothing else."""
        is_all = True
        for uri in uris:
            is_all = is_all and bool(self._failures) and self._reader.refuses(uri)
            yield uri
        if self._failures and is_all:
            raise self._failures[0]


@dataclass(frozen=True)
class _ObjectListing:
    """The objects below a URL, or the one object there."""

    name: str
    reader: UriReader

    def uris(self) -> Iterator[str]:
        """Yield the objects, sorted by key."""
        return self.reader.objects(self.name)


@dataclass(frozen=True)
class _Places:
    """Finds out what the user named."""

    reader: UriReader
    config: RunConfig
    wanted: WantedFiles
    exclude: frozenset[str]

    def named_alone(self, path: str) -> Listing:
        """Return the listing of the one place given."""
        if is_url(path):
            return self._url(path)
        if os.path.isdir(path):
            return self._folder(path)
        paths = tuple(map(os.path.abspath, expand_braces(path)))
        if len(paths) == 1 and not os.path.exists(path):
            raise SourceError(
                f"there is nothing at {path!r}: name a folder, an image or a list file"
            )
        if len(paths) == 1 and not _is_media(path) and _may_be_list(path):
            return self._list_file(path)
        if len(paths) == 1:
            self.reader.require_extra(paths[0])
        return PathListing(path, paths)

    def _url(self, url: str) -> Listing:
        check_readable(url)
        if not is_object_url(url):
            return PathListing(url, (url,))
        from fastdup.sources.objects.urls import parse_url

        parse_url(url)  # so that what is misspelt is refused before anything else is done
        return _ObjectListing(self.reader.signed.name(url), self.reader)

    def named_together(self, items: Sequence[str]) -> list[Listing]:
        """Return the listings of several places; files that follow one another stay together."""
        listings: list[Listing] = []
        places = [(item, self._place(item)) for item in items]
        for is_file, group in groupby(places, lambda item_and_place: item_and_place[1] is None):
            if is_file:
                files = [path for item, _ in group for path in self._files(item)]
                listings.append(PathListing(LIST_NAME, tuple(files)))
            else:
                listings.extend(place for _, place in group if place)
        return listings

    def _place(self, item: str) -> Listing | None:
        """Return the listing of a folder or list file, None for a file."""
        if is_url(item):
            is_query = item.lower().startswith(("http://", "https://")) and "?" in item
            is_folder = item.endswith("/") or "." not in item.rpartition("/")[2]
            if not is_folder or is_query or may_be_row(item) or _is_registered(item):
                return None
            check_readable(item)
            return _ObjectListing(item, self.reader)
        if os.path.isdir(item):
            return self._folder(item)
        if item.lower().endswith(LIST_ENDINGS) and os.path.isfile(item):
            return self._list_file(item)
        return None

    def _list_file(self, path: str) -> PathListing:
        named = read_list_file(path, self.reader.signed.name)
        self.reader.named_labels.update(named.labels)
        return PathListing(path, tuple(named.paths), is_list_file=True)

    def _files(self, item: str) -> Iterator[str]:
        if is_url(item):
            return map(self.reader.signed.name, expand_braces(item))
        return map(os.path.abspath, expand_braces(item))

    def _folder(self, path: str) -> FolderListing:
        return FolderListing(
            os.path.abspath(path),
            include_hidden=self.config.include_hidden,
            exclude=self.exclude,
            include_system=self.config.include_system,
            wanted=self.wanted,
        )


def _is_registered(url: str) -> bool:
    kind = known_kinds().of_scheme(url)
    return kind is not None and not kind.is_built_in


def _is_media(path: str) -> bool:
    """Return whether a file is no list by its name, even if there is text in it.

    So are pages that servers give in the place of an image.
    """
    has_ending = path.lower().endswith((*IMAGE_ENDINGS, *RAW_ENDINGS))
    return has_ending or bool(known_kinds().containers_in(path))


def _may_be_list(path: str) -> bool:
    """Return whether a file begins as a list does and no image: with text."""
    if not os.path.isfile(path):
        raise SourceError(f"{path!r} is neither a folder nor a file")
    try:
        with open(path, "rb") as file:
            head = file.read(512)
    except OSError as exc:
        raise SourceError(f"cannot read {path!r}: {exc.strerror}") from exc
    return begins_like_list(head)
