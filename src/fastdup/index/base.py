"""What a search for neighbours returns, and what every provider of neighbours promises."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import WorkDirError
from fastdup.executors import Executor, LocalExecutor
from fastdup.index.rows import Rows
from fastdup.progress import Progress, SilentProgress


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
        yield part
        part.replace(path)
    except OSError as exc:
        raise WorkDirError(f"{path} cannot be written: {exc.strerror or exc}") from exc
    finally:
        part.unlink(missing_ok=True)


@dataclass(frozen=True)
class Neighbours:
    """The nearest rows of each of n rows, nearest first, ties by lower index.

    Attributes
    ----------
    indices : (n, k) int64 array
        Row numbers; -1 at the end where fewer than k exist.
    similarities : (n, k) float64 array
        Raw similarities, 1 = same (see `Metric`): the signed cosine, from −1 to 1, so that a model
        can calibrate it, or a number in (0, 1] for the other metrics; 0.0 where the index is -1.
        `similarities_from_raw` and `cosine_equivalent` turn them into what is needed.
    """

    indices: NDArray[np.int64]
    similarities: NDArray[np.float64]


@dataclass(frozen=True)
class Candidates:
    """Rows among which a provider looks for the neighbours of each of q queries.

    Attributes
    ----------
    positions : (q, m) int64 array
        Positions in the rows searched, without repetition in a row, -1 where there are fewer;
        in any order.
    cutoffs : (q,) float64 array or None
        No row left out is nearer than this, in the unit of `raw_similarities`; infinity when none
        is left out. None from a provider that may miss neighbours.
    """

    positions: NDArray[np.int64]
    cutoffs: NDArray[np.float64] | None = None


class Provider(ABC):
    """A way to search for neighbours.

    `build` or `load` first, then `search`. All of it gives the same result for any number of
    threads and leaves the features as they are.

    Parameters
    ----------
    n_threads : int
        At least 1.
    progress : Progress
        Hears of rows indexed and of rows searched.
    executor : Executor, optional
        Who compares blocks of rows, where the provider works in such; by default the threads.

    Attributes
    ----------
    exact : bool
        Whether the true neighbours are always among the candidates.
    margin : int
        How many candidates to ask for beyond those needed: exact distances are computed for all
        of them, so that the provider's rounding decides nothing.
    """

    exact: ClassVar[bool]
    margin: ClassVar[int] = 8

    def __init__(
        self,
        *,
        n_threads: int = 1,
        progress: Progress | None = None,
        executor: Executor | None = None,
    ) -> None:
        self._n_threads = n_threads
        self._executor = executor or LocalExecutor(n_threads)
        self._progress = progress or SilentProgress()
        self._rows: Rows

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

    def close(self) -> None:
        """Forget what was kept so that a search that is killed goes on: it is over."""
        return

    @abstractmethod
    def save(self, path: Path) -> None:
        """Write to the file `path` what `load` needs besides the rows.

        Raises
        ------
        WorkDirError
            The file cannot be written.
        """

    @abstractmethod
    def load(self, path: Path, rows: Rows) -> None:
        """Take up what `save` wrote after the same `rows` were indexed.

        Raises
        ------
        WorkDirError
            The file cannot be read, or holds something else.
        """

    @abstractmethod
    def describe(self) -> str:
        """Return what was built, for people: "brute_force (exact)"."""


class ArrayProvider(Provider):
    """A provider whose index is a few arrays."""

    name: ClassVar[str]

    @abstractmethod
    def _state(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that make the index."""

    @abstractmethod
    def _set_state(self, state: dict[str, NDArray[Any]]) -> None:
        """Take up what `_state` returned."""

    def describe(self) -> str:
        """Return the name and whether the neighbours are surely the nearest."""
        return f"{self.name} ({'exact' if self.exact else 'approximate'})"

    def save(self, path: Path) -> None:
        """Write the arrays as an ``.npz`` archive, under exactly the name `path`."""
        arrays: dict[str, Any] = {"provider": np.array(self.name), **self._state()}
        with written_whole(path) as part, part.open("wb") as file:
            np.savez(file, **arrays)

    def load(self, path: Path, rows: Rows) -> None:
        """Read the arrays that `save` wrote."""
        try:
            with np.load(path, allow_pickle=False) as archive:
                state = dict(archive)
            fits = str(state.pop("provider", "")) == self.name
        except (OSError, ValueError, AttributeError, TypeError) as exc:
            raise WorkDirError(f"{path} is no {self.name} index: {exc}") from exc
        if not fits:
            raise WorkDirError(f"{path} is no {self.name} index: search again to write a new one")
        self._rows = rows
        self._set_state(state)
