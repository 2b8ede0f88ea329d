"""`fd.vis`: galleries of a work folder, with the annotations as labels."""

import os
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from fastdup.actions.label_issues import mislabelled
from fastdup.analysis.mislabels import N_ASKED
from fastdup.dataset.labels import LABEL, Annotations
from fastdup.report import gallery
from fastdup.report.wording import plain
from fastdup.runs import FinishedRun
from fastdup.workdir import WorkDir

if TYPE_CHECKING:
    import pandas as pd

    from fastdup.report.gallery_file import Gallery

Path = str | os.PathLike[str]


class Visuals:
    """The galleries of one work folder.

    Each method returns the path of an HTML file, which displays itself in a notebook. All methods
    take the options of the function of the same name in `fastdup`, and:

    save_path : path or None
        A folder, or a path that ends in ``.html``; None: the work folder.
    num_images : int
        Maximum number of cards.
    ascending : bool
        Whether the least similar, or smallest, come first; `descending` is the opposite.
    label_col : str
        The column of the annotations that holds the labels.
    slice : label, sequence of labels, or None
        Show only images with one of these labels; ``"diff"``: pairs whose labels differ.
    external_df : data frame or None
        A table to show in place of that of the run.

    Parameters
    ----------
    work_dir : str
        The work folder.
    annotations : Annotations
        Provides the labels.
    """

    def __init__(self, work_dir: str, annotations: Annotations) -> None:
        self._work = WorkDir(work_dir)
        self._annotations = annotations

    def _repr_html_(self) -> str:
        names = (name for name in dir(self) if name.endswith("_gallery"))
        methods = "".join(f"<li><code>.{name}()</code></li>" for name in names)
        return (
            f"<p>Galleries of <code>{escape(plain(self._work.root))}</code>:</p><ul>{methods}</ul>"
        )

    def duplicates_gallery(
        self,
        save_path: Path | None = None,
        label_col: str = LABEL,
        num_images: int = 20,
        ascending: bool = False,
        **options: Any,
    ) -> "Gallery":
        """Show pairs of similar images side by side, the most similar first."""
        source = self._source(options)
        page = self._page(save_path, label_col, num_images, ascending, options)
        return self._create("duplicates", source, save_path, page)

    def similarity_gallery(
        self,
        save_path: Path | None = None,
        label_col: str = LABEL,
        num_images: int = 20,
        ascending: bool = False,
        **options: Any,
    ) -> "Gallery | pd.DataFrame":
        """Show each image with its neighbours, the images with the most similar ones first."""
        source = self._source(options)
        page = self._page(save_path, label_col, num_images, ascending, options)
        return self._create("similarity", source, save_path, page)

    def mislabels_gallery(
        self,
        save_path: Path | None = None,
        label_col: str = LABEL,
        num_images: int = 20,
        ascending: bool = False,
        k: int = N_ASKED,
        **options: Any,
    ) -> "Gallery":
        """Show images whose copies or neighbours have another label, each beside one of these."""
        labels = self._annotations.labels(label_col)
        rows = mislabelled(FinishedRun(self._work.root), labels, k=k)
        pairs = [(row.filename, row.nearest, row.distance) for row in rows]
        page = self._page(save_path, label_col, num_images, ascending, options)
        return self._create("mislabels", pairs, save_path, page)

    def outliers_gallery(
        self,
        save_path: Path | None = None,
        label_col: str = LABEL,
        num_images: int = 20,
        ascending: bool = True,
        **options: Any,
    ) -> "Gallery":
        """Show the images that stand apart, each beside its nearest, the least similar first."""
        source = self._source(options)
        page = self._page(save_path, label_col, num_images, ascending, options)
        return self._create("outliers", source, save_path, page)

    def component_gallery(
        self,
        save_path: Path | None = None,
        label_col: str = LABEL,
        num_images: int = 20,
        sort_by: str = "comp_size",
        ascending: bool = False,
        **options: Any,
    ) -> "Gallery":
        """Show components, which are groups of similar images, the largest first."""
        source = self._source(options)
        page = self._page(save_path, label_col, num_images, ascending, options)
        return self._create("components", source, save_path, page | {"sort_by": sort_by})

    #: The name in some later releases.
    components_gallery = component_gallery

    def stats_gallery(
        self,
        save_path: Path | None = None,
        metric: str = "dark",
        label_col: str = LABEL,
        num_images: int = 20,
        **options: Any,
    ) -> "Gallery":
        """Show the darkest, brightest, blurriest, … images."""
        if "ascending" in options:
            options["descending"] = not options.pop("ascending")
        source = self._source(options)
        page = self._page(save_path, label_col, num_images, None, options)
        return self._create("stats", source, save_path, page | {"metric": metric})

    def _create(
        self, kind: str, source: Any, save_path: Path | None, page: Mapping[str, Any]
    ) -> "Gallery":
        """Make a page by the function of `fastdup.report` for its kind."""
        made: Gallery = getattr(gallery, f"create_{kind}_gallery")(source, **page)
        return made

    def _source(self, options: dict[str, Any]) -> Any:
        """Take ``external_df`` out of the options, and return it, or else the work folder.

        The labels of such a table go before those of the annotations.
        """
        given = options.pop("external_df", None)
        if given is None:
            return self._work.root
        if any(str(name).startswith(LABEL) for name in given.columns):
            options.setdefault("get_label_func", None)
        return given

    def _page(
        self,
        save_path: Path | None,
        label_col: str,
        num_images: int,
        ascending: bool | None,
        options: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Return what all functions of `fastdup.report` take, the caller's `options` included.

        Labels are the annotations', unless the caller gave others. ``descending`` is the opposite
        of `ascending` unless given; None: left to the function.
        """
        page = {"get_label_func": self._annotations.labels(label_col) or None, **options}
        page |= {"save_path": save_path or self._work.root, "num_images": num_images}
        if ascending is not None:
            page["descending"] = bool(options.get("descending", not ascending))
        return page
