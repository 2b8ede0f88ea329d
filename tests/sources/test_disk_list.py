import os

from fastdup.sources.disk_list import DiskList

NAMES = ["a.jpg", "", "new\nline", "zero\0byte", "caf\udce9", "\ud83d", "emoji 😀", "x" * 3_000_000]


def test_all_names_come_back_in_order(tmp_path):
    with DiskList(iter(NAMES * 3), str(tmp_path)) as uris:
        assert len(uris) == len(NAMES) * 3
        assert list(uris) == NAMES * 3


def test_iterations_may_overlap(tmp_path):
    names = [f"{i:06}" for i in range(300_000)]
    with DiskList(names, str(tmp_path)) as uris:
        assert all(a == b for a, b in zip(uris, uris, strict=True))


def test_an_empty_listing_is_empty(tmp_path):
    with DiskList([], str(tmp_path)) as uris:
        assert (len(uris), list(uris)) == (0, [])


def test_nothing_is_left_in_the_folder(tmp_path):
    with DiskList(NAMES, str(tmp_path)):
        assert os.listdir(tmp_path) == []
