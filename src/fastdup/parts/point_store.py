"""The points of all pictures, kept in the work folder so that none is described twice.

The first line is a JSON object: the signature, which is everything that determines the points apart
from the files. Then follows a record for each picture: four numbers (how many points, length of the
path, size in bytes and time of change of the file), the path, the points. Records are only
appended. After a kill an incomplete last record is cut off.
"""

import contextlib
import json
import os
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.errors import WorkDirError
from fastdup.judging.open_pictures import PictureFile
from fastdup.parts.part_pairs import Load, Points
from fastdup.parts.part_points import POINT
from fastdup.sources import Stamp
from fastdup.workdir.csv_files import write_atomically
from fastdup.workdir.name_codec import decode_name, encode_name

#: Raised whenever the same picture may have other points.
RULES = 3
#: Numbers of points and of bytes of the path, then the file's size and time of change.
_HEAD = struct.Struct("<IIqq")
#: The file is written anew when more records than this, and most of them, are of other pictures.
_MOST_USELESS = 1000


class _Record(NamedTuple):
    """Where the points of a picture are in the file, in bytes, and how many there are."""

    place: int
    n_points: int


class PointStore:
    """Points by file; a context manager that closes its own file.

    Parameters
    ----------
    path : str
        The file; made if missing.
    options : mapping
        Options that influence points; points under other ones are discarded.
    """

    def __init__(self, path: str, options: Mapping[str, Any]) -> None:
        self._path = path
        signature = {"rules": RULES, **options}
        self._signature = json.dumps(signature, sort_keys=True).encode() + b"\n"
        self._records = self._recover()
        try:
            self._file = open(path, "ab")  # noqa: SIM115
        except OSError as exc:
            raise WorkDirError(f"cannot write {path}: {exc.strerror}") from exc

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __contains__(self, file: PictureFile) -> bool:
        return file in self._records

    def add(self, described: Iterable[tuple[PictureFile, NDArray[np.void]]]) -> None:
        """Append the points of pictures.

        Raises
        ------
        WorkDirError
            When the disk is full or not writable.
        """
        try:
            for file, points in described:
                head = _head(file, len(points))
                self._records[file] = _Record(self._file.tell() + len(head), len(points))
                self._file.write(head + points.tobytes())
            self._file.flush()
        except OSError as exc:
            raise WorkDirError(f"cannot write {self._path}: {exc.strerror}") from exc

    def loader(self, files: Sequence[PictureFile]) -> Load:
        """Return what reads the points of `files`; of those that it does not know, none."""
        records = [self._records.get(file, _Record(0, 0)) for file in files]
        places, counts = np.array(records, np.int64).reshape(-1, 2).T
        stored = np.memmap(self._path, np.uint8, "r")

        def load(start: int, stop: int) -> Points:
            spans = _spans(places[start:stop], counts[start:stop])
            data = [stored[first:last] for first, last in spans]
            points = np.concatenate([np.empty(0, np.uint8), *data]).view(POINT)
            return Points(points, counts[start:stop])

        return load

    def points(self, file: PictureFile) -> NDArray[np.void]:
        """Return the points of one file; of one that it does not know, none."""
        return self.loader([file])(0, 1).points

    def drop_others(self, files: Sequence[PictureFile]) -> None:
        """Drop what is known of all but `files`, when that is most of all."""
        known = [file for file in dict.fromkeys(files) if file in self._records]
        if len(self._records) - len(known) > max(_MOST_USELESS, len(known)):
            self._rewrite(known)

    def _rewrite(self, files: Sequence[PictureFile]) -> None:
        self._file.close()
        stored = np.memmap(self._path, np.uint8, "r")

        def write(file: BinaryIO) -> None:
            file.write(self._signature)
            for known in files:
                place, n_points = self._records[known]
                points = stored[place : place + n_points * POINT.itemsize]
                file.write(_head(known, n_points) + points.tobytes())

        write_atomically(self._path, write)
        self._records = self._recover()
        self._file = open(self._path, "ab")  # noqa: SIM115

    def _recover(self) -> dict[PictureFile, _Record]:
        """Return the complete records; cut off the rest; begin anew under another signature."""
        with contextlib.suppress(OSError, ValueError), open(self._path, "rb+") as file:
            if file.readline() == self._signature:
                records = dict(_records(file))
                end = max(
                    (_end(record) for record in records.values()), default=len(self._signature)
                )
                file.truncate(end)
                return records
        write_atomically(self._path, lambda file: file.write(self._signature))
        return {}


def _records(file: BinaryIO) -> Iterator[tuple[PictureFile, _Record]]:
    """Yield the complete records of an open file from its position on."""
    size, place = os.fstat(file.fileno()).st_size, file.tell()
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        n_points, n_bytes, size_bytes, mtime_ns = _HEAD.unpack(head)
        name = file.read(n_bytes)
        record = _Record(place + _HEAD.size + n_bytes, n_points)
        place = _end(record)
        if place > size:
            return
        yield PictureFile(decode_name(name), Stamp(size_bytes, mtime_ns)), record
        file.seek(place)


def _head(file: PictureFile, n_points: int) -> bytes:
    name = encode_name(file.uri)
    return _HEAD.pack(n_points, len(name), *file.stamp) + name


def _end(record: _Record) -> int:
    return record.place + record.n_points * POINT.itemsize


def _spans(places: IntArray, counts: IntArray) -> Iterator[tuple[int, int]]:
    """Yield where the points of each picture begin and end, in bytes."""
    ends = places + counts * POINT.itemsize
    return zip(places.tolist(), ends.tolist(), strict=True)
