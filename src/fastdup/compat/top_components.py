"""The largest components as one table, and the removal of all but one image of each."""

import logging
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from fastdup.actions.clean import clean
from fastdup.actions.plan import KEEP
from fastdup.api import make_log_visible
from fastdup.compat.later_options import warn_of
from fastdup.compat.later_removal import remove_chosen
from fastdup.errors import ConfigError, MissingExtraError
from fastdup.report.gallery_options import GalleryOptions
from fastdup.report.stat_metrics import find_metric
from fastdup.runs import FinishedRun
from fastdup.runs.tables import COMPONENTS

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]
LabelOf = Callable[[str], Any] | Mapping[str, Any]

#: By what components are put together.
GROUPS = ("visual", "label")
#: Mean similarity from which on later releases deleted components, and why all of one goes.
_ALL_FROM, _WHOLE = 0.98, "all files of the component were to go"
#: Where a table of components keeps which work folder it is of.
_WORK_DIR = "work_dir"
#: Options of later releases that change nothing here → why.
_MEANINGLESS = {
    "comp_type": "components are those of the run",
    "get_bounding_box_func": "whole images are listed",
    "get_extra_col_func": "the table has no pictures",
    "get_reformat_filename_func": "files are listed under their own names",
    "input_dir": "tables hold full paths",
    "kwargs": "nothing more is needed",
    "lazy_load": "the table has no pictures",
    "max_width": "the table has no pictures",
    "num_images": "all components are listed",
    "return_stats": "the table has all columns",
    "run_hierarchical": "components are those of the run",
    "verbose": "the log is Python's: logging.getLogger('fastdup')",
}


def find_top_components(
    work_dir: Path,
    get_label_func: LabelOf | None = None,
    group_by: str = "visual",
    slice: Any = None,
    threshold: float | None = None,
    metric: str | None = None,
    descending: bool = True,
    min_items: int | None = None,
    max_items: int | None = None,
    keyword: str | None = None,
    save_path: Path | None = None,
    **options: Any,
) -> "pd.DataFrame":
    """Return the components of a run as a table, the largest first.

    Parameters
    ----------
    work_dir : path
        The folder of a finished run.
    get_label_func : callable, mapping or None
        Path → label of the image.
    group_by : {"visual", "label"}
        Components as the run found them; or one group for each label of the images in them.
    slice : label, sequence of labels, or None
        Only components with an image of one of these labels; ``"diff"``: with differing labels.
    threshold : float or None
        Smallest mean similarity of a component.
    metric : str or None
        A statistic, such as ``"blur"``, whose mean orders the components instead of their size.
    descending : bool
        Whether the largest come first.
    min_items, max_items : int or None
        Fewest images of a component; most files listed of one.
    keyword : str or None
        Only components with a file whose path holds this.
    save_path : path or None
        A folder, in which ``top_components.csv`` is written too.
    **options
        Those of later releases that mean nothing here are named in a warning.

    Returns
    -------
    data frame
        ``component_id, files, distance, len``: the list of files, the mean similarity of the
        component's pairs, and its number of images; ``label``, a list, too with labels.

    Raises
    ------
    ConfigError
        When an option is out of range.
    WorkDirError
        When there is no finished run.
    """
    warn_of("find_top_components", options, _MEANINGLESS)
    if group_by not in GROUPS:
        raise ConfigError.not_among("group_by", group_by, GROUPS, "visual")
    chosen = GalleryOptions(
        get_label_func=get_label_func,
        slice=slice,
        keyword=keyword,
        threshold=threshold,
        min_items=min_items,
        max_items=max_items,
    ).with_labels({})
    run = FinishedRun(work_dir)
    rows = [
        (number, files, distance)
        for number, files, distance in _components(run, chosen, group_by)
        if len(files) >= (min_items or 1)
        and (threshold is None or distance >= threshold)
        and chosen.wants(files)
    ]
    value = _mean_of(run, metric) if metric else lambda files: float(len(files))
    rows.sort(key=lambda row: -value(row[1]) if descending else value(row[1]))
    frame = _table(rows, chosen)
    frame.attrs[_WORK_DIR] = os.path.abspath(os.path.expanduser(work_dir))
    if save_path is not None:
        os.makedirs(os.path.expanduser(save_path), exist_ok=True)
        place = os.path.join(os.path.expanduser(save_path), "top_components.csv")
        frame.to_csv(place, index=False, errors="surrogateescape")
    return frame


