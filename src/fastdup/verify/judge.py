"""Two pictures → a verdict: a copy, how it was edited, what was changed, or only alike."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fastdup.verify.agreement import Agreement, compare_detail
from fastdup.verify.changes import find_changes
from fastdup.verify.colour_map import colour_shift
from fastdup.verify.decision import decide
from fastdup.verify.edit_kinds import list_kinds
from fastdup.verify.keypoints import CLOSE, QUICK
from fastdup.verify.orientation import snapped, whole_frame
from fastdup.verify.picture import Picture
from fastdup.verify.registration import Aligned, overlay, pixel_scale, refine
from fastdup.verify.transform import FEWEST_INLIERS, Matrix, Transform, find_transform
from fastdup.verify.verdict import Judgement, Placement, Verdict


@dataclass(frozen=True, eq=False)
class _Candidate:
    transform: Transform
    aligned: Aligned
    agreement: Agreement

    @property
    def weight(self) -> float:
        return self.agreement.same * min(self.agreement.n_cells, 20)


#: Evidence of a copy: so many inliers with such a share of cells that agree, or fewer inliers with
#: more cells that agree, or nothing but cells.
_SURE, _MANY_POINTS = (30, 0.25, 6), (12, 0.4, 6)
_SOME_POINTS, _NO_POINTS, _FEW_CELLS = (7, 0.65, 16), (0, 0.9, 40), (0, 0.94, 16)
_EVIDENCE = (_SURE, _MANY_POINTS, _SOME_POINTS, _NO_POINTS, _FEW_CELLS)


def judge(first: Picture, second: Picture) -> Judgement:
    """Return what two pictures are to each other.

    Parameters
    ----------
    first, second : Picture

    Returns
    -------
    Judgement
        Never ``same_bytes``, ``same_pixels`` or ``unverified``, which the pixels alone do not show.
    """
    found = _best_candidate(first, second)
    if found is None or not _has_evidence(found):
        return Judgement(verdict=Verdict.LOOK_ALIKE)
    changes = find_changes(found.aligned)
    placement = _placement(first, second, found)
    shift = colour_shift(found.aligned)
    verdict = decide(
        found.aligned, found.agreement, changes, placement, shift, is_plain=_is_plain(found)
    )
    has_kinds = verdict is not Verdict.LOOK_ALIKE
    return Judgement(
        verdict=verdict,
        kinds=tuple(list_kinds(changes, placement, shift)) if has_kinds else (),
        placement=placement,
        agreement=found.agreement,
        changes=changes,
    )


def _best_candidate(first: Picture, second: Picture) -> _Candidate | None:
    """Return the alignment in which most detail agrees, None where nothing suggests one."""
    best: _Candidate | None = None
    for guess in _guesses(first, second):
        found = _aligned(first, second, guess)
        if best is None or found.weight > best.weight:
            best = found
    return best


def _guesses(first: Picture, second: Picture) -> Iterator[Transform]:
    """Yield the maps that are worth a look."""
    whole = whole_frame(first.glance, second.glance)
    negatives = whole.may_be_negative
    transform = find_transform(first.features(QUICK), second.features(QUICK), negatives=negatives)
    n_inliers = transform.n_inliers if transform else 0
    if n_inliers < _MANY_POINTS[0] and (first.is_page or second.is_page):
        closer = find_transform(first.features(CLOSE), second.features(CLOSE), negatives=negatives)
        if closer is not None and closer.n_inliers > n_inliers:
            transform, n_inliers = closer, closer.n_inliers
    nearest_whole = snapped(transform) if transform else None
    if transform is not None and n_inliers >= FEWEST_INLIERS:
        yield nearest_whole or transform
    if n_inliers < _MANY_POINTS[0] and nearest_whole is None and whole.transform:
        yield whole.transform


def _aligned(first: Picture, second: Picture, guess: Transform) -> _Candidate:
    sign = -1.0 if guess.is_inverted else 1.0
    aligned = overlay(
        first.image, second.image, refine(first.grey, second.grey, guess.to_first, sign)
    )
    return _Candidate(guess, aligned, compare_detail(aligned))


def _placement(first: Picture, second: Picture, found: _Candidate) -> Placement:
    to_first = np.asarray(found.aligned.to_first, np.float64)
    to_second = np.linalg.inv(to_first)
    width, height = second.size
    pixels = np.diag(first.size) @ to_first[:2, :2] @ np.diag([1 / width, 1 / height])
    is_mirrored = bool(np.linalg.det(pixels) < 0)
    upright = pixels @ np.diag([-1, 1]) if is_mirrored else pixels
    back = np.degrees(np.arctan2(upright[1, 0] - upright[0, 1], np.trace(upright)))
    return Placement(
        to_first=to_first,
        of_first=_covered(to_first),
        of_second=_covered(to_second),
        scale=pixel_scale(first.size, second.size, to_second),
        # The map turns the second back, but for a mirror image, which turns the other way.
        angle=float(back if is_mirrored else -back),
        is_mirrored=is_mirrored,
        is_inverted=found.transform.is_inverted,
        n_inliers=found.transform.n_inliers,
    )


def _covered(matrix: Matrix) -> float:
    """Return the share of the unit square that the mapped unit square covers, on a grid."""
    back = np.linalg.inv(matrix)
    points = (np.arange(64) + 0.5) / 64
    x, y = np.meshgrid(points, points)
    u = back[0, 0] * x + back[0, 1] * y + back[0, 2]
    v = back[1, 0] * x + back[1, 1] * y + back[1, 2]
    return float(((u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)).mean())


def _has_evidence(found: _Candidate) -> bool:
    """Return whether points and cells say that the pictures may be copies."""
    agreement, n_points = found.agreement, found.transform.n_inliers
    for n_inliers, same, n_cells in _EVIDENCE:
        if n_points >= n_inliers and agreement.same >= same and agreement.n_cells >= n_cells:
            return True
    return _is_plain(found)


def _is_plain(found: _Candidate) -> bool:
    """Return whether there are neither points nor cells, so that levels decide."""
    return found.transform.n_inliers == 0 and found.agreement.n_cells < _FEW_CELLS[2]
