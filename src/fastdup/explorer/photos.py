"""When, and by which camera, the images of a collection were taken."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from fastdup.arrays import BoolArray, IntArray
from fastdup.metadata import Metadata
from fastdup.metadata.shots import find_bursts
from fastdup.report.wording import in_pieces, taken_text
from fastdup.runs import FinishedRun

#: Most cameras that are offered to choose from, those with most images.
_MOST_CAMERAS = 100


@dataclass(frozen=True)
class Photos:
    """What ``metadata.csv`` has of n images, by row numbers.

    Attributes
    ----------
    taken, taken_from, cameras : sequences of n str
        As in `Metadata`; "" where it is not known.
    """

    taken: Sequence[str]
    taken_from: Sequence[str]
    cameras: Sequence[str]

    @classmethod
    def of(cls, run: FinishedRun) -> "Photos":
        """Return those of a run; where its images' metadata was not read, nothing is known."""
        columns = run.metadata_columns("taken", "taken_from", "camera")
        unknown = [""] * len(run.paths)
        return cls(*columns.values()) if columns else cls(unknown, unknown, unknown)

    def facts(self, row: int) -> dict[str, Any]:
        """Return what is known of an image, as JSON values."""
        facts: dict[str, Any] = {}
        if taken := self.taken[row]:
            facts["taken"] = taken_text(taken, self.taken_from[row])
        if camera := self.cameras[row]:
            facts["camera"] = in_pieces(camera)
        return facts

    def bursts(self, rows: Sequence[int]) -> list[list[int]]:
        """Return the bursts among some images, by their rows; see `find_bursts`."""
        images = [
            Metadata(
                taken=self.taken[row], taken_from=self.taken_from[row], camera=self.cameras[row]
            )
            for row in rows
        ]
        return [[rows[place] for place in burst] for burst in find_bursts(images)]

    def summary(self) -> dict[str, Any]:
        """Return the cameras with their numbers of images, and the first and the last day."""
        known = [self.taken[row] for row in self._by_time[[0, -1]]] if len(self._by_time) else []
        counts = Counter(filter(None, self.cameras))
        return {"cameras": counts.most_common(_MOST_CAMERAS), "days": [day[:10] for day in known]}

    def matching(self, camera: str, since: str, until: str) -> BoolArray:
        """Return for each image whether it is by a camera, and of which days.

        Parameters
        ----------
        camera : str
            "": any.
        since, until : str
            First and last day, inclusive, such as "2019-07-14"; "": no limit.
        """

        def matches(name: str, day: str) -> bool:
            if camera and name != camera:
                return False
            return day >= since and (not until or "" < day <= until)

        days = (taken[:10] for taken in self.taken)
        return np.fromiter(map(matches, self.cameras, days), bool, len(self.taken))

    def rows(self, *, latest_first: bool = False) -> IntArray:
        """Return the images whose time is known, ordered by it."""
        return self._by_time[::-1] if latest_first else self._by_time

    @cached_property
    def ranks(self) -> IntArray:
        """The place of each image in time, an (n,) int64 array; n where it is not known."""
        ranks = np.full(len(self.taken), len(self.taken), np.int64)
        ranks[self._by_time] = np.arange(len(self._by_time))
        return ranks

    @cached_property
    def _by_time(self) -> IntArray:
        known = [row for row, taken in enumerate(self.taken) if taken]
        # ISO 8601 sorts as text; the offset stands at the end.
        return np.array(sorted(known, key=self.taken.__getitem__), np.int64)
