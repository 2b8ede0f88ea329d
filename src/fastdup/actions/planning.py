"""From a finished run to the plan."""

import os
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fastdup.actions.carried_metadata import with_metadata
from fastdup.actions.companions import PhotoFolders
from fastdup.actions.decided_plan import without_decided
from fastdup.actions.exact_duplicates import identical_files
from fastdup.actions.found import FoundImages
from fastdup.actions.keep import CopyChoice
from fastdup.actions.may_go import Relation
from fastdup.actions.plan import KEEP, REMOVE, Compare, Plan
from fastdup.actions.relations import Relations
from fastdup.actions.state import LeftAlone
from fastdup.actions.survey import Survey
from fastdup.actions.top_folders import Allows, allowed_pairs
from fastdup.actions.units import with_companions
from fastdup.actions.video_plan import plan_videos
from fastdup.analysis.pairs import Pairs
from fastdup.analysis.stars import grow_stars
from fastdup.arrays import FloatArray, IntArray
from fastdup.errors import ConfigError
from fastdup.runs.finished import NO_PAIRS
from fastdup.verify.verdict import Verdict


def make_plan(
    work_dir: str | os.PathLike[str],
    choice: CopyChoice,
    *,
    by_hand: Mapping[str, str] | None = None,
    only_files: bool = True,
    between: Compare | None = None,
    takes_companions: bool = True,
    known: dict[tuple[int, int], Relation] | None = None,
) -> Plan:
    """Return which copies stay and which may go, by the results of a finished run.

    No file is touched. A file may go only when it is itself similar enough to a file
    that stays, the two were found to show the same picture, or one edited in a way that may go, it
    is a plain file of this machine, and has the size and time of change that the run saw.

    Parameters
    ----------
    work_dir : path
        The folder of the run.
    choice : CopyChoice
        Which file of each group stays, and what may go.
    by_hand : mapping of str to {"keep", "remove"} or None
        Full path → what a person decided. A file to remove goes when a file of its group stays,
        even if it is only chained to it; the last one of a group always stays. Decisions that are
        remembered, see `decide`, come first.
    only_files : bool
        Whether to leave out what cannot be acted on: symbolic links, images in archives, in
        stores and in videos.
    between : callable or None
        What one row is to another one that would stay; None: as the run found it, else by a look
        at both pictures.
    takes_companions : bool
        Whether what belongs to a photo goes with it; False where its path stays valid.
    known : dict or None
        What earlier plans of the same results found out by reading files, to which this one adds;
        see `Relations`.

    Raises
    ------
    ConfigError
        When the threshold is below that of the run, or a decision by hand is unknown.
    WorkDirError
        When there is no finished run in `work_dir`.
    """
    found = FoundImages(os.fspath(work_dir))
    lowest = choice.lowest(found.threshold)
    relations = Relations(found, known)
    hand = _hand(found, _checked_by_hand(by_hand))
    pairs = found.pairs(found.threshold if REMOVE in hand.values() else lowest)
    return plan_among(
        found,
        pairs,
        choice,
        between or relations.between,
        PhotoFolders(),
        hand=hand,
        only_files=only_files,
        takes_companions=takes_companions,
        whole=_Whole(relations, None if choice.exact else lowest),
    )


class _Whole(NamedTuple):
    """What is counted of a whole plan, not of a part: pairs that stay for what they are."""

    relations: Relations
    lowest: float | None


def plan_among(
    found: FoundImages,
    pairs: Pairs,
    choice: CopyChoice,
    between: Compare,
    folders: PhotoFolders,
    *,
    hand: Mapping[str, str] | None = None,
    only_files: bool = True,
    takes_companions: bool = True,
    whole: _Whole | None = None,
) -> Plan:
    """Return what `make_plan` does, of some pairs alone, whose images hang together.

    Parameters
    ----------
    found : FoundImages
    pairs : Pairs
        Of the run: all that are similar enough, and all of the images to remove by hand.
    choice, between, only_files, takes_companions
        As for `make_plan`.
    hand : mapping of str to {"keep", "remove"} or None
        What is decided on each path; None: as it is remembered.
    folders : PhotoFolders
    whole : _Whole or None
        None: a part of a plan, without videos and the count of what is left alone for what it is.
    """
    hand = _hand(found, {}) if hand is None else hand
    lowest = choice.lowest(found.threshold)
    chains = NO_PAIRS if choice.exact else _of_removed(found, pairs, hand)
    pairs = identical_pairs(found) if choice.exact else _copies(found, pairs, lowest)
    survey = Survey(found, pairs.followed_by(chains), folders, only_files=only_files)
    allows = allowed_pairs(found, choice)
    relation = _surely_same if choice.exact else between
    if not choice.exact:
        survey.add_evidence(pairs, relation)
    order = survey.order(choice, hand)
    stars = grow_stars(
        pairs,
        order,
        threshold=1.0 if choice.exact else lowest,
        similarity=_all_same if choice.exact else found.copy_similarity,
        never=survey.stays(choice.protected(), hand),
        by_hand=[row for row in order if hand.get(found.paths[row]) == REMOVE],
        may_go=lambda kept, row: allows(kept, row) and relation(kept, row).may_go(choice.also),
        chains=chains,
    )
    steps = survey.steps(stars, relation, choice, hand)
    gone = {row for star in stars for row in star.copies}
    refused = whole.relations.refused(choice.also, gone) if whole and not choice.exact else {}
    plan = Plan(
        steps=steps,
        left_alone=survey.left_alone
        + _reasons(refused)
        + _of_folders(pairs, gone, allows, choice)
        + (_of_decided(found, gone) if whole else Counter()),
        edits_left=_edits(refused),
        threshold=lowest,
        keep=choice.keep,
    )
    if choice.videos and only_files and whole:
        plan = plan.followed_by(plan_videos(found, choice, hand))
    plan = without_decided(plan, found, whole and whole.lowest)
    if not takes_companions:
        return plan
    if choice.carry_metadata:
        plan = with_metadata(plan, survey.metadata(), folders)
    plan = with_companions(plan, folders, carry=choice.carry_companions)
    return plan.without(choice.protected())


