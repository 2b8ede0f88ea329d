"""`fd.vis` with the options, results and places of later releases."""

import os
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from fastdup.compat import later_galleries
from fastdup.dataset import visuals
from fastdup.dataset.labels import LABEL
from fastdup.report import gallery
from fastdup.report.gallery_file import Gallery
from fastdup.report.html import place_again
from fastdup.workdir.paths import GALLERIES_FOLDER, OTHER_PAGES

Path = str | os.PathLike[str]


class Visuals(visuals.Visuals):
    """The galleries of one work folder.

    Each method returns the path of an HTML file, which displays itself in a notebook. Without
    `save_path` the page is in the work folder, and in its folder ``galleries`` under the name that
    it has in later releases. All methods take the options of the function of the same name in
    `fastdup`, and:

    save_path : path or None
        A folder, or a path that ends in ``.html``; None: the work folder.
    num_images : int
        Maximum number of cards; 0: all.
    ascending : bool
        Whether the least similar, or smallest, come first; `descending` is the opposite.
    label_col : str
        The column of the annotations that holds the labels.
    slice : label, sequence of labels, or None
        Show only images with one of these labels; ``"diff"``: pairs whose labels differ;
        ``"same"``: whose labels are the same.
    external_df : data frame or None
        A table to show in place of that of the run.

    With labels and `slice` ``"label_score"``, ``"same"`` or ``"diff"`` the result of
    `similarity_gallery` is a data frame, see `fastdup.create_similarity_gallery`.
    """

    def aspect_ratio_gallery(
        self,
        save_path: Path | None = None,
        label_col: str = LABEL,
        num_images: int = 0,
        ascending: bool = False,
        **options: Any,
    ) -> Gallery:
        """Show images by width / height, the widest first."""
        source = self._source(options)
        page = self._page(save_path, label_col, num_images, ascending, options)
        made: Gallery = self._create("aspect_ratio", source, save_path, page)
        return made

    def _page(self, save_path: Path | None, label_col: str | None, *rest: Any) -> dict[str, Any]:
        """Return what all functions take; None stands for the column of labels."""
        return super()._page(save_path, LABEL if label_col is None else label_col, *rest)

    def _create(
        self, kind: str, source: Any, save_path: Path | None, page: Mapping[str, Any]
    ) -> Any:
        """Make a page, and put one of the work folder where later releases have it too."""
        name = f"create_{kind}_gallery"
        create = getattr(later_galleries, name, None) or getattr(gallery, name)
        found = create(source, **page)
        if save_path is None:
            path = FilePath(found if isinstance(found, str) else found.attrs["page"])
            other = OTHER_PAGES.get(path.name, path.name)
            place_again(path, path.parent / GALLERIES_FOLDER / other)
        return found
