"""Measures how well copies are found: planted ones among any pictures, or those of a truth."""

import os
import tempfile
from collections.abc import Sequence
from typing import Any

from fastdup import __version__
from fastdup.analysis.components import distinct_pairs
from fastdup.analysis.pairs import Pairs
from fastdup.analysis.proportion import wilson_interval
from fastdup.config import InputDir
from fastdup.errors import ConfigError
from fastdup.evaluation.evaluation_report import Evaluation, KindScore
from fastdup.evaluation.planted_run import Planting, run_on_copies, same_originals
from fastdup.evaluation.scorer import Ranking, scores
from fastdup.evaluation.truth import Truth, read_truth
from fastdup.progress import Progress
from fastdup.runs import FinishedRun

Path = str | os.PathLike[str]

#: Wrong and missed pairs that are listed.
_MOST_LISTED = 100


def evaluate(
    input_dir: InputDir,
    truth: Path | None = None,
    *,
    n: int = 200,
    per: int = 2,
    seed: int = 1,
    edits: Path | None = None,
    model_path: Path | None = None,
    verify: str | None = None,
    threshold: float | None = None,
    strict: bool = False,
    keep: Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Return how well copies are found.

    With `truth`, `input_dir` is the work folder of a finished run, whose pairs are compared with
    those that are known. Without, copies are planted: of `n` pictures, edited copies are made in a
    temporary folder, and a run over both must find them. The pictures are only read.

    Parameters
    ----------
    input_dir : path, sequence of paths
        With `truth` a work folder; else pictures, as for `fastdup.run`.
    truth : path or None
        A CSV file of known copies: ``copy,original`` or ``from,to``, with ``edit`` or ``kind`` if
        you like, or ``filename,group``. Files are named by their path, or as much of its end as is
        needed. All other pairs are wrong, unless there is a column ``same`` of 1 and 0: then only
        listed pairs count.
    n : int
        How many pictures to take, spread evenly over the listing; 0: all.
    per : int
        Copies of each picture, at least 1.
    seed : int
        Of the chance in the edits.
    edits : path or None
        A Python file with a table ``EDITS`` of your own, which is run: name → (picture, chance) →
        picture. None: 34 common edits.
    model_path : path or None
        An ONNX file or the name of a preset to measure; None: the built-in model.
    verify : str or None
        Which pairs are looked at, as for `fastdup.run`; "none" measures the features alone.
    threshold : float or None
        At which precision and recall are given, inclusive. None: that of the run, 0.85 without
        `truth`.
    strict : bool
        Whether pairs of your own pictures which the run itself takes for the same picture count as
        wrong. By default they count as unknown, for collections have copies.
    keep : path or None
        A new folder in which copies, ``truth.csv`` and the run are kept; None: they are removed.
    progress : Progress or None

    Returns
    -------
    Evaluation
        Scores, kinds and the pairs that were wrong or missed; ``lines()`` says it in words,
        ``write("x.html")`` makes a page.

    Raises
    ------
    ConfigError
        When an option is out of range, or the truth has other columns or names two files.
    SourceError
        When the pictures cannot be listed, or none can be used.
    WorkDirError
        When there is no finished run.
    """
    if truth is not None:
        if not isinstance(input_dir, str | os.PathLike):
            raise ConfigError("truth= goes with one work folder: give its path")
        return _score_run(FinishedRun(os.path.expanduser(input_dir)), os.fspath(truth), threshold)
    planting = Planting(n=n, per=per, seed=seed, edits=None if edits is None else os.fspath(edits))
    planting.check()
    options: dict[str, Any] = {} if verify is None else {"verify": verify}
    if model_path is not None:
        options["model_path"] = os.fspath(model_path)
    if keep is not None:
        return _planted(input_dir, os.fspath(keep), planting, options, threshold, strict, progress)
    with tempfile.TemporaryDirectory(prefix="fastdup-evaluate-") as folder:
        return _planted(input_dir, folder, planting, options, threshold, strict, progress)


def _planted(
    input_dir: InputDir,
    folder: str,
    planting: Planting,
    options: dict[str, Any],
    threshold: float | None,
    strict: bool,
    progress: Progress | None,
) -> Evaluation:
    planted = run_on_copies(input_dir, folder, planting, options, progress)
    run = planted.run
    truth = Truth.of(planted.pairs, run.paths, is_whole=True)
    notes = []
    if planted.n_unusable:
        notes.append(f"pictures that could not be used, and were left out: {planted.n_unusable:,}")
    if not strict:
        low, high = same_originals(planted)
        truth = truth.joined(low, high)
        if len(low):
            notes.append(
                "pairs of your own pictures that show the same picture, by the run's own "
                f"judgement: {len(low):,}. They and their copies count as neither right nor wrong "
                "(strict counts them as wrong)"
            )
    return _evaluation(
        run,
        truth,
        f"{len(planted.pairs):,} planted copies of {len(planted.originals):,} pictures",
        0.85 if threshold is None else threshold,
        notes,
        {"seed": planting.seed, "copies_per_picture": planting.per, **planted.facts},
    )


def _score_run(run: FinishedRun, path: str, threshold: float | None) -> Evaluation:
    pairs, is_whole = read_truth(path)
    truth = Truth.of(pairs, run.paths, is_whole=is_whole)
    notes = [
        f"the run kept pairs from {run.threshold:g} on, and "
        f"{run.options['nearest_neighbors_k'] or 'all'} neighbours of each image: others count as "
        "not found. A run with threshold=0 and nearest_neighbors_k=5 shows more of the curve"
    ]
    if not is_whole:
        notes.append("only the listed pairs count: of all others, nothing is known")
    if truth.missing:
        notes.append(
            f"{len(truth.missing):,} files of the truth are not among the run's images, such as "
            f"{truth.missing[0]!r}: their pairs count as not found"
        )
    what = f"{int(truth.wanted.sum()):,} known pairs of copies among {len(run.paths):,} images"
    threshold = run.threshold if threshold is None else threshold
    return _evaluation(run, truth, what, threshold, notes, {})


def _evaluation(
    run: FinishedRun,
    truth: Truth,
    what: str,
    threshold: float,
    notes: Sequence[str],
    facts: dict[str, Any],
) -> Evaluation:
    if not 0 <= threshold <= 1:
        raise ConfigError(f"threshold={threshold} is not allowed: it must be from 0 to 1")
    pairs = distinct_pairs(run.found_pairs())  # of two directions the more similar one
    kinds, counts = truth.judge(pairs.sources, pairs.targets)
    pairs, kinds = pairs.picked(counts), kinds[counts]
    ranking = Ranking.of(pairs.similarities, kinds, truth.wanted)
    model = run.config.get("model", {})
    return Evaluation(
        what=what,
        threshold=threshold,
        scores=scores(ranking, threshold),
        kinds=_kind_scores(ranking, truth.kinds, threshold),
        curve=tuple(ranking.curve()),
        wrong=_wrong(run, pairs, ranking),
        missed=_missed(run, truth, pairs, threshold),
        notes=tuple(notes),
        facts={
            "version": __version__,
            "model": model,
            "verify": run.options["verify"],
            "images": len(run.paths),
            **facts,
        },
    )


def _kind_scores(ranking: Ranking, names: Sequence[str], threshold: float) -> tuple[KindScore, ...]:
    at_p99 = ranking.right_by_kind(ranking.reach(0.99)).tolist()
    at_threshold = ranking.right_by_kind(ranking.n_kept(threshold)).tolist()
    found = [
        KindScore(name, n, sure / max(1, n), right / max(1, n), *wilson_interval(right, n))
        for name, n, sure, right in zip(
            names, ranking.wanted.tolist(), at_p99, at_threshold, strict=True
        )
    ]
    return tuple(sorted(found, key=lambda kind: (kind.recall, kind.recall_at_p99, kind.kind)))


def _wrong(run: FinishedRun, pairs: Pairs, ranking: Ranking) -> tuple[tuple[str, str, float], ...]:
    places = ranking.places[~ranking.is_right][:_MOST_LISTED]
    rows = zip(*(column[places].tolist() for column in pairs), strict=True)
    return tuple((run.paths[low], run.paths[high], value) for low, high, value in rows)


def _missed(
    run: FinishedRun, truth: Truth, pairs: Pairs, threshold: float
) -> tuple[tuple[str, str, str], ...]:
    near = pairs.picked(pairs.similarities >= threshold)
    found = set(zip(near.sources.tolist(), near.targets.tolist(), strict=True))
    missed = (
        (run.paths[low], run.paths[high], truth.kinds[kind])
        for (low, high), kind in sorted(truth.kind_of.items())
        if kind >= 0 and (low, high) not in found
    )
    return tuple(pair for pair, _ in zip(missed, range(_MOST_LISTED), strict=False))