def _hand(found: FoundImages, by_hand: Mapping[str, str]) -> dict[str, str]:
    """Return path → "keep" or "remove", as decided now and as it is remembered."""
    hand = {found.paths[row]: REMOVE for row in found.decided.removes} | dict(by_hand)
    return hand | {found.paths[row]: KEEP for row in found.decided.keeps}


def _copies(found: FoundImages, pairs: Pairs, lowest: float) -> Pairs:
    """Return those of some pairs that may be copies, and reach `lowest`."""
    close = pairs.picked(pairs.similarities >= lowest)
    return close.picked(found.verdicts.are_copies(close.sources, close.targets))


def _of_removed(found: FoundImages, pairs: Pairs, hand: Mapping[str, str]) -> Pairs:
    """Return the copies of what a person decided to remove, however similar the run found them."""
    is_removed = np.zeros(len(found.paths), bool)
    rows = (found.row_of.get(path, -1) for path, what in hand.items() if what == REMOVE)
    is_removed[[row for row in rows if row >= 0]] = True
    theirs = pairs.picked(is_removed[pairs.sources] | is_removed[pairs.targets])
    return _copies(found, theirs, found.threshold)


_REASONS = {
    Verdict.SAME_PICTURE: LeftAlone.EDITED,  # toned, if only slightly
    Verdict.EDITED: LeftAlone.EDITED,
    Verdict.PART_OF: LeftAlone.PART_OF,
    Verdict.ALTERED: LeftAlone.ALTERED,
}


def _reasons(refused: Mapping[Relation, int]) -> Counter[LeftAlone]:
    counts: Counter[LeftAlone] = Counter()
    for relation, n_pairs in refused.items():
        counts[_REASONS[relation.verdict]] += n_pairs
    return counts


def _of_folders(
    pairs: Pairs, gone: set[int], allows: Allows, choice: CopyChoice
) -> Counter[LeftAlone]:
    """Return how many pairs are left out for their folders, of images that stay."""
    if not (choice.across or choice.within):
        return Counter()
    ends = zip(pairs.sources.tolist(), pairs.targets.tolist(), strict=True)
    left_out = {
        (min(one, other), max(one, other))
        for one, other in ends
        if one not in gone and other not in gone and not allows(one, other)
    }
    return Counter({LeftAlone.FOLDERS: len(left_out)} if left_out else {})


def _of_decided(found: FoundImages, gone: set[int]) -> Counter[LeftAlone]:
    """Return how many images stay that a person decided to remove, for nothing stands for them."""
    left = [row for row in found.decided.removes - gone if os.path.lexists(found.paths[row])]
    return Counter({LeftAlone.NO_COPY: len(left)} if left else {})


def _edits(refused: Mapping[Relation, int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for relation, n_pairs in refused.items():
        if relation.verdict is Verdict.EDITED:
            counts.update(dict.fromkeys(relation.needs(), n_pairs))
    return counts


def identical_pairs(found: FoundImages) -> Pairs:
    """Return the pairs of images whose files have the very same bytes."""
    copies = [(found.row_of[a], found.row_of[b]) for a, b in identical_files(found.sizes())]
    rows = np.array(copies, np.int64).reshape(-1, 2)
    return Pairs(rows[:, 0], rows[:, 1], np.ones(len(rows)))


def _all_same(_row: int, others: IntArray) -> FloatArray:
    return np.ones(len(others))


def _surely_same(_kept: int, _row: int) -> Relation:
    return Relation(Verdict.SAME_BYTES)


def _checked_by_hand(by_hand: Mapping[str, str] | None) -> dict[str, str]:
    for path, decision in (by_hand or {}).items():
        if decision not in (KEEP, REMOVE):
            raise ConfigError(f"by_hand: {decision!r} for {path!r}: it is 'keep' or 'remove'")
    return dict(by_hand or {})
