"""Copies are found by what the pictures show, and what only looks like a copy is none."""

import csv
import json
import logging
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

import fastdup
from fastdup.explorer.handlers import Handlers
from fastdup.explorer.params import Params
from fastdup.judging.pair_judge import PairJudge
from packed import files_of, tar_of
from pictures import jpeg, photo

RESULTS = (
    "similarity.csv",
    "outlier_scores.csv",
    "outliers.csv",
    "connected_components.csv",
    "component_info.csv",
    "verdicts.csv",
    ".verdicts.known",
)


def invoice(number):
    page = Image.new("RGB", (850, 1100), "white")
    draw = ImageDraw.Draw(page)
    rng = np.random.default_rng(number)
    draw.rectangle((0, 0, 850, 120), fill="#1e3c78")
    draw.text((40, 40), "ACME  Invoice", fill="white", font_size=44)
    draw.text((60, 180), f"No. {rng.integers(10_000, 99_999)}", fill="black", font_size=26)
    for row in range(6):
        y = 380 + row * 60
        draw.line((60, y, 790, y), fill="black")
        draw.text((70, y + 15), f"Item {row + 1}", fill="black", font_size=24)
        draw.text((640, y + 15), f"{rng.integers(100, 999)}.95", fill="black", font_size=24)
    draw.text((560, 800), f"Total {rng.integers(1000, 9999)}.00", fill="black", font_size=34)
    return page


def captioned(picture, text):
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    for y in (50, 430):
        place = (picture.width / 2, y)
        draw.text(
            place, text, "white", anchor="mm", font_size=48, stroke_width=3, stroke_fill="black"
        )
    return picture


def screenshot(picture):
    screen = Image.new("RGB", (540, 760))
    screen.paste(picture.resize((540, 405)), (0, 180))
    ImageDraw.Draw(screen).text((20, 10), "12:41   82%", fill="white", font_size=24)
    return screen


def make_album(folder):
    """Write eight pictures, and copies of six of them."""
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.jpg").write_bytes(jpeg(photo(number)))
    (folder / "0-crop.jpg").write_bytes(jpeg(photo(0).crop((160, 100, 560, 420))))
    (folder / "1-mirrored.jpg").write_bytes(jpeg(ImageOps.mirror(photo(1))))
    (folder / "2-screen.jpg").write_bytes(jpeg(screenshot(photo(2))))
    (folder / "3-smaller.jpg").write_bytes(jpeg(photo(3).resize((480, 360)), 80))
    (folder / "4-same.jpg").write_bytes((folder / "4.jpg").read_bytes())
    Image.open(folder / "5.jpg").save(folder / "5.png")
    return folder


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    return make_album(tmp_path_factory.mktemp("judging") / "album")


@pytest.fixture(scope="module")
def judged(album):
    out = album.parent / "judged"
    assert fastdup.run(album, out, num_threads=1) == 0  # verify="auto" is the default
    return out


def rows_of(folder, name="verdicts.csv"):
    with open(folder / name, newline="") as file:
        return list(csv.DictReader(file))


def verdicts_of(folder):
    """Return (name, name) → verdict, similarity, kinds."""
    return {
        tuple(sorted(os.path.basename(row[end]) for end in ("from", "to"))): (
            row["verdict"],
            float(row["similarity"]),
            row["kinds"],
        )
        for row in rows_of(folder)
    }


def contents(folder, names=RESULTS):
    return {name: (folder / name).read_bytes() for name in names}


def groups_of(folder):
    """Return the groups, each a set of names."""
    groups = {}
    for row in rows_of(folder, "connected_components.csv"):
        name = os.path.basename(row["filename"])
        groups.setdefault(row["component_id"], set()).add(name)
    return sorted(map(sorted, groups.values()))


def n_to_remove(folder, **options):
    plan = fastdup.clean(folder, **options).plan
    return sum(step.action == "remove" for step in plan.steps)


def write_all(folder, pictures):
    folder.mkdir()
    for number, picture in enumerate(pictures):
        (folder / f"{number}.jpg").write_bytes(jpeg(picture))
    return folder


def test_a_crop_a_mirrored_copy_and_a_screenshot_are_found(judged):
    verdicts = verdicts_of(judged)
    expected = {
        ("0-crop.jpg", "0.jpg"): ("edited", "part_of"),
        ("1-mirrored.jpg", "1.jpg"): ("edited",),
        ("2-screen.jpg", "2.jpg"): ("edited", "part_of"),
    }
    for pair, allowed in expected.items():
        verdict, similarity, _ = verdicts[pair]
        assert verdict in allowed
        assert 0.85 <= similarity < 0.98
    assert "mirrored" in verdicts["1-mirrored.jpg", "1.jpg"][2]
    assert groups_of(judged) == sorted(
        [a, f"{b}.{end}"]
        for a, b, end in (
            ("0-crop.jpg", 0, "jpg"),
            ("1-mirrored.jpg", 1, "jpg"),
            ("2-screen.jpg", 2, "jpg"),
            ("3-smaller.jpg", 3, "jpg"),
            ("4-same.jpg", 4, "jpg"),
            ("5.jpg", 5, "png"),
        )
    )


