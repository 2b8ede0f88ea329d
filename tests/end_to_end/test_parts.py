"""Pictures that show a small part of others are found, whatever stops the run."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

import fastdup
from composites import grid_of, page_with, screen_with
from pictures import jpeg, photo

N_PHOTOS = 12
NAMES = (
    ".parts.known",
    ".places.known",
    "similarity.csv",
    "connected_components.csv",
    "verdicts.csv",
)
GRID, PAGE, DETAIL, SCREEN = "grid.jpg", "page.jpg", "detail.jpg", "screen.jpg"
#: Pairs of a picture and the one that shows it, or a part of it.
PAIRS = {
    frozenset(pair)
    for pair in (
        *((GRID, "0.jpg"), (GRID, "1.jpg")),
        *((PAGE, "2.jpg"), (DETAIL, "3.jpg"), (SCREEN, "4.jpg")),
    )
}


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts") / "album"
    folder.mkdir()
    for number in range(N_PHOTOS):
        (folder / f"{number}.jpg").write_bytes(jpeg(photo(number)))
    (folder / GRID).write_bytes(jpeg(grid_of([photo(n) for n in (0, 20, 21, 1)])))
    (folder / PAGE).write_bytes(jpeg(page_with(photo(2), 230)))
    part = photo(3).crop((160, 100, 440, 310)).resize((560, 420))
    (folder / SCREEN).write_bytes(jpeg(screen_with(photo(4))))
    (folder / DETAIL).write_bytes(jpeg(part))
    return folder


@pytest.fixture(scope="module")
def found(album):
    out = album.parent / "out"
    assert fastdup.run(album, out, parts=True, num_threads=1) == 0
    return out


def contents(folder, names=NAMES):
    return {name: (folder / name).read_bytes() for name in names}


def judged_pairs(folder, least=0.0):
    with open(folder / "verdicts.csv", newline="") as file:
        return {
            frozenset(os.path.basename(row[end]) for end in ("from", "to"))
            for row in csv.DictReader(file)
            if float(row["similarity"]) >= least
        }


def command(album, out):
    return [sys.executable, "-m", "fastdup", "run", album, "-w", out, "--parts", "--num-threads=1"]


def test_grids_pages_and_details_are_judged_and_found(found):
    assert judged_pairs(found) >= PAIRS
    assert judged_pairs(found, 0.85) == PAIRS


def test_without_the_option_nothing_is_described(album, tmp_path):
    assert fastdup.run(album, tmp_path / "out") == 0
    assert not (tmp_path / "out/.parts.known").exists()


def test_pairs_that_points_suggest_in_vain_are_not_listed(album, found, tmp_path):
    assert fastdup.run(album, tmp_path / "out") == 0
    n_judged = len((found / ".verdicts.known").read_text().splitlines()) - 1
    assert n_judged > len(judged_pairs(found))
    assert judged_pairs(found) - judged_pairs(tmp_path / "out") <= PAIRS


@pytest.mark.parametrize("n_threads", [2, 3])
def test_any_number_of_threads_gives_the_same_bytes(n_threads, album, found, tmp_path, monkeypatch):
    """With 3 threads, interpreters of their own describe what this one reads."""
    monkeypatch.setattr("fastdup.parts.describing.LEAST_PICTURES_OF_A_PROCESS", 1)
    assert fastdup.run(album, tmp_path / "out", parts=True, num_threads=n_threads) == 0
    assert contents(tmp_path / "out") == contents(found)


def test_a_run_over_a_grown_folder_finds_what_a_fresh_one_does(album, tmp_path):
    grown = tmp_path / "album"
    shutil.copytree(album, grown)
    for name in (GRID, "2.jpg"):
        (grown / name).unlink()
    assert fastdup.run(grown, tmp_path / "out", parts=True) == 0
    before = (tmp_path / "out/.parts.known").read_bytes()
    for name in (GRID, "2.jpg"):
        shutil.copy2(album / name, grown / name)
    assert fastdup.run(grown, tmp_path / "out", parts=True) == 0
    after = (tmp_path / "out/.parts.known").read_bytes()
    assert after.startswith(before)
    assert after[len(before) :].count(b".jpg") == 2
    assert fastdup.run(grown, tmp_path / "fresh", parts=True) == 0
    results = [name for name in NAMES if not name.endswith(".known")]
    assert contents(tmp_path / "out", results) == contents(tmp_path / "fresh", results)


def test_a_killed_run_goes_on(album, found, tmp_path):
    out = tmp_path / "out"
    process = subprocess.Popen(
        command(album, out), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not (out / ".parts.known").exists() and time.monotonic() < deadline:
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert subprocess.run(command(album, out), check=True, capture_output=True).returncode == 0
    assert contents(out) == contents(found)


def test_of_two_sets_only_parts_of_the_other_are_found(album, tmp_path):
    train, test = tmp_path / "train", tmp_path / "test"
    for folder, names in ((test, (GRID, PAGE)), (train, [f"{n}.jpg" for n in range(N_PHOTOS)])):
        folder.mkdir()
        for name in names:
            shutil.copy2(album / name, folder / name)
    assert fastdup.run(train, tmp_path / "out", test_dir=test, parts=True) == 0
    with open(tmp_path / "out/similarity.csv", newline="") as file:
        rows = [
            tuple(os.path.basename(row[end]) for end in ("from", "to"))
            for row in csv.DictReader(file)
        ]
    assert {one for one, _ in rows} <= {GRID, PAGE}
    assert (PAGE, "2.jpg") in rows


def test_parts_without_judging_are_refused_in_one_line(album, tmp_path):
    words = [*command(album, tmp_path / "out"), "--verify", "none"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    assert "add verify='auto'" in line


def test_with_features_that_are_not_judged_a_line_says_that_no_parts_are_searched(
    album, tmp_path, caplog
):
    assert fastdup.run(album, tmp_path / "out", parts=True, distance="euclidean") == 0
    assert "parts are not searched" in caplog.text
