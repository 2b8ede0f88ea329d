"""The tables of a run without what a person has decided to be no copies since then."""

from collections.abc import Iterator, Sequence
from itertools import compress, filterfalse
from typing import TYPE_CHECKING, Any

import numpy as np

from fastdup.analysis.components import Components, find_components
from fastdup.analysis.strict_components import find_strict_components
from fastdup.errors import WorkDirError
from fastdup.runs.tables import (
    BY_SEARCH,
    COMPONENT_INFO,
    COMPONENTS,
    NAME,
    SIMILARITY,
    Block,
    Schema,
)
from fastdup.runs.writers import component_columns, component_info_columns

if TYPE_CHECKING:
    from fastdup.runs.finished import FinishedRun

#: Those that change with what a person decides.
DECIDED_TABLES = (SIMILARITY, COMPONENTS, COMPONENT_INFO)


def table_blocks(run: "FinishedRun", table: Schema, *names: str) -> Iterator[Block]:
    """Yield the columns `names` of a table, or else all, some rows at a time.

    Raises
    ------
    WorkDirError
        When the last run did not search, or the file is missing or damaged, or names what is none
        of the run's images.
    """
    names = names or tuple(table.columns)
    if (decided := _decided_columns(run, table)) is not None:
        yield tuple(decided[name] for name in names)
        return
    path = run.table_path(table)
    is_of_images = table.written_by == BY_SEARCH and not table.is_optional
    are_names = [is_of_images and table.columns[name] is NAME for name in names]
    for block in table.read_blocks(path, *names):
        for column in compress(block, are_names):
            for unknown in filterfalse(run.row_of.__contains__, column):
                raise unknown_image(path, unknown)
        yield block


def unknown_image(path: str, name: object) -> WorkDirError:
    """Return the error that a table names something that is none of the run's images."""
    return WorkDirError.damaged(path, f"it names {name!r}, which is not one of the run's images")


def _decided_columns(run: "FinishedRun", table: Schema) -> dict[str, Sequence[Any]] | None:
    """Return all columns of a table as a run would write it now; None where nothing changes.

    Groups follow at the next run where they were made of pairs that are not in ``similarity.csv``.
    """
    if table not in DECIDED_TABLES or not run.has_searched or not run.decided:
        return None
    found = run.found_pairs()
    apart = run.decided.are_apart(found.sources, found.targets)
    if not apart.any():
        return None
    if table is SIMILARITY:
        kept = found.picked(~apart)
        names = ([run.paths[row] for row in rows.tolist()] for rows in kept[:2])
        columns: Sequence[Sequence[Any]] = [*names, kept.similarities.tolist()]
    elif (components := _regrouped(run)) is None:
        return None
    elif table is COMPONENTS:
        columns = [list(column) for column in component_columns(run.paths, components)]
    else:
        columns = component_info_columns(components)
    return dict(zip(table.columns, columns, strict=True))


def _regrouped(run: "FinishedRun") -> Components | None:
    """Return the groups as a run would make them now, if all their pairs are known."""
    threshold = float(run.options["ccthreshold"])
    if threshold == -1:
        threshold = run.threshold
    if threshold < run.threshold:
        return None
    copies, n_images = run.copies(threshold), len(run.paths)
    in_order = copies.picked(np.lexsort((copies.targets, copies.sources, -copies.similarities)))
    if run.options["grouping"] == "component":
        return find_components(in_order, n_images)
    return find_strict_components(in_order, n_images, threshold, run.copy_similarity)
