"""Whether one whole video may go for another one: the same bytes, or the same all along."""

import os
from contextlib import closing

import numpy as np
from PIL import Image

from fastdup.actions.companions import PhotoFolders, folded
from fastdup.actions.exact_duplicates import same_bytes
from fastdup.actions.may_go import SAFE, UNKNOWN, Relation
from fastdup.actions.relations import Eyes
from fastdup.sources import ReaderOptions, UriReader
from fastdup.sources.containers.videos.frame_names import parse_frame
from fastdup.sources.containers.videos.video_facts import read_facts
from fastdup.sources.kinds import VIDEOS
from fastdup.verify.verdict import Verdict

#: Seconds between the frames that are compared, at least; of long films more, so that they are at
#: most so many.
_INTERVAL_S, _MOST_FRAMES = 0.5, 600
#: Seconds by which two films that are as long may differ.
_SAME_LENGTH_S = 0.1
#: Plain frames, as of a fade, show nothing to compare: they are the same if their grey levels vary
#: and differ by no more than this.
_PLAIN_LEVELS, _SAME_LEVELS = 6.0, 6.0
_SMALL_SIDE = 64


def is_video(path: str) -> bool:
    """Return whether a file is a video by its name."""
    return VIDEOS.has_ending(path)


def has_namesakes(path: str, folders: PhotoFolders) -> bool:
    """Return whether files of a video's name that are none are beside it: a photo, a sidecar."""
    name = folded(os.path.basename(path))
    stem = os.path.splitext(name)[0]
    return any(
        not is_video(other) and (os.path.splitext(other)[0] == stem or other.startswith(f"{name}."))
        for other in folders.folder(path).names
    )


def compare_videos(kept: str, path: str, *, only_bytes: bool = False) -> Relation:
    """Return what a video is to the one that would stay; unknown unless it is the same throughout.

    Without the same bytes, all that follows must hold: the two are equally long, the one that stays
    has as many pixels, sounds and subtitles are the same to the byte, and each of the frames at
    equal times shows the same picture.

    Parameters
    ----------
    kept, path : str
        Full paths.
    only_bytes : bool
        Whether nothing but the same bytes will do.
    """
    if same_bytes(kept, path):
        return Relation(Verdict.SAME_BYTES)
    if only_bytes:
        return UNKNOWN
    theirs, its = read_facts(kept), read_facts(path)
    if theirs is None or its is None or theirs.sounds != its.sounds:
        return UNKNOWN
    if abs(theirs.duration_s - its.duration_s) > _SAME_LENGTH_S:
        return UNKNOWN
    if theirs.width * theirs.height < its.width * its.height:
        return UNKNOWN
    return _compare_frames(kept, path, max(_INTERVAL_S, theirs.duration_s / _MOST_FRAMES))


def _compare_frames(kept: str, path: str, interval_s: float) -> Relation:
    options = ReaderOptions(include_hidden=True, include_system=True, video_interval_s=interval_s)
    with closing(UriReader(options)) as reader:
        frames, others = (list(reader.expand(video)) for video in (kept, path))
        pairs = list(zip(frames, others, strict=False))
        if not pairs or len(frames) != len(others) or not all(map(_are_at_one_time, pairs)):
            return UNKNOWN
        eyes = Eyes(reader=reader)
        is_same = all(_shows_the_same(eyes, frame, other) for frame, other in pairs)
    return Relation(Verdict.SAME_PICTURE) if is_same else UNKNOWN


def _are_at_one_time(pair: tuple[str, str]) -> bool:
    one, other = map(parse_frame, pair)
    return (
        one is not None and other is not None and abs(one.time_s - other.time_s) <= _SAME_LENGTH_S
    )


def _shows_the_same(eyes: Eyes, frame: str, other: str) -> bool:
    relation = eyes.look(frame, other)
    if relation.verdict is not Verdict.UNVERIFIED:
        return relation.verdict in SAFE
    pictures = eyes.picture(frame), eyes.picture(other)
    return _are_plain_and_alike(*pictures)


def _are_plain_and_alike(one: Image.Image | None, other: Image.Image | None) -> bool:
    if one is None or other is None:
        return False
    first, second = (
        np.asarray(picture.convert("L").resize((_SMALL_SIDE, _SMALL_SIDE)), np.float64)
        for picture in (one, other)
    )
    is_plain = max(float(first.std()), float(second.std())) <= _PLAIN_LEVELS
    return is_plain and float(np.abs(first - second).max()) <= _SAME_LEVELS