def test_the_same_picture_file_and_pixels_are_almost_or_fully_identical(judged):
    verdicts = verdicts_of(judged)
    assert verdicts["4-same.jpg", "4.jpg"] == ("same_bytes", 1.0, "")
    assert verdicts["5.jpg", "5.png"] == ("same_pixels", 1.0, "")
    verdict, similarity, kinds = verdicts["3-smaller.jpg", "3.jpg"]
    assert (verdict, kinds) == ("same_picture", "resized")
    assert 0.98 <= similarity < 1


def test_both_files_list_the_same_similarity(judged):
    listed = {
        tuple(sorted(os.path.basename(row[end]) for end in ("from", "to"))): float(row["distance"])
        for row in rows_of(judged, "similarity.csv")
    }
    verdicts = verdicts_of(judged)
    assert listed == {pair: verdicts[pair][1] for pair in listed}


def test_forms_with_other_values_are_altered_and_in_no_group(tmp_path):
    forms = write_all(tmp_path / "forms", map(invoice, range(6)))
    assert fastdup.run(forms, tmp_path / "out", verify="auto") == 0
    found = verdicts_of(tmp_path / "out").values()
    assert len(found) == 15
    assert {verdict for verdict, _, _ in found} == {"altered"}
    assert all(0.85 <= similarity < 0.98 for _, similarity, _ in found)
    assert groups_of(tmp_path / "out") == []
    assert n_to_remove(tmp_path / "out", threshold=0.85) == 0


def test_one_photo_with_other_captions_is_below_almost_identical(tmp_path):
    texts = ("BRACE FOR MONDAYS", "WAIT WHAT IS THIS", "YOU SHALL NOT PASS", "ONE DOES NOT SIMPLY")
    album = write_all(tmp_path / "album", (captioned(photo(1), text) for text in texts))
    assert fastdup.run(album, tmp_path / "out", verify="auto") == 0
    found = verdicts_of(tmp_path / "out").values()
    assert {verdict for verdict, _, _ in found} == {"altered"}
    assert all(similarity < 0.98 for _, similarity, _ in found)
    assert groups_of(tmp_path / "out") == []


def test_copies_do_not_hide_copies(tmp_path):
    album = tmp_path / "album"
    album.mkdir()
    for number in range(6):
        (album / f"a{number}.jpg").write_bytes(jpeg(photo(0)))
        (album / f"b{number}.jpg").write_bytes(jpeg(photo(0).resize((480, 360))))
    assert fastdup.run(album, tmp_path / "out", verify="auto") == 0
    (group,) = groups_of(tmp_path / "out")
    assert len(group) == 12
    assert n_to_remove(tmp_path / "out") == 11


def test_more_neighbours_than_are_searched_are_all_judged(tmp_path):
    sizes = [(320 - 8 * number, 240 - 6 * number) for number in range(14)]
    album = write_all(tmp_path / "album", (photo(0).resize(size) for size in sizes))
    assert fastdup.run(album, tmp_path / "out", verify="auto", nearest_neighbors_k=13) == 0
    listed = rows_of(tmp_path / "out", "similarity.csv")
    assert len(listed) == 14 * 13
    assert len(verdicts_of(tmp_path / "out")) == 14 * 13 / 2
    assert {verdict for verdict, _, _ in verdicts_of(tmp_path / "out").values()} == {"same_picture"}


def test_without_judging_nothing_is_read_again_or_written_of_it(album, tmp_path):
    assert fastdup.run(album, tmp_path / "out", verify="none") == 0
    assert not (tmp_path / "out/verdicts.csv").exists()
    assert not (tmp_path / "out/.verdicts.known").exists()
    found = {
        frozenset(os.path.basename(row[end]) for end in ("from", "to")): float(row["distance"])
        for row in rows_of(tmp_path / "out", "similarity.csv")
    }
    assert frozenset(("0-crop.jpg", "0.jpg")) not in found
    # The features' own similarities: those of a run that knows no pictures, only the features.
    paths, features = fastdup.load_binary_feature(tmp_path / "out")
    cosines = np.asarray(features, np.float64) @ np.asarray(features, np.float64).T
    (row,) = [r for r in rows_of(tmp_path / "out", "similarity.csv") if "1-mirr" in r["from"]]
    with open(fastdup.__path__[0] + "/models/builtin.json") as file:
        knots = json.load(file)["calibration"]
    cosine = cosines[paths.index(row["from"]), paths.index(row["to"])]
    plain = np.interp(cosine, knots["cosine"], knots["similarity"])
    assert float(row["distance"]) == pytest.approx(plain, abs=1e-6)


