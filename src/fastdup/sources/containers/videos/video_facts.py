"""What a whole video is besides its single frames: how long, how large, with which sound."""

import hashlib
import os
from typing import NamedTuple

from fastdup.errors import MissingExtraError
from fastdup.sources.containers.videos.video_formats import demuxer_of_head
from fastdup.sources.kinds import VIDEOS
from fastdup.sources.local_reader import open_regular

_HEAD_BYTES = 400
#: Kinds of streams that are for people; others are marks for programs.
_ACCOMPANYING = ("audio", "subtitle")


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
        av = VIDEOS.require()
        with open_regular(path) as file:
            demuxer = demuxer_of_head(file.read(_HEAD_BYTES))
    except (MissingExtraError, OSError, ValueError):
        return None
    if demuxer is None:
        return None
    try:
        options = {"protocol_whitelist": "file"}
        place = "file:" + os.path.abspath(path)
        with av.open(place, format=demuxer, options=options) as container:
            return _facts(container, av.stream.Disposition.attached_pic)
    except av.FFmpegError:
        return None


def _facts(container: "av.container.InputContainer", attached: int) -> VideoFacts | None:  # type: ignore[name-defined]  # noqa: F821
    pictures = [s for s in container.streams.video if not s.disposition & attached]
    if not pictures:
        return None
    digests = {
        stream.index: hashlib.blake2b(digest_size=16)
        for stream in container.streams
        if stream.type in _ACCOMPANYING
    }
    times = set()
    for packet in container.demux():
        if packet.is_corrupt:
            return None
        if packet.stream_index in digests:
            digests[packet.stream_index].update(bytes(packet))
        elif packet.stream_index == pictures[0].index and packet.size and packet.pts is not None:
            times.add(packet.pts)
    if not times:
        return None
    duration_s = float((max(times) - min(times)) * pictures[0].time_base)
    sounds = sorted(digest.hexdigest() for digest in digests.values())
    return VideoFacts(pictures[0].width, pictures[0].height, duration_s, tuple(sounds))
