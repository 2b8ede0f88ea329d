"""Deciding which copies stay, and the plan that results."""

import os
import re
import shutil
from pathlib import Path

import pytest

import fastdup
from camera_files import camera_photo
from explored import HOSTILE, Asker
from fastdup.actions.plan_file import read_plan
from fastdup.actions.undo import undo
from fastdup.explorer import Explorer


@pytest.fixture
def with_sidecars(fresh):
    """The same, each of two files of the same bytes with a sidecar."""
    for name in ("01", "copies/01-same"):
        (fresh.parent / "photos" / f"{name}.xmp").write_text("edits")
    return fresh


@pytest.fixture
def asker(fresh):
    with Explorer(str(fresh)) as explorer:
        yield Asker(explorer.url)


def first_group(asker: Asker, threshold: float = 0.9) -> dict[str, dict]:
    """Return name → image of the group of the first scene."""
    [group] = asker.call("groups", threshold=threshold, find="00-small")["items"]
    return {image["name"]: image for image in group["images"]}


def kept(asker: Asker) -> set[str]:
    return {name for name, image in first_group(asker).items() if image["stays"]}


def test_the_rule_says_which_one_stays(asker, fresh):
    photos = fresh.parent / "photos"
    assert kept(asker) == {"00.jpg"}
    answer = asker.post("rule", {"keep": "shortest-path", "prefer": [str(photos / "copies")]})
    assert answer.json["keep"] == "shortest-path"
    assert kept(asker) == {"00-small.jpg"}
    asker.post("rule", {"keep": "largest", "never": [str(photos / "copies")]})
    assert kept(asker) == {"00.jpg", "00-small.jpg", "00-mirrored.jpg", HOSTILE}


def test_what_is_kept_stands_first(asker):
    assert next(iter(first_group(asker))) == "00.jpg"
    row = first_group(asker)["00-mirrored.jpg"]["row"]
    asker.post("decide", {"rows": [row], "decision": "keep"})
    assert next(iter(first_group(asker))) == "00-mirrored.jpg"


def test_what_is_decided_by_hand_wins_until_it_is_left_to_the_rule(asker):
    rows = {name: image["row"] for name, image in first_group(asker).items()}
    asker.post("decide", {"rows": [rows["00-small.jpg"]], "decision": "keep"})
    answer = asker.post("decide", {"rows": [rows["00.jpg"]], "decision": "remove"})
    assert (answer.json["by_hand"], answer.json["to_remove"]) == (2, 1)
    assert kept(asker) == {"00-small.jpg"}
    assert first_group(asker)["00.jpg"]["decided"] == "remove"
    asker.post("decide", {"rows": list(rows.values()), "decision": ""})
    assert kept(asker) == {"00.jpg"}


def test_the_last_one_stays_whatever_is_decided(asker):
    rows = [image["row"] for image in first_group(asker).values()]
    asker.post("decide", {"rows": rows, "decision": "remove"})
    assert len(kept(asker)) == 1


