"""Analyses of a finished run on request: clusters, samples, how well copies are found."""

import os
from typing import TYPE_CHECKING, Any

from fastdup.clustering.diverse_sample import FARTHEST, sample
from fastdup.clustering.image_clusters import create_clusters_gallery, kmeans
from fastdup.config import InputDir
from fastdup.dataset.labels import LABEL
from fastdup.dataset.result_frames import Path, Results
from fastdup.errors import ConfigError
from fastdup.workdir import WorkDir

if TYPE_CHECKING:
    import pandas as pd

    from fastdup.advice import Advice
    from fastdup.evaluation import Evaluation
    from fastdup.report.gallery_file import Gallery

_CLUSTER_COLUMNS = ("index", "filename", "cluster", "distance")


class Analyses(Results):
    """What can be asked of the features and the judged pairs of a finished run."""

    _input_dir: InputDir | None = None

    def advise(self, precision: float = 0.99, **options: Any) -> "Advice":
        """Return what each threshold means here, and which one has a precision.

        In a notebook the figure is shown.

        Parameters
        ----------
        precision : float
            The share of pairs that are to be copies, above 0, at most 1.
        **options
            Those of `fastdup.advise`: ``k``.
        """
        from fastdup.advice import advise

        return advise(self._work_dir, precision, **options)

    def evaluate(self, truth: Path | None = None, **options: Any) -> "Evaluation":
        """Return how well copies are found, with known pairs or with planted copies.

        Parameters
        ----------
        truth : path or None
            A CSV file of known copies, with which the pairs of this run are compared. None: copies
            of some pictures of the input are planted and looked for by a run of their own, with the
            model and the way of judging of the run here, if there is one.
        **options
            The other ones of `fastdup.evaluate`: ``n``, ``per``, ``edits``, ``model_path`` …
        """
        from fastdup.evaluation import evaluate  # loads the whole machinery

        if truth is not None:
            return evaluate(self._work_dir, truth, **options)
        given = self._input_dir
        if os.path.exists(WorkDir(self._work_dir).config):
            known = self._run.options
            given = self._run.config.get("inputs") if given is None else given
            options = {"model_path": known["model_path"], "verify": known["verify"]} | options
        if not given:
            raise ConfigError("there are no pictures: fastdup.create(input_dir='images/')")
        return evaluate(given, **options)

    def kmeans(self, n: int = 100, **options: Any) -> "pd.DataFrame":
        """Return the k-means cluster of each image, and write the tables; see `fastdup.kmeans`.

        Parameters
        ----------
        n : int
            How many clusters.
        **options
            ``n_iterations``, ``n_nearest``, ``by``.

        Returns
        -------
        data frame
            ``index, filename, cluster, distance``: clusters from 0, the largest first; the cosine
            distance to the centre; ``label`` too when annotated.
        """
        found = kmeans(self._work_dir, n, **options)
        frame = self._frames.frame_of(list(found.assignments()), _CLUSTER_COLUMNS)
        frame = frame.astype({"index": int, "cluster": int})
        return self._labelled(frame, True, {"label": "filename"})

    def clusters_gallery(
        self,
        save_path: Path | None = None,
        label_col: str = LABEL,
        num_images: int = 20,
        **options: Any,
    ) -> "Gallery":
        """Show the clusters of `kmeans`, the largest first, what is nearest to the centre first.

        Parameters
        ----------
        save_path : path or None
            A folder, or a path that ends in ``.html``; None: the work folder.
        label_col : str
            The column of the annotations that holds the labels.
        num_images : int
            Most clusters to show.
        **options
            As for `fastdup.create_components_gallery`.
        """
        options.setdefault("get_label_func", self._annotations.labels(label_col) or None)
        return create_clusters_gallery(self._work_dir, save_path, num_images, **options)

    def sample(
        self, n: int = 100, method: str = FARTHEST, *, balance: str | None = None, **options: Any
    ) -> "pd.DataFrame":
        """Return the `n` most different images, copies counted once; see `fastdup.sample`.

        Parameters
        ----------
        n : int
            How many.
        method : {"farthest", "centres"}
            Each next image is the farthest from all before; or the nearest to a k-means centre.
        balance : str or None
            A column of the annotations: as many images of each label.
        **options
            ``by``.

        Returns
        -------
        data frame
            ``filename, distance``, in the order of choice; ``label`` too when annotated.
        """
        found = sample(self._work_dir, n, method, balance=balance, **options)
        rows = list(zip(found.paths, found.distances.tolist(), strict=True))
        frame = self._frames.frame_of(rows, ("filename", "distance"))
        return self._labelled(frame, True, {"label": "filename"})
