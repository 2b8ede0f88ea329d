"""A batch of URIs → its rows: what is known already is reused, the rest decoded and embedded."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.embed import Embedder
from fastdup.errors import ImageError, Reason
from fastdup.extract.identical import IdenticalFiles, content_digest
from fastdup.extract.prepare import Prepared, Preparer
from fastdup.progress import Stopwatch
from fastdup.sources import UNREACHABLE, Source, Stamp
from fastdup.workdir import BadRow, GoodRow, ListedRow, PreviousRows

#: These reasons may pass without the file changing; such files are tried anew on each run.
PASSING_REASONS = frozenset({Reason.TIMEOUT})


class Batch(NamedTuple):
    """The outcome of one batch: its rows in listing order, and what each stage took."""

    rows: list[ListedRow]
    watch: Stopwatch

    @property
    def good_rows(self) -> list[GoodRow]:
        """The rows that are no bad files."""
        return [row for row in self.rows if isinstance(row, GoodRow)]


class BatchExtractor:
    """Turns a batch of URIs into rows; knows nothing of who schedules it or where rows go.

    Parameters
    ----------
    source : Source
        Where the images are read from.
    embedder : Embedder
        What turns them into features.
    max_pixels : int
        Largest picture to decode.
    """

    def __init__(self, source: Source, embedder: Embedder, max_pixels: int) -> None:
        self.source = source
        self.embedder = embedder
        self.preparer = Preparer(source, embedder, max_pixels)

    def __call__(
        self,
        uris: Sequence[str],
        previous: PreviousRows | None = None,
        identical: IdenticalFiles | None = None,
    ) -> Batch:
        """Return a row for each of `uris`.

        Taken from `previous` where the file is unchanged, from `identical` where a file with the
        same bytes was stored.
        """
        work = _BatchWork(self, previous, identical)
        outcomes = work.outcomes(uris)
        pending = [outcome for outcome in outcomes if isinstance(outcome, _Pending)]
        with work.watch.stage("embed"):
            features = self.embedder.embed([image.prepared.pixels for image in pending])
        embedded = map(_finished_row, pending, features)
        rows = [next(embedded) if isinstance(o, _Pending) else o for o in outcomes]
        return Batch(rows, work.watch)


class _Pending(NamedTuple):
    """A file whose image waits for the model."""

    uri: str
    stamp: Stamp
    prepared: Prepared
    digest: bytes | None


class _BatchWork:
    """One batch under way: what it may reuse, and what it has prepared so far."""

    def __init__(
        self,
        extractor: BatchExtractor,
        previous: PreviousRows | None,
        identical: IdenticalFiles | None,
    ) -> None:
        self._source = extractor.source
        self._preparer = extractor.preparer
        self._previous = previous
        self._identical = identical
        self._prepared: dict[bytes, Prepared] = {}
        self._n_of_size: Counter[int] = Counter()
        self.watch = Stopwatch()

    def outcomes(self, uris: Sequence[str]) -> list[_Pending | ListedRow]:
        """Return for each file its row, or its image that waits for the model."""
        with self.watch.stage("read"):
            stamps = [self._source.stamp(uri) for uri in uris]
        self._n_of_size.update(stamp.size_bytes for stamp in stamps)
        return [self._outcome(uri, stamp) for uri, stamp in zip(uris, stamps, strict=True)]

    def _outcome(self, uri: str, stamp: Stamp) -> _Pending | ListedRow:
        known = self._previous.get(uri, stamp) if self._previous else None
        if known and not (isinstance(known, BadRow) and known.reason in PASSING_REASONS):
            return known
        try:
            return self._extract(uri, stamp)
        except ImageError as exc:
            is_unreachable = exc.reason in (Reason.NOT_FOUND, Reason.NO_ACCESS)
            return BadRow(uri, UNREACHABLE if is_unreachable else stamp, exc.reason, str(exc))

    def _extract(self, uri: str, stamp: Stamp) -> _Pending | GoodRow:
        with self.watch.stage("read"):
            data = self._preparer.read(uri, stamp)
            digest = self._digest_if_repeated(data)
            twin = digest and self._identical and self._identical.find(uri, stamp, data, digest)
        if twin:
            return twin
        prepared = self._prepared.get(digest) if digest else None
        if prepared is None:
            prepared = self._preparer.prepare(data, self.watch)
        if digest:
            self._prepared[digest] = prepared
        return _Pending(uri, stamp, prepared, digest)

    def _digest_if_repeated(self, data: bytes) -> bytes | None:
        """Return the digest of a file's bytes if another file of its size is known, else None."""
        is_repeated = self._n_of_size[len(data)] > 1 or (
            self._identical is not None and self._identical.knows_size(len(data))
        )
        return content_digest(data) if is_repeated else None


def _finished_row(image: _Pending, features: NDArray[np.float32]) -> ListedRow:
    if not np.isfinite(features).all():
        detail = "the model gives values that are not finite for it"
        return BadRow(image.uri, image.stamp, Reason.DECODE_ERROR, detail)
    return GoodRow(image.uri, image.stamp, features, image.prepared.stats, image.digest)
