"""The map of one picture to the other under which they agree best, by a quick look, then closer.

The quick look settles most pairs: matched points, or the whole frame. Where points match and detail
does not, the picture may be seen from the side, or be a print or a blurred copy: then a projective
map is tried, and the comparison on a coarser grid. Where points match all over and no flat map
fits, it may have been bent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from fastdup.verify.agreement import Agreement, compare_detail
from fastdup.verify.bending import unbend
from fastdup.verify.blur import equally_blurred
from fastdup.verify.homography import agreeing_with, fit_homography
from fastdup.verify.keypoints import CLOSE, FIRST, PAGE, QUICK, SOFT, Detail
from fastdup.verify.orientation import snapped, whole_frame
from fastdup.verify.picture import Picture
from fastdup.verify.planes import Matrix, covered_share, mapped
from fastdup.verify.registration import Aligned, overlay, refine, refine_outlines
from fastdup.verify.sharpness import coarser, differ_in_sharpness, softened
from fastdup.verify.transform import FEWEST_INLIERS, Transform, find_transform
from fastdup.verify.verdict import WHOLE

#: Inliers from which on the map of the matched points is not doubted.
MANY_POINTS = 12
#: Inliers at the first look from which on a closer look shows nothing new, and below which there is
#: none. One picture is so much larger than the other that a part of it is small at the first look.
_SURE_POINTS, _SUGGESTIVE_POINTS, _MUCH_LARGER = 75, 5, 1.7
#: A map that is in doubt is tried on small pictures first: both sides keep so many pixels. It is
#: given up where so many cells show detail in both, and too small a share of them agrees.
_GLIMPSE_SIDE, _GLIMPSED_CELLS = 80, 24
#: That share for most maps, for one of too few points to be evidence, and for one with some points.
#: Copies show more there, but for pages of one form, and those that were bent. And for a projective
#: map of pictures that are equally sharp.
_GLIMPSED, _OF_FEW_POINTS, _OF_SOME_POINTS, _OF_EQUALLY_SHARP = 0.5, 0.75, 0.3, 0.8
#: Inliers that are evidence, if much else is.
_SOME_POINTS = 7
#: Inliers from which on a flat map is tried at once.
_NO_DOUBT = 30
#: A projective map of these that moves no part by this share of a side adds no more than so much to
#: the share of cells that agree; so many places along a side are compared.
_LEAST_MOVED, _MOST_ADDED, _N_COMPARED = 0.01, 0.1, 5
#: Share of cells that agree, of so many at least, from which on no other map is tried.
_SETTLED, _SETTLING_CELLS = 0.9, 16
#: Where so large a share of so many matched points agree and cells do not, outlines may be aligned:
#: if so many cells agree then, and by so much more.
_SURELY_MANY, _CONCURRING, _MOSTLY, _CLEARLY_MORE = 15, 0.75, 0.63, 2.0
#: Cells that must be compared without the dots of a print, or blurred, for so little is left then.
_SOFT_CELLS = 40
#: Share of cells, of so many at least, that agree in a picture bent back, and by how much that is
#: more than it was. Of 160 made pairs of shots in one light that differ by parallax alone, 104 are
#: copies or altered so, and 96 were with 0.8 and five rounds of moving parts.
_UNBENT, _BENT_CELLS, _STRAIGHTENED = 0.83, 40, 0.15
#: By how much coarser pictures of other sharpness are compared.
_COARSER = (2, 3)
#: Cells from which on more of them do not count for more.
_ENOUGH_CELLS = 20


@dataclass(frozen=True, eq=False)
class Candidate:
    """A map, the pictures drawn by it, and how far they agree.

    Where `is_bent`, the second was drawn by no flat map, but bent back by more than coding moves
    points; where `is_soft`, both without the dots of a print; where `is_filtered`, the sharper one
    as blurred as the other.
    """

    transform: Transform
    aligned: Aligned
    agreement: Agreement
    is_bent: bool = False
    is_soft: bool = False
    is_filtered: bool = False

    @property
    def weight(self) -> float:
        """How much agrees."""
        return self.agreement.same * min(self.agreement.n_cells, _ENOUGH_CELLS)

    @property
    def is_settled(self) -> bool:
        """Whether nearly all detail agrees, so that no other map can be better."""
        return self.agreement.same > _SETTLED and self.agreement.n_cells >= _SETTLING_CELLS


def find_best_map(first: Picture, second: Picture) -> Candidate | None:
    """Return the map under which most detail agrees, None where nothing suggests one."""
    best: Candidate | None = None
    for guess in _guesses(first, second):
        found = _aligned(first, second, guess)
        if best is None or found.weight > best.weight:
            best = found
    if best is None or best.is_settled:
        return best
    closer = (look for look in _closer_looks(first, second, best) if look.is_settled)
    return next(filter(_is_contained, closer), None) or _unbent(first, second, best) or best


def _guesses(first: Picture, second: Picture) -> Iterator[Transform]:
    """Yield the maps that are worth a look."""
    whole, negatives = whole_frame(first.glance, second.glance)
    seen = find_transform(first.features(FIRST), second.features(FIRST), negatives=negatives)
    n_inliers = seen.n_inliers if seen else 0
    agrees = None
    if whole and n_inliers < MANY_POINTS:
        agrees = _glimpse(first, second, whole)
        whole = whole if agrees >= _GLIMPSED else None
    found = seen
    if n_inliers < _SURE_POINTS:
        is_suggestive = n_inliers >= _SUGGESTIVE_POINTS or whole is not None
        found = _seen_closer(first, second, seen, negatives, is_suggestive=is_suggestive)
    n_inliers, nearest_whole = 0, None
    if found is not None and found.n_inliers >= FEWEST_INLIERS:
        n_inliers, nearest_whole = found.n_inliers, snapped(found)
        if _is_worth_drawing(first, second, nearest_whole or found):
            yield nearest_whole or found
    if whole is None or (nearest_whole and np.allclose(nearest_whole.to_first, whole.to_first)):
        return
    if n_inliers < MANY_POINTS:
        if agrees is None or agrees >= _OF_FEW_POINTS:
            yield whole
    elif nearest_whole or n_inliers < _SURE_POINTS:
        agrees = _glimpse(first, second, whole) if agrees is None else agrees
        if agrees > _SETTLED:
            yield whole  # a symmetric picture has points in common with its own mirror image


def _seen_closer(
    first: Picture,
    second: Picture,
    seen: Transform | None,
    negatives: bool,
    *,
    is_suggestive: bool,
) -> Transform | None:
    """Return the map that most matched points agree with, by looks that are closer if need be."""

    def match(ours: Detail, theirs: Detail) -> Transform | None:
        return find_transform(first.features(ours), second.features(theirs), negatives=negatives)

    sides = sorted(max(one.size) for one in (first, second))
    if is_suggestive or sides[1] >= _MUCH_LARGER * sides[0]:
        seen = match(QUICK, QUICK)
    n_inliers = seen.n_inliers if seen else 0
    if n_inliers < MANY_POINTS and (first.is_page or second.is_page):

        def match_page(detail: Detail) -> Transform | None:
            return match(*(detail if one.is_page else FIRST for one in (first, second)))

        # Of two pages that have nothing in common so far, text would be compared with text.
        hint = match_page(PAGE) if first.is_page != second.is_page else seen
        closer = match_page(CLOSE) if hint else None
        if closer is not None and closer.n_inliers > n_inliers:
            return closer
    if n_inliers < MANY_POINTS and first.is_dotted != second.is_dotted:
        closer = match(SOFT, SOFT)
        if closer is not None and closer.n_inliers >= MANY_POINTS:
            return closer
    return seen


def _is_worth_drawing(first: Picture, second: Picture, guess: Transform) -> bool:
    """Return whether matched points leave no doubt of a map, or small pictures may agree by it."""
    if guess.n_inliers < MANY_POINTS:
        least = _OF_FEW_POINTS if guess.n_inliers < _SOME_POINTS else _GLIMPSED
        return _glimpse(first, second, guess) >= least
    is_in_doubt = guess.n_inliers < _NO_DOUBT and guess.agreeing < _CONCURRING
    if not is_in_doubt or first.is_page or second.is_page:
        return True
    if _glimpse(first, second, guess) >= _OF_SOME_POINTS:
        return True
    from_the_side = _from_the_side(guess)
    return from_the_side is not None and _glimpse(first, second, from_the_side) >= _GLIMPSED


def _glimpse(first: Picture, second: Picture, guess: Transform) -> float:
    """Return how large a share of small pictures agrees by a map; 1 where too little is seen."""
    one, other = (
        small.reduce(2) if min(small.size) >= 2 * _GLIMPSE_SIDE else small
        for small in (first.small, second.small)
    )
    to_first = refine(one, other, guess.to_first, -1.0 if guess.is_inverted else 1.0)
    found = compare_detail(overlay(one.convert("RGB"), other.convert("RGB"), to_first))
    return found.same if found.n_cells >= _GLIMPSED_CELLS else 1.0


def _aligned(first: Picture, second: Picture, guess: Transform) -> Candidate:
    sign = -1.0 if guess.is_inverted else 1.0
    to_first = refine(first.grey, second.grey, guess.to_first, sign)
    aligned = overlay(first.image, second.image, to_first)
    found = Candidate(guess, aligned, compare_detail(aligned))
    if found.is_settled or guess.n_inliers < _SURELY_MANY or guess.agreeing < _CONCURRING:
        return found
    to_first = refine_outlines(first.grey, second.grey, guess.to_first)
    aligned = overlay(first.image, second.image, to_first)
    outlined = Candidate(guess, aligned, compare_detail(aligned))
    is_right = outlined.agreement.same >= _MOSTLY and outlined.weight > found.weight + _CLEARLY_MORE
    return outlined if is_right else found


def _closer_looks(first: Picture, second: Picture, found: Candidate) -> Iterator[Candidate]:
    """Yield the pictures seen from the side and on coarser grids, the finest first."""
    is_sharper = differ_in_sharpness(found.aligned)
    if is_sharper:
        yield _coarser(found, _COARSER[0])
    drawn = [found]
    guess = _from_the_side(found.transform)
    if guess is not None and _may_show_more(first, second, found, guess, is_sharper=is_sharper):
        seen = _aligned(first, second, guess)
        drawn.append(seen)
        yield seen
        if is_sharper:
            yield _coarser(seen, _COARSER[0])
    if is_sharper:  # by the map that drew it first: a bent one blurs what it draws
        for factor in _COARSER[1:]:
            yield from (_coarser(one, factor) for one in drawn)
        if found.transform.n_inliers >= MANY_POINTS:
            soft = map(_softened, drawn)
            yield from (one for one in soft if one.agreement.n_cells >= _SOFT_CELLS)
        filtered = filter(None, map(_filtered, drawn))
        yield from (one for one in filtered if one.agreement.n_cells >= _SOFT_CELLS)


def _from_the_side(transform: Transform) -> Transform | None:
    """Return the same points with the projective map that fits them, None where none does."""
    matches = transform.matches
    if matches is None or transform.n_inliers < MANY_POINTS:
        return None
    to_first = fit_homography(matches, transform.to_first)
    if to_first is None:
        return None
    n_inliers, agreeing = agreeing_with(matches, to_first)
    n_inliers = max(n_inliers, transform.n_inliers)
    return replace(transform, to_first=to_first, n_inliers=n_inliers, agreeing=agreeing)


def _may_show_more(
    first: Picture, second: Picture, found: Candidate, guess: Transform, *, is_sharper: bool
) -> bool:
    """Return whether nearly all may agree by a projective map of the same points."""
    if is_sharper:
        return _glimpse(first, second, guess) >= _GLIMPSED
    is_hopeless = found.agreement.same + _MOST_ADDED < _SETTLED
    if is_hopeless and _most_moved(guess.to_first, found.transform.to_first) < _LEAST_MOVED:
        return False
    return _glimpse(first, second, guess) >= _OF_EQUALLY_SHARP


def _most_moved(one: Matrix, other: Matrix) -> float:
    """Return how far apart two maps bring a part of the second picture, in unit coordinates."""
    x, y = np.meshgrid(*[np.linspace(0, 1, _N_COMPARED)] * 2)
    places, others = (np.array(mapped(matrix, x, y)) for matrix in (one, other))
    return float(np.hypot(*(places - others)).max())


def _coarser(found: Candidate, factor: int) -> Candidate:
    aligned = coarser(found.aligned, factor)
    return Candidate(found.transform, aligned, compare_detail(aligned))


def _softened(found: Candidate) -> Candidate:
    aligned = softened(found.aligned)
    return Candidate(found.transform, aligned, compare_detail(aligned), is_soft=True)


def _filtered(found: Candidate) -> Candidate | None:
    aligned = equally_blurred(found.aligned)
    if aligned is None:
        return None
    return Candidate(found.transform, aligned, compare_detail(aligned), is_filtered=True)


def _unbent(first: Picture, second: Picture, found: Candidate) -> Candidate | None:
    """Return the second picture bent back, None unless it shows much more of the same so."""
    transform = found.transform
    if transform.matches is None or transform.n_inliers < MANY_POINTS or not _is_contained(found):
        return None
    same, to_first = found.agreement.same, found.aligned.to_first
    if same + _STRAIGHTENED >= 1:  # no more than all can agree
        return None
    found_bent = unbend(first.image, second.image, transform.matches, to_first, same)
    if found_bent is None:
        return None
    aligned, is_bent = found_bent
    for straight in (aligned, coarser(aligned, _COARSER[0])):
        seen = Candidate(transform, straight, compare_detail(straight), is_bent=is_bent)
        is_clear = seen.agreement.same > _UNBENT and seen.agreement.n_cells >= _BENT_CELLS
        if is_clear and seen.agreement.same > same + _STRAIGHTENED:
            return seen
    return None


def _is_contained(found: Candidate) -> bool:
    """Return whether one picture lies within the other: two photos of one scene rarely do."""
    to_first = found.aligned.to_first
    return max(covered_share(to_first), covered_share(np.linalg.inv(to_first))) > WHOLE
