"""Galleries as later releases call them, where they do more, or return more, than those here."""

import os
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastdup.errors import ConfigError, MissingExtraError, ReportError
from fastdup.report import gallery
from fastdup.report.column_table import ColumnTable
from fastdup.report.gallery_file import Gallery, SavePath
from fastdup.report.gallery_options import BY_SCORE, GalleryOptions, gallery_options
from fastdup.report.gallery_rows import COMPONENTS, SIMILARITY, TableSource, open_table
from fastdup.runs import FinishedRun

if TYPE_CHECKING:
    import pandas as pd

#: Values of `slice` with which the gallery of neighbours returns a table.
_TABLED = (BY_SCORE, "same", "diff")


def create_similarity_gallery(
    similarity_file: TableSource,
    save_path: SavePath = ".",
    num_images: int = 20,
    descending: bool = True,
    **options: Any,
) -> "Gallery | pd.DataFrame":
    """Path of an HTML file that shows each image with its neighbours, or what their labels say.

    Parameters
    ----------
    similarity_file : path or data frame
        As for `create_duplicates_gallery`.
    save_path : path
        Folder for ``similarity.html``, or the page itself.
    num_images : int
        Most images whose neighbours are shown.
    descending : bool
        Whether those with the most similar neighbours come first.
    **options
        As for `create_duplicates_gallery`. With labels and ``slice="label_score"``, ``"same"`` or
        ``"diff"``, the result is a data frame ``from, to, label, label2, distance, score, length``:
        an image, its neighbours, its label and theirs, the similarities, the share of neighbours
        with its label (0 to 100), and their number. The page's path is in ``attrs["page"]``.
        ``"label_score"`` has the lowest score first, in the page too.
    """
    page = gallery.create_similarity_gallery(
        similarity_file, save_path, num_images, descending, **options
    )
    by = options.get("slice")
    if not isinstance(by, str) or by not in _TABLED:
        return page
    table = open_table(similarity_file, SIMILARITY)
    chosen = gallery_options("create_similarity_gallery", options).with_labels(table.labels)
    frame = label_scores(table.rows, chosen)
    frame.attrs["page"] = str(page)
    return frame


def label_scores(rows: Any, options: GalleryOptions) -> "pd.DataFrame":
    """Return one row for each image with a label and neighbours; see `create_similarity_gallery`.

    Parameters
    ----------
    rows : iterable of (str, str, float)
        Image, neighbour, similarity.
    options : GalleryOptions
        The labels, and which images to keep.
    """
    try:
        import pandas as pd
    except ImportError as exc:
        raise MissingExtraError.needed_for("a data frame", extra="notebook") from exc

    near: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for path, other, similarity in rows:
        if similarity >= (options.threshold or 0):
            near[path].append((other, similarity))
    records = []
    for path, found in near.items():
        others = [other for other, _ in sorted(found, key=lambda item: -item[1])]
        score = options.score(path, others)
        if score is None or not options.wants([path, *others]):
            continue
        similarities = sorted((similarity for _, similarity in found), reverse=True)
        labels = list(map(options.label, others))
        records.append(
            (path, others, options.label(path), labels, similarities, score, len(others))
        )
    names = ["from", "to", "label", "label2", "distance", "score", "length"]
    frame = pd.DataFrame(records, columns=names)
    frame = frame.astype({"score": "float64", "length": "int64"})
    if options.slice == BY_SCORE:
        frame = frame.sort_values("score", kind="stable", ignore_index=True)
    return frame


def create_components_gallery(
    work_dir: TableSource,
    save_path: SavePath = ".",
    num_images: int = 20,
    descending: bool = True,
    *,
    sort_by: str = "comp_size",
    metric: str | None = None,
    group_by: str = "visual",
    **options: Any,
) -> Gallery:
    """Path of an HTML file that shows components: groups of similar images.

    Parameters
    ----------
    work_dir : path or data frame
        The folder of a run, its ``connected_components.csv``, or a data frame with the columns of
        that file.
    save_path : path
        Folder for ``components.html``, or the page itself.
    num_images : int
        Most components to show.
    descending : bool
        Whether the largest, or most similar, come first.
    sort_by : str
        ``comp_size``, ``mean_distance``, ``min_distance`` or ``max_distance``.
    metric : str or None
        Another name of `sort_by`.
    group_by : {"visual", "label"}
        Groups as the run found them; or one for each label of the images in them.
    **options
        As for `create_duplicates_gallery`.
    """
    if group_by not in ("visual", "label"):
        raise ConfigError.not_among("group_by", group_by, ("visual", "label"), "visual")
    source = _row_per_file(work_dir)
    if group_by == "label":
        source = _by_label(source, options)
    return gallery.create_components_gallery(
        source, save_path, num_images, descending, sort_by=sort_by, metric=metric, **options
    )


