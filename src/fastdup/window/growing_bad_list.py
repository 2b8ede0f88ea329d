"""The bad files of a run that is at work, as its list grows."""

import io
import os
import threading
from collections import deque
from typing import Any, BinaryIO

from fastdup.errors import Reason
from fastdup.report.wording import failure_text, in_pieces
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import csv_rows

#: How many are shown, the last ones.
_MOST = 5
#: Bytes read at a time.
_BYTES = 2**20


class GrowingBadList:
    """Reads what was added to the list of bad files since the last time.

    Parameters
    ----------
    work_dir : str
        The folder of the run.
    """

    def __init__(self, work_dir: str) -> None:
        self._path = WorkDir(work_dir).bad_csv
        self._guard = threading.Lock()
        self._begin()

    def to_json(self) -> dict[str, Any]:
        """Return how many files are bad so far, and the last of them, as JSON values.

        Files of other kinds, such as sidecars, are not counted.
        """
        with self._guard:
            self._read()
            return {"bad": self._n_bad, "bad_files": list(self._last)}

    def _begin(self) -> None:
        self._n_read, self._n_bad = 0, 0
        self._last: deque[dict[str, Any]] = deque(maxlen=_MOST)

    def _read(self) -> None:
        try:
            with open(self._path, "rb") as file:
                if os.fstat(file.fileno()).st_size < self._n_read:
                    self._begin()  # the run set the list aside, and begins anew
                while self._read_some(file):
                    pass
        except OSError:  # not there yet
            return

    def _read_some(self, file: BinaryIO) -> bool:
        """Take the next whole rows; return whether there were any."""
        file.seek(self._n_read)
        data = file.read(_BYTES)
        whole = data[: _end_of_rows(data)]
        is_first, self._n_read = self._n_read == 0, self._n_read + len(whole)
        text = io.StringIO(whole.decode("utf-8", "surrogateescape"), newline="")
        for row in list(csv_rows(text))[1 if is_first else 0 :]:
            self._take(row)
        return bool(whole)

    def _take(self, row: list[str]) -> None:
        if len(row) < 2 or row[1] == Reason.SIDE_FILE:
            return
        self._n_bad += 1
        known = row[1] in list(Reason)
        why = failure_text(Reason(row[1])) if known else row[1]
        self._last.append({"name": in_pieces(os.path.basename(row[0])), "why": why})


def _end_of_rows(data: bytes) -> int:
    """Return the length of the whole rows: a line end within quotes is a part of a name."""
    end = data.rfind(b"\n") + 1
    while end and data.count(b'"', 0, end) % 2:
        end = data.rfind(b"\n", 0, end - 1) + 1
    return end
