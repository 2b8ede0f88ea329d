"""The results of a run as lines to read."""

import sys
from collections.abc import Iterator, Mapping, Sequence

from fastdup.actions.splits import splits_by_folder, splits_of
from fastdup.analysis.components import distinct_pairs
from fastdup.analysis.pairs import Pairs
from fastdup.printable import printable
from fastdup.quantities import counted
from fastdup.runs import FinishedRun


class SummaryLines(list[str]):
    """The lines of a summary. A notebook that has shown them in the log does not show them again.

    Parameters
    ----------
    lines : sequence of str
    are_shown : bool
        Whether they are in the log.
    """

    def __init__(self, lines: Sequence[str], *, are_shown: bool) -> None:
        super().__init__(lines)
        self._are_shown = are_shown

    def _ipython_display_(self) -> None:
        if not self._are_shown:
            sys.stdout.writelines(f"{printable(line)}\n" for line in self)
        self._are_shown = False  # when asked for later, they are


def summary_lines(
    run: FinishedRun, *, blurry_below: float, bright_above: float, dark_below: float
) -> list[str]:
    """Return the summary: counts, each followed by the method that gives the details.

    Parameters
    ----------
    run : FinishedRun
    blurry_below : float
        Images whose ``blur`` is below are counted as blurry.
    bright_above, dark_below : float
        Images whose ``mean`` is above or below are counted as bright or dark.
    """
    counts: Mapping[str, int] = run.config["counts"]
    n_side, n_good = counts.get("side_files", 0), counts["good"]
    n_images = counts["listed"] - n_side
    lines = [
        "Dataset Analysis Summary:",
        f"    Dataset contains {n_images:,} images"
        + (f", and {counted(n_side, 'file')} of other kinds" if n_side else ""),
        f"    Valid images are {_share(n_good, n_images)} of the data, "
        f"invalid are {_share(counts['bad'] - n_side, n_images)} of the data",
        "    For a detailed analysis, use `.invalid_instances()`.",
    ]
    if "groups" in counts:
        # As the command line and the pages count them: each pair once.
        pairs = distinct_pairs(run.pairs())
        lines += [
            f"    Components: {_share(counts['grouped_images'], n_good)} of the images are in "
            f"{counts['groups']:,} groups of similar images",
            "    For a detailed analysis, use `.connected_components()`.",
            f"    Pairs: {len(pairs.sources):,} at a similarity of {run.threshold:g} or more",
            "    For a detailed list, seen from both sides, use `.similarity()`.",
            f"    Outliers: {_share(counts['outliers'], n_good)} of the images stand apart",
            "    For a detailed list, use `.outliers()`.",
            *_of_splits(run, pairs),
            *_of_labels(run, pairs),
        ]
    blurry = bright = dark = 0
    for blur, mean in zip(*run.stats("blur", "mean").values(), strict=True):
        blurry += blur < blurry_below
        bright += mean > bright_above
        dark += mean < dark_below
    found = {"blurry": blurry, "bright": bright, "dark": dark}
    lines += [f"    {_share(n, n_good)} are {what}" for what, n in found.items() if n]
    if any(found.values()):
        lines.append("    For a detailed list, use `.img_stats()`.")
    return lines


def _of_splits(run: FinishedRun, pairs: Pairs) -> Iterator[str]:
    known = splits_of(run)
    splits = known or splits_by_folder(run.paths) or []
    if n_leaks := _n_differing(pairs, splits):
        yield f"    Leaks: {counted(n_leaks, 'pair')} of similar images in different splits"
        yield f"    For a detailed list, use `.leaks({'' if known else 'test=…'})`."


def _of_labels(run: FinishedRun, pairs: Pairs) -> Iterator[str]:
    labels = run.labels()
    if not labels:
        return
    copies = pairs.picked(run.verdicts.are_copies(pairs.sources, pairs.targets))
    n_conflicts = _n_differing(copies, [labels.get(path, "") for path in run.paths])
    yield f"    Labels: {counted(n_conflicts, 'pair')} of copies with different labels"
    yield "    For a detailed list, of other labels in doubt too, use `.mislabels()`."


def _n_differing(pairs: Pairs, texts: Sequence[str]) -> int:
    """Return how many pairs have two texts, and different ones."""
    rows = zip(pairs.sources.tolist(), pairs.targets.tolist(), strict=True)
    both = ((texts[one], texts[other]) for one, other in rows) if texts else ()
    return sum(bool(one and other and one != other) for one, other in both)


def _share(n: int, n_all: int) -> str:
    return f"{n / max(n_all, 1):.2%} ({n:,})"
