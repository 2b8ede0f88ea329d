"""The images of a folder as the tars of a WebDataset, without copies and bad ones."""

import os
import tarfile
from collections.abc import Callable, Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any

from fastdup.dataset.files_below import files_below
from fastdup.errors import ConfigError, SourceError
from fastdup.workdir.csv_files import write_atomically

if TYPE_CHECKING:
    import pandas as pd

Path = str | os.PathLike[str]

#: Columns of the two files of a pair, in the tables here and in those of later releases.
_PAIRS = (("from", "to"), ("filename_from", "filename_to"))


def package_webdataset(
    input_dir: Path,
    work_dir: Path,
    output_dir: Path,
    _images_per_tar: int = 10_000,
    image_suffix: Sequence[str] = (".jpg", ".png"),
    num_threads: int = 32,
    limit: int | None = None,
    exclude_dups: "Path | pd.DataFrame | None" = None,
    exclude_bad: "Path | pd.DataFrame | None" = None,
) -> list[str]:
    """Return the paths of ``visual_layer_000000.tar`` …, which hold the images of a folder.

    ``image_list.txt`` beside them names the images. They keep their names below the folder, and
    are in the order of these, so that the tars are the same each time.

    Parameters
    ----------
    input_dir : path
        The folder, with all below it.
    work_dir : path
        Accepted; there is nothing between to store.
    output_dir : path
        The folder for the tars, made if missing.
    _images_per_tar : int
        Most images in a tar, at least 1.
    image_suffix : sequence of str
        Endings of images, in small letters or capitals.
    num_threads : int
        Accepted; one thread copies as fast as the disk.
    limit : int or None
        Most tars.
    exclude_dups, exclude_bad : path, data frame or None
        What is left out: a table, or its CSV file, with a column ``filename``; of pairs, such as
        ``similarity.csv``, the second file of each whose first one stays.

    Raises
    ------
    ConfigError
        When an option is out of range, or a table names no files.
    SourceError
        When there are no such images.
    """
    if _images_per_tar < 1 or (limit is not None and limit < 1):
        raise ConfigError("_images_per_tar and limit are at least 1; try _images_per_tar=10000")
    folder, place = (os.path.expanduser(os.fspath(path)) for path in (input_dir, output_dir))
    gone = {path for table in (exclude_dups, exclude_bad) for path in _listed(table)}
    endings = tuple(ending.lower() for ending in image_suffix)
    images = [path for path in files_below(folder, endings) if os.path.abspath(path) not in gone]
    if not images:
        raise SourceError(f"there are no images to pack in {folder} that end in {endings}")
    os.makedirs(place, exist_ok=True)
    starts = range(0, len(images), _images_per_tar)[:limit]
    parts = [images[start : start + _images_per_tar] for start in starts]
    packed = "".join(f"{path}\n" for part in parts for path in part)
    write_atomically(
        os.path.join(place, "image_list.txt"),
        lambda file: file.write(packed.encode("utf-8", "surrogateescape")),
    )
    tars = [os.path.join(place, f"visual_layer_{n:06}.tar") for n in range(len(parts))]
    for tar, part in zip(tars, parts, strict=True):
        write_atomically(tar, _packer(folder, part))
    return tars


def _packer(folder: str, paths: Sequence[str]) -> "Callable[[IO[bytes]], None]":
    """Return what writes a tar of these images."""

    def pack(file: IO[bytes]) -> None:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for path in paths:
                tar.add(path, os.path.relpath(path, folder), recursive=False, filter=_anonymous)

    return pack


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out whose file it was."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _listed(table: "Path | pd.DataFrame | None") -> Iterable[str]:
    """Return the full paths that a table names."""
    if table is None:
        return ()
    frame: Any = table
    if isinstance(table, str | os.PathLike):
        import pandas as pd

        frame = pd.read_csv(os.path.expanduser(table), encoding_errors="surrogateescape")
    if "filename" in frame.columns:
        return _full_paths(frame["filename"])
    names = next((pair for pair in _PAIRS if {*pair} <= {*frame.columns}), None)
    if names is None:
        raise ConfigError("a table of what to leave out has a column filename, or from and to")
    gone: dict[str, None] = {}
    for first, second in zip(*(_full_paths(frame[name]) for name in names), strict=True):
        if first not in gone:
            gone[second] = None
    return gone


def _full_paths(paths: Iterable[object]) -> list[str]:
    return [os.path.abspath(os.path.expanduser(str(path))) for path in paths]
