"""Which images of a group would go by a plan made now, without making all of that plan."""

import os
from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from fastdup.actions.companions import PhotoFolders
from fastdup.actions.found import FoundImages
from fastdup.actions.keep import CopyChoice
from fastdup.actions.plan import beside
from fastdup.actions.planning import plan_among
from fastdup.actions.relations import Relations
from fastdup.analysis.components import connect
from fastdup.analysis.pairs import Pairs
from fastdup.arrays import IntArray
from fastdup.explorer.component_index import ComponentIndex
from fastdup.runs.decided_rows import NOTHING_DECIDED, DecidedRows


class _Known(NamedTuple):
    """What does not depend on decisions: the run as it was read, and what hangs together in it.

    Attributes
    ----------
    found : FoundImages
    relations : Relations
        What the images are to each other, as far as it was asked for.
    folders : PhotoFolders
    components : ComponentIndex
        Of the copies that the run found: what becomes of an image depends on its component alone.
    starts, order : int64 arrays
        The pairs of component c are ``order[starts[c] : starts[c + 1]]``.
    """

    found: FoundImages
    relations: Relations
    folders: PhotoFolders
    components: ComponentIndex
    starts: IntArray
    order: IntArray


#: What is decided, and component by choice → its images that go.
_State = tuple[DecidedRows, dict[tuple[CopyChoice, int], frozenset[int]]]


class GroupMarks:
    """Marks what a plan would take, a few groups at a time; not safe to use from several threads.

    Parameters
    ----------
    work_dir : str
        The folder of the run.
    """

    def __init__(self, work_dir: str) -> None:
        self._work_dir = work_dir
        self._known: _Known | None = None
        self._known_by: object = None
        self._state: _State = (NOTHING_DECIDED, {})

    def obey(self, decided: DecidedRows) -> None:
        """Mark by what is decided from now on; another thread may be marking."""
        self._state = (decided, {})

    def forget(self) -> None:
        """Look at all anew: files were changed."""
        self._known = None

    def of(self, choice: CopyChoice, rows: Collection[int]) -> set[int]:
        """Return which of some images would go, and others of their components.

        Parameters
        ----------
        choice : CopyChoice
            Of copies, without videos and flaws, which are planned as a whole.
        rows : collection of int
        """
        known = self._read(choice)
        decided, marks = self._state
        found: set[int] = set()
        for component in {known.components.component_of(row) for row in rows} - {-1}:
            if (choice, component) not in marks:
                marks[choice, component] = _going(known, choice, component, decided)
            found |= marks[choice, component]
        return found

    def _read(self, choice: CopyChoice) -> _Known:
        """Return what is known of the run in the work folder, read again after another run."""
        found = FoundImages(self._work_dir)
        choice.lowest(found.threshold)  # refuses one below that of the run
        key = os.stat(found.work.config).st_mtime_ns
        if self._known is None or self._known_by != key:
            found.decided = NOTHING_DECIDED
            self._known, self._known_by = _read(found), key
            self._state = (self._state[0], {})
        return self._known


def _going(
    known: _Known, choice: CopyChoice, component: int, decided: DecidedRows
) -> frozenset[int]:
    found = known.found
    # All that is decided elsewhere is of no concern, and may be much.
    found.decided = decided.among(known.components.members(component).tolist())
    places = known.order[known.starts[component] : known.starts[component + 1]]
    pairs = decided.pruned(known.components.pairs.picked(places))
    plan = plan_among(found, pairs, choice, known.relations.between, known.folders)
    return frozenset(found.row_of[step.path] for step in plan.removals())


def _read(found: FoundImages) -> _Known:
    pairs = found.copies(found.threshold)
    folders = PhotoFolders()
    shared = _shared(found, pairs, folders)
    n_images = len(found.paths)
    index = ComponentIndex(pairs, connect(pairs.followed_by(shared), n_images), n_images)
    ids = index.components_of(pairs.sources)
    order = np.argsort(ids, kind="stable")
    starts = np.searchsorted(ids[order], np.arange(index.n_components + 1))
    return _Known(found, Relations(found), folders, index, starts, order)


def _shared(found: FoundImages, pairs: Pairs, folders: PhotoFolders) -> Pairs:
    """Return pairs of images that belong together: a file beside them is of both."""
    row_of: Mapping[str, int] = found.row_of
    ends = set[tuple[int, int]]()
    for row in np.unique(np.concatenate([pairs.sources, pairs.targets])).tolist():
        path = found.paths[row]
        for companion in folders.of(path):
            names = (*companion.photos, companion.name)
            others = (row_of.get(beside(path, name), row) for name in names)
            ends |= {(min(row, other), max(row, other)) for other in others if other != row}
    rows = np.array(sorted(ends), np.int64).reshape(-1, 2)
    return Pairs(rows[:, 0], rows[:, 1], np.ones(len(rows)))
