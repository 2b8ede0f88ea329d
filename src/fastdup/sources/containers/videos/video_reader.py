"""Lists, stamps and reads the frames of videos, each called ``clip.mp4#t=12.480``."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from fastdup.errors import ImageError, MissingExtraError, Reason
from fastdup.sources.base import Stamp
from fastdup.sources.containers.container_reader import Container, ContainerReader
from fastdup.sources.containers.files import Files
from fastdup.sources.containers.unique_names import UniqueNames
from fastdup.sources.containers.videos.frame_cache import FrameCache, FrameRecord
from fastdup.sources.containers.videos.frame_names import frame_name, milliseconds, parse_frame
from fastdup.sources.containers.videos.player import CodedFrame, DamagedVideoError, Player
from fastdup.sources.containers.videos.video_formats import demuxer_of_head, what_is_missing
from fastdup.sources.kinds import VIDEOS
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.stat_cache import CachedStat

#: Videos that stay open for their next frame: each holds a few decoded pictures.
_MOST_IDLE = 4
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
        self._idle: list[Player] = []

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            for player in self._idle:
                player.close()
            self._idle.clear()
            super().close()
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
        ts, key_ts, seek_ts = member.place
        frame = CodedFrame(ts, key_ts, seek_ts, member.stamp.size_bytes)
        player = self._take(video, frame)
        try:
            return player.picture(frame)[:max_bytes]
        finally:
            self._put_back(player)

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
        try:
            player = self._player(video)
        except MissingExtraError as exc:
            video.failure = ImageError(str(exc), reason=Reason.UNSUPPORTED)
            return
        except ImageError as exc:
            missing = self._missing_of(video)
            video.failure = _cut_short(missing) if missing else exc
            return
        record = FrameRecord()
        try:
            for time_s, frame in self._chosen(player):
                time_ms = milliseconds(time_s)
                record.add(time_ms, frame)
                yield time_ms, frame
        except DamagedVideoError as exc:
            detail = f"a damaged video, after {video.n_images:,} frames: {exc}"
            video.failure = ImageError(detail, reason=Reason.DECODE_ERROR)
        except ImageError as exc:  # the rest of its bytes cannot be had
            video.failure = exc
        finally:
            player.close()
        video.failure = self._verdict(video)
        if self._frame_cache and not video.failure:
            self._frame_cache.add(video.path, video.stamp, record)

    def _chosen(self, player: Player) -> Iterator[tuple[Fraction, CodedFrame]]:
        timed = _timed(player, only_keys=self._interval_s < 0)
        if self._interval_s < 0:
            return timed
        return _shown_every(timed, Fraction(self._interval_s).limit_denominator(10**6))

    def _search(self, video: _Video, uri: str) -> CachedStat | None:
        """Look for a frame among all of a video: it was listed with another interval."""
        if video.failure and not video.n_images:
            return None
        player = self._player(video)
        try:
            for time_s, frame in _timed(player, only_keys=False):
                if frame_name(video.path, milliseconds(time_s)) == uri:
                    found = _stat_of(frame, video.stamp)
                    self._table.add(uri, found)
                    return found
        except DamagedVideoError:
            return None
        finally:
            player.close()
        return None

    # --- open videos -------------------------------------------------------------------------

    def _take(self, video: _Video, frame: CodedFrame) -> Player:
        """Return an open video, best the one that is at the frames before."""
        with self._lock:
            idle = [player for player in self._idle if player.path == video.path]
            if idle:
                near = (p for p in idle if p.key_ts == frame.key_ts)
                player = next(near, idle[0])
                self._idle.remove(player)
                return player
        return self._player(video, _FRAME_BYTES)

    def _player(self, video: _Video, n_bytes: int | None = None) -> Player:
        """Open a video, of which about `n_bytes` will be read at a place; None: from end to end."""
        file = None
        if not self._files.are_local:
            VIDEOS.require()
            file = self._files.open(video.path, video.stamp, n_bytes)
        return Player(video.path, video.demuxer, file)

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

    def _put_back(self, player: Player) -> None:
        with self._lock:
            self._idle.append(player)
            oldest = self._idle.pop(0) if len(self._idle) > _MOST_IDLE else None
        if oldest:
            oldest.close()


def _timed(player: Player, *, only_keys: bool) -> Iterator[tuple[Fraction, CodedFrame]]:
    """Yield (seconds since the first frame, frame)."""
    first_ts: int | None = None
    for frame in player.frames(only_keys=only_keys):
        first_ts = frame.ts if first_ts is None else first_ts
        yield (frame.ts - first_ts) * player.time_base_s, frame


def _shown_every(
    timed: Iterator[tuple[Fraction, CodedFrame]], interval_s: Fraction
) -> Iterator[tuple[Fraction, CodedFrame]]:
    """Yield the frames that are on the screen at 0, 1, 2, … times `interval_s`, each once."""
    due_s = Fraction(0)
    shown: tuple[Fraction, CodedFrame] | None = None
    for time_s, frame in timed:
        if shown and time_s > due_s:
            yield shown
            due_s += -(-(time_s - due_s) // interval_s) * interval_s
        shown = (time_s, frame)
    if shown and shown[0] >= due_s:
        yield shown


def _stat_of(frame: CodedFrame, video: Stamp) -> CachedStat:
    """Return what the table holds: the frame's size in the file, and where to find it."""
    return CachedStat(Stamp(frame.n_bytes, video.mtime_ns), (frame.ts, frame.key_ts, frame.seek_ts))


def _cut_short(missing: str, n_images: int = 0) -> ImageError:
    after = f" after {n_images:,} frames" if n_images else ""
    return ImageError(f"a video cut short{after}: {missing}", reason=Reason.TRUNCATED)
