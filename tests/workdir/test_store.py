import contextlib
import os
import shutil
import sys

import numpy as np
import pytest

from fastdup.errors import Reason, WorkDirError
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import BadRow, GoodRow
from fastdup.workdir.features import load_binary_feature
from fastdup.workdir.lock import exclusive
from fastdup.workdir.store import FeatureStore

SIGNATURE = {"model": "abc", "dim": 3}
STATS = ["4", "3", "200", "12.5000", "100.0000", "0.0000", "255.0000", "9.0000", "77", "0.9000"]
METADATA = (
    '2019-07-14T12:33:01,exif,"Make, Model",,48.136750,11.568056,,,ijg,75,4:2:0,0,8,1,0,0,1,,'
)
WITH_CONTENT = {**SIGNATURE, "content": {"rules": 1, "dim": 2}}
GROWING = (
    *("features.dat", "features.dat.csv", "features.bad.csv", "stats.csv"),
    *("features.dat.listing", "metadata.csv", "features.dat.journal"),
)


def row(i):
    uri, stamp = f"/photos/{i:03}, x.jpg", (1000 + i, 10**18 + i)
    if i % 4 == 3:
        return BadRow(uri, stamp, Reason.TRUNCATED, f"detail {i}")
    features, content = np.array([i, 2 * i, 3 * i], np.float32), np.array([-i, i], np.float32)
    return GoodRow(uri, stamp, features, STATS, METADATA, content=content)


def rows(start, stop):
    return [row(i) for i in range(start, stop)]


def fill(work, batches, signature=SIGNATURE):
    store = FeatureStore(work, signature)
    for start, stop in batches:
        store.append(rows(start, stop))
    return store


def contents(folder):
    return {name: (folder / name).read_bytes() for name in sorted(os.listdir(folder))}


def test_the_formats_are_pinned(tmp_path):
    fill(WorkDir(str(tmp_path)), [(2, 4)]).finish()
    assert contents(tmp_path) == {
        "features.dat": np.array([2, 4, 6], "<f4").tobytes(),
        "features.dat.csv": b'index,filename\n0,"/photos/002, x.jpg"\n',
        "features.bad.csv": b'filename,reason,detail\n"/photos/003, x.jpg",truncated,detail 3\n',
        "stats.csv": b"index,filename,width,height,unique,blur,mean,min,max,stdv,"
        b"file_size,contrast\n"
        b'0,"/photos/002, x.jpg",4,3,200,12.5000,100.0000,0.0000,255.0000,9.0000,77,0.9000\n',
        "metadata.csv": b"index,filename,taken,taken_from,camera,lens,latitude,longitude,rating,"
        b"software,encoder,quality,subsampling,is_progressive,bits,frames,has_alpha,has_profile,"
        b"has_thumbnail,lowest,highest\n"
        b'0,"/photos/002, x.jpg",2019-07-14T12:33:01,exif,"Make, Model",,48.136750,11.568056,,,ijg,'
        b"75,4:2:0,0,8,1,0,0,1,,\n",
        "features.dat.listing": np.array(
            [1002, 10**18 + 2, 0, 1003, 10**18 + 3, -1], "<i8"
        ).tobytes(),
        "features.dat.journal": b'{"dim": 3, "model": "abc"}\n'
        b"[0, 0, 0, 15, 23, 77, 0, 185]\n[2, 1, 12, 38, 63, 158, 48, 297]\n",
    }


def test_rows_for_content_are_beside_the_features_if_the_signature_has_them(tmp_path):
    fill(WorkDir(str(tmp_path)), [(2, 4), (4, 6)], WITH_CONTENT).finish()
    stored = np.fromfile(tmp_path / "content.dat", "<f4").reshape(-1, 2)
    assert stored.tolist() == [[-2, 2], [-4, 4], [-5, 5]]
    assert (tmp_path / "features.dat.journal").read_bytes().endswith(b", 24]\n")
    fill(WorkDir(str(tmp_path)), [(0, 4)]).finish()  # rows of another kind take their place
    assert not (tmp_path / "content.dat").exists()


