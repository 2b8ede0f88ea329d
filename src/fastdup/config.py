"""The options of a run: one frozen `RunConfig`, checked whole before the first image is read.

The fields of `RunConfig` are at once the parameters of `fastdup.run()` and the options of
``fastdup run``; each field's metadata holds the help text that the command line shows.
"""

import dataclasses
import difflib
import numbers
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastdup.errors import ConfigError

#: Largest picture decoded unless told otherwise: 268 megapixels, 0.8 GB as RGB.
DEFAULT_MAX_PIXELS = 2**28
EXTRACT_AND_SEARCH, EXTRACT_ONLY, SEARCH_ONLY = range(3)

#: Every accepted spelling of an option besides its own name.
OPTION_ALIASES: Mapping[str, str] = {
    "cc_threshold": "ccthreshold",
    "feature_out_file": "features_out_file",
    "nnf_mode": "faiss_mode",
    "nnf_param": "faiss_param",
}

#: The later releases' name of the provider faiss.
NN_PROVIDER_ALIASES: Mapping[str, str] = {"nnf": "faiss"}

#: Spellings inside ``faiss_mode`` and names in ``faiss_param``: the manual's misprints.
FAISS_MODE_ALIASES: Mapping[str, str] = {"HSNW": "HNSW"}
FAISS_PARAM_ALIASES: Mapping[str, str] = {"nprobes": "nprobe"}

#: Values of ``bounding_box`` that ask for something to be found in the images.
DETECTORS = ("face", "ocr", "rotated", "yolov5s")
_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")

InputDir = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


def _option(default: Any, help_text: str, **metadata: Any) -> Any:
    return field(default=default, metadata={"help": help_text, **metadata})


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
    verbose: bool = _option(False, "tell more, and show a traceback on errors")
    num_threads: int = _option(
        -1, "threads; -1: all cores that this process may use", allowed="-1 or at least 1"
    )
    num_images: int = _option(-1, "cap on the number of images; -1 or 0: all", allowed="-1, 0, …")
    nn_provider: str = _option(
        "auto", "who searches for neighbours", choices=("auto", "faiss", "turi")
    )
    nnmodel: str = _option(
        "brute_force", "method of the provider turi", choices=("ball_tree", "brute_force", "lsh")
    )
    distance: str = _option(
        "cosine",
        "distance between feature vectors",
        choices=("cosine", "euclidean", "manhattan", "squared_euclidean"),
    )
    faiss_mode: str = _option("HNSW32", "index-factory string of the provider faiss")
    faiss_param: str = _option("", "faiss search parameters, such as 'efSearch=175,nprobe=200'")
    threshold: float = _option(
        0.85, "smallest similarity kept, inclusive (1: identical)", allowed="0 to 1"
    )
    lower_threshold: float = _option(
        0.3, "an image whose most similar other image is below this is an outlier", allowed="0 to 1"
    )
    ccthreshold: float = _option(
        -1.0,
        "smallest similarity that joins two images to a group, inclusive; -1: the threshold",
        allowed="-1, 0 to 1",
    )
    outlier_percentile: float = _option(
        -1.0,
        "share of images, the least similar ones, that are outliers; -1: lower_threshold decides",
        allowed="-1, 0 to 1",
    )
    nearest_neighbors_k: int = _option(
        2,
        "neighbours kept per image, itself not counted; 0: all at or above the threshold",
        allowed="0, 1, …",
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
        -1, "first position of the sorted listing to take, inclusive; -1: the first", allowed="-1…"
    )
    max_offset: int = _option(
        -1, "last position of the sorted listing to take, exclusive; -1: all", allowed="-1…"
    )
    features_out_file: str | None = _option(
        None, "where features are written, or read in run mode 2 (default: WORK_DIR/features.dat)"
    )
    max_memory: float = _option(
        -1.0,
        "gigabytes that the search should keep to; -1: half of what this process may use",
        allowed="-1 or above 0",
    )
    test_dir: str | None = _option(
        None, "second collection: its images are compared with those of INPUT, and nothing else"
    )
    d: int = _option(
        -1, "width that the features must have; -1: whatever the model gives", allowed="-1, 1, …"
    )
    executor: str = _option(
        "local",
        "who does the work: this machine, or a Ray cluster (extra: ray)",
        choices=("local", "ray"),
    )
    address: str | None = _option(
        None,
        "HOST:PORT of a running Ray cluster, or auto (default: RAY_ADDRESS, else started here)",
    )
    include_hidden: bool = _option(False, "list files and folders whose name begins with a dot too")
    video_interval: float = _option(
        -1.0,
        "seconds between the frames taken of each video; -1: its key frames",
        allowed="-1 or above 0",
    )
    video_duplicates: bool = _option(
        False, "report frames of one and the same video as duplicates of each other too"
    )
    bounding_box: str | None = _option(
        None, "part taken of each image, in pixels: 'row_y=10,col_x=20,height=100,width=200'"
    )
    image_column: str | None = _option(
        None, "column of data sets that holds the images (default: found by itself)"
    )
    label_column: str | None = _option(
        None, "column of data sets that holds the labels (default: found by itself)"
    )
    max_pixels: int = _option(
        DEFAULT_MAX_PIXELS,
        "largest width × height decoded; a larger image is listed as bad (too_large)",
        allowed="at least 1",
    )

    def __post_init__(self) -> None:
        """Bring paths and numbers to one form, then check every value."""
        for f in dataclasses.fields(self):
            object.__setattr__(self, f.name, _plain_value(getattr(self, f.name)))
        provider = NN_PROVIDER_ALIASES.get(str(self.nn_provider), self.nn_provider)
        object.__setattr__(self, "nn_provider", provider)
        for check in _CHECKS:
            check(self)

    @property
    def n_threads(self) -> int:
        """Number of threads to use, at least 1."""
        return available_cores() if self.num_threads == -1 else self.num_threads

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
        left, top, width, height = (int(given[name]) for name in _BOX_NAMES)
        return left, top, width, height

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
        """Smallest similarity that joins two images to a group, inclusive."""
        return self.threshold if self.ccthreshold == -1 else self.ccthreshold

    def replace(self, **changes: Any) -> "RunConfig":
        """Return a copy with `changes`, checked anew."""
        return dataclasses.replace(self, **changes)