def delete_components(
    top_components: "pd.DataFrame",
    to_delete: Collection[int] | None = None,
    how: str = "one",
    dry_run: bool = True,
    min_distance: float | None = None,
    work_dir: Path | None = None,
    **options: Any,
) -> list[str]:
    """Return the files that go, or went, so that one image of each component stays.

    A file goes only if it was found to show the same picture as one that stays: the plan of
    `fastdup.clean` decides. Without `dry_run` the files are moved to the trash, and ``fastdup
    undo`` brings them back; those of ``how="all"`` too, for which nothing stands.

    Parameters
    ----------
    top_components : data frame
        Of `find_top_components`, or some of its rows.
    to_delete : collection of int or None
        Numbers of the components, ``component_id``; None: all.
    how : {"one", "all"}
        Whether one file of each stays, or none.
    dry_run : bool
        Whether to list the files only.
    min_distance : float or None
        Smallest mean similarity of the components, inclusive; None: any, or 0.98 for ``"all"``.
    work_dir : path or None
        The folder of the run; None: as `top_components` has it.
    **options
        Those of later releases that mean nothing here are named in a warning.

    Raises
    ------
    ConfigError
        When the table has no files, the work folder is not known, or `how` is not allowed.
    """
    warn_of("delete_components", options, _MEANINGLESS)
    if how not in ("one", "all"):
        raise ConfigError.not_among("how", how, ("one", "all"), "one")
    place = top_components.attrs.get(_WORK_DIR) if work_dir is None else work_dir
    if place is None:
        raise ConfigError(
            "the table does not say of which run it is: give work_dir= to delete_components"
        )
    if how == "all":
        least = _ALL_FROM if min_distance is None else min_distance
        return remove_whole(place, _rows_of(top_components, to_delete, least), dry_run=dry_run)
    rows = _rows_of(top_components, to_delete, min_distance)
    return remove_copies(place, {path for files in rows for path in files[1:]}, dry_run=dry_run)


def remove_whole(
    work_dir: Path, components: Iterable[Sequence[str]], *, dry_run: bool
) -> list[str]:
    """Return all files of components, and remove them unless this is a dry run."""
    reasons = dict.fromkeys(chain.from_iterable(components), _WHOLE)
    return remove_chosen(work_dir, "component", reasons, dry_run=dry_run)


def remove_copies(work_dir: Path, wanted: Collection[str], *, dry_run: bool) -> list[str]:
    """Return which of the files a plan removes, and remove them unless this is a dry run.

    Parameters
    ----------
    work_dir : path
        The folder of the run.
    wanted : collection of str
        Full paths of images of the run. All others stay.
    dry_run : bool
    """
    make_log_visible(verbose=False)
    run = FinishedRun(work_dir)
    by_hand = {path: KEEP for path in run.paths if path not in wanted}
    report = clean(work_dir, threshold=run.threshold, by_hand=by_hand, apply=not dry_run)
    going = [step.path for step in report.plan.removals()]
    for line in report.lines():
        logger.info("%s", line)
    if len(going) < len(wanted):
        logger.warning(
            "%d of %d files stay: they were not found to show the same picture as one that stays; "
            "fastdup clean %s --also all takes edited copies too",
            len(wanted) - len(going),
            len(wanted),
            work_dir,
        )
    return going


def _rows_of(
    top_components: "pd.DataFrame", to_delete: Collection[int] | None, least: float | None
) -> list[Sequence[str]]:
    missing = {"component_id", "files"} - set(top_components.columns)
    if missing:
        raise ConfigError(
            f"top_components lacks {', '.join(sorted(missing))}: give what find_top_components "
            "returns"
        )
    chosen = top_components
    if to_delete is not None:
        chosen = chosen[chosen["component_id"].isin(list(to_delete))]
    if least is not None:
        chosen = chosen[chosen["distance"] >= least]
    return list(chosen["files"])


def _components(
    run: FinishedRun, options: GalleryOptions, group_by: str
) -> Iterable[tuple[int, list[str], float]]:
    """Yield number, files and mean similarity of each group."""
    names = ("filename", "component_id", "mean_distance")
    files: dict[Any, list[str]] = defaultdict(list)
    distances: dict[Any, list[float]] = defaultdict(list)
    for path, number, distance in zip(*run.columns(COMPONENTS, *names), strict=True):
        key = number if group_by == "visual" else options.label(path)
        files[key].append(path)
        distances[key].append(distance)
    for number, key in enumerate(files):
        mean = sum(distances[key]) / len(distances[key])
        yield (key if group_by == "visual" else number), files[key], mean


def _mean_of(run: FinishedRun, metric: str) -> Callable[[Sequence[str]], float]:
    values = run.stats(find_metric(metric).column, needed=True)
    (column,) = values.values()
    return lambda files: sum(column[run.row_of[path]] for path in files) / len(files)


def _table(rows: Sequence[tuple[int, list[str], float]], options: GalleryOptions) -> "pd.DataFrame":
    try:
        import pandas as pd
    except ImportError as exc:
        raise MissingExtraError.needed_for("a data frame", extra="notebook") from exc

    shown = [files[: options.max_items or None] for _, files, _ in rows]
    columns = {
        "component_id": pd.Series([number for number, _, _ in rows], dtype="int64"),
        "files": pd.Series(shown, dtype=object),
        "distance": pd.Series([distance for _, _, distance in rows], dtype="float64"),
        "len": pd.Series([len(files) for _, files, _ in rows], dtype="int64"),
    }
    if options.get_label_func is not None:
        columns["label"] = pd.Series(
            [list(map(options.label, files)) for files in shown], dtype=object
        )
    return pd.DataFrame(columns)
