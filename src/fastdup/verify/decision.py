"""The verdict on two aligned pictures, by all that was measured."""

from fastdup.verify.additions import is_addition, is_cover
from fastdup.verify.agreement import Agreement
from fastdup.verify.changes import Changes
from fastdup.verify.equalise import RECOLOURED, TONED
from fastdup.verify.recolouring import (
    has_swapped_channels,
    is_part_recoloured,
    is_toned_throughout,
)
from fastdup.verify.registration import Aligned
from fastdup.verify.tone import is_of_brightness
from fastdup.verify.verdict import STRETCHED, WHOLE, Placement, Verdict

#: What the colours of one picture must explain of the other's, where points and cells leave doubt.
_LEAST_EXPLAINED = 0.6
#: A part smaller than this share is a part, not a crop.
_SMALL_PART = 0.25
#: Share of the cells that may show other detail in a copy, on the side where it is less.
_MOST_DIFFERENT = 0.2
#: Inliers, or share of cells that agree, from which on an alignment is beyond doubt; inliers that
#: do where nothing differs.
_SURE_POINTS, _SURE_SAME, _SOME_POINTS = 30, 0.9, 12
#: Matched points and cells of a photo from which on detail that agrees outweighs levels that do
#: not; drawings in other colours have fewer.
_PROVING_POINTS, _PROVING_CELLS = 75, 40
#: Fewer points do where nearly all that were matched agree, and no detail differs.
_FEW_POINTS, _NEARLY_ALL = 15, 0.75
#: Cells, all but a few of which agree, that make up for few points.
_MANY_CELLS = 200
#: Share of the cells that show other detail in both pictures: something was replaced.
_REPLACED = 0.05
#: The same share below which nothing was.
_UNTOUCHED = 0.01
#: Share of the fine detail below which so little is in common that one picture is worn, by blur or
#: by saving, unless coarser detail differs.
#: By blur it is 0.03 to 1, by saving at quality 20 from 0.47 on; of forms with other values 0.87.
WORN = 0.5
#: Differences beside the texture from which on nothing is the same, however well points match,
#: unless the detail of nearly all cells does: noise and moire of a print are differences, too.
_MOST_LEVEL = 0.45
#: Pictures of fewer colours are drawings, to which any other colours can be given.
#: Photos have 9 (2 to 14 for nine in ten); drawn garments in other colours 3, at most 7.
_FEW_COLOURS = 6
#: Pictures of so many are photos, whose things nobody gives other colours.
_PHOTO_COLOURS = 8
#: Share of the detail that is in one picture alone, from which on other colours may hide it.
#: Of recoloured copies it is up to 0.06, of dark ones up to 0.24 (19 of 20); of other icons from
#: 0.22 on, of other garments up to 0.45: the rule needs the others beside it.
_LOST = 0.3
#: Share of the detail that may have been put on a copy, and what all the rest may differ by.
#: The first is up to 0.29 of 19 in 20 logos, stickers and corners, and 0.38 of watermarks; the
#: second up to 0.07, but 0.37 where corners were darkened. Measured on 150 photos by 24 edits.
_MOST_ADDED, _MOST_BESIDE = 0.5, 0.2
#: Share of the cells beyond the quiet ones, from which on a picture is marked all over. Of 30
#: photos by 12 ways of saving again, resizing, noise and blur it is up to 0.017 (dithered GIF), of
#: watermarks that raise what is usual from 0.07 on.
MARKED = 0.03
#: Share of cells that agree, and differences beside the texture, of two shots of one scene: from
#: the first on where neither picture lies within the other. Of 840 hard copies two are such; of 480
#: other pairs that count as copies or altered 60 are, QR codes and shelves among them.
_MOSTLY_SAME, _LEVEL_OF_PARTS, _LEVEL_OF_SHOTS = 0.7, 0.15, 0.22
#: Share of a picture bent back that differs, and shift of its colours, beyond which both together
#: show another shot, in other light. Of 180 bent copies, those that differ by so much shift by up
#: to 4, two shots of one scene by 9; prints in other colours differ in less.
_OF_A_SHOT, _OTHER_LIGHT = 0.05, 6.0
#: Share of a picture from which on it lies within the other.
_CONTAINED = 0.95
#: Share of the overlap from which on a cover may be all that has other colours.
_WIDE_COVER = 0.25
#: Share of cells that agree in a picture that was toned, and in one that another was blended into,
#: which hides no detail. Inliers, their share of all matched points, and cells that say so: a face
#: in another colour that was toned besides has 10; of drawings of which each colour became any
#: other, 0.5 to 0.6 agree.
_TONED_SAME, _BLENDED_SAME = 0.95, 0.75
_TONED_POINTS, _TONED_AGREEING, _TONED_CELLS = 25, 0.7, 40
#: Inliers, their share of the matched points, and share of the cells that agree, of a whole picture
#: under another one; share of those whose detail may be lost. So 7 of 10 photos under 20 to 45 % of
#: another that level alone would refuse are found, and none of 1,347 pairs that only look alike.
_BENEATH_POINTS, _BENEATH_AGREEING, _BENEATH_SAME, _ALL_THERE = 20, 0.6, 0.55, 0.035
#: Plain pictures count as the same below this level of differences.
_PLAIN_LEVEL = 0.05