def test_results_of_judging_go_when_judging_does(album, tmp_path):
    assert fastdup.run(album, tmp_path / "out", verify="auto") == 0
    assert fastdup.run(album, tmp_path / "out", verify="none") == 0
    assert fastdup.run(album, tmp_path / "new", verify="none") == 0
    names = [name for name in RESULTS if "verdicts" not in name]
    assert contents(tmp_path / "out", names) == contents(tmp_path / "new", names)
    assert not (tmp_path / "out/verdicts.csv").exists()


def test_features_of_ones_own_and_other_distances_are_not_judged(album, tmp_path, caplog):
    caplog.set_level(logging.INFO, "fastdup")
    assert fastdup.run(album, tmp_path / "out", distance="euclidean", verify="auto") == 0
    assert not (tmp_path / "out/verdicts.csv").exists()
    assert caplog.text.count("pairs are not judged") == 1
    assert "distance is 'euclidean'" in caplog.text
    fastdup.save_binary_feature(tmp_path / "own", ["/a.jpg", "/b.jpg"], np.eye(2))
    assert fastdup.run("", tmp_path / "own", run_mode=2, verify="all") == 0
    assert not (tmp_path / "own/verdicts.csv").exists()
    assert "the features are your own" in caplog.text


@pytest.mark.parametrize("n_threads", [2, 3])
def test_any_number_of_threads_gives_the_same_bytes(
    n_threads, album, judged, tmp_path, monkeypatch
):
    """With 3 threads, interpreters of their own judge what this one reads."""
    monkeypatch.setattr("fastdup.judging.stage.LEAST_PAIRS_OF_A_PROCESS", 1)
    assert fastdup.run(album, tmp_path / "out", num_threads=n_threads, verify="auto") == 0
    assert contents(tmp_path / "out") == contents(judged)


def test_a_later_run_judges_only_new_pairs(tmp_path):
    album = make_album(tmp_path / "album")
    assert fastdup.run(album, tmp_path / "out", verify="auto") == 0
    known = (tmp_path / "out/.verdicts.known").read_bytes()
    before = contents(tmp_path / "out")
    assert fastdup.run(album, tmp_path / "out", verify="auto") == 0
    assert contents(tmp_path / "out") == before
    (album / "6-turned.jpg").write_bytes(jpeg(photo(6).rotate(90, expand=True)))
    assert fastdup.run(album, tmp_path / "out", verify="auto") == 0
    after = (tmp_path / "out/.verdicts.known").read_bytes()
    assert after.startswith(known)
    new = [json.loads(line) for line in after[len(known) :].splitlines()]
    assert new
    assert all("6-turned.jpg" in line[0] + line[3] for line in new)
    assert verdicts_of(tmp_path / "out")["6-turned.jpg", "6.jpg"][0] == "edited"


def test_pictures_that_are_gone_leave_their_pairs_unverified(tmp_path, caplog):
    album = make_album(tmp_path / "album")
    assert fastdup.run(album, tmp_path / "out", verify="none") == 0
    plain = {r["from"]: r["distance"] for r in rows_of(tmp_path / "out", "similarity.csv")}
    caplog.set_level(logging.INFO)
    (album / "3.jpg").unlink()
    (album / "1.jpg").write_bytes(jpeg(photo(9)))  # another picture now
    assert fastdup.run("", tmp_path / "out", run_mode=2, verify="auto") == 0
    verdicts = verdicts_of(tmp_path / "out")
    verdict, similarity, _ = verdicts["3-smaller.jpg", "3.jpg"]
    assert verdict == "unverified"
    assert similarity == float(plain[str(album / "3.jpg")])
    assert verdicts["1-mirrored.jpg", "1.jpg"][0] == "unverified"
    assert verdicts["4-same.jpg", "4.jpg"][0] == "same_bytes"
    assert ["3-smaller.jpg", "3.jpg"] in groups_of(tmp_path / "out")
    counts = json.loads((tmp_path / "out/config.json").read_text())["counts"]
    assert counts["pairs_unverified"] == sum(v[0] == "unverified" for v in verdicts.values())
    assert "2 pictures could not be read again" in caplog.text


def test_pictures_in_an_archive_are_judged_too(album, judged, tmp_path):
    tar_of(tmp_path / "album.tar", list(files_of(album).items()))
    assert fastdup.run(tmp_path / "album.tar", tmp_path / "out", verify="auto") == 0
    assert verdicts_of(tmp_path / "out") == verdicts_of(judged)