def _plain_value(value: Any) -> Any:
    """Return paths as str and numpy's scalars as Python's numbers, all else as it is."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, numbers.Real) and not isinstance(value, bool | numbers.Integral):
        return float(value)
    return value


def available_cores() -> int:
    """Return how many cores this process may use: CPU affinity and cgroup quota, at least 1."""
    try:
        n_cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have no affinity call
        n_cores = os.cpu_count() or 1
    quota = _cgroup_cores()
    return max(1, n_cores if quota is None else min(n_cores, quota))


def available_memory() -> int:
    """Return how many bytes of memory this process may use: the machine's, or its cgroup's."""
    try:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):  # Windows
        return 8 * 2**30
    limits = [machine]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # not there, or "max"
            limits.append(int(Path(path).read_text()))
    return min(limits)


def _cgroup_cores() -> int | None:
    """Return the cgroup's CPU quota rounded up to whole cores, None when there is none."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        quota, period = _cgroup_v1_quota()
    if quota in ("max", "-1"):
        return None
    return -(-int(quota) // int(period))


def _cgroup_v1_quota() -> tuple[str, str]:
    folder = Path("/sys/fs/cgroup/cpu")
    try:
        quota = (folder / "cpu.cfs_quota_us").read_text().strip()
        return quota, (folder / "cpu.cfs_period_us").read_text().strip()
    except OSError:
        return "max", "1"


# --- checks: each looks at one matter and raises ConfigError ---------------------------------


def _refuse(name: str, value: object, allowed: str, example: object) -> ConfigError:
    return ConfigError(f"{name}={value!r} is not allowed: {allowed}; try {name}={example!r}")


def _check_types(config: RunConfig) -> None:
    for f in dataclasses.fields(config):
        if f.name == "input_dir":
            continue
        value = getattr(config, f.name)
        wanted = type(f.default) if f.default is not None else str
        is_flag_as_number = isinstance(value, bool) and wanted is not bool
        accepted = (int, float) if wanted is float else wanted
        optional = value is None and f.default is None
        if not optional and (is_flag_as_number or not isinstance(value, accepted)):
            raise _refuse(
                f.name,
                value,
                f"it must be a {wanted.__name__}",
                "file" if f.default is None else f.default,
            )


def _check_choices(config: RunConfig) -> None:
    for f in dataclasses.fields(config):
        choices = f.metadata.get("choices")
        value = getattr(config, f.name)
        if choices and value not in choices:
            nearest = difflib.get_close_matches(str(value), [str(c) for c in choices], n=1)
            example = nearest[0] if nearest else f.default
            raise _refuse(f.name, value, f"choose from {', '.join(map(str, choices))}", example)


def _at_least(name: str, minimum: float) -> Callable[[RunConfig], None]:
    def check(config: RunConfig) -> None:
        value = getattr(config, name)
        if value < minimum:
            raise _refuse(name, value, f"it must be at least {minimum}", minimum)

    return check


def _share(name: str, what: str = "a similarity") -> Callable[[RunConfig], None]:
    """Check that the option lies between 0 and 1, or is -1 where that is its default."""

    def check(config: RunConfig) -> None:
        value = getattr(config, name)
        default = RunConfig.__dataclass_fields__[name].default
        if not 0 <= value <= 1 and value != default:  # the first is false for NaN too
            example = value / 100 if 1 < value <= 100 else default
            raise _refuse(name, value, f"{what} lies between 0 and 1", example)

    return check


def _check_threads(config: RunConfig) -> None:
    if config.num_threads == 0:
        raise _refuse("num_threads", 0, "it must be at least 1, or -1 for all cores", -1)


def _check_memory(config: RunConfig) -> None:
    if config.max_memory != -1 and not config.max_memory > 0:
        allowed = "it must be above 0, or -1 for half of what there is"
        raise _refuse("max_memory", config.max_memory, allowed, -1)


_BOX_NAMES = ("col_x", "row_y", "width", "height")


def _check_bounding_box(config: RunConfig) -> None:
    given = config.bounding_box
    if given in DETECTORS:
        raise ConfigError(
            f"bounding_box={given!r} cannot be done, nothing is detected here: give boxes by "
            "fd.run(annotations=…), upright ones, as filename, col_x, row_y, width, height"
        )
    try:
        crop = config.crop
        is_right = crop is None or (min(crop[:2]) >= 0 and min(crop[2:]) > 0)
    except (KeyError, ValueError):
        is_right = False
    if not is_right:
        allowed = "it names col_x and row_y from 0, width and height above 0, in pixels"
        raise _refuse("bounding_box", given, allowed, "row_y=0,col_x=0,height=100,width=100")


def _check_video_interval(config: RunConfig) -> None:
    if config.video_interval != -1 and not 0.001 <= config.video_interval < float("inf"):
        allowed = "it must be at least 0.001 seconds, or -1 for the key frames"
        raise _refuse("video_interval", config.video_interval, allowed, 1.0)


def _check_address(config: RunConfig) -> None:
    address = config.address
    if address is None:
        return
    if config.executor != "ray":
        raise ConfigError(f"address={address!r} is that of a Ray cluster: add executor='ray'")
    if address.startswith("ray://"):
        raise ConfigError(
            f"address={address!r} is that of a Ray client: run fastdup on a machine of the cluster "
            "and try address='auto'"
        )
    host, _, port = address.rpartition(":")
    is_place = _HOST.fullmatch(host) and port.isdecimal() and 0 < int(port) < 2**16
    if address not in ("auto", "local") and not is_place:
        allowed = "it must be HOST:PORT, auto (the cluster of this machine) or local"
        raise _refuse("address", address, allowed, "10.0.0.1:6379")


def _check_offsets(config: RunConfig) -> None:
    if config.max_offset >= 0 and config.max_offset < max(config.min_offset, 0):
        raise _refuse(
            "max_offset",
            config.max_offset,
            f"it must not be below min_offset={config.min_offset}",
            max(config.min_offset, 0) + 1,
        )


def _check_input(config: RunConfig) -> None:
    given = config.input_dir
    if config.run_mode == SEARCH_ONLY:  # the stored features name their images themselves
        return
    if isinstance(given, (str, os.PathLike)):
        if not os.fspath(given):
            raise ConfigError("input_dir is empty: name a folder, a list file or a list of files")
        return
    if not isinstance(given, Sequence) or isinstance(given, (bytes, bytearray)):
        raise ConfigError(
            f"input_dir is a {type(given).__name__}: name a folder, a list file or a list of files"
        )
    for item in given:
        if not isinstance(item, (str, os.PathLike)):
            raise ConfigError(f"input_dir holds {item!r}: each item must be a path")


_CHECKS: tuple[Callable[[RunConfig], None], ...] = (
    _check_types,
    _check_choices,
    _check_input,
    _check_threads,
    _at_least("num_threads", -1),
    _at_least("num_images", -1),
    _at_least("nearest_neighbors_k", 0),
    _at_least("min_offset", -1),
    _at_least("max_offset", -1),
    _at_least("max_pixels", 1),
    _at_least("d", -1),
    _share("threshold"),
    _share("lower_threshold"),
    _share("ccthreshold"),
    _share("outlier_percentile", "a share of the images"),
    _check_offsets,
    _check_memory,
    _check_video_interval,
    _check_bounding_box,
    _check_address,
)
