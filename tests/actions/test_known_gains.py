"""What copies of two sizes show is found out once, and kept in the work folder."""

import os

import pytest

import fastdup
from pictures import textured_scene
from trees import tree


@pytest.fixture
def album(tmp_path):
    """A photo and an enlarged copy of it, and a run over them."""
    folder = tmp_path / "photos"
    folder.mkdir()
    picture = textured_scene(3)
    picture.save(folder / "photo.jpg", quality=92)
    picture.resize((800, 600)).save(folder / "larger.jpg", quality=92)
    assert fastdup.run(folder, tmp_path / "out") == 0
    return tmp_path


def going(album):
    return [os.path.basename(step.path) for step in fastdup.clean(album / "out").plan.removals()]


def rot(path):
    """Change the bytes of a file, and neither its size nor its times."""
    state = path.stat()
    path.write_bytes(bytes(state.st_size))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def test_the_pictures_are_not_looked_at_again(album):
    assert going(album) == ["larger.jpg"]
    known = (album / "out/.gains.known").read_bytes()
    rot(album / "photos/photo.jpg")
    assert going(album) == ["larger.jpg"]
    assert (album / "out/.gains.known").read_bytes() == known
    (album / "out/.gains.known").unlink()
    assert going(album) == ["photo.jpg"]  # which cannot be read any more


def test_what_was_found_of_a_file_holds_until_it_changes(album):
    assert going(album) == ["larger.jpg"]
    size = (album / "out/.gains.known").stat().st_size
    os.utime(album / "photos/photo.jpg", (10**9, 10**9))
    assert fastdup.run(album / "photos", album / "out") == 0
    assert going(album) == ["larger.jpg"]
    assert (album / "out/.gains.known").stat().st_size > size


def test_a_cache_that_makes_no_sense_is_passed_over(album):
    going(album)
    with open(album / "out/.gains.known", "ab") as file:
        file.write(b'[\n["a"]\n[[[]], [], "NONE"]\n{}\n\xff\xfe\n' + b"[" * 100_000 + b"\n")
    assert going(album) == ["larger.jpg"]
    (album / "out/.gains.known").write_bytes(b"nonsense")
    assert going(album) == ["larger.jpg"]


def test_a_link_in_its_place_is_not_followed(album, tmp_path):
    target = tmp_path / "target"
    target.write_text("mine")
    (album / "out/.gains.known").symlink_to(target)
    before = tree(album / "photos")
    assert going(album) == ["larger.jpg"]
    assert target.read_text() == "mine"
    assert tree(album / "photos") == before
