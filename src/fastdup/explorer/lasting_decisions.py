"""What was decided: images that stay or go, and those that are no copies; each can be undone."""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from fastdup.actions.decide import decide_on
from fastdup.actions.decision_changes import (
    changed_rows,
    groups_of,
    reverted,
    without,
    without_each,
    without_number,
)
from fastdup.errors import ConfigError, WorkDirError
from fastdup.explorer.collection import Collection
from fastdup.explorer.params import Page
from fastdup.report.wording import in_pieces, split_path
from fastdup.runs.decided_rows import (
    NOTHING_DECIDED,
    DecidedRows,
    ListedFiles,
    decided_files,
    decided_rows,
    digest_of_file,
    keep_digests,
    stamped,
)
from fastdup.workdir.decision_file import (
    KEEP,
    NO_DECISIONS,
    NOT_COPIES,
    ON_ONE_FILE,
    REMOVE,
    DecidedFile,
    DecisionColumns,
    change_decisions,
    read_decisions,
)

#: Most files of one decision on a page of decisions.
_FILES_SHOWN = 12
#: Most decisions that can be undone, the last ones.
_MOST_UNDONE = 10_000


class _Done(NamedTuple):
    """A change of the decisions: rows of their file that are new, and those that are no more."""

    words: str
    new: frozenset[DecidedFile]
    old: Sequence[DecidedFile]


