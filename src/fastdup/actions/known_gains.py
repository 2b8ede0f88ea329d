"""What larger copies were found to have over smaller ones, kept in the work folder.

To find it out, both pictures are decoded at full size, which takes most of the time of a plan.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from fastdup.actions.candidate import Candidate
from fastdup.actions.evidence import Sizes
from fastdup.errors import WorkDirError
from fastdup.verify.enlargement import Gain
from fastdup.workdir import WorkDir
from fastdup.workdir.known_lines import KnownLines, read_lines
from fastdup.workdir.lock import one_at_a_time

#: Gains that were found by other rules count no longer.
_SIGNATURE: Mapping[str, Any] = {"rules": 2}


def read_gains(work: WorkDir, files: Mapping[int, Candidate]) -> dict[Sizes, Gain]:
    """Return what is known of some files as they are now, by their rows."""
    row_of = {_stamp(file): row for row, file in files.items()}
    gains: dict[Sizes, Gain] = {}
    for line in read_lines(work.known_gains, _SIGNATURE):
        with suppress(ValueError, TypeError, KeyError, RecursionError):
            smaller, larger, gain = json.loads(line)
            gains[Sizes(row_of[tuple(smaller)], row_of[tuple(larger)])] = Gain[gain]
    return gains


def keep_gains(
    work: WorkDir,
    files: Mapping[int, Candidate],
    gains: Mapping[Sizes, Gain],
    known: Mapping[Sizes, Gain],
) -> None:
    """Keep gains in the work folder, `known` ones again only if most of what is there is of no use.

    Nothing is kept where the folder cannot be written.
    """

    def line(pair: Sizes) -> list[object]:
        return [_stamp(files[pair.smaller]), _stamp(files[pair.larger]), gains[pair].name]

    new = sorted(gains.keys() - known.keys())
    if not new:
        return
    with (
        suppress(WorkDirError, OSError),
        one_at_a_time(work.decisions_lock),
        KnownLines(work.known_gains, _SIGNATURE) as lines,
    ):
        lines.add(map(line, new))
        if lines.has_useless(len(gains)):
            lines.replace(map(line, sorted(gains)))


def _stamp(file: Candidate) -> tuple[str, int, int]:
    return file.path, file.size_bytes, file.mtime_ns
