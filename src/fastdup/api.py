"""`fastdup.run()`, the manual's main function: it returns a status, bad input raises nothing."""

import inspect
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from fastdup import __version__
from fastdup.config import InputDir, RunConfig
from fastdup.config.aliases import LATER_OPTIONS
from fastdup.config.options import DEFAULT_LOWER_THRESHOLD, DEFAULT_MAX_PIXELS
from fastdup.config.providers import DEFAULT_FAISS_MODE
from fastdup.config.resolve import resolve_options
from fastdup.errors import FastdupError
from fastdup.printable import LineFormatter
from fastdup.progress import choose_progress

logger = logging.getLogger("fastdup")

SUCCESS, FAILURE = 0, 1


def run(
    input_dir: InputDir = "",
    work_dir: str | os.PathLike[str] = ".",
    compute: str = "cpu",
    verbose: bool = False,
    num_threads: int = -1,
    num_images: int = -1,
    nn_provider: str = "auto",
    nnmodel: str = "brute_force",
    distance: str = "cosine",
    faiss_mode: str = DEFAULT_FAISS_MODE,
    faiss_param: str = "",
    threshold: float = 0.85,
    lower_threshold: float = DEFAULT_LOWER_THRESHOLD,
    nearest_neighbors_k: int = 2,
    model_path: str | os.PathLike[str] | None = None,
    run_mode: int = 0,
    min_offset: int = -1,
    max_offset: int = -1,
    features_out_file: str | os.PathLike[str] | None = None,
    version: bool = False,
    *,
    max_memory: float = -1,
    ccthreshold: float = -1.0,
    outlier_percentile: float = -1.0,
    test_dir: str | os.PathLike[str] | None = None,
    d: int = -1,
    executor: str = "local",
    address: str | None = None,
    include_hidden: bool = False,
    include_system: bool = False,
    exclude: str | Sequence[str] = (),
    include: str | Sequence[str] = (),
    min_size: int | str = 0,
    newer: str | None = None,
    older: str | None = None,
    video_interval: float = -1.0,
    video_duplicates: bool = False,
    bounding_box: str | None = None,
    image_column: str | None = None,
    label_column: str | None = None,
    nn_options: str = "",
    verify: str = "auto",
    parts: bool = False,
    grouping: str = "component",
    max_pixels: int = DEFAULT_MAX_PIXELS,
    min_width: int = 0,
    min_height: int = 0,
    content: bool = True,
    content_model: str | os.PathLike[str] | None = None,
    compat_files: bool = False,
    **other_spellings: Any,
) -> int:
    """Find duplicates, near-duplicates, outliers and broken files among images.

    Parameters
    ----------
    input_dir : path, or sequence of paths
        A folder (with all its subfolders), a list file (one path or URL per line), an archive
        (``.zip``, ``.tar``, ``.tgz``, …), an image, a video, a data set (``.parquet``, ``.arrow``,
        or a folder of these), a URL such as ``s3://bucket/folder/`` or
        ``minio://alias/bucket/folder``, or several of these: in a list, a generator, an array, a
        data frame with a column ``filename``, or a set, which is sorted.
    work_dir : path
        The folder for all output; created if missing.
    compute : {"cpu", "gpu"}
        Where the model runs.
    verbose : bool
        Whether to log more, and show a traceback on errors.
    num_threads : int
        Number of threads; -1: all cores that this process may use.
    num_images : int
        Maximum number of images; -1 or 0: all.
    nn_provider : str
        The provider of the neighbour search. ``"auto"`` chooses by the number of images; or
        ``"brute_force"``, ``"ivf_join"``, ``"faiss"``, ``"lsh"``, or a registered one. ``"turi"``
        uses the one that `nnmodel` names.
    nnmodel : str
        For the provider turi: ``"brute_force"``, ``"ball_tree"`` (the same results) or ``"lsh"``.
    distance : {"cosine", "euclidean", "squared_euclidean", "manhattan"}
        Distance between feature vectors.
    faiss_mode : str
        Index-factory string of the provider faiss.
    faiss_param : str
        Search parameters of faiss, such as ``"efSearch=175,nprobe=200"``.
    threshold : float
        Least similarity of a reported pair, 0 to 1, inclusive. 1 is identical, 0.98 and above
        almost identical, 0.85 and above very similar.
    lower_threshold : float
        If given, an image is an outlier if its most similar other image is below this similarity.
        If not, an image is one if it stands apart from the whole collection: the mean similarity
        to its 20 nearest, copies left out, is far below that of the others. Among fewer than 30
        pictures 0.3 decides, and ``outlier_scores.csv`` has their order.
    nearest_neighbors_k : int
        Number of neighbours per image, without itself; 0: all at or above the threshold, up to 100
        (16 for more than 100,000 images).
    model_path : path or None
        An ONNX image model, or the name of a downloaded one; None: the built-in model.
    run_mode : {0, 1, 2}
        0: extract and search; 1: extract only; 2: search stored features.
    min_offset, max_offset : int
        The part of the sorted listing to use, `max_offset` exclusive; -1: from the first, or to the
        last image.
    features_out_file : path or None
        Where features are written, or read in run mode 2; default ``features.dat`` in `work_dir`.
    version : bool
        Only log the version.
    max_memory : float
        Memory limit of the search in gigabytes; -1: half of what this process may use.
    ccthreshold : float
        Least similarity that connects two images to a component, inclusive; -1: `threshold`.
    outlier_percentile : float
        Share of the images that are outliers, 0 to 1: those that stand apart most; -1: all that
        do, or what is below `lower_threshold`.
    test_dir : path or None
        A second collection. Its images are compared with those of `input_dir`, and no other pairs
        are. In the results, ``from`` is an image of `test_dir`.
    d : int
        Required width of the features; -1: any.
    executor : {"local", "ray"}
        Run on this machine, or on a Ray cluster (extra ``ray``). The results are the same.
    address : str or None
        ``"HOST:PORT"`` of a running Ray cluster, or ``"auto"`` for the one on this machine. None:
        the one in the environment variable ``RAY_ADDRESS``, else a new one for this run.
    include_hidden : bool
        Whether to list files and folders whose name begins with a dot.
    include_system : bool
        Whether to list bins, previews and the like: folders such as ``$RECYCLE.BIN``,
        ``.Trash-1000`` and ``@eaDir``.
    exclude, include : str or sequence of str
        Shell patterns of what to leave out, and of what alone to list. One without a slash is
        compared with the names of files and folders: ``"*.gif"``, ``"cache"``; one with a slash
        with the end of the path, and from a leading slash on with all of it, from the input on:
        ``"/2019/**/*.png"``. Capitals do not matter; what is excluded is not included.
    min_size : int or str
        Size of the smallest file listed, in bytes, or such as ``"50K"``.
    newer, older : str or None
        List only files that were changed on this date or later, and before that date:
        ``"2024-05-31"``, or ``"2024-05-31T12:00"``.
    video_interval : float
        Seconds between the frames to use of each video; -1: its key frames.
    video_duplicates : bool
        Whether to report frames of the same video as duplicates of each other.
    bounding_box : str or None
        The part to use of each image, in pixels: ``"row_y=10,col_x=20,height=100,width=200"``.
    image_column, label_column : str or None
        Columns of data sets with the images and their labels; None: detected.
    nn_options : str
        Options of a registered provider, such as ``"a=1,b=2"``.
    verify : {"auto", "all", "none"}
        Which pairs of neighbours are judged by looking at both pictures: those that may be copies,
        all, or none. Only with the built-in model and the cosine.
    parts : bool
        Whether pictures are also found that show a small part of others: one of four in a grid, a
        picture in a page, a detail cut out of a photo. Needs `verify`.
    grouping : {"component", "strict"}
        A component is connected by copies, directly or through others; or, if strict, all its
        images are copies of one of them.
    max_pixels : int
        Largest width × height to decode, inclusive; larger images are listed as bad.
    min_width, min_height : int
        Smallest width and height to use, in pixels; smaller images are listed as bad.
    content : bool
        Whether each image gets a row for what it shows, too, by which outliers and labels are
        judged. The built-in model's pictures only; copies do not depend on it.
    content_model : path or None
        An ONNX image model, or the name of a downloaded one, that makes this row, so that images
        are near that show the same kind of thing; None: it is counted from colours, texture and
        edges. A work folder with other rows is extracted again.
    compat_files : bool
        Whether to write the files of later releases of the original too, see docs/moving.md. They
        always are when an option is given that only later releases have.
    **other_spellings
        Other names of options: those of the manual, such as ``feature_out_file``, those of later
        releases, such as ``turi_param="ccthreshold=0.96"``, and ``nearest_neighbours_k``. Options
        without a meaning here are accepted with a DeprecationWarning.

    Returns
    -------
    int
        0 on success; 1 on an error, which is logged.

    Raises
    ------
    TypeError
        When an option is misspelt; the message names the most similar one.
    """
    compat_files |= nn_provider == "nnf" or not LATER_OPTIONS.isdisjoint(other_spellings)
    options = {name: value for name, value in locals().items() if name in _OPTION_NAMES}
    resolved = resolve_options({**_without_defaults(options), **other_spellings})
    make_log_visible(verbose=bool(verbose))
    return _log_version() if version else _run_and_log({**options, **resolved})


