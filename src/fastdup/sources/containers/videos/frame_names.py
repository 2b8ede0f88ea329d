"""What a frame of a video is called in a listing: ``clip.mp4#t=12.480``."""

import re
from typing import TYPE_CHECKING, NamedTuple

from fastdup.sources.kinds import IMAGE_ENDINGS, RAW_ENDINGS

if TYPE_CHECKING:
    from fractions import Fraction

_FRAME = re.compile(r"#t=(\d+\.\d{3})(?:#\d+)?")
_MARK = "#t="


class FrameName(NamedTuple):
    """A frame by its name.

    Attributes
    ----------
    video : str
        The video's path.
    time_s : float
        Since the first frame of the video.
    """

    video: str
    time_s: float


def milliseconds(time_s: "Fraction") -> int:
    """Return a time since the first frame as frames are named by it."""
    return max(round(time_s * 1000), 0)


def frame_name(video: str, time_ms: int) -> str:
    """Return the name of the frame of `video` at `time_ms`."""
    return f"{video}{_MARK}{time_ms // 1000}.{time_ms % 1000:03}"


def parse_frame(uri: str) -> FrameName | None:
    """Return the video and time that `uri` names, None when it is no frame's name."""
    start = uri.rfind(_MARK)
    found = _FRAME.fullmatch(uri, start) if start > 0 else None
    if not found or uri[:start].lower().endswith((*IMAGE_ENDINGS, *RAW_ENDINGS)):
        return None
    return FrameName(uri[:start], float(found[1]))
