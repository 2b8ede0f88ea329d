"""What is decided for good on the page: remembered, obeyed, and taken back there."""

import csv
import json
import random

import pytest

import fastdup
from explored import Asker
from fastdup.analysis.components import distinct_pairs
from fastdup.explorer import Explorer
from fastdup.explorer.handlers import Handlers
from fastdup.explorer.params import Params
from fastdup.runs import FinishedRun

NOT_COPIES, KEEP = "not-copies", "keep"


@pytest.fixture
def asker(fresh):
    with Explorer(str(fresh)) as explorer:
        yield Asker(explorer.url)


def row_of(asker, name):
    [item] = asker.call("quality", metric="width", find=name)["items"]
    return item["row"]


def pairs(asker):
    items = asker.call("pairs", n=200)["items"]
    return {frozenset(image["name"] for image in item["images"]) for item in items}


def decided(work):
    if not (work / "decisions.csv").exists():
        return []
    with open(work / "decisions.csv", newline="") as file:
        return list(csv.DictReader(file))


def post(asker, name, **value):
    answer = asker.post(name, value)
    assert answer.status == 200, answer.body
    return answer.json


def test_a_pair_of_no_copies_is_gone_at_once_and_comes_back(asker, fresh):
    pair = frozenset({"00.jpg", "00-small.jpg"})
    before, rows = pairs(asker), [row_of(asker, name) for name in sorted(pair)]
    assert post(asker, "remember", rows=rows, decision=NOT_COPIES) == {"rows": rows, "star": False}
    assert pairs(asker) == before - {pair}
    assert {row["decision"] for row in decided(fresh)} == {NOT_COPIES}
    assert post(asker, "forget", rows=rows, decision=NOT_COPIES) == {"forgotten": True}
    assert pairs(asker) == before
    assert decided(fresh) == []


