"""Judges all pairs that were chosen, on the executor of the run; goes on after a kill."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.components import connected_roots
from fastdup.config.machine import available_cores
from fastdup.executors import Executor, LocalExecutor
from fastdup.executors.in_order import in_order
from fastdup.judging.finding import UNVERIFIED, Finding
from fastdup.judging.judge_processes import workers
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.pair_judge import JudgeTask, PairJudge
from fastdup.judging.verdict_store import PictureFiles, VerdictStore
from fastdup.progress import Progress
from fastdup.verify import Verdict

#: Pairs of a task; more where the next pair shares a picture, so that it is read once.
PAIRS_PER_TASK, _MOST_PAIRS = 32, 128
#: Each process judges at least this many pairs, so that starting it pays off.
LEAST_PAIRS_OF_A_PROCESS = 64


class Findings(NamedTuple):
    """What was found of some pairs, in their order, and which pictures could not be read."""

    findings: list[Finding]
    unread: frozenset[str]


def judge_pairs(
    pairs: Sequence[PictureFiles],
    known: dict[PictureFiles, Finding],
    judge: PairJudge,
    store: VerdictStore,
    executor: Executor,
    progress: Progress,
) -> Findings:
    """Return what is found of `pairs`.

    Parameters
    ----------
    pairs : sequence of two files each
        Neighbours in this order should share their pictures; see `in_reading_order`.
    known : dict of pair to Finding
        What earlier runs found; what is found is added.
    judge : PairJudge
        Judges the others.
    store : VerdictStore
        Is given what is new, in this order.
    executor : Executor
        Where it is done.
    progress : Progress
        Counts the pairs.
    """
    new = [files for files in pairs if files not in known]
    unread: set[str] = set()
    if not new:
        return Findings([known[files] for files in pairs], frozenset())
    progress.start("judging", len(pairs))
    progress.advance(len(pairs) - len(new))
    with workers(judge, executor.n_threads, len(new), LEAST_PAIRS_OF_A_PROCESS) as work:
        for task, judged in in_order(executor.run(work, _tasks(new))):
            findings = list(zip(task.pairs, judged.findings, strict=True))
            store.add(pair for pair in findings if pair[1].verdict is not Verdict.UNVERIFIED)
            known.update(findings)
            unread |= judged.unread
            progress.advance(len(findings))
    progress.finish()
    return Findings([known.get(files, UNVERIFIED) for files in pairs], frozenset(unread))


def judge_now(pairs: Sequence[PictureFiles], judge: PairJudge) -> list[Finding]:
    """Return what is found of a few pairs, on the threads of this process."""
    executor = LocalExecutor(available_cores())
    done = in_order(executor.run(judge, _tasks(pairs)))
    return [finding for _, judged in done for finding in judged.findings]


def in_reading_order(
    low: NDArray[np.int64], high: NDArray[np.int64], n_rows: int
) -> NDArray[np.int64]:
    """Return the order in which pairs are judged: those that share a picture near each other.

    Parameters
    ----------
    low, high : (m,) int64 arrays
        The rows of each pair.
    n_rows : int
        Number of rows.
    """
    groups = connected_roots(low, high, n_rows)
    return np.lexsort((high, low, groups[low]))


def _tasks(pairs: Iterable[PictureFiles]) -> Iterator[JudgeTask]:
    """Cut the pairs into tasks, where the pictures change if possible."""
    task: list[PictureFiles] = []
    seen: set[PictureFile] = set()
    number = 0
    for first, second in pairs:
        shares_picture = first in seen or second in seen
        if len(task) >= (_MOST_PAIRS if shares_picture else PAIRS_PER_TASK):
            yield JudgeTask(number, tuple(task))
            task, seen, number = [], set(), number + 1
        task.append((first, second))
        seen |= {first, second}
    if task:
        yield JudgeTask(number, tuple(task))
