"""The answers to the page's requests."""

import csv
import io
import shutil
import struct
from pathlib import Path

import pytest
from PIL import Image

import fastdup
from explored import HOSTILE, Asker
from fastdup.actions.flawed import plan_flawed
from fastdup.actions.keep import CopyChoice
from fastdup.actions.offers import FLAWS, LIMITS
from fastdup.explorer import Explorer
from packed import files_of, zip_of
from pictures import jpeg, scene


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def names(images) -> list[str]:
    return [image["name"] for image in images]


def row_of(asker: Asker, name: str) -> int:
    [item] = asker.call("quality", metric="width", find=name)["items"]
    return item["row"]


def test_the_summary_counts_what_the_run_found(asker, work):
    summary = asker.call("summary")
    assert summary["images"] == len(table(work / "features.dat.csv")) == 13
    assert summary["bad"] == len(table(work / "features.bad.csv")) == 2
    assert summary["outliers"] == len(table(work / "outliers.csv"))
    assert (summary["threshold"], summary["lowest"]) == (0.75, 0.75)
    assert summary["choices"]["rules"][0]["name"] == "original"


def test_at_the_threshold_of_the_run_the_groups_are_those_of_the_run(asker, work):
    answer = asker.call("groups")
    groups: dict[str, set[str]] = {}
    for row in table(work / "connected_components.csv"):
        groups.setdefault(row["component_id"], set()).add(Path(row["filename"]).name)
    assert [set(names(group["images"])) for group in answer["items"]] == list(groups.values())
    assert answer["total"] == answer["groups_in_all"] == len(groups)
    assert answer["images_in_all"] == sum(map(len, groups.values()))


def test_a_higher_threshold_makes_other_groups(asker):
    low, high = asker.call("groups", threshold=0.7), asker.call("groups", threshold=0.9999)
    assert high["images_in_all"] < low["images_in_all"]
    [group] = high["items"]
    assert set(names(group["images"])) == {"01.jpg", "01-same.jpg"}
    assert asker.call("groups", threshold=1)["total"] == 1


def test_a_group_is_listed_page_by_page(asker):
    group = asker.call("groups")["items"][0]
    images = []
    for start in range(0, group["n"], 2):
        images += asker.call("group", row=group["row"], start=start, n=2)["images"]
    assert images == group["images"]
    alone = row_of(asker, "noise.png")
    assert asker.call("group", row=alone, threshold=1) == {"images": [], "n": 0}


def test_pairs_are_listed_once_most_similar_first(asker, work):
    answer = asker.call("pairs", n=200)
    listed = [frozenset(names(item["images"])) for item in answer["items"]]
    rows = table(work / "similarity.csv")
    pairs = {frozenset({Path(r["from"]).name, Path(r["to"]).name}) for r in rows}
    assert set(listed) == pairs
    assert len(listed) == answer["total"] == len(pairs)
    similarities = [float(item["s"]) for item in answer["items"]]
    assert similarities == sorted(similarities, reverse=True)
    turned = asker.call("pairs", n=200, order="loose")["items"]
    assert turned == answer["items"][::-1]


def test_the_figure_of_thresholds_is_that_of_the_advice(asker, work):
    found, advice = asker.call("advice", precision=0.95), fastdup.advise(work, 0.95, k=0)
    assert (found["threshold"], found["lines"]) == (advice.threshold, list(advice.sentences()))
    assert found["figure"] == advice._repr_html_()
    assert found["notes"] == list(advice.notes)


def test_outliers_stand_beside_their_nearest_image(asker, work):
    items = asker.call("outliers")["items"]
    rows = table(work / "outliers.csv")
    assert names(item["images"][0] for item in items) == [Path(r["from"]).name for r in rows]
    assert names(item["images"][1] for item in items) == [Path(r["to"]).name for r in rows]


def test_quality_begins_with_the_most_extreme(asker, work):
    stats = {Path(r["filename"]).name: r for r in table(work / "stats.csv")}
    items = asker.call("quality", metric="blur")["items"]
    assert names(items) == sorted(stats, key=lambda name: float(stats[name]["blur"]))
    brightest = asker.call("quality", metric="bright")["items"][0]["name"]
    assert brightest == max(stats, key=lambda name: float(stats[name]["mean"]))
    assert asker.get("/api/quality", metric="blurr").json["error"].endswith("stdv, unique, width")


