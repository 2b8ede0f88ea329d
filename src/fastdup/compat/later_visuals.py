"""`fd.vis` with the options, results and places of later releases."""

import os
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, cast

from fastdup.compat import later_galleries
from fastdup.dataset import visuals
from fastdup.dataset.labels import LABEL
from fastdup.report.gallery_file import Gallery
from fastdup.report.html import place_again
from fastdup.workdir.paths import GALLERIES_FOLDER, OTHER_PAGES

if TYPE_CHECKING:
    import pandas as pd

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
    """

    def duplicates_gallery(self, *args: Any, **options: Any) -> Gallery:
        """Show pairs of similar images side by side, the most similar first."""
        return self._placed(super().duplicates_gallery(*args, **options), args, options)

    def outliers_gallery(self, *args: Any, **options: Any) -> Gallery:
        """Show outliers, each beside its nearest image, the least similar first."""
        return self._placed(super().outliers_gallery(*args, **options), args, options)

    def stats_gallery(self, *args: Any, **options: Any) -> Gallery:
        """Show the darkest, brightest, blurriest, … images."""
        return self._placed(super().stats_gallery(*args, **options), args, options)

    def mislabels_gallery(self, *args: Any, **options: Any) -> Gallery:
        """Show images whose neighbours have another label, each beside the nearest of these."""
        return self._placed(super().mislabels_gallery(*args, **options), args, options)

    def similarity_gallery(  # type: ignore[override]
        self,
        save_path: Path | None = None,
        label_col: str = LABEL,
        num_images: int = 20,
        ascending: bool = False,
        **options: Any,
    ) -> "Gallery | pd.DataFrame":
        """Show each image with its neighbours, the images with the most similar ones first.

        With labels and `slice` ``"label_score"``, ``"same"`` or ``"diff"`` the result is a data
        frame, see `fastdup.create_similarity_gallery`.
        """
        source = self._source(options)
        page = self._page(save_path, label_col, num_images, ascending, options)
        found = later_galleries.create_similarity_gallery(source, **page)
        path = found if isinstance(found, str) else found.attrs["page"]
        self._placed(Gallery(path), (save_path,), {})
        return found

    def component_gallery(
        self,
        save_path: Path | None = None,
        label_col: str = LABEL,
        num_images: int = 20,
        sort_by: str = "comp_size",
        ascending: bool = False,
        **options: Any,
    ) -> Gallery:
        """Show components, which are groups of similar images, the largest first."""
        source = self._source(options)
        page = self._page(save_path, label_col, num_images, ascending, options)
        made = later_galleries.create_components_gallery(source, sort_by=sort_by, **page)
        return self._placed(made, (save_path,), {})

    #: The name in some later releases.
    components_gallery = component_gallery

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
        made = later_galleries.create_aspect_ratio_gallery(cast(Any, source), **page)
        return self._placed(made, (save_path,), {})

    def _page(self, save_path: Path | None, label_col: str | None, *rest: Any) -> dict[str, Any]:
        """Return what all functions take; None stands for the column of labels."""
        return super()._page(save_path, LABEL if label_col is None else label_col, *rest)

    def _placed(self, page: Gallery, args: tuple[Any, ...], options: dict[str, Any]) -> Gallery:
        """Put a page of the work folder where later releases have it too."""
        given = args[0] if args else options.get("save_path")
        if given is None:
            path = FilePath(page)
            name = OTHER_PAGES.get(path.name, path.name)
            place_again(path, path.parent / GALLERIES_FOLDER / name)
        return page
