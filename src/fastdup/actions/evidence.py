"""Evidence that only the pixels show: which copies were edited, enlarged, or made of a JPEG."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from fastdup.actions.candidate import Candidate
from fastdup.actions.edits_shown import Edits, note_edits
from fastdup.actions.may_go import SAFE, Relation
from fastdup.actions.original import LOSSLESS_ENDINGS, comes_before_size
from fastdup.actions.relations import Eyes
from fastdup.analysis.pairs import Pairs
from fastdup.config.machine import available_cores
from fastdup.verify.enlargement import Gain, gain_of_larger
from fastdup.verify.resaving import Saved, gain_of_second
from fastdup.verify.verdict import Verdict

#: Pictures of which one has so many times the pixels of the other are of two sizes.
_OTHER_SIZE = 1.1
#: Kinds of copies: of another size, lying otherwise, with other fine detail.
_SIZES = frozenset({"stretched", "resized", "enlarged"})
_TURNS = frozenset({"turned", "mirrored"})
_FINE_DETAIL = frozenset({"noisy", "less noisy", "blurred", "sharpened"})
_JPEG_ENDINGS = (".jpg", ".jpeg", ".jpe", ".jfif")


class Sizes(NamedTuple):
    """Two rows that show the same picture, at two sizes, or saved twice at one."""

    smaller: int
    larger: int


def add_evidence(
    files: Mapping[int, Candidate],
    pairs: Pairs,
    between: Callable[[int, int], Relation],
    gains: dict[Sizes, Gain],
) -> dict[int, Candidate]:
    """Return the files with what their pixels show about where they come from.

    Parameters
    ----------
    files : mapping of int to Candidate
        By row.
    pairs : Pairs
        Of rows that may be copies.
    between : callable
        What the second of two rows is to the first.
    gains : dict of Sizes to Gain
        What is known already; all that is found is added.

    Notes
    -----
    Pictures are decoded only where nothing stronger decides: two files of one picture of which
    neither has more of the camera's data than the other.
    """
    found = _with_edits(files, pairs, between)
    sizes = []
    for one, other in _each_once(pairs, files):
        if comes_before_size(found[one], found[other]):
            continue
        if _is_lossless(files[other]) and _is_jpeg(files[one]):
            one, other = other, one
        by_size = sorted((one, other), key=lambda row: (_n_pixels(files[row]), row))
        if _n_pixels(files[one]) == _n_pixels(files[other]):
            relation = between(other, one)
            if relation.verdict is Verdict.SAME_PIXELS:
                if _is_lossless(files[one]) and _is_jpeg(files[other]):
                    found[one] = found[one]._replace(is_made_of_jpeg=True)
            elif _may_be_saved_again(relation) and _have_known_loss(files[one], files[other]):
                sizes.append(Sizes(*by_size))
        elif _is_about_size(files[one], files[other]) and _is_resized(between(one, other)):
            sizes.append(Sizes(*by_size))
    return _with_gains(found, sizes, gains)


def _with_edits(
    files: Mapping[int, Candidate], pairs: Pairs, between: Callable[[int, int], Relation]
) -> dict[int, Candidate]:
    """Return the files with what was done to them, as far as their copies show it."""
    edits, eyes, same = Edits(set(), set(), set()), Eyes(), []
    for rows in _each_once(pairs, files):
        if comes_before_size(*(files[row] for row in rows)):
            continue
        relation = between(*rows)
        note_edits(edits, rows, files, relation, eyes.picture)
        if relation.verdict in SAFE:
            same.append(rows)
    for found_edited in edits:
        _spread(found_edited, same)
    found = dict(files)
    for row in set[int]().union(*edits):
        found[row] = files[row]._replace(
            is_added_to=row in edits.added_to,
            is_filtered=row in edits.filtered,
            has_lost_colour=row in edits.lost_colour,
        )
    return found


def _spread(rows: set[int], same: Sequence[tuple[int, int]]) -> None:
    """Add what shows the same picture as one of the rows; else a smaller copy would stay."""
    n_before = -1
    while n_before < len(rows):
        n_before = len(rows)
        for pair in same:
            if not rows.isdisjoint(pair):
                rows.update(pair)


def _is_resized(relation: Relation) -> bool:
    """Return whether two sizes of one picture differ in nothing else that matters here."""
    is_stretched = relation.verdict is Verdict.EDITED and "stretched" in relation.kinds
    return relation.verdict in SAFE or (is_stretched and set(relation.kinds) <= _SIZES)


def _may_be_saved_again(relation: Relation) -> bool:
    """Return whether one of two files may be the other, saved again: as it is, turned, mirrored."""
    kinds = set(relation.kinds)
    if relation.verdict is Verdict.EDITED:
        return kinds <= _TURNS
    return relation.verdict is Verdict.SAME_PICTURE and not kinds & _FINE_DETAIL


def _with_gains(
    found: dict[int, Candidate], sizes: list[Sizes], gains: dict[Sizes, Gain]
) -> dict[int, Candidate]:
    eyes = Eyes()
    sizes.sort(key=lambda pair: (_n_pixels(found[pair.smaller]), pair))
    with ThreadPoolExecutor(available_cores()) as pool:
        compare = partial(_gain, dict(found), eyes, gains)
        for pair, gain in zip(sizes, pool.map(compare, sizes), strict=True):
            gains[pair] = gain
            if _n_pixels(found[pair.smaller]) == _n_pixels(found[pair.larger]):
                _note_saved_again(found, pair, gain)
            else:
                _note_true_pixels(found, pair, gain)
    return found


def _gain(
    files: Mapping[int, Candidate], eyes: Eyes, known: Mapping[Sizes, Gain], pair: Sizes
) -> Gain:
    """Return what the second of two files of one picture has over the first."""
    if pair in known:
        return known[pair]
    first, second = (eyes.picture(files[row].path) for row in pair)
    is_one_size = _n_pixels(files[pair.smaller]) == _n_pixels(files[pair.larger])
    if first is None or second is None:
        return Gain.UNCLEAR if is_one_size else Gain.MORE
    qualities = [files[row].metadata.quality for row in pair]
    one, other = (
        Saved(picture.convert("L"), quality)
        for picture, quality in zip((first, second), qualities, strict=True)
    )
    if is_one_size:
        return gain_of_second(one, other)
    return gain_of_larger(other.picture, one.picture, quality=one.quality)


def _note_saved_again(found: dict[int, Candidate], pair: Sizes, gain: Gain) -> None:
    if gain is not Gain.UNCLEAR:
        row = pair.smaller if gain is Gain.MORE else pair.larger
        found[row] = found[row]._replace(is_saved_again=True)


def _note_true_pixels(found: dict[int, Candidate], pair: Sizes, gain: Gain) -> None:
    larger = found[pair.larger]
    least = min(_true_pixels(found[pair.smaller]), _true_pixels(larger))
    if gain is Gain.NONE:  # less than what it was made from: that one has all there is
        found[pair.larger] = larger._replace(true_pixels=least * 9 // 10)
    elif gain is Gain.UNCLEAR:
        found[pair.larger] = larger._replace(true_pixels=least)


def _each_once(pairs: Pairs, files: Mapping[int, Candidate]) -> Iterator[tuple[int, int]]:
    seen = set()
    for one, other in zip(pairs.sources.tolist(), pairs.targets.tolist(), strict=True):
        pair = min(one, other), max(one, other)
        if pair not in seen and one in files and other in files:
            seen.add(pair)
            yield pair


def _n_pixels(file: Candidate) -> int:
    return file.width * file.height


def _true_pixels(file: Candidate) -> int:
    return _n_pixels(file) if file.true_pixels is None else file.true_pixels


def _is_about_size(one: Candidate, other: Candidate) -> bool:
    """Return whether two copies are of two sizes."""
    low, high = sorted((_n_pixels(one), _n_pixels(other)))
    return 0 < low * _OTHER_SIZE < high


def _have_known_loss(*files: Candidate) -> bool:
    """Return whether it is known how files were saved: as JPEGs, or without loss."""
    return all(_is_lossless(file) or file.metadata.quality is not None for file in files)


def _is_lossless(file: Candidate) -> bool:
    return os.path.splitext(file.path)[1].lower() in LOSSLESS_ENDINGS


def _is_jpeg(file: Candidate) -> bool:
    return os.path.splitext(file.path)[1].lower() in _JPEG_ENDINGS
