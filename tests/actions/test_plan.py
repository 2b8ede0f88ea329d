import os
import random

import pytest

import fastdup
from fastdup.actions.keep import CopyChoice, folder_names
from fastdup.actions.plan_file import PLAN_HEADER, read_plan, write_plan
from fastdup.actions.planning import make_plan
from fastdup.actions.state import LeftAlone
from fastdup.errors import ActionError, ConfigError, WorkDirError
from packed import files_of, zip_of
from pictures import jpeg, scene, textured_scene


def planned(work, *, by_hand=None, only_files=True, never=(), prefer=(), **choice):
    choice = CopyChoice(never=folder_names(never), prefer=folder_names(prefer), **choice)
    return make_plan(work, choice, by_hand=by_hand, only_files=only_files)


def going(plan):
    return {os.path.basename(step.path): os.path.basename(step.kept) for step in plan.removals()}


def test_the_rule_decides_what_stays(twins):
    assert going(planned(twins.work)) == {
        "small.jpg": "large.jpg",
        "same.jpg": "same.jpg",
        "same again.jpg": "same.jpg",
    }
    assert going(planned(twins.work, keep="newest"))["large.jpg"] == "small.jpg"
    prefer = planned(twins.work, prefer=twins.folder / "two")
    assert going(prefer) == {"large.jpg": "small.jpg", "same.jpg": "same again.jpg"}
    assert len(prefer.removals()) == 3


def test_groups_of_the_same_bytes_come_first_and_are_marked(twins):
    plan = planned(twins.work)
    assert [step.same_bytes for step in plan.steps] == [None, True, True, None, False]
    assert [step.group for step in plan.steps] == [0, 0, 0, 1, 1]
    assert plan.steps[4].similarity == pytest.approx(0.999848, abs=1e-6)


def test_groups_without_the_same_bytes_come_most_similar_first(album):
    for group, (start, apart) in enumerate([(0, 3), (40, 1), (80, 2)]):
        for copy in range(2):
            name = f"{group}-{copy}.jpg"
            album.add(name, start + copy * apart, name.encode() * (2 - copy))
    plan = planned(album.run().work)
    assert [os.path.basename(step.path)[0] for step in plan.steps] == list("112200")
    similarities = [step.similarity for step in plan.removals()]
    assert similarities == sorted(similarities, reverse=True)


def test_what_an_earlier_plan_found_out_is_not_found_out_again(twins):
    known = {}
    first = make_plan(twins.work, CopyChoice(), known=known)
    for name in ("same.jpg", "one/large.jpg"):  # a change that only reading shows
        path = twins.folder / name
        state = path.stat()
        path.write_bytes(bytes(state.st_size))
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert make_plan(twins.work, CopyChoice(), known=known) == first
    assert first.removals()
    assert going(planned(twins.work)) != going(first)


def test_exact_takes_only_the_same_bytes(twins):
    plan = planned(twins.work, exact=True)
    assert len(plan.removals()) == 2
    assert all(step.same_bytes for step in plan.removals())


def test_a_file_goes_only_if_itself_similar_to_what_stays(album):
    # A chain: each is 0.9848 like the next, but only 0.9397 like the one after it.
    for position in range(7):
        album.add(f"{position}.jpg", 10 * position, bytes(100 - position))
    plan = planned(album.run().work)
    assert going(plan) == {"1.jpg": "0.jpg", "3.jpg": "2.jpg", "5.jpg": "4.jpg"}


def test_a_star_reaches_copies_that_the_run_found_only_through_others(album):
    # Each image keeps two neighbours, so most copies of the largest are found through others.
    for position in range(12):
        album.add(f"{position:02}.jpg", position / 10, bytes(100 - position))
    plan = planned(album.run(k=2).work)
    assert set(going(plan).values()) == {"00.jpg"}
    assert len(plan.removals()) == 11


def test_what_goes_is_never_what_stays_whatever_the_pairs(album):
    rng = random.Random(5)
    for position in range(60):
        album.add(f"{position:03}.jpg", rng.random() * 90, bytes(rng.randrange(1, 50)))
    album.run(k=4)
    for keep in ("largest", "oldest", "shortest-path"):
        plan = planned(album.work, keep=keep, threshold=0.97)
        kept, gone = plan.kept(), {step.path for step in plan.removals()}
        assert gone
        assert not gone & kept.keys()
        assert all(step.kept in kept and step.similarity >= 0.97 for step in plan.removals())
        assert plan == planned(album.work, keep=keep, threshold=0.97)


