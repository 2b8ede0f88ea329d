"""Whole videos go only when they are the same to the byte, or the same all along."""

import csv
import os
import shutil
from fractions import Fraction

import av
import numpy as np
import pytest

import fastdup
from command import fastdup_command
from fastdup.actions.may_go import SAFE
from fastdup.actions.state import LeftAlone
from fastdup.actions.video_match import compare_videos
from fastdup.errors import ConfigError
from films import film_of
from pictures import photo
from restored import Restored
from trees import tree

SMALLER = (240, 180)
LARGE = (320, 240)


def shots(numbers, size=LARGE):
    """Return ten frames of each picture."""
    pictures = [photo(number, LARGE).resize(size) for number in numbers]
    return [picture for picture in pictures for _ in range(10)]


def put_times(folder):
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, ns=(10**18 + 1, 10**18 + 123_456_789))


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """A film; an exact copy, a smaller one, one cut short, one of other pictures; another film.

    And a finished run over them.
    """
    root = tmp_path_factory.mktemp("films") / "album"
    folder = root / "in"
    folder.mkdir(parents=True)
    film_of(folder / "film.mp4", shots(range(4)), crf="18")
    (folder / "to sort").mkdir()
    shutil.copy(folder / "film.mp4", folder / "to sort/Copy of film.mp4")
    film_of(folder / "small.mkv", shots(range(4), SMALLER), crf="23")
    film_of(folder / "short.mp4", shots(range(3)))
    film_of(folder / "changed.mp4", shots([0, 1, 9, 3]))
    film_of(folder / "other.mp4", shots(range(20, 24)))
    put_times(folder)
    assert fastdup.run(folder, root / "out") == 0
    return Restored(root)


@pytest.fixture
def album(films):
    return films.folder()


def going(report):
    return {os.path.basename(s.path): os.path.basename(s.kept) for s in report.plan.removals()}


def test_videos_are_left_alone_unless_asked_for(album):
    assert going(fastdup.clean(album / "out")) == {}


def test_a_video_goes_when_it_is_the_same_to_the_byte_or_all_along(album):
    before = tree(album / "in")
    report = fastdup.clean(album / "out", videos=True, apply=True)
    assert going(report) == {"Copy of film.mp4": "film.mp4", "small.mkv": "film.mp4"}
    names = sorted(p.name for p in (album / "in").rglob("*.m*"))
    assert names == ["changed.mp4", "film.mp4", "other.mp4", "short.mp4"]
    lines = list(report.lines())
    assert any("exact copies of videos: 1" in line for line in lines)
    assert any("videos, the same from start to end: 1" in line for line in lines)
    assert fastdup.undo(album / "out").n_restored == 2
    assert tree(album / "in") == before


def test_exact_takes_only_videos_of_the_same_bytes(album):
    report = fastdup.clean(album / "out", videos=True, exact=True, action="hardlink", apply=True)
    assert going(report) == {"Copy of film.mp4": "film.mp4"}
    linked = album / "in/to sort/Copy of film.mp4"
    assert linked.samefile(album / "in/film.mp4")


@pytest.mark.parametrize("name", ["small.heic", "small.xmp", "small.mkv.srt", "SMALL.THM"])
def test_a_video_with_other_files_of_its_name_stays(album, name):
    (album / "in" / name).write_bytes(b"beside it")
    report = fastdup.clean(album / "out", videos=True)
    assert "small.mkv" not in going(report)
    assert report.plan.left_alone[LeftAlone.NAMESAKES] == 1


def test_a_file_that_comes_beside_a_video_after_planning_keeps_it(album):
    plan = fastdup.clean(album / "out", videos=True).plan_file
    (album / "in/small.jpg").write_bytes(b"beside it")
    report = fastdup.clean(album / "out", plan=plan, apply=True)
    assert report.applied.left_alone == {LeftAlone.NAMESAKES: 1}


