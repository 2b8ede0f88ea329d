"""Runs over a store whose network does what networks do."""

import shutil
import zlib

import pytest

import fastdup
from fastdup.sources.objects import stores
from fastdup.workdir.csv_files import read_table
from pictures import jpeg, scene
from s3_server import FaultyProxy

KEPT = (
    "features.dat",
    "features.dat.csv",
    "features.bad.csv",
    "stats.csv",
    "metadata.csv",
    "similarity.csv",
)
FAULTS = ("drop", "503", "429", "cut", "stall", "silent", None, None)
BRISK = stores.Patience(connect_s=5, silence_s=1, answer_s=20, n_retries=4, retry_s=20)
HASTY = stores.Patience(connect_s=2, silence_s=0.5, answer_s=5, n_retries=1, retry_s=1)


@pytest.fixture(scope="module")
def bucket(s3_server):
    """60 objects, of which some are alike."""
    folder = s3_server[1] / "faults"
    for i in range(60):
        path = folder / f"{i % 3}" / f"{i:02}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(scene(i % 40, (96, 72)), quality=60 + i % 30))
    yield folder
    shutil.rmtree(folder)


def files(out):
    return {name: (out / name).read_bytes() for name in KEPT}


def run(server, mischief, patience, out, monkeypatch):
    monkeypatch.setattr(stores, "PATIENCE", patience)
    with FaultyProxy(server.port, mischief) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        assert fastdup.run("s3://faults/", out) == 0


def test_faults_of_all_kinds_that_pass_change_no_byte(s3_server, s3, bucket, tmp_path, monkeypatch):
    def mischief(path, n):
        kind = zlib.crc32(path.encode()) % len(FAULTS)
        is_listing = not path.endswith(".jpg")
        return (("503", None) if is_listing else (FAULTS[kind], None))[n > 1]

    assert fastdup.run("s3://faults/", tmp_path / "quiet") == 0
    run(s3_server[0], mischief, BRISK, tmp_path / "faulty", monkeypatch)
    assert files(tmp_path / "faulty") == files(tmp_path / "quiet")
    assert len(fastdup.load_binary_feature(tmp_path / "faulty")[0]) == 60


def test_what_never_came_is_listed_with_the_reason_and_comes_with_the_next_run(
    s3_server, s3, bucket, tmp_path, monkeypatch
):
    lost = {"/faults/1/01.jpg": "drop", "/faults/1/04.jpg": "503", "/faults/2/05.jpg": "silent"}
    lost["/faults/2/08.jpg"] = "cut"
    out = tmp_path / "out"
    run(s3_server[0], lambda path, _: lost.get(path), HASTY, out, monkeypatch)
    _, *bad = read_table(str(out / "features.bad.csv"))
    assert {row[0] for row in bad} == {f"s3:/{path}" for path in lost}
    assert {row[1] for row in bad} == {"timeout"}
    assert len(fastdup.load_binary_feature(out)[0]) == 56
    run(s3_server[0], lambda *_: None, BRISK, out, monkeypatch)
    run(s3_server[0], lambda *_: None, BRISK, tmp_path / "fresh", monkeypatch)
    assert files(out) == files(tmp_path / "fresh")
    assert len(fastdup.load_binary_feature(out)[0]) == 60