@pytest.mark.parametrize(
    "value",
    [
        {"rows": [0], "decision": "burn"},
        {"rows": [0], "decision": "not-copies"},
        {"rows": [0], "decision": ["keep"]},
        {"rows": [{}], "decision": "keep"},
        {"row": 13, "decision": "keep"},
        {"row": 0, "threshold": 7, "decision": "keep"},
        {"rows": [-1], "decision": "keep"},
        {"rows": [13], "decision": "keep"},
        {"rows": "0", "decision": "keep"},
        {"decision": "keep"},
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(asker, value):
    assert asker.post("decide", value).status == 400
    assert asker.call("summary")["choices"]["by_hand"] == 0


def test_the_plan_is_written_as_chosen_and_nothing_else_is_touched(asker, fresh):
    photos = sorted((fresh.parent / "photos").rglob("*"))
    row = first_group(asker)["00-mirrored.jpg"]["row"]
    asker.post("decide", {"rows": [row], "decision": "keep"})
    summary = asker.post("plan", {"threshold": 0.9, "also": ["mirrored"]}).json
    plan = read_plan(str(fresh / "clean-plan.csv"))
    gone = {Path(step.path).name for step in plan.removals()}
    assert {"00.jpg", "00-small.jpg", HOSTILE} <= gone
    assert "00-mirrored.jpg" not in gone
    assert len({"01.jpg", "01-same.jpg"} & gone) == 1
    assert summary["removals"] == len(gone)
    assert summary["command"] == f"fastdup clean {fresh} --plan {fresh / 'clean-plan.csv'} --apply"
    assert sorted((fresh.parent / "photos").rglob("*")) == photos


def test_the_plan_is_shown_and_downloaded(asker, fresh):
    assert asker.call("planned") == {"written": False, "total": 0, "items": []}
    assert asker.get("/plan.csv").status == 400
    asker.post("plan", {"threshold": 0.9})
    planned = asker.call("planned")
    for group in planned["items"]:
        assert [image["stays"] for image in group["images"]] == [True] + [False] * (
            len(group["images"]) - 1
        )
    assert sum(len(group["images"]) - 1 for group in planned["items"]) == planned["removals"]
    downloaded = asker.get("/plan.csv")
    assert downloaded.body == (fresh / "clean-plan.csv").read_bytes()
    assert "attachment" in downloaded.headers["content-disposition"]


def test_the_plan_shows_companions_and_they_go_with_their_photo(with_sidecars, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(with_sidecars.parent / "home"))
    with Explorer(str(with_sidecars)) as explorer:
        asker = Asker(explorer.url)
        asker.post("plan", {"threshold": 0.9})
        planned = asker.call("planned")
        shown = {
            image["name"]: image["companions"]
            for group in planned["items"]
            for image in group["images"]
        }
        assert planned["companions"].startswith("1 companion would go too")
        assert shown["01.jpg"] == ["01.xmp"]
        assert shown["01-same.jpg"] == ["01-same.xmp"]
        body = {"digest": planned["digest"], "confirmed": True, "threshold": 0.9}
        assert "1 companion " in str(asker.post("apply", body).json["lines"])
    assert len(list((with_sidecars.parent / "photos").rglob("*.xmp"))) == 1


def test_a_plan_over_chained_images_is_shown(fresh):
    photos = str(fresh.parent / "photos")
    assert fastdup.run(photos, str(fresh), threshold=0.7, nearest_neighbors_k=1) == 0
    with Explorer(str(fresh)) as explorer:
        asker = Asker(explorer.url)
        removals = asker.post("plan", {"threshold": 0.7, "also": ["all"]}).json["removals"]
        groups = asker.call("planned")["items"]
    assert sum(len(group["images"]) - 1 for group in groups) == removals >= 4
    assert all(0.7 <= float(image["s"]) <= 1 for group in groups for image in group["images"])


@pytest.mark.parametrize(
    "change",
    [
        lambda asker, row: {"threshold": 0.95},
        lambda asker, row: {"threshold": 0.9, "also": ["cropped"]},
        lambda asker, row: {"threshold": 0.9, "across": True},
        lambda asker, row: {"what": ["broken"]},
        lambda asker, row: asker.post("rule", {"keep": "oldest"}) and {"threshold": 0.9},
        lambda asker, row: (
            asker.post("decide", {"rows": [row], "decision": "keep"}) and {"threshold": 0.9}
        ),
    ],
    ids=["threshold", "kinds", "folders", "flaws", "rule", "decision"],
)
def test_a_plan_is_not_carried_out_once_a_setting_was_changed(asker, fresh, change):
    row = first_group(asker)["00-mirrored.jpg"]["row"]
    digest = asker.post("plan", {"threshold": 0.9}).json["digest"]
    answer = asker.post("apply", {"digest": digest, "confirmed": True, **change(asker, row)})
    assert answer.status == 400
    assert re.search(
        "were changed since the plan|earlier results or decisions", answer.json["error"]
    )


def test_the_page_plans_the_same_picture_alone_unless_kinds_are_ticked(asker, fresh):
    answer = asker.post("plan", {})
    assert answer.status == 200, answer.body
    plain = answer.json
    assert plain["threshold"] == 0.98
    assert [words for words, *_ in plain["classes"]] == [
        "same picture, saved again",
        "exact copies",
    ]
    more = asker.post("plan", {"threshold": 0.75, "also": ["mirrored"]}).json
    assert more["removals"] == plain["removals"] + 1
    assert "edited (mirrored)" in [words for words, *_ in more["classes"]]


def test_a_threshold_below_that_of_the_run_is_refused(asker):
    answer = asker.post("plan", {"threshold": 0.5})
    assert answer.status == 400
    assert "threshold=0.5 is below that of the run, 0.7" in answer.json["error"]


@pytest.mark.parametrize("value", [{}, {"confirmed": True}, {"confirmed": False}])
def test_nothing_is_done_unless_the_very_plan_is_confirmed(asker, fresh, value):
    asker.post("plan", {"threshold": 0.9})
    digest = asker.call("planned")["digest"]
    body = {**value, "digest": digest} if not value.get("confirmed") else {**value, "digest": "x"}
    answer = asker.post("apply", body)
    assert answer.status == 400
    assert "nothing was done" in answer.json["error"]
    assert (fresh.parent / "photos/copies/00-small.jpg").exists()


def test_a_plan_that_was_changed_meanwhile_is_not_carried_out(asker, fresh):
    asker.post("plan", {"threshold": 0.9})
    digest = asker.call("planned")["digest"]
    with (fresh / "clean-plan.csv").open("a") as file:
        file.write("\n")
    assert (
        asker.post("apply", {"digest": digest, "confirmed": True, "threshold": 0.9}).status == 400
    )
    assert (fresh.parent / "photos/copies/00-small.jpg").exists()


def test_a_confirmed_plan_is_carried_out_and_can_be_undone(asker, fresh, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    photos = fresh.parent / "photos"
    shutil.copytree(photos, tmp_path / "before")
    asker.post("plan", {"threshold": 0.9})
    planned = asker.call("planned")
    answer = asker.post("apply", {"digest": planned["digest"], "confirmed": True, "threshold": 0.9})
    assert answer.status == 200, answer.body
    assert f"{planned['removals']} files moved to the trash" in " ".join(answer.json["lines"])
    assert not (photos / "copies/00-small.jpg").exists()
    assert (photos / "00.jpg").exists()
    assert not asker.call("planned")["written"]
    again = {"digest": planned["digest"], "confirmed": True}
    assert asker.post("apply", again).status == 400
    undo(str(fresh))
    after = {path.relative_to(photos): path.read_bytes() for path in photos.rglob("*.*")}
    before = tmp_path / "before"
    assert after == {p.relative_to(before): p.read_bytes() for p in before.rglob("*.*")}
    assert os.listdir(photos / "copies")


def removed(work: Path) -> set[str]:
    """Return the names that the written plan takes."""
    plan = read_plan(str(work / "clean-plan.csv"))
    return {Path(step.path).name for step in plan.removals()}


def marked(asker: Asker) -> set[str]:
    """Return the names that are marked in the groups as going."""
    found = set()
    for group in asker.call("groups", threshold=0.75)["items"]:
        goes = asker.call("marks", threshold=0.75, row=group["row"])["goes"]
        found |= {image["name"] for image in group["images"] if image["row"] in goes}
    return found


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"threshold": 0.75, "also": ["mirrored"]},
        {"keep": "shortest-path"},
        {"across": True},
        {"within": True},
        {"what": ["tiny=125"]},
    ],
    ids=str,
)
def test_the_groups_mark_exactly_what_the_plan_takes(asker, fresh, settings):
    asker.post("rule", settings)
    assert asker.post("plan", {}).status == 200
    assert marked(asker) == removed(fresh) - {"noise.png"}  # which is in no group
    assert removed(fresh)
    rows = {name: image["row"] for name, image in first_group(asker, 0.75).items()}
    asker.post("decide", {"rows": [rows["00-mirrored.jpg"]], "decision": "remove"})
    asker.post("decide", {"rows": [rows["00-small.jpg"]], "decision": "keep"})
    now = marked(asker)
    asker.post("plan", {})
    assert now == removed(fresh) - {"noise.png"}


