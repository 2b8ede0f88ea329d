"""How the second of two copies differs from the first: the words of `kind_words` that are true."""

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np

from fastdup.verify.additions import cut_changed
from fastdup.verify.changes import Changes, pixels_of
from fastdup.verify.decision import MARKED, WORN
from fastdup.verify.drawn_on import are_words, is_on_second
from fastdup.verify.enlargement import Gain, gain_of_larger
from fastdup.verify.equalise import TONED, colour_shift
from fastdup.verify.fine_detail import describe_fine_detail, is_same_detail
from fastdup.verify.framing import describe_framing, is_seen_aslant, is_tilted
from fastdup.verify.kind_words import with_general
from fastdup.verify.picture import Picture
from fastdup.verify.planes import pixel_scale
from fastdup.verify.registration import Aligned
from fastdup.verify.sharpness import fine_detail
from fastdup.verify.tone import describe_tone
from fastdup.verify.verdict import STRETCHED, UPRIGHT, Placement, Verdict

#: The logarithm of a scale that is another size.
_RESIZED = 0.03
#: Degrees from which on a picture that is seen from another side, or bent, is turned, too.
_SEEN_TURNED = 20.0
#: Share of the smaller side, below which the grid is a coarser one, as of pictures of other
#: sharpness; how much less fine detail one picture then has for it to be the blurred one.
_COARSER, _CLEARLY_LESS = 0.75, 0.7
#: Verdicts of pairs in which nothing else may explain finer differences.
_COPIES = frozenset({Verdict.SAME_PICTURE, Verdict.EDITED})
_OF_NOISE = frozenset({"noisy", "less noisy"})
_OF_FINE_DETAIL = _OF_NOISE | {"blurred", "sharpened"}


def list_kinds(
    pictures: tuple[Picture, Picture],
    aligned: Aligned,
    changes: Changes,
    placement: Placement,
    verdict: Verdict,
    *,
    is_filtered: bool = False,
) -> tuple[str, ...]:
    """Return the words for how the second picture differs from the first, the general ones too.

    Parameters
    ----------
    pictures : (Picture, Picture)
    aligned : Aligned
        Both on one grid.
    changes : Changes
    placement : Placement
    verdict : Verdict
        Not ``look_alike``, of which nothing can be said.
    is_filtered : bool
        Whether `aligned` has the sharper one as blurred as the other.
    """
    found = list(_placing(pictures, placement))
    is_flat_copy = verdict in _COPIES and not placement.is_bent
    if is_filtered:
        detail = _blur(pictures)
    else:
        detail = _fine_detail(pictures, aligned, changes, placement) if is_flat_copy else ""
    is_marked = is_flat_copy and _is_marked(changes) and detail in {"", *_OF_NOISE}
    if detail in _OF_NOISE and (changes.regions or is_marked):  # what was drawn is no noise
        detail = ""
    may_be_toned = verdict in _COPIES and not (changes.regions or detail or is_marked)
    found += [*_tones(aligned, changes, placement, may_be_toned=may_be_toned), detail]
    if changes.regions and not placement.is_bent:
        found.append(drawn_kind(aligned, changes, verdict))
    elif is_marked:
        found.append("overlaid")
    return with_general(filter(None, found))


def _is_marked(changes: Changes) -> bool:
    """Return whether something was drawn all over a picture, and nothing else was changed.

    Where little of the fine detail is in common, saving with a low quality, or bending, took it.
    """
    is_marked = not changes.regions and changes.beyond_quiet >= MARKED
    return is_marked and changes.shift < TONED and changes.in_common >= WORN


def drawn_kind(aligned: Aligned, changes: Changes, verdict: Verdict) -> str:
    """Return the word for what was put on one of two pictures; "" where it hardly shows."""
    if changes.equal is None:
        return "overlaid"
    part = cut_changed(aligned, changes.cells, changes.equal)
    if part.is_faint:
        return ""
    if verdict is not Verdict.ALTERED and not is_on_second(aligned, changes, part):
        return "uncovered"
    return "captioned" if are_words(aligned, changes, part) else "overlaid"


def has_other_detail(changes: Changes, kinds: Collection[str]) -> bool:
    """Return whether one picture was clearly blurred, sharpened, or given noise."""
    if changes.equal is None:
        return False
    sharpness = changes.equal.sharpness
    return any(not is_same_detail(sharpness, kind) for kind in kinds if kind in _OF_FINE_DETAIL)


def _placing(pictures: tuple[Picture, Picture], place: Placement) -> Iterator[str]:
    """Yield the words for where the second picture lies in the first."""
    if place.is_bent:  # its flat map says little more
        yield "bent"
        if place.is_mirrored:
            yield "mirrored"
        if abs(place.angle) > _SEEN_TURNED:
            yield "turned"
        return
    yield from describe_framing(*pictures, place)
    if place.is_mirrored:
        yield "mirrored"
    if is_seen_aslant(place.to_first):
        yield "perspective"
        if abs(place.angle) > _SEEN_TURNED:
            yield "turned"
    else:
        if abs(place.angle) >= UPRIGHT:
            yield "turned"
        if place.stretch > STRETCHED:
            yield "stretched"
    # A side that kept its length says that the other was stretched, and no more.
    stretch = np.log(place.stretch) / 2 if place.stretch > STRETCHED else 0.0
    if abs(np.log(place.scale)) - stretch > _RESIZED:
        yield "enlarged" if _is_enlarged(*pictures, place) else "resized"


def _is_enlarged(first: Picture, second: Picture, place: Placement) -> bool:
    """Return whether the second is larger and shows no more; False where that cannot be seen."""
    if place.scale < 1 or not place.is_whole or second.image.size != second.size:
        return False
    return gain_of_larger(second.grey, first.grey) is Gain.NONE


def _tones(
    aligned: Aligned, changes: Changes, place: Placement, *, may_be_toned: bool
) -> tuple[str, ...]:
    """Return the words for the tones; for slight ones only where nothing else explains them."""
    if place.is_inverted:
        return ("inverted",)
    unchanged = replace(aligned, inside=aligned.inside & ~pixels_of(changes.cells, aligned.inside))
    shift = colour_shift(unchanged) if changes.regions else changes.shift
    if shift >= TONED:
        return describe_tone(unchanged)
    return describe_tone(aligned, is_toned=False) if may_be_toned else ()


def _fine_detail(
    pictures: tuple[Picture, Picture], aligned: Aligned, changes: Changes, place: Placement
) -> str:
    if changes.equal is None:
        return ""
    first, second = (picture.image.size for picture in pictures)
    is_toned = changes.shift >= TONED or place.is_inverted
    found = describe_fine_detail(
        changes.equal.sharpness,
        scale=pixel_scale(first, second, np.linalg.inv(place.to_first)),
        enlarged=place.scale,
        is_turned=is_tilted(place) or place.stretch > STRETCHED,
        is_toned=is_toned,
    )
    is_coarser = max(aligned.inside.shape) < _COARSER * min(max(first), max(second))
    is_marked = bool(changes.regions) or changes.beyond_quiet >= MARKED
    if found or is_toned or is_marked or not (is_coarser and place.is_whole):
        return found
    return _blur(pictures)


def _blur(pictures: tuple[Picture, Picture]) -> str:
    """Return the word for the second of two pictures, if one is clearly more blurred; else ""."""
    one, other = fine_detail(*(picture.image for picture in pictures))
    if min(one, other) > _CLEARLY_LESS * max(one, other):
        return ""
    return "blurred" if other < one else "sharper"
