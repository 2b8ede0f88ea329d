"""The pictures of a run, each made when it is asked for: of 100 million, few are looked at."""

from collections.abc import Sequence
from typing import overload

from fastdup.arrays import IntArray
from fastdup.judging.open_pictures import PictureFile
from fastdup.sources import Stamp


class ListedPictures(Sequence[PictureFile]):
    """Pictures as they were listed.

    Parameters
    ----------
    paths : sequence of n str
    sizes, mtimes_ns : (n,) int64 arrays
        See `Stamp`.
    """

    def __init__(self, paths: Sequence[str], sizes: IntArray, mtimes_ns: IntArray) -> None:
        self._paths, self._sizes, self._mtimes_ns = paths, sizes, mtimes_ns

    def __len__(self) -> int:
        return len(self._paths)

    @overload
    def __getitem__(self, row: int) -> PictureFile: ...
    @overload
    def __getitem__(self, row: slice) -> list[PictureFile]: ...
    def __getitem__(self, row: int | slice) -> PictureFile | list[PictureFile]:
        if isinstance(row, slice):
            return [self[place] for place in range(*row.indices(len(self)))]
        stamp = Stamp(int(self._sizes[row]), int(self._mtimes_ns[row]))
        return PictureFile(self._paths[row], stamp)
