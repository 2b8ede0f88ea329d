"""The object for notebooks: it runs on a collection and holds the results of a work folder."""

import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fastdup import __version__
from fastdup.actions.clean import CleanReport, clean
from fastdup.actions.decide import DecideReport, decide
from fastdup.actions.export import export
from fastdup.actions.filter_dataset import filter_dataset
from fastdup.actions.keep import DEFAULT_KEEP
from fastdup.actions.leaks import LEAKS_HEADER, find_leaks
from fastdup.actions.undo import UndoReport, undo
from fastdup.api import SUCCESS, make_log_visible
from fastdup.config import InputDir, RunConfig, plain_inputs
from fastdup.config.checks import SEARCH_ONLY
from fastdup.config.resolve import resolve_options
from fastdup.dataset.analyses import Analyses
from fastdup.dataset.labels import AnnotationSource
from fastdup.dataset.result_frames import Path
from fastdup.dataset.visuals import Visuals
from fastdup.errors import ConfigError
from fastdup.image_search import search_images
from fastdup.progress import choose_progress
from fastdup.workdir import WorkDir
from fastdup.workdir.features import store_features

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from fastdup.explorer import Explorer
    from fastdup.report.gallery_file import Gallery

logger = logging.getLogger(__name__)

DEFAULT_WORK_DIR = "work_dir"
_DATA_TYPES = ("bbox", "image", "infer")
_OWN_OPTIONS = ("annotations", "data_type", "embeddings", "overwrite", "subset")


