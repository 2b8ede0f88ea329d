"""What a finished run knows: its pairs, how similar any two images are, each file's measures."""

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.actions.keep import UNKNOWN_TIME, Candidate
from fastdup.analysis import Pairs
from fastdup.analysis.pairs import DECIMALS
from fastdup.errors import WorkDirError
from fastdup.index import Metric
from fastdup.index.rerank import exact_similarities
from fastdup.index.rows import Rows
from fastdup.search import calibrated, read_options
from fastdup.workdir import WorkDir, load_binary_feature, read_table
from fastdup.workdir.append_only import STATS_HEADER, AppendOnlyFiles, rows_of

_STATS = tuple(STATS_HEADER.index(name) for name in ("width", "height", "file_size", "blur"))
_UNKNOWN = (0, 0, -1, 0.0)


class FoundImages:
    """The images of a finished run, by row.

    Parameters
    ----------
    work_dir : str
        The folder of the run.

    Attributes
    ----------
    paths : list of str
        The n images' full paths or URLs, in row order.
    features : (n, d) float32 array
        Memory-mapped, read-only.
    options : mapping
        Of the run.

    Raises
    ------
    WorkDirError
        When there is no finished run, or its files do not fit together.
    """

    def __init__(self, work_dir: str) -> None:
        self.options: Mapping[str, Any] = read_options(work_dir)
        self.work = WorkDir(work_dir, self.options["features_out_file"])
        self.paths, self.features = load_binary_feature(self.work.features)

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Path → row."""
        return {path: row for row, path in enumerate(self.paths)}

    @property
    def threshold(self) -> float:
        """Smallest similarity that the run told."""
        return float(self.options["threshold"])

    def pairs(self, threshold: float) -> Pairs:
        """Return the pairs of ``similarity.csv`` that reach `threshold`."""
        rows = list(self._pair_rows(threshold))
        sources = np.array([source for source, _, _ in rows], np.int64)
        targets = np.array([target for _, target, _ in rows], np.int64)
        return Pairs(sources, targets, np.array([value for *_, value in rows], np.float64))

    def similarity(self, row: int, others: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the similarities of one image with several, as ``similarity.csv`` would."""
        if not len(others):
            return np.empty(0)
        metric = Metric.of(self.options["distance"])
        one, several = Rows(self.features[[row]], metric), Rows(self.features[others], metric)
        return self.scaled(exact_similarities(several, one, np.arange(len(others))[None])[0])

    def scaled(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return raw similarities on the scale of ``similarity.csv``, with its decimals."""
        metric, model = Metric.of(self.options["distance"]), self.options["model_path"]
        return np.round(calibrated(self.work, model, raw, metric), DECIMALS)

    def candidates(self, rows: Collection[int]) -> dict[int, Candidate]:
        """Return row → what the run knew of the file; a size of -1 is not known."""
        measures, stamps = self._measures(rows), self._stamps(rows)
        found = {}
        for row in rows:
            width, height, size_bytes, blur = measures.get(row, _UNKNOWN)
            size_bytes, mtime_ns = stamps.get(row, (size_bytes, UNKNOWN_TIME))
            found[row] = Candidate(self.paths[row], width, height, size_bytes, mtime_ns, blur)
        return found

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Yield each image's path and size in bytes, in row order."""
        if os.path.exists(self.work.stats):
            for fields in rows_of(self.work.stats):
                yield fields[1], int(fields[_STATS[2]])
            return
        for path in self.paths:  # features of one's own
            with contextlib.suppress(OSError):
                yield path, os.path.getsize(path)

    def _pair_rows(self, threshold: float) -> Iterator[tuple[int, int, float]]:
        rows = read_table(self.work.similarity)
        next(rows, None)
        for row in rows:
            try:
                source, target, value = row[0], row[1], float(row[2])
                if value < threshold:
                    return  # the most similar come first
                yield self.row_of[source], self.row_of[target], value
            except (IndexError, ValueError) as exc:
                raise WorkDirError(
                    f"{self.work.similarity} is damaged at {row!r}: run again to write it anew"
                ) from exc
            except KeyError as exc:
                raise WorkDirError(
                    f"{self.work.similarity} names {exc.args[0]!r}, which has no features: "
                    "run again to write both anew"
                ) from exc

    def _measures(self, rows: Collection[int]) -> dict[int, tuple[int, int, int, float]]:
        if not os.path.exists(self.work.stats):  # features of one's own
            return {}
        width, height, size, blur = _STATS
        return {
            row: (int(f[width]), int(f[height]), int(f[size]), float(f[blur]))
            for row, f in enumerate(rows_of(self.work.stats))
            if row in rows
        }

    def _stamps(self, rows: Collection[int]) -> dict[int, tuple[int, int]]:
        if not os.path.exists(self.work.listing):
            return {}
        stored = AppendOnlyFiles.of(self.work).stored()
        return {file.row: file.stamp for file in stored if file.row >= 0 and file.row in rows}
