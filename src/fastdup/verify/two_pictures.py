"""Two pictures → a verdict: a copy, how it was edited, what was changed, or only alike."""

from dataclasses import replace

import numpy as np

from fastdup.verify.best_map import MANY_POINTS, Candidate, find_best_map
from fastdup.verify.changes import find_changes
from fastdup.verify.coding_blocks import are_coded_differently
from fastdup.verify.covers import look_beside_cover
from fastdup.verify.decision import decide, shows_other_detail
from fastdup.verify.edit_kinds import has_other_detail, list_kinds
from fastdup.verify.kind_words import with_general
from fastdup.verify.orientation import is_alike_upright
from fastdup.verify.picture import Picture
from fastdup.verify.pixel_agreement import pixels_agree
from fastdup.verify.planes import Matrix, covered_share, linear_part, pixel_scale
from fastdup.verify.some_pixels import differ_in_some_pixels
from fastdup.verify.verdict import WHOLE, Judgement, Placement, Verdict

#: Evidence of a copy: so many inliers with such a share of cells that agree, or fewer inliers with
#: more cells that agree, or nothing but cells.
_SURE, _MANY = (30, 0.25, 6), (MANY_POINTS, 0.4, 6)
_SOME_POINTS, _NO_POINTS, _FEW_CELLS = (7, 0.65, 16), (0, 0.9, 40), (0, 0.94, 16)
_EVIDENCE = (_SURE, _MANY, _SOME_POINTS, _NO_POINTS, _FEW_CELLS)

#: Shares of cells that agree of which one picture may be worn by saving: fewer are other pictures',
#: and more are copies in any case; inliers, their share of all matched points, and the share of
#: both pictures that the other shows. Of ten copies saved twice at quality 6 to 14 that less agrees
#: in, they are 0.42 to 0.68, 41, 0.8 and 0.94; of two shots of a shelf 0.5, 106, 0.97 and 0.87.
_WORN_SAME, _WORN_POINTS, _WORN_AGREEING, _NEARLY_WHOLE = (0.4, 0.7), 40, 0.8, 0.9

#: Share of cells that agree in a picture and its print, once the pattern is gone; inliers below
#: which they must be more, and how many more. Of 60 prints it is 0.75 to 1, and at least 0.91 for
#: all but one of those with few points. It is 0.4 where the map is wrong, and 0.75 to 0.9 of other
#: bar charts, by up to 16 points. By still fewer, one garment in two colours would be the same.
_PRINTED, _PRINTED_POINTS, _OF_FEW_POINTS = 0.75, 20, 0.91

#: Words for a picture that was given or lost its colours, however pale these are.
_WITHOUT_COLOUR = frozenset({"grey", "in colour"})


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
    found = find_best_map(first, second)
    seen = _judge_mapped(first, second, found)
    if seen.verdict is Verdict.LOOK_ALIKE and _may_be_print(first, second, found):
        return _judge_print(first, second) or seen
    return seen


def _judge_mapped(first: Picture, second: Picture, found: Candidate | None) -> Judgement:
    if found is None:
        return Judgement(verdict=Verdict.LOOK_ALIKE)
    judgement = _judge_aligned(first, second, found)
    if judgement.verdict is Verdict.LOOK_ALIKE:
        return _judge_uncovered(first, second, found) or judgement
    return judgement


def _may_be_print(first: Picture, second: Picture, found: Candidate | None) -> bool:
    """Return whether something suggests a copy, and one picture has the pattern of a print."""
    if found is None and not is_alike_upright(first.glance, second.glance):
        return False
    one, other = (picture.screen for picture in (first, second))
    if bool(one and one.pitch) != bool(other and other.pitch):
        return True  # dots
    return found is not None and (one is None) != (other is None)


def _judge_print(first: Picture, second: Picture) -> Judgement | None:
    """Return the verdict without the pattern of the print, None where that shows no copy."""
    pitch = max(one.screen.pitch for one in (first, second) if one.screen)
    one, other = (picture.without_screen(pitch) for picture in (first, second))
    found = find_best_map(one, other)
    if found is None or found.is_bent:  # shots of a burst differ as bent pictures do
        return None
    n_inliers = found.transform.n_inliers
    least = _PRINTED if n_inliers >= _PRINTED_POINTS else _OF_FEW_POINTS
    if n_inliers < MANY_POINTS or found.agreement.same < least:
        return None
    seen = _judge_aligned(one, other, found, is_print=True)
    if seen.verdict is Verdict.LOOK_ALIKE:
        return None
    is_same = seen.verdict is Verdict.SAME_PICTURE
    return replace(seen, verdict=Verdict.EDITED) if is_same else seen


