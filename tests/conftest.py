"""Fixtures that several tests share."""

import pytest

from pictures import jpeg, scene


@pytest.fixture
def photos(tmp_path):
    """A folder of 12 scenes, 00.jpg … 11.jpg, and a re-encoded copy of the first two."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(12):
        (folder / f"{i:02}.jpg").write_bytes(jpeg(scene(i)))
    (folder / "copy-of-00.jpg").write_bytes(jpeg(scene(0), quality=60))
    (folder / "copy-of-01.jpg").write_bytes(jpeg(scene(1).resize((120, 90))))
    return folder
