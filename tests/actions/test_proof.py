"""The last look before a file goes: bytes that rot do not change a file's size or its time."""

import os
import shutil

import pytest

import fastdup
from fastdup.actions.state import LeftAlone
from pictures import photo


@pytest.fixture
def album(tmp_path):
    """A photo, a copy of the same bytes, and one saved again; planned, with the photo to stay."""
    photos = tmp_path / "photos"
    photos.mkdir()
    photo(1).save(photos / "photo.jpg", quality=95)
    shutil.copyfile(photos / "photo.jpg", photos / "same.jpg")
    photo(1).resize((480, 360)).save(photos / "small.jpg", quality=85)
    for name in ("photo.jpg", "same.jpg", "small.jpg"):
        os.utime(photos / name, ns=(10**18, 10**18 + len(name)))
    assert fastdup.run(photos, tmp_path / "out", nearest_neighbors_k=5) == 0
    return tmp_path


def damage(path, spoil):
    """Change a file's bytes and nothing that the system shows of it."""
    state = os.stat(path)
    data = bytearray(path.read_bytes())
    spoil(data)
    assert len(data) == state.st_size
    path.write_bytes(data)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def zero_all(data):
    data[:] = bytes(len(data))


def cut_second_half(data):
    half = len(data) // 2
    data[half:] = bytes(len(data) - half)


def show_something_else(data):
    import io

    another = io.BytesIO()
    photo(99).save(another, "JPEG", quality=30)
    assert len(another.getvalue()) < len(data)
    data[: len(another.getvalue())] = another.getvalue()


@pytest.mark.parametrize("spoil", [zero_all, cut_second_half, show_something_else])
def test_nothing_goes_for_the_sake_of_a_file_whose_bytes_rotted(album, spoil):
    plan = fastdup.clean(album / "out", prefer=album / "photos/photo.jpg")
    assert len(plan.plan.removals()) == 2
    damage(album / "photos/photo.jpg", spoil)
    report = fastdup.clean(
        album / "out", plan=plan.plan_file, apply=True, action="move", to=album / "gone"
    )
    assert report.applied.n_done == 0
    assert report.applied.left_alone.keys() <= {LeftAlone.NOT_THE_SAME, LeftAlone.NO_KEPT}
    assert sorted(os.listdir(album / "photos")) == ["photo.jpg", "same.jpg", "small.jpg"]


def test_a_copy_that_shows_something_else_by_now_does_not_go(album):
    plan = fastdup.clean(album / "out", prefer=album / "photos/photo.jpg")
    damage(album / "photos/small.jpg", lambda data: show_something_else(data))
    report = fastdup.clean(
        album / "out", plan=plan.plan_file, apply=True, action="move", to=album / "gone"
    )
    assert report.applied.left_alone == {LeftAlone.NOT_THE_SAME: 1}
    assert sorted(os.listdir(album / "photos")) == ["photo.jpg", "small.jpg"]


def test_a_plan_of_an_earlier_run_is_refused(album):
    plan = fastdup.clean(album / "out")
    photo(5).save(album / "photos/new.jpg")
    photo(5).resize((300, 225)).save(album / "photos/new small.jpg")
    assert fastdup.run(album / "photos", album / "out", nearest_neighbors_k=5) == 0
    with pytest.raises(fastdup.ConfigError, match="from earlier results or decisions; plan again"):
        fastdup.clean(album / "out", plan=plan.plan_file, apply=True)
    assert len(os.listdir(album / "photos")) == 5


@pytest.mark.parametrize(
    "asked", [{"keep": "oldest"}, {"threshold": 0.9}, {"also": "cropped"}, {"exact": True}]
)
def test_a_plan_made_with_other_settings_is_refused(album, asked):
    plan = fastdup.clean(album / "out")
    with pytest.raises(fastdup.ConfigError, match=f"made with {next(iter(asked))}=.*plan again"):
        fastdup.clean(album / "out", plan=plan.plan_file, apply=True, **asked)
    made_so = fastdup.clean(album / "out", **asked)
    done = fastdup.clean(
        album / "out", plan=made_so.plan_file, apply=True, action="move", to=album / "x", **asked
    )
    assert done.applied.n_done == len(made_so.plan.removals())
