"""Names of files in a work folder, as the module ``definitions`` of later releases has them."""

from fastdup.compat.later_names import NAMED_FILES


def __getattr__(name: str) -> str:
    """Return the file of ``FILENAME_SIMILARITY`` and the like."""
    file = NAMED_FILES.get(name.removeprefix("FILENAME_"))
    if file is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return file
