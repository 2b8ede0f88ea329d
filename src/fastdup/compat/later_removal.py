"""Functions of later releases that delete files, each by a plan, the verdicts and the trash."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fastdup.actions.clean import CleanReport, carry_out, clean
from fastdup.actions.flawed import plan_chosen
from fastdup.actions.keep import CopyChoice
from fastdup.actions.plan_file import save_plan
from fastdup.api import SUCCESS, make_log_visible, run
from fastdup.compat.label_tools import export_to_cvat, export_to_labelImg
from fastdup.config import InputDir
from fastdup.errors import ConfigError, FastdupError
from fastdup.report.stat_metrics import find_metric
from fastdup.runs import FinishedRun
from fastdup.workdir import WorkDir

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]

#: A share of the images, and a value; None for no bound.
_Bound = tuple[float | None, float | None]

#: Similarity from which on later releases removed copies.
_REMOVED_FROM = 0.96
#: What may become of outliers of a statistic, and which tool is to look at their labels.
_DELETE, _MOVE, _LABEL_IMG, _CVAT = "delete", "move", "retag=labelImg", "retag=cvat"
_HOW = (_DELETE, _MOVE, "retag", _LABEL_IMG, _CVAT)


def remove_duplicates(
    input_dir: InputDir,
    work_dir: Path | None = None,
    distance: float = _REMOVED_FROM,
    dry_run: bool = False,
    **options: Any,
) -> list[str]:
    """Return the copies that were moved to the trash, or with `dry_run` those that would be.

    One file of each group stays, and what goes was found to show the same picture, whatever its
    similarity. ``fastdup undo WORK_DIR`` brings the files back.

    Parameters
    ----------
    input_dir : path, or sequence of paths
        The images, as for `fastdup.run`.
    work_dir : path or None
        The work folder; None: the folder ``work_dir``.
    distance : float
        Smallest similarity of what goes with what stays, 0 to 1, inclusive.
    dry_run : bool
        Whether to list the files only.
    **options
        Those of `fastdup.run`.

    Raises
    ------
    FastdupError
        When the run fails; the log says why.
    """
    place = "work_dir" if work_dir is None else work_dir
    options = {"threshold": min(distance, 0.85), **options}
    if run(input_dir, place, **options) != SUCCESS:
        raise FastdupError(
            f"nothing was removed: the run over {input_dir!r:.200} failed, see above"
        )
    return _logged(clean(place, threshold=distance, apply=not dry_run))


def delete_or_retag_stats_outliers(
    stats_file: "Path | pd.DataFrame",
    metric: str,
    filename_col: str = "filename",
    label_col: str | None = None,
    lower_percentile: float | None = None,
    upper_percentile: float | None = None,
    lower_threshold: float | None = None,
    upper_threshold: float | None = None,
    get_reformat_filename_func: Callable[[str], str] | None = None,
    dry_run: bool = True,
    how: str = "delete",
    save_path: Path | None = None,
    work_dir: Path | None = None,
) -> list[str]:
    """Return the files whose statistic is out of bounds, and put them away unless in a dry run.

    Nothing stands for such files, so look at the list first. ``fastdup undo`` brings them back. To
    have their labels looked at instead, files for a labelling tool are written.

    Parameters
    ----------
    stats_file : path or data frame
        ``stats.csv``, the work folder, or a table with `filename_col` and `metric`.
    metric : str
        A column, such as ``"blur"``, or a name of `create_stats_gallery`, such as ``"dark"``.
    filename_col : str
        The column of paths.
    label_col : str or None
        The column of labels, for ``"retag"``; they do not decide which files go.
    lower_percentile, upper_percentile : float or None
        Share of the images, 0 to 1: those with the lowest values, or all above this share.
    lower_threshold, upper_threshold : float or None
        Values below, or above, which an image is out of bounds, exclusive.
    get_reformat_filename_func : callable or None
        Path in the table → path on the disk.
    dry_run : bool
        Whether to list the files only.
    how : {"delete", "move", "retag", "retag=labelImg", "retag=cvat"}
        To the trash, or to the folder `save_path`; ``"retag"`` leaves the files where they are and
        writes into `save_path` what labelImg (as without a name) or CVAT opens.
    save_path : path or None
        The folder for ``"move"`` and ``"retag"``.
    work_dir : path or None
        The folder of the run; None: that of `stats_file`.

    Raises
    ------
    ConfigError
        When no bound is given, or `how` lacks what it needs.
    """
    if how not in _HOW:
        raise ConfigError.not_among("how", how, _HOW, _DELETE)
    if (how == _DELETE) != (save_path is None):
        raise ConfigError(
            f"how={how!r} with save_path={save_path!r}: the folder is for how='move' and 'retag'"
        )
    paths, values = _values(stats_file, metric, filename_col)
    lower, upper = (lower_percentile, lower_threshold), (upper_percentile, upper_threshold)
    low, high = _bounds(values, lower, upper)
    rename = get_reformat_filename_func or str
    out = np.flatnonzero((values < low) | (values > high)).tolist()
    named = {os.path.abspath(rename(paths[row])): f"{metric} {values[row]:g}" for row in out}
    if how not in (_DELETE, _MOVE):
        labels = _labels_of(stats_file, label_col, out)
        return _retagged(list(named), labels, how, save_path, dry_run=dry_run)
    place = _work_dir_of(stats_file, work_dir)
    return remove_chosen(place, metric, named, dry_run=dry_run, move_to=save_path)


def remove_chosen(
    work_dir: Path,
    what: str,
    reasons: Mapping[str, str],
    *,
    dry_run: bool,
    move_to: Path | None = None,
) -> list[str]:
    """Return which files go though nothing stands for them; without `dry_run` they are put away.

    Parameters
    ----------
    work_dir : path
        The folder of the run.
    what : str
        What they have in common, in a word.
    reasons : mapping of str to str
        Full path → why it goes. What is none of the run's images, or has changed, stays.
    dry_run : bool
    move_to : path or None
        A folder for them; None: the trash.
    """
    plan = plan_chosen(work_dir, what, reasons)
    make_log_visible(verbose=False)
    work = WorkDir(os.fspath(work_dir))
    save_plan(plan, work, CopyChoice())
    action = "trash" if move_to is None else "move"
    report = CleanReport(plan=plan, plan_file=work.clean_plan, action=action)
    if not dry_run:
        report = carry_out(plan, work.clean_plan, work, action, to=move_to)
    return _logged(report)


def _retagged(
    paths: Sequence[str], labels: Sequence[Any], how: str, save_path: Any, *, dry_run: bool
) -> list[str]:
    """Return the files, and write what a labelling tool opens unless this is a dry run."""
    write = export_to_cvat if how == _CVAT else export_to_labelImg
    if paths and not dry_run:
        logger.info("labels to look at: %s", write(paths, labels, save_path))
    return list(paths)


def _labels_of(
    stats_file: "Path | pd.DataFrame", label_col: str | None, rows: Sequence[int]
) -> list[Any]:
    """Return the labels of these rows; no label at all where none is known."""
    if isinstance(stats_file, str | os.PathLike):
        run = FinishedRun(_work_dir_of(stats_file, None))
        known: Mapping[str, Any] = run.labels() or {}
        found: list[Any] = [known.get(path, []) for path in run.paths]
    elif label_col is None:
        found = [[]] * len(stats_file)
    elif label_col in stats_file.columns:
        found = stats_file[label_col].tolist()
    else:
        raise ConfigError(f"the table has no column {label_col!r}: label_col= names that of labels")
    return [found[row] for row in rows]


def _logged(report: CleanReport) -> list[str]:
    """Log what a plan does, and return the files that go."""
    for line in report.lines():
        logger.info("%s", line)
    return [step.path for step in report.plan.removals()]


def _work_dir_of(stats_file: "Path | pd.DataFrame", work_dir: Path | None) -> Path:
    if work_dir is not None:
        return work_dir
    if not isinstance(stats_file, str | os.PathLike):
        raise ConfigError("a data frame does not say of which run it is: give work_dir=")
    path = os.path.expanduser(stats_file)
    return path if os.path.isdir(path) else os.path.dirname(path) or "."


def _values(
    stats_file: "Path | pd.DataFrame", metric: str, filename_col: str
) -> tuple[list[str], Any]:
    """Return the files and their values."""
    if isinstance(stats_file, str | os.PathLike):
        run = FinishedRun(_work_dir_of(stats_file, None))
        columns: Mapping[str, Any] = run.stats(needed=True)
        column = metric if metric in columns else find_metric(metric).column
        return list(run.paths), np.array(columns[column], np.float64)
    known = stats_file.columns
    column = metric if metric in known else find_metric(metric).column
    if filename_col not in known or column not in known:
        raise ConfigError(f"the table has no columns {filename_col!r} and {column!r}")
    return list(stats_file[filename_col]), stats_file[column].to_numpy(np.float64)


def _bounds(values: Any, lower: _Bound, upper: _Bound) -> tuple[float, float]:
    """Return the lowest and the highest value that is not out of bounds."""
    if lower == upper == (None, None):
        raise ConfigError(
            "no bound is given: try lower_threshold=50, or lower_percentile=0.05 for the 5 % lowest"
        )
    found = []
    for (share, limit), nothing in ((lower, -np.inf), (upper, np.inf)):
        if share is not None and not 0 <= share <= 1:
            raise ConfigError(f"a percentile of {share} is not allowed: it lies between 0 and 1")
        if limit is None and share is not None and len(values):
            limit = float(np.quantile(values, share))
        found.append(nothing if limit is None else limit)
    return found[0], found[1]
