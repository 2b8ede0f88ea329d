"""What a run leaves behind: the result files of the work folder, and the summary."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any

from fastdup import __version__
from fastdup.analysis import Components, Outliers, Pairs
from fastdup.analysis.pairs import DECIMALS
from fastdup.config import RunConfig
from fastdup.sources import without_secrets
from fastdup.workdir import WorkDir, write_atomically, write_table

PAIRS_HEADER = ("from", "to", "distance")
COMPONENTS_HEADER = (
    "filename",
    "component_id",
    "count",
    "mean_distance",
    "min_distance",
    "max_distance",
)
LABELS_HEADER = ("filename", "label")
COMPONENT_INFO_HEADER = ("component_id", "count", "mean", "min", "max")


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a run found, and what it took.

    Attributes
    ----------
    work_dir : str
        Where the files are.
    features_file : str or None
        Where the features are when not in the work folder, the bad list beside them.
    n_listed, n_good, n_bad : int
        Numbers of files; good + bad = listed.
    n_pairs, n_groups, n_grouped, n_outliers : int or None
        Numbers of rows of similarity.csv, of groups, of images in groups, and of outliers; None
        when only extracted.
    n_video_pairs : int or None
        Number of pairs of videos that match; None when no image is a frame of a video.
    provider : str
        Who searched, and why.
    seconds : mapping of str to float
        Wall time of each stage.
    thread_seconds : mapping of str to float
        Time of each step of the extraction, added up over the threads.
    """

    work_dir: str
    features_file: str | None = None
    n_listed: int
    n_good: int
    n_bad: int
    n_pairs: int | None = None
    n_groups: int | None = None
    n_grouped: int | None = None
    n_outliers: int | None = None
    n_video_pairs: int | None = None
    provider: str = ""
    seconds: Mapping[str, float]
    thread_seconds: Mapping[str, float]

    def counts(self) -> dict[str, int]:
        """Return all counts that were taken."""
        counts = {
            "listed": self.n_listed,
            "good": self.n_good,
            "bad": self.n_bad,
            "pairs": self.n_pairs,
            "groups": self.n_groups,
            "grouped_images": self.n_grouped,
            "outliers": self.n_outliers,
            "video_pairs": self.n_video_pairs,
        }
        return {name: count for name, count in counts.items() if count is not None}

    def lines(self) -> Iterator[str]:
        """Yield the lines that a person reads at the end of a run."""
        work = WorkDir(self.work_dir, self.features_file)
        yield f"{self.n_listed:,} files listed: {self.n_good:,} good, {self.n_bad:,} bad"
        if self.n_bad:
            yield f"  bad files and why: {work.bad_csv}"
        if self.n_pairs is not None:
            yield f"{self.n_pairs:,} pairs: {work.similarity}"
            yield f"{self.n_groups:,} groups of {self.n_grouped:,} images: {work.components}"
            yield f"{self.n_outliers:,} outliers: {work.outliers}"
            if self.n_video_pairs is not None:
                yield f"{self.n_video_pairs:,} pairs of videos: {work.videos}"
            yield f"neighbours by {self.provider}"
        stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in self.seconds.items())
        yield f"seconds: {stages}, in all {sum(self.seconds.values()):.2f}"


def write_pairs(work: WorkDir, paths: Sequence[str], pairs: Pairs) -> None:
    """Write ``similarity.csv``."""
    write_table(work.similarity, PAIRS_HEADER, _pair_rows(paths, pairs))


def write_outliers(work: WorkDir, paths: Sequence[str], outliers: Outliers) -> None:
    """Write ``outliers.csv``."""
    write_table(work.outliers, PAIRS_HEADER, _pair_rows(paths, outliers))


def write_components(work: WorkDir, paths: Sequence[str], components: Components) -> None:
    """Write ``connected_components.csv`` and ``component_info.csv``."""
    spreads = list(zip(components.mean, components.min, components.max, strict=True))
    info = [
        (component_id, count, *map(_decimal, spread))
        for component_id, (count, spread) in enumerate(
            zip(components.counts.tolist(), spreads, strict=True)
        )
    ]
    members = zip(components.members.tolist(), components.component_ids.tolist(), strict=True)
    rows = ((paths[member], *info[component_id]) for member, component_id in members)
    write_table(work.components, COMPONENTS_HEADER, rows)
    write_table(work.component_info, COMPONENT_INFO_HEADER, info)


def write_labels(work: WorkDir, labels: Iterator[tuple[str, str]]) -> None:
    """Write ``labels.csv``; where there are none, there is no such file.

    Parameters
    ----------
    work : WorkDir
    labels : iterator of (path, label)
        What data sets say of their images.
    """
    first = next(labels, None)
    if first is not None:
        write_table(work.labels, LABELS_HEADER, chain([first], labels))
    elif os.path.exists(work.labels):
        os.unlink(work.labels)


def write_config(
    work: WorkDir, options: Mapping[str, Any], model: Mapping[str, Any] | None, summary: Summary
) -> None:
    """Write ``config.json``: what was asked, by what it was done, what came of it."""
    content = {
        "fastdup": __version__,
        "options": dict(options),
        "model": model,
        "neighbours": summary.provider,
        "counts": summary.counts(),
        "seconds": _rounded(summary.seconds),
        "thread_seconds": _rounded(summary.thread_seconds),
    }
    # ASCII, so that names that are no valid UTF-8 still make valid JSON.
    text = json.dumps(content, indent=2, ensure_ascii=True) + "\n"
    write_atomically(work.config, lambda file: file.write(text.encode()))


def plain_options(config: RunConfig) -> Mapping[str, Any]:
    """Return the options as JSON can hold them; a Python list of inputs by its length.

    The features are named in full, to be found from any other folder; secrets are left out.
    """
    options = {f.name: getattr(config, f.name) for f in fields(config)}
    for name, value in options.items():
        if isinstance(value, str):
            options[name] = without_secrets(value)
    given = config.input_dir
    if not isinstance(given, str):  # it may be anything where only stored features are searched
        count = len(given) if isinstance(given, Sequence) else 0
        options["input_dir"] = f"a list of {count} inputs" if count else None
    if config.features_out_file:
        options["features_out_file"] = os.path.abspath(config.features_out_file)
    return options


def _pair_rows(paths: Sequence[str], pairs: Pairs | Outliers) -> Iterator[tuple[str, str, str]]:
    sources, targets, similarities = pairs
    for source, target, similarity in zip(
        sources.tolist(), targets.tolist(), similarities.tolist(), strict=True
    ):
        yield paths[source], paths[target], _decimal(similarity)


def _decimal(similarity: float) -> str:
    return f"{similarity:.{DECIMALS}f}"


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(value, 3) for stage, value in seconds.items()}
