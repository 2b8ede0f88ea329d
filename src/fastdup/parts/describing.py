"""Describes all pictures by their points, on the executor of the run; goes on after a kill."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray
from fastdup.errors import ImageError, SourceError
from fastdup.executors import Executor
from fastdup.executors.in_order import in_order
from fastdup.judging.judge_processes import workers
from fastdup.judging.open_pictures import OpenPictures, PictureFile
from fastdup.parts.part_points import describe_points
from fastdup.parts.point_store import PointStore
from fastdup.progress import Progress
from fastdup.sources import Reader

#: Both sides keep so many pixels when a picture is decoded at a reduced scale.
_LEAST_SIDE = 480
#: Longest side of pictures that have room for small ones, whatever their features say.
_LARGE = 800
#: Pictures of a task.
PICTURES_PER_TASK = 32
#: A process of its own pays off for a thread that describes at least this many.
LEAST_PICTURES_OF_A_PROCESS = 128


class DescribeTask(NamedTuple):
    """Pictures to describe, and which of them may show others; `number` is the task's place."""

    number: int
    files: tuple[PictureFile, ...]
    may_show_others: tuple[bool, ...]


#: The points of each picture of a task; None of one that cannot be read.
Described = tuple[NDArray[np.void] | None, ...]


class PictureDescriber:
    """Describes pictures by their points. Picklable, thread-safe.

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

    def __call__(self, task: DescribeTask) -> Described:
        """Return the points of the pictures of a task."""
        self._pictures.prefetch(list(task.files))
        return tuple(map(self._describe, task.files, task.may_show_others))

    def _describe(self, file: PictureFile, may_show_others: bool) -> NDArray[np.void] | None:
        try:
            picture = self._pictures.decoded(file, _LEAST_SIDE, grey=True)
        except (ImageError, SourceError):
            return None
        is_large = max(picture.width, picture.height) >= _LARGE
        grey = picture.image.convert("L")
        return describe_points(grey, may_show_others=may_show_others or is_large)


def describe_pictures(
    files: Sequence[PictureFile],
    may_show_others: BoolArray,
    reader: Reader,
    max_pixels: int,
    store: PointStore,
    executor: Executor,
    progress: Progress,
) -> None:
    """Let `store` have the points of all `files`, but for those that cannot be read.

    Parameters
    ----------
    files : sequence of n PictureFile
    may_show_others : (n,) bool array
        Which of them are looked at most closely.
    reader : Reader
        Reads them.
    max_pixels : int
        Largest width × height to decode, inclusive.
    store : PointStore
        Knows what earlier runs described, and is given what is new, in this order.
    executor : Executor
        Where it is done.
    progress : Progress
        Counts the pictures.
    """
    flags = dict(zip(files, may_show_others.tolist(), strict=True))
    new = [(file, flag) for file, flag in flags.items() if file not in store]
    progress.start("describing", len(files))
    progress.advance(len(files) - len(new))
    describer = PictureDescriber(reader, max_pixels)
    with workers(describer, executor.n_threads, len(new), LEAST_PICTURES_OF_A_PROCESS) as work:
        for task, described in in_order(executor.run(work, _tasks(new))):
            pairs = zip(task.files, described, strict=True)
            store.add((file, points) for file, points in pairs if points is not None)
            progress.advance(len(task.files))
    progress.finish()


def _tasks(new: Sequence[tuple[PictureFile, bool]]) -> Iterator[DescribeTask]:
    for number, start in enumerate(range(0, len(new), PICTURES_PER_TASK)):
        files, flags = zip(*new[start : start + PICTURES_PER_TASK], strict=True)
        yield DescribeTask(number, files, flags)