def test_a_page_that_is_opened_shows_what_other_programs_decided_and_cleaned(
    asker, fresh, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    photos = fresh.parent / "photos"
    total = asker.call("groups", threshold=0.9)["total"]
    fastdup.decide(fresh, "remove", photos / "02.jpg")
    asker.call("summary")
    assert asker.call("progress")["to_remove"] == 1
    fastdup.clean(fresh, apply=True)
    asker.call("summary")
    assert asker.call("groups", threshold=0.9)["total"] < total
    fastdup.undo(fresh)
    asker.call("summary")
    assert asker.call("groups", threshold=0.9)["total"] == total


def test_a_group_of_no_copies_is_no_group_any_more_at_any_threshold(asker):
    [group] = asker.call("groups", threshold=0.9, find="00-small")["items"]
    done = post(asker, "remember", row=group["row"], threshold=0.9, decision=NOT_COPIES)
    assert len(done["rows"]) == group["n"]
    for threshold in (0.75, 0.9):
        assert asker.call("groups", threshold=threshold, find="00-small")["total"] == 0
    assert asker.call("groups")["total"] == 1  # the files of the same bytes
    post(asker, "forget", rows=done["rows"], decision=NOT_COPIES)
    assert asker.call("groups", threshold=0.9, find="00-small")["items"] == [group]


def test_one_image_is_no_copy_of_the_others_which_stay_a_group(asker, fresh):
    photos = fresh.parent / "photos"
    [group] = asker.call("groups", threshold=0.9, find="00-small")["items"]
    fastdup.decide(fresh, NOT_COPIES, [photos / "00.jpg", photos / "02.jpg"])
    row = row_of(asker, "00-mirrored")
    done = post(asker, "remember", row=row, star=True, threshold=0.9, decision=NOT_COPIES)
    assert done["rows"][0] == row
    [left] = asker.call("groups", threshold=0.9, find="00-small")["items"]
    assert {image["row"] for image in left["images"]} == set(done["rows"][1:])
    assert asker.call("summary")["pairs"] == 7 - 3
    post(asker, "forget", rows=done["rows"], star=True, decision=NOT_COPIES)
    assert asker.call("groups", threshold=0.9, find="00-small")["items"] == [group]
    assert len(decided(fresh)) == 2


def test_what_is_kept_stays_and_was_decided_last(asker, fresh):
    row = row_of(asker, "00-mirrored")
    post(asker, "decide", rows=[row], decision="remove")
    post(asker, "decide", rows=[row], decision=KEEP)
    [group] = asker.call("groups", threshold=0.9, find="00-small")["items"]
    assert (group["images"][0]["row"], group["images"][0]["decided"]) == (row, KEEP)
    assert group["images"][0]["stays"]
    post(asker, "plan", threshold=0.75, also=["mirrored"])
    assert "00-mirrored" not in str([one for one in planned(asker) if not one["stays"]])
    post(asker, "forget", rows=[row], decision=KEEP)
    assert "decided" not in asker.call("image", row=row)


def planned(asker):
    return [image for item in asker.call("planned")["items"] for image in item["images"]]


def test_a_plan_that_was_shown_is_not_carried_out_after_another_decision(asker):
    plan = post(asker, "plan", threshold=0.98, also=[])
    post(asker, "remember", rows=[row_of(asker, "01-same")], decision=KEEP)
    answer = asker.post(
        "apply", {"confirmed": True, "digest": plan["digest"], "threshold": 0.98, "also": []}
    )
    assert answer.status == 400
    assert b"earlier results or decisions" in answer.body


def test_all_that_is_decided_is_listed_and_can_be_forgotten_there(asker, fresh):
    photos = fresh.parent / "photos"
    # Meanwhile, on the command line.
    fastdup.decide(fresh, NOT_COPIES, [photos / "02.jpg", photos / "03.jpg"])
    post(asker, "remember", rows=[row_of(asker, "04.jpg")], decision=KEEP)
    answer = asker.call("decided")
    assert answer["total"] == 2
    assert [item["decision"] for item in answer["items"]] == [KEEP, NOT_COPIES]
    assert [image["name"] for image in answer["items"][1]["images"]] == ["02.jpg", "03.jpg"]
    chosen = {name: answer["items"][1][name] for name in ("number", "digest", "decision")}
    assert post(asker, "forget", **{**chosen, "number": 7}) == {"forgotten": False}
    assert post(asker, "forget", **chosen) == {"forgotten": True}
    assert [item["decision"] for item in asker.call("decided")["items"]] == [KEEP]
    (fresh / "decisions.csv").unlink()
    assert asker.call("decided")["total"] == 0


def test_files_of_other_runs_are_listed_by_their_names(asker, fresh, tmp_path):
    photos = fresh.parent / "photos"
    (tmp_path / "else").mkdir()
    elsewhere = (tmp_path / "else" / "other.jpg", tmp_path / "else" / "other2.jpg")
    for number, path in enumerate(elsewhere):
        path.write_bytes((photos / "02.jpg").read_bytes() + bytes([number]))
    fastdup.decide(fresh, NOT_COPIES, elsewhere)
    [item] = asker.call("decided")["items"]
    assert item["images"] == [{"name": path.name, "dir": f"{path.parent}/"} for path in elsewhere]


def test_after_any_change_all_is_decided_as_if_it_were_read_anew(fresh):
    photos = fresh.parent / "photos"
    chance = random.Random(3)
    handlers = Handlers(str(fresh))
    all_pairs = distinct_pairs(FinishedRun(str(fresh)).found_pairs())
    n = handlers.n_images

    def change(**value):
        return Params.of_body(json.dumps(value).encode(), n)

    def pick(k):
        return chance.sample(range(n), k)

    changes = (
        lambda: handlers.decide(change(rows=pick(2), decision=chance.choice([KEEP, "remove", ""]))),
        lambda: handlers.remember(change(rows=[4, 5, *pick(2)], decision=NOT_COPIES)),
        lambda: handlers.forget(change(rows=pick(1))),
        lambda: handlers.undo(change()),
        lambda: fastdup.decide(fresh, chance.choice([KEEP, "remove"]), photos / "02.jpg"),
    )
    try:
        for step in range(60):
            chance.choice(changes)()
            handlers.decide(change(rows=pick(1), decision=KEEP))
            rows = [handlers.image(change(row=row)).get("decided", "") for row in range(n)]
            anew = FinishedRun(str(fresh)).decided
            assert rows == [anew.of_one(row) for row in range(n)], step
            left = handlers.summary(change())["pairs"]
            assert left == len(anew.pruned(all_pairs).sources), step
    finally:
        handlers.close()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"rows": [0], "decision": NOT_COPIES}, "have the same bytes"),
        ({"rows": [], "decision": NOT_COPIES}, "have the same bytes"),
        ({"rows": [99], "decision": KEEP}, "there is no image 99"),
        ({"rows": [0], "decision": "burn"}, "is not known"),
        ({"rows": "all", "decision": KEEP}, "is not a list of images"),
        ({"decision": KEEP}, "is not a list of images"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(asker, fresh, value, why):
    answer = asker.post("remember", value)
    assert answer.status == 400
    assert why in str(answer.json["error"])
    assert decided(fresh) == []


def test_no_page_of_another_origin_decides_anything(asker, fresh):
    body = b'{"rows": [0], "decision": "keep"}'
    for headers in (
        {"origin": "http://evil.example", "cookie": asker.cookie},
        {"cookie": asker.cookie},
        {"origin": f"http://{asker.host}"},
    ):
        assert asker.ask("POST", "/api/remember", body, **headers).status == 403
    assert asker.ask("GET", "/api/remember?rows=0", cookie=asker.cookie).status == 405
    assert decided(fresh) == []


def test_a_damaged_file_is_named_in_one_line(asker, fresh):
    (fresh / "decisions.csv").write_text("nonsense")
    for answer in (
        asker.post("remember", {"rows": [0], "decision": KEEP}),
        asker.get("/api/decided"),
    ):
        assert answer.status == 400
        assert "decisions.csv is damaged: line 1" in str(answer.json["error"])
