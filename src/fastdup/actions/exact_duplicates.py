"""Files of the very same bytes."""

import contextlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator

from fastdup.errors import ImageError
from fastdup.extract.content_hash import content_hash
from fastdup.sources import ReaderOptions, UriReader, is_url
from fastdup.sources.containers.videos.frame_names import parse_frame
from fastdup.sources.crops import parse_crop

_BLOCK_BYTES = 2**20


def identical_files(files: Iterable[tuple[str, int]]) -> Iterator[tuple[str, str]]:
    """Yield (first file, copy of it) for each file whose bytes another one has too.

    Parameters
    ----------
    files : iterable of (path, size in bytes)
        In listing order. Only those that share their size are read; what can no longer be read
        has no copy. Members of archives and rows of data sets count as files, parts of an image
        too; frames of videos do not.
    """
    by_size: dict[int, list[str]] = defaultdict(list)
    for path, size in files:
        crop = parse_crop(path)
        if parse_frame(crop.uri if crop else path) is None:
            by_size[size].append(path)
    with contextlib.closing(
        UriReader(ReaderOptions(include_hidden=True, include_system=True))
    ) as reader:
        for paths in by_size.values():
            if len(paths) > 1:
                yield from _same_bytes(paths, reader)


def _same_bytes(paths: list[str], reader: UriReader) -> Iterator[tuple[str, str]]:
    first_of: dict[bytes, str] = {}
    for path in paths:
        if is_url(path):  # nothing is downloaded without being asked for
            continue
        try:
            digest = content_hash(reader.read(path), reader.crop(path))
        except ImageError:
            continue
        first = first_of.setdefault(digest, path)
        if first is not path:
            yield first, path


def same_bytes(one: str, other: str) -> bool:
    """Return whether two files can be read and have the same bytes."""
    try:
        if os.path.getsize(one) != os.path.getsize(other):
            return False
        with open(one, "rb") as first, open(other, "rb") as second:
            while block := first.read(_BLOCK_BYTES):
                if block != second.read(_BLOCK_BYTES):
                    return False
            return not second.read(1)
    except OSError:
        return False