def test_issues_are_those_of_cleaning_with_limits_that_can_be_moved(asker, work):
    issues = {issue["name"]: issue for issue in asker.call("issues")["items"]}
    assert list(issues) == [name for name in FLAWS if name in LIMITS]
    for name, issue in issues.items():
        planned = plan_flawed(work, CopyChoice(what=(name,))).removals()
        shown = asker.call("issue", issue=name)
        assert issue["n"] == shown["total"] == len(planned), name
    stats = {Path(r["filename"]).name: float(r["width"]) for r in table(work / "stats.csv")}
    found = asker.call("issue", issue="tiny", limit=150)
    assert names(found["items"]) == ["noise.png", "00-small.jpg"]  # the smallest first
    assert found["items"][0]["value"] == f"longer side {stats['noise.png']:g}, below 150"
    assert asker.call("issue", issue="tiny", limit=150, find="noise")["total"] == 1


def test_bad_files_have_their_reasons(asker):
    reasons = {item["name"]: item["reason"] for item in asker.call("bad")["items"]}
    assert reasons == {"cut-short.jpg": "truncated", "text.jpg": "not_an_image"}
    assert asker.call("bad", find="TEXT")["total"] == 1


def test_files_that_are_no_images_come_after_the_bad_ones_and_are_counted_apart(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("a.txt", "z.jpg"):
        (photos / name).write_text("not a picture")
    (photos / "good.jpg").write_bytes(jpeg(scene(1)))
    assert fastdup.run(photos, tmp_path / "out") == 0
    with Explorer(str(tmp_path / "out")) as explorer:
        asker = Asker(explorer.url)
        answer = asker.call("bad")
        assert [item["reason"] for item in answer["items"]] == ["not_an_image", "side_file"]
        assert (answer["total"], answer["side"], asker.call("summary")["bad"]) == (2, 1, 1)
        assert answer["reasons"] == [["not_an_image", "Not an image", 1]]
        assert (answer["kinds"], answer["broken"]) == ([[".txt", 1]], 0)
        assert asker.call("bad", kind=".txt")["total"] == 1
        assert answer["items"][1]["words"] == "Not an image (.txt file)"
        assert asker.call("bad", reason="not_an_image")["items"][0]["name"] == "z.jpg"
        assert asker.call("bad", kind=".xmp")["items"] == []


def test_finding_looks_at_whole_paths_in_any_case(asker):
    assert asker.call("pairs", find="MIRRORED")["total"] >= 1
    assert asker.call("groups", find="/photos/copies/01-same")["total"] == 1
    assert asker.call("groups", find="nowhere") | {"items": []} == asker.call(
        "groups", find="nowhere"
    )


def test_a_hostile_name_is_given_as_it_is(asker):
    [item] = asker.call("quality", metric="width", find="onerror")["items"]
    assert item["name"] == HOSTILE


@pytest.mark.parametrize(
    ("call", "params", "words"),
    [
        ("groups", {"threshold": "high"}, "threshold='high' is not a number from 0 to 1"),
        ("groups", {"threshold": "nan"}, "threshold='nan' is not a number from 0 to 1"),
        ("groups", {"start": -1}, "start=-1, n=24 is not allowed"),
        ("groups", {"n": 100_000}, "n=100000 is not allowed"),
        ("groups", {"order": "best"}, "order='best' is not known"),
        ("pairs", {"n": "x"}, "n='x' is not a whole number"),
        ("map", {"by": "magic"}, "by='magic'"),
        ("map", {"colour": "red"}, "colour='red'"),
        ("legend", {"colour": ""}, "colour=''"),
        ("issue", {"issue": "blury"}, "try issue='blurry'"),
        ("issue", {"issue": "blurry", "limit": "nan"}, "limit='nan' is not a number"),
        ("issue", {"issue": "blurry", "limit": "1e999"}, "is not a number"),
        ("issue", {"issue": "blurry", "start": -1}, "start=-1, n=24 is not allowed"),
        ("advice", {"precision": 2}, "precision=2.0 is not allowed"),
        ("image", {}, "there is no image None"),
        ("image", {"row": 13}, "there is no image '13'"),
    ],
)
def test_a_call_that_makes_no_sense_is_one_clear_line(asker, call, params, words):
    answer = asker.get(f"/api/{call}", **params)
    assert answer.status == 400
    assert words in answer.json["error"]


def test_pictures_are_small_jpegs_by_number(asker):
    row = row_of(asker, "00-small.jpg")
    for side in (320, 1600):
        answer = asker.get(f"/image/{row}", side=side)
        assert answer.headers["content-type"] == "image/jpeg"
        assert Image.open(io.BytesIO(answer.body)).size == (120, 90)


def test_what_differs_is_described_in_words(asker):
    first = row_of(asker, "00.jpg")
    mirrored = asker.call("difference", first=first, second=row_of(asker, "mirrored"))
    assert mirrored["kinds"] == ["mirrored"]
    assert mirrored["text"] == "mirrored"
    assert mirrored["t"] == pytest.approx([-1, 0, 1, 0, 1, 0, 0, 0, 1], abs=0.01)
    same = asker.call("difference", first=row_of(asker, "01.jpg"), second=row_of(asker, "01-same"))
    assert same == {"text": "same bytes", "kinds": ["same bytes"], "t": [1, 0, 0, 0, 1, 0, 0, 0, 1]}


def test_the_map_has_a_point_for_each_image(asker, work):
    answer = asker.get("/api/map", threshold=0.9999)
    n = len(answer.body) // 9
    assert (n, len(answer.body) % 9) == (13, 0)
    rows = struct.unpack(f"<{n}I", answer.body[: 4 * n])
    places = struct.unpack(f"<{2 * n}H", answer.body[4 * n : 8 * n])
    kinds = list(answer.body[8 * n :])
    assert rows == tuple(range(n))
    assert (min(places), max(places)) == (0, 65535)
    assert kinds.count(1) == 2
    assert kinds.count(2) == len(table(work / "outliers.csv"))


def test_the_map_brings_neighbours_together_and_has_colours_with_a_legend(asker):
    body = b""
    while not body:  # while it is being made
        body = asker.get("/api/map", by="neighbours", colour="issue").body
    n = len(body) // 9
    legend = asker.call("legend", colour="issue")["items"]
    assert [words for words, _ in legend][:2] == ["no issue", "blurry"]
    codes = list(body[8 * n :])
    assert [codes.count(code) for code in range(len(legend))] == [count for _, count in legend]
    assert sum(count for _, count in asker.call("legend", threshold=0.9)["items"]) == 13
    assert asker.call("legend", colour="label")["items"][0][0] == "no label"


def test_a_dropped_image_finds_its_likes_and_is_not_stored(asker, work):
    before = {path: path.stat().st_mtime_ns for path in work.parent.rglob("*")}
    answer = asker.post("search", jpeg(scene(0).resize((150, 112)), quality=60)).json
    likes = {"00.jpg", "00-small.jpg", "00-mirrored.jpg", HOSTILE}
    assert set(names(answer["items"][:4])) == likes
    assert answer["items"][0]["word"] == "almost identical"
    assert answer["copies"] == sum(item["copy"] for item in answer["items"]) == 4
    assert {path: path.stat().st_mtime_ns for path in work.parent.rglob("*")} == before


def test_an_image_that_is_new_has_no_copies_but_nearest_images(asker):
    answer = asker.post("search", jpeg(scene(77))).json
    assert answer["copies"] == 0
    assert len(answer["items"]) > 1


@pytest.mark.parametrize("body", [b"", b"no picture", b"\xff\xd8\xff" + bytes(100)])
def test_a_dropped_file_that_is_no_image_is_refused_with_the_reason(asker, body):
    answer = asker.post("search", body)
    assert answer.status == 400
    assert answer.json["error"]


def test_a_body_that_is_too_large_is_refused(asker):
    assert asker.post("rule", bytes(2**20 + 1)).status == 413
    # Announced as huge: refused without waiting for it.
    huge = {"content_length": str(2**40), "origin": f"http://{asker.host}", "cookie": asker.cookie}
    assert asker.ask("POST", "/api/search", b"x", **huge).status == 413


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b'{"keep": 1}', b'{"keep": "best"}', b"\xff"])
def test_a_body_that_makes_no_sense_is_refused(asker, body):
    answer = asker.post("rule", body)
    assert answer.status == 400
    assert answer.json["error"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("decide", b"[" * 200_000),
        ("decide", b'{"rows": [1e400], "decision": "keep"}'),
        ("rule", b'{"never": ["\\ud800"]}'),
        ("rule", b'{"never": ["/\\u0000"]}'),
        ("plan", b'{"prefer": ["\\u0000"]}'),
        ("apply", b'{"confirmed": true, "never": ["\\u0000"]}'),
        ("rule", b'{"threshold": ' + b"9" * 400 + b"}"),
    ],
)
def test_what_json_allows_and_nobody_means_is_refused(asker, name, body):
    assert asker.post(name, body).status == 400


