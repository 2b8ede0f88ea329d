"""Two pictures → a verdict: a copy, how it was edited, what was changed, or only alike."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from fastdup.verify.additions import is_addition
from fastdup.verify.agreement import Agreement, compare_detail
from fastdup.verify.changes import Changes, find_changes
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
#: What the colours of one picture must explain of the other's, where points and cells leave doubt.
_LEAST_EXPLAINED = 0.6
#: Share of a picture that counts as all of it.
_WHOLE = 0.97
#: A part smaller than this share is a part, not a crop.
_SMALL_PART = 0.25
#: Degrees from which on a picture is turned; the logarithm of a scale that is another size.
_UPRIGHT, _RESIZED = 1.0, 0.03
#: Share of the cells that may show other detail in a copy, on the side where it is less.
_MOST_DIFFERENT = 0.2
#: Inliers, or share of cells that agree, from which on an alignment is beyond doubt.
_SURE_POINTS, _SURE_SAME = 30, 0.9
#: Cells, all but a few of which agree, that make up for few points.
_MANY_CELLS = 200
#: Share of the cells that show other detail in both pictures: something was replaced.
_REPLACED = 0.05
#: The same share below which nothing was.
_UNTOUCHED = 0.01
#: Differences beside the texture from which on nothing is the same, however well points match.
_MOST_LEVEL = 0.45
#: Grey levels from which on a picture is toned, or has other colours altogether.
_TONED, _RECOLOURED = 14.0, 40.0
#: Plain pictures count as the same below this level of differences.
_PLAIN_LEVEL = 0.05
#: Side of the cells whose colours are compared, and which of their differences counts.
_COLOUR_CELL, _SHIFTED = 8, 0.7


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
    shift = _colour_shift(found.aligned)
    verdict = _decide(found, changes, placement, shift)
    kinds = () if verdict is Verdict.LOOK_ALIKE else tuple(_kinds(changes, placement, shift))
    return Judgement(
        verdict=verdict,
        kinds=kinds,
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
    angle = np.degrees(np.arctan2(upright[1, 0] - upright[0, 1], np.trace(upright)))
    return Placement(
        to_first=to_first,
        of_first=_covered(to_first),
        of_second=_covered(to_second),
        scale=pixel_scale(first.size, second.size, to_second),
        angle=float(angle),
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


def _decide(found: _Candidate, changes: Changes, placement: Placement, shift: float) -> Verdict:
    agreement, n_inliers = found.agreement, found.transform.n_inliers
    is_beyond_doubt = n_inliers >= _SURE_POINTS and agreement.same > _SURE_SAME
    n_same = agreement.same * agreement.n_cells
    differs_in_both = min(agreement.only_first, agreement.only_second)
    is_untouched = differs_in_both < _UNTOUCHED and not changes.regions
    is_sure = (
        n_inliers >= _SURE_POINTS
        or agreement.same > _SURE_SAME
        or (is_untouched and n_inliers >= _MANY_POINTS[0])
    )
    if _is_plain(found):
        is_same = changes.level < _PLAIN_LEVEL and not changes.regions and shift < _TONED
        return Verdict.SAME_PICTURE if is_same and _is_whole(placement) else Verdict.LOOK_ALIKE
    if changes.tone.explained < _LEAST_EXPLAINED and not is_beyond_doubt:
        return Verdict.LOOK_ALIKE
    if differs_in_both > _MOST_DIFFERENT or changes.level > _MOST_LEVEL:
        return Verdict.LOOK_ALIKE
    if shift > _RECOLOURED and n_inliers < _SURE_POINTS and n_same < _MANY_CELLS:
        return Verdict.LOOK_ALIKE
    if not is_sure or (changes.regions and differs_in_both > _REPLACED):
        return Verdict.ALTERED
    if changes.regions and not is_addition(found.aligned, changes):
        return Verdict.ALTERED
    if min(placement.of_first, placement.of_second) < _SMALL_PART:
        return Verdict.PART_OF
    is_plain = not changes.regions and not placement.is_inverted and shift < _TONED
    return Verdict.SAME_PICTURE if is_plain and _is_whole(placement) else Verdict.EDITED


def _is_whole(placement: Placement) -> bool:
    """Return whether both pictures show all of the other, upright."""
    is_upright = not placement.is_mirrored and abs(placement.angle) < _UPRIGHT
    return is_upright and min(placement.of_first, placement.of_second) > _WHOLE


def _kinds(changes: Changes, placement: Placement, shift: float) -> Iterator[str]:
    """Yield how the second picture differs from the first."""
    if placement.of_first < _WHOLE:
        yield "cropped"
    if placement.of_second < _WHOLE:
        yield "framed"
    if placement.is_mirrored:
        yield "mirrored"
    if abs(placement.angle) >= _UPRIGHT:
        yield "turned"
    if placement.is_inverted:
        yield "inverted"
    elif shift >= _TONED:
        yield "toned"
    if changes.regions:
        yield "overlaid"
    if abs(np.log(placement.scale)) > _RESIZED:
        yield "resized"


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


def _colour_shift(aligned: Aligned) -> float:
    """Return by how many grey levels the colours of small cells differ, without any map."""
    one, other = (
        np.asarray(Image.fromarray(picture).reduce(_COLOUR_CELL), np.int16)
        for picture in (aligned.first, aligned.second)
    )
    inside = np.asarray(Image.fromarray(aligned.inside).convert("L").reduce(_COLOUR_CELL)) == 255
    shifts = np.abs(one - other).max(2)[inside]
    return float(np.quantile(shifts, _SHIFTED)) if len(shifts) else 0.0
