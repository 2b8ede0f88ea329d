"""Takes the picture out of files that hold it as a file of another format."""

import struct
from collections.abc import Callable

from fastdup.errors import ImageError, Reason
from fastdup.images.camera_raw import PREVIEWS
from fastdup.images.completeness import require_boxes
from fastdup.images.embedded import Embedded
from fastdup.images.icons import picture_of_icns, picture_of_icon

#: Format, as `sniff` names it, or "camera raw" → what finds its picture.
UNWRAPPERS: dict[str, Callable[[bytes], Embedded]] = {
    **PREVIEWS,
    "CUR": picture_of_icon,
    "ICNS": picture_of_icns,
    "ICO": picture_of_icon,
}
_OF_BOXES = frozenset({"CR3"})


def unwrap(name: str, data: bytes) -> Embedded:
    """Return the picture that stands for a file of a format in `UNWRAPPERS`.

    Raises
    ------
    ImageError
        When it is incomplete, damaged, or has no picture of a useful size.
    """
    try:
        if name in _OF_BOXES:
            require_boxes(name, data)
        return UNWRAPPERS[name](data)
    except (struct.error, IndexError) as exc:
        detail = f"the {name} file ends inside its structure, after {len(data):,} bytes"
        raise ImageError(detail, reason=Reason.TRUNCATED) from exc
    except (ValueError, OverflowError) as exc:
        raise ImageError(f"{name}: its structure makes no sense ({exc})") from exc
