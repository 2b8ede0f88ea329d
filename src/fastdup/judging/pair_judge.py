"""Judges pairs of pictures in any process: it reads both files and compares what they show."""

import logging
from typing import NamedTuple

from PIL import Image

from fastdup.errors import ImageError, SourceError
from fastdup.judging.finding import UNVERIFIED, Finding
from fastdup.judging.full_look import FullLook
from fastdup.judging.open_pictures import OpenPicture, OpenPictures, PictureFile
from fastdup.sources import Reader
from fastdup.verify import Verdict

logger = logging.getLogger(__name__)

#: Smaller pictures show too little to compare.
LEAST_SIDE = 16


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
        self._full_look = FullLook(self._pictures)

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
            return self._compare((first, second), (one, other))
        except ImageError:  # what can be decoded small, but not as it is
            unread.update(file.uri for file in (first, second) if self.full_picture(file) is None)
            return UNVERIFIED
        except (ArithmeticError, LookupError, ValueError):
            # No pair may end a run, even by a mistake of ours.
            logger.warning("two pictures could not be compared, please report this", exc_info=True)
            return UNVERIFIED

    def _compare(
        self, files: tuple[PictureFile, PictureFile], opened: tuple[OpenPicture, OpenPicture]
    ) -> Finding:
        from fastdup.judging.frame_judge import judge_frames  # 10 ms where no pair is new
        from fastdup.verify import judge

        one, other = opened
        if one.frames or other.frames:
            return self._full_look.of_frames(judge_frames(one, other), files)
        found = self._full_look(judge(one.picture, other.picture), files, opened)
        if max(one.n_frames, other.n_frames) > 1:  # those that were looked at are blank, or one
            return self._full_look.of_frames(found, files)
        return found

    def _open(self, file: PictureFile, unread: set[str]) -> OpenPicture | None:
        if file.uri in unread:
            return None
        try:
            return self._pictures.get(file)
        except (ImageError, SourceError):
            unread.add(file.uri)
            return None
