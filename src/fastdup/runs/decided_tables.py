"""The tables of a run without what a person has decided to be no copies since then."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fastdup.analysis.components import Components, find_components
from fastdup.analysis.strict_components import find_strict_components
from fastdup.runs.tables import COMPONENT_INFO, COMPONENTS, SIMILARITY, Schema
from fastdup.runs.writers import component_columns, component_info_columns

if TYPE_CHECKING:
    from fastdup.runs.finished import FinishedRun


def decided_columns(run: "FinishedRun", table: Schema) -> dict[str, Sequence[Any]] | None:
    """Return all columns of a table as a run would write it now; None where nothing changes.

    Groups follow at the next run where they were made of pairs that are not in ``similarity.csv``.
    """
    if all(table is not one for one in (SIMILARITY, COMPONENTS, COMPONENT_INFO)):
        return None
    if not run.has_searched or not run.decided:
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
