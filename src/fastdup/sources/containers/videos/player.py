"""Opens videos with PyAV: their frames in order of display, and one of them as a picture.

Only the demuxer that the file's content asks for is tried, and only this file is ever opened. It
runs in a process that may crash; see `video_workshop`.
"""

import heapq
import io
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av

from fastdup.config.options import DEFAULT_MAX_PIXELS
from fastdup.errors import ImageError, Reason
from fastdup.sources.containers.apart import Place, Workshop
from fastdup.sources.containers.videos.coded_frames import CodedFrame
from fastdup.sources.long_paths import LONG_PATH

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet as AnyPacket
    from av.video.stream import VideoStream

    Packet = AnyPacket[VideoStream]

#: Frames come in the order in which they are decoded; in that of display none is farther away.
_MOST_REORDERED = 64
#: Frames that have no time in the file may come by so much too early.
_MOST_DISORDER_S = 1
#: Packets without a time that are held until one with a time comes.
_MOST_UNTIMED = 1000
#: What is read at a time of a file object.
_BUFFER_BYTES = 2**16
#: What was sought is not more seconds behind the place that the file names.
_SOUGHT_S = 10


class DamagedVideoError(Exception):
    """A video cannot be read beyond the frames so far; never leaves this package."""


class Player:
    """One open video; not safe to use from several threads at a time.

    Parameters
    ----------
    workshop : Workshop
        Opens the file.
    place : Place
        The file.
    demuxer : str
        FFmpeg's name for its format.

    Raises
    ------
    ImageError
        When it cannot be opened, or has no pictures.
    """

    def __init__(self, workshop: Workshop, place: Place, demuxer: str) -> None:
        #: The key frame from which frames are being decoded, and the last frame that came.
        self.key_ts: int | None = None
        self.last_ts: int | None = None
        self._has_untimed = False
        self._decoded: Iterator[av.VideoFrame] = iter(())
        with ExitStack() as opened:
            self._container = opened.enter_context(open_video(workshop, place, demuxer))
            self._stream = self._picture_stream()
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Close the file."""
        self._decoded = iter(())
        self._opened.close()

    @property
    def time_base_s(self) -> Fraction:
        """Seconds of one unit of the stream's times."""
        return self._stream.time_base or Fraction(1, 1000)

    def frames(self, *, only_keys: bool) -> Iterator[CodedFrame]:
        """Yield the frames in order of display; nothing is decoded.

        Parameters
        ----------
        only_keys : bool
            Leave out what is no key frame.

        Raises
        ------
        DamagedVideoError
            After the last frame that there is.
        """
        key: CodedFrame | None = None
        for ts, n_bytes, seek_ts, is_key, is_shown in self._in_display_order(only_keys):
            if is_key:
                key = CodedFrame(ts, ts, seek_ts, n_bytes)
            if key and is_shown:
                yield key if is_key else CodedFrame(ts, key.ts, key.seek_ts, n_bytes)

    def picture(self, frame: CodedFrame) -> bytes:
        """Return a frame as the bytes of a BMP file: upright RGB, nothing lost.

        Raises
        ------
        ImageError
            When it cannot be decoded.
        """
        try:
            found = self._key_picture(frame) if frame.is_key else None
            found = found or self._later_picture(frame)
            if found is None:
                raise ImageError("this frame cannot be decoded", reason=Reason.DECODE_ERROR)
            if found.is_corrupt:
                raise ImageError("this frame is damaged inside", reason=Reason.DECODE_ERROR)
            return _as_bmp(found)
        except av.FFmpegError as exc:
            self.key_ts = None
            raise ImageError(f"this frame: {_text(exc)}", reason=Reason.DECODE_ERROR) from exc

    # --- opening ---------------------------------------------------------------------------

    def _picture_stream(self) -> "VideoStream":
        """Return the first stream of moving pictures, ready to be decoded by one thread."""
        streams = self._container.streams.video
        attached = av.stream.Disposition.attached_pic
        stream = next((s for s in streams if not s.disposition & attached), None)
        if stream is None:
            raise ImageError("a video without a stream of pictures", reason=Reason.NOT_AN_IMAGE)
        context = stream.codec_context
        if context is None:
            raise ImageError("a video of an unknown codec", reason=Reason.UNSUPPORTED)
        if context.width * context.height > DEFAULT_MAX_PIXELS:
            detail = f"a video of {context.width} x {context.height} pixels"
            raise ImageError(detail, reason=Reason.TOO_LARGE)
        context.thread_count = 1  # whole videos are read side by side instead
        for other in self._container.streams:
            if other.index != stream.index:
                other.discard = av.stream.Discard.all
        return stream

    # --- listing ---------------------------------------------------------------------------

    def _in_display_order(self, only_keys: bool) -> Iterator[tuple[int, int, int, bool, bool]]:
        """Yield (ts, bytes, where to seek, is a key frame, is shown) by ascending ts."""
        waiting: list[tuple[int, int, int, bool, bool]] = []
        indexed = self._indexed_keys()
        n_damaged, failure = 0, ""
        packets = self._packets()
        while not failure:
            try:
                packet = next(packets)
            except StopIteration:
                break
            except av.FFmpegError as exc:
                failure = _text(exc)
                break
            if packet.is_corrupt:
                n_damaged += 1
                continue
            ts, is_key = _timestamp(packet), packet.is_keyframe or packet.dts in indexed
            if ts is None or (only_keys and not is_key):
                continue
            seek_ts = ts if packet.dts is None else packet.dts
            is_shown = not packet.is_discard
            heapq.heappush(waiting, (ts, packet.size, seek_ts, is_key, is_shown))
            if len(waiting) > _MOST_REORDERED:
                yield heapq.heappop(waiting)
        while waiting:
            yield heapq.heappop(waiting)
        if failure or n_damaged:
            raise DamagedVideoError(failure or f"{n_damaged:,} of its frames are damaged")

    def _indexed_keys(self) -> frozenset[int | None]:
        """Return when the key frames are decoded that the index of an MP4 names.

        Of a damaged one, the packet itself does not say that it is one.
        """
        if not self._container.format.name.startswith("mov"):
            return frozenset()
        return frozenset(e.timestamp for e in self._stream.index_entries if e.is_keyframe)

    def _packets(self) -> Iterator["Packet"]:
        """Yield the packets of the pictures, each with a time.

        In program streams, many have none. They are spread evenly between the two that have one,
        so a packet has the same time from wherever the stream is read.
        """
        untimed: list[Packet] = []
        last: tuple[int, int] | None = None
        step: float = 0
        # Asked to leave out all but key frames, the demuxer of MP4 gives those wrong times.
        for packet in self._container.demux(self._stream):
            if not packet.size:
                continue
            if packet.pts is None and packet.dts is None and len(untimed) < _MOST_UNTIMED:
                untimed.append(packet)
                self._has_untimed = True
                continue
            known = [ts for ts in (packet.dts, packet.pts) if ts is not None]
            if known:
                if last:
                    step = max(known[0] - last[0], 0) / (len(untimed) + 1)
                yield from _timed(untimed, last, step)
                untimed = []
                last = known[0], known[-1] - known[0]
            yield packet
        yield from _timed(untimed, last, step)

    # --- decoding --------------------------------------------------------------------------

    def _key_picture(self, frame: CodedFrame) -> "av.VideoFrame | None":
        """Decode a key frame alone, without those that the decoder would like to see after it."""
        self.key_ts = None
        packets = self._packets_from(frame)
        packet = next(packets, None)
        if packet is None:
            return None
        context = self._stream.codec_context
        context.flush_buffers()
        decoded = [*context.decode(packet), *context.decode(None)]
        context.flush_buffers()
        return decoded[0] if decoded else None

    def _later_picture(self, frame: CodedFrame) -> "av.VideoFrame | None":
        """Decode on from the last frame that was decoded, or from the key frame."""
        if self.key_ts == frame.key_ts and self.last_ts is not None and self.last_ts < frame.ts:
            found = self._decoded_until(frame)
            if found:
                return found
        self._stream.codec_context.flush_buffers()
        self._decoded = self._decode(self._packets_from(frame))
        return self._decoded_until(frame)

    def _decoded_until(self, frame: CodedFrame) -> "av.VideoFrame | None":
        """Decode on up to a frame; None when it does not come."""
        self.key_ts = None  # until this one is found
        for found in self._decoded:
            ts = _timestamp(found)
            if ts == frame.ts:
                self.key_ts, self.last_ts = frame.key_ts, ts
                return found
            # Times that were made up for packets follow the order in which these are decoded.
            slack_s = _MOST_DISORDER_S if self._has_untimed else 0
            if ts is not None and ts > frame.ts + int(slack_s / self.time_base_s):
                return None
        return None

    def _decode(self, packets: Iterator["Packet"]) -> Iterator["av.VideoFrame"]:
        context = self._stream.codec_context
        for packet in packets:
            try:
                decoded = context.decode(packet)
            except av.error.InvalidDataError:  # this frame is lost, the next ones may not be
                continue
            yield from decoded
        yield from context.decode(None)

    def _packets_from(self, frame: CodedFrame) -> Iterator["Packet"]:
        """Yield the packets from the key frame of `frame`; none when it is not found any more."""
        last_ts = frame.key_ts + int(_SOUGHT_S / self.time_base_s) + 1
        for seek_ts in (frame.seek_ts, None):
            if seek_ts is None:
                self._container.seek(0, backward=True)
            else:
                self._container.seek(seek_ts, stream=self._stream, backward=True)
            packets = self._packets()
            for packet in packets:
                ts = _timestamp(packet)
                if ts == frame.key_ts:
                    yield packet
                    yield from packets
                    return
                if seek_ts is not None and ts is not None and ts > last_ts:
                    break