def test_marks_follow_what_is_decided_for_good(asker):
    assert "00-small.jpg" in marked(asker)
    row = first_group(asker)["00-small.jpg"]["row"]
    assert asker.post("remember", {"rows": [row], "decision": "keep"}).status == 200
    assert "00-small.jpg" not in marked(asker)
    assert asker.post("forget", {"rows": [row], "decision": "keep"}).status == 200
    assert "00-small.jpg" in marked(asker)


def test_what_was_chosen_is_there_when_the_page_is_opened_again(asker, fresh):
    folder = str(fresh.parent / "photos")
    chosen = {
        "keep": "oldest", "threshold": 0.9, "also": ["cropped"], "prefer": [folder], "never": [],
        "what": [], "across": True, "within": False, "videos": True, "carry_companions": True,
        "carry_metadata": True,
    }  # fmt: skip
    asker.post("rule", chosen)
    choices = asker.call("summary")["choices"]
    assert {name: choices[name] for name in chosen} == chosen
    answer = asker.post("rule", {"across": True, "within": True})
    assert (answer.status, "across and within" in answer.json["error"]) == (400, True)
    choices = asker.call("summary")["choices"]
    assert {name: choices[name] for name in chosen} == chosen


def test_broken_files_are_planned_shown_carried_out_and_undone(asker, fresh, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    broken = fresh.parent / "photos/cut-short.jpg"
    settings = {"what": ["broken"], "threshold": 0.98, "also": ["cropped"], "across": True}
    planned = asker.post("plan", settings).json
    assert (planned["removals"], planned["what"]) == (1, ["broken"])
    [group] = asker.call("planned")["items"]
    [image] = group["images"]
    assert "row" not in image
    assert (image["name"], image["stays"]) == ("cut-short.jpg", False)
    assert image["why"].startswith("truncated")
    body = {"digest": planned["digest"], "confirmed": True}
    assert asker.post("apply", {**body, "what": ["broken", "dark"]}).status == 400
    assert asker.post("apply", {**body, **settings}).status == 200
    assert not broken.exists()
    assert undo(str(fresh)).n_restored == 1
    assert broken.exists()


@pytest.mark.parametrize("value", [{"what": ["sharp"]}, {"also": ["burnt"]}, {"keep": "both"}])
def test_a_choice_that_makes_no_sense_is_refused(asker, value):
    for call in ("rule", "plan"):
        assert asker.post(call, value).status == 400
    assert asker.call("planned")["written"] is False


def test_a_plan_of_an_earlier_run_is_refused_on_the_page_too(asker, fresh):
    digest = asker.post("plan", {"threshold": 0.98}).json["digest"]
    photos = fresh.parent / "photos"
    shutil.copy(photos / "02.jpg", photos / "copies/02-same.jpg")
    assert fastdup.run(str(photos), str(fresh), threshold=0.75, nearest_neighbors_k=5) == 0
    answer = asker.post("apply", {"digest": digest, "confirmed": True, "threshold": 0.98})
    assert answer.status == 400
    assert "made from earlier results or decisions" in answer.json["error"]
    assert (photos / "copies/00-small.jpg").exists()


@pytest.mark.parametrize(("threshold", "of_groups"), [(0.99, -1), (0.75, 0.99)])
def test_the_page_plans_from_where_the_command_does(fresh, threshold, of_groups):
    options = {"threshold": threshold, "ccthreshold": of_groups, "nearest_neighbors_k": 5}
    assert fastdup.run(str(fresh.parent / "photos"), str(fresh), **options) == 0
    fastdup.clean(fresh)
    by_command = (fresh / "clean-plan.csv").read_bytes()
    with Explorer(str(fresh)) as explorer:
        asker = Asker(explorer.url)
        threshold = asker.call("summary")["copies_from"]
        assert asker.post("plan", {"threshold": threshold}).json["removals"]
    assert (fresh / "clean-plan.csv").read_bytes() == by_command


def decision_of(asker: Asker, row: int) -> str:
    return asker.call("image", row=row).get("decided", "")


def test_decisions_outlive_the_explorer_and_the_command_line_obeys_them(fresh):
    with Explorer(str(fresh)) as explorer:
        asker = Asker(explorer.url)
        rows = {name: image["row"] for name, image in first_group(asker).items()}
        asker.post("decide", {"rows": [rows["00-small.jpg"]], "decision": "keep"})
        asker.post("decide", {"rows": [rows["00.jpg"]], "decision": "remove"})
    plan = fastdup.clean(fresh).plan
    removals = {Path(step.path).name for step in plan.removals()}
    assert "00.jpg" in removals
    assert "00-small.jpg" not in removals
    photos = str(fresh.parent / "photos")
    assert fastdup.run(photos, str(fresh), threshold=0.75, nearest_neighbors_k=5) == 0
    exported = fresh.parent / "copies.txt"
    fastdup.export(fresh, exported, format="list")
    assert str(fresh.parent / "photos/00.jpg") in exported.read_text().splitlines()
    with Explorer(str(fresh)) as explorer:
        asker = Asker(explorer.url)
        row = first_group(asker)["00.jpg"]["row"]
        assert decision_of(asker, row) == "remove"


def test_each_decision_can_be_undone_one_after_the_other(asker):
    before = asker.call("groups", threshold=0.9)
    rows = {name: image["row"] for name, image in first_group(asker).items()}
    one, other = rows["00.jpg"], rows["00-small.jpg"]
    asker.post("decide", {"rows": [one], "decision": "keep"})
    asker.post("decide", {"rows": [one, other], "decision": "remove"})
    asker.post("decide", {"rows": [other], "decision": ""})
    asker.post("remember", {"rows": [one, other], "decision": "not-copies"})
    assert asker.call("progress")["undo"] == {"steps": 4, "next": "not copies: 2 images"}
    states = []
    for _ in range(4):
        answer = asker.post("undo", {"threshold": 0.9}).json
        states.append((answer["regrouped"], decision_of(asker, one), decision_of(asker, other)))
        assert {str(one), str(other)} & set(answer["decided"])
    assert states == [
        (True, "remove", ""),
        (False, "remove", "remove"),
        (False, "keep", ""),
        (False, "", ""),
    ]
    assert asker.call("groups", threshold=0.9) == before
    assert asker.post("undo", {}).json["undone"] is None


def test_undo_leaves_what_was_decided_elsewhere_meanwhile(asker, fresh):
    rows = {name: image["row"] for name, image in first_group(asker).items()}
    asker.post("decide", {"rows": [rows["00.jpg"]], "decision": "keep"})
    fastdup.decide(fresh, "remove", fresh.parent / "photos/copies/00-small.jpg")
    asker.post("undo", {})
    assert decision_of(asker, rows["00.jpg"]) == ""
    assert decision_of(asker, rows["00-small.jpg"]) == "remove"


def test_a_whole_group_is_decided_at_once_and_counted(asker):
    images = first_group(asker)
    row = images["00.jpg"]["row"]
    answer = asker.post("decide", {"row": row, "threshold": 0.9, "decision": "remove"}).json
    assert set(answer["rows"]) == {image["row"] for image in images.values()}
    assert (answer["decided_groups"], answer["groups"], answer["to_remove"]) == (1, 2, 4)
    assert answer["freed"].endswith("B")
    assert asker.post("undo", {}).json["to_remove"] == 0


def test_marks_look_at_photos_that_belong_together_as_the_plan_does(tmp_path):
    """A photo whose raw file stays does not go, and that may be the copy of another one."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, name in enumerate(("a", "b")):
        photo = camera_photo(number, taken=f"2016:07:14 12:3{number}:00", fraction=None)
        (photos / f"{name}.jpg").write_bytes(photo)
        (photos / f"copy of {name}.jpg").write_bytes(photo)
    (photos / "copy of a.xmp").write_text("edits")
    (photos / "copy of a.heic").write_bytes((photos / "b.jpg").read_bytes())
    work = tmp_path / "out"
    assert fastdup.run(str(photos), str(work), threshold=0.75) == 0
    with Explorer(str(work)) as explorer:
        asker = Asker(explorer.url)
        for also in ([], ["all"]):
            asker.post("rule", {"threshold": 0.9, "also": also})
            before = marked(asker)
            asker.post("plan", {})
            assert before == removed(work)


def names_shown(asker: Asker) -> set[str]:
    """Return the names in all lists of the page."""
    images = [image for group in asker.call("groups")["items"] for image in group["images"]]
    images += [one for pair in asker.call("pairs", n=200)["items"] for one in pair["images"]]
    images += [one for pair in asker.call("outliers")["items"] for one in pair["images"]]
    images += asker.call("quality", metric="width", n=200)["items"]
    return {image["name"] for image in images}


def test_what_was_removed_is_in_no_list_and_comes_back_by_undo(fresh, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    with Explorer(str(fresh)) as explorer:
        asker = Asker(explorer.url)
        assert asker.call("summary")["cleaned"] is False
        before = names_shown(asker)
        asker.post("plan", {"threshold": 0.9})
        planned = asker.call("planned")
        gone = {
            image["name"]
            for group in planned["items"]
            for image in group["images"]
            if not image["stays"]
        }
        body = {"digest": planned["digest"], "confirmed": True, "threshold": 0.9}
        assert asker.post("apply", body).status == 200
        assert names_shown(asker) == before - gone
        assert marked(asker) == set()
    with Explorer(str(fresh)) as explorer:  # it is known to another one, too
        asker = Asker(explorer.url)
        assert asker.call("summary")["cleaned"] is True
        assert names_shown(asker) == before - gone
        assert f"{len(gone)} files put back" in asker.post("restore", {}).json["lines"]
        assert names_shown(asker) == before
        assert asker.post("restore", {}).json["lines"] == ["nothing to undo"]


def test_nothing_is_put_back_where_nothing_was_cleaned(asker):
    answer = asker.post("restore", {})
    assert answer.status == 400
    assert "nothing was cleaned" in str(answer.json["error"])


def test_all_images_of_a_group_go_only_by_a_plan_of_their_own(asker, fresh, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    images = first_group(asker)
    row = images["00.jpg"]["row"]
    asker.post("decide", {"row": row, "threshold": 0.9, "decision": "remove"})
    plan = asker.post("plan", {}).json
    assert len(set(images) & removed(fresh)) == 3
    assert any(why.startswith("1 that you decided to remove") for why in plan["left_alone"])
    chosen = asker.post("plan", {"what": ["chosen"]}).json
    assert removed(fresh) == set(images)
    assert [words for words, *_ in chosen["classes"]] == ["chosen"]
    body = {"digest": chosen["digest"], "confirmed": True, "what": ["chosen"]}
    assert asker.post("apply", body).status == 200
    assert not set(images) & names_shown(asker)
    asker.post("restore", {})
    assert set(images) <= names_shown(asker)


def test_the_command_line_takes_what_was_chosen_too(fresh):
    photo = fresh.parent / "photos/02.jpg"
    fastdup.decide(fresh, "remove", photo)
    assert all(step.path != str(photo) for step in fastdup.clean(fresh).plan.removals())
    [step] = fastdup.clean(fresh, what="chosen").plan.removals()
    assert (step.path, step.kept) == (str(photo), "")
    fastdup.decide(fresh, "keep", photo)
    assert fastdup.clean(fresh, what="chosen").plan.removals() == []


def test_all_that_is_looked_for_is_decided_at_once(asker):
    found = asker.call("groups", threshold=0.9, find="copies/")
    wanted = {"find": "copies/", "threshold": 0.9, "matching": True}
    answer = asker.post("decide", {**wanted, "decision": "remove"}).json
    assert len(answer["rows"]) == found["images_found"] == answer["to_remove"] == 4
    assert asker.post("undo", {}).json["to_remove"] == 0
    assert asker.post("decide", {"matching": True, "decision": "remove"}).status == 400
    assert asker.post("decide", {**wanted, "since": 7, "decision": "keep"}).status == 400


def test_a_bad_file_is_kept_or_removed_by_a_plan_and_that_is_undone(asker, fresh):
    files = {item["name"]: item for item in asker.call("bad")["items"]}
    text, cut = files["text.jpg"], files["cut-short.jpg"]
    assert (text["decided"], text["size"]) == ("", "13 bytes")
    asker.post("decide_bad", {"number": cut["number"], "decision": "keep"})
    answer = asker.post("decide_bad", {"number": text["number"], "decision": "remove"}).json
    assert (answer["decided_bad"], answer["by_hand"], answer["to_remove"]) == (2, 0, 0)
    answer = asker.call("bad")
    assert {item["name"]: item["decided"] for item in answer["items"]} == {
        "text.jpg": "remove",
        "cut-short.jpg": "keep",
    }
    assert answer["chosen"] == 1
    plan = asker.post("plan", {"what": ["chosen", "broken"]}).json
    assert (plan["removals"], plan["left_alone"]) == (1, ["1 always kept, as you decided"])
    [step] = read_plan(str(fresh / "clean-plan.csv")).removals()
    assert (Path(step.path).name, step.why) == ("text.jpg", "as you decided")
    fastdup.clean(
        fresh, plan=fresh / "clean-plan.csv", action="move", to=fresh.parent / "away", apply=True
    )
    assert not Path(step.path).exists()
    undo(fresh)
    assert Path(step.path).exists()
    for _ in range(2):
        asker.post("undo", {})
    assert {item["decided"] for item in asker.call("bad")["items"]} == {""}
    for body in ({"number": 99, "decision": "keep"}, {"number": 0, "decision": "x"}):
        assert asker.post("decide_bad", body).status == 400


def test_all_that_is_decided_is_counted(asker):
    images = first_group(asker)
    rows = [images[name]["row"] for name in ("00.jpg", "00-mirrored.jpg")]
    asker.post("remember", {"rows": rows, "decision": "not-copies"})
    [noise] = [i for i in asker.call("images", find="noise")["items"] if i["name"] == "noise.png"]
    answer = asker.post("decide", {"rows": [noise["row"]], "decision": "keep"}).json
    counted = [answer[name] for name in ("decided_groups", "decided_others", "not_copies")]
    assert counted == [0, 1, 1]


def test_the_folders_of_the_images_are_offered(asker, fresh):
    photos = fresh.parent / "photos"
    assert asker.call("summary")["folders"] == [[str(photos), 13], [str(photos / "copies"), 4]]


def test_a_clean_up_that_breaks_off_leaves_nothing_in_the_views_that_is_gone(
    asker, fresh, tmp_path, monkeypatch
):
    resource = pytest.importorskip("resource")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    total = asker.call("groups", threshold=0.9)["total"]
    body = {"digest": asker.post("plan", {}).json["digest"], "confirmed": True}
    assert asker.post("apply", body).status == 200
    asker.post("restore", {})
    journal = (fresh / "clean.journal").read_bytes()
    body = {"digest": asker.post("plan", {}).json["digest"], "confirmed": True}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Room for what is about to be done, not for the line that it was done.
    room = len(journal) + journal.index(b'{"done"') + 20
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        answer = asker.post("apply", body)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert answer.status == 400
    assert "cannot write" in answer.json["error"]
    assert not (fresh.parent / "photos" / "copies" / "01-same.jpg").exists()
    assert asker.call("groups", threshold=0.9)["total"] == total - 1
    asker.post("restore", {})
    assert asker.call("groups", threshold=0.9)["total"] == total
