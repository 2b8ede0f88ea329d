"""The images of a finished run, with what the rules for copies look at."""

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from fastdup.actions.candidate import UNKNOWN_TIME, Candidate
from fastdup.arrays import IntArray
from fastdup.runs import FinishedRun

#: Width, height, size in bytes, blur.
_NOT_MEASURED = (0, 0, -1, 0.0)


class FoundImages(FinishedRun):
    """A finished run whose images may be kept or go; see `FinishedRun`."""

    def candidates(self, rows: Collection[int]) -> dict[int, Candidate]:
        """Return row → what the run knew of the file; a size of -1 is not known."""
        stats, stamps = self._measures
        found = {}
        for row in rows:
            measures = (values[row] for values in stats.values()) if stats else _NOT_MEASURED
            width, height, size_bytes, blur = measures
            mtime_ns = UNKNOWN_TIME
            if stamps is not None:
                mtime_ns, size_bytes = (int(values[row]) for values in stamps)
            known = self.paths[row], width, height, size_bytes, mtime_ns, blur
            found[row] = Candidate(*known, self.metadata_of(row))
        return found

    @cached_property
    def _measures(self) -> tuple[Mapping[str, Sequence[Any]], tuple[IntArray, IntArray] | None]:
        names = ("width", "height", "file_size", "blur")
        return self.stats(*names), self.mtimes_and_sizes()

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Yield each image's path and size in bytes, in row order."""
        if stats := self.stats("file_size"):
            yield from zip(self.paths, stats["file_size"], strict=True)
            return
        for path in self.paths:  # features of one's own
            with contextlib.suppress(OSError):
                yield path, os.path.getsize(path)
