import itertools
import os
import shutil

import pytest

from fastdup.errors import ImageError, Reason
from fastdup.sources import UNREACHABLE, UriReader
from packed import tar_of, zip_of
from s3_server import FaultyProxy

_NUMBER = itertools.count()
MEMBERS = [("b/2.jpg", b"two"), ("a.jpg", b"one" * 999), ("empty", b""), ("../c.jpg", b"three")]
NAMES = ["b/2.jpg", "a.jpg", "empty", "%2E%2E/c.jpg"]


@pytest.fixture
def bucket(s3_of_parts):
    """A new bucket as a folder; its name is its name."""
    folder = s3_of_parts / f"packed-{next(_NUMBER)}"
    folder.mkdir()
    return folder


def read_all(source):
    uris = list(source.uris())
    source.prefetch(uris)
    return {uri.rpartition("/x")[2]: source.read(uri) for uri in uris}


@pytest.mark.parametrize("ending", ["tar", "tgz", "zip"])
def test_members_of_an_archive_in_a_bucket_are_images(bucket, opened, ending):
    pack = {"tar": tar_of, "zip": zip_of}.get(ending) or (lambda *a: tar_of(*a, "w:gz"))
    path = pack(bucket / f"x.{ending}", MEMBERS)
    here = opened(str(path))
    in_a_folder = opened(f"s3://{bucket.name}/")
    alone = opened(f"s3://{bucket.name}/x.{ending}")
    url = f"s3://{bucket.name}/x.{ending}"
    assert list(alone.uris()) == list(in_a_folder.uris()) == [f"{url}/{name}" for name in NAMES]
    assert read_all(alone) == read_all(in_a_folder) == read_all(here)
    sizes = [alone.stamp(f"{url}/{name}").size_bytes for name in NAMES]
    assert sizes == [len(data) for _, data in MEMBERS]
    assert alone.read(f"{url}/a.jpg", 4) == b"oneo"
    assert not alone.is_file(f"{url}/a.jpg")


def test_a_list_names_members_of_archives_in_buckets(bucket, opened):
    tar_of(bucket / "x.tar", MEMBERS)
    url = f"s3://{bucket.name}/x.tar"
    source = opened([f"{url}/a.jpg", f"{url}/none.jpg"])
    first, second = source.uris()
    source.prefetch([first, second])
    assert source.read(first) == b"one" * 999
    assert source.stamp(second) == UNREACHABLE
    with pytest.raises(ImageError, match="has no such member") as caught:
        source.read(second)
    assert caught.value.reason == Reason.NOT_FOUND


def test_what_only_ends_like_an_archive_is_an_object(bucket, opened):
    (bucket / "x.tar").write_bytes(b"no archive")
    (bucket / "y.zip").mkdir()
    (bucket / "y.zip" / "a.jpg").write_bytes(b"one")
    assert read_all(opened(f"s3://{bucket.name}/")) == {
        ".tar": b"no archive",
        f"s3://{bucket.name}/y.zip/a.jpg": b"one",
    }


def test_a_damaged_archive_in_a_bucket_gives_what_is_before_the_damage(bucket, opened):
    path = tar_of(bucket / "x.tar", MEMBERS)
    os.truncate(path, 2048 + 1000)  # inside the second member
    url = f"s3://{bucket.name}/x.tar"
    source = opened(url)
    uris = list(source.uris())
    assert uris == [f"{url}/b/2.jpg", f"{url}/a.jpg", url]
    assert source.read(uris[0]) == b"two"
    for uri in uris[1:]:
        with pytest.raises(ImageError) as caught:
            source.read(uri)
        assert caught.value.reason == Reason.TRUNCATED


def test_an_archive_replaced_after_its_listing_is_reported(bucket, opened):
    tar_of(bucket / "x.tar", MEMBERS)
    url = f"s3://{bucket.name}/x.tar"
    source = opened(url)
    uris = list(source.uris())
    tar_of(bucket / "x.tar", [("a.jpg", b"other"), *MEMBERS])
    with pytest.raises(ImageError, match="was changed after it was listed") as caught:
        source.read(uris[0])
    assert caught.value.reason == Reason.NOT_FOUND


@pytest.mark.parametrize("fault", ["drop", "503", "cut"])
def test_faults_on_the_way_change_nothing(bucket, opened, s3_server, monkeypatch, fault):
    tar_of(bucket / "x.tar", MEMBERS)

    def mischief(path, n):
        return fault if path.endswith("/x.tar") and n % 3 == 1 else None

    with FaultyProxy(s3_server[0].port, mischief) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        found = read_all(opened(f"s3://{bucket.name}/x.tar"))
    assert list(found.values()) == [data for _, data in MEMBERS]


def test_a_server_that_gives_no_parts_is_reported_at_once(bucket, opened, s3_server, monkeypatch):
    tar_of(bucket / "x.tar", MEMBERS)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server[0].endpoint)
    url = f"s3://{bucket.name}/x.tar"
    source = opened(url)
    assert list(source.uris()) == [url]
    with pytest.raises(ImageError, match="gives no parts of objects"):
        source.read(url)


def test_nothing_is_copied_to_disk_nor_read_as_a_whole(bucket, opened, s3_server, monkeypatch):
    """A member is read by one range; of the rest of the archive nothing is asked for again."""
    tar_of(bucket / "x.tar", [(f"{i}.jpg", b"x" * 500_000) for i in range(20)])
    shutil.copy(bucket / "x.tar", bucket / "y.tar")
    with FaultyProxy(s3_server[0].port, lambda *_: None) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        source = opened(f"s3://{bucket.name}/x.tar")
        uris = list(source.uris())
        path = f"/{bucket.name}/x.tar"
        n_before = proxy.n_requests[path]
        source.prefetch(uris[3:5])
        assert source.read(uris[4]) == source.read(uris[3]) == b"x" * 500_000
        assert proxy.n_requests[path] == n_before + 2


@pytest.mark.parametrize("ending", ["tar", "tgz"])
def test_labels_of_a_tar_in_a_bucket_come_with_its_listing(bucket, opened, ending):
    members = [("1.cls", b"7"), ("1.jpg", b"one"), ("1.txt", b"a cat"), ("2.jpg", b"two")]
    tar_of(bucket / f"x.{ending}", members, "w" if ending == "tar" else "w:gz")
    url = f"s3://{bucket.name}/x.{ending}"
    source = opened(url)
    said = [(source.label(uri), source.caption(uri)) for uri in list(source.uris())]
    assert said == [(None, None), ("7", "a cat"), (None, None), (None, None)]


def test_without_a_listing_no_network_is_asked_for_a_label():
    assert UriReader().label("s3://bucket/x.tar/1.jpg") is None
    assert UriReader().caption("s3://bucket/x.tar/1.jpg") is None