@pytest.mark.parametrize("victim", (*GROWING, "content.dat"))
def test_a_store_torn_anywhere_goes_on_to_the_same_bytes(tmp_path, victim):
    batches = [(0, 4), (4, 8), (8, 10)]
    whole = tmp_path / "whole"
    whole.mkdir()
    fill(WorkDir(str(whole)), batches, WITH_CONTENT).finish()
    size = (whole / victim).stat().st_size
    for length in range(0, size + 1, max(1, size // 40)):
        torn = tmp_path / f"torn-{length}"
        shutil.copytree(whole, torn)
        os.truncate(torn / victim, length)
        store = FeatureStore(WorkDir(str(torn)), WITH_CONTENT)
        assert store.n_listed in (0, 4, 8, 10)
        if store.n_listed < 10:
            store.append(rows(store.n_listed, 10))
        store.finish()
        same = {name: data for name, data in contents(torn).items() if "journal" not in name}
        assert same.items() <= contents(whole).items()
        assert len(same) == len(GROWING)


def test_half_a_row_after_the_last_commit_is_cut_off(tmp_path):
    work = WorkDir(str(tmp_path))
    fill(work, [(0, 4)]).close()
    before = contents(tmp_path)
    for name in GROWING:
        with open(tmp_path / name, "ab") as file:
            file.write(b"[17, half a r")
    store = FeatureStore(work, SIGNATURE)
    assert (store.n_listed, store.n_good, store.n_bad) == (4, 3, 1)
    store.close()
    assert contents(tmp_path) == before


def test_what_is_stored_can_be_listed(tmp_path):
    with fill(WorkDir(str(tmp_path)), [(0, 5)]) as store:
        assert [(s.uri, s.stamp, s.reason) for s in store.stored()] == [
            (r.uri, r.stamp, getattr(r, "reason", None)) for r in rows(0, 5)
        ]


def test_rows_of_another_model_are_dropped(tmp_path, caplog):
    work = WorkDir(str(tmp_path))
    fill(work, [(0, 4)]).close()
    with FeatureStore(work, {"model": "other", "dim": 3}) as store:
        assert store.n_listed == 0
    assert "extracted again" in caplog.text


def test_rows_set_aside_are_found_by_name_and_stamp(tmp_path):
    work = WorkDir(str(tmp_path))
    store = fill(work, [(0, 8)], WITH_CONTENT)
    store.set_aside()
    assert store.n_listed == 0
    with store.previous() as previous:
        for old in rows(0, 8):
            taken = previous.get(old.uri, old.stamp)
            assert taken[:2] == old[:2]
            assert list(taken[3]) == list(old[3])
            assert list(taken[2]) == list(old[2])
            assert taken[4:6] == old[4:6]
            assert [list(row) for row in taken[6:]] == [list(row) for row in old[6:]]
            assert previous.get(old.uri, (0, 0)) is None
        assert previous.get("/unknown.jpg", (0, 0)) is None
    store.finish()
    assert sorted(contents(tmp_path)) == sorted((*GROWING, "content.dat"))


LISTINGS = {
    "as before": range(20),
    "a long run is gone": [0, 1, 17, 18, 19],
    "some are new": [0, 1, 900, 2, 901, 902, *range(3, 20)],
    "backwards": range(19, -1, -1),
    "one moved to the end": [*range(1, 20), 0],
    "one moved to the front": [19, *range(19)],
    "asked for twice": [*range(20), *range(20)],
    "all are new": range(900, 920),
}


@pytest.mark.parametrize("asked", LISTINGS.values(), ids=LISTINGS)
def test_rows_set_aside_are_found_in_whatever_order_they_are_asked_for(
    tmp_path, monkeypatch, asked
):
    monkeypatch.setattr("fastdup.workdir.previous.WINDOW_ROWS", 2)
    with fill(WorkDir(str(tmp_path)), [(0, 20)]) as store:
        store.set_aside()
        with store.previous() as previous:
            for i in asked:
                found, wanted = previous.get(row(i).uri, row(i).stamp), row(i)
                if i >= 900:
                    assert found is None
                elif isinstance(wanted, GoodRow):
                    assert found.features.tolist() == wanted.features.tolist()
                    assert (found.uri, found.stats) == (wanted.uri, STATS)
                    assert found.metadata == METADATA
                else:
                    assert found == wanted


def test_a_kill_while_stepping_aside_loses_nothing(tmp_path, monkeypatch):
    work = WorkDir(str(tmp_path))
    real_replace = os.replace
    for n_done in range(len(GROWING) + 1):
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
        store = fill(work, [(0, 8)])
        moves = []

        def replace(source, target, moves=moves, n_done=n_done):
            if len(moves) == n_done:
                raise KeyboardInterrupt
            moves.append(source)
            real_replace(source, target)

        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", replace)
            with contextlib.suppress(KeyboardInterrupt):
                store.set_aside()
        store.close()
        again = FeatureStore(work, SIGNATURE)
        with again.previous() as previous:
            kept = again.n_listed or sum(
                previous.get(r.uri, r.stamp) is not None for r in rows(0, 8)
            )
        assert kept == 8, n_done
        again.close()


def test_an_unfinished_extraction_can_be_loaded(tmp_path):
    work = WorkDir(str(tmp_path))
    fill(work, [(0, 4)]).close()
    with open(tmp_path / "features.dat", "ab") as file:
        file.write(b"half")
    names, features = load_binary_feature(tmp_path)
    assert len(names) == 3
    np.testing.assert_array_equal(features[2], [2, 4, 6])


def test_features_elsewhere_have_their_companions_beside_them(tmp_path):
    work = WorkDir(str(tmp_path / "out"), str(tmp_path / "node1" / "part.dat"))
    work.create()
    fill(work, [(0, 4)]).finish()
    assert sorted(os.listdir(tmp_path / "node1")) == [
        *("part.bad.csv", "part.dat", "part.dat.csv", "part.dat.journal", "part.dat.listing")
    ]
    assert sorted(os.listdir(tmp_path / "out")) == ["metadata.csv", "stats.csv"]
    assert len(load_binary_feature(tmp_path / "node1" / "part.dat")[0]) == 3


@pytest.mark.parametrize("by_file", [False, True])  # True: as on Windows, which locks no folder
def test_two_runs_at_once_in_one_folder_are_refused(tmp_path, by_file):
    if sys.platform == "win32" and not by_file:
        pytest.skip("Windows locks no folder")
    folder, entered = str(tmp_path), []
    with (
        exclusive(folder, by_file=by_file),
        pytest.raises(WorkDirError, match="another run"),
        exclusive(folder, by_file=by_file),
    ):
        entered.append("beside another run")
    with exclusive(folder, by_file=by_file):
        entered.append("after it")
    assert entered == ["after it"]
    assert os.listdir(tmp_path) == ([".lock"] if by_file else [])
    assert WorkDir(folder).lock in WorkDir(folder).outputs()


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorkDirError, match="cannot make the folder"):
        WorkDir(str(tmp_path / "file" / "out")).create()