def test_an_image_that_is_gone_is_reported_as_gone(work, tmp_path):
    shutil.copytree(work, tmp_path / "out")
    names_csv = tmp_path / "out" / "features.dat.csv"
    moved = names_csv.read_text().replace("/photos/noise.png", "/photos/gone.png")
    names_csv.write_text(moved)
    for name in ("similarity.csv", "outliers.csv", "stats.csv"):
        path = tmp_path / "out" / name
        path.write_text(path.read_text().replace("/photos/noise.png", "/photos/gone.png"))
    with Explorer(str(tmp_path / "out")) as explorer:
        asker = Asker(explorer.url)
        row = row_of(asker, "gone.png")
        assert asker.get(f"/image/{row}", side=320).status == 204
        assert asker.call("image", row=row)["why"] == "The file is gone"


def test_where_the_work_folder_is_gone_a_choice_is_refused_with_the_reason(work, tmp_path):
    shutil.copytree(work, tmp_path / "out")
    with Explorer(str(tmp_path / "out")) as explorer:
        asker = Asker(explorer.url)
        shutil.rmtree(tmp_path / "out")
        for name in ("plan", "restore"):
            answer = asker.post(name, {})
            assert answer.status == 400
            assert str(tmp_path / "out") in answer.json["error"]
            assert "Errno" not in answer.json["error"]


