"""Frames of videos as images."""

import io
import os
import shutil
import sys

import av
import numpy as np
import pytest
from PIL import Image

from fastdup.errors import ConfigError, ImageError, MissingExtraError, Reason
from fastdup.images import decode
from fastdup.sources import UNREACHABLE, UriReader
from fastdup.sources.containers.videos.frame_names import parse_frame
from films import SIZE, film_of, scenes
from pictures import jpeg, scene


def frames_of(path, opened, **options):
    """Return the times that are listed, as text, and each frame's pixels."""
    source = opened(str(path), **options)
    uris = [uri for uri in source.uris() if uri != str(path)]
    times = [uri.removeprefix(f"{path}#t=") for uri in uris]
    return times, [decode(source.read(uri)).pixels for uri in uris]


def differs(one, other):
    """Return by how many grey levels two pictures differ on average."""
    return float(np.abs(np.asarray(one, np.float64) - np.asarray(other)).mean())


@pytest.fixture
def clip(tmp_path):
    """Four scenes of one second each, a key frame at the start of each."""
    return film_of(tmp_path / "clip.mp4", scenes(range(4)))


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("clip.mp4", "libx264"),
        ("CLIP.MOV", "libx264"),
        ("clip.mkv", "libx264"),
        ("clip.ts", "libx264"),
        ("clip.mp4", "mpeg4"),
        ("clip.webm", "libvpx"),
    ],
)
def test_the_key_frames_of_a_video_are_images_named_by_their_time(name, codec, tmp_path, opened):
    path = film_of(tmp_path / name, scenes(range(3)), codec=codec)
    times, pictures = frames_of(path, opened)
    assert set(times) >= {"0.000", "1.000", "2.000"}
    for time, picture in zip(times, pictures, strict=True):
        assert differs(picture, scene(int(float(time)), SIZE)) < 12


def test_an_interval_takes_the_frames_that_are_on_the_screen_then(clip, opened):
    times, pictures = frames_of(clip, opened, video_interval=0.75)
    assert times == ["0.000", "0.700", "1.500", "2.200", "3.000", "3.700"]
    for time, picture in zip(times, pictures, strict=True):
        assert differs(picture, scene(int(float(time)), SIZE)) < 12


def test_frames_that_are_shown_for_long_are_listed_once(tmp_path, opened):
    path = film_of(tmp_path / "slides.mp4", scenes(range(4), 1), at=[0, 1500, 7001, 7100])
    times, pictures = frames_of(path, opened, video_interval=1)
    assert times == ["0.000", "1.500"]
    assert differs(pictures[1], scene(1, SIZE)) < 12
    assert frames_of(path, opened, video_interval=0.05)[0] == ["0.000", "1.500", "7.001", "7.100"]


def test_a_frame_is_the_same_in_whatever_order_frames_are_read(tmp_path, opened):
    path = film_of(tmp_path / "long.mp4", scenes(range(6), 5), key_every=12, bf="2")
    times, pictures = frames_of(path, opened, video_interval=0.1)
    assert len(times) == 30
    source = opened(str(path), video_interval=0.1)
    uris = list(source.uris())
    for position in [29, 3, 4, 17, 16, 0, 28, 5]:
        assert np.array_equal(decode(source.read(uris[position])).pixels, pictures[position])
    by_key = dict(zip(*frames_of(path, opened), strict=True))
    for time, picture in by_key.items():
        assert np.array_equal(picture, pictures[times.index(time)])


def test_a_frame_that_a_page_names_is_found_without_a_listing(clip):
    reader = UriReader()
    for time in ("2.000", "1.700"):  # a key frame, and one between
        picture = decode(reader.read(f"{clip}#t={time}")).pixels
        assert differs(picture, scene(int(float(time)), SIZE)) < 12
    with pytest.raises(ImageError, match="no such frame"):
        reader.read(f"{clip}#t=9.000")
    reader.close()


@pytest.mark.parametrize(("rotation", "turn"), [(90, 1), (-90, -1), (180, 2)])
def test_frames_are_upright(rotation, turn, tmp_path, opened):
    path = film_of(tmp_path / "turned.mp4", scenes([0]), rotation=rotation)
    _, pictures = frames_of(path, opened)
    assert differs(pictures[0], np.rot90(np.asarray(scene(0, SIZE)), turn)) < 12


