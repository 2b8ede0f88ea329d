"""What is said of a file that was cut short."""

from fastdup.errors import ImageError, Reason


def ends_early(name: str, data: bytes) -> ImageError:
    """Return the error for a file, or what of it was read, that lacks its end."""
    detail = f"the {name} file ends early, after {len(data):,} bytes"
    return ImageError(detail, reason=Reason.TRUNCATED)
