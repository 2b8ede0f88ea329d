"""What a search for neighbours returns, and what every provider of neighbours promises."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import FloatArray, IntArray
from fastdup.errors import ConfigError, WorkDirError
from fastdup.executors import Executor, LocalExecutor
from fastdup.index.metrics import Metric
from fastdup.index.rows import Rows
from fastdup.progress import Progress, SilentProgress

#: Share of new rows up to which comparing them with all costs less than all pairs, each once.
_WORTH_UPDATING = 0.4


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to, and rename it to `path` when all went well.

    Raises
    ------
    WorkDirError
        The file cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)  # a link in its place would be followed
        yield part
        part.replace(path)
    except OSError as exc:
        raise WorkDirError(f"{path} cannot be written: {exc.strerror or exc}") from exc
    finally:
        part.unlink(missing_ok=True)


class Neighbours(NamedTuple):
    """The nearest rows of each of n rows, nearest first, ties by lower index.

    Attributes
    ----------
    indices : (n, k) int64 array
        Row numbers; -1 at the end where fewer than k exist.
    similarities : (n, k) float64 array
        1 = same; 0.0 where the index is -1. A search returns raw similarities (see `Metric`): the
        signed cosine, from −1 to 1, so that a model can calibrate it, or a number in (0, 1] for
        the other metrics. `similarities_from_raw` and `cosine_equivalent` convert them.
    """

    indices: IntArray
    similarities: FloatArray

    @classmethod
    def none(cls, n_rows: int, k: int) -> "Neighbours":
        """Return room for k neighbours of each of `n_rows` rows, where there are none yet."""
        return cls(np.full((n_rows, k), -1, np.int64), np.zeros((n_rows, k)))


@dataclass(frozen=True)
class Candidates:
    """Rows among which the neighbours of each of q queries are chosen by re-ranking.

    Attributes
    ----------
    positions : (q, m) int64 array
        Positions in the rows searched, without repetition in a row, -1 where there are fewer;
        in any order.
    cutoffs : (q,) float64 array or None
        No row left out is nearer than this, in the unit of `raw_similarities`; infinity when none
        is left out. None from a provider that may miss neighbours.
    """

    positions: IntArray
    cutoffs: FloatArray | None = None


class NewPairs(NamedTuple):
    """Pairs by which a finished search is brought up to date.

    Attributes
    ----------
    candidates : Candidates
        Of each of the rows that were searched again.
    rows, others : (m,) int64 arrays
        Positions of rows that were not, and of new rows that may be among their nearest.
    """

    candidates: Candidates
    rows: IntArray
    others: IntArray


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a search may use. Nothing here has any influence on its result.

    Attributes
    ----------
    n_threads : int
        At least 1.
    executor : Executor or None
        Compares blocks of rows, where the provider works in such; None: the threads.
    progress : Progress
        Is given the number of rows indexed and of rows searched.
    max_memory_bytes : int or None
        Memory that the search should keep to; with less than it needs, it works in `scratch`.
        None: any.
    scratch : Path or None
        Folder for what a large search makes, removed when the search ends. After a kill the same
        search goes on from there. None: the memory.
    """

    n_threads: int = 1
    executor: Executor | None = None
    progress: Progress = field(default_factory=SilentProgress)
    max_memory_bytes: int | None = None
    scratch: Path | None = None

    def __post_init__(self) -> None:
        """Check the number of threads."""
        if self.n_threads < 1:
            raise ConfigError(f"n_threads={self.n_threads} is too small: type n_threads=1 or more")

    @property
    def workers(self) -> Executor:
        """The executor, or the threads."""
        return self.executor or LocalExecutor(self.n_threads)


@dataclass(frozen=True)
class NoOptions:
    """The options of a provider that has none."""


