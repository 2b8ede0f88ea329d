"""What files of a run are to each other: as the run found it, else by a look at both now."""

from collections import Counter
from collections.abc import Collection
from functools import cached_property

from PIL import Image

from fastdup.actions.companions import is_raw
from fastdup.actions.exact_duplicates import same_bytes
from fastdup.actions.may_go import UNKNOWN, Relation
from fastdup.actions.offers import BURST
from fastdup.config.options import DEFAULT_MAX_PIXELS
from fastdup.judging.finding import Finding
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.pair_judge import PairJudge
from fastdup.judging.stage import judge_now
from fastdup.metadata.shots import are_two_shots
from fastdup.runs import FinishedRun
from fastdup.runs.stored_findings import StoredFindings, load_findings
from fastdup.sources import ReaderOptions, UriReader, is_url
from fastdup.verify.verdict import Verdict


class Relations:
    """Knows what one image of a run is to another.

    Parameters
    ----------
    found : FinishedRun
    known : dict or None
        What is known already: the row that would stay and another one → what that is to it. All
        that is found is added.
    """

    def __init__(
        self, found: FinishedRun, known: dict[tuple[int, int], Relation] | None = None
    ) -> None:
        self._found = found
        self._between = {} if known is None else known

    def between(self, kept: int, row: int) -> Relation:
        """Return what the image `row` is to `kept`, which would stay; both by their rows.

        Files of the same bytes are found out by reading them. Where the run judged no such pair,
        both pictures are looked at, if they are files of this machine.
        """
        if (kept, row) not in self._between:
            self._between[kept, row] = self._compare(kept, row)
        return self._between[kept, row]

    def stored(self, kept: int, row: int) -> Relation | None:
        """Return what the run found of a pair, None where it judged no such pair."""
        finding, is_turned_round = self._findings.as_judged(kept, row)
        if finding is None:
            return None
        relation = _relation(finding)
        return relation.reversed() if is_turned_round else relation

    def refused(self, also: Collection[str], gone: Collection[int]) -> Counter[Relation]:
        """Return how many judged pairs there are whose files stay for what they are, by that.

        Parameters
        ----------
        also : collection of str
            Kinds of copies that may go.
        gone : collection of int
            Rows of the images that go; their pairs do not count.
        """
        counts = Counter[Relation]()
        for low, high in self._findings.pairs():
            if low in gone or high in gone or self._found.decided.is_apart(low, high):
                continue
            relation = self.stored(low, high)
            is_refused = relation is not None and not relation.may_go(also)
            if relation is not None and is_refused and relation.verdict is not Verdict.LOOK_ALIKE:
                counts[relation] += 1
        return counts

    def _compare(self, kept: int, row: int) -> Relation:
        one, other = self._found.paths[kept], self._found.paths[row]
        if self._are_two_shots(kept, row):
            return Relation(Verdict.EDITED, (BURST,))
        if not is_url(one) and not is_url(other) and same_bytes(one, other):
            return Relation(Verdict.SAME_BYTES)
        if is_raw(one) or is_raw(other):  # more than its preview is in a raw file
            return UNKNOWN
        return self.stored(kept, row) or self._eyes.look(one, other)

    @cached_property
    def _findings(self) -> StoredFindings:
        return load_findings(self._found)

    def _are_two_shots(self, one: int, other: int) -> bool:
        return are_two_shots(self._found.metadata_of(one), self._found.metadata_of(other))

    @cached_property
    def _eyes(self) -> "Eyes":
        return Eyes(int(self._found.options["max_pixels"]))


class Eyes:
    """Looks at two pictures as they are now.

    Parameters
    ----------
    max_pixels : int
        Largest width × height to decode, inclusive.
    reader : UriReader or None
        Reads the pictures; None: one of its own.
    """

    def __init__(
        self, max_pixels: int = DEFAULT_MAX_PIXELS, reader: UriReader | None = None
    ) -> None:
        own = ReaderOptions(include_hidden=True, include_system=True)
        self._reader = reader or UriReader(own)
        self._judge = PairJudge(self._reader, max_pixels)

    def look(self, kept: str, path: str) -> Relation:
        """Return what `path` is to `kept`; unknown where one of them cannot be read."""
        if is_url(kept) or is_url(path):  # nothing is downloaded without being asked for
            return UNKNOWN
        first, second = (PictureFile(name, self._reader.stamp(name)) for name in (kept, path))
        (finding,) = judge_now([(first, second)], self._judge)
        return _relation(finding)

    def picture(self, path: str) -> Image.Image | None:
        """Return a picture at full size, None where not all of it can be read and decoded."""
        if is_url(path):
            return None
        return self._judge.full_picture(PictureFile(path, self._reader.stamp(path)))


def _relation(finding: Finding) -> Relation:
    return Relation(finding.verdict, finding.kinds)