def test_nothing_in_a_folder_never_to_be_touched_goes(twins, tmp_path):
    plan = planned(twins.work, never=[twins.folder / "two"])
    assert going(plan) == {"same.jpg": "same.jpg"}
    assert plan.left_alone == {LeftAlone.NEVER: 2}
    (tmp_path / "link").symlink_to(twins.folder / "two")
    assert planned(twins.work, never=tmp_path / "link").removals() == plan.removals()


def test_a_rule_that_removes_what_looks_like_the_original_is_warned_of(album):
    album.add("IMG_1.jpg", 0, b"x" * 500)
    copy = album.add("Copy of IMG_1.jpg", 0, b"x" * 100)
    album.add("2/b.jpg", 60, b"y" * 100)
    album.add("b.jpg", 60, b"y" * 500)
    plan = planned(album.run().work, keep="newest")
    warnings = {os.path.basename(step.path): step.warning for step in plan.removals()}
    words = "looks like the original: its name is not that of a copy"
    assert warnings == {"IMG_1.jpg": words, "b.jpg": ""}
    (line,) = (line for line in plan.lines() if "warning" in line)
    assert line.startswith("  warning: 1 of them looks") and "--keep original" in line
    assert read_plan(write_plan(plan, str(album.work / "plan.csv"))).warning_line() in line
    assert planned(album.work).warning_line() == ""
    assert planned(album.work, prefer=copy).warning_line().endswith("says which and why")
    assert planned(album.work, by_hand={copy: "keep"}).warning_line() == ""


def test_an_enlarged_copy_that_stays_is_warned_of(tmp_path):
    picture = textured_scene(3)
    (tmp_path / "in").mkdir()
    picture.save(tmp_path / "in/a.jpg", quality=92)
    picture.resize((800, 600)).save(tmp_path / "in/b.jpg", quality=92)
    assert fastdup.run(tmp_path / "in", tmp_path / "out") == 0
    (gone,) = planned(tmp_path / "out", keep="largest").removals()
    assert os.path.basename(gone.path) == "a.jpg"
    assert "was not enlarged" in gone.warning


def test_a_person_decides_over_the_rule(twins):
    large, small = str(twins.folder / "one/large.jpg"), str(twins.folder / "two/small.jpg")
    assert going(planned(twins.work, by_hand={small: "keep"}))["large.jpg"] == "small.jpg"
    assert going(planned(twins.work, by_hand={large: "remove"}))["large.jpg"] == "small.jpg"
    both_stay = planned(twins.work, by_hand={small: "keep", large: "keep"})
    assert "small.jpg" not in going(both_stay)
    both_go = planned(twins.work, by_hand={small: "remove", large: "remove"})
    assert going(both_go)["small.jpg"] == "large.jpg"  # one of them stays all the same
    with pytest.raises(ConfigError, match="'keep' or 'remove'"):
        planned(twins.work, by_hand={small: "delete"})


def test_by_hand_a_file_goes_that_is_only_chained_to_what_stays(album):
    paths = [album.add(f"{n}.jpg", 10 * n, bytes(100 - n)) for n in range(3)]
    plan = planned(album.run().work, by_hand={paths[2]: "remove"})
    assert going(plan) == {"1.jpg": "0.jpg", "2.jpg": "0.jpg"}
    assert plan.removals()[1].similarity == pytest.approx(0.939693, abs=1e-6)


def test_what_is_no_plain_unchanged_file_is_left_alone_and_counted(album):
    names = ("kept.jpg", "changed.jpg", "gone.jpg", "link.jpg", "hard.jpg", "copy.jpg")
    kept, changed, gone, link, hard, copy = (album.add(n, 0, b"same") for n in names)
    os.unlink(link)
    os.symlink(kept, link)
    os.unlink(hard)
    os.link(kept, hard)
    album.run(k=6)
    with open(changed, "ab") as file:
        file.write(b"!")
    os.unlink(gone)
    plan = planned(album.work, keep="oldest")
    assert [step.path for step in plan.removals()] == [copy]
    reasons = {LeftAlone.CHANGED, LeftAlone.MISSING, LeftAlone.LINK, LeftAlone.SAME_FILE}
    assert plan.left_alone == dict.fromkeys(reasons, 1)
    assert "  left alone: 1 changed since the run" in plan.lines()


