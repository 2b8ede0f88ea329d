"""Feature files as users hold them: a raw float32 matrix and the names of its rows."""

import os
import shutil
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastdup.errors import WorkDirError
from fastdup.workdir.commits import read_signature
from fastdup.workdir.csv_files import (
    csv_line,
    numbered_rows,
    read_table,
    remove_files,
    write_atomically,
)
from fastdup.workdir.last_run import last_run
from fastdup.workdir.paths import LATER_FEATURES, WorkDir

#: Row layout of ``features.dat``: little-endian whatever the machine.
FEATURE_DTYPE = np.dtype("<f4")
BUILTIN_DIM = 576
FEATURES_HEADER = ("index", "filename")
#: The header of the original's releases up to 0.25.
EARLY_HEADER = ("filename",)


def load_binary_feature(
    filename: str | os.PathLike[str], d: int | None = None
) -> tuple[list[str], NDArray[np.float32]]:
    """Return the stored file names and features.

    Parameters
    ----------
    filename : path
        A features file such as ``features.dat``, or a work folder: the features of its last run,
        wherever ``features_out_file`` put them. Files of earlier and later releases are read too:
        those whose names have no index, or one with gaps, and ``atrain_features.dat``.
    d : int or None
        Width that the features must have; None: any.

    Returns
    -------
    paths : list of str
        The n images' full paths, in row order.
    features : (n, d) float32 array
        Row i belongs to ``paths[i]``; memory-mapped, read-only.

    Raises
    ------
    WorkDirError
        When a file is missing or the two do not fit together, or the width is another one.
    """
    paths, features = _load(filename)
    if d is not None and paths and d != features.shape[1]:
        raise WorkDirError(f"d={d}, but the features have width {features.shape[1]}: leave d out")
    return paths, features


def _load(filename: str | os.PathLike[str]) -> tuple[list[str], NDArray[np.float32]]:
    files = _locate(os.path.expanduser(filename))
    if not os.path.exists(files.features_csv):
        raise WorkDirError(
            f"there are no features at {files.features}: a run with run_mode=0 or 1 stores them"
        )
    paths = _read_names(files)
    size, stored_dim = _size(files.features), _stored_dim(files)
    if not paths:
        return paths, np.zeros((0, stored_dim or BUILTIN_DIM), dtype=np.float32)
    dim = stored_dim or size // FEATURE_DTYPE.itemsize // len(paths)
    n_rows, n_rest = divmod(size, max(dim, 1) * FEATURE_DTYPE.itemsize)
    # Only an interrupted extraction may leave more bytes than those of whole rows.
    if dim == 0 or n_rows < len(paths) or (n_rest and stored_dim is None):
        raise WorkDirError(
            f"{files.features} ({size:,} bytes) does not hold one row for each of the "
            f"{len(paths):,} names in {files.features_csv}: extract the features again"
        )
    return paths, np.memmap(files.features, FEATURE_DTYPE, mode="r", shape=(len(paths), dim))


def save_binary_feature(
    work_dir: str | os.PathLike[str] | None = None,
    paths: Sequence[str | os.PathLike[str]] | None = None,
    array: ArrayLike | None = None,
    *,
    save_path: str | os.PathLike[str] | None = None,
    filenames: Sequence[str | os.PathLike[str]] | None = None,
    np_array: ArrayLike | None = None,
) -> None:
    """Store features of one's own, so that ``run(…, run_mode=2)`` can search them.

    All that an earlier run left in the folder about other images is removed: results, statistics,
    bad list, labels of data sets, galleries. The annotations, a plan for cleaning, and what undoes
    a cleaning stay.

    Parameters
    ----------
    work_dir : path
        The folder, made if missing; ``features.dat`` and ``features.dat.csv`` are written there.
    paths : sequence of n paths
        The images' full paths.
    array : (n, d) array
        Their features; stored as float32.
    save_path, filenames, np_array
        Other names of the three.

    Raises
    ------
    TypeError
        When one of the three is missing.
    ValueError
        When the shapes do not fit together or a value is not finite.
    WorkDirError
        When the folder cannot be written.
    """
    folder = save_path if work_dir is None else work_dir
    names, features = filenames if paths is None else paths, np_array if array is None else array
    if folder is None or names is None or features is None:
        raise TypeError("save_binary_feature() needs work_dir, paths and array")
    store_features(WorkDir(os.fspath(folder)), list(names), features)


