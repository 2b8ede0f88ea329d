"""The kinds of sources that fastdup reads itself: one row for each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from fastdup.errors import MissingExtraError


@dataclass(frozen=True, kw_only=True)
class SourceKind:
    """One kind of source: what its URIs look like, and the class that reads them.

    Attributes
    ----------
    name : str
        What it is called; of a registered kind, its scheme or ending: ``toy://``, ``.toy``.
    reader : str
        The class as "module:Class", imported on use.
    noun : str
        One of these, for messages: "a video".
    schemes : tuple of str
        What stands before ``://``; empty for files.
    endings : tuple of str
        How the names of files that hold many images end, in lower case.
    separator : str
        What follows the name of such a file in the URI of an image in it.
    object_reader : str
        The class for such files in object stores, where it is another one.
    package, extra : str
        The module that the class needs, and the extra of fastdup that installs it.
    distribution : str
        The installed package that brought a kind; "" for all others.
    is_built_in : bool
        Whether it belongs to fastdup itself.
    """

    name: str
    reader: str
    noun: str
    schemes: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    separator: str = "/"
    object_reader: str = ""
    package: str = ""
    extra: str = ""
    distribution: str = ""
    is_built_in: bool = True

    @cached_property
    def _ending(self) -> re.Pattern[str]:
        endings = "|".join(map(re.escape, self.endings))
        return re.compile(rf"(?:{endings})(?={self.separator}|$)", re.IGNORECASE)

    def has_ending(self, name: str) -> bool:
        """Return whether the name of a file ends like one of this kind."""
        return name.lower().endswith(self.endings)

    def paths_in(self, uri: str) -> Iterator[str]:
        """Yield each beginning of `uri` that ends like a file of this kind, the shortest first."""
        for found in self._ending.finditer(uri):
            yield uri[: found.end()]

    def check_installed(self) -> None:
        """Check that there is the module that a file of this kind cannot be read without.

        Raises
        ------
        MissingExtraError
            When it is not installed.
        """
        if find_spec(self.package) is None:
            raise MissingExtraError.needed_for(self.noun, extra=self.extra)

    def require(self, what: str = "") -> Any:
        """Return the module that `what`, or one of this kind, cannot be read without.

        Raises
        ------
        MissingExtraError
            When it is not installed.
        """
        try:
            return import_module(self.package)
        except ImportError as exc:
            raise MissingExtraError.needed_for(what or self.noun, extra=self.extra) from exc


_CONTAINERS = "fastdup.sources.containers"
_ARCHIVE_ENDINGS = (
    ".cbt", ".cbz", ".epub", ".tar", ".tar.bz2", ".tar.gz", ".tar.xz", ".tbz", ".tbz2", ".tgz",
    ".txz", ".zip",
)  # fmt: skip
_VIDEO_ENDINGS = (
    ".3g2", ".3gp", ".asf", ".avi", ".f4v", ".flv", ".insv", ".lrv", ".m2ts", ".m2v", ".m4v",
    ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".qt", ".ts", ".vob", ".webm",
    ".wmv",
)  # fmt: skip

ARCHIVES = SourceKind(
    name="archives",
    reader=f"{_CONTAINERS}.archives.archive_reader:ArchiveReader",
    object_reader="fastdup.sources.objects.object_archives:ObjectArchiveReader",
    noun="an archive",
    endings=_ARCHIVE_ENDINGS,
)
VIDEOS = SourceKind(
    name="videos",
    reader=f"{_CONTAINERS}.videos.video_reader:VideoReader",
    noun="a video",
    endings=_VIDEO_ENDINGS,
    separator="#",
    package="av",
    extra="video",
)
DATASETS = SourceKind(
    name="datasets",
    reader=f"{_CONTAINERS}.datasets.dataset_reader:DatasetReader",
    noun="a data set",
    endings=(".parquet", ".arrow", ".feather"),
    package="pyarrow",
    extra="datasets",
)
OBJECTS = SourceKind(
    name="objects",
    reader="fastdup.sources.objects.object_reader:ObjectReader",
    noun="an object",
    schemes=("az", "gs", "http", "https", "minio", "s3"),
    package="obstore",
    extra="s3",
)

#: Of a file whose name fits several, the first one decides.
BUILT_IN = (ARCHIVES, VIDEOS, DATASETS, OBJECTS)

#: How the names of single images end; what ends so is never a list file, nor another kind.
IMAGE_ENDINGS = (
    ".apng", ".avif", ".avifs", ".bmp", ".cur", ".dds", ".dib", ".gif", ".heic", ".heics", ".heif",
    ".hif", ".icns", ".ico", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx",
    ".jxl", ".mpo", ".pam", ".pbm", ".pcx", ".pfm", ".pgm", ".png", ".pnm", ".ppm", ".psb", ".psd",
    ".qoi", ".svg", ".svgz", ".tga", ".tif", ".tiff", ".webp",
)  # fmt: skip
#: Endings of cameras' raw files, which are images too.
RAW_ENDINGS = (
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".kdc", ".mef",
    ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf",
    ".srw", ".x3f",
)  # fmt: skip
#: How the names of list files end, where several inputs are given.
LIST_ENDINGS = (".csv", ".list", ".lst", ".tsv", ".txt")