def test_images_in_archives_are_left_alone_but_exported(photos, tmp_path):
    zip_of(tmp_path / "photos.zip", files_of(photos).items())
    inputs = [photos, tmp_path / "photos.zip"]
    assert fastdup.run(inputs, tmp_path / "out", nearest_neighbors_k=5) == 0
    plan = planned(tmp_path / "out")
    assert plan.left_alone[LeftAlone.ELSEWHERE] == len(os.listdir(photos))
    assert all(step.path.startswith(str(photos)) for step in plan.steps)
    everything = planned(tmp_path / "out", only_files=False)
    assert any("photos.zip" in step.path for step in everything.steps)


def test_a_file_changed_since_a_real_run_is_left_alone(photos, tmp_path):
    assert fastdup.run(photos, tmp_path / "out") == 0
    before = planned(tmp_path / "out", threshold=0.9).removals()
    assert {os.path.basename(step.path): (step.width, step.height) for step in before} == {
        "copy-of-00.jpg": (200, 150),
        "copy-of-01.jpg": (120, 90),
    }
    (photos / "copy-of-00.jpg").write_bytes(jpeg(scene(99)))
    after = planned(tmp_path / "out", threshold=0.9)
    assert [os.path.basename(step.path) for step in after.removals()] == ["copy-of-01.jpg"]
    assert after.left_alone == {LeftAlone.CHANGED: 1}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 98}, "try threshold=0.98"),
        ({"threshold": float("nan")}, "between 0 and 1"),
        ({"threshold": 0.5}, "run again with threshold=0.5"),
        ({"keep": "biggest"}, "choose from original"),
    ],
)
def test_options_out_of_range_are_refused(twins, options, message):
    with pytest.raises(ConfigError, match=message):
        planned(twins.work, **options)


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(WorkDirError, match="no finished run"):
        planned(tmp_path)


# --- the file -------------------------------------------------------------------------------


def test_a_plan_is_read_as_it_was_written_whatever_the_names(album):
    for position, name in enumerate((b"\"\n,'=1.jpg", b"\xff\xfe.jpg", "é ü.jpg".encode(), b" ")):
        album.add(name, position / 10)
    os.utime(album.folder / " ", ns=(0, -(10**18) - 1))
    plan = planned(album.run().work)
    assert len(plan.steps) == 4
    path = write_plan(plan, str(album.work / "plan.csv"))
    assert read_plan(path).steps == plan.steps


@pytest.fixture
def rows(twins):
    """The rows of a plan, and a function that reads them once changed."""
    plan = planned(twins.work)
    path = write_plan(plan, str(twins.work / "plan.csv"))
    with open(path) as file:
        header, *cells = [line.rstrip("\n").split(",") for line in file]
    assert tuple(header) == PLAN_HEADER

    def read():
        with open(path, "w") as file:
            file.writelines(",".join(row) + "\n" for row in [header, *cells])
        return read_plan(path)

    return cells, read


def test_keep_and_remove_may_be_swapped_by_hand(rows):
    cells, read = rows
    cells[3][1], cells[4][1] = "remove", "keep"
    assert going(read())["large.jpg"] == "small.jpg"
    cells[3][1] = " KEEP "
    assert "large.jpg" not in going(read())


def test_a_row_may_be_taken_away(rows):
    cells, read = rows
    del cells[1]
    assert len(read().removals()) == 2


def test_a_group_that_would_lose_its_last_copy_is_refused(rows):
    cells, read = rows
    cells[3][1] = "remove"
    with pytest.raises(ActionError, match=r"line 5: group 1 would lose its last copy"):
        read()
    del cells[3]
    with pytest.raises(ActionError, match="last copy"):
        read()


@pytest.mark.parametrize(
    ("row", "column", "text", "message"),
    [
        (1, "action", "delete", "line 3: the action 'delete' is unknown"),
        (1, "filename", "same.jpg", "not a full path"),
        (1, "group", "one", "group is 'one', not a whole number"),
        (1, "modified", "2024-05-01 12:00", "not as it was written"),
        (1, "similarity", "high", "similarity is 'high', not a number"),
    ],
)
def test_a_row_that_makes_no_sense_is_named(rows, row, column, text, message):
    cells, read = rows
    cells[row][PLAN_HEADER.index(column)] = text
    with pytest.raises(ActionError, match=message):
        read()


def test_a_file_in_two_rows_is_refused(rows):
    cells, read = rows
    cells.append(cells[1])
    with pytest.raises(ActionError, match="twice"):
        read()


def test_some_other_table_is_no_plan(twins):
    with pytest.raises(ActionError, match="the column 'group' is missing"):
        read_plan(str(twins.work / "similarity.csv"))