def store_features(
    files: WorkDir, paths: Sequence[str | os.PathLike[str]], array: ArrayLike
) -> None:
    """Do what `save_binary_feature` does, wherever the features of a work folder are."""
    features = np.ascontiguousarray(array, dtype=FEATURE_DTYPE)
    if features.ndim != 2 or len(features) != len(paths) or features.shape[1] == 0:
        raise ValueError(
            f"{len(paths)} paths and an array of shape {features.shape} do not fit together: "
            "the array must have one row per path"
        )
    if not np.isfinite(features).all():
        raise ValueError("the features hold values that are not finite (NaN or infinite)")
    names = [csv_line((row, os.fspath(path))) for row, path in enumerate(paths)]

    def write_rows(file: BinaryIO) -> None:
        file.write(features.tobytes())
        file.flush()  # a full disk shows here, where nothing is lost yet
        # Before the new rows are in place: whatever is killed now leaves no mixture of both.
        remove_files(_all_of_others(files))

    def write_names(file: BinaryIO) -> None:
        file.writelines([csv_line(FEATURES_HEADER), *names])
        file.flush()
        write_atomically(files.features, write_rows)

    files.create()
    write_atomically(files.features_csv, write_names)


def copy_bad_list(work: WorkDir) -> None:
    """Write the bad list under the manual's other name too."""
    with open(work.bad_csv, "rb") as bad_list:
        write_atomically(work.bad_csv_alias, lambda file: shutil.copyfileobj(bad_list, file))


def bad_rows(work: WorkDir) -> Iterator[list[str]]:
    """Yield name, reason and detail of each file that the extraction of the features could not use.

    Features of one's own come from no extraction, so there are none.
    """
    if read_signature(work.journal) is not None and os.path.exists(work.bad_csv):
        yield from islice(read_table(work.bad_csv), 1, None)


def _all_of_others(files: WorkDir) -> list[str]:
    """Return what is to be removed when other features take the place of the stored ones.

    Not the statistics and metadata of an extraction whose features stay, as when these are stored
    elsewhere.
    """
    stale, by_default = files.all_about_images(), WorkDir(files.root)
    is_elsewhere = os.path.realpath(files.features) != os.path.realpath(by_default.features)
    if is_elsewhere and read_signature(by_default.journal) is not None:
        return [path for path in stale if path not in (files.stats, files.metadata)]
    return stale


def _locate(path: str) -> WorkDir:
    if os.path.isdir(path):
        later = os.path.join(path, LATER_FEATURES)
        if os.path.isfile(later) and not os.path.exists(WorkDir(path).features):
            return WorkDir(path, later)
        return last_run(path)
    if path.endswith(".csv") and os.path.isfile(path.removesuffix(".csv")):
        path = path.removesuffix(".csv")  # the names of the rows, which lie beside them
    folder, name = os.path.split(path)
    if name == LATER_FEATURES and not os.path.exists(path):
        return last_run(folder or ".")  # of a run that did not write it
    return WorkDir(os.path.dirname(path) or ".", path)


def _read_names(files: WorkDir) -> list[str]:
    """Return the names of the good images, in row order.

    Raises
    ------
    WorkDirError
        When the file is missing or damaged.
    """
    rows = read_table(files.features_csv)
    header, is_own = next(rows, None), read_signature(files.journal) is not None
    is_early = header == list(EARLY_HEADER) and not is_own
    if not is_early and header != list(FEATURES_HEADER):
        raise WorkDirError.damaged(files.features_csv, "it does not begin with index,filename")
    names, last = [], -1
    for position, row in enumerate(rows):
        # Others number the images before they leave out the bad ones.
        index = row[0] if len(row) == 2 and row[0].isdecimal() else ""
        is_next = index == str(position) if is_own else index != "" and int(index) > last
        if len(row) != 1 if is_early else not is_next:
            line, _ = next(islice(numbered_rows(files.features_csv), position + 1, None))
            raise WorkDirError.damaged(files.features_csv, f"line {line} is {row}")
        last = int(index or -1)
        names.append(row[-1])
    return names


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError as exc:
        raise WorkDirError(f"cannot read {path}: {exc.strerror}") from exc


def _stored_dim(files: WorkDir) -> int | None:
    """Return the width that the extraction noted, None for features from elsewhere."""
    signature = read_signature(files.journal)
    return None if signature is None else int(signature["dim"])
