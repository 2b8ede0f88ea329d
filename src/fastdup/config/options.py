"""The options of a run: one frozen `RunConfig`, checked whole before the first image is read.

The fields of `RunConfig` are at once the parameters of `fastdup.run()` and the options of
``fastdup run``. Each field's metadata holds the help text that the command line shows, and what
`checks` allows: ``choices``, a ``registry`` of more of them, ``at_least`` (the smallest whole
number), ``share`` (what the number from 0 to 1 is), or ``reads``, which reads a text.
"""

import dataclasses
import numbers
import os
from dataclasses import dataclass, field
from typing import Any

from fastdup.config.aliases import NN_PROVIDER_ALIASES
from fastdup.config.amounts import moment_ns, size_in_bytes
from fastdup.config.checks import CHECKS, EXTRACT_AND_SEARCH, EXTRACT_ONLY, SEARCH_ONLY
from fastdup.config.inputs_given import InputDir, plain_inputs
from fastdup.config.machine import available_cores, available_memory
from fastdup.config.providers import AUTO, DEFAULT_FAISS_MODE, NN_MODELS, PROVIDERS, TURI
from fastdup.errors import ConfigError


class DefaultFloat(float):
    """A default: not the same as the number when a user types it."""


#: The manual's default. Unless it is typed, what stands apart from the collection is an outlier.
DEFAULT_LOWER_THRESHOLD = DefaultFloat(0.3)

#: Largest picture decoded by default: 268 megapixels, 0.8 GB as RGB.
DEFAULT_MAX_PIXELS = 2**28

#: Options that are paths: a leading ``~`` is the home folder, and what may be None may be empty.
_PLACES = (
    "content_model",
    "features_out_file",
    "input_dir",
    "model_path",
    "test_dir",
    "work_dir",
)