def create_aspect_ratio_gallery(
    work_dir: "str | os.PathLike[str] | pd.DataFrame",
    save_path: SavePath = ".",
    num_images: int = 0,
    descending: bool = True,
    **options: Any,
) -> Gallery:
    """Path of an HTML file that shows images by width / height, the widest first.

    Parameters
    ----------
    work_dir : path or data frame
        The folder of a run, its ``stats.csv``, or a table ``filename, width, height``.
    save_path : path
        Folder for ``aspect_ratio.html``, or the page itself.
    num_images : int
        Most images to show; 0: all.
    descending : bool
        Whether the widest come first.
    **options
        As for `create_duplicates_gallery`.
    """
    names = ("filename", "width", "height")
    if isinstance(work_dir, str | os.PathLike):
        path = os.path.expanduser(work_dir)
        folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
        columns: Mapping[str, Any] = FinishedRun(folder).stats(*names, needed=True)
    else:
        missing = [name for name in names if name not in work_dir.columns]
        if missing:
            raise ReportError(f"the data frame lacks {', '.join(missing)}")
        columns = {name: list(work_dir[name]) for name in names}
    paths, widths, heights = (columns[name] for name in names)
    ratios = [width / max(height, 1) for width, height in zip(widths, heights, strict=True)]
    return gallery.create_values_gallery(
        list(zip(paths, ratios, strict=True)),
        save_path,
        num_images,
        descending,
        name="aspect ratio",
        order="widest first" if descending else "tallest first",
        file_name="aspect_ratio.html",
        options=options,
    )


def create_duplicate_videos_gallery(
    similarity_file: TableSource, save_path: SavePath = ".", num_images: int = 20, **options: Any
) -> Gallery:
    """Show pairs of frames: `create_duplicates_gallery`, for frames are images here."""
    return gallery.create_duplicates_gallery(similarity_file, save_path, num_images, **options)


def create_component_videos_gallery(
    work_dir: TableSource, save_path: SavePath = ".", num_images: int = 20, **options: Any
) -> Gallery:
    """Show groups of frames: `create_components_gallery`, for frames are images here."""
    return create_components_gallery(work_dir, save_path, num_images, **options)


def _row_per_file(source: TableSource) -> TableSource:
    """Return a table of groups, with their files in lists, with a row for each file."""
    columns = () if isinstance(source, str | os.PathLike) else set(source.columns)
    if not {"component_id", "files"} <= set(columns) or "filename" in columns:
        return source
    frame: Any = source
    mean = "mean_distance" if "mean_distance" in columns else "distance"
    names = (mean, *(name if name in columns else mean for name in COMPONENTS.names[3:]))
    rows = [
        (path, number, *spreads)
        for files, number, *spreads in zip(
            frame["files"], frame["component_id"], *(frame[name] for name in names), strict=True
        )
        for path in files
    ]
    return _column_table(rows)


def _column_table(rows: "list[tuple[Any, ...]]") -> ColumnTable:
    columns = list(zip(*rows, strict=True)) or [()] * len(COMPONENTS.names)
    return ColumnTable(zip(COMPONENTS.names, columns, strict=True))


def _by_label(work_dir: TableSource, options: Mapping[str, Any]) -> ColumnTable:
    """Return the rows of a table of components with one component for each label."""
    table = open_table(work_dir, COMPONENTS)
    chosen = gallery_options("create_components_gallery", options).with_labels(table.labels)
    if chosen.get_label_func is None:
        raise ConfigError("group_by='label' needs labels: give get_label_func")
    numbers: dict[str | None, int] = {}
    rows = [
        (path, numbers.setdefault(chosen.label(path), len(numbers)), *spreads)
        for path, _, *spreads in table.rows
    ]
    means: dict[int, list[float]] = defaultdict(list)
    for _, number, mean, _, _ in rows:
        means[number].append(mean)
    rows = [
        (path, number, sum(means[number]) / len(means[number]), low, high)
        for path, number, _, low, high in rows
    ]
    return _column_table(rows)