def test_a_kept_video_that_rotted_keeps_its_copies(album):
    plan = fastdup.clean(album / "out", videos=True).plan_file
    film = album / "in/film.mp4"
    content = bytearray(film.read_bytes())
    content[len(content) // 2] ^= 0xFF
    film.write_bytes(content)
    put_times(album / "in")
    report = fastdup.clean(album / "out", plan=plan, apply=True)
    assert report.applied.left_alone[LeftAlone.NOT_THE_SAME] >= 1
    assert (album / "in/to sort/Copy of film.mp4").exists()


def test_folders_and_hands_decide_over_videos_too(album):
    keep = {str(album / "in/small.mkv"): "keep"}
    assert "small.mkv" not in going(fastdup.clean(album / "out", videos=True, by_hand=keep))
    report = fastdup.clean(album / "out", videos=True, never=album / "in/to sort")
    assert going(report) == {"small.mkv": "film.mp4"}
    report = fastdup.clean(album / "out", videos=True, across=True)
    assert going(report) == {"Copy of film.mp4": "film.mp4"}


def test_what_was_decided_holds_for_videos_too(album):
    films, work = album / "in", album / "out"
    before = going(fastdup.clean(work, videos=True))
    assert before.keys() == {"Copy of film.mp4", "small.mkv"}
    fastdup.decide(work, "not-copies", [films / "film.mp4", films / "small.mkv"])
    report = fastdup.clean(work, videos=True)
    assert going(report).keys() == {"Copy of film.mp4"}
    assert report.plan.left_alone[LeftAlone.NOT_COPIES] == 1
    fastdup.decide(work, "keep", films / "to sort/Copy of film.mp4")
    assert going(fastdup.clean(work, videos=True)) == {}
    assert fastdup.clean(work, videos=True).plan.steps == ()


def test_no_video_goes_as_a_flawed_file(album):
    report = fastdup.clean(album / "out", videos=True)
    with open(report.plan_file, newline="") as file:
        header, *rows = csv.reader(file)
    with open(report.plan_file, "w", newline="") as file:
        flawed = {"action": "remove", "kept": "", "kinds": "tiny"}
        edited = [
            [flawed.get(name, cell) for name, cell in zip(header, row, strict=True)] for row in rows
        ]
        csv.writer(file).writerows([header, *edited])
    with pytest.raises(ConfigError, match="did not list"):
        fastdup.clean(album / "out", plan=report.plan_file, apply=True)


def with_sound(path, pitch, numbers=(0, 1)):
    """Write a film with a tone."""
    with av.open(str(path), "w") as container:
        pictures = container.add_stream("libx264", rate=10)
        pictures.width, pictures.height = LARGE
        pictures.pix_fmt = "yuv420p"
        tone = container.add_stream("aac", rate=8000, layout="mono")
        for number, picture in enumerate(shots(numbers)):
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(pictures.encode(frame))
        for start in range(0, 16_000, 1024):
            times = np.arange(start, start + 1024, dtype=np.float32)
            wave = np.sin(times * pitch / 8000 * 2 * np.pi, dtype=np.float32)[None]
            sound = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            sound.rate, sound.pts = 8000, start
            container.mux(tone.encode(sound))
        container.mux(pictures.encode())
        container.mux(tone.encode())
    return str(path)


def test_films_with_other_sound_are_not_the_same(tmp_path):
    one, same, other = (
        with_sound(tmp_path / f"{name}.mp4", pitch)
        for name, pitch in (("one", 440), ("same", 440), ("other", 880))
    )
    assert compare_videos(one, same).verdict in SAFE
    assert compare_videos(one, other).verdict not in SAFE
    silent = str(film_of(tmp_path / "silent.mp4", shots([0, 1])))
    assert compare_videos(silent, one).verdict not in SAFE
    assert compare_videos(one, silent).verdict not in SAFE


def test_a_film_is_the_same_through_its_fades_and_not_with_fewer_pixels(tmp_path):
    black = [photo(1, LARGE).point(lambda _: 0)] * 10
    frames = [*black, *shots([1]), *black]
    one = str(film_of(tmp_path / "a.mp4", frames, crf="18"))
    other = str(film_of(tmp_path / "b.mkv", [f.resize(SMALLER) for f in frames]))
    assert compare_videos(one, other).verdict in SAFE
    assert compare_videos(other, one).verdict not in SAFE
    (tmp_path / "c.mp4").write_bytes(b"no film")
    assert compare_videos(one, str(tmp_path / "c.mp4")).verdict not in SAFE


def test_the_command_line_has_the_option(album):
    done = fastdup_command("clean", album / "out", "--videos")
    assert "videos, the same from start to end: 1" in done.stdout, done.stderr
