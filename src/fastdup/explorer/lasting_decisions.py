"""What was decided for good: pairs and groups that are no copies, and files that always stay."""

import os
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from fastdup.actions.decide import decide_on
from fastdup.actions.decision_changes import groups_of, without, without_number
from fastdup.errors import ConfigError
from fastdup.explorer.collection import Collection
from fastdup.explorer.params import Page
from fastdup.report.wording import in_pieces, split_path
from fastdup.runs.decided_rows import (
    DecidedRows,
    decided_rows,
    digest_of_file,
    keep_digests,
    stamped,
)
from fastdup.workdir.decision_file import (
    KEEP,
    NOT_COPIES,
    DecidedFile,
    DecisionColumns,
    change_decisions,
    read_decisions,
)

#: Most files of one decision on a page of decisions.
_FILES_SHOWN = 12


class LastingDecisions:
    """The decisions of the work folder; safe to use from several threads.

    Parameters
    ----------
    collection : Collection
    obey : sequence of callable
        Are given what is decided, now and after each change.
    """

    def __init__(
        self, collection: Collection, obey: Sequence[Callable[[DecidedRows], None]]
    ) -> None:
        self._collection = collection
        self._work = collection.run.work
        self._obey = obey
        self._lock = threading.Lock()
        self._reader = collection.run.open_reader()
        self._row_of_digest: dict[str, int] = {}
        self._listed: tuple[object, list[Sequence[DecidedFile]]] = (None, [])
        self._look()

    def close(self) -> None:
        """Close what reads images."""
        self._reader.close()

    def decide(self, rows: Sequence[int], what: str, *, is_star: bool = False) -> dict[str, Any]:
        """Remember that some images are "not-copies", or that each is to "keep"; see `decide_on`.

        Raises
        ------
        FastdupError
            As `fastdup.decide` does.
        """
        if what not in (NOT_COPIES, KEEP):
            raise ConfigError(f"decision={what!r} is not known: {NOT_COPIES} or {KEEP}")
        names = [self._collection.paths[row] for row in dict.fromkeys(rows)]
        with self._lock:
            _, after = decide_on(self._work, what, names, self._reader, is_star=is_star)
            self._look(after)
        return {"rows": list(rows), "star": is_star}

    def forget(self, rows: Sequence[int], what: str, *, is_star: bool = False) -> dict[str, Any]:
        """Forget what was decided between some images, or that they are kept."""
        paths = [self._collection.paths[row] for row in rows]
        files = [stamped(path, self._reader) for path in paths]
        chosen = [(file.path, digest_of_file(self._reader, file)) for file in files]
        return self._change(partial(without, chosen, what, is_star=is_star))

    def forget_number(self, number: int, what: str, digest: str) -> dict[str, Any]:
        """Forget one decision of the list, if it is still about that content."""
        return self._change(partial(without_number, number, what, digest))

    def page(self, page: Page, image: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
        """Return what is decided, the last decision first; `image` describes a row."""
        with self._lock:
            groups = self._groups()
            rows = self._row_of_digest
        items = [
            {
                "number": files[0].number,
                "decision": files[0].decision,
                "digest": files[0].digest,
                "decided": files[0].decided,
                "n": len(files),
                "images": [
                    image(rows[file.digest]) if file.digest in rows else _gone(file)
                    for file in files[:_FILES_SHOWN]
                ],
            }
            for file_groups in [page.of(groups)]
            for files in file_groups
        ]
        return {"total": len(groups), "items": items}

    def _change(self, change: Callable[[DecisionColumns], DecisionColumns]) -> dict[str, Any]:
        with self._lock:
            before, after = change_decisions(self._work, change)
            self._look(after)
        return {"forgotten": before != after}

    def _look(self, columns: DecisionColumns | None = None) -> None:
        """Obey what is decided now; None: as the work folder has it."""
        paths = self._collection.run.paths
        decided, digests = decided_rows(self._work, paths, self._reader, decided=columns)
        if digests:
            keep_digests(self._work, digests)
        self._row_of_digest = decided.row_of_digest
        for obey in self._obey:
            obey(decided)

    def _groups(self) -> list[Sequence[DecidedFile]]:
        try:
            state = os.stat(self._work.decisions)
            known: object = (state.st_ino, state.st_mtime_ns, state.st_size)
        except OSError:
            known = ()
        if self._listed[0] != known:
            self._listed = (known, list(groups_of(read_decisions(self._work.decisions)))[::-1])
        return self._listed[1]


def _gone(file: DecidedFile) -> dict[str, Any]:
    """Return what is known of a file that is none of the run's images."""
    folder, name = split_path(file.path)
    return {"name": in_pieces(name), "dir": in_pieces(folder)}
