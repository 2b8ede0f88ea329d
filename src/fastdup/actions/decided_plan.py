"""What a person decided, obeyed by any plan."""

import dataclasses
import os
from collections import Counter
from contextlib import closing

import numpy as np

from fastdup.actions.plan import KEEP, Plan, Step
from fastdup.actions.state import LeftAlone
from fastdup.analysis.components import distinct_pairs
from fastdup.analysis.pairs import Pairs
from fastdup.runs import FinishedRun
from fastdup.runs.decided_rows import always_kept
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
    decided, row_of = run.decided, run.row_of
    left_alone = Counter(plan.left_alone)
    with closing(run.open_reader()) as reader:
        bad = [step.path for step in plan.removals() if step.path not in row_of]
        kept_bad = always_kept(run.work, bad, reader)

    def reason(step: Step) -> LeftAlone | None:
        row, kept = row_of.get(step.path, -1), row_of.get(step.kept, -1)
        if step.action == KEEP:
            return None
        if row in decided.keeps or step.path in kept_bad:
            return LeftAlone.KEPT_ALWAYS
        return LeftAlone.NOT_COPIES if decided.is_apart(row, kept) else None

    reasons = [reason(step) for step in plan.steps]
    left_alone.update(filter(None, reasons))
    if lowest is not None:
        left_alone[LeftAlone.NOT_COPIES] += _n_not_copies(run, lowest)
    steps = [step for step, why in zip(plan.steps, reasons, strict=True) if why is None]
    return dataclasses.replace(plan, steps=tuple(steps), left_alone=left_alone)


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
