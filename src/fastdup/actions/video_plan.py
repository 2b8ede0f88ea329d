"""The part of a plan that is about whole videos: which stay, and which may go for them."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

import numpy as np

from fastdup.actions.candidate import Candidate
from fastdup.actions.companions import PhotoFolders
from fastdup.actions.found import FoundImages
from fastdup.actions.keep import CopyChoice, is_protected
from fastdup.actions.may_go import SAFE, Relation
from fastdup.actions.plan import KEEP, REMOVE, Plan, Step
from fastdup.actions.state import LeftAlone, state_of
from fastdup.actions.top_folders import allowed_pairs
from fastdup.actions.video_match import compare_videos, has_namesakes
from fastdup.analysis.pairs import Pairs
from fastdup.analysis.stars import Star, grow_stars
from fastdup.arrays import FloatArray, IntArray
from fastdup.runs.tables import VIDEOS as VIDEO_PAIRS
from fastdup.verify.verdict import Verdict
from fastdup.videos import Videos


def plan_videos(found: FoundImages, choice: CopyChoice, hand: Mapping[str, str]) -> Plan:
    """Return which whole videos may go, as a plan of its own.

    A video may go when it has the same bytes as one that stays, or is the same all along; see
    `compare_videos`. One that belongs to a photo, or has other files of its name beside it, stays.

    Parameters
    ----------
    found : FoundImages
    choice : CopyChoice
    hand : mapping of str to str
        Full path → what a person decided; what is kept stays.
    """
    videos = Videos.among(found.paths)
    left_alone: Counter[LeftAlone] = Counter()
    files: dict[int, Candidate] = {}
    pairs = _candidates(found, videos)
    folders = PhotoFolders()
    inodes = set()
    for number in sorted({*pairs.sources.tolist(), *pairs.targets.tolist()}):
        file = _candidate(found, videos, number)
        state = state_of(file)
        if isinstance(state, LeftAlone):
            left_alone[state] += 1
        elif (state.st_dev, state.st_ino) in inodes:
            left_alone[LeftAlone.SAME_FILE] += 1
        else:
            inodes.add((state.st_dev, state.st_ino))
            files[number] = file._replace(size_bytes=state.st_size)
    allows = allowed_pairs(found, choice, videos.paths)

    @cache
    def relation(kept: int, number: int) -> Relation:
        return compare_videos(files[kept].path, files[number].path, only_bytes=choice.exact)

    by_rule, never = choice.sort_key(), choice.protected()
    stars = grow_stars(
        pairs,
        sorted(files, key=lambda number: by_rule(files[number])),
        threshold=0.0,
        similarity=_none,
        never=[
            number
            for number, file in files.items()
            if is_protected(file.path, never) or hand.get(file.path) == KEEP
        ],
        may_go=lambda kept, number: (
            allows(kept, number)
            and not has_namesakes(files[number].path, folders)
            and relation(kept, number).verdict in SAFE
        ),
    )
    left_alone[LeftAlone.NEVER] += sum(len(star.spared) for star in stars)
    in_groups = {row for star in stars if star.copies for row in (star.kept, *star.copies)}
    left_alone[LeftAlone.NAMESAKES] += sum(
        has_namesakes(files[number].path, folders) for number in files.keys() - in_groups
    )
    steps = [
        step
        for group, star in enumerate(star for star in stars if star.copies)
        for step in _steps(group, star, files, relation, choice)
    ]
    return Plan(steps=tuple(steps), left_alone=+left_alone)


def _candidates(found: FoundImages, videos: Videos) -> Pairs:
    """Return the pairs of videos that may be the same: by size, or because all frames match."""
    numbers = {path: number for number, path in enumerate(videos.paths)}
    pairs = dict.fromkeys(_of_one_size(videos.paths), 1.0)
    columns = found.columns(VIDEO_PAIRS) if found.has_searched else ()
    for one, other, similarity, *facts in zip(*columns, strict=True):
        share, other_share, n_frames, n_others, *_times = facts
        if share == other_share == 1.0 and n_frames == n_others and {one, other} <= numbers.keys():
            pairs.setdefault((numbers[one], numbers[other]), similarity)
    rows = np.array(list(pairs), np.int64).reshape(-1, 2)
    return Pairs(rows[:, 0], rows[:, 1], np.array(list(pairs.values()), np.float64))


def _of_one_size(paths: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield each file with all before it that have as many bytes."""
    by_size: defaultdict[int, list[int]] = defaultdict(list)
    for number, path in enumerate(paths):
        if os.path.isfile(path):
            of_size = by_size[os.path.getsize(path)]
            yield from ((other, number) for other in of_size)
            of_size.append(number)


def _candidate(found: FoundImages, videos: Videos, number: int) -> Candidate:
    """Return a video as the run saw it; its frames have its time of change."""
    path = videos.paths[number]
    first = int(np.argmax(videos.groups == number))
    known = found.candidates([first])[first]
    return Candidate(path, known.width, known.height, -1, known.mtime_ns, 0.0)


def _none(_number: int, others: IntArray) -> FloatArray:
    return np.full(len(others), -1.0)


def _steps(
    group: int,
    star: Star,
    files: dict[int, Candidate],
    relation: Callable[[int, int], Relation],
    choice: CopyChoice,
) -> Iterator[Step]:
    kept = files[star.kept]
    yield _step(group, kept, kept, KEEP, Relation(Verdict.UNVERIFIED), 1.0, "")
    for number, similarity in star.copies.items():
        what, why = relation(star.kept, number), choice.reason(kept, files[number])
        yield _step(group, files[number], kept, REMOVE, what, similarity, why)


def _step(
    group: int,
    file: Candidate,
    kept: Candidate,
    action: str,
    relation: Relation,
    similarity: float,
    why: str,
) -> Step:
    is_copy = action == REMOVE
    return Step(
        group=group,
        action=action,
        path=file.path,
        kept=kept.path,
        similarity=similarity,
        same_bytes=relation.verdict is Verdict.SAME_BYTES if is_copy else None,
        width=file.width,
        height=file.height,
        size_bytes=file.size_bytes,
        mtime_ns=file.mtime_ns,
        verdict=relation.verdict.value,
        why=why,
    )