def test_videos_are_listed_among_images_in_the_order_of_names(tmp_path, opened):
    film_of(tmp_path / "b.mp4", scenes(range(2)))
    for name in ("a.jpg", "c.jpg"):
        (tmp_path / name).write_bytes(jpeg(scene(7)))
    uris = [os.path.relpath(uri, tmp_path) for uri in opened(str(tmp_path)).uris()]
    assert uris == ["a.jpg", "b.mp4#t=0.000", "b.mp4#t=1.000", "c.jpg"]


def test_an_image_called_like_a_video_stays_an_image(tmp_path, opened):
    path = tmp_path / "photo.mp4"
    path.write_bytes(jpeg(scene(1)))
    (tmp_path / "clip.mp4#t=1.000").write_bytes(jpeg(scene(2)))
    source = opened(str(tmp_path))
    assert [os.path.basename(uri) for uri in source.uris()] == ["clip.mp4#t=1.000", "photo.mp4"]
    assert all(map(source.is_file, source.uris()))
    assert decode(source.read(str(path))).width == 200


@pytest.mark.parametrize("interval", [-1, 0.5])
def test_frames_of_program_streams_that_have_no_time_of_their_own_are_found(
    interval, tmp_path, opened
):
    path = film_of(tmp_path / "clip.mpg", scenes(range(6), 25), fps=25, key_every=25)
    with av.open(str(path)) as container:
        untimed = [p for p in container.demux(video=0) if p.size and p.pts is None]
    assert sum(packet.is_keyframe for packet in untimed) >= 3
    times, pictures = frames_of(path, opened, video_interval=interval)
    assert len(times) >= 6 if interval < 0 else 11
    shown = set()
    for time, picture in zip(times, pictures, strict=True):
        found = min(range(6), key=lambda number: differs(picture, scene(number, SIZE)))
        assert differs(picture, scene(found, SIZE)) < 12
        assert abs(float(time) - found - 0.5) < 0.7
        shown.add(found)
    assert shown == set(range(6))


def test_a_title_in_another_encoding_is_no_fault(tmp_path, opened):
    path = film_of(tmp_path / "clip.avi", scenes(range(2)), codec="mpeg4", title="Cafe")
    data = path.read_bytes()
    assert data.count(b"Cafe\0") == 1
    path.write_bytes(data.replace(b"Cafe\0", b"Caf\xe9\0"))
    assert len(frames_of(path, opened)[0]) >= 2


# --- what is not whole -------------------------------------------------------------------------


def failure_of(path, opened, **options):
    """Return the frames listed before a video's own entry, and why it is bad."""
    source = opened(str(path), **options)
    *frames, last = source.uris()
    assert last == str(path)
    with pytest.raises(ImageError) as failure:
        source.read(last)
    return frames, failure.value


@pytest.mark.parametrize(("name", "share"), [("cut.mkv", 0.7), ("cut.avi", 0.07)])
def test_what_a_video_has_before_it_was_cut_short_is_used(name, share, tmp_path, opened):
    path = film_of(tmp_path / name, scenes(range(5)), codec="mpeg4")
    whole, _ = frames_of(path, opened)
    os.truncate(path, int(path.stat().st_size * share))
    frames, failure = failure_of(path, opened)
    assert 0 < len(frames) < len(whole)
    assert failure.reason is Reason.TRUNCATED
    assert "bytes are missing at its end" in str(failure)
    for uri in frames[:-1]:
        assert decode(opened(str(path)).read(uri)).width == SIZE[0]


