"""What a whole video is besides its single frames: how long, how large, with which sound."""

import os
from contextlib import closing
from typing import NamedTuple

from fastdup.errors import ImageError, MissingExtraError
from fastdup.sources.base import stamp_of_state
from fastdup.sources.containers.apart import Apart, Place
from fastdup.sources.containers.videos.video_formats import demuxer_of_head
from fastdup.sources.kinds import VIDEOS
from fastdup.sources.local_reader import open_regular

_HEAD_BYTES = 400
#: What reads videos in a process of its own.
VIDEO_WORKSHOP = "fastdup.sources.containers.videos.video_workshop:VideoWorkshop"


class VideoFacts(NamedTuple):
    """What a video file holds.

    Attributes
    ----------
    width, height : int
        Pixels of its pictures as they are stored.
    duration_s : float
        From the first picture to the last.
    sounds : tuple of str
        A digest of all packets of each stream of sound or subtitles, sorted.
    """

    width: int
    height: int
    duration_s: float
    sounds: tuple[str, ...]


def read_facts(path: str) -> VideoFacts | None:
    """Return what a video of this machine holds, read from end to end; None if it cannot be read.

    Only the demuxer that its content asks for is tried, and only this file is opened.
    """
    try:
        VIDEOS.check_installed()
        with open_regular(path) as file:
            demuxer = demuxer_of_head(file.read(_HEAD_BYTES))
            stamp = stamp_of_state(os.fstat(file.fileno()))
    except (MissingExtraError, OSError, ValueError):
        return None
    if demuxer is None:
        return None
    with closing(Apart(VIDEO_WORKSHOP, VIDEOS.noun, 1)) as apart:
        try:
            found, _ = apart.call("facts", Place(path, *stamp, is_local=True), demuxer)
            sizes = int(found["width"]), int(found["height"])
            return VideoFacts(*sizes, float(found["duration_s"]), tuple(map(str, found["sounds"])))
        except (ImageError, KeyError, TypeError, ValueError):
            return None
