"""The findings of earlier runs, kept in the work folder so that no pair is judged twice.

Each line has path, size in bytes and time of change of either file, and what was found; in the
order of the pairs. See `KnownLines`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Self

from fastdup.judging.finding import Finding
from fastdup.judging.open_pictures import PictureFile
from fastdup.sources import Stamp
from fastdup.workdir.known_lines import KnownLines

PictureFiles = tuple[PictureFile, PictureFile]

#: Raised whenever the same two files may be judged differently.
RULES = 42


class VerdictStore:
    """Findings by pair of files; a context manager that closes its file.

    Parameters
    ----------
    path : str
        The file; made if missing.
    options : mapping
        Options that influence findings; findings under other ones are discarded.
    """

    def __init__(self, path: str, options: Mapping[str, Any]) -> None:
        self._lines = KnownLines(path, {"rules": RULES, **options})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.__exit__()

    def known(self, pairs: Collection[PictureFiles] | None = None) -> dict[PictureFiles, Finding]:
        """Return what is known of `pairs`, or else of all."""
        if pairs is None:
            return dict(self._findings())
        wanted = set(pairs)
        return {files: finding for files, finding in self._findings() if files in wanted}

    def drop_others(self, pairs: Collection[PictureFiles]) -> None:
        """Drop what is known of all but `pairs`, when that is much and most of all."""
        if self._lines.has_useless(len(pairs)):
            self._lines.replace(_values(*known) for known in self.known(pairs).items())

    def add(self, findings: Iterable[tuple[PictureFiles, Finding]]) -> None:
        """Append findings.

        Raises
        ------
        WorkDirError
            When the disk is full or not writable.
        """
        self._lines.add(_values(files, finding) for files, finding in findings)

    def _findings(self) -> Iterator[tuple[PictureFiles, Finding]]:
        for values in self._lines:
            with suppress(ValueError, TypeError):  # values that make no sense
                yield _parse(values)


def _values(files: PictureFiles, finding: Finding) -> list[Any]:
    return [value for file in files for value in (file.uri, *file.stamp)] + finding.values()


def _parse(line: list[Any]) -> tuple[PictureFiles, Finding]:
    uri, size, mtime, other_uri, other_size, other_mtime, *values = line
    first = PictureFile(str(uri), Stamp(int(size), int(mtime)))
    second = PictureFile(str(other_uri), Stamp(int(other_size), int(other_mtime)))
    return (first, second), Finding.from_values(values)
