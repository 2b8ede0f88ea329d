"""What a person decided, obeyed by any plan."""

import dataclasses
import os
from collections import Counter
from collections.abc import Mapping
from contextlib import closing

import numpy as np

from fastdup.actions.plan import REMOVE, Plan, Step
from fastdup.actions.state import LeftAlone
from fastdup.analysis.components import distinct_pairs
from fastdup.analysis.pairs import Pairs
from fastdup.runs import FinishedRun
from fastdup.runs.decided_rows import NOTHING_DECIDED, DecidedRows, decided_files
from fastdup.runs.tables import VERDICTS


def without_decided(plan: Plan, run: FinishedRun, lowest: float | None = None) -> Plan:
    """Return the plan without the removal of what is always kept, or is no copy as decided.

    Parameters
    ----------
    plan : Plan
    run : FinishedRun
        That it is of.
    lowest : float or None
        Pairs at or above this similarity that are no copies, as decided, count as left alone.
    """
    if not os.path.lexists(run.work.decisions):
        return plan
    left_alone = Counter(plan.left_alone)
    known = [(run.decided, run.row_of), _of_others(plan, run)]

    def reason(step: Step) -> LeftAlone | None:
        for decided, row_of in known if step.action == REMOVE else ():
            row, kept = row_of.get(step.path, -1), row_of.get(step.kept, -1)
            if row in decided.keeps:
                return LeftAlone.KEPT_ALWAYS
            if decided.is_apart(row, kept):
                return LeftAlone.NOT_COPIES
        return None

    reasons = [reason(step) for step in plan.steps]
    left_alone.update(filter(None, reasons))
    if lowest is not None:
        left_alone[LeftAlone.NOT_COPIES] += _n_not_copies(run, lowest)
    left = [step for step, why in zip(plan.steps, reasons, strict=True) if why is None]
    groups = {step.group for step in left if step.action == REMOVE}
    steps = [step for step in left if step.group in groups]
    return dataclasses.replace(plan, steps=tuple(steps), left_alone=left_alone)


def _of_others(plan: Plan, run: FinishedRun) -> tuple[DecidedRows, Mapping[str, int]]:
    """Return what was decided on files of the plan that are no images of the run: broken ones."""
    paths = {path for step in plan.removals() for path in (step.path, step.kept) if path}
    others = sorted(path for path in paths if path not in run.row_of)
    with closing(run.open_reader()) as reader:
        decided = decided_files(run.work, others, reader) if others else NOTHING_DECIDED
    return decided, {path: place for place, path in enumerate(others)}


def _n_not_copies(run: FinishedRun, lowest: float) -> int:
    """Return how many pairs at or above `lowest` were decided to be no copies."""
    found = run.found_pairs(lowest)
    low, high, similarities = run.columns(VERDICTS, "from", "to", "similarity")
    rows, others = (
        np.array([*known.tolist(), *(run.row_of.get(name, -1) for name in names)], np.int64)
        for known, names in ((found.sources, low), (found.targets, high))
    )
    pairs = Pairs(rows, others, np.append(found.similarities, similarities))
    pairs = pairs.picked(pairs.similarities >= lowest)
    apart = run.decided.are_apart(pairs.sources, pairs.targets)
    return len(distinct_pairs(pairs.picked(apart)).sources)