def test_images_in_an_archive_are_shown(photos, tmp_path):
    zip_of(tmp_path / "photos.zip", files_of(photos).items())
    assert fastdup.run(str(tmp_path / "photos.zip"), str(tmp_path / "out")) == 0
    with Explorer(str(tmp_path / "out")) as explorer:
        answer = Asker(explorer.url).get("/image/0", side=320)
        assert Image.open(io.BytesIO(answer.body)).size == (200, 150)


def test_images_in_a_bucket_are_shown(s3, photos, tmp_path):
    shutil.copytree(photos, s3 / "explored" / "photos")
    assert fastdup.run("s3://explored/photos/", str(tmp_path / "out")) == 0
    with Explorer(str(tmp_path / "out")) as explorer:
        answer = Asker(explorer.url).get("/image/0", side=320)
        assert Image.open(io.BytesIO(answer.body)).size == (200, 150)


def test_two_images_are_compared_in_what_is_known_of_them(asker):
    rows = {item["name"]: item["row"] for item in asker.call("quality", metric="width")["items"]}
    found = asker.call("compare", first=rows["00.jpg"], second=rows["00-small.jpg"])
    lines = {name: (one, other, differs) for name, one, other, differs in found["lines"]}
    assert lines["Name"] == ("00.jpg", "00-small.jpg", 1)
    assert lines["Size"][2] == 1
    assert "equal scale" in found["sharpness"]
    same = asker.call("compare", first=rows["01.jpg"], second=rows["01-same.jpg"])
    assert same["sharpness"] == "Equally sharp at equal scale."
    assert {name: differs for name, _, _, differs in same["lines"]}["Size"] == 0


@pytest.mark.parametrize("query", ["", "?first=0", "?first=0&second=13", "?first=[]&second=1"])
def test_a_comparison_with_what_is_no_image_is_refused(asker, query):
    assert asker.get("/api/compare" + query).status == 400
