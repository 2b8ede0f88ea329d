"""A batch of files → their rows: read, decoded, measured, embedded.

A batch is independent of other batches, of the scheduler, and of where its rows are stored.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup import content_rows, images
from fastdup.embed import Embedder, content_of_frames
from fastdup.errors import FastdupError, ImageError, Reason
from fastdup.extract.prepare import Prepared, Preparer
from fastdup.progress import Stopwatch
from fastdup.sources import UNREACHABLE, Reader, Stamp
from fastdup.sources.guarded_reader import translated
from fastdup.workdir.append_only import (
    CONTENT,
    CONTENT_MODEL,
    NO_CONTENT,
    BadRow,
    GoodRow,
    ListedRow,
)
from fastdup.workdir.commits import Signature
from fastdup.workdir.older_decoding import DECODING

#: Images per model call. More than 4 gain nothing on a CPU. A small batch keeps the feature maps
#: in the cache, and all cores busy until the end of a run.
BATCH_SIZE = 8

_NO_FEATURES = np.zeros(0, np.float32)


class FileToExtract(NamedTuple):
    """A file to read, decode and embed.

    Attributes
    ----------
    uri : str
        Where it is.
    stamp : Stamp
        Size and time of change before it was read.
    data : bytes or None
        Its bytes, if they were read already.
    digest : bytes or None
        Hash of its bytes, if another file may have the same content.
    """

    uri: str
    stamp: Stamp
    data: bytes | None = None
    digest: bytes | None = None


class Batch(NamedTuple):
    """The outcome of one batch: its rows in listing order, and what each stage took."""

    rows: list[ListedRow]
    watch: Stopwatch

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the features of the good rows, and their rows for content, as one array each."""
        features = np.array([row.features for row in self.good_rows])
        content = np.array([row.content for row in self.good_rows])
        bare = [
            row._replace(features=_NO_FEATURES, content=NO_CONTENT)
            if isinstance(row, GoodRow)
            else row
            for row in self.rows
        ]
        return _unpickled, (bare, features, content, self.watch)

    @property
    def good_rows(self) -> list[GoodRow]:
        """The rows of images that could be used."""
        return [row for row in self.rows if isinstance(row, GoodRow)]


def _unpickled(
    bare: Sequence[ListedRow],
    features: NDArray[np.float32],
    content: NDArray[np.float32],
    watch: Stopwatch,
) -> Batch:
    each = zip(features, content, strict=True)
    rows = [
        row._replace(**dict(zip(("features", "content"), next(each), strict=True)))
        if isinstance(row, GoodRow)
        else row
        for row in bare
    ]
    return Batch(rows, watch)


#: Turns files into a batch of rows, in this process or in another one.
Extractor = Callable[[Sequence[FileToExtract]], Batch]


