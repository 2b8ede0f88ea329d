"""Top folders: pairs across them, or within one, may be the only ones that are wanted.

The top folder of an image is the input that it lies in, where a run had several; where it had one,
the first folder below that one, or the input itself.
"""

import os
from collections.abc import Callable, Collection, Sequence
from itertools import takewhile

from fastdup.actions.keep import CopyChoice
from fastdup.runs import FinishedRun
from fastdup.runs.config_file import read_inputs

#: Whether two rows, one of which would go, may be a pair.
Allows = Callable[[int, int], bool]


def allowed_pairs(
    found: FinishedRun, choice: CopyChoice, paths: Sequence[str] | None = None
) -> Allows:
    """Return which pairs of rows a choice wants, by the top folders of their images.

    Parameters
    ----------
    found : FinishedRun
    choice : CopyChoice
    paths : sequence of str or None
        The path of each row; None: those of the images.
    """
    if not (choice.across or choice.within):
        return lambda _one, _other: True
    tops = top_folders(found.paths if paths is None else paths, read_inputs(found.config))
    return lambda one, other: (tops[one] == tops[other]) is choice.within


def top_folders(paths: Sequence[str], inputs: Collection[str]) -> list[str]:
    """Return the top folder of each image, with ``/`` between its parts.

    Parameters
    ----------
    paths : sequence of str
        The images.
    inputs : collection of str
        What the run was given, as full paths; what holds no image does not count. Where none does,
        the deepest folder that holds all images stands for the input.
    """
    of_images = [_folder(os.path.dirname(path)) for path in paths]
    folders = set(of_images)
    deepest_first = sorted(set(map(_folder, inputs)), key=len, reverse=True)
    roots = [root for root in deepest_first if any(name.startswith(root) for name in folders)]
    if not roots:
        roots = [_common(folders)]
    top_of = {folder: _top(folder, roots) for folder in folders}
    return [top_of[folder] for folder in of_images]


def _folder(name: str) -> str:
    """Return the name of a folder with one slash at its end."""
    return name.replace(os.sep, "/").rstrip("/") + "/"


def _common(folders: Collection[str]) -> str:
    """Return the deepest folder that holds all of some folders; empty where none does."""
    parts = [folder.removesuffix("/").split("/") for folder in folders]
    ends = zip(min(parts), max(parts), strict=False)
    return "".join(f"{one}/" for one, _ in takewhile(lambda pair: pair[0] == pair[1], ends))


def _top(folder: str, roots: Sequence[str]) -> str:
    root = next((root for root in roots if folder.startswith(root)), None)
    if root is None:  # an image that was named by itself
        return folder
    below = folder[len(root) :].partition("/")[0]
    return f"{root}{below}/" if len(roots) == 1 and below else root
