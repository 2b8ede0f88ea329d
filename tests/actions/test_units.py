"""A photo and the files that belong to it go together or stay together, on real files."""

import csv
import os
import shutil

import pytest

import fastdup
from command import fastdup_command
from fastdup.actions.state import LeftAlone
from trees import tree

SIDECAR = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"


def names(folder):
    """Return the files below a folder, by their paths in it."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def put(folder, name, content=SIDECAR):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, ns=(10**18 + 1, 10**18 + 123_456_789))
    return path


@pytest.fixture
def pair(album):
    """A photo and a later copy of the same bytes, each with the same sidecar and raw file."""
    for folder in ("kept", "copy"):
        album.add(f"{folder}/IMG_1.JPG", 0, b"same")
        put(album.folder, f"{folder}/IMG_1.xmp")
        put(album.folder, f"{folder}/img_1.CR2", b"raw" * 1000)
    album.add("alone.jpg", 60)
    return album.run()


@pytest.fixture
def options(way, tmp_path, request):
    """The options of one way to clean."""
    match way:
        case "move":
            return {"action": "move", "to": tmp_path / "away"}
        case "move to another device":
            return {"action": "move", "to": request.getfixturevalue("other_device")}
        case "delete":
            return {"action": "delete", "yes_delete_forever": True}
    return {"action": way}


KEPT = ["alone.jpg", "kept/IMG_1.JPG", "kept/IMG_1.xmp", "kept/img_1.CR2"]
COPY = ["copy/IMG_1.JPG", "copy/IMG_1.xmp", "copy/img_1.CR2"]


@pytest.mark.parametrize("way", ["trash", "move", "move to another device"])
def test_companions_go_with_their_photo_and_come_back_with_it(pair, way, options):
    before = tree(pair.folder)
    report = fastdup.clean(pair.work, apply=True, **options)
    assert names(pair.folder) == KEPT
    assert (report.applied.n_done, report.applied.n_companions) == (1, 2)
    assert "1 file and 2 companions" in "\n".join(report.lines())
    assert fastdup.undo(pair.work).n_restored == 3
    assert tree(pair.folder) == before


@pytest.mark.parametrize("way", ["delete"])
def test_what_is_deleted_is_deleted_whole(pair, way, options):
    fastdup.clean(pair.work, apply=True, **options)
    assert names(pair.folder) == KEPT


@pytest.mark.parametrize("way", ["hardlink", "symlink"])
def test_companions_stay_beside_a_link(pair, way, options):
    (pair.folder / "kept/IMG_1.xmp").unlink()
    report = fastdup.clean(pair.work, apply=True, **options)
    assert report.applied.n_done == 1
    assert set(names(pair.folder)) >= set(COPY)


def test_the_plan_lists_companions_and_the_summary_counts_them(pair):
    report = fastdup.clean(pair.work)
    with open(report.plan_file, newline="") as file:
        stays, goes = csv.DictReader(file)
    assert [part.split()[0::3] for part in goes["companions"].split("/")] == [
        ["goes", "IMG_1.xmp"], ["goes", "img_1.CR2"],
    ]  # fmt: skip
    assert stays["companions"].count("stays") == 2
    assert any("2 companions would go too" in line for line in report.lines())
    listed = fastdup_command("clean", pair.work, "--action", "list").stdout.split()
    assert listed == [str(pair.folder / name) for name in ("copy/IMG_1.JPG", *COPY[1:])]


@pytest.mark.parametrize(
    ("companion", "reason"),
    [
        ("copy/IMG_1.MOV", LeftAlone.KEPT_LACKS),
        ("copy/IMG_1.WAV", LeftAlone.KEPT_LACKS),
        ("copy/IMG_1.JPG.supplemental-metadata.json", LeftAlone.KEPT_LACKS),
        ("copy/IMG_1.xmp", LeftAlone.KEPT_DIFFERS),
        ("copy/img_1.CR2", LeftAlone.KEPT_DIFFERS),
    ],
)
def test_a_photo_stays_whose_companion_the_kept_file_lacks(pair, companion, reason):
    put(pair.folder, companion, b"only here")
    before = tree(pair.folder)
    report = fastdup.clean(pair.work, apply=True, keep="oldest")
    assert report.plan.left_alone == {reason: 1}
    assert str(reason) in "\n".join(report.lines())
    assert report.plan.steps == ()
    assert tree(pair.folder) == before


def test_what_the_kept_file_lacks_is_carried_to_its_name_and_undone_exactly(album):
    album.add("kept/best.png", 0, b"same")
    album.add("copy/IMG_1.JPG", 0, b"same")
    put(album.folder, "copy/IMG_1.xmp", b"rated")
    put(album.folder, "copy/IMG_1.JPG.pp3", b"edits")
    before = tree(album.run().folder)
    options = {"keep": "oldest", "carry_companions": True}
    report = fastdup.clean(album.work, apply=True, **options)
    assert names(album.folder) == ["kept/best.png", "kept/best.png.pp3", "kept/best.xmp"]
    assert (album.folder / "kept/best.xmp").read_bytes() == b"rated"
    assert report.applied.n_carried == 2
    fastdup.undo(album.work)
    assert tree(album.folder) == before


def test_nothing_is_carried_over_a_file_that_is_there(album):
    album.add("kept/best.png", 0, b"same")
    album.add("copy/IMG_1.JPG", 0, b"same")
    put(album.folder, "copy/IMG_1.JPG.xmp", b"rated")
    plan = fastdup.clean(album.run().work, keep="oldest", carry_companions=True).plan_file
    put(album.folder, "kept/best.png.xmp", b"mine")
    before = tree(album.folder)
    report = fastdup.clean(album.work, plan=plan, apply=True)
    assert report.applied.n_done == 0
    assert tree(album.folder) == before


def test_two_copies_do_not_carry_to_the_same_name(album):
    album.add("kept.jpg", 0, b"same")
    for folder in "ab":
        album.add(f"{folder}/IMG_1.JPG", 0, b"same")
        put(album.folder, f"{folder}/IMG_1.xmp", folder.encode())
    report = fastdup.clean(album.run().work, apply=True, keep="oldest", carry_companions=True)
    assert report.applied.n_done == 1
    assert len([name for name in names(album.folder) if name.endswith(".xmp")]) == 2


def test_a_companion_of_two_photos_goes_when_both_go(album):
    for folder in ("kept", "copy"):
        album.add(f"{folder}/IMG_1.JPG", 0, b"one")
        album.add(f"{folder}/IMG_1.PNG", 60, b"other")
        put(album.folder, f"{folder}/IMG_1.xmp")
    before = tree(album.run().folder)
    report = fastdup.clean(album.work, apply=True, keep="oldest")
    assert names(album.folder) == ["kept/IMG_1.JPG", "kept/IMG_1.PNG", "kept/IMG_1.xmp"]
    assert (report.applied.n_done, report.applied.n_companions) == (2, 1)
    fastdup.undo(album.work)
    assert tree(album.folder) == before


def test_a_companion_stays_with_the_photo_of_its_name_that_stays(album):
    for folder in ("kept", "copy"):
        album.add(f"{folder}/IMG_1.JPG", 0, b"one")
    album.add("copy/IMG_1.PNG", 60, b"other")
    put(album.folder, "copy/IMG_1.xmp")
    fastdup.clean(album.run().work, apply=True, keep="oldest")
    assert names(album.folder) == ["copy/IMG_1.PNG", "copy/IMG_1.xmp", "kept/IMG_1.JPG"]


def test_a_photo_does_not_go_without_its_raw_file(album):
    for folder in ("kept", "copy"):
        album.add(f"{folder}/IMG_1.JPG", 0, b"one")
        put(album.folder, f"{folder}/IMG_1.NEF", b"raw")
    album.add("copy/IMG_1.PNG", 60, b"other")
    report = fastdup.clean(album.run().work, keep="oldest")
    assert report.plan.left_alone == {LeftAlone.COMPANION: 1}


def test_raw_files_that_are_pictures_go_only_when_their_photos_go(album):
    for folder in ("kept", "copy"):
        album.add(f"{folder}/IMG_1.JPG", 0, b"one")
        album.add(f"{folder}/IMG_1.DNG", 60, b"raw")
    work = album.run().work
    assert len(fastdup.clean(work, keep="oldest").plan.removals()) == 2
    report = fastdup.clean(work, keep="oldest", by_hand={f"{album.folder}/copy/IMG_1.JPG": "keep"})
    assert report.plan.removals() == []
    assert report.plan.left_alone[LeftAlone.COMPANION] == 2


def test_the_photo_with_a_raw_file_beside_it_stays_whatever_its_size(album):
    album.add("a.jpg", 0, b"same")
    path = album.add("b.jpg", 0, b"same")
    put(album.folder, "b.ORF", b"raw")
    (step,) = fastdup.clean(album.run().work).plan.removals()
    assert (step.kept, step.why) == (path, "it has a raw file or a film beside it")


@pytest.mark.parametrize("change", ["changed", "gone", "new", "a link"])
def test_what_is_not_as_planned_stays_whole(pair, change):
    plan = fastdup.clean(pair.work).plan_file
    sidecar = pair.folder / "copy/IMG_1.xmp"
    match change:
        case "changed":
            os.utime(sidecar)
        case "gone":
            sidecar.unlink()
        case "new":
            put(pair.folder, "copy/IMG_1.JPG.xmp")
        case "a link":
            sidecar.unlink()
            sidecar.symlink_to(pair.folder / "kept/IMG_1.xmp")
    before = tree(pair.folder)
    report = fastdup.clean(pair.work, plan=plan, apply=True)
    assert report.applied.left_alone == {LeftAlone.COMPANION: 1}
    assert tree(pair.folder) == before


def test_what_was_put_away_is_put_back_when_the_next_file_refuses(pair, other_device):
    resource = pytest.importorskip("resource")
    for folder in ("kept", "copy"):
        put(pair.folder, f"{folder}/img_1.CR2", bytes(2**20))
    before = tree(pair.folder)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**19, limits[1]))  # no room for the raw file
    try:
        report = fastdup.clean(pair.work, apply=True, action="move", to=other_device)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert report.applied.left_alone == {LeftAlone.REFUSED: 1}
    assert {path: state[0] for path, state in tree(pair.folder).items()} == {
        path: state[0] for path, state in before.items()
    }
    assert fastdup.undo(pair.work).n_restored == 0


def test_swapped_by_hand_the_other_photo_goes_with_its_companions(pair):
    report = fastdup.clean(pair.work)
    text = (pair.work / "clean-plan.csv").read_text()
    swapped = text.replace("0,keep,", "0,x,").replace("0,remove,", "0,keep,")
    (pair.work / "clean-plan.csv").write_text(swapped.replace("0,x,", "0,remove,"))
    report = fastdup.clean(pair.work, plan=report.plan_file, apply=True)
    assert any("2 companions would go too" in line for line in report.plan.lines())
    assert names(pair.folder) == ["alone.jpg", *COPY]


def test_a_row_without_its_companions_keeps_the_photo(pair):
    fastdup.clean(pair.work)
    plan = pair.work / "clean-plan.csv"
    rows = list(csv.reader(plan.read_text().splitlines()))
    plan.write_text(
        "".join(",".join([*row[:-1], "companions" * (not n)]) + "\n" for n, row in enumerate(rows))
    )
    report = fastdup.clean(pair.work, plan=plan, apply=True)
    assert report.applied.left_alone == {LeftAlone.COMPANION: 1}


@pytest.mark.parametrize("text", ["goes", "goes x y z", "flies 1 @2 a.xmp", "goes 1 @2 .."])
def test_a_companion_that_makes_no_sense_is_refused(pair, text):
    fastdup.clean(pair.work)
    plan = pair.work / "clean-plan.csv"
    lines = plan.read_text().splitlines()
    plan.write_text("\n".join([lines[0], lines[1], lines[2].rpartition(",")[0] + "," + text]))
    with pytest.raises(fastdup.ActionError, match=r"line 3: the companion .* plan again"):
        fastdup.clean(pair.work, plan=plan, apply=True)


def test_after_a_kill_the_times_of_a_folder_that_got_a_companion_come_back(pair):
    put(pair.folder, "copy/IMG_1.MOV", b"to be carried")
    before = tree(pair.folder)
    fastdup.clean(pair.work, apply=True, keep="oldest", carry_companions=True)
    journal = pair.work / "clean.journal"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    fastdup.clean(pair.work, apply=True)
    assert fastdup.undo(pair.work).n_restored == 4
    assert tree(pair.folder) == before


def killed_after_the_photo(pair, copy):
    """Leave all as if a deletion for ever had been killed right after the photo."""
    delete = {"action": "delete", "yes_delete_forever": True}
    companions = {path: path.read_bytes() for path in copy.iterdir() if path.suffix != ".JPG"}
    fastdup.clean(pair.work, apply=True, carry_companions=True, keep="oldest", **delete)
    journal = pair.work / "clean.journal"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    for path, content in companions.items():
        put(pair.folder, path.relative_to(pair.folder), content)


def test_what_a_killed_deletion_left_of_a_photo_goes_with_the_next_cleaning(pair):
    put(pair.folder, "copy/IMG_1.MOV", b"to be carried")
    killed_after_the_photo(pair, pair.folder / "copy")
    (pair.folder / "kept/IMG_1.MOV").unlink()
    assert len(names(pair.folder)) == len(KEPT) + 3
    fastdup.clean(pair.work, apply=True)
    assert names(pair.folder) == sorted([*KEPT, "kept/IMG_1.MOV"])
    assert (pair.folder / "kept/IMG_1.MOV").read_bytes() == b"to be carried"


@pytest.mark.parametrize("what", ["changed", "of another photo", "undone"])
def test_what_a_killed_deletion_left_stays_if_it_is_wanted(pair, what):
    killed_after_the_photo(pair, pair.folder / "copy")
    if what == "changed":
        put(pair.folder, "copy/IMG_1.xmp", b"changed")
        put(pair.folder, "copy/img_1.CR2", b"changed")
    elif what == "of another photo":
        put(pair.folder, "copy/IMG_1.heic", b"another")
    else:
        fastdup.undo(pair.work)
    fastdup.clean(pair.work, apply=True)
    assert set(names(pair.folder)) >= {"copy/IMG_1.xmp", "copy/img_1.CR2"}


def test_an_unfinished_photo_is_put_back_before_the_next_cleaning(pair, trash):
    before = tree(pair.folder)
    fastdup.clean(pair.work, apply=True)
    journal = pair.work / "clean.journal"
    lines = journal.read_bytes().splitlines(keepends=True)
    assert lines[-1].startswith(b'{"done"')
    journal.write_bytes(b"".join(lines[:-1]))
    shutil.move(trash / "files/IMG_1.JPG", pair.folder / "copy/IMG_1.JPG")  # killed before the last
    assert names(pair.folder) == [*sorted([*KEPT, "copy/IMG_1.JPG"])]
    plan = fastdup.clean(pair.work, keep="newest").plan_file
    fastdup.clean(pair.work, plan=plan, apply=True, keep="newest")
    assert set(names(pair.folder)) >= set(COPY)
    fastdup.undo(pair.work)
    assert {path: state for path, state in tree(pair.folder).items() if state[0]} == {
        path: state for path, state in before.items() if state[0]
    }