class BatchExtractor:
    """Turns files into rows. Picklable.

    Parameters
    ----------
    reader : Reader
        Reads the files.
    embedder : Embedder
        Turns images into features.
    max_pixels : int
        Largest width × height to decode, inclusive.
    least_sides : tuple of (int, int)
        Smallest width and height to use, in pixels, inclusive.
    has_content : bool
        Whether each image gets a row for content, too, counted from the pixels of the built-in
        model.
    content_embedder : Embedder or None
        Makes these rows instead; then each image gets one.
    """

    def __init__(
        self,
        reader: Reader,
        embedder: Embedder,
        max_pixels: int,
        least_sides: tuple[int, int] = (0, 0),
        *,
        has_content: bool = False,
        content_embedder: Embedder | None = None,
    ) -> None:
        self.embedder = embedder
        self.content_embedder = content_embedder
        self.max_pixels = max_pixels
        self.least_sides = least_sides
        self.has_content = has_content or content_embedder is not None
        self.preparer = Preparer(reader, embedder, max_pixels, least_sides, content_embedder)

    def signature(self) -> Signature:
        """Return everything that determines the features, apart from the files."""
        spec = self.embedder.spec
        # Where nothing is too small, as in features that know of no such limit.
        least = {"least_sides": list(self.least_sides)} if any(self.least_sides) else {}
        return {
            "model": spec.sha256,
            "name": spec.name,
            "dim": self.embedder.dim,
            "feeding": spec.feeding(),
            "max_pixels": self.max_pixels,
            DECODING: images.RULES,
            **least,
            **({CONTENT: self._content_signature()} if self.has_content else {}),
        }

    def _content_signature(self) -> dict[str, Any]:
        """Return what determines the rows for content."""
        embedder = self.content_embedder
        if embedder is None:
            return {"rules": content_rows.RULES, "dim": content_rows.WIDTH}
        spec = embedder.spec
        name = {CONTENT_MODEL: spec.sha256, "name": spec.name, "dim": embedder.dim}
        return {**name, "feeding": spec.feeding()}

    def __call__(self, files: Sequence[FileToExtract]) -> Batch:
        """Return a row for each of `files`, in their order."""
        watch = Stopwatch()
        rows: list[ListedRow] = []
        for start in range(0, len(files), BATCH_SIZE):
            rows.extend(self._rows(files[start : start + BATCH_SIZE], watch))
        return Batch(rows, watch)

    def _rows(self, files: Sequence[FileToExtract], watch: Stopwatch) -> list[ListedRow]:
        by_digest: dict[bytes, Prepared] = {}
        outcomes = [self._prepare(file, by_digest, watch) for file in files]
        prepared = [outcome for outcome in outcomes if isinstance(outcome, Prepared)]
        with watch.stage("embed"):
            features = self.embedder.embed_frames([picture.pixels for picture in prepared])
        with watch.stage("content"):
            content = self._content(prepared)
        both = iter(zip(features, content, strict=True))
        return [
            _finished_row(file, outcome, *next(both)) if isinstance(outcome, Prepared) else outcome
            for file, outcome in zip(files, outcomes, strict=True)
        ]

    def _content(self, pictures: Sequence[Prepared]) -> Sequence[NDArray[np.float32]]:
        """Return the rows for content of prepared pictures; empty ones if there are to be none."""
        if not self.has_content or not pictures:
            return [NO_CONTENT] * len(pictures)
        if self.content_embedder is None:
            return list(content_of_frames([picture.pixels for picture in pictures]))
        given = [picture.content for picture in pictures if picture.content is not None]
        return list(self.content_embedder.embed_frames(given))

    def _prepare(
        self, file: FileToExtract, by_digest: dict[bytes, Prepared], watch: Stopwatch
    ) -> Prepared | BadRow:
        known = by_digest.get(file.digest) if file.digest else None
        if known:
            return known
        try:
            data = file.data
            if data is None:
                with watch.stage("read"):
                    data = self.preparer.read(file.uri, file.stamp)
            prepared = self.preparer.prepare(file.uri, data, watch)
        except ImageError as exc:
            return bad_row(file.uri, file.stamp, exc)
        except FastdupError:
            raise
        except Exception as exc:  # what nobody thought of is one bad file, and not the run's end
            return bad_row(file.uri, file.stamp, translated(exc, "an image"))
        if file.digest:
            by_digest[file.digest] = prepared
        return prepared


def bad_row(uri: str, stamp: Stamp, exc: ImageError) -> BadRow:
    """Return the record of an image that cannot be used."""
    is_unreachable = exc.reason in (Reason.NOT_FOUND, Reason.NO_ACCESS)
    return BadRow(uri, UNREACHABLE if is_unreachable else stamp, exc.reason, str(exc))


def _finished_row(
    file: FileToExtract,
    prepared: Prepared,
    features: NDArray[np.float32],
    content: NDArray[np.float32],
) -> ListedRow:
    if not (np.isfinite(features).all() and np.isfinite(content).all()):
        detail = "the model gives values that are not finite for it"
        return BadRow(file.uri, file.stamp, Reason.DECODE_ERROR, detail)
    stats, metadata = prepared.stats, prepared.metadata
    return GoodRow(file.uri, file.stamp, features, stats, metadata, file.digest, content)
