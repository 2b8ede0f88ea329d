"""Videos among images: from the folder to the result files."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

import fastdup
from fastdup.report.thumbnails import THUMBNAIL_SIDE, look_at
from fastdup.sources.containers import apart
from fastdup.workdir.csv_files import read_table
from films import SIZE, film_of, scenes
from pictures import jpeg, scene

KEPT = (
    "features.dat",
    "features.dat.csv",
    "features.bad.csv",
    "stats.csv",
    "metadata.csv",
    "similarity.csv",
)


def table(work, name, below):
    _, *rows = read_table(str(work / name))
    return [[field.removeprefix(f"{below}/") for field in row] for row in rows]


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """A video, a smaller copy of it, a part of it, another video, and a still of the first."""
    folder = tmp_path_factory.mktemp("videos") / "album"
    folder.mkdir()
    film_of(folder / "a.mp4", scenes(range(6)))
    film_of(folder / "b.mkv", [p.resize((128, 96)) for p in scenes(range(6))], crf="32")
    film_of(folder / "c.mp4", scenes([2, 3]))
    film_of(folder / "d.mp4", scenes(range(10, 14)))
    film_of(folder / "still.mp4", scenes([20] * 24, 2), key_every=2)
    (folder / "still of a.jpg").write_bytes(jpeg(scene(4, SIZE)))
    (folder / "still.jpg").write_bytes(jpeg(scene(20, SIZE)))
    return folder


@pytest.fixture(scope="module")
def work(album):
    folder = album.parent / "out"
    assert fastdup.run(album, folder) == 0
    return folder


def test_duplicated_videos_are_found_from_their_frames(album, work):
    pairs = {(row[0], row[1]): row[2:] for row in table(work, "videos.csv", album)}
    assert set(pairs) == {("a.mp4", "b.mkv"), ("a.mp4", "c.mp4"), ("b.mkv", "c.mp4")}
    whole = ["0.0", "5.0"]
    assert pairs["a.mp4", "b.mkv"][1:] == ["1.000000", "1.000000", "6", "6", *whole, *whole]
    part = ["2.0", "3.0", "0.0", "1.0"]
    assert pairs["a.mp4", "c.mp4"][1:] == ["0.333333", "1.000000", "6", "2", *part]
    assert all(0.85 <= float(row[0]) <= 1 for row in pairs.values())


def test_a_part_that_is_in_two_videos_is_found_and_black_frames_are_not(tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    black = [Image.new("RGB", SIZE)] * 40
    film_of(folder / "a.mp4", black + scenes([*range(16)]))
    film_of(folder / "b.mp4", scenes([*range(20, 30), 3, 4, 5, 6, *range(30, 32)]) + black)
    film_of(folder / "c.mp4", black + scenes([*range(40, 44)]))
    assert fastdup.run(folder, tmp_path / "out") == 0
    (row,) = table(tmp_path / "out", "videos.csv", folder)
    assert row[:2] == ["a.mp4", "b.mp4"]
    assert row[3:7] == ["0.250000", "0.250000", "20", "20"]
    assert row[7:] == ["7.0", "10.0", "10.0", "13.0"]


def test_a_table_of_videos_of_an_older_version_is_read(album, tmp_path):
    assert fastdup.run([album / "a.mp4", album / "c.mp4"], tmp_path) == 0
    rows = [line.split(",")[:7] for line in (tmp_path / "videos.csv").read_text().splitlines()]
    (tmp_path / "videos.csv").write_text("".join(f"{','.join(row)}\n" for row in rows))
    frame = fastdup.create(work_dir=tmp_path).video_pairs()
    assert len(frame) == 1
    assert frame["start_from"].isna().all()


def test_frames_of_one_video_are_no_duplicates_of_each_other(album, work):
    rows = table(work, "similarity.csv", album)
    assert all(row[0].split("#")[0] != row[1].split("#")[0] for row in rows)
    groups = table(work, "connected_components.csv", album)
    assert ["still of a.jpg"] in [row[:1] for row in groups]


def test_what_a_still_video_hides_behind_its_own_frames_is_found(album, work):
    """Each of its 24 frames has more near frames of its own than neighbours are searched."""
    matched = {row[0] for row in table(work, "similarity.csv", album) if row[1] == "still.jpg"}
    assert {f"still.mp4#t={i * 0.2:.3f}" for i in range(24)} == matched


def test_a_frame_with_alike_frames_in_its_video_is_no_outlier(album, work):
    assert not [r for r in table(work, "outliers.csv", album) if r[0].startswith("still.mp4")]


def test_frames_of_one_video_are_reported_when_asked_for(album, tmp_path):
    assert fastdup.run(album, tmp_path, video_duplicates=True) == 0
    rows = table(tmp_path, "similarity.csv", album)
    assert any(row[0].split("#")[0] == row[1].split("#")[0] for row in rows)
    assert (tmp_path / "videos.csv").read_bytes() == (album.parent / "out/videos.csv").read_bytes()
    options = json.loads((tmp_path / "config.json").read_text())["options"]
    assert options["video_duplicates"] is True
    assert options["video_interval"] == -1


@pytest.mark.parametrize("n_threads", [1, 5])
def test_the_bytes_are_the_same_for_any_number_of_threads(
    album, work, n_threads, tmp_path, monkeypatch
):
    monkeypatch.setattr("fastdup.extract.threads.LEAST_IMAGES_OF_A_PROCESS", 1)
    assert fastdup.run(album, tmp_path, num_threads=n_threads) == 0
    for name in (*KEPT, "videos.csv"):
        assert (tmp_path / name).read_bytes() == (work / name).read_bytes(), name


def test_a_second_run_decodes_nothing(album, tmp_path, monkeypatch):
    assert fastdup.run(album, tmp_path, video_interval=1) == 0
    before = {name: (tmp_path / name).read_bytes() for name in KEPT}
    monkeypatch.setattr("fastdup.sources.containers.apart.Apart.call", None)
    monkeypatch.setattr("fastdup.extract.prepare.Preparer.prepare", None)
    assert fastdup.run(album, tmp_path, video_interval=1) == 0
    assert {name: (tmp_path / name).read_bytes() for name in KEPT} == before


def test_without_videos_there_is_no_table_of_videos(album, work, tmp_path):
    assert fastdup.run(album / "c.mp4", tmp_path) == 0
    assert table(tmp_path, "videos.csv", album) == []
    assert fastdup.run(album / "still.jpg", tmp_path) == 0
    assert not (tmp_path / "videos.csv").exists()
    assert "videos.csv" not in os.listdir(tmp_path)


def test_galleries_show_frames(album, work, tmp_path):
    page = fastdup.create_duplicates_gallery(work, tmp_path, keyword="a.mp4")
    text = Path(page).read_text()
    assert "video frame" in text
    picture, _ = look_at(f"{album}/a.mp4#t=4.000", THUMBNAIL_SIDE)
    assert (picture.width, picture.height) == SIZE
    assert base64.b64encode(picture.jpeg).decode() in text


def test_the_object_lists_pairs_of_videos(album, work):
    frame = fastdup.create(work_dir=work).video_pairs()
    assert list(frame.columns)[:3] == ["from", "to", "similarity"]
    assert len(frame) == 3


def test_a_run_over_a_long_video_goes_on_after_a_kill(tmp_path):
    clip = film_of(tmp_path / "long.mp4", scenes(range(60), 8), key_every=24)
    command = [sys.executable, "-m", "fastdup", "run", clip, "--video-interval", "0.1", "-w"]
    assert subprocess.run([*command, tmp_path / "whole"], capture_output=True).returncode == 0
    process = subprocess.Popen(
        [*command, tmp_path / "out"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    features = tmp_path / "out/features.dat"
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if features.exists() and features.stat().st_size:
            break
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert subprocess.run([*command, tmp_path / "out"], capture_output=True).returncode == 0
    for name in KEPT:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


# --- what is kept in mind of videos ---------------------------------------------------------


@pytest.fixture
def opened_videos(monkeypatch):
    """The names of the videos that were opened, in order."""
    opened = []
    real = apart.Apart.call

    def noted(self, method, place, *rest, **options):
        opened.append(os.path.basename(place.path))
        return real(self, method, place, *rest, **options)

    monkeypatch.setattr(apart.Apart, "call", noted)
    return opened


def test_unchanged_videos_are_not_opened_again(tmp_path, opened_videos):
    folder = tmp_path / "films"
    folder.mkdir()
    for name, number in (("a.mp4", 1), ("b.mkv", 4)):
        film_of(folder / name, scenes([number, number + 1]))
    film_of(folder / "broken.mkv", scenes([7, 8]))
    os.truncate(folder / "broken.mkv", (folder / "broken.mkv").stat().st_size * 2 // 3)
    out = tmp_path / "out"

    def files():
        return {name: (out / name).read_bytes() for name in (*KEPT, "videos.csv")}

    assert fastdup.run(folder, out) == 0
    assert set(opened_videos) == {"a.mp4", "b.mkv", "broken.mkv"}
    first = files()
    opened_videos.clear()
    assert fastdup.run(folder, out) == 0
    assert set(opened_videos) == {"broken.mkv"}  # what is missing of it is reported again
    assert files() == first
    film_of(folder / "b.mkv", scenes([10, 11, 12]))
    opened_videos.clear()
    assert fastdup.run(folder, out, verify="none") == 0  # else new pairs are looked at in all
    assert set(opened_videos) == {"b.mkv", "broken.mkv"}
    changed = files()
    assert fastdup.run(folder, tmp_path / "fresh", verify="none") == 0
    assert changed == {name: (tmp_path / "fresh" / name).read_bytes() for name in changed}


def test_what_is_kept_in_mind_of_videos_may_be_lost(tmp_path, opened_videos):
    film_of(tmp_path / "a.mp4", scenes([1, 2, 3]))
    out = tmp_path / "out"
    for _ in range(2):
        assert fastdup.run(tmp_path / "a.mp4", out) == 0
    known = out / ".videos.known"
    features = (out / "features.dat").read_bytes()
    for damage in (b"no database at all" * 99, b"", known.read_bytes()[:5000]):
        known.write_bytes(damage)
        assert fastdup.run(tmp_path / "a.mp4", out) == 0
        assert (out / "features.dat").read_bytes() == features
    opened_videos.clear()
    assert fastdup.run(tmp_path / "a.mp4", out) == 0
    assert not opened_videos  # it was written anew
    assert fastdup.run(tmp_path / "a.mp4", out, video_interval=0.5) == 0
    assert opened_videos
    assert len(fastdup.load_binary_feature(out)[0]) == 6
