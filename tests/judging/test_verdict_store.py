"""What was found is kept, whatever stops the run, and is used only of unchanged files."""

import pytest

from fastdup.errors import WorkDirError
from fastdup.judging.finding import Finding
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.verdict_store import VerdictStore
from fastdup.sources import Stamp
from fastdup.verify import Verdict

EDITED = Finding(
    verdict=Verdict.EDITED, kinds=("cropped", "toned"), overlap=0.25, angle=-90.0, n_inliers=31
)


def pair(number, mtime=5):
    name = f"/ä\udcff {number}.jpg"
    return PictureFile(name, Stamp(100, mtime)), PictureFile("b\n,", Stamp(7, 2**62))


def store_of(path, **options):
    return VerdictStore(str(path), {"max_pixels": 10, **options})


def known_in(path, pairs, **options):
    with store_of(path, **options) as store:
        return store.known(pairs)


def test_what_is_added_is_known_to_the_next_run(tmp_path):
    path = tmp_path / "known"
    with store_of(path) as store:
        assert store.known([pair(0)]) == {}
        store.add([(pair(0), EDITED), (pair(1), Finding.identical(Verdict.SAME_BYTES))])
    assert known_in(path, [pair(0), pair(2)]) == {pair(0): EDITED}


def test_all_that_is_known_is_read_at_once(tmp_path):
    with store_of(tmp_path / "known") as store:
        store.add([(pair(0), EDITED), (pair(1), EDITED)])
        assert store.known() == {pair(0): EDITED, pair(1): EDITED}


def test_a_file_that_changed_is_not_known(tmp_path):
    with store_of(tmp_path / "known") as store:
        store.add([(pair(0), EDITED)])
    assert known_in(tmp_path / "known", [pair(0, mtime=6)]) == {}


def test_an_incomplete_last_line_is_cut_off(tmp_path):
    path = tmp_path / "known"
    with store_of(path) as store:
        store.add([(pair(0), EDITED), (pair(1), EDITED)])
    whole = path.read_bytes()
    second = whole.rindex(b"\n", 0, len(whole) - 1) + 1
    for n_kept in range(second, len(whole)):
        path.write_bytes(whole[:n_kept])
        assert known_in(path, [pair(0), pair(1)]) == {pair(0): EDITED}
        with store_of(path) as store:
            store.add([(pair(1), EDITED)])
        assert path.read_bytes() == whole


def test_lines_that_make_no_sense_are_left_out(tmp_path):
    path = tmp_path / "known"
    with store_of(path) as store:
        store.add([(pair(0), EDITED)])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b"[1, 2]\n", b"rubbish\n", b"\n", b"7\n", lines[1]]))
    assert known_in(path, [pair(0)]) == {pair(0): EDITED}


@pytest.mark.parametrize("rest", [b"", b"{", b"rubbish\n[]\n"])
def test_a_damaged_file_is_begun_anew(rest, tmp_path):
    path = tmp_path / "known"
    path.write_bytes(rest)
    assert known_in(path, [pair(0)]) == {}
    assert path.read_bytes().count(b"\n") == 1


def test_other_options_make_other_findings(tmp_path):
    with store_of(tmp_path / "known") as store:
        store.add([(pair(0), EDITED)])
    assert known_in(tmp_path / "known", [pair(0)], max_pixels=11) == {}


def test_findings_of_pairs_that_are_gone_are_dropped_when_they_are_most(tmp_path):
    path = tmp_path / "known"
    with store_of(path) as store:
        store.add((pair(number), EDITED) for number in range(1200))
        store.drop_others([pair(number) for number in range(600)])
    assert path.read_bytes().count(b"\n") == 1201
    with store_of(path) as store:
        store.drop_others([pair(7)])
        store.add([(pair(2000), EDITED)])
    assert known_in(path, [pair(7), pair(8), pair(2000)]) == {pair(7): EDITED, pair(2000): EDITED}
    assert path.read_bytes().count(b"\n") == 3


def test_a_file_that_cannot_be_written_is_one_error(tmp_path):
    (tmp_path / "known").mkdir()
    with pytest.raises(WorkDirError, match="cannot write"):
        store_of(tmp_path / "known")
