"""The results of a run as lines to read."""

import os
from collections.abc import Mapping
from typing import Any

from fastdup.workdir import WorkDir, read_table


def summary_lines(
    config: Mapping[str, Any],
    work: WorkDir,
    *,
    blurry_below: float,
    bright_above: float,
    dark_below: float,
) -> list[str]:
    """Return the summary: counts, each followed by the method that gives the details.

    Parameters
    ----------
    config : mapping
        The content of ``config.json``.
    work : WorkDir
        The folder with the statistics.
    blurry_below : float
        Images whose ``blur`` is below are counted as blurry.
    bright_above, dark_below : float
        Images whose ``mean`` is above or below are counted as bright or dark.
    """
    counts: Mapping[str, int] = config["counts"]
    n_listed, n_good = counts["listed"], counts["good"]
    lines = [
        "Dataset Analysis Summary:",
        f"    Dataset contains {n_listed:,} images",
        f"    Valid images are {_share(n_good, n_listed)} of the data, "
        f"invalid are {_share(counts['bad'], n_listed)} of the data",
        "    For a detailed analysis, use `.invalid_instances()`.",
    ]
    if "groups" in counts:
        threshold = config["options"]["threshold"]
        lines += [
            f"    Components: {_share(counts['grouped_images'], n_good)} of the images are in "
            f"{counts['groups']:,} groups of similar images",
            "    For a detailed analysis, use `.connected_components()`.",
            f"    Pairs: {counts['pairs']:,} at a similarity of {threshold:g} or more",
            "    For a detailed list, use `.similarity()`.",
            f"    Outliers: {_share(counts['outliers'], n_good)} of the images resemble no other",
            "    For a detailed list, use `.outliers()`.",
        ]
    blurry = bright = dark = 0
    for blur, mean in _blur_and_mean(work) if os.path.exists(work.stats) else ():
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


def _blur_and_mean(work: WorkDir) -> list[tuple[float, float]]:
    rows = read_table(work.stats)
    header = next(rows, [])
    places = header.index("blur"), header.index("mean")
    return [(float(row[places[0]]), float(row[places[1]])) for row in rows]