class Fastdup(Analyses):
    """A collection of images, its work folder, and the results in it.

    Parameters
    ----------
    work_dir : path
        The work folder, new or with results.
    input_dir : path, sequence of paths or None
        The images.

    Attributes
    ----------
    vis : Visuals
        The galleries.
    """

    def __init__(self, work_dir: Path = DEFAULT_WORK_DIR, input_dir: InputDir | None = None):
        super().__init__(work_dir)
        self._input_dir: InputDir | None = plain_inputs(input_dir)
        self._n_hits = 2
        self.vis = Visuals(self._work_dir, self._annotations)

    def __repr__(self) -> str:
        return f"fastdup.create(work_dir={self._work_dir!r}, input_dir={self._input_dir!r})"

    def _repr_html_(self) -> str:
        from fastdup.dataset.displayed import collection_html  # reads pictures

        return collection_html(self._work_dir)

    @property
    def input_dir(self) -> InputDir | None:
        """The images; None when the object only reads results."""
        return self._input_dir

    # --- running ---------------------------------------------------------------------------

    def run(
        self,
        input_dir: InputDir | None = None,
        annotations: "AnnotationSource | None" = None,
        embeddings: "ArrayLike | None" = None,
        subset: Sequence[Path] | None = None,
        data_type: str = "image",
        overwrite: bool = False,
        **options: Any,
    ) -> int:
        """Find duplicates, near-duplicates, outliers and broken files.

        Parameters
        ----------
        input_dir : path, sequence of paths or None
            The images; None: those given to `create`, else those that `annotations` name.
        annotations : data frame, path, sequence of paths, or None
            A table with a column ``filename`` (full, or relative to `input_dir`) and usually
            ``label``, as a data frame or the path of a CSV file. It is stored in the work folder
            and available when the folder is opened again. If it has the columns ``col_x, row_y,
            width, height``, the run compares these boxes instead of whole images; ``bbox_x,
            bbox_y, bbox_w, bbox_h`` and ``x, y, w, h`` are the same. The path may also be a COCO
            ``.json`` file, or a folder of YOLO text files. A sequence is one of file names.
        embeddings : (n, d) array or None
            Your own features, one row per file of `subset` or `annotations`. They are searched,
            and no image is read.
        subset : sequence of paths or None
            Run on these files only; full paths, or relative to `input_dir`.
        data_type : {"image", "infer", "bbox"}
            Boxes are compared if `annotations` has them, else images; "bbox" refuses annotations
            without boxes.
        overwrite : bool
            Accepted for compatibility. A run always brings the results up to date.
        **options
            The options of `fastdup.run`, in any of their spellings.

        Returns
        -------
        int
            Always 0; errors are raised.

        Raises
        ------
        TypeError
            When an option is misspelt; the message names the most similar one.
        FastdupError
            When the run fails. Broken images do not make it fail; they are listed as bad.
        """
        from fastdup.pipeline import run_pipeline  # loads the whole machinery

        version = options.pop("version", False)
        resolved = resolve_options(self._given(options), also=_OWN_OPTIONS)
        if data_type not in _DATA_TYPES:
            raise ConfigError(f"data_type={data_type!r} is not known: try data_type='image'")
        if "work_dir" in resolved:
            raise TypeError("run() takes no work_dir: give it to fastdup.create(work_dir=…)")
        make_log_visible(verbose=bool(resolved.get("verbose", False)))
        if version:
            logger.info(__version__)
            return SUCCESS
        if input_dir is not None:
            self._input_dir = plain_inputs(input_dir)
        if annotations is not None:
            self._require_pandas()
            self._annotations.set(annotations, self._input_dir)
            if data_type == "bbox" and not self._annotations.has_boxes:
                raise ConfigError(
                    "data_type='bbox', but annotations has no boxes: give them in the columns "
                    "col_x, row_y, width, height"
                )
        has_rows = embeddings is not None
        inputs = self._inputs(subset, as_annotated=has_rows and annotations is not None)
        if has_rows:
            resolved |= {"run_mode": SEARCH_ONLY}
        elif self._input_dir is None and not inputs and resolved.get("run_mode") != SEARCH_ONLY:
            raise ConfigError(
                "there are no images to run on: fastdup.create(input_dir='images/', work_dir='out')"
            )
        config = RunConfig(input_dir=inputs, work_dir=self._work_dir, **resolved)
        if embeddings is not None:
            work = WorkDir(self._work_dir, config.features_out_file)
            store_features(work, _as_files(inputs), embeddings)
        for line in run_pipeline(config, choose_progress()).lines():
            logger.info("%s", line)
        self._annotations.store()
        if annotations is not None:
            self._annotations.warn_of_unlisted(self._run)
        return SUCCESS

    def _given(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the options of a run as they were meant."""
        return options

    def _inputs(self, subset: Sequence[Path] | None, *, as_annotated: bool) -> InputDir:
        """Return the inputs of a run: the subset, the input folder, or the annotated files."""
        if subset is not None:
            names = [subset] if isinstance(subset, str | os.PathLike) else subset
            return [self._annotations.full_path(os.fspath(name), self._input_dir) for name in names]
        if self._input_dir is not None and not (as_annotated or self._annotations.has_boxes):
            return self._input_dir
        return self._annotations.filenames()

    # --- features and search ----------------------------------------------------------------

    def init_search(self, k: int = 2, **_prepared: Any) -> int:
        """Set how many images `search` returns. There is nothing else to prepare."""
        self._n_hits = k
        return SUCCESS

    def search(
        self,
        filename: Path | Sequence[Path],
        k: int | None = None,
        verbose: bool = False,
        *,
        by: str = "copies",
    ) -> "pd.DataFrame":
        """Return the stored images most similar to the given ones.

        Parameters
        ----------
        filename : path or sequence of paths
            The query images; they need not belong to the collection. One that cannot be used is
            logged and left out.
        k : int or None
            Number of results per query; None: as set by `init_search`, else 2.
        verbose : bool
            Whether to log more.
        by : {"copies", "content"}
            What is near: what may be a copy, or what looks to be of the same kind.

        Returns
        -------
        data frame
            ``from, to, distance``: the query, the stored image, and their similarity, by content
            the cosine of both rows; most similar first.

        Raises
        ------
        SourceError
            When no query can be used.
        WorkDirError
            When there is no finished run, or its model is not available any more.
        """
        make_log_visible(verbose=verbose)
        given = [filename] if isinstance(filename, str | os.PathLike) else filename
        k = self._n_hits if k is None else k
        hits = search_images(self._work_dir, list(map(os.path.expanduser, given)), k, by)
        return self._labelled(self._frames.frame_of(hits), True, {"label_to": "to"})

    def search_text(self, text: str | Sequence[str], k: int | None = None) -> "pd.DataFrame":
        """Return the stored images that show what a text says, such as ``"a red car"``.

        The run needs a `content_model` that reads texts, such as ``"clip-vit-b-32"``.

        Parameters
        ----------
        text : str or sequence of str
        k : int or None
            Number of results per text; None: as set by `init_search`, else 2.

        Returns
        -------
        data frame
            ``from, to, distance``: the text, the image, and the cosine of their rows; the best
            first.

        Raises
        ------
        ConfigError
            When no such model made the rows for content.
        ModelError
            When its half that reads texts is not downloaded.
        """
        from fastdup.text_search import search_texts  # loads what reads tokens

        texts = [text] if isinstance(text, str) else list(text)
        hits = search_texts(self._work_dir, texts, self._n_hits if k is None else k)
        return self._labelled(self._frames.frame_of(hits), True, {"label_to": "to"})

    # --- acting on copies --------------------------------------------------------------------

    def clean(self, keep: str = DEFAULT_KEEP, **options: Any) -> CleanReport:
        """Plan which copies to remove; with ``apply=True``, remove them.

        Parameters
        ----------
        keep : str
            Which file of each group to keep; see `fastdup.clean`.
        **options
            The options of `fastdup.clean`: ``threshold``, ``never``, ``prefer``, ``exact``,
            ``action``, …
        """
        return clean(self._work_dir, keep, **options)

    def undo(self, last: bool = False, trust_journal: bool = False) -> UndoReport:
        """Put back the files that `clean` removed; see `fastdup.undo`."""
        return undo(self._work_dir, last=last, trust_journal=trust_journal)

    def decide(
        self, what: str, files: Path | Sequence[Path] = (), *, only: str | None = None
    ) -> DecideReport:
        """Remember which images are no copies, and which always stay; see `fastdup.decide`."""
        return decide(self._work_dir, what, files, only=only)

    def export(self, output: Path, format: str = "csv", **choice: Any) -> str:
        """Write results for other tools, and return the file; see `fastdup.export`."""
        return export(self._work_dir, output, format, **choice)

    def filter_dataset(self, dataset: Any, **choice: Any) -> Any:
        """Return a Hugging Face data set without the copies; see `fastdup.filter_dataset`."""
        return filter_dataset(dataset, self._work_dir, **choice)

    def leaks(
        self, test: Path | Sequence[Path] = (), split: str = "split", threshold: float | None = None
    ) -> "pd.DataFrame":
        """Return pairs of similar images from different splits, most similar first.

        Parameters
        ----------
        test, split, threshold
            As for `fastdup.find_leaks`.

        Returns
        -------
        data frame
            ``from, to, distance, split_from, split_to``; ``from`` is in the smaller split.
        """
        found = find_leaks(self._work_dir, test=test, split=split, threshold=threshold)
        frame: pd.DataFrame = self._frames.frame_of(found.leaks, LEAKS_HEADER)
        return frame

    # --- looking and choosing -----------------------------------------------------------------

    def report(self, save_path: Path | None = None) -> "Gallery":
        """Write all that was found to one HTML page, and return its path; a notebook shows it.

        Parameters
        ----------
        save_path : path or None
            Folder for ``report.html``, or the page itself; None: the work folder.

        Raises
        ------
        WorkDirError
            When there is no finished run.
        """
        from fastdup.run_report.report_page import create_report

        return create_report(self._work_dir, save_path)

    def explore(self, port: int = 0, browser: bool = False, *, inline: bool = False) -> "Explorer":
        """Serve the explorer, a local web page with the results, until ``stop()`` is called.

        In a notebook the returned object displays a link, or the page.

        Parameters
        ----------
        port : int
            Port on this machine; 0: any free one. Other machines cannot connect.
        browser : bool
            Whether to open the page in the browser.
        inline : bool
            Whether a notebook shows the page in the cell; the browser must be on this machine.

        Raises
        ------
        MissingExtraError
            When the web library is not installed.
        WorkDirError
            When there is no finished run.
        """
        from fastdup.explorer import Explorer

        explorer = Explorer(self._work_dir, port, inline=inline)
        if browser:
            explorer.open_browser()
        return explorer


def _as_files(inputs: InputDir) -> Sequence[Path]:
    if not isinstance(inputs, Sequence) or isinstance(inputs, str) or not inputs:
        raise ConfigError("embeddings need annotations= or subset=: the file of each row")
    return inputs
