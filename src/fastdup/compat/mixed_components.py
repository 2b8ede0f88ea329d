"""The removal of images from components by their labels."""

import ast
import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fastdup.compat.top_components import LabelOf, find_top_components, remove_copies, remove_whole
from fastdup.errors import ConfigError
from fastdup.runs import FinishedRun

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]

#: What goes: copies of one label, by either name, or whole components.
_HOW = ("majority", "one", "all")


def delete_components_by_label(
    top_components_file: "Path | pd.DataFrame",
    min_items: int = 10,
    min_distance: float = 0.96,
    how: str = "majority",
    dry_run: bool = True,
    get_label_func: LabelOf | None = None,
    work_dir: Path | None = None,
) -> list[str]:
    """Return the files that go, or went, so that one image with the usual label stays.

    The usual label of a component is that of at least half of its images, if no other has as many.
    One of these images stays, and so do the images with other labels: look at them. A file goes
    only if it was found to show the same picture as one that stays. Without `dry_run` the files
    are moved to the trash, and ``fastdup undo`` brings them back; those of ``how="all"`` too, for
    which nothing stands.

    Parameters
    ----------
    top_components_file : path or data frame
        What `find_top_components` returns, its file ``top_components.csv``, or the work folder. Of
        a path ``top_components.pkl`` only the folder is used: a pickle may run any code.
    min_items : int
        Fewest images of a component.
    min_distance : float
        Smallest mean similarity of a component, inclusive.
    how : {"majority", "one", "all"}
        The first two do the same; ``"all"``: all files of the components go, whatever the label.
    dry_run : bool
        Whether to list the files only.
    get_label_func : callable, mapping or None
        Path → label; None: the column ``label`` or ``labels``, else the labels of the run.
    work_dir : path or None
        The folder of the run; None: as the table has it, or the folder of the file.

    Raises
    ------
    ConfigError
        When there are no labels, the folder is not known, or `how` is not allowed.
    """
    if how not in _HOW:
        raise ConfigError.not_among("how", how, _HOW, "majority")
    place, frame = _opened(top_components_file, work_dir)
    large = frame[(frame["len"] >= min_items) & (frame["distance"] >= min_distance)]
    components = list(large["files"])
    if how == "all":
        return remove_whole(place, components, dry_run=dry_run)
    wanted: set[str] = set()
    n_mixed = 0
    for files, labels in zip(components, _labels(large, get_label_func, place), strict=True):
        usual = _usual(labels)
        n_mixed += usual is None
        of_it = [path for path, label in zip(files, labels, strict=True) if label == usual]
        wanted.update(of_it[1:] if usual is not None else ())
    if n_mixed:
        logger.warning(
            "%d components stay whole: no label is that of half of their images; fd.mislabels() "
            "lists images with another label than their neighbours",
            n_mixed,
        )
    return remove_copies(place, wanted, dry_run=dry_run)


def _opened(given: "Path | pd.DataFrame", work_dir: Path | None) -> "tuple[Path, pd.DataFrame]":
    """Return the folder of the run, and its components."""
    if not isinstance(given, str | os.PathLike):
        place = given.attrs.get("work_dir") if work_dir is None else work_dir
        if place is None:
            raise ConfigError("the table does not say of which run it is: give work_dir=")
        return place, given
    path = os.path.expanduser(given)
    folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
    place = folder if work_dir is None else work_dir
    if not path.endswith(".csv"):
        return place, find_top_components(place)
    import pandas as pd

    frame = pd.read_csv(path, encoding_errors="surrogateescape")
    lists = [name for name in ("files", "label", "labels") if name in frame.columns]
    return place, frame.assign(**{name: frame[name].map(ast.literal_eval) for name in lists})


def _labels(frame: "pd.DataFrame", label_of: LabelOf | None, place: Path) -> list[Sequence[Any]]:
    """Return the labels of each component's files."""
    name = next((name for name in ("label", "labels") if name in frame.columns), None)
    if label_of is None and name is not None:
        return list(frame[name])
    if label_of is None:
        label_of = FinishedRun(place).labels()
    if label_of is None:
        raise ConfigError("no image has a label: give get_label_func=, or run with annotations=")
    find = label_of.get if isinstance(label_of, Mapping) else label_of
    return [[find(path) for path in files] for files in frame["files"]]


def _usual(labels: Sequence[Any]) -> Any:
    """Return the label of at least half of the images that is the only one, None without one."""
    counts = Counter(label for label in labels if label is not None).most_common(2)
    if not counts or 2 * counts[0][1] < len(labels):
        return None
    return None if len(counts) == 2 and counts[1][1] == counts[0][1] else counts[0][0]
