"""Which split each image of a run is in, such as train or test, and which class by its folder."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from fastdup.actions.keep import is_below
from fastdup.config import RunConfig
from fastdup.runs import FinishedRun
from fastdup.sources import list_images

TEST, TRAIN = "test", "train"
#: What folders of splits are called → the split.
_FOLDERS: Mapping[str, str] = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "eval"), TEST),
}


def splits_of(
    found: FinishedRun, *, test: Collection[str] = (), column: str = "split"
) -> list[str] | None:
    """Return the split of each image, "" where it has none; None where nothing says so.

    Parameters
    ----------
    found : FinishedRun
    test : collection of str
        Full paths of folders or files that make up the split ``test``; all else is ``train``. When
        empty, the column `column` of the run's annotations decides, else its option ``test_dir``.
    column : str
        Of the annotations.
    """
    if test:
        return [TEST if is_below(path, test) else TRAIN for path in found.paths]
    annotated = found.labels(column)
    if annotated is not None:
        return [annotated.get(path, "") for path in found.paths]
    if test_dir := found.options["test_dir"]:
        is_test = set(list_images(RunConfig(input_dir=test_dir)))
        return [TEST if path in is_test else TRAIN for path in found.paths]
    return None


def splits_by_folder(paths: Sequence[str]) -> list[str] | None:
    """Return the split of each image by the first folder of its path that is called like one.

    "" for images in no such folder; None where there are not two such splits.
    """
    splits = _by_folder(paths, _split_in)
    return splits if len(set(splits) - {""}) > 1 else None


def labels_by_folder(paths: Sequence[str]) -> list[str]:
    """Return the name of the folder that each image is in; "" where that is a folder of a split."""
    return _by_folder(paths, _class_of)


def _by_folder(paths: Sequence[str], find: Callable[[Sequence[str]], str]) -> list[str]:
    """Return what `find` says of the folders of each path, which it is asked once for each."""
    known: dict[str, str] = {}
    found = []
    for path in paths:
        folder = path[: max(path.rfind("/"), path.rfind("\\"), 0)]
        if folder not in known:
            known[folder] = find(re.split(r"[/\\]", folder))
        found.append(known[folder])
    return found


def _split_in(folders: Sequence[str]) -> str:
    return next((_FOLDERS[name.lower()] for name in folders if name.lower() in _FOLDERS), "")


def _class_of(folders: Sequence[str]) -> str:
    return "" if folders[-1].lower() in _FOLDERS else folders[-1]