_OPTION_NAMES = frozenset(RunConfig.__dataclass_fields__)


def _without_defaults(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of `run` that were given: those whose value is not the default object.

    Python does not report which arguments a caller left out. Such a parameter holds the very object
    that is its default in the signature.
    """
    parameters = inspect.signature(run).parameters
    return {name: value for name, value in options.items() if value is not parameters[name].default}


def _log_version() -> int:
    logger.info(__version__)
    return SUCCESS


def _run_and_log(options: dict[str, Any]) -> int:
    from fastdup.pipeline import run_pipeline  # loads the whole machinery

    if isinstance(options["verbose"], int):
        options["verbose"] = bool(options["verbose"])
    try:
        summary = run_pipeline(RunConfig(**options), choose_progress())
    except FastdupError as exc:
        logger.error("%s", exc, exc_info=bool(options["verbose"]))
        return FAILURE
    for line in (*summary.lines(), *summary.details()):
        logger.info("%s", line)
    return SUCCESS


class _StandardOutput(logging.StreamHandler[TextIO]):
    """Writes to `sys.stdout` as it is at that moment: a notebook's cell, a test's capture."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)

    @property
    def stream(self) -> TextIO:
        return sys.stdout

    @stream.setter
    def stream(self, value: TextIO) -> None:
        """Ignore what the base class sets: the stream is always the current one."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, where there is a standard output."""
        if sys.stdout is not None:
            super().emit(record)


#: What this module set the log to last; another level is the program's own.
_own_level = logging.NOTSET


def make_log_visible(*, verbose: bool) -> None:
    """Show the log on standard output, unless the program has set up logging itself."""
    if not logger.handlers and not logging.getLogger().handlers:
        handler = _StandardOutput()
        handler.setFormatter(LineFormatter("%(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    global _own_level
    if verbose or logger.level in (logging.NOTSET, _own_level):
        _own_level = logging.DEBUG if verbose else logging.INFO
        logger.setLevel(_own_level)
