"""The plan of what goes for its flaws: broken, blurry, dark, tiny images and others.

Nothing stands for such a file, so it goes only when its flaw was named. A person sees the plan
first, and undoes it, as that of copies.
"""

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

import numpy as np

from fastdup.actions.candidate import UNKNOWN_TIME, Candidate
from fastdup.actions.companions import PhotoFolders
from fastdup.actions.decided_plan import without_decided
from fastdup.actions.flaws import MEASURES, Measured, find_flaws
from fastdup.actions.found import FoundImages
from fastdup.actions.keep import CopyChoice, is_protected
from fastdup.actions.offers import BROKEN, CHOSEN, FLAWS, find_limits
from fastdup.actions.plan import KEEP, REMOVE, Plan, Step
from fastdup.actions.state import LeftAlone, state_of
from fastdup.actions.units import with_companions
from fastdup.arrays import FloatArray
from fastdup.errors import Reason
from fastdup.runs import FinishedRun
from fastdup.runs.content_space import ContentSpace
from fastdup.runs.decided_rows import decided_files
from fastdup.sources.kinds import IMAGE_ENDINGS
from fastdup.workdir.append_only import AppendOnlyFiles
from fastdup.workdir.decision_file import read_decisions

#: Why a file is broken. One of another kind, or that could not be reached, is not.
_BROKEN = (Reason.EMPTY, Reason.TRUNCATED, Reason.DECODE_ERROR)


#: Why what a person chose goes.
_DECIDED = "as you decided"


class _Flawed(NamedTuple):
    """A file, and its flaws: name → in words."""

    file: Candidate
    flaws: Mapping[str, str]


def plan_flawed(
    work_dir: str | os.PathLike[str],
    choice: CopyChoice,
    *,
    by_hand: Mapping[str, str] | None = None,
) -> Plan:
    """Return which files may go for the flaws that `choice` names.

    Nothing is written or touched. Only plain files of this machine go that have the size and time
    of change that the run saw, with their sidecars. A photo with a raw file, a film or a sound
    beside it stays: that may be all that is left of it.

    Parameters
    ----------
    work_dir : path
        The folder of the run.
    choice : CopyChoice
        Which flaws, and where nothing goes.
    by_hand : mapping of str to {"keep", "remove"} or None
        Full path → what a person decided; what is kept stays.

    Raises
    ------
    WorkDirError
        When there is no finished run, or it measured no images and more than broken ones are named.
    """
    found, limits = FoundImages(os.fspath(work_dir)), find_limits(choice.what)
    flawed = [*_of_bad(found, limits), *_of_good(found, limits), *_of_decided(found, limits)]
    return _plan_of(sorted(flawed, key=_order), found, choice.protected(), by_hand or {})


def plan_chosen(work_dir: str | os.PathLike[str], flaw: str, reasons: Mapping[str, str]) -> Plan:
    """Return the plan by which images go that a person chose, though nothing stands for them.

    What may go is as for `plan_flawed`.

    Parameters
    ----------
    work_dir : path
        The folder of the run.
    flaw : str
        What they have in common, in a word.
    reasons : mapping of str to str
        Full path of each → why it goes. What is none of the run's images stays.

    Raises
    ------
    WorkDirError
        When there is no finished run.
    """
    found = FoundImages(os.fspath(work_dir))
    rows = sorted(found.row_of[path] for path in reasons if path in found.row_of)
    files = found.candidates(rows).values()
    return _plan_of([_Flawed(file, {flaw: reasons[file.path]}) for file in files], found, (), {})


def _plan_of(
    flawed: Iterable[_Flawed], found: FoundImages, never: Sequence[str], hand: Mapping[str, str]
) -> Plan:
    left_alone: Counter[LeftAlone] = Counter()
    steps: list[Step] = []
    for file, flaws in flawed:
        state = state_of(file)
        if hand.get(file.path) == KEEP:
            continue
        if isinstance(state, LeftAlone):
            left_alone[state] += 1
        elif is_protected(file.path, never):
            left_alone[LeftAlone.NEVER] += 1
        else:
            known = file._replace(size_bytes=state.st_size, mtime_ns=state.st_mtime_ns)
            steps.append(_step(len(steps), known, flaws))
    plan = without_decided(Plan(steps=tuple(steps), left_alone=left_alone), found)
    return with_companions(plan, PhotoFolders(), carry=False).without(never)