class LastingDecisions:
    """The decisions of the work folder; safe to use from several threads.

    Parameters
    ----------
    collection : Collection
    obey : sequence of callable
        Are given what is decided, now and after each change.

    Attributes
    ----------
    decided : DecidedRows
        What is decided now.
    on_bad : dict of str to {"keep", "remove"}
        What is decided on files that are none of the images, by their paths.
    n_changes : int
        How often that changed.
    n_not_copies : int
        Number of decisions that images are no copies.
    """

    def __init__(
        self, collection: Collection, obey: Sequence[Callable[[DecidedRows], None]]
    ) -> None:
        self._collection = collection
        self._work = collection.run.work
        self._obey = obey
        self._lock = threading.Lock()
        self._reader = collection.run.open_reader()
        self._listed_files: ListedFiles | None = None
        self._listed: tuple[object, list[Sequence[DecidedFile]]] = (None, [])
        self._history: list[_Done] = []
        self._bad = {file.filename for file in collection.bad}
        self.on_bad: dict[str, str] = {}
        self.decided = NOTHING_DECIDED
        self.n_changes = self.n_not_copies = 0
        self._seen = NO_DECISIONS
        self._look(read_decisions(self._work.decisions))

    def close(self) -> None:
        """Close what reads images."""
        self._reader.close()

    def follow(self) -> None:
        """Obey what another program has decided meanwhile."""
        with self._lock, suppress(WorkDirError):  # damaged: the next decision reports it
            decided = read_decisions(self._work.decisions)
            if decided != self._seen:
                self._look(decided)

    def decide(self, rows: Sequence[int], what: str, *, is_star: bool = False) -> dict[str, Any]:
        """Remember a decision on some images; see `decide_on`.

        Parameters
        ----------
        rows : sequence of int
        what : {"not-copies", "keep", "remove", ""}
            "": no longer keep or remove each of them.
        is_star : bool
            Of "not-copies": the first is no copy of each of the others.

        Raises
        ------
        FastdupError
            As `fastdup.decide` does.
        """
        if what not in (NOT_COPIES, *ON_ONE_FILE, ""):
            raise ConfigError(f"decision={what!r} is not known: {NOT_COPIES}, {KEEP} or {REMOVE}")
        chosen = dict.fromkeys(rows)
        names = [self._collection.paths[row] for row in chosen]
        decided = [
            name for row, name in zip(chosen, names, strict=True) if self.decided.of_one(row)
        ]
        self._decide(names, what, decided, is_star=is_star)
        return {"rows": list(rows), "star": is_star}

    def decide_on_bad(self, name: str, what: str) -> None:
        """Remember a decision on a file that is none of the images.

        Parameters
        ----------
        name : str
            As listed.
        what : {"keep", "remove", ""}

        Raises
        ------
        FastdupError
            As `fastdup.decide` does.
        """
        self._decide([name], what, [name] if name in self.on_bad else [])

    def _decide(
        self, names: Sequence[str], what: str, decided: Sequence[str], *, is_star: bool = False
    ) -> None:
        """Remember a decision on files; `decided` are those of which "" forgets one."""
        words = _words(what, names)
        if what:
            with self._lock:
                states = decide_on(self._work, what, names, self._reader, is_star=is_star)
                self._note(words, *states)
        else:
            self._change(words, partial(without_each, self._with_digests(decided)))

    def forget(self, rows: Sequence[int], what: str, *, is_star: bool = False) -> dict[str, Any]:
        """Forget what was decided between some images, or that they stay or go."""
        names = [self._collection.paths[row] for row in rows]
        chosen = self._with_digests(names)
        return self._change(_words("", names), partial(without, chosen, what, is_star=is_star))

    def forget_number(self, number: int, what: str, digest: str) -> dict[str, Any]:
        """Forget one decision of the list, if it is still about that content."""
        return self._change("forget a decision", partial(without_number, number, what, digest))

    def undo(self) -> dict[str, Any]:
        """Take back the last change that was made here and not taken back yet.

        Returns
        -------
        dict
            ``undone`` says in words what it was, None where there is none; ``decided`` has what is
            decided now on each image that it was about; ``regrouped``: whether groups changed.
        """
        with self._lock:
            if not self._history:
                return {"undone": None, "regrouped": False, "decided": {}}
            done = self._history.pop()
            change = partial(reverted, new=done.new, old=done.old)
            _, after = change_decisions(self._work, change)
            self._look(after)
            files = [*done.new, *done.old]
            digests = {file.digest for file in files}
            rows = [row for row, digest in self.decided.digest_of.items() if digest in digests]
            names = {file.path for file in files}
            rows += [
                row for name in names if (row := self._collection.run.row_of.get(name, -1)) >= 0
            ]
        return {
            "undone": in_pieces(done.words),
            "regrouped": any(file.decision == NOT_COPIES for file in files),
            "decided": {row: self.decided.of_one(row) for row in rows},
        }

    def to_undo(self) -> dict[str, Any]:
        """Return how many changes can be undone, and which is the next."""
        history = self._history[-1:]
        return {"steps": len(self._history), "next": in_pieces(history[0].words) if history else ""}

    def page(self, page: Page, image: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
        """Return what is decided, the last decision first; `image` describes a row."""
        with self._lock:
            groups = self._groups()
            rows = self.decided.row_of_digest
        items = [
            {
                "number": files[0].number,
                "decision": files[0].decision,
                "digest": files[0].digest,
                "decided": files[0].decided,
                "n": len(files),
                "images": [self._file(file, rows, image) for file in files[:_FILES_SHOWN]],
            }
            for file_groups in [page.of(groups)]
            for files in file_groups
        ]
        return {"total": len(groups), "items": items}

    def _file(
        self, file: DecidedFile, rows: dict[str, int], image: Callable[[int], dict[str, Any]]
    ) -> dict[str, Any]:
        """Return what is known of a file; of files of the same bytes, of the one that was named."""
        named = self._collection.run.row_of.get(file.path, -1)
        if self.decided.digest_of.get(named) == file.digest:
            return image(named)
        if file.decision == REMOVE or file.digest not in rows:
            return _gone(file)
        return image(rows[file.digest])

    def _with_digests(self, names: Sequence[str]) -> list[tuple[str, str]]:
        files = [stamped(name, self._reader) for name in names]
        return [(file.path, digest_of_file(self._reader, file)) for file in files]

    def _change(
        self, words: str, change: Callable[[DecisionColumns], DecisionColumns]
    ) -> dict[str, Any]:
        with self._lock:
            before, after = change_decisions(self._work, change)
            self._note(words, before, after)
        return {"forgotten": before != after}

    def _note(self, words: str, before: DecisionColumns, after: DecisionColumns) -> None:
        """Obey a change, and remember how it is undone."""
        if before != after:
            self._history.append(_Done(words, *changed_rows(before, after)))
            del self._history[:-_MOST_UNDONE]
        self._look(after)

    def _look(self, decided: DecisionColumns) -> None:
        """Obey what is decided now."""
        self.decided = self._rows(decided)
        self._seen = decided
        self.n_changes += 1
        self.on_bad = self._decided_on_bad(decided)
        rows = zip(decided.numbers, decided.decisions, strict=True)
        self.n_not_copies = len({number for number, what in rows if what == NOT_COPIES})
        for obey in self._obey:
            obey(self.decided)

    def _rows(self, decided: DecisionColumns) -> DecidedRows:
        """Return what is decided on the images, by looking at what has changed only."""
        if not (decided and self._seen):
            return self._decided_rows(decided)
        new, old = changed_rows(self._seen, decided)
        files = [*new, *old]
        if not all(file.size_bytes for file in files):  # rows of a data set go by their names
            return self._decided_rows(decided)
        digests = {file.digest for file in files}
        now = self._decided_rows(decided.where([of in digests for of in decided.digests]))
        is_regrouped = any(file.decision == NOT_COPIES for file in files)
        return self.decided.changed(digests, now, decided if is_regrouped else None)

    def _decided_rows(self, decided: DecisionColumns) -> DecidedRows:
        paths = self._collection.run.paths
        if decided and self._listed_files is None:
            self._listed_files = ListedFiles(self._work, paths)
        rows, digests = decided_rows(
            self._work, paths, self._reader, decided=decided, listed=self._listed_files
        )
        if digests:
            keep_digests(self._work, digests)
        return rows

    def _decided_on_bad(self, decided: DecisionColumns) -> dict[str, str]:
        named = sorted(self._bad.intersection(decided.paths))
        found = decided_files(self._work, named, self._reader) if named else NOTHING_DECIDED
        return {name: what for at, name in enumerate(named) if (what := found.of_one(at))}

    def _groups(self) -> list[Sequence[DecidedFile]]:
        try:
            state = os.stat(self._work.decisions)
            known: object = (state.st_ino, state.st_mtime_ns, state.st_size)
        except OSError:
            known = ()
        if self._listed[0] != known:
            self._listed = (known, list(groups_of(read_decisions(self._work.decisions)))[::-1])
        return self._listed[1]


def _words(what: str, names: Sequence[str]) -> str:
    """Return a decision in words."""
    of = split_path(names[0])[1] if len(names) == 1 else f"{len(names):,} images"
    verbs = {NOT_COPIES: "not copies", KEEP: "keep", REMOVE: "remove", "": "clear"}
    return f"{verbs[what]}: {of}"


def _gone(file: DecidedFile) -> dict[str, Any]:
    """Return what is known of a file that is none of the run's images."""
    folder, name = split_path(file.path)
    return {"name": in_pieces(name), "dir": in_pieces(folder)}
