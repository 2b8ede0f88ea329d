"""One column of a data set, read forward with a window of what was read last."""

import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from fastdup.errors import ImageError, Reason

#: How many cells are kept for threads that come late.
LEAST_KEPT, MOST_KEPT, MOST_KEPT_BYTES = 64, 4096, 2**28


class Cell(NamedTuple):
    """What one row of a column holds.

    Attributes
    ----------
    data : bytes or None
        The bytes of an image file.
    word : str, int or None
        A path, or a label.
    """

    data: bytes | None = None
    word: str | int | None = None


#: Returns the cells from a row on, as many as are read together; given the block that has it.
ReadCells = Callable[[int, int], Sequence[Cell]]


class ColumnStream:
    """One column; safe to use from threads.

    Parameters
    ----------
    read : callable
        Reads the cells.
    starts : sequence of int
        The first row of each block that can be read by itself, and the number of all rows.
    """

    def __init__(self, read: ReadCells, starts: Sequence[int]) -> None:
        self._read = read
        self._starts = starts
        self._lock = threading.Lock()
        self._window: deque[tuple[int, Sequence[Cell], int]] = deque()
        self._n_bytes = 0
        self._next_row = -1
        self._damage: dict[int, tuple[int, ImageError]] = {}

    def value(self, row: int) -> Cell:
        """Return what a row holds.

        Raises
        ------
        ImageError
            When the file is damaged there.
        """
        block = bisect_right(self._starts, row) - 1
        with self._lock:
            first_bad, error = self._damage.get(block, (row + 1, None))
            if error and row >= first_bad:  # nothing behind the damage of a block can be read
                raise error
            if not self._window or row < self._window[0][0] or self._is_far(block):
                self._restart(block)
            while row >= self._next_row:
                self._advance(block)
            start, cells, _ = next(item for item in reversed(self._window) if item[0] <= row)
            return cells[row - start]

    def release(self) -> None:
        """Drop the window."""
        with self._lock:
            self._restart(0)

    def _is_far(self, block: int) -> bool:
        """Return whether whole blocks lie between what was read and what is wanted."""
        return self._starts[block] > self._next_row

    def _restart(self, block: int) -> None:
        self._window.clear()
        self._n_bytes = 0
        self._next_row = self._starts[block]

    def _advance(self, block: int) -> None:
        try:
            here = bisect_right(self._starts, self._next_row) - 1
            cells = self._read(here, self._next_row)
            if not cells:
                detail = "a data set with fewer rows than it says"
                raise ImageError(detail, reason=Reason.TRUNCATED)
        except ImageError as exc:
            if exc.reason is not Reason.TIMEOUT:
                self._damage[block] = (self._next_row, exc)
            self._restart(block)
            raise
        n_bytes = sum(len(cell.data or b"") for cell in cells)
        self._window.append((self._next_row, cells, n_bytes))
        self._n_bytes += n_bytes
        self._next_row += len(cells)
        while len(self._window) > 1 and self._is_full():
            self._n_bytes -= self._window.popleft()[2]

    def _is_full(self) -> bool:
        """Return whether the oldest cells of the window can go."""
        n_rows_without = self._next_row - self._window[1][0]
        return n_rows_without >= MOST_KEPT or (
            n_rows_without >= LEAST_KEPT and self._n_bytes > MOST_KEPT_BYTES
        )


def unpacked(listed: object, data: bytes) -> list[Cell]:
    """Return the cells that a process of its own handed over; see `DatasetWorkshop.cells`.

    Raises
    ------
    ImageError
        When they make no sense.
    """
    cells: list[Cell] = []
    position = 0
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, list) and len(item) == 2 and isinstance(item[0], int):
            n_bytes, path = item
            cells.append(Cell(data[position : position + n_bytes], path and str(path)))
            position += n_bytes
        else:
            cells.append(Cell(word=item if isinstance(item, str | int | None) else str(item)))
    if position != len(data):
        raise ImageError("a data set that makes no sense", reason=Reason.DECODE_ERROR)
    return cells