def is_broken(reason: str, path: str) -> bool:
    """Return whether a bad file is an image of a known kind that is empty, cut short or damaged."""
    return reason in _BROKEN and path.lower().endswith(IMAGE_ENDINGS)


def broken_paths(found: FinishedRun) -> set[str]:
    """Return the broken files of a run."""
    return {bad.filename for bad in found.bad() if is_broken(bad.reason, bad.filename)}


def _of_good(found: FoundImages, limits: Mapping[str, float]) -> Iterator[_Flawed]:
    limits = {name: limit for name, limit in limits.items() if name not in (BROKEN, CHOSEN)}
    if not limits:
        return
    stats = found.stats(*MEASURES, needed=True)
    columns = {name: np.array(values, np.float64) for name, values in stats.items()}
    cameras = found.metadata_columns("camera").get("camera", ())
    measured = Measured(columns, found.paths, cameras, lambda: _coloured(found))
    flaws = find_flaws(measured, limits)
    for row, file in found.candidates(flaws.keys()).items():
        yield _Flawed(file, flaws[row])


def _coloured(found: FinishedRun) -> FloatArray:
    return ContentSpace.of_run(found).coloured_shares(needed=True)


def _of_decided(found: FoundImages, limits: Collection[str]) -> Iterator[_Flawed]:
    rows = sorted(found.decided.removes) if CHOSEN in limits else ()
    for file in found.candidates(rows).values():
        yield _Flawed(file, {CHOSEN: _DECIDED})


def _of_bad(found: FinishedRun, limits: Collection[str]) -> Iterator[_Flawed]:
    files = AppendOnlyFiles.of(found.work)
    chosen = decided_bad_paths(found) if CHOSEN in limits else frozenset()
    if not (chosen or BROKEN in limits) or not os.path.exists(files.listing):
        return
    details = {bad.filename: bad.detail for bad in found.bad()}
    for stored in files.stored():
        if stored.reason is None:
            continue
        flaws = {}
        if BROKEN in limits and is_broken(stored.reason, stored.uri):
            flaws[BROKEN] = f"{stored.reason.value}: {details.get(stored.uri, '')}"
        if stored.uri in chosen:
            flaws[CHOSEN] = _DECIDED
        if flaws:
            size_bytes, mtime_ns = stored.stamp
            known_ns = mtime_ns if mtime_ns >= 0 else UNKNOWN_TIME
            yield _Flawed(Candidate(stored.uri, 0, 0, size_bytes, known_ns, 0.0), flaws)


def decided_bad_paths(found: FinishedRun) -> frozenset[str]:
    """Return the files that could not be used, and that a person decided to remove."""
    decisions = read_decisions(found.work.decisions)
    named = set(decisions.paths) & {bad.filename for bad in found.bad()}
    if not named:
        return frozenset()
    paths = sorted(named)
    with closing(found.open_reader()) as reader:
        decided = decided_files(found.work, paths, reader)
    return frozenset(paths[place] for place in decided.removes)


def _order(one: _Flawed) -> tuple[object, ...]:
    worst = min(map(list(FLAWS).index, one.flaws))
    return worst, os.fsencode(one.file.path)


def _step(group: int, file: Candidate, flaws: Mapping[str, str]) -> Step:
    return Step(
        group=group,
        action=REMOVE,
        path=file.path,
        kept="",
        similarity=0.0,
        width=file.width,
        height=file.height,
        size_bytes=file.size_bytes,
        mtime_ns=file.mtime_ns,
        blur=file.blur,
        kinds=tuple(flaws),
        why="; ".join(flaws.values()),
    )
