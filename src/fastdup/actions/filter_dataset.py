"""A data set of Hugging Face's library without copies and without what was decided to go."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from fastdup.actions.export import chosen_copies
from fastdup.actions.planning import make_plan
from fastdup.errors import ConfigError
from fastdup.runs import FinishedRun
from fastdup.sources.containers.datasets.row_names import may_be_row, parse_row
from fastdup.sources.kinds import DATASETS

#: Rows that are compared with what the run read, to notice a data set in another order.
_N_COMPARED = 20
#: Rows that are read at a time.
_ROWS_TOGETHER = 1000


def filter_dataset(
    dataset: Any, work_dir: str | os.PathLike[str], *, drop_bad: bool = True, **choice: Any
) -> Any:
    """Return a data set of Hugging Face's ``datasets`` without the rows that go.

    These are the copies that `export` lists, and what you decided to remove; of each group one row
    stays. Nothing is sent anywhere, and `dataset` itself is unchanged.

    Parameters
    ----------
    dataset : data set
        A ``datasets.Dataset``: what the run read, in its order: the rows of its Parquet or Arrow
        files, or images in files, as the loader ``imagefolder`` has them.
    work_dir : path
        The folder of a finished run.
    drop_bad : bool
        Whether rows whose image could not be used go too.
    **choice
        Which copies go: ``keep``, ``threshold``, ``exact``, ``also``, … as for `export`.

    Returns
    -------
    data set
        ``dataset.select(rows)``.

    Raises
    ------
    ConfigError
        When it is no such data set, or not the one that the run read, or an option is out of range.
    WorkDirError
        When there is no finished run.
    """
    if not hasattr(dataset, "select") or not hasattr(dataset, "with_format"):
        raise ConfigError(
            f"dataset is a {type(dataset).__name__}: give a datasets.Dataset, one split of it"
        )
    run = FinishedRun(work_dir)
    plan = make_plan(work_dir, chosen_copies(**choice), only_files=False)
    gone = {step.path for step in plan.removals()}
    gone.update(run.paths[row] for row in run.decided.removes)
    bad = [file.filename for file in run.bad()]
    if drop_bad:
        gone.update(bad)
    names = _names_of_rows(dataset, run, [*run.paths, *bad])
    return dataset.select([row for row, name in enumerate(names) if name not in gone])


def _names_of_rows(dataset: Any, run: FinishedRun, listed: Sequence[str]) -> list[str]:
    """Return the name of each row's image in the run."""
    column = _image_column(dataset)
    in_files = [name for name in listed if may_be_row(name)]
    if not in_files:
        return _names_by_path(dataset, column, set(listed))
    names = _in_order(in_files)
    if len(names) != len(dataset):
        raise ConfigError(
            f"the run listed {len(names):,} rows, and the data set has {len(dataset):,}: give the "
            "data set that the run read"
        )
    if column is not None:
        _compare_some(dataset, column, names, run)
    return names


def _in_order(names: Sequence[str]) -> list[str]:
    """Return the names of all rows of several files in the order of a data set made of them."""
    files: dict[str, dict[int, str]] = {}
    for name in names:
        for path in reversed([*DATASETS.paths_in(name)]):
            row = parse_row(path, name)[1]
            if row is not None:
                files.setdefault(path, {})[row] = name
                break
    in_order = sorted(files, key=os.fsencode)
    return [files[path][row] for path in in_order for row in sorted(files[path])]


def _image_column(dataset: Any) -> str | None:
    """Return the first column of images, None if there is none."""
    features: Mapping[str, Any] = dataset.features
    return next((name for name, kind in features.items() if type(kind).__name__ == "Image"), None)


def _cells(dataset: Any, column: str) -> Iterator[Mapping[str, Any]]:
    """Yield the images of a data set as they are stored: their bytes, or where they are."""
    stored = dataset.select_columns([column]).with_format("arrow")
    for table in stored.iter(batch_size=_ROWS_TOGETHER):
        yield from table[column].to_pylist()


def _names_by_path(dataset: Any, column: str | None, listed: set[str]) -> list[str]:
    if column is None:
        raise ConfigError("the data set has no column of images, so its rows are those of no run")
    names = [os.path.abspath(cell["path"] or "") for cell in _cells(dataset, column)]
    unknown = [name for name in names if name not in listed]
    if unknown:
        raise ConfigError(
            f"{len(unknown):,} of {len(names):,} rows are not among the images of the run, such as "
            f"{unknown[0]!r}: give the data set that the run read"
        )
    return names


def _compare_some(dataset: Any, column: str, names: Sequence[str], run: FinishedRun) -> None:
    """Refuse a data set some of whose rows hold other images than the run read there."""
    good = [row for row, name in enumerate(names) if name in run.row_of]
    step = max(1, len(good) // _N_COMPARED)
    chosen = sorted({*good[::step], *good[-1:]})
    cells = _cells(dataset.select(chosen), column)
    with closing(run.open_reader()) as reader:
        for row, cell in zip(chosen, cells, strict=True):
            if cell["bytes"] is not None and cell["bytes"] != reader.read(names[row]):
                raise ConfigError(
                    f"row {row:,} of the data set holds another image than {names[row]!r}: give "
                    "the data set that the run read, in its order"
                )
