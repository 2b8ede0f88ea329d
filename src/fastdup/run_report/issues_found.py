"""What is wrong with single images: those with flaws, and the files that could not be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np

from fastdup.actions.flaws import FLAW_MEASURES, MEASURES, Measured
from fastdup.actions.offers import FLAWS, LIMITS
from fastdup.errors import Reason
from fastdup.report.wording import failure_text
from fastdup.runs import FinishedRun
from fastdup.runs.content_space import ContentSpace
from fastdup.runs.finished import BadFile

#: Files of one reason that are named.
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Issue:
    """Images with a flaw.

    Attributes
    ----------
    name, words : str
        Of the flaw, and what it is.
    n_images : int
    worst : list of (row, str)
        The worst of them, with the value in words.
    """

    name: str
    words: str
    n_images: int
    worst: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class BadFiles:
    """Files that could not be used for one reason.

    Attributes
    ----------
    words : str
        The reason.
    n_files : int
    first : sequence of BadFile
        A few of them.
    """

    words: str
    n_files: int
    first: Sequence[BadFile]


class IssuesFound:
    """The issues of a run.

    Parameters
    ----------
    run : FinishedRun
    """

    def __init__(self, run: FinishedRun) -> None:
        self._run = run

    def quality(self, n_worst: int) -> list[Issue]:
        """Return each flaw that images have, by the usual limits, with the worst of them."""
        stats = self._run.stats(*MEASURES)
        if not stats:
            return []
        columns = {name: np.array(values, np.float64) for name, values in stats.items()}
        cameras = self._run.metadata_columns("camera").get("camera", ())
        coloured = ContentSpace.of_run(self._run).coloured_shares
        measured, issues = Measured(columns, self._run.paths, cameras, coloured), []
        for name, measure in FLAW_MEASURES.items():
            values, limit = measure.value(measured), LIMITS[name]
            rows = measure.rows(values, limit).tolist()
            worst = [(row, measure.words(float(values[row]), limit)) for row in rows[:n_worst]]
            if rows:
                issues.append(Issue(name.replace("_", " "), FLAWS[name], len(rows), worst))
        return issues

    @cached_property
    def bad(self) -> list[BadFiles]:
        """The files that could not be used, by reason, the most frequent first; no side files."""
        return self._by_reason(are_side_files=False)

    @cached_property
    def n_side_files(self) -> int:
        """Number of files that are not meant to be images."""
        return sum(bad.is_side_file() for bad in self._bad)

    @cached_property
    def _bad(self) -> list[BadFile]:
        return self._run.bad()

    def _by_reason(self, *, are_side_files: bool) -> list[BadFiles]:
        files = [bad for bad in self._bad if bad.is_side_file() == are_side_files]
        files.sort(key=lambda bad: bad.reason)
        found = []
        for reason, group in groupby(files, lambda bad: bad.reason):
            of_reason = list(group)
            words = failure_text(Reason(reason)) if reason in list(Reason) else reason
            found.append(BadFiles(words, len(of_reason), of_reason[:_MOST_NAMED]))
        return sorted(found, key=lambda bad: (-bad.n_files, bad.words))