def test_parts_of_pictures_are_judged_as_parts(tmp_path):
    album = write_all(tmp_path / "album", (photo(number) for number in range(3)))
    box = "#xywh=0,0,320,240"
    (album / "3.jpg").write_bytes(jpeg(photo(0).crop((0, 0, 320, 240))))
    names = [f"{album}/{number}.jpg{box}" for number in range(3)] + [f"{album}/3.jpg"]
    assert fastdup.run(names, tmp_path / "out", verify="auto") == 0
    verdict, similarity, _ = verdicts_of(tmp_path / "out")[f"0.jpg{box}", "3.jpg"]
    assert verdict == "same_picture"
    assert similarity >= 0.98


def explored_groups(folder):
    """Return the groups that the explorer shows at the threshold of the run."""
    handlers = Handlers(str(folder))
    shown = handlers.looks["groups"](Params({}, handlers.n_images))
    handlers.close()
    return sorted(
        sorted("".join(image["name"]) for image in group["images"]) for group in shown["items"]
    )


def test_strict_groups_hold_copies_of_one_image(tmp_path):
    wide = photo(0, (1840, 480))
    chain = [wide.crop((left, 0, left + 640, 480)) for left in range(0, 1201, 300)]
    album = write_all(tmp_path / "album", [*chain, *map(photo, range(1, 5))])
    out, options = tmp_path / "out", {"nearest_neighbors_k": 5, "verify": "auto"}
    assert fastdup.run(album, out, **options) == 0
    assert groups_of(out) == explored_groups(out) == [[f"{number}.jpg" for number in range(5)]]
    found = {pair for pair, verdict in verdicts_of(out).items() if verdict[1] >= 0.85}
    assert ("0.jpg", "4.jpg") not in found
    assert fastdup.run(album, out, grouping="strict", **options) == 0
    groups = groups_of(out)
    assert sum(map(len, groups)) >= 4  # an image whose centre went to another star is alone
    assert not any({"0.jpg", "4.jpg"} <= set(group) for group in groups)
    assert all(is_star(group, found) for group in groups)
    assert explored_groups(out) == groups
    _, info = fastdup.create(out).connected_components()
    assert info["count"].tolist() == sorted(map(len, groups), reverse=True)


def is_star(group, pairs):
    return any(
        all(tuple(sorted((centre, other))) in pairs for other in group if other != centre)
        for centre in group
    )


def test_all_images_of_a_strict_group_were_judged_with_its_centre(tmp_path):
    sizes = [(320 - 8 * number, 240 - 6 * number) for number in range(16)]
    album = write_all(tmp_path / "album", (photo(0).resize(size) for size in sizes))
    assert fastdup.run(album, tmp_path / "out", verify="auto") == 0
    assert fastdup.run(album, tmp_path / "out", verify="auto", grouping="strict") == 0
    (group,) = groups_of(tmp_path / "out")
    assert len(group) == 16
    assert is_star(group, set(verdicts_of(tmp_path / "out")))


#: Judges pair by pair, so that there is time to be killed in between.
PAIR_BY_PAIR = """
import sys, fastdup
fastdup.judging.stage.PAIRS_PER_TASK = 1
fastdup.run(sys.argv[1], sys.argv[2], num_threads=1, verify="auto")
"""


def test_a_run_killed_while_judging_judges_the_rest_and_ends_with_the_same_bytes(
    tmp_path, monkeypatch
):
    pictures = [photo(number, (320, 240)) for number in range(30)]
    album = write_all(
        tmp_path / "album", [*pictures, *(p.crop((40, 30, 300, 200)) for p in pictures)]
    )
    assert fastdup.run(album, tmp_path / "whole", num_threads=1, verify="auto") == 0
    out, known = tmp_path / "out", tmp_path / "out/.verdicts.known"
    command = [sys.executable, "-c", f"import fastdup.judging.stage{PAIR_BY_PAIR}", album, out]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline and n_lines(known) < 4:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    n_found = n_lines(known) - 1
    found = known.read_bytes()
    known.write_bytes(found + b'["cut off in the mid')
    judged, judge = [], PairJudge.__call__
    monkeypatch.setattr(
        PairJudge, "__call__", lambda s, task: judged.extend(task.pairs) or judge(s, task)
    )
    assert fastdup.run(album, out, num_threads=1, verify="auto") == 0
    assert known.read_bytes().startswith(found)
    assert 3 <= n_found < n_found + len(judged) == n_lines(known) - 1
    assert contents(out) == contents(tmp_path / "whole")


def n_lines(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0
