"""Lists, stamps and reads the frames of videos, each called ``clip.mp4#t=12.480``."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from fastdup.config.machine import available_cores
from fastdup.errors import ImageError, MissingExtraError, Reason
from fastdup.sources.base import Stamp
from fastdup.sources.containers.apart import Apart, Place
from fastdup.sources.containers.container_reader import Container, ContainerReader
from fastdup.sources.containers.files import Files
from fastdup.sources.containers.unique_names import UniqueNames
from fastdup.sources.containers.videos.coded_frames import CodedFrame, FrameRecord
from fastdup.sources.containers.videos.frame_cache import FrameCache
from fastdup.sources.containers.videos.frame_names import frame_name, parse_frame
from fastdup.sources.containers.videos.video_facts import VIDEO_WORKSHOP
from fastdup.sources.containers.videos.video_formats import demuxer_of_head, what_is_missing
from fastdup.sources.kinds import VIDEOS
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.stat_cache import CachedStat

#: Processes that decode.
_MOST_PROCESSES = 32
#: What is read at a time of a video elsewhere, where frames are sought here and there.
_FRAME_BYTES = 2**19


@dataclass
class _Video(Container):
    demuxer: str = ""


class VideoReader(ContainerReader[_Video]):
    """Reads frames of videos; see `ContainerReader`."""

    kind = VIDEOS
    head_bytes = 400
    missing = "no such frame"
    format_of = staticmethod(demuxer_of_head)

    def __init__(self, options: ReaderOptions, files: Files) -> None:
        super().__init__(options, files)
        self._interval_s = options.video_interval_s
        path = options.frame_cache
        self._frame_cache = FrameCache(path, self._interval_s) if path else None
        n_processes = min(available_cores(), _MOST_PROCESSES)
        self._apart = Apart(VIDEO_WORKSHOP, self.kind.noun, n_processes)

    def close(self) -> None:
        """Close all files."""
        super().close()
        self._apart.close()
        if self._frame_cache:
            self._frame_cache.close()

    def _paths_in(self, uri: str) -> Iterator[str]:
        frame = parse_frame(uri)
        is_file = self._files.are_local and os.path.lexists(uri)
        video = frame.video if frame and not is_file else uri
        if VIDEOS.has_ending(video):
            yield video

    def _new(self, path: str, stamp: Stamp, uri: str) -> _Video:
        return _Video(path, stamp, demuxer=str(self._formats[path]))

    def _bytes_of(self, video: _Video, member: CachedStat, max_bytes: int | None) -> bytes:
        _, key_ts, _ = member.place
        _, picture = self._apart.call(
            "picture",
            self._place(video),
            video.demuxer,
            *member.place,
            near=(video.path, key_ts),
            opened=self._opened(video, _FRAME_BYTES),
        )
        return picture[:max_bytes]

    def _failure_of(self, video: _Video) -> ImageError:
        return super()._failure_of(self._listed(video))

    # --- listing -----------------------------------------------------------------------------

    def _walk(self, video: _Video) -> Iterator[str]:
        names, table = UniqueNames(), self._table
        cache = self._frame_cache
        record = cache.find(video.path, video.stamp) if cache else None
        for time_ms, frame in self._demuxed(video) if record is None else record:
            stat = _stat_of(frame, video.stamp)
            video.n_images += 1
            name = frame_name(video.path, time_ms)
            yield names.add(name, lambda name, stat=stat: table.add(name, stat))  # type: ignore[misc]
        video.is_listed = True

    def _demuxed(self, video: _Video) -> Iterator[tuple[int, CodedFrame]]:
        """Yield the frames as the video has them; cache them when it is whole."""
        record = FrameRecord()
        try:
            self.kind.check_installed()
            for time_ms, frame in self._frames(video, self._interval_s):
                record.add(time_ms, frame)
                yield time_ms, frame
        except MissingExtraError as exc:
            video.failure = ImageError(str(exc), reason=Reason.UNSUPPORTED)
            return
        except ImageError as exc:  # it cannot be opened, or the rest of its bytes cannot be had
            video.failure = exc
        video.failure = self._verdict(video)
        if self._frame_cache and not video.failure:
            self._frame_cache.add(video.path, video.stamp, record)

    def _frames(self, video: _Video, interval_s: float) -> Iterator[tuple[int, CodedFrame]]:
        """Yield the frames of a video as they are read in another process."""
        n_frames, is_end = 0, False
        while not is_end:
            found, data = self._apart.call(
                "frames",
                self._place(video),
                video.demuxer,
                interval_s,
                n_frames,
                near=video.path,
                opened=self._opened(video),
            )
            record = FrameRecord(data)
            is_end = bool(found["is_end"]) or not record.is_sound or not len(record)
            n_frames += len(record)
            yield from record
            if found["damage"]:
                detail = f"a damaged video, after {n_frames:,} frames: {found['damage']}"
                raise ImageError(detail, reason=Reason.DECODE_ERROR)

    def _search(self, video: _Video, uri: str) -> CachedStat | None:
        """Look for a frame among all of a video: it was listed with another interval."""
        if video.failure and not video.n_images:
            return None
        try:
            for time_ms, frame in self._frames(video, 0):
                if frame_name(video.path, time_ms) == uri:
                    found = _stat_of(frame, video.stamp)
                    self._table.add(uri, found)
                    return found
        except ImageError:
            return None
        return None

    # --- open videos -------------------------------------------------------------------------

    def _place(self, video: _Video) -> Place:
        return Place(video.path, *video.stamp, self._files.are_local)

    def _opened(self, video: _Video, n_bytes: int | None = None) -> Callable[[], BinaryIO] | None:
        """Return what opens a video elsewhere, of which `n_bytes` will be read at a place."""
        if self._files.are_local:
            return None
        return partial(self._files.open, video.path, video.stamp, n_bytes)

    def _missing_of(self, video: _Video) -> str:
        try:
            with self._files.open(video.path, video.stamp) as file:
                return what_is_missing(file, video.stamp.size_bytes, video.demuxer)
        except (ImageError, OSError):  # it went away: reading it says so
            return ""

    def _verdict(self, video: _Video) -> ImageError | None:
        """Return why the video itself is among the bad files, None when it is whole."""
        if video.failure and video.failure.reason is Reason.TIMEOUT:
            return video.failure
        missing = self._missing_of(video)
        if missing:
            return _cut_short(missing, video.n_images)
        if video.failure or video.n_images:
            return video.failure
        return ImageError("a video without a frame that can be decoded", reason=Reason.NOT_AN_IMAGE)


def _stat_of(frame: CodedFrame, video: Stamp) -> CachedStat:
    """Return what the table holds: the frame's size in the file, and where to find it."""
    return CachedStat(Stamp(frame.n_bytes, video.mtime_ns), (frame.ts, frame.key_ts, frame.seek_ts))


def _cut_short(missing: str, n_images: int = 0) -> ImageError:
    after = f" after {n_images:,} frames" if n_images else ""
    return ImageError(f"a video cut short{after}: {missing}", reason=Reason.TRUNCATED)
