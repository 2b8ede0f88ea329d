"""Judges pairs of pictures by the place where one lies in the other, in any process."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import ImageError, SourceError
from fastdup.judging.finding import Finding
from fastdup.judging.open_pictures import OpenPictures
from fastdup.judging.verdict_store import PictureFiles
from fastdup.parts.closer_look import look_closer
from fastdup.parts.part_place import PartPlace, find_part_place
from fastdup.sources import Reader
from fastdup.verify import Verdict

#: Pixels that the sides of the part keep when it is decoded at reduced scale, and its place.
_SEEN_SIDE = 480


class PlaceTask(NamedTuple):
    """Pairs to look at; `number` is their place among all tasks.

    Attributes
    ----------
    number : int
    pairs : tuple of (PictureFile, PictureFile)
    points : tuple of (array of POINT, array of POINT)
        Of the same pictures.
    """

    number: int
    pairs: tuple[PictureFiles, ...]
    points: tuple[tuple[NDArray[np.void], NDArray[np.void]], ...]


#: What is found of a pair that shows no copy there.
NO_COPY = Finding(verdict=Verdict.LOOK_ALIKE)
#: What is found of each pair of a task; None of one that cannot be read.
Seen = tuple[Finding | None, ...]


class PlaceJudge:
    """Judges pairs by the place where one lies in the other. Picklable, thread-safe.

    Parameters
    ----------
    reader : Reader
        Reads the files.
    max_pixels : int
        Largest width × height to decode, inclusive.
    """

    def __init__(self, reader: Reader, max_pixels: int) -> None:
        self.reader = reader
        self.max_pixels = max_pixels

    def __call__(self, task: PlaceTask) -> Seen:
        """Return what is found of the pairs of a task."""
        places = [find_part_place(*points) for points in task.points]
        pairs = list(zip(task.pairs, places, strict=True))
        pictures = OpenPictures(self.reader, self.max_pixels)
        pictures.prefetch(list(dict.fromkeys(file for pair, at in pairs if at for file in pair)))
        return tuple(_look(pictures, pair, at) if at else NO_COPY for pair, at in pairs)


def _look(pictures: OpenPictures, pair: PictureFiles, place: PartPlace) -> Finding | None:
    of_whole = round(_SEEN_SIDE / min(1.0, abs(place.scale)))
    sides = (of_whole, _SEEN_SIDE) if place.is_first_whole else (_SEEN_SIDE, of_whole)
    try:
        first, second = (pictures.decoded(*each) for each in zip(pair, sides, strict=True))
    except (ImageError, SourceError):
        return None
    judgement = look_closer(first, second, place)
    return Finding.of(judgement) if judgement else NO_COPY