def shows_other_detail(agreement: Agreement) -> bool:
    """Return whether both pictures show too much detail that the other has not, for a copy."""
    return min(agreement.only_first, agreement.only_second) > _MOST_DIFFERENT


def decide(
    aligned: Aligned,
    agreement: Agreement,
    changes: Changes,
    placement: Placement,
    *,
    is_plain: bool,
    agrees: bool = False,
    is_print: bool = False,
    is_worn: bool = False,
) -> Verdict:
    """Return what two pictures are to each other, given that they may be copies.

    Parameters
    ----------
    aligned : Aligned
    agreement : Agreement
    changes : Changes
    placement : Placement
    is_plain : bool
        Whether there are neither points nor cells, so that levels decide.
    agrees : bool
        Whether the pixels of both whole pictures agree; see `pixels_agree`.
    is_print : bool
        Whether one has the pattern of a print, which drawings in other colours have not.
    is_worn : bool
        Whether one lost its detail by saving, so that another shot would differ by no more.
    """
    n_inliers = placement.n_inliers
    is_beyond_doubt = n_inliers >= _SURE_POINTS and agreement.same > _SURE_SAME
    differs_in_both = min(agreement.only_first, agreement.only_second)
    is_untouched = differs_in_both < _UNTOUCHED and not changes.regions
    is_well_matched = n_inliers >= _FEW_POINTS and placement.agreeing >= _NEARLY_ALL
    is_proven = (
        (n_inliers >= _PROVING_POINTS or (is_well_matched and differs_in_both < _UNTOUCHED))
        and agreement.same > _SURE_SAME
        and agreement.n_cells >= _PROVING_CELLS
    )
    is_sure = (
        agrees
        or n_inliers >= _SURE_POINTS
        or agreement.same > _SURE_SAME
        or (is_untouched and n_inliers >= _SOME_POINTS)
    )
    if is_plain and (of_plain := _decide_on_plain(changes, placement, agrees=agrees)):
        return of_plain
    is_other = shows_other_detail(agreement) or _are_two_shots(agreement, changes, placement)
    if is_other and not is_worn:
        return Verdict.LOOK_ALIKE
    if placement.is_bent:  # so are other shots of a scene: a doubt is enough to change nothing
        if changes.share > _OF_A_SHOT and changes.shift > _OTHER_LIGHT:
            return Verdict.LOOK_ALIKE
        is_clear = agreement.same > _SURE_SAME and not changes.regions
        return Verdict.EDITED if is_clear else Verdict.ALTERED
    if not is_proven:
        if changes.tone.explained < _LEAST_EXPLAINED and not is_beyond_doubt:
            return Verdict.LOOK_ALIKE
        has_same_detail = agreement.same > _SURE_SAME and agreement.n_cells >= _PROVING_CELLS
        is_one = has_same_detail and n_inliers >= _FEW_POINTS
        if changes.level > _MOST_LEVEL and not (is_one or _shines_through(agreement, placement)):
            return Verdict.LOOK_ALIKE
    is_drawing = changes.n_colours < _FEW_COLOURS and not placement.is_inverted
    more = max(agreement.only_first, agreement.only_second)
    is_one_photo = changes.n_colours >= _PHOTO_COLOURS and _has_all_detail(agreement)
    has_few_points = n_inliers < _SURE_POINTS and not (
        is_well_matched and (is_proven or is_one_photo)
    )
    may_be_other = has_few_points or is_drawing or more > _LOST
    if may_be_other and not is_print and _is_recoloured(aligned, agreement, changes, placement):
        return Verdict.LOOK_ALIKE
    if is_drawing and not is_print and is_part_recoloured(aligned, changes.cells):
        return Verdict.LOOK_ALIKE
    if not is_sure or is_altered(aligned, agreement, changes):
        return Verdict.ALTERED
    if min(placement.of_first, placement.of_second) < _SMALL_PART:
        return Verdict.PART_OF
    return Verdict.SAME_PICTURE if _is_unedited(changes, placement) else Verdict.EDITED


