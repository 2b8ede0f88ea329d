"""Rows that need no extraction: of files unchanged since an earlier run, and of exact copies."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fastdup.errors import ImageError, Reason
from fastdup.extract.batch import Batch, Extractor, FileToExtract, bad_row
from fastdup.extract.content_hash import ContentIndex, content_hash
from fastdup.extract.prepare import read_image_file
from fastdup.images import UNKNOWN_FORMAT, is_decodable
from fastdup.progress import Stopwatch
from fastdup.sources import Reader, Stamp
from fastdup.sources.side_files import is_side_name
from fastdup.workdir.append_only import BadRow, ListedRow
from fastdup.workdir.previous import PreviousRows


def is_outdated(uri: str, reason: Reason | None, detail: str) -> bool:
    """Return whether a bad file is worth another try, though it did not change.

    So is one that a server did not send in time; one whose decoder was not there, and now is; and a
    side file that an earlier version took for a broken image.
    """
    match reason:
        case Reason.TIMEOUT:
            return True
        case Reason.UNSUPPORTED:
            return is_decodable(detail)
        case Reason.NOT_AN_IMAGE:
            return is_side_name(uri) and detail.startswith(UNKNOWN_FORMAT)
    return False


def is_outdated_row(row: ListedRow | None) -> bool:
    """Return whether a stored row is that of a bad file which is worth another try."""
    return isinstance(row, BadRow) and is_outdated(row.uri, row.reason, row.detail)


@dataclass(frozen=True)
class ReusingExtractor:
    """Reuses stored rows where it can, and passes the other files to an extractor.

    Attributes
    ----------
    reader : Reader
        Reads the files.
    extractor : callable
        Makes the rows that cannot be reused.
    contents : ContentIndex
        The files stored so far, by content.
    previous : PreviousRows or None
        The rows of an earlier run.
    """

    reader: Reader
    extractor: Extractor
    contents: ContentIndex
    previous: PreviousRows | None

    def __call__(self, uris: Sequence[str]) -> Batch:
        """Return a row for each of `uris`, in their order."""
        watch = Stopwatch()
        with watch.stage("read"):
            outcomes = self._outcomes(uris)
        files = [outcome for outcome in outcomes if isinstance(outcome, FileToExtract)]
        if not files:
            return Batch([row for row in outcomes if not isinstance(row, FileToExtract)], watch)
        made = self.extractor(files)
        watch.merge(made.watch)
        rows = iter(made.rows)
        return Batch([next(rows) if isinstance(o, FileToExtract) else o for o in outcomes], watch)

    def prefetch(self, uris: Sequence[str]) -> None:
        """Let the reader prefetch the files that will be read soon."""
        self.reader.prefetch(uris, self._is_known if self.previous else None)

    def _is_known(self, uri: str, stamp: Stamp) -> bool:
        return self._known(uri, stamp) is not None

    def _outcomes(self, uris: Sequence[str]) -> list[FileToExtract | ListedRow]:
        stamps = [self.reader.stamp(uri) for uri in uris]
        n_of_size = Counter(stamp.size_bytes for stamp in stamps)
        return [
            self._known(uri, stamp)
            or self._row_of_copy(uri, stamp, is_repeated=n_of_size[stamp.size_bytes] > 1)
            for uri, stamp in zip(uris, stamps, strict=True)
        ]

    def _known(self, uri: str, stamp: Stamp) -> ListedRow | None:
        """Return the row of an earlier run if the file is unchanged."""
        known = self.previous.get(uri, stamp) if self.previous else None
        return None if is_outdated_row(known) else known

    def _row_of_copy(
        self, uri: str, stamp: Stamp, *, is_repeated: bool
    ) -> FileToExtract | ListedRow:
        """Return the row of a stored file with the same bytes, or else the file to extract.

        A plain file is hashed only when another one has the same size: it can be read again later.
        What is not a plain file is always hashed, as reading it a second time may be slow.
        """
        may_have_copy = is_repeated or self.contents.knows_size(stamp.size_bytes)
        if not may_have_copy and self.reader.is_file(uri):
            return FileToExtract(uri, stamp)
        try:
            data = read_image_file(self.reader, uri, stamp)
        except ImageError as exc:
            return bad_row(uri, stamp, exc)
        digest = content_hash(data, self.reader.crop(uri))
        copy = self.contents.find(uri, stamp, data, digest) if may_have_copy else None
        return copy or FileToExtract(uri, stamp, data, digest)
