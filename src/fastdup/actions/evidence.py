"""Evidence that only the pixels show: which copies were enlarged, and which were made of a JPEG."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from fastdup.actions.candidate import Candidate
from fastdup.actions.may_go import SAFE, Relation
from fastdup.actions.original import LOSSLESS_ENDINGS, comes_before_size
from fastdup.actions.relations import Eyes
from fastdup.analysis.pairs import Pairs
from fastdup.config.machine import available_cores
from fastdup.verify.enlargement import Gain, gain_of_larger
from fastdup.verify.verdict import Verdict

#: Pictures of which one has so many times the pixels of the other are of two sizes.
_OTHER_SIZE = 1.1
_JPEG_ENDINGS = (".jpg", ".jpeg", ".jpe", ".jfif")


class Sizes(NamedTuple):
    """Two rows that show the same picture at two sizes."""

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
    Pictures are decoded only where nothing stronger decides: two sizes of one picture of which
    neither has more of the camera's data than the other.
    """
    found = dict(files)
    sizes = []
    for one, other in _each_once(pairs, files):
        if _is_lossless(files[other]) and _is_jpeg(files[one]):
            one, other = other, one
        if _is_lossless(files[one]) and _is_jpeg(files[other]) and _same_size(files, one, other):
            if between(other, one).verdict is Verdict.SAME_PIXELS:
                found[one] = found[one]._replace(is_made_of_jpeg=True)
        elif _is_about_size(files[one], files[other]) and between(one, other).verdict in SAFE:
            by_size = sorted((one, other), key=lambda row: _n_pixels(files[row]))
            sizes.append(Sizes(*by_size))
    return _with_true_pixels(found, sizes, gains)


def _with_true_pixels(
    found: dict[int, Candidate], sizes: list[Sizes], gains: dict[Sizes, Gain]
) -> dict[int, Candidate]:
    eyes = Eyes()

    def compare(pair: Sizes) -> Gain:
        if pair in gains:
            return gains[pair]
        larger, smaller = (eyes.picture(found[row].path) for row in (pair.larger, pair.smaller))
        if larger is None or smaller is None:
            return Gain.MORE
        quality = found[pair.smaller].metadata.quality
        return gain_of_larger(larger.convert("L"), smaller.convert("L"), quality=quality)

    sizes.sort(key=lambda pair: (_n_pixels(found[pair.smaller]), pair))
    with ThreadPoolExecutor(available_cores()) as pool:
        for pair, gain in zip(sizes, pool.map(compare, sizes), strict=True):
            gains[pair] = gain
            larger = found[pair.larger]
            least = min(_true_pixels(found[pair.smaller]), _true_pixels(larger))
            if gain is Gain.NONE:  # less than what it was made from: that one has all there is
                found[pair.larger] = larger._replace(true_pixels=least * 9 // 10)
            elif gain is Gain.UNCLEAR:
                found[pair.larger] = larger._replace(true_pixels=least)
    return found


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
    """Return whether two copies are of two sizes, and nothing stronger decides between them."""
    low, high = sorted((_n_pixels(one), _n_pixels(other)))
    return 0 < low * _OTHER_SIZE < high and not comes_before_size(one, other)


def _same_size(files: Mapping[int, Candidate], one: int, other: int) -> bool:
    first, second = files[one], files[other]
    return (first.width, first.height) == (second.width, second.height)


def _is_lossless(file: Candidate) -> bool:
    return os.path.splitext(file.path)[1].lower() in LOSSLESS_ENDINGS


def _is_jpeg(file: Candidate) -> bool:
    return os.path.splitext(file.path)[1].lower() in _JPEG_ENDINGS