class Provider(ABC):
    """A way to search for neighbours.

    `build` or `load` first, then `search`. All of it gives the same result for any number of
    threads and leaves the features as they are.

    Parameters
    ----------
    options : instance of `options_class`, optional
        By default ``options_class()``.
    resources : Resources, optional

    Attributes
    ----------
    name : str
        The name that `nn_provider` takes.
    exact : bool
        Whether the true neighbours are always among the candidates. The result of an exact search
        is cached, and updated when rows are added; ``auto`` takes exact providers for few rows.
    margin : int
        How many candidates to ask for beyond those needed: all of them are re-ranked by exact
        similarities, so that the provider's rounding decides nothing.
    metrics : frozenset of Metric
        Those that it knows.
    keeps_index : bool
        Whether the index takes long to build and is therefore stored by `save`, with all rows
        (see `add_rest`), and read by `load` when the same rows are searched again.
    keeps_result : bool
        Whether the result of a search that is not exact is cached and updated, too.
    options_class : type
        A frozen dataclass of options, which checks their values itself.
    """

    name: str = "own"
    exact: ClassVar[bool] = False
    margin: ClassVar[int] = 8
    metrics: ClassVar[frozenset[Metric]] = frozenset(Metric)
    keeps_index: ClassVar[bool] = False
    keeps_result: ClassVar[bool] = False
    options_class: ClassVar[type[Any]] = NoOptions

    def __init__(self, options: Any = None, resources: Resources | None = None) -> None:
        self.options = self.options_class() if options is None else options
        self.resources = resources or Resources()
        self.rows: Rows

    @classmethod
    def check(cls, options: Any, metric: Metric, dim: int | None = None) -> None:
        """Refuse options that no search could follow, before the first image is read.

        Parameters
        ----------
        options : instance of `options_class`
        metric : Metric
            One of `metrics`.
        dim : int, optional
            Width of the features, when it is known already.

        Raises
        ------
        ConfigError
            Says what was given, what is allowed and what to type.
        """
        return

    def announce(self, n_rows: int, dim: int, reason: str) -> None:  # noqa: B027
        """Log what to expect of a search among `n_rows` rows, where it takes long.

        Parameters
        ----------
        n_rows, dim : int
            Shape of the rows.
        reason : str
            Why this provider was chosen; empty when the user asked for it.
        """

    @abstractmethod
    def build(self, rows: Rows) -> None:
        """Index `rows`, of which no two are the same, nor any of length 0 for cosine."""

    @abstractmethod
    def search(self, queries: Rows, n_candidates: int) -> Candidates:
        """Return up to `n_candidates` of the nearest indexed rows of each of `queries`.

        A query that is itself indexed is, as a rule, a candidate of its own.
        """

    def most_updated(self, n_rows: int) -> int:
        """Return how many of `n_rows` rows may be new, for an update to be worth it.

        New rows are compared with all others: by default, for less than all pairs, each once.
        """
        return int(_WORTH_UPDATING * n_rows)

    def kept(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that `compare_new` of the next search needs; none by default.

        Both are asked of the providers of fastdup only.
        """
        return {}

    def compare_new(
        self,
        rows: Rows,
        before: IntArray,
        chosen: IntArray,
        state: dict[str, NDArray[Any]],
        n_candidates: int,
    ) -> NewPairs | None:
        """Compare some rows with what an earlier search of this kind left, in place of a search.

        Parameters
        ----------
        rows : Rows
        before : (n,) int64 array
            The position that each row had before, -1 for a new one; ascending but for these.
        chosen : (m,) int64 array
            Positions of the rows to compare, ascending: the new ones, and some more.
        state : dict
            What `kept` returned after that search.
        n_candidates : int
            As for `search`.

        Returns
        -------
        NewPairs or None
            None if it is not possible, or not worth it, as by default.
        """
        return None

    def close(self) -> None:
        """Remove what was kept for the case that the search is killed: it is over."""
        return

    def add_rest(self, rest: Rows) -> None:
        """Add the rows left out of the search, so that the stored index holds every row.

        Those are copies of indexed rows, and rows of length 0; it is called after the last search.
        """
        return

    def describe(self) -> str:
        """Return what was built, for people: "brute_force (exact)"."""
        return f"{self.name} ({'exact' if self.exact else 'approximate'})"

    def save(self, path: Path) -> None:
        """Write to the file `path` what `load` needs besides the rows: `state`, as ``.npz``.

        Raises
        ------
        WorkDirError
            The file cannot be written.
        """
        arrays: dict[str, Any] = {"provider": np.array(self.name), **self.state()}
        with written_whole(path) as part, part.open("wb") as file:
            np.savez(file, **arrays)

    def load(self, path: Path, rows: Rows) -> None:
        """Take up what `save` wrote after the same `rows` were indexed.

        Raises
        ------
        WorkDirError
            The file cannot be read, or holds something else.
        """
        try:
            with np.load(path, allow_pickle=False) as archive:
                state = dict(archive)
            fits = str(state.pop("provider", "")) == self.name
        except (OSError, ValueError, AttributeError, TypeError) as exc:
            raise WorkDirError(f"{path} is not a {self.name} index: {exc}") from exc
        if not fits:
            raise WorkDirError(
                f"{path} is not a {self.name} index: search again to write a new one"
            )
        self.rows = rows
        self.restore(state)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that make the index; none by default."""
        return {}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take up what `state` returned; `rows` are set already."""
        return
