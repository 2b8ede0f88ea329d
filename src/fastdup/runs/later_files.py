"""Files of a work folder under the names that later releases of the original gave them."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

from fastdup.runs.tables import COMPONENTS
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import place_file_again, remove_files, write_atomically, write_table
from fastdup.workdir.features import load_binary_feature

#: As in `COMPONENTS`, but with the row of the features first, as later releases had it.
PER_IMAGE_HEADER = ("__id", *(name for name in COMPONENTS.columns))


def update_later_files(work: WorkDir, *, wanted: bool, searched: bool) -> None:
    """Write the files of later releases; or, where a run wrote them before, remove them.

    Those that hold the same as a file here take no more space, where the disk can do so.

    Parameters
    ----------
    work : WorkDir
    wanted : bool
        Whether to write them.
    searched : bool
        Whether there are components.
    """
    if not wanted:
        if os.path.exists(work.later_mark):
            remove_files([*work.later_files(), work.per_image_components, work.later_mark])
        return
    write_atomically(work.later_mark, lambda file: file.write(b""))
    for later, own in work.later_files().items():
        if os.path.exists(own):
            place_file_again(own, later)
        else:
            remove_files([later])
    paths, _ = load_binary_feature(work.features)
    rows = _per_image(work, paths) if searched else iter(())
    write_table(work.per_image_components, PER_IMAGE_HEADER, rows)


def _per_image(work: WorkDir, paths: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each image; one that has no copies is a component of its own."""
    grouped = {row[0]: row[1:] for row in COMPONENTS.read(work.components)}
    alone = 1 + max((row[0] for row in grouped.values()), default=-1)
    for number, path in enumerate(paths):
        found = grouped.get(path)
        if found is None:
            found = (alone, 1, 1.0, 1.0, 1.0)
            alone += 1
        component, count, *spreads = found
        yield (number, path, component, count, *(f"{value:.6f}" for value in spreads))
