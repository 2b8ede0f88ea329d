"""The rows by which images are compared for what they show, and what is near to each by them."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import FloatArray, IntArray
from fastdup.config import RunConfig
from fastdup.content_rows import coloured_shares, with_features
from fastdup.errors import WorkDirError
from fastdup.index import Metric, Neighbours, Resources, SearchOptions, self_join
from fastdup.index.dedupe import DistinctRows
from fastdup.index.join import SearchFiles, SelfJoin
from fastdup.index.rerank import sort_neighbours
from fastdup.models.spec import is_builtin
from fastdup.scale import Scale
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import Widths, stored_content_model
from fastdup.workdir.commits import read_signature
from fastdup.workdir.features import FEATURE_DTYPE, load_binary_feature
from fastdup.workdir.last_run import last_run

if TYPE_CHECKING:
    from fastdup.runs.finished import FinishedRun

logger = logging.getLogger(__name__)

#: All pairs of up to so many images are compared, which takes a seventh of a run at most.
_EXACT_LIMIT = 10_000
#: Of more, up to so many, a search that misses a neighbour now and then takes a quarter of a
#: millisecond each. Their rows are gathered in memory: a third of a gigabyte.
_SEARCH_LIMIT = 100_000
#: Rows that are gathered at a time.
_GATHERED_TOGETHER = 8192
#: Rows that are put in order at a time, so that memory stays small.
_ROWS_TOGETHER = 256
#: Rows whose colours are looked at together, so that memory stays small.
_COLOURS_TOGETHER = 8192


class NearDistinct(NamedTuple):
    """What is near to each of the different rows among n.

    Attributes
    ----------
    distinct : DistinctRows
        The u different rows.
    near : Neighbours
        Of these, numbered among them; raw similarities.
    scale : Scale
        Of these similarities.
    """

    distinct: DistinctRows
    near: Neighbours
    scale: Scale


class ContentSpace:
    """The rows of n images by which their content is compared: by the cosine.

    The one place from which all that asks for content gets its rows.

    Parameters
    ----------
    features : (n, d) float32 array
        The rows for copies.
    content : (n, c) float32 array or None
        The rows for content; without them those for copies have to do.
    is_of_model : bool
        Whether a model for content made them.
    cache : Path, optional
        The file that keeps what a search finds, so that the next one compares only new rows.

    Attributes
    ----------
    features : (n, d) float32 array
    """

    def __init__(
        self,
        features: NDArray[np.float32],
        content: NDArray[np.float32] | None,
        *,
        is_of_model: bool = False,
        cache: Path | None = None,
    ) -> None:
        self.features, self._content, self._is_of_model = features, content, is_of_model
        self._files = SearchFiles(cache=cache)

    @classmethod
    def of_search(
        cls, config: RunConfig, work: WorkDir, features: NDArray[np.float32]
    ) -> "ContentSpace":
        """Return that of stored features, and log that rows for content are missing if they are.

        So are they of earlier versions. Those of one's own and of other models have none.
        """
        content = _load_content(work, len(features)) if config.content else None
        signature = read_signature(work.journal)
        if signature and config.content and content is None and len(features):
            _say_if_earlier(work, str(signature["model"]))
        return cls(
            features,
            content,
            is_of_model=stored_content_model(work) is not None,
            cache=Path(work.known_near_content),
        )

    @classmethod
    def of_features(cls, filename: str) -> tuple[list[str], "ContentSpace"]:
        """Return the names of stored images, and their rows; see `load_binary_feature`."""
        paths, features = load_binary_feature(filename)
        work = last_run(filename)
        content = _load_content(work, len(features))
        return paths, cls(features, content, is_of_model=stored_content_model(work) is not None)

    @classmethod
    def of_run(cls, run: "FinishedRun") -> "ContentSpace":
        """Return that of a finished run."""
        is_wanted = run.options["content"]
        content = _load_content(run.work, len(run.features)) if is_wanted else None
        return cls(run.features, content, is_of_model=stored_content_model(run.work) is not None)

    @property
    def has_content(self) -> bool:
        """Whether there are rows for content."""
        return self._content is not None

    @property
    def content(self) -> NDArray[np.float32] | None:
        """The rows for content alone, an (n, c) array; None where there are none."""
        return self._content

    @property
    def searches(self) -> bool:
        """Whether `near` looks among all images, by content alone."""
        return self.has_content and len(self) <= _SEARCH_LIMIT

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows there are, and their width."""
        beside = 0 if self._content is None else self._content.shape[1]
        return len(self.features), self.features.shape[1] + beside

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, picked: IntArray | slice) -> NDArray[np.float32]:
        """Return the rows of some images, computed here; an (m, w) float32 array."""
        if self._content is None:
            return self.features[picked]
        return self.joined(self.features[picked], self._content[picked])

    def joined(
        self, features: NDArray[np.float32], content: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the rows of m other images, made by the same models, as those here are."""
        return with_features(features, content, is_of_model=self._is_of_model)

    def coloured_shares(self, *, needed: bool = False) -> FloatArray:
        """Return the share of each image that has a colour to be seen, 0 to 1.

        Returns
        -------
        (n,) float64 array
            NaN where there are no rows for content, or a model made them: they count no colours.

        Raises
        ------
        WorkDirError
            When the shares are `needed`, and there are no such rows.
        """
        content = None if self._is_of_model else self._content
        if content is None and needed:
            raise WorkDirError(
                "grey images are found by the rows for content, and this run has none that count "
                "colours: run again in a new work folder, with the built-in model and content=True"
            )
        shares = np.full(len(self), np.nan)
        if content is None:
            return shares
        for start in range(0, len(self), _COLOURS_TOGETHER):
            part = slice(start, start + _COLOURS_TOGETHER)
            shares[part] = coloured_shares(content[part])
        return shares

    def near(
        self,
        k: int,
        found: Callable[[], SelfJoin],
        scale: Scale,
        n_threads: int,
        *,
        only_found: bool = False,
    ) -> NearDistinct:
        """Return what is near to each image by its content.

        Up to 10,000 images are all compared, and up to 100,000 searched by lists, as for copies. Of
        more, those near by the rows for copies are put in order, which takes no memory.

        Parameters
        ----------
        k : int
            At least 1.
        found : callable
            Returns what is near by the rows for copies, at least k of each where there are so many.
        scale : Scale
            Of what it returns.
        n_threads : int
        only_found : bool
            Whether nothing else than what was found may be near, as of two collections.
        """
        if self._content is None:
            join = found().narrowed(k)
            return NearDistinct(join.distinct, join.of_distinct, scale)
        by_cosine = Scale(Metric.COSINE)
        if only_found or not self.searches:
            join = found()
            return NearDistinct(join.distinct, self._ordered(join, k), by_cosine)
        options = SearchOptions(exact_limit=_EXACT_LIMIT)
        resources = Resources(n_threads=n_threads)
        join = self_join(self._gathered(), k, options, resources, self._files)
        return NearDistinct(join.distinct, join.of_distinct, by_cosine)

    def _gathered(self) -> NDArray[np.float32]:
        """Return all rows, computed a part at a time."""
        rows = np.empty(self.shape, np.float32)
        for start in range(0, len(rows), _GATHERED_TOGETHER):
            part = slice(start, start + _GATHERED_TOGETHER)
            rows[part] = self[part]
        return rows

    def _ordered(self, join: SelfJoin, k: int) -> Neighbours:
        """Return what was found of the different rows, in the order of content."""
        indices, first = join.of_distinct.indices, join.distinct.first
        found = Neighbours.none(len(indices), min(k, indices.shape[1]))
        for start in range(0, len(indices), _ROWS_TOGETHER):
            part = slice(start, start + _ROWS_TOGETHER)
            others, places = np.unique(np.maximum(indices[part], 0), return_inverse=True)
            rows, theirs = _unit(self[first[part]]), _unit(self[first[others]])
            near = theirs[places.reshape(indices[part].shape)]
            cosines = np.where(indices[part] < 0, -np.inf, np.einsum("nkd,nd->nk", near, rows))
            of_rows = sort_neighbours(indices[part], cosines, found.indices.shape[1])
            found.indices[part], found.similarities[part] = of_rows
        return found


def _say_if_earlier(work: WorkDir, sha256: str) -> None:
    if is_builtin(sha256):
        logger.info(
            "%s has no rows for content: outliers and labels are judged by the rows for copies; "
            "a run in a new work folder makes both",
            work.root,
        )


def _load_content(work: WorkDir, n_images: int) -> NDArray[np.float32] | None:
    """Return the stored rows for content, mapped; None where there is not one for each image."""
    signature = read_signature(work.journal)
    width = Widths.of(signature).content if signature else 0
    if not width or not n_images:
        return None
    n_bytes = n_images * width * FEATURE_DTYPE.itemsize
    if not os.path.exists(work.content) or os.path.getsize(work.content) < n_bytes:
        return None
    return np.memmap(work.content, FEATURE_DTYPE, mode="r", shape=(n_images, width))


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12))
