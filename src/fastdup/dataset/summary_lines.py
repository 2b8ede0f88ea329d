"""The results of a run as lines to read."""

import sys
from collections.abc import Mapping, Sequence

from fastdup.printable import printable
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
        + (f", and {n_side:,} files that are not images" if n_side else ""),
        f"    Valid images are {_share(n_good, n_images)} of the data, "
        f"invalid are {_share(counts['bad'] - n_side, n_images)} of the data",
        "    For a detailed analysis, use `.invalid_instances()`.",
    ]
    if "groups" in counts:
        lines += [
            f"    Components: {_share(counts['grouped_images'], n_good)} of the images are in "
            f"{counts['groups']:,} groups of similar images",
            "    For a detailed analysis, use `.connected_components()`.",
            f"    Pairs: {counts['pairs']:,} at a similarity of {run.threshold:g} or more",
            "    For a detailed list, use `.similarity()`.",
            f"    Outliers: {_share(counts['outliers'], n_good)} of the images stand apart",
            "    For a detailed list, use `.outliers()`.",
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


def _share(n: int, n_all: int) -> str:
    return f"{n / max(n_all, 1):.2%} ({n:,})"