def _judge_aligned(
    first: Picture, second: Picture, found: Candidate, *, is_print: bool = False
) -> Judgement:
    """Return what two pictures are to each other, given how one lies in the other."""
    placement = _placement(first, second, found)
    agrees = _agrees(found, placement)
    is_plain = _is_plain(found)
    is_worn = _is_worn(first, second, found, placement)
    is_other = not (is_plain or is_worn) and shows_other_detail(found.agreement)
    if is_other or not (agrees or _has_evidence(found)):
        return Judgement(verdict=Verdict.LOOK_ALIKE)
    changes = find_changes(found.aligned)
    verdict = decide(
        found.aligned,
        found.agreement,
        changes,
        placement,
        is_plain=is_plain,
        agrees=agrees,
        is_print=is_print or (found.is_soft and first.is_dotted != second.is_dotted),
        is_worn=is_worn,
    )
    kinds: tuple[str, ...] = ()
    if verdict is not Verdict.LOOK_ALIKE:
        kinds = list_kinds(
            (first, second),
            found.aligned,
            changes,
            placement,
            verdict,
            is_filtered=found.is_filtered,
        )
    is_changed = (
        found.is_filtered or _WITHOUT_COLOUR & set(kinds) or has_other_detail(changes, kinds)
    )
    if verdict is Verdict.SAME_PICTURE and is_changed:
        verdict = Verdict.EDITED
    if verdict is Verdict.SAME_PICTURE and differ_in_some_pixels(changes, found.aligned.inside):
        verdict, kinds = Verdict.ALTERED, with_general((*kinds, "overlaid"))
    return Judgement(
        verdict=verdict,
        kinds=kinds,
        placement=placement,
        agreement=found.agreement,
        changes=changes,
        aligned=found.aligned,
    )


def _judge_uncovered(first: Picture, second: Picture, found: Candidate) -> Judgement | None:
    """Return what two pictures are beside a plain box on one of them; None where they are none."""
    seen = look_beside_cover(first, second, found.transform, found.aligned)
    if seen is None:
        return None
    cover, agreement = seen
    beside = _judge_aligned(first, second, replace(found, aligned=cover.rest, agreement=agreement))
    if beside.verdict is Verdict.LOOK_ALIKE or beside.changes is None or beside.placement is None:
        return None
    verdict = Verdict.EDITED if beside.verdict is Verdict.SAME_PICTURE else beside.verdict
    changes, placement = cover.added_to(beside.changes), beside.placement
    kinds = list_kinds((first, second), cover.aligned, changes, placement, verdict)
    return replace(beside, verdict=verdict, kinds=kinds, changes=changes, aligned=cover.aligned)


def _placement(first: Picture, second: Picture, found: Candidate) -> Placement:
    to_first = np.asarray(found.aligned.to_first, np.float64)
    to_second = np.linalg.inv(to_first)
    width, height = second.size
    pixels = np.diag(first.size) @ linear_part(to_first) @ np.diag([1 / width, 1 / height])
    is_mirrored = bool(np.linalg.det(pixels) < 0)
    upright = pixels @ np.diag([-1, 1]) if is_mirrored else pixels
    back = np.degrees(np.arctan2(upright[1, 0] - upright[0, 1], np.trace(upright)))
    return Placement(
        to_first=to_first,
        of_first=covered_share(to_first),
        of_second=covered_share(to_second),
        scale=pixel_scale(first.size, second.size, to_second),
        # The map turns the second back, but for a mirror image, which turns the other way.
        angle=float(back if is_mirrored else -back),
        is_mirrored=is_mirrored,
        is_inverted=found.transform.is_inverted,
        n_inliers=found.transform.n_inliers,
        stretch=_stretch(pixels),
        agreeing=found.transform.agreeing,
        is_bent=found.is_bent,
    )


def _stretch(pixels: Matrix) -> float:
    longest, shortest = np.linalg.svd(pixels, compute_uv=False)
    return float(longest / max(shortest, 1e-9))


def _agrees(found: Candidate, place: Placement) -> bool:
    """Return whether whole pictures with too few points to say so are the same by their pixels."""
    is_all = min(place.of_first, place.of_second) > WHOLE
    return is_all and found.transform.n_inliers < MANY_POINTS and pixels_agree(found.aligned)


def _has_evidence(found: Candidate) -> bool:
    """Return whether points and cells say that the pictures may be copies."""
    agreement, n_points = found.agreement, found.transform.n_inliers
    for n_inliers, same, n_cells in _EVIDENCE:
        if n_points >= n_inliers and agreement.same >= same and agreement.n_cells >= n_cells:
            return True
    return _is_plain(found)


def _is_worn(first: Picture, second: Picture, found: Candidate, place: Placement) -> bool:
    """Return whether one picture lost its detail by saving, and all the rest says it is the other.

    So it may be where less agrees than in other copies, but points do, over both whole pictures.
    """
    same, transform = found.agreement.same, found.transform
    return (
        _WORN_SAME[0] < same < _WORN_SAME[1]
        and transform.n_inliers >= _WORN_POINTS
        and transform.agreeing >= _WORN_AGREEING
        and min(place.of_first, place.of_second) >= _NEARLY_WHOLE
        and not found.is_bent
        and are_coded_differently(first.grey, second.grey)
    )


def _is_plain(found: Candidate) -> bool:
    """Return whether there are neither points nor cells, so that levels decide."""
    return found.transform.n_inliers == 0 and found.agreement.n_cells < _FEW_CELLS[2]