def test_a_video_whose_index_was_cut_off_is_truncated(clip, opened):
    os.truncate(clip, clip.stat().st_size // 2)
    frames, failure = failure_of(clip, opened)
    assert (frames, failure.reason) == ([], Reason.TRUNCATED)


def test_a_video_whose_index_comes_first_keeps_the_frames_that_are_there(tmp_path, opened):
    path = film_of(tmp_path / "web.mp4", scenes(range(6)))
    import av

    fast = tmp_path / "fast.mp4"
    with (
        av.open(str(path)) as given,
        av.open(str(fast), "w", options={"movflags": "faststart"}) as made,
    ):
        stream = made.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(given.streams.video[0]):
            if packet.size:
                packet.stream = stream
                made.mux(packet)
    os.truncate(fast, fast.stat().st_size * 2 // 3)
    frames, failure = failure_of(fast, opened)
    assert 0 < len(frames) < 6
    assert failure.reason is Reason.TRUNCATED
    assert differs(decode(opened(str(fast)).read(frames[0])).pixels, scene(0, SIZE)) < 12


def test_damage_inside_costs_the_frames_it_hit(clip, opened):
    whole, _ = frames_of(clip, opened)
    data = bytearray(clip.read_bytes())
    start = data.index(b"mdat")
    data[start + 200 : start + 2000] = bytes([7]) * 1800
    clip.write_bytes(data)
    source = opened(str(clip))
    outcomes = []
    for uri in source.uris():
        try:
            outcomes.append(decode(source.read(uri)).width)
        except ImageError as exc:
            assert exc.reason in (Reason.DECODE_ERROR, Reason.TRUNCATED)
            outcomes.append(None)
    assert len(outcomes) == len(whole)
    assert None in outcomes
    assert SIZE[0] in outcomes


def test_a_video_without_pictures_is_bad(tmp_path, opened):
    import av

    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    frames, failure = failure_of(path, opened)
    assert (frames, failure.reason) == ([], Reason.NOT_AN_IMAGE)
    assert "without a stream of pictures" in str(failure)


@pytest.mark.parametrize(
    "data", [b"\0\0\0\x18ftypisom" + b"\0" * 900, b"\x1a\x45\xdf\xa3" + b"\xff" * 900, b"FLV\x01"]
)
def test_garbage_that_begins_like_a_video_is_bad(data, tmp_path, opened):
    path = tmp_path / "garbage.mp4"
    path.write_bytes(data)
    assert failure_of(path, opened)[0] == []


def test_nothing_but_the_file_itself_is_ever_opened(tmp_path, opened, clip):
    """A play list called like a video names other files and addresses."""
    path = tmp_path / "list.ts"
    path.write_text(f"#EXTM3U\n#EXTINF:1,\n{clip}\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n")
    source = opened([str(path)])
    assert list(source.uris()) == [str(path)]
    with pytest.raises(ImageError) as failure:
        decode(source.read(str(path)))
    assert failure.value.reason is Reason.NOT_AN_IMAGE


def test_a_video_that_changed_after_the_listing_is_reported(clip, opened):
    source = opened(str(clip))
    first = next(iter(list(source.uris())))
    shutil.copy(film_of(clip.parent / "other.mp4", scenes([9])), clip)
    with pytest.raises(ImageError, match="changed after it was listed"):
        source.read(first)


def test_a_video_that_went_away_is_not_found(clip, opened):
    source = opened(str(clip))
    first = next(iter(list(source.uris())))
    clip.unlink()
    with pytest.raises(ImageError) as failure:
        source.read(first)
    assert failure.value.reason is Reason.NOT_FOUND
    other = UriReader()
    assert other.stamp(first) == UNREACHABLE


# --- without PyAV ------------------------------------------------------------------------------


@pytest.fixture
def without_av(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)


def test_without_pyav_a_video_in_a_folder_is_bad_and_names_the_pip_line(
    clip, opened, without_av, caplog
):
    shutil.copy(clip, clip.parent / "second.mp4")
    source = opened(str(clip.parent))
    uris = list(source.uris())
    assert [os.path.basename(uri) for uri in uris] == ["clip.mp4", "second.mp4"]
    for uri in uris:
        with pytest.raises(ImageError, match=r"pip install av") as failure:
            source.read(uri, 1000)
        assert failure.value.reason is Reason.UNSUPPORTED
        assert source.stamp(uri).size_bytes == clip.stat().st_size
    assert caplog.text.count("pip install") == 1


def test_without_pyav_a_video_named_alone_is_refused_before_the_run(clip, opened, without_av):
    with pytest.raises(MissingExtraError, match=r"pip install av") as refusal:
        opened(str(clip))
    assert isinstance(refusal.value, ConfigError)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("/a/clip.mp4#t=12.480", ("/a/clip.mp4", 12.48)),
        ("/a/clip.MOV#t=0.000#2", ("/a/clip.MOV", 0.0)),
        ("/a/photo.jpg#t=1.000", None),
        ("/a/clip.mp4#t=1", None),
        ("/a/clip.mp4", None),
        ("#t=1.000", None),
    ],
)
def test_names_of_frames(uri, expected):
    assert parse_frame(uri) == expected


def test_frames_lose_nothing_on_their_way(clip):
    data = UriReader().read(f"{clip}#t=1.000")
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("BMP", SIZE)