@contextmanager
def open_video(workshop: Workshop, place: Place, demuxer: str) -> "Iterator[InputContainer]":
    """Open a video with one demuxer; titles in any encoding are no fault.

    Raises
    ------
    ImageError
        When it cannot be opened.
    """
    with ExitStack() as opened:
        if place.is_local and len(place.path) < LONG_PATH:
            # Nothing in a path must be taken for a protocol.
            given: Any = "file:" + os.path.abspath(place.path)
        else:
            given = opened.enter_context(workshop.file(place))
        try:
            container = av.open(
                given,
                format=demuxer,
                options={"protocol_whitelist": "file"},
                metadata_errors="replace",
                buffer_size=_BUFFER_BYTES,
            )
        except av.FFmpegError as exc:
            raise ImageError(f"a video: {_text(exc)}", reason=Reason.DECODE_ERROR) from exc
        yield opened.enter_context(container)


def _timed(
    packets: "list[Packet]", last: tuple[int, int] | None, step: float
) -> "Iterator[Packet]":
    """Yield packets without times, with times that follow the last known one: (dts, pts - dts)."""
    for number, packet in enumerate(packets, 1):
        if last is not None:
            packet.dts = last[0] + round(number * step)
            packet.pts = packet.dts + last[1]
        yield packet


def _timestamp(item: Any) -> int | None:
    """Return when a packet or frame is shown; where that is not known, when it is decoded."""
    ts: int | None = item.dts if item.pts is None else item.pts
    return ts


def _text(exc: Exception) -> str:
    """Return FFmpeg's message without number and path."""
    return str(getattr(exc, "strerror", None) or exc)


def _as_bmp(frame: "av.VideoFrame") -> bytes:
    from PIL import Image

    turn = {90: Image.Transpose.ROTATE_90, -90: Image.Transpose.ROTATE_270}
    turn |= {180: Image.Transpose.ROTATE_180, -180: Image.Transpose.ROTATE_180}
    image = Image.fromarray(frame.to_ndarray(format="rgb24"))
    rotation = frame.rotation
    if rotation in turn:
        image = image.transpose(turn[rotation])
    data = io.BytesIO()
    image.save(data, "BMP")
    return data.getvalue()
