"""Lists, stamps and reads the frames of videos, each called ``clip.mp4#t=12.480``."""

import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from fastdup.errors import ImageError, MissingExtraError, Reason
from fastdup.sources.archives.members import NamesApart
from fastdup.sources.base import UNREACHABLE, Stamp
from fastdup.sources.files import Files
from fastdup.sources.listed import ListedFile, ListedFiles
from fastdup.sources.local import image_error
from fastdup.sources.videos.formats import demuxer_of, what_is_missing
from fastdup.sources.videos.known import FrameRecord, KnownVideos
from fastdup.sources.videos.names import frame_name, may_be_video, milliseconds, parse_frame
from fastdup.sources.videos.player import CodedFrame, DamagedVideoError, Player, require_av

logger = logging.getLogger(__name__)

#: Videos that stay open for their next frame: each holds a few decoded pictures.
_MOST_IDLE = 4
#: What is asked for at a time of a video elsewhere, where frames are sought here and there.
_FRAME_BYTES = 2**19


@dataclass
class _Video:
    """What is known of one video, from the moment when its listing begins."""

    path: str
    demuxer: str
    stamp: Stamp
    is_listed: bool = False
    n_frames: int = 0
    failure: ImageError | None = None


class VideoReader:
    """Knows the videos met so far; safe to use from several threads.

    Parameters
    ----------
    interval_s : float
        Seconds between the frames listed; -1: the key frames.
    files : Files
        Where the videos lie.
    known : KnownVideos, optional
        What an earlier run listed.
    """

    def __init__(self, interval_s: float, files: Files, known: KnownVideos | None = None) -> None:
        self._interval_s = interval_s
        self._files = files
        self._known_videos = known
        self._demuxers: dict[str, str | None] = {}
        self._videos: dict[str, _Video] = {}
        self._frames: ListedFiles | None = None
        self._idle: list[Player] = []
        self._lock = threading.RLock()
        self._has_told_extra = False

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            for player in self._idle:
                player.close()
            self._idle.clear()
            if self._frames:
                self._frames.close()
            self._frames = None
            self._videos.clear()
        if self._known_videos:
            self._known_videos.close()

    #: Refuses to go on when PyAV is not installed.
    require_extra = staticmethod(require_av)

    def find(self, path: str) -> str | None:
        """Return the video that `path` is or is a frame of, None when it is neither."""
        frame = parse_frame(path)
        is_file = self._files.are_local and os.path.lexists(path)
        video = frame.video if frame and not is_file else path
        if not may_be_video(video):
            return None
        if video not in self._demuxers:
            self._demuxers[video] = demuxer_of(video, self._files)
        return video if self._demuxers[video] else None

    def uris(self, path: str) -> Iterator[str]:
        """Yield the frames of a video in order of display.

        A video that is damaged, has no frames or cannot be opened is listed itself after the
        frames that can be had, so that it ends among the bad files.
        """
        try:
            video = self._begin(path)
        except OSError:
            yield path
            return
        yield from self._walk(video)
        if video.failure:
            self._tell(video.failure, path)
            yield path

    def stamp(self, video_path: str, uri: str) -> Stamp:
        """Return a frame's stamp, that of the video when `uri` is the video."""
        try:
            video = self._known(video_path)
        except OSError:
            return UNREACHABLE
        if uri == video_path:
            return video.stamp
        found = self._find(video, uri)
        return found.stamp if found else UNREACHABLE

    def read(self, video_path: str, uri: str, max_bytes: int | None = None) -> bytes:
        """Return a frame as the bytes of an image file, only the first `max_bytes` if given.

        Raises
        ------
        ImageError
            With the reason why there are none.
        """
        try:
            video = self._known(video_path)
            has_changed = self._files.has_changed(video_path, video.stamp)
        except OSError as exc:
            raise image_error(exc) from exc
        if uri == video_path:
            raise self._failure_of(video)
        if has_changed:
            detail = f"{video_path} was changed after it was listed: run again"
            raise ImageError(detail, reason=Reason.NOT_FOUND)
        found = self._find(video, uri)
        if found is None:
            raise video.failure or ImageError("no such frame", reason=Reason.NOT_FOUND)
        ts, key_ts, seek_ts = found.place
        frame = CodedFrame(ts, key_ts, seek_ts, found.stamp.size_bytes)
        player = self._take(video, frame)
        try:
            return player.picture(frame)[:max_bytes]
        finally:
            self._put_back(player)

    # --- what is known of videos -------------------------------------------------------------

    def _begin(self, path: str) -> _Video:
        self._table().forget_below(path, "#")
        demuxer = self._demuxers[path] or ""
        self._videos[path] = _Video(path, demuxer, self._files.stamp(path))
        return self._videos[path]

    def _known(self, path: str) -> _Video:
        with self._lock:
            return self._videos.get(path) or self._begin(path)

    def _failure_of(self, video: _Video) -> ImageError:
        with self._lock:
            if not video.is_listed:
                for _ in self._walk(self._begin(video.path)):
                    pass
                video = self._videos[video.path]
        return video.failure or ImageError("a video, not an image", reason=Reason.NOT_AN_IMAGE)

    def _find(self, video: _Video, uri: str) -> ListedFile | None:
        """Return what is known of a frame; look for it where a page or list names it alone."""
        found = self._table().find(uri)
        if found is None:
            with self._lock:
                if not video.is_listed:
                    for _ in self._walk(video):
                        pass
                found = self._table().find(uri) or self._search(video, uri)
        return found

    def _table(self) -> ListedFiles:
        with self._lock:
            if self._frames is None:
                self._frames = ListedFiles()
            return self._frames

    # --- listing -----------------------------------------------------------------------------

    def _walk(self, video: _Video) -> Iterator[str]:
        """Yield the name of each frame once it is in the table."""
        apart, table = NamesApart(), self._table()
        known = self._known_videos.find(video.path, video.stamp) if self._known_videos else None
        for time_ms, frame in self._demuxed(video) if known is None else known:
            file = _listed(frame, video.stamp)
            video.n_frames += 1
            name = frame_name(video.path, time_ms)
            yield apart.add(name, lambda name, file=file: table.add(name, file))  # type: ignore[misc]
        video.is_listed = True

    def _demuxed(self, video: _Video) -> Iterator[tuple[int, CodedFrame]]:
        """Yield the frames as the video has them; keep them in mind when it is whole."""
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
            detail = f"a damaged video, after {video.n_frames:,} frames: {exc}"
            video.failure = ImageError(detail, reason=Reason.DECODE_ERROR)
        except ImageError as exc:  # the rest of its bytes cannot be had
            video.failure = exc
        finally:
            player.close()
        video.failure = self._verdict(video)
        if self._known_videos and not video.failure:
            self._known_videos.add(video.path, video.stamp, record)

    def _chosen(self, player: Player) -> Iterator[tuple[Fraction, CodedFrame]]:
        timed = _timed(player, only_keys=self._interval_s < 0)
        if self._interval_s < 0:
            return timed
        return _shown_every(timed, Fraction(self._interval_s).limit_denominator(10**6))

    def _search(self, video: _Video, uri: str) -> ListedFile | None:
        """Look for a frame among all of a video: it was listed with another interval."""
        if video.failure and not video.n_frames:
            return None
        player = self._player(video)
        try:
            for time_s, frame in _timed(player, only_keys=False):
                if frame_name(video.path, milliseconds(time_s)) == uri:
                    found = _listed(frame, video.stamp)
                    self._table().add(uri, found)
                    return found
        except DamagedVideoError:
            return None
        finally:
            player.close()
        return None

    def _tell(self, failure: ImageError, path: str) -> None:
        if failure.reason is not Reason.UNSUPPORTED:
            logger.warning("%s: %s", path, failure)
        elif not self._has_told_extra:
            self._has_told_extra = True
            logger.warning("%s is listed as bad: %s", path, failure)

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
            require_av()
            file = self._files.open(video.path, video.stamp, n_bytes)
        return Player(video.path, video.demuxer, file)

    def _missing_of(self, video: _Video) -> str:
        try:
            with self._files.open(video.path, video.stamp) as file:
                return what_is_missing(file, video.stamp.size_bytes, video.demuxer)
        except (ImageError, OSError):  # it went away: that is told when it is read
            return ""

    def _verdict(self, video: _Video) -> ImageError | None:
        """Return why the video itself is among the bad files, None when it is whole."""
        if video.failure and video.failure.reason is Reason.TIMEOUT:
            return video.failure
        missing = self._missing_of(video)
        if missing:
            return _cut_short(missing, video.n_frames)
        if video.failure or video.n_frames:
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


def _listed(frame: CodedFrame, video: Stamp) -> ListedFile:
    """Return what the table holds: the frame's size in the file, and where to find it."""
    return ListedFile(Stamp(frame.n_bytes, video.mtime_ns), (frame.ts, frame.key_ts, frame.seek_ts))


def _cut_short(missing: str, n_frames: int = 0) -> ImageError:
    after = f" after {n_frames:,} frames" if n_frames else ""
    return ImageError(f"a video cut short{after}: {missing}", reason=Reason.TRUNCATED)