def _option(default: Any, help_text: str, **limits: Any) -> Any:
    """Return a field; its limits are those at the head of this module."""
    return field(default=default, metadata={"help": help_text, **limits})


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """All that decides a run. Immutable, picklable, valid once built.

    Raises
    ------
    ConfigError
        When a value is out of range: what was given, what is allowed, what to type.
    """

    input_dir: InputDir = field(
        metadata={
            "help": "folder, archive, image, video, data set, list file, or URL "
            "such as s3://bucket/folder/"
        }
    )
    work_dir: str = _option(".", "folder for all outputs, created if missing")
    compute: str = _option("cpu", "where the model runs", choices=("cpu", "gpu"))
    verbose: bool = _option(False, "log more, and show a traceback on errors")
    num_threads: int = _option(-1, "threads; -1: all cores that this process may use", at_least=-1)
    num_images: int = _option(-1, "cap on the number of images; -1 or 0: all", at_least=-1)
    nn_provider: str = _option(
        AUTO,
        "provider that searches for neighbours; your own one too, by its name",
        choices=sorted((AUTO, *PROVIDERS.table, TURI)),
        registry=PROVIDERS,
    )
    nnmodel: str = _option(
        "brute_force", "provider that turi stands for", choices=NN_MODELS, registry=PROVIDERS
    )
    nn_options: str = _option(
        "", "options of the provider, such as 'a=1,b=2'; for those of your own"
    )
    distance: str = _option(
        "cosine",
        "distance between feature vectors",
        choices=("cosine", "euclidean", "manhattan", "squared_euclidean"),
    )
    faiss_mode: str = _option(DEFAULT_FAISS_MODE, "index-factory string of the provider faiss")
    faiss_param: str = _option("", "faiss search parameters, such as 'efSearch=175,nprobe=200'")
    threshold: float = _option(
        0.85, "smallest similarity kept, inclusive (1: identical)", share="a similarity"
    )
    lower_threshold: float = _option(
        DEFAULT_LOWER_THRESHOLD,
        "an image whose nearest image is less similar than this is an outlier; without it, the "
        "images that stand apart from all others are",
        share="a similarity",
    )
    ccthreshold: float = _option(
        -1.0,
        "smallest similarity that joins two images in a component, inclusive; -1: the threshold",
        share="a similarity",
    )
    outlier_percentile: float = _option(
        -1.0,
        "share of images that are outliers, those that stand apart most; -1: all that do",
        share="a share of the images",
    )
    nearest_neighbors_k: int = _option(
        2,
        "neighbours kept per image, itself not counted; 0: all at or above the threshold",
        at_least=0,
    )
    model_path: str | None = _option(
        None, "ONNX file, or name of a downloaded model, to use instead of the built-in one"
    )
    run_mode: int = _option(
        0,
        "0: extract and search; 1: extract only; 2: search stored features",
        choices=(EXTRACT_AND_SEARCH, EXTRACT_ONLY, SEARCH_ONLY),
    )
    min_offset: int = _option(
        -1, "first position of the sorted listing to take, inclusive; -1: the first", at_least=-1
    )
    max_offset: int = _option(
        -1, "last position of the sorted listing to take, exclusive; -1: all", at_least=-1
    )
    features_out_file: str | None = _option(
        None, "where features are written, or read in run mode 2 (default: WORK_DIR/features.dat)"
    )
    max_memory: float = _option(
        -1.0, "memory limit of the search, in gigabytes; -1: half of what this process may use"
    )
    test_dir: str | None = _option(
        None, "second collection: its images are compared with those of INPUT, and nothing else"
    )
    d: int = _option(
        -1, "width that the features must have; -1: whatever the model gives", at_least=-1
    )
    executor: str = _option(
        "local",
        "where the work is done: on this machine, or on a Ray cluster (extra: ray)",
        choices=("local", "ray"),
    )
    address: str | None = _option(
        None,
        "HOST:PORT of a running Ray cluster, or auto (default: RAY_ADDRESS, else started here)",
    )
    include_hidden: bool = _option(
        False, "also list files and folders whose names begin with a dot"
    )
    include_system: bool = _option(
        False, "also list bins, previews and the like: $RECYCLE.BIN, .Trash-1000, @eaDir, …"
    )
    exclude: tuple[str, ...] = _option(
        (), "leave out files and folders that match this pattern, such as '*.gif' (repeatable)"
    )
    include: tuple[str, ...] = _option(
        (), "list only files that match this pattern, or are in matching folders (repeatable)"
    )
    min_size: int = _option(
        0, "smallest file listed, in bytes, or such as 50K or 2M", at_least=0, reads=size_in_bytes
    )
    newer: str | None = _option(
        None, "list only files changed on this date or later: 2024-05-31, or 2024-05-31T12:00"
    )
    older: str | None = _option(None, "list only files changed before this date")
    video_interval: float = _option(
        -1.0, "seconds between the frames taken of each video; -1: its key frames"
    )
    video_duplicates: bool = _option(
        False, "report frames of the same video as duplicates of each other too"
    )
    bounding_box: str | None = _option(
        None, "part taken of each image, in pixels: 'row_y=10,col_x=20,height=100,width=200'"
    )
    image_column: str | None = _option(
        None, "column of data sets that holds the images (default: detected)"
    )
    label_column: str | None = _option(
        None, "column of data sets, or field or ending in tars, with the labels (default: detected)"
    )
    verify: str = _option(
        "auto",
        "pairs judged by looking at both pictures: those that may be copies, all, or none",
        choices=("auto", "all", "none"),
    )
    parts: bool = _option(
        False, "also find pictures that show a small part of others; needs verify auto or all"
    )
    grouping: str = _option(
        "component",
        "what is a group: images connected by copies, or copies of one image each (strict)",
        choices=("component", "strict"),
    )
    max_pixels: int = _option(
        DEFAULT_MAX_PIXELS,
        "largest width × height decoded; a larger image is listed as bad (too_large)",
        at_least=1,
    )

    min_width: int = _option(
        0, "smallest width used, in pixels; a narrower image is listed as bad", at_least=0
    )
    min_height: int = _option(
        0, "smallest height used, in pixels; a lower image is listed as bad", at_least=0
    )
    content: bool = _option(
        True,
        "also make a row for what each image shows, by which outliers and labels are judged; "
        "needs the built-in model",
    )
    content_model: str | None = _option(
        None,
        "ONNX file, or name of a downloaded model, that makes this row; copies are found by the "
        "built-in model as before",
    )
    compat_files: bool = _option(
        False, "also write the files of later releases of the original, such as atrain_features.dat"
    )

    def __post_init__(self) -> None:
        """Bring paths and numbers to one form, then check every value."""
        if self.run_mode != SEARCH_ONLY:
            object.__setattr__(self, "input_dir", plain_inputs(self.input_dir))
        for f in dataclasses.fields(self):
            object.__setattr__(self, f.name, _plain_value(getattr(self, f.name), f))
        for name in _PLACES:
            if isinstance(place := getattr(self, name), str):
                is_none = not place and self.__dataclass_fields__[name].default is None
                object.__setattr__(self, name, None if is_none else os.path.expanduser(place))
        if self.nnmodel not in NN_MODELS:
            object.__setattr__(self, "nnmodel", _provider_name(self.nnmodel))
        object.__setattr__(self, "nn_provider", _provider_name(self.nn_provider))
        for check in CHECKS:
            check(self)

    @property
    def n_threads(self) -> int:
        """Number of threads to use, at least 1."""
        return available_cores() if self.num_threads == -1 else self.num_threads

    @property
    def provider(self) -> str:
        """Name of the neighbour provider, or ``auto``."""
        return self.nnmodel if self.nn_provider == TURI else self.nn_provider

    @property
    def max_memory_bytes(self) -> int:
        """Memory that the search should keep to."""
        if self.max_memory == -1:
            return available_memory() // 2
        return int(self.max_memory * 2**30)

    @property
    def crop(self) -> tuple[int, int, int, int] | None:
        """Left, top, width and height of the part taken of each image; None: the whole."""
        if not self.bounding_box:
            return None
        given = dict(part.split("=") for part in self.bounding_box.replace(" ", "").split(","))
        names = ("col_x", "row_y", "width", "height")
        left, top, width, height = (int(given[name]) for name in names)
        return left, top, width, height

    @property
    def least_sides(self) -> tuple[int, int]:
        """Smallest width and height to use, in pixels, inclusive."""
        return self.min_width, self.min_height

    @property
    def newer_ns(self) -> int | None:
        """Time of change from which on files are listed; None: whenever."""
        return None if self.newer is None else moment_ns(self.newer)

    @property
    def older_ns(self) -> int | None:
        """Time of change before which files are listed; None: whenever."""
        return None if self.older is None else moment_ns(self.older)

    @property
    def listing_range(self) -> tuple[int, int | None]:
        """Half-open range of positions in the sorted listing; None: to its end."""
        start = max(self.min_offset, 0)
        stops = [stop for stop in (self.max_offset,) if stop >= 0]
        if self.num_images > 0:
            stops.append(start + self.num_images)
        return start, min(stops, default=None)

    @property
    def component_threshold(self) -> float:
        """Smallest similarity that joins two images in a component, inclusive."""
        return self.threshold if self.ccthreshold == -1 else self.ccthreshold

    @property
    def least_threshold(self) -> float:
        """Similarity from which on pairs are reported or join components, inclusive."""
        return min(self.threshold, self.component_threshold)

    @property
    def outliers_below(self) -> float | None:
        """Similarity of its nearest image below which an image is an outlier; None: not given."""
        given = self.lower_threshold
        return None if isinstance(given, DefaultFloat) else given

    def replace(self, **changes: Any) -> "RunConfig":
        """Return a copy with `changes`, checked anew."""
        return dataclasses.replace(self, **changes)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple | set | frozenset) else value


def _provider_name(given: Any) -> Any:
    """Return the provider's own name where another one is given."""
    return NN_PROVIDER_ALIASES.get(str(given), given)


def _plain_value(value: Any, option: "dataclasses.Field[Any]") -> Any:
    """Return paths as str, numpy's scalars as Python's numbers, lists as tuples, else as it is."""
    if isinstance(value, DefaultFloat):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(option.default, tuple):
        return (value,) if isinstance(value, str) else _as_tuple(value)
    if isinstance(value, str) and (reads := option.metadata.get("reads")):
        try:
            return reads(value)
        except ValueError as exc:
            raise ConfigError(f"{option.name}={value!r} is not allowed: {exc}") from exc
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, numbers.Real) and not isinstance(value, bool | numbers.Integral):
        return float(value)
    return value
