"""The options that all galleries have besides their own parameters, in all spellings."""

import dataclasses
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastdup.config.resolve import unknown_option, warn_meaningless
from fastdup.errors import ConfigError

#: Options of the original's galleries that no longer mean anything → what holds instead.
MEANINGLESS: Mapping[str, str] = {
    "comp_type": "groups are those of the run",
    "draw_bbox": "whole images are shown",
    "draw_orig_image": "whole images are shown",
    "enhance_image": "pictures are shown as they are",
    "get_bounding_box_func": "whole images are shown",
    "get_display_filename_func": "get_reformat_filename_func gives the names to show",
    "how": "each outlier is shown beside its nearest image",
    "id_to_filename_func": "tables hold file names",
    "input_dir": "tables hold full paths",
    "jupyter_html": "a gallery displays itself",
    "keep_aspect_ratio": "pictures always keep their proportions",
    "lazy_load": "pages hold their pictures and are always lazy",
    "load_crops": "whole images are shown",
    "run_hierarchical": "groups are those of the run",
    "save_artifacts": "the page is one file",
    "sort_by_reduction": "sort_by orders the groups",
    "show": "a gallery displays itself when it is a cell's result",
    "work_dir": "tables hold full paths",
}

Labels = Callable[[str], Any] | Mapping[str, Any]

#: The value of `slice` that orders neighbours by how many have the image's own label.
BY_SCORE = "label_score"


def _is_count(value: object) -> bool:
    return isinstance(value, numbers.Integral) and int(value) >= 0


def _is_of_paths(value: object) -> bool:
    return callable(value) or isinstance(value, Mapping)


#: Options, what they must be unless they are None, and what that is in words.
_WANTED: Sequence[tuple[Sequence[str], Callable[[Any], bool], str]] = (
    (("min_items", "max_items", "max_width"), _is_count, "a whole number, 0 for no limit"),
    (("threshold",), lambda value: isinstance(value, numbers.Real), "a number"),
    (("keyword",), lambda value: isinstance(value, str), "a part of the path"),
    (("get_label_func", "get_extra_col_func"), _is_of_paths, "a function or mapping of paths"),
    (("get_reformat_filename_func",), callable, "a function of paths"),
)


@dataclass(frozen=True, kw_only=True)
class GalleryOptions:
    """Which cards a gallery shows, and which texts it adds.

    Attributes
    ----------
    get_label_func : callable, mapping or None
        Path → label of the image.
    get_extra_col_func : callable, mapping or None
        Path → a line of text below the image.
    get_reformat_filename_func : callable or None
        Path → the name to show.
    slice : label, sequence of labels, or None
        Show only cards with an image of one of these labels; ``"diff"``: with differing labels;
        ``"same"``: whose images all have the same one; ``"label_score"``, of the neighbours alone:
        all, those with the fewest neighbours of their own label first.
    keyword : str or None
        Show only cards with an image whose path holds this.
    threshold : float or None
        Pairs: smallest similarity shown. Groups: smallest mean similarity shown.
    min_items, max_items : int or None
        Groups and neighbours: fewest that make a card, most shown of one; 0 is None.
    max_width : int or None
        Longest side of the pictures in pixels; None or 0: chosen by their number.
    differences : bool
        Whether to compare the pixels, and describe what differs in words.
    exact : bool
        Pairs of a run: whether exact copies are shown among the others; else they are listed.
    """

    get_label_func: Labels | None = None
    get_extra_col_func: Labels | None = None
    get_reformat_filename_func: Callable[[str], str] | None = None
    slice: Any = None
    keyword: str | None = None
    threshold: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    max_width: int | None = None
    differences: bool = True
    exact: bool = False

    def __post_init__(self) -> None:
        """Refuse what is of another kind or out of range."""
        for names, is_right, wanted in _WANTED:
            for name in names:
                value = getattr(self, name)
                if value is not None and not is_right(value):
                    raise ConfigError(f"{name}={value!r} is not allowed: give {wanted}")

    def label(self, path: str) -> str | None:
        """Return the label of an image as text, None without one."""
        return _text_of(self.get_label_func, path)

    def extra(self, path: str) -> str | None:
        """Return the line below an image, None without one."""
        return _text_of(self.get_extra_col_func, path)

    def shown_name(self, path: str, name: str) -> str:
        """Return the name to show for the image at `path`, which is called `name`."""
        rename = self.get_reformat_filename_func
        return str(rename(path)) if rename else name

    def score(self, path: str, others: Sequence[str]) -> float | None:
        """Return the share of neighbours with an image's own label, 0 to 100; None without one."""
        label = self.label(path)
        if label is None or not others:
            return None
        return 100 * sum(self.label(other) == label for other in others) / len(others)

    def with_labels(self, labels: Mapping[str, Any]) -> "GalleryOptions":
        """Return the options with these labels, unless there are others.

        Raises
        ------
        ConfigError
            When a choice by label is asked for and there are no labels.
        """
        if self.get_label_func is None and labels:
            return dataclasses.replace(self, get_label_func=labels)
        if self.get_label_func is None and self.slice is not None:
            raise ConfigError(
                f"slice={self.slice!r} chooses by label, and no image has one: give get_label_func"
            )
        return self

    def wants(self, paths: Sequence[str]) -> bool:
        """Return whether a card with these images is to be shown."""
        if self.keyword is not None and not any(self.keyword in path for path in paths):
            return False
        if self.slice is None:
            return True
        labels = {self.label(path) for path in paths}
        is_one = isinstance(self.slice, str) or not isinstance(self.slice, Iterable)
        if is_one and self.slice == BY_SCORE:
            return True
        if is_one and self.slice == "diff":
            return len(labels - {None}) > 1
        if is_one and self.slice == "same":
            return len(labels) == 1 and None not in labels
        wanted = [self.slice] if is_one else self.slice
        return not labels.isdisjoint(map(str, wanted))


def gallery_options(function: str, given: Mapping[str, Any]) -> GalleryOptions:
    """Return the options in `given`; those that mean nothing are left out with a warning.

    Raises
    ------
    TypeError
        When one is misspelt, naming the nearest real one.
    ConfigError
        When a number is out of range.
    """
    known = [field.name for field in dataclasses.fields(GalleryOptions)]
    meant = {}
    for name, value in given.items():
        if name in known:
            meant[name] = value
        elif name in MEANINGLESS:
            warn_meaningless(name, MEANINGLESS[name])
        else:
            raise TypeError(unknown_option(function, name, [*known, *MEANINGLESS]))
    options = GalleryOptions(**meant)
    if (
        isinstance(options.slice, str)
        and options.slice == BY_SCORE
        and "similarity" not in function
    ):
        raise ConfigError(
            f"slice={BY_SCORE!r} orders images by the labels of their neighbours: "
            "create_similarity_gallery shows these"
        )
    return options


def _text_of(source: Labels | None, path: str) -> str | None:
    if source is None:
        return None
    value = source.get(path) if isinstance(source, Mapping) else source(path)
    return None if value is None else str(value)
