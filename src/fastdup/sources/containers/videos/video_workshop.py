"""Reads videos with PyAV, in a process that may crash: which frames they have, and each frame."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Any

import av

from fastdup.errors import ImageError, Reason
from fastdup.sources.containers.apart import Place, Workshop
from fastdup.sources.containers.videos.coded_frames import CodedFrame, FrameRecord
from fastdup.sources.containers.videos.frame_names import milliseconds
from fastdup.sources.containers.videos.player import DamagedVideoError, Player, open_video

#: Videos that stay open for their next frame: each holds a few decoded pictures.
_MOST_OPEN = 4
#: Listings that are under way.
_MOST_LISTED = 2
#: Frames that are handed over together, and the time after which those are that there are.
_FRAMES_TOGETHER, _MOST_WAIT_S = 4096, 1.0
#: Kinds of streams that are for people; others are marks for programs.
_ACCOMPANYING = ("audio", "subtitle")


class VideoWorkshop(Workshop):
    """Reads videos; see `Workshop`."""

    noun = "a video"

    def __init__(self, ask: Callable[[Any], bytes]) -> None:
        super().__init__(ask)
        self._players: OrderedDict[Place, Player] = OrderedDict()
        self._listings: OrderedDict[tuple[Place, float], _Listing] = OrderedDict()

    def forget(self) -> None:
        """Close all videos."""
        for listing in self._listings.values():
            listing.player.close()
        for player in self._players.values():
            player.close()
        self._listings.clear()
        self._players.clear()

    def frames(
        self, place: Place, demuxer: str, interval_s: float, n_known: int
    ) -> tuple[dict[str, Any], bytes]:
        """Return the next frames of a video, not decoded; see `FrameRecord`.

        Parameters
        ----------
        place : Place
            The file.
        demuxer : str
            FFmpeg's name for its format.
        interval_s : float
            Frames that are on the screen every so many seconds; 0: all, negative: key frames.
        n_known : int
            How many came before.

        Returns
        -------
        dict
            ``is_end``, and ``damage`` where the video cannot be read further.
        bytes
        """
        listing = self._listings.pop((place, interval_s), None)
        if listing is None or listing.n_given != n_known:
            listing = _Listing(Player(self, place, demuxer), interval_s)
            for _ in islice(listing.timed, n_known):
                listing.n_given += 1
        record, damage = FrameRecord(), ""
        until_s = time.monotonic() + _MOST_WAIT_S
        try:
            for time_s, frame in listing.timed:
                record.add(milliseconds(time_s), frame)
                if len(record) >= _FRAMES_TOGETHER or time.monotonic() > until_s:
                    self._keep(place, interval_s, listing, len(record))
                    return {"is_end": False, "damage": ""}, bytes(record.data)
        except DamagedVideoError as exc:
            damage = str(exc)
        listing.player.close()
        return {"is_end": True, "damage": damage}, bytes(record.data)

    def _keep(self, place: Place, interval_s: float, listing: "_Listing", n_given: int) -> None:
        listing.n_given += n_given
        self._listings[place, interval_s] = listing
        if len(self._listings) > _MOST_LISTED:
            self._listings.popitem(last=False)[1].player.close()

    def picture(
        self, place: Place, demuxer: str, ts: int, key_ts: int, seek_ts: int
    ) -> tuple[None, bytes]:
        """Return a frame as the bytes of a BMP file; see `Player.picture`."""
        player = self._players.pop(place, None) or Player(self, place, demuxer)
        try:
            picture = player.picture(CodedFrame(ts, key_ts, seek_ts, 0))
        except BaseException:
            player.close()
            raise
        self._players[place] = player
        if len(self._players) > _MOST_OPEN:
            self._players.popitem(last=False)[1].close()
        return None, picture

    def facts(self, place: Place, demuxer: str) -> tuple[dict[str, Any], bytes]:
        """Return what a video holds, read from end to end; see `VideoFacts`."""
        with open_video(self, place, demuxer) as container:
            facts = _facts(container, av.stream.Disposition.attached_pic)
        if facts is None:
            raise ImageError("a damaged video", reason=Reason.DECODE_ERROR)
        return facts, b""


class _Listing:
    """The frames of a video, under way."""

    def __init__(self, player: Player, interval_s: float) -> None:
        self.player = player
        self.timed = _timed(player, only_keys=interval_s < 0)
        if interval_s > 0:
            interval = Fraction(interval_s).limit_denominator(10**6)
            self.timed = _shown_every(self.timed, interval)
        self.n_given = 0


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


def _facts(container: "av.container.InputContainer", attached: int) -> dict[str, Any] | None:
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
    duration_s = float((max(times) - min(times)) * (pictures[0].time_base or 1))
    sounds = sorted(digest.hexdigest() for digest in digests.values())
    return {
        "width": pictures[0].width,
        "height": pictures[0].height,
        "duration_s": duration_s,
        "sounds": sounds,
    }
