"""WHERE images are: `open_source` turns what the user named into a listing that can be read."""

import os
from collections.abc import Iterable, Iterator
from itertools import islice

from fastdup.config import RunConfig
from fastdup.sources.base import UNREACHABLE, IsStored, Source, Stamp
from fastdup.sources.collection import Collection
from fastdup.sources.crops import Box, Crop, crop_name, parse_crop
from fastdup.sources.folder import FolderSource
from fastdup.sources.listing import PathsSource
from fastdup.sources.local import LocalReader, is_url
from fastdup.sources.places import LIST_NAME, Places
from fastdup.sources.reader import UriReader
from fastdup.sources.signed import without_secrets
from fastdup.sources.spool import SpooledUris
from fastdup.sources.videos import parse_frame

__all__ = [
    "UNREACHABLE",
    "Box",
    "Crop",
    "FolderSource",
    "IsStored",
    "LocalReader",
    "PathsSource",
    "Source",
    "SpooledUris",
    "Stamp",
    "UriReader",
    "crop_name",
    "is_url",
    "list_uris",
    "open_reader",
    "open_source",
    "parse_crop",
    "parse_frame",
    "without_secrets",
]


def open_source(
    config: RunConfig, exclude: Iterable[str] = (), reader: UriReader | None = None
) -> Source:
    """Return the source that `config.input_dir` names.

    Parameters
    ----------
    config : RunConfig
        ``input_dir`` is a folder, a list file, an archive, a video, a data set, a single image, the
        URL of a folder of objects, or a Python list of these; a list file in it is named ``.txt``,
        ``.lst``, ``.list`` or ``.csv``, a URL that ends with a slash or without a dot is a folder.
    exclude : iterable of str
        Files never listed when a folder holds them: fastdup's own outputs.
    reader : UriReader, optional
        Reads the images; without, one is opened.

    Raises
    ------
    SourceError
        When there is nothing at that place.
    """
    excluded = frozenset(map(os.path.realpath, exclude))
    places = Places(reader or open_reader(config), config.include_hidden, excluded)
    given = config.input_dir
    if isinstance(given, str | os.PathLike):
        listings = [places.named_alone(os.fspath(given))]
    else:
        listings = places.named_together([os.fspath(item) for item in given])
    name = listings[0].name if len(listings) == 1 else LIST_NAME
    box = Box(*config.crop) if config.crop else None
    return Collection(name, tuple(listings), places.reader, box)


def open_reader(config: RunConfig, known_videos: str | None = None) -> UriReader:
    """Return what reads the images that `config` names, wherever they are.

    `known_videos` is the file that keeps in mind which frames videos have.
    """
    return UriReader(
        *(config.include_hidden, config.video_interval),
        *(config.image_column, config.label_column),
        known_videos=known_videos,
    )


def list_uris(source: Source, config: RunConfig) -> Iterator[str]:
    """Yield the part of the listing that the offsets and the cap of `config` choose."""
    return islice(source.uris(), *config.listing_range)
