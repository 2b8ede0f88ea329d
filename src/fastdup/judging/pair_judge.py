"""Judges pairs of pictures in any process: it reads both files and compares what they show."""

import logging
from typing import NamedTuple

import numpy as np
from PIL import Image

from fastdup.errors import ImageError, SourceError
from fastdup.judging.finding import UNVERIFIED, Finding
from fastdup.judging.open_pictures import OpenPicture, OpenPictures, PictureFile
from fastdup.sources import Reader
from fastdup.verify import Judgement, Verdict

logger = logging.getLogger(__name__)

#: Smaller pictures show too little to compare.
LEAST_SIDE = 16
#: Mean difference in grey levels above which pixels at full size are not the same.
_NEARLY_NOTHING = 1.0


class JudgeTask(NamedTuple):
    """Pairs to judge; `number` is their place among all tasks."""

    number: int
    pairs: tuple[tuple[PictureFile, PictureFile], ...]


class Judged(NamedTuple):
    """The findings of a task's pairs, in their order, and the pictures that could not be read."""

    findings: tuple[Finding, ...]
    unread: frozenset[str]


class PairJudge:
    """Judges pairs. Picklable, thread-safe; what it read is kept in each process for a while.

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
        self._pictures = OpenPictures(reader, max_pixels)

    def __call__(self, task: JudgeTask) -> Judged:
        """Return what the pairs of a task are."""
        unread: set[str] = set()
        self._pictures.prefetch(list(dict.fromkeys(file for pair in task.pairs for file in pair)))
        findings = tuple(self._judge(first, second, unread) for first, second in task.pairs)
        return Judged(findings, frozenset(unread))

    def full_picture(self, file: PictureFile) -> Image.Image | None:
        """Return a picture at full size, None where not all of it can be read and decoded."""
        try:
            return self._pictures.full(file)
        except (ImageError, SourceError):
            return None

    def _judge(self, first: PictureFile, second: PictureFile, unread: set[str]) -> Finding:
        from fastdup.judging.frame_judge import judge_frames  # 10 ms where no pair is new
        from fastdup.verify import judge

        one, other = (self._open(file, unread) for file in (first, second))
        if one is None or other is None:
            return UNVERIFIED
        if one.has_same_bytes(other):
            return Finding.identical(Verdict.SAME_BYTES)
        for file, opened in ((first, one), (second, other)):
            try:
                if min(opened.picture.size) < LEAST_SIDE:
                    return UNVERIFIED
            except ImageError:
                unread.add(file.uri)
                return UNVERIFIED
        try:
            if one.frames or other.frames:
                return judge_frames(one, other)
            judgement = judge(one.picture, other.picture)
        except ImageError:  # what can be decoded small, but not as it is
            unread.update(file.uri for file in (first, second) if self.full_picture(file) is None)
            return UNVERIFIED
        except (ArithmeticError, LookupError, ValueError):
            # No pair may end a run, even by a mistake of ours.
            logger.warning("two pictures could not be compared, please report this", exc_info=True)
            return UNVERIFIED
        if _may_be_identical(judgement, one, other) and self._same_pixels(first, second):
            return Finding.identical(Verdict.SAME_PIXELS)
        return Finding.of(judgement)

    def _open(self, file: PictureFile, unread: set[str]) -> OpenPicture | None:
        if file.uri in unread:
            return None
        try:
            return self._pictures.get(file)
        except (ImageError, SourceError):
            unread.add(file.uri)
            return None

    def _same_pixels(self, first: PictureFile, second: PictureFile) -> bool:
        """Return whether all pixels are the same at full size; the files are read again."""
        try:
            one, other = (self._pictures.full(file) for file in (first, second))
        except (ImageError, SourceError):
            return False
        return one.size == other.size and one.tobytes() == other.tobytes()


def _may_be_identical(judgement: Judgement, one: OpenPicture, other: OpenPicture) -> bool:
    """Return whether a look at the full pixels may show that they are the same."""
    first, second = one.picture, other.picture
    if judgement.verdict is not Verdict.SAME_PICTURE or judgement.kinds or judgement.changed:
        return False
    if first.size != second.size or first.image.size != second.image.size:
        return False
    pixels, others = (np.asarray(picture.image, np.int16) for picture in (first, second))
    return bool(np.abs(pixels - others).mean() < _NEARLY_NOTHING)
