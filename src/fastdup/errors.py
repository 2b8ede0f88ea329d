"""The exceptions of fastdup, as one tree.

::

    FastdupError
    ├── ConfigError          an option is out of range, misspelt or contradicts another
    │   └── MissingExtraError    an optional package is not installed
    ├── SourceError          the input as a whole cannot be read
    ├── ImageError           one image cannot be used; becomes a record, never leaves `extract`
    ├── ModelError           the ONNX model cannot be loaded or does not fit
    ├── WorkDirError         stored files are missing, damaged or cannot be written
    ├── ExecutorError        the machines that share the work cannot be reached, or fail
    ├── NeighbourError       the search for neighbours cannot be done as asked
    ├── ReportError          a gallery cannot be made
    └── ActionError          files cannot be put away, or put back, as asked

Every message says what happened, the value seen, and what to do. All of them can be pickled, so
that a worker process can raise them.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

#: What follows, in the message of each `MissingExtraError`, what needs it; in older lists too.
MISSING_EXTRA = " needs an extra"
#: Extra → the packages that it installs. Messages name these, and never fastdup itself: the package
#: index has a different program under that name.
EXTRA_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "datasets": ("pyarrow",),
    "explore": ("starlette", "uvicorn"),
    "gpu": ("onnxruntime-gpu",),
    "heic": ("pillow-heif",),
    "jxl": ("imagecodecs",),
    "notebook": ("pandas",),
    "ray": ("ray",),
    "s3": ("obstore",),
    "svg": ("resvg_py",),
    "text": ("tokenizers",),
    "umap": ("umap-learn",),
    "video": ("av",),
}


class Reason(StrEnum):
    """Why an image could not be used: the ``reason`` column of ``features.bad.csv``."""

    NOT_FOUND = "not_found"
    NO_ACCESS = "no_access"
    TIMEOUT = "timeout"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    NOT_AN_IMAGE = "not_an_image"
    SIDE_FILE = "side_file"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too_large"
    TOO_SMALL = "too_small"
    DECODE_ERROR = "decode_error"
    NO_CONTENT = "no_content"


class FastdupError(Exception):
    """Base of everything that fastdup raises on purpose."""


class ConfigError(FastdupError, ValueError):
    """An option is out of range, misspelt or contradicts another."""

    @classmethod
    def not_among(
        cls, option: str, value: object, choices: Iterable[str], default: str
    ) -> "ConfigError":
        """Return the error that a value is none of the choices, with the nearest one to type."""
        import difflib

        names = list(choices)
        nearest = next(iter(difflib.get_close_matches(str(value), names, n=1)), default)
        return cls(
            f"{option}={value!r} is not allowed: choose from {', '.join(names)}; "
            f"try {option}={nearest!r}"
        )


class MissingExtraError(ConfigError):
    """An optional package is needed and not installed; the message names the pip line."""

    def __init__(self, message: str, *, extra: str = "") -> None:
        super().__init__(message)
        self.extra = extra

    @classmethod
    def needed_for(cls, what: str, *, extra: str) -> "MissingExtraError":
        """Return the error that `what` needs the extra `extra`, with the line to type."""
        names = EXTRA_PACKAGES.get(extra, (extra,))
        noun = "package" if len(names) == 1 else "packages"
        return cls(f"{what}{MISSING_EXTRA} {noun}: pip install {' '.join(names)}", extra=extra)


class SourceError(FastdupError):
    """The input as a whole cannot be read."""


class ImageError(FastdupError):
    """One image cannot be used.

    Attributes
    ----------
    reason : Reason
        The kind of failure. The exception's message is its detail.
    """

    def __init__(self, message: str, *, reason: Reason = Reason.DECODE_ERROR) -> None:
        super().__init__(message)
        self.reason = reason


class ModelError(FastdupError):
    """The ONNX model cannot be loaded or does not fit."""


class WorkDirError(FastdupError):
    """Stored files are missing, damaged or cannot be written."""

    @classmethod
    def damaged(cls, path: str, why: object) -> "WorkDirError":
        """Say that a stored file makes no sense and why, in one line, and what to do."""
        shown = path if path.isprintable() else repr(path)
        return cls(f"{shown} is damaged: {why}: fix it, or run again to write it anew")


class ExecutorError(FastdupError):
    """The machines that share the work cannot be reached, or fail."""


class NeighbourError(FastdupError):
    """The search for neighbours cannot be done as asked."""


class ReportError(FastdupError):
    """A gallery cannot be made."""


class ActionError(FastdupError):
    """Files cannot be put away, or put back, as asked."""
