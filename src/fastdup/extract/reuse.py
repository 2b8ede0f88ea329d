"""What need not be extracted: unchanged files of an earlier run, and copies of stored files."""

from collections import Counter
from collections.abc import Sequence

from fastdup.errors import ImageError, Reason
from fastdup.extract.batch import Batch, Extractor, FileToExtract, bad_row
from fastdup.extract.content_hash import ContentIndex, content_hash
from fastdup.extract.prepare import read_image_file
from fastdup.progress import Stopwatch
from fastdup.sources import Source, Stamp
from fastdup.workdir import BadRow, ListedRow, PreviousRows

#: These reasons may pass without the file changing; such files are tried anew on each run.
PASSING_REASONS = frozenset({Reason.TIMEOUT})


class ReusingExtractor:
    """Takes the rows of a batch from what is known, and has the rest extracted.

    Parameters
    ----------
    source : Source
        Where the files are.
    extractor : callable
        Makes the rows that are not known.
    identical : ContentIndex
        The files stored so far, by content.
    previous : PreviousRows or None
        The rows of an earlier run.
    """

    def __init__(
        self,
        source: Source,
        extractor: Extractor,
        identical: ContentIndex,
        previous: PreviousRows | None,
    ) -> None:
        self._source = source
        self._extractor = extractor
        self._identical = identical
        self._previous = previous

    def __call__(self, uris: Sequence[str]) -> Batch:
        """Return a row for each of `uris`, in their order."""
        watch = Stopwatch()
        with watch.stage("read"):
            outcomes = self._outcomes(uris)
        files = [outcome for outcome in outcomes if isinstance(outcome, FileToExtract)]
        if not files:
            return Batch([row for row in outcomes if not isinstance(row, FileToExtract)], watch)
        made = self._extractor(files)
        watch.merge(made.watch)
        rows = iter(made.rows)
        return Batch([next(rows) if isinstance(o, FileToExtract) else o for o in outcomes], watch)

    def announce(self, uris: Sequence[str]) -> None:
        """Tell the source that these will be called for soon."""
        self._source.expect(uris, self._is_known if self._previous else None)

    def _is_known(self, uri: str, stamp: Stamp) -> bool:
        return self._known(uri, stamp) is not None

    def _outcomes(self, uris: Sequence[str]) -> list[FileToExtract | ListedRow]:
        stamps = [self._source.stamp(uri) for uri in uris]
        n_of_size = Counter(stamp.size_bytes for stamp in stamps)
        return [
            self._known(uri, stamp) or self._sought(uri, stamp, n_of_size[stamp.size_bytes] > 1)
            for uri, stamp in zip(uris, stamps, strict=True)
        ]

    def _known(self, uri: str, stamp: Stamp) -> ListedRow | None:
        """Return the row of an earlier run if the file is unchanged."""
        known = self._previous.get(uri, stamp) if self._previous else None
        may_have_passed = isinstance(known, BadRow) and known.reason in PASSING_REASONS
        return None if may_have_passed else known

    def _sought(self, uri: str, stamp: Stamp, is_repeated: bool) -> FileToExtract | ListedRow:
        """Return the row of a stored file with the same bytes, or what has to be extracted.

        A plain file is read and hashed here only when another one has its size. All else is: it
        is not read a second time only to be hashed.
        """
        may_have_twin = is_repeated or self._identical.knows_size(stamp.size_bytes)
        if not may_have_twin and self._source.is_file(uri):
            return FileToExtract(uri, stamp)
        try:
            data = read_image_file(self._source, uri, stamp)
        except ImageError as exc:
            return bad_row(uri, stamp, exc)
        digest = content_hash(data, self._source.crop(uri))
        twin = self._identical.find(uri, stamp, data, digest) if may_have_twin else None
        return twin or FileToExtract(uri, stamp, data, digest)
