"""A second look at pairs that seem to be no copies, on the executor of the run; kept in a file."""

from collections.abc import Iterator, Sequence
from contextlib import closing

from fastdup.executors.in_order import in_order
from fastdup.judging import Judging
from fastdup.judging.finding import Finding
from fastdup.judging.judge_processes import workers
from fastdup.judging.verdict_store import PictureFiles, VerdictStore
from fastdup.parts.place_judge import NO_COPY, PlaceJudge, PlaceTask
from fastdup.parts.point_store import RULES as POINT_RULES
from fastdup.parts.point_store import PointStore

#: Raised whenever the same two files may be found to be something else.
RULES = 1
#: Pairs of a task.
PAIRS_PER_TASK = 32
#: A process of its own pays off for a thread that looks at least at this many.
LEAST_PAIRS_OF_A_PROCESS = 128


def look_again(
    pairs: Sequence[PictureFiles], judging: Judging, points: PointStore, path: str
) -> list[Finding | None]:
    """Return what the place where one picture lies in the other shows; None where it is no copy.

    Parameters
    ----------
    pairs : sequence of (PictureFile, PictureFile)
        The same pairs in the same order give the same file.
    judging : Judging
        Knows how to read them.
    points : PointStore
        Knows their points; those that it does not know are not looked at.
    path : str
        The file that keeps what is found.
    """
    options = {"max_pixels": judging.max_pixels, "points": POINT_RULES, "places": RULES}
    with closing(judging.reader), VerdictStore(path, options) as store:
        known = store.known(pairs)
        new = [pair for pair in pairs if pair not in known and all(f in points for f in pair)]
        judging.progress.start("looking again", len(new))
        work, executor = PlaceJudge(judging.reader, judging.max_pixels), judging.executor
        n_least = LEAST_PAIRS_OF_A_PROCESS
        with workers(work, executor.n_threads, len(new), n_least) as place_judge:
            for task, seen in in_order(executor.run(place_judge, _tasks(new, points))):
                both = zip(task.pairs, seen, strict=True)
                findings = [(pair, finding) for pair, finding in both if finding]
                store.add(findings)
                known.update(findings)
                judging.progress.advance(len(task.pairs))
        judging.progress.finish()
        store.drop_others(pairs)
    seen_again = (known.get(pair, NO_COPY) for pair in pairs)
    return [finding if finding.is_copy else None for finding in seen_again]


def _tasks(pairs: Sequence[PictureFiles], points: PointStore) -> Iterator[PlaceTask]:
    for number, start in enumerate(range(0, len(pairs), PAIRS_PER_TASK)):
        some = tuple(pairs[start : start + PAIRS_PER_TASK])
        of_pairs = tuple((points.points(first), points.points(second)) for first, second in some)
        yield PlaceTask(number, some, of_pairs)
