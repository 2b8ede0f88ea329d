"""What only a copy says of its picture is written to a sidecar of the file that stays."""

import csv
import json
import os
import shutil

import pytest

import fastdup
from camera_files import camera_photo, photo_exif, saved, xmp
from command import fastdup_command
from fastdup.actions.state import LeftAlone
from fastdup.errors import ActionError, ConfigError
from fastdup.metadata.keywords import read_xmp_keywords
from fastdup.metadata.xmp import read_xmp
from pictures import photo
from restored import Restored
from trees import tree

PLAIN = saved("JPEG", photo(1), quality=97)
NOTHING = {"make": None, "model": None, "taken": None, "lens": None, "rating": None}
NOTHING |= {"fraction": None, "offset": None, "north": None, "east": None}


def with_exif(quality, **changes):
    """Return the picture with the EXIF of a camera's photo, or a part of it."""
    return saved("JPEG", photo(1), quality=quality, exif=photo_exif(**changes))


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, ns=(10**18 + 1, 10**18 + 123_456_789))
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A plain picture that stays as the largest, and two smaller copies that each say something."""
    root = tmp_path_factory.mktemp("carried") / "album"
    put(root / "in/plain.jpg", PLAIN)
    put(root / "in/a/shot.jpg", with_exif(90, rating=None))
    put(root / "in/b/rated.jpg", with_exif(88, **NOTHING | {"rating": 5}))
    return Restored(run(root))


@pytest.fixture
def shots(finished):
    return finished.folder()


def run(root):
    assert fastdup.run(root / "in", root / "out") == 0
    return root


def clean(root, **options):
    return fastdup.clean(root / "out", keep="largest-file", carry_metadata=True, **options)


def names(root):
    return sorted(str(p.relative_to(root / "in")) for p in (root / "in").rglob("*") if p.is_file())


def test_the_kept_file_gets_a_sidecar_with_what_its_copies_said_and_undo_removes_it(shots):
    before = tree(shots / "in")
    report = clean(shots, apply=True)
    assert names(shots) == ["plain.jpg", "plain.jpg.xmp"]
    found = read_xmp((shots / "in/plain.jpg.xmp").read_bytes())
    assert found["taken"] == "2019-07-14T12:33:01.25+02:00"
    assert (found["camera"], found["lens"]) == ("NIKON D90", "AF-S 50mm f/1.8G")
    assert found["rating"] == 5
    assert found["latitude"] == pytest.approx(48 + 8 / 60 + 12.3 / 3600, abs=1e-5)
    assert (shots / "in/plain.jpg").read_bytes() == PLAIN
    planned = "  1 kept file would get a sidecar with what only the copies say"
    assert planned in list(report.plan.lines())
    assert "1 sidecar written beside the kept files" in list(report.lines())
    undone = fastdup.undo(shots / "out")
    assert (undone.n_restored, undone.n_sidecars, undone.details) == (2, 1, [])
    assert tree(shots / "in") == before


def test_without_the_option_nothing_is_written(shots):
    report = fastdup.clean(shots / "out", keep="largest-file", apply=True)
    assert all(not step.metadata for step in report.plan.steps)
    assert names(shots) == ["plain.jpg"]


def test_what_the_kept_file_says_itself_is_not_written(tmp_path):
    put(tmp_path / "in/kept.jpg", with_exif(97, rating=2, north=None))
    put(tmp_path / "in/copy.jpg", with_exif(85))
    report = clean(run(tmp_path))
    (gone,) = report.plan.removals()
    assert set(gone.metadata) == {"latitude", "longitude"}


def subjects(*keywords):
    items = "".join(f"<rdf:li>{keyword}</rdf:li>" for keyword in keywords)
    namespace = "xmlns:dc='http://purl.org/dc/elements/1.1/'"
    return xmp(elements=f"<dc:subject {namespace}><rdf:Bag>{items}</rdf:Bag></dc:subject>")


def test_keywords_add_up(tmp_path):
    for name, quality, keywords in (
        ("plain.jpg", 97, ["sea"]),
        ("a.jpg", 90, ["sea", "Norway"]),
        ("b.jpg", 88, ["boat &amp; sail", "sea"]),
        ("c.jpg", 86, ["sea"]),
    ):
        content = saved("JPEG", photo(1), quality=quality, xmp=subjects(*keywords))
        put(tmp_path / "in" / name, content)
    report = clean(run(tmp_path), apply=True)
    carried = {os.path.basename(s.path): s.metadata for s in report.plan.removals()}
    assert carried["a.jpg"] == {"keywords": ["sea", "Norway"]}
    assert carried["c.jpg"] == {}
    found = read_xmp_keywords((tmp_path / "in/plain.jpg.xmp").read_bytes())
    assert sorted(found) == ["Norway", "boat & sail", "sea"]


def test_a_sidecar_that_says_it_already_is_enough(shots):
    said = xmp('xmp:Rating="4"')
    put(shots / "in/plain.jpg.xmp", said)
    report = clean(shots, apply=True)
    assert names(shots) == ["a/shot.jpg", "plain.jpg", "plain.jpg.xmp"]
    assert report.plan.left_alone == {LeftAlone.KEPT_HAS_SIDECAR: 1}
    assert (shots / "in/plain.jpg.xmp").read_bytes() == said


def test_a_sidecar_that_appears_after_planning_is_not_overwritten(shots):
    plan = clean(shots).plan_file
    put(shots / "in/plain.jpg.xmp", b"mine")
    report = fastdup.clean(shots / "out", plan=plan, apply=True)
    assert report.applied.left_alone == {LeftAlone.KEPT_HAS_SIDECAR: 2}
    assert (shots / "in/plain.jpg.xmp").read_bytes() == b"mine"
    assert len(names(shots)) == 4


def test_a_copy_with_a_sidecar_of_its_own_stays_if_that_does_not_say_all(shots):
    put(shots / "in/b/rated.xmp", b"<x/>")
    report = clean(shots, carry_companions=True, apply=True)
    assert report.plan.left_alone == {LeftAlone.KEPT_HAS_SIDECAR: 2}
    assert names(shots) == ["a/shot.jpg", "b/rated.jpg", "b/rated.xmp", "plain.jpg"]


def test_a_sidecar_changed_since_stays_and_is_listed(shots):
    clean(shots, apply=True)
    put(shots / "in/plain.jpg.xmp", b"mine")
    undone = fastdup.undo(shots / "out")
    assert [path for path, _, _ in undone.details] == [str(shots / "in/plain.jpg.xmp")]
    assert (shots / "in/plain.jpg.xmp").read_bytes() == b"mine"
    (shots / "in/plain.jpg.xmp").unlink()
    assert fastdup.undo(shots / "out").details == []


@pytest.mark.parametrize("way", ["deleted", "gone from the trash"])
def test_a_sidecar_that_is_the_last_to_say_it_survives_undo(shots, trash, way):
    if way == "deleted":
        clean(shots, apply=True, action="delete", yes_delete_forever=True)
    else:
        clean(shots, apply=True)
        shutil.rmtree(trash / "files")
    undone = fastdup.undo(shots / "out")
    assert undone.n_sidecars == 0
    assert names(shots) == ["plain.jpg", "plain.jpg.xmp"]


def test_after_a_kill_a_half_written_sidecar_is_settled(shots):
    before = tree(shots / "in")
    clean(shots, apply=True)
    journal, sidecar = shots / "out/clean.journal", shots / "in/plain.jpg.xmp"
    lines = journal.read_bytes().splitlines(keepends=True)
    (place,) = (n for n, line in enumerate(lines) if b'"action": "sidecar"' in line)
    fastdup.undo(shots / "out")
    for state in ("absent", "written"):
        if state == "written":
            clean(shots, apply=True)
            content = sidecar.read_bytes()
            fastdup.undo(shots / "out")
            sidecar.write_bytes(content)
        journal.write_bytes(b"".join(lines[: place + 1]))
        undone = fastdup.undo(shots / "out")
        assert (undone.n_sidecars, undone.details) == (int(state == "written"), [])
        assert names(shots) == ["a/shot.jpg", "b/rated.jpg", "plain.jpg"]
    assert {p: s[0] for p, s in tree(shots / "in").items()} == {p: s[0] for p, s in before.items()}


@pytest.mark.parametrize(
    "text",
    ["x", "[1]", '{"rating": 9}', '{"taken": "soon"}', '{"camera": ["x"]}', '{"evil": 1}', "1",
     '{"rating": true}', '{"keywords": "ab"}', '{"keywords": [1]}', '{"keywords": 7}',
     '{"latitude": 95, "longitude": 3}', '{"lens": "a\\u0000b"}', "[" * 10**5],
)  # fmt: skip
def test_metadata_that_makes_no_sense_is_refused(shots, text):
    plan = clean(shots).plan_file
    with open(plan, newline="") as file:
        header, kept, *rows = csv.reader(file)
    rows[0][header.index("metadata")] = text
    with open(plan, "w", newline="") as file:
        csv.writer(file).writerows([header, kept, *rows])
    with pytest.raises(ActionError, match="not as it was written"):
        fastdup.clean(shots / "out", plan=plan, apply=True)


def test_a_row_taken_out_of_the_plan_carries_nothing(shots):
    plan = clean(shots).plan_file
    with open(plan, newline="") as file:
        rows = [row for row in csv.reader(file) if "rated.jpg" not in row[2]]
    assert json.loads(rows[2][rows[0].index("metadata")])["camera"] == "NIKON D90"
    with open(plan, "w", newline="") as file:
        csv.writer(file).writerows(rows)
    fastdup.clean(shots / "out", plan=plan, apply=True)
    assert read_xmp((shots / "in/plain.jpg.xmp").read_bytes())["rating"] is None


def test_the_command_line_has_the_option(shots):
    words = ("--keep", "largest-file", "--carry-metadata")
    done = fastdup_command("clean", shots / "out", *words, "--apply")
    assert "1 sidecar written" in done.stdout, done.stderr
    undone = fastdup_command("undo", shots / "out")
    assert "1 sidecar removed" in undone.stdout
    with pytest.raises(ConfigError, match="leave out carry_metadata"):
        fastdup.clean(shots / "out", what="dark", carry_metadata=True)


def test_files_of_the_same_bytes_carry_nothing(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        put(tmp_path / "in" / name, camera_photo())
    report = fastdup.clean(
        run(tmp_path) / "out", carry_metadata=True, action="hardlink", apply=True
    )
    assert (report.applied.n_done, report.applied.n_sidecars) == (1, 0)