def _decide_on_plain(changes: Changes, placement: Placement, *, agrees: bool) -> Verdict | None:
    """Return what two plain pictures are by their levels, None where these leave doubt."""
    if changes.regions:
        return Verdict.LOOK_ALIKE
    if changes.level < _PLAIN_LEVEL and changes.shift < TONED and placement.is_whole:
        return Verdict.SAME_PICTURE
    return None if agrees else Verdict.LOOK_ALIKE


def _is_unedited(changes: Changes, placement: Placement) -> bool:
    """Return whether a copy is whole, has the same tones, and nothing was put on it."""
    is_unmarked = not changes.regions and changes.beyond_quiet < MARKED
    is_untoned = is_unmarked and not placement.is_inverted and changes.shift < TONED
    return is_untoned and placement.is_whole and placement.stretch <= STRETCHED


def _is_recoloured(
    aligned: Aligned, agreement: Agreement, changes: Changes, placement: Placement
) -> bool:
    """Return whether other colours may make another drawing or another thing of a picture."""
    if changes.shift <= RECOLOURED or agreement.same * agreement.n_cells >= _MANY_CELLS:
        return False
    if is_of_brightness(aligned) or _is_toned(aligned, agreement, placement):
        return False
    return not (changes.share > _WIDE_COVER and is_cover(aligned, changes))


def _is_toned(aligned: Aligned, agreement: Agreement, placement: Placement) -> bool:
    """Return whether other colours are an edit of all of one picture, and not another drawing."""
    less = min(agreement.only_first, agreement.only_second)
    if agreement.same < (_BLENDED_SAME if less < _UNTOUCHED else _TONED_SAME) or less > _REPLACED:
        return False
    is_certain = (
        placement.n_inliers >= _TONED_POINTS
        and placement.agreeing >= _TONED_AGREEING
        and agreement.n_cells >= _TONED_CELLS
    )
    return (is_certain and is_toned_throughout(aligned)) or has_swapped_channels(aligned)


def _shines_through(agreement: Agreement, placement: Placement) -> bool:
    """Return whether one picture has all detail of the other, and more that was laid over it."""
    return (
        placement.n_inliers >= _BENEATH_POINTS
        and placement.agreeing >= _BENEATH_AGREEING
        and agreement.same > _BENEATH_SAME
        and min(agreement.only_first, agreement.only_second) < _ALL_THERE
        and min(placement.of_first, placement.of_second) > WHOLE
    )


def _has_all_detail(agreement: Agreement) -> bool:
    """Return whether most cells agree, and other detail is on one side only, as of a worn copy."""
    differs_in_both = min(agreement.only_first, agreement.only_second)
    return agreement.same > _MOSTLY_SAME and differs_in_both < _REPLACED


def _are_two_shots(agreement: Agreement, changes: Changes, placement: Placement) -> bool:
    """Return whether less agrees than in any copy: another shot, or another pattern of its kind."""
    overlaps_in_part = max(placement.of_first, placement.of_second) < _CONTAINED
    return (
        agreement.same < _MOSTLY_SAME
        and min(agreement.only_first, agreement.only_second) > _REPLACED
        and changes.level > (_LEVEL_OF_PARTS if overlaps_in_part else _LEVEL_OF_SHOTS)
    )


def is_altered(aligned: Aligned, agreement: Agreement, changes: Changes) -> bool:
    """Return whether something was replaced: not put on one of the two, nor lost by wear."""
    more = max(agreement.only_first, agreement.only_second)
    is_worn = changes.in_common < WORN and more < _UNTOUCHED
    if not changes.regions or is_worn:
        return False
    if min(agreement.only_first, agreement.only_second) > _REPLACED:
        return not is_cover(aligned, changes)  # whose border is detail that the other has not
    if more > _MOST_ADDED or changes.level > _MOST_BESIDE:
        return True
    return not is_addition(aligned, changes)
