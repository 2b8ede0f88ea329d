import datetime
import itertools
import json
import os
import pickle
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from fastdup.errors import ImageError, MissingExtraError, Reason, SourceError
from fastdup.extract.reuse import is_outdated
from fastdup.sources import UNREACHABLE
from fastdup.sources.objects import client as object_client
from fastdup.sources.objects import object_reader, stores
from fastdup.sources.objects.failures import failure_of, listing_failure
from fastdup.sources.objects.object_listing import without_markers
from fastdup.sources.objects.prefetcher import (
    FIRST_UNDER_WAY,
    MAX_UNDER_WAY,
    Fetched,
    Prefetcher,
)
from opened import Opened
from s3_server import KEY, SECRET, FaultyProxy, free_port

_NUMBER = itertools.count()
HASTY = stores.Patience(connect_s=2, silence_s=0.5, answer_s=5, n_retries=2, retry_s=2)
CALM = stores.Patience(connect_s=5, silence_s=2, answer_s=20, n_retries=4, retry_s=20)


@pytest.fixture
def bucket(s3):
    """A new bucket as a folder; its name is its name."""
    folder = s3 / f"bucket-{next(_NUMBER)}"
    folder.mkdir()
    return folder


def put(bucket, *names):
    for name in names:
        path = bucket / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def failure(source, uri):
    with pytest.raises(ImageError) as caught:
        source.read(uri)
    return caught.value


def refusal(source):
    with pytest.raises(SourceError) as caught:
        list(source.uris())
    assert "\n" not in str(caught.value)
    return str(caught.value)


NAMES = ["a-1.jpg", "a/z.jpg", "a/é %20 #+?.jpg", "b.jpg", "b/c/d.jpg"]


def test_a_bucket_is_listed_stamped_and_read(bucket, opened):
    put(bucket, *NAMES)
    for url in (f"s3://{bucket.name}/", f"s3://{bucket.name}"):
        source = opened(url)
        assert list(source.uris()) == [f"s3://{bucket.name}/{name}" for name in NAMES]
        assert [source.read(uri).decode() for uri in source.uris()] == NAMES
        assert [source.stamp(uri)[0] for uri in source.uris()] == [len(n.encode()) for n in NAMES]
    assert source.read(f"s3://{bucket.name}/b.jpg", 2) == b"b."
    assert not source.is_file(f"s3://{bucket.name}/b.jpg")


def test_a_folder_in_a_bucket_and_a_single_object_are_places_too(bucket, opened):
    put(bucket, *NAMES)
    url = f"s3://{bucket.name}"
    assert list(opened(f"{url}/b").uris()) == [f"{url}/b/c/d.jpg"]
    assert list(opened(f"{url}/b/").uris()) == [f"{url}/b/c/d.jpg"]
    assert list(opened(f"{url}/b.jpg").uris()) == [f"{url}/b.jpg"]
    assert list(opened([f"{url}/b", f"{url}/a-1.jpg"]).uris()) == [
        *(f"{url}/b/c/d.jpg", f"{url}/a-1.jpg")
    ]
    message = f"there is nothing to read at {url}/none: no such object"
    assert refusal(opened(f"{url}/none")) == message
    assert list(opened(f"{url}/none/").uris()) == []


def test_a_list_file_names_objects_of_several_buckets(bucket, s3, opened, tmp_path):
    other = s3 / f"{bucket.name}-other"
    put(bucket, "a.jpg", "f/b.jpg")
    put(other, "c.jpg")
    here, there = f"s3://{bucket.name}", f"s3://{other.name}"
    lines = [f"{here}/a.jpg", f"{there}/c.jpg", f"{here}/none.jpg", f"{here}/f/", "s3:///x.jpg"]
    (tmp_path / "files.txt").write_text("\n".join([*lines, "ftp://x/y.jpg"]))
    source = opened(str(tmp_path / "files.txt"))
    uris = list(source.uris())
    assert uris == [*lines[:3], f"{here}/f/b.jpg", "s3:///x.jpg", "ftp://x/y.jpg"]
    source.prefetch(uris)
    assert source.stamp(uris[0]).size_bytes == 5
    assert [source.read(uris[i]) for i in (0, 1, 3)] == [b"a.jpg", b"c.jpg", b"f/b.jpg"]
    assert source.stamp(uris[2]) == UNREACHABLE
    failures = [failure(source, uris[i]) for i in (2, 4, 5)]
    assert [f.reason for f in failures] == [Reason.NOT_FOUND, *[Reason.UNSUPPORTED] * 2]
    assert str(failures[0]) == "no such object"
    assert "does not name a store" in str(failures[1])
    assert str(failures[2]) == "ftp:// is not known"


def test_the_stamps_of_a_listing_and_of_an_answer_agree_and_change_with_the_content(bucket, opened):
    put(bucket, "a.jpg")
    url = f"s3://{bucket.name}/a.jpg"
    source = opened(f"s3://{bucket.name}/")
    list(source.uris())
    stamp = source.stamp(url)
    assert opened([url]).stamp(url) == stamp
    expecting = opened([url])
    expecting.prefetch([url])
    assert expecting.stamp(url) == stamp
    mtime_ns = (bucket / "a.jpg").stat().st_mtime_ns
    (bucket / "a.jpg").write_bytes(b"b.jpg")
    os.utime(bucket / "a.jpg", ns=(mtime_ns, mtime_ns))
    assert opened([url]).stamp(url) != stamp


def test_hidden_objects_are_left_out_or_listed_when_asked(bucket, opened):
    put(bucket, ".hidden/in/a.jpg", ".hidden/in/.b.jpg", "c.jpg")
    url = f"s3://{bucket.name}"
    assert list(opened(f"{url}/").uris()) == [f"{url}/c.jpg"]
    assert list(opened(f"{url}/.hidden/").uris()) == [f"{url}/.hidden/in/a.jpg"]
    assert len(list(opened(f"{url}/", include_hidden=True).uris())) == 3


def test_objects_in_bins_are_left_out_or_listed_when_asked(bucket, opened):
    put(bucket, "#recycle/in/a.jpg", "x/@eaDir/b.jpg", "c.jpg")
    url = f"s3://{bucket.name}"
    assert list(opened(f"{url}/").uris()) == [f"{url}/c.jpg"]
    assert list(opened(f"{url}/#recycle/").uris()) == [f"{url}/#recycle/in/a.jpg"]
    assert len(list(opened(f"{url}/", include_system=True).uris())) == 3


def test_objects_are_chosen_by_their_keys_below_the_place_and_by_their_size(bucket, opened):
    put(bucket, "old/a.jpg", "new/b.jpg", "new/c.png")
    url = f"s3://{bucket.name}"
    assert list(opened(f"{url}/", exclude="old").uris()) == [
        f"{url}/new/b.jpg",
        f"{url}/new/c.png",
    ]
    assert list(opened(f"{url}/", include="/new/*.png").uris()) == [f"{url}/new/c.png"]
    assert list(opened(f"{url}/", min_size=100).uris()) == []


def test_empty_objects_that_mark_folders_are_no_images():
    metas = [{"path": p, "size": s} for p, s in [("a", 0), ("a/b", 0), ("a/b/c", 1), ("a/d", 0)]]
    kept = without_markers(iter(metas))
    assert [meta["path"] for meta in kept] == ["a/b/c", "a/d"]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://", "'s3://' does not name a store: write s3://bucket/folder/"),
        ("s3://a b/c", "'s3://a b/c' does not name a store: write s3://bucket/folder/"),
        ("minio://x", "'minio://x' does not name a store: write minio://alias/bucket/folder/"),
        ("hdfs://a/b", "'hdfs://a/b': hdfs:// is not known; write one of az://, gs://, http://"),
    ],
)
def test_what_is_no_url_of_a_store_is_refused(url, message, opened):
    with pytest.raises(SourceError) as caught:
        opened(url)
    assert str(caught.value).startswith(message)


def test_what_is_wrong_with_the_whole_store_is_one_error(bucket, opened, monkeypatch):
    put(bucket, "a.jpg")
    url = f"s3://{bucket.name}"
    for given in ("s3://no-such-bucket/", ["s3://no-such-bucket/a.jpg"]):
        message = "there is no bucket s3://no-such-bucket (NoSuchBucket): check its name and the"
        assert refusal(opened(given)).startswith(message)
    places = (f"{url}/", [f"{url}/a.jpg"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret-key")
    for given in places:
        message = f"{url} refuses the credentials (SignatureDoesNotMatch: "
        assert refusal(opened(given)).startswith(message)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    for given in places:
        message = f"{url} cannot be reached (HTTP error: error sending request, tried 4 times): "
        assert refusal(opened(given)).startswith(message)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost:9000")
    message = "AWS_ENDPOINT_URL='localhost:9000' is not an address: write https://HOST:PORT"
    assert refusal(opened(f"{url}/")) == message
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert refusal(opened(f"{url}/")).startswith("no AWS credentials were found: set AWS_ACCESS_")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "")
    assert "Missing AccessKeyId" in refusal(opened(f"{url}/"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("status code: 400 Bad Request: <Code>AuthorizationHeaderMalformed</Code><Message>the "
         "region 'us-east-1' is wrong; expecting 'eu-west-3'</Message>",
         "s3://b is in another region (AuthorizationHeaderMalformed): set AWS_REGION=eu-west-3"),
        ("status code: 403 Forbidden: <Code>AccessDenied</Code><Message>Access Denied</Message>",
         "s3://b may not be listed (AccessDenied: Access Denied): ask for the permission to list "
         "it, or name its objects in a list file"),
        ("Error performing PUT http://169.254.169.254/latest/api/token in 5s",
         "s3://b: no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
         "or name a profile in AWS_PROFILE, or set AWS_SKIP_SIGNATURE=true for a public bucket"),
    ],
)  # fmt: skip
def test_refusals_of_servers_that_are_not_here_are_understood(text, message):
    assert str(listing_failure("s3://b", OSError(text))) == message


@pytest.mark.parametrize(
    ("error", "reason", "detail"),
    [
        (OSError("status code: 403 Forbidden: <Code>AccessDenied</Code>"), "no_access",
         "AccessDenied"),
        (OSError("x - Server returned non-2xx status code: 503 Slow Down: "), "timeout",
         "the server answers 503 Slow Down:"),
        (ValueError('Path "a//b" contained empty path segment'), "unsupported",
         'a key that the client cannot ask for: Path "a//b" contained empty path segment'),
        (OSError("status code: 400 Bad Request: "), "no_access",
         "the server answers 400 Bad Request:"),
    ],
)  # fmt: skip
def test_a_refusal_of_one_object_is_a_bad_image(error, reason, detail):
    found = failure_of("s3://b", error)
    assert (found.reason, str(found)) == (reason, detail)


def test_without_the_extra_the_line_to_type_is_given(monkeypatch, opened):
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(MissingExtraError, match=r"reading s3://b .*pip install obstore"):
        list(opened("s3://b/").uris())


# --- who asks, and where --------------------------------------------------------------------


def profile_files(monkeypatch, tmp_path, credentials="", config=""):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name)
    folder = tmp_path / "home" / ".aws"
    folder.mkdir(parents=True)
    (folder / "credentials").write_text(credentials)
    (folder / "config").write_text(config)


def test_the_default_profile_is_used(bucket, opened, monkeypatch, tmp_path):
    put(bucket, "a.jpg")
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    keys = f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key={SECRET}\n"
    config = f"[default]\nregion = eu-west-3\nendpoint_url = {endpoint}\n"
    profile_files(monkeypatch, tmp_path, keys, config)
    assert len(list(opened(f"s3://{bucket.name}/").uris())) == 1


def test_a_named_profile_is_used(bucket, opened, monkeypatch, tmp_path):
    put(bucket, "a.jpg")
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    config = (
        f"[default]\naws_access_key_id=x\naws_secret_access_key=y\n"
        f"[profile work]\naws_access_key_id={KEY}\naws_secret_access_key={SECRET}\n"
        f"services = mine\n[services mine]\ns3 =\n  endpoint_url = {endpoint}\n"
    )
    profile_files(monkeypatch, tmp_path, config=config)
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert len(list(opened(f"s3://{bucket.name}/").uris())) == 1
    monkeypatch.setenv("AWS_PROFILE", "none")
    message = "AWS_PROFILE='none' is not in ~/.aws: the profiles there are default, services mine, "
    assert refusal(opened(f"s3://{bucket.name}/")).startswith(message[:60])


def test_a_profile_that_asks_elsewhere_for_its_keys_needs_boto3(s3, opened, monkeypatch, tmp_path):
    profile_files(monkeypatch, tmp_path, config="[default]\nsso_session = x\n")
    monkeypatch.setitem(sys.modules, "boto3", None)
    message = refusal(opened("s3://b/"))
    assert message == (
        "the AWS profile 'default' gets its keys by sso_session, which needs boto3: "
        "pip install boto3"
    )


def test_a_damaged_profile_file_is_reported(s3, opened, monkeypatch, tmp_path):
    profile_files(monkeypatch, tmp_path, config="no section\n")
    assert refusal(opened("s3://b/")).startswith("cannot read ~/.aws/config: File contains no sect")


def minio_alias(monkeypatch, tmp_path, **entry):
    folder = tmp_path / "mc"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"version": "10", "aliases": {"mine": entry}}))
    monkeypatch.setenv("MC_CONFIG_DIR", str(folder))


def test_an_alias_of_mc_is_used_and_not_mixed_with_what_is_said_of_aws(
    bucket, opened, monkeypatch, tmp_path
):
    put(bucket, "f/a.jpg")
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    minio_alias(monkeypatch, tmp_path, url=endpoint, accessKey=KEY, secretKey=SECRET)
    wrong = {"AWS_ACCESS_KEY_ID": "wrong-key-id", "AWS_SESSION_TOKEN": "wrong"}
    wrong |= {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", "AWS_SKIP_SIGNATURE": "true"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    source = opened(f"minio://mine/{bucket.name}/f")
    assert list(source.uris()) == [f"minio://mine/{bucket.name}/f/a.jpg"]
    assert source.read(f"minio://mine/{bucket.name}/f/a.jpg") == b"f/a.jpg"


def test_an_alias_of_the_environment_comes_first(bucket, opened, monkeypatch, tmp_path):
    put(bucket, "a.jpg")
    place = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    minio_alias(monkeypatch, tmp_path, url="http://127.0.0.1:1", accessKey="x", secretKey="y")
    monkeypatch.setenv("MC_HOST_mine", f"http://{KEY}:{SECRET}@{place}")
    assert len(list(opened(f"minio://mine/{bucket.name}/").uris())) == 1
    monkeypatch.setenv("MC_HOST_mine", "nonsense")
    message = refusal(opened(f"minio://mine/{bucket.name}/"))
    assert message == "MC_HOST_mine is not as mc wants it: write https://KEY:SECRET@HOST:PORT"


def test_an_alias_that_is_missing_or_makes_no_sense_is_reported(s3, opened, monkeypatch, tmp_path):
    minio_alias(monkeypatch, tmp_path, url=5)
    message = refusal(opened("minio://other/b/"))
    assert message.startswith("minio://other: there is no such alias in ")
    assert "mc alias set other https://HOST KEY SECRET" in message
    assert refusal(opened("minio://mine/b/")).endswith("'mine' has no url, accessKey, secretKey")
    (tmp_path / "mc" / "config.json").write_text("{")
    assert refusal(opened("minio://mine/b/")).startswith("cannot read mc's aliases in ")


def test_an_alias_without_keys_asks_without_a_signature(s3, monkeypatch, tmp_path):
    minio_alias(monkeypatch, tmp_path, url="https://play.min.io", accessKey="", secretKey="")
    from fastdup.sources.objects.minio import alias_access

    access = alias_access("mine")
    assert access.config["skip_signature"]
    assert access.credentials is None


@pytest.mark.parametrize(
    ("url", "kind"),
    [("gs://b", "GCSStore"), ("az://b", "AzureStore"), ("https://h", "WebStore")],
)
def test_other_stores_are_opened_by_their_scheme(s3, monkeypatch, url, kind):
    monkeypatch.setenv("GOOGLE_SKIP_SIGNATURE", "true")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    assert type(stores.open_store(url, stores.PATIENCE)).__name__ == kind


def test_web_addresses_can_be_named_and_not_listed(s3, opened):
    asked = []

    def mischief(path, _):
        asked.append(path)
        return "404" if "none" in path else "200"

    with FaultyProxy(0, mischief) as web:
        uris = [f"{web.endpoint}/a%20b.jpg", f"{web.endpoint}/none.jpg", f"{web.endpoint}/c?d=e"]
        source = opened(uris)
        assert list(source.uris()) == uris
        assert source.read(uris[0]) == b""
        assert failure(source, uris[1]).reason == Reason.NOT_FOUND
        assert source.read(uris[2]) == b""
        assert "/a%20b.jpg" in asked
        assert list(opened(uris[0]).uris()) == uris[:1]
        message = refusal(opened(f"{web.endpoint}/folder/"))
        assert message.endswith("a web server has no listing; name its files in a list")


# --- faults ---------------------------------------------------------------------------------


@pytest.fixture
def faulty(s3_server, bucket, monkeypatch):
    """Return a source of 40 objects behind a proxy that does mischief, and the proxy."""
    server, _ = s3_server
    proxies = []
    put(bucket, *(f"{i:02}.jpg" for i in range(40)))

    def faulty(mischief, patience=None):
        if patience:
            monkeypatch.setattr(stores, "PATIENCE", patience)
        proxy = FaultyProxy(server.port, mischief)
        proxies.append(proxy)
        proxy.__enter__()
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        source = Opened(f"s3://{bucket.name}/")
        return source, proxy

    yield faulty
    for proxy in proxies:
        proxy.__exit__()


def is_object(path):
    return path.endswith(".jpg")


@pytest.mark.parametrize("fault", ["drop", "503", "429", "500", "cut", "stall", "silent"])
def test_a_fault_that_passes_costs_no_image(faulty, fault):
    source, proxy = faulty(lambda path, n: fault if is_object(path) and n == 1 else None, CALM)
    uris = list(source.uris())
    source.prefetch(uris)
    assert [source.read(uri).decode() for uri in uris] == [f"{i:02}.jpg" for i in range(40)]
    assert all(n >= 2 for path, n in proxy.n_requests.items() if is_object(path))
    source.close()


@pytest.mark.parametrize("fault", ["drop", "503", "429", "cut"])
def test_a_fault_while_listing_passes_too(faulty, fault):
    """With the patience that ships: the first request is repeated, and so is the listing."""
    n_asked = []

    def mischief(path, n):
        if is_object(path):
            return None
        n_asked.append(n)
        return None if n in (3, 6) else fault

    source, _ = faulty(mischief)
    assert len(list(source.uris())) == 40
    assert n_asked == [1, 2, 3, 4, 5, 6]
    source.close()


def test_an_object_shorter_than_listed_is_asked_for_again(faulty):
    source, _ = faulty(lambda path, n: "short" if path.endswith("7.jpg") and n == 1 else None, CALM)
    uris = list(source.uris())
    source.prefetch(uris)
    assert [source.read(uri).decode() for uri in uris] == [f"{i:02}.jpg" for i in range(40)]
    source.close()


def test_an_object_that_stays_shorter_than_listed_is_tried_again_by_the_next_run(
    faulty, monkeypatch
):
    source, _ = faulty(lambda path, n: "short" if path.endswith("07.jpg") else None, HASTY)
    uris = list(source.uris())
    assert source.read(uris[6]) == b"06.jpg"
    failed = failure(source, uris[7])
    assert is_outdated(uris[7], failed.reason, str(failed))
    assert "1 bytes came, where the listing says 6" in str(failed)
    source.close()


def test_a_key_with_an_empty_part_costs_itself_and_nothing_else(faulty, bucket):
    put(bucket, "10__b.jpg", "zz/end.jpg")
    source, _ = faulty(lambda path, n: None if is_object(path) else "slashes")
    url = f"s3://{bucket.name}"
    uris = list(source.uris())
    assert uris == [
        *(f"{url}/{i:02}.jpg" for i in range(11)),
        f"{url}/10//b.jpg",
        *(f"{url}/{i:02}.jpg" for i in range(11, 40)),
        f"{url}/zz/end.jpg",
    ]
    assert failure(source, f"{url}/10//b.jpg").reason is Reason.UNSUPPORTED
    for uri in (uris[0], uris[-1]):
        assert uri.endswith(source.read(uri).decode())
        assert source.stamp(uri) == Opened([uri]).stamp(uri)
    source.close()


def test_what_marks_a_folder_is_no_image(bucket):
    put(bucket, "a.jpg")
    metas = [
        {"path": "photos", "size": 0},
        {"path": "photos/a.jpg", "size": 3},
        {"path": "photos/empty", "size": 0},
    ]
    assert [meta["path"] for meta in without_markers(iter(metas), "photos/")] == [
        *("photos/a.jpg", "photos/empty")
    ]
    assert list(without_markers(iter(metas[:1]), "photos/")) == []


def test_of_several_inputs_a_missing_bucket_is_one_bad_file(bucket, opened, tmp_path):
    put(bucket, "a.jpg", "b.jpg")
    here, nowhere = f"s3://{bucket.name}/", "s3://nowhere-at-all/"
    named = f"{nowhere}x.jpg"
    (tmp_path / "files.txt").write_text(f"{named}\n{here}b.jpg\n")
    for given in ([nowhere, here], [here, nowhere], [here, named], str(tmp_path / "files.txt")):
        source = opened(given)
        uris = list(source.uris())
        bad = [uri for uri in uris if uri.startswith(nowhere)]
        assert len(bad) == 1
        assert {uri for uri in uris if uri not in bad} <= {f"{here}a.jpg", f"{here}b.jpg"}
        assert source.read(f"{here}b.jpg") == b"b.jpg"
        failed = failure(source, bad[0])
        assert failed.reason is Reason.NOT_FOUND
        assert "no bucket" in str(failed)
        assert source.stamp(bad[0]) == UNREACHABLE
    (tmp_path / "files.txt").write_text(f"{named}\n{named}2\n")
    for given in ([nowhere, "s3://nor-here/"], nowhere, [named], str(tmp_path / "files.txt")):
        assert "no bucket" in refusal(opened(given))


def test_in_other_processes_a_bucket_that_was_refused_is_refused_for_the_same_reason(
    bucket, opened
):
    put(bucket, "a.jpg")
    source = opened([f"s3://{bucket.name}/", "s3://nowhere-at-all/"])
    assert list(source.uris())
    elsewhere = pickle.loads(pickle.dumps(source.reader))
    with closing(elsewhere):
        elsewhere.prefetch(["s3://nowhere-at-all/b.jpg"])
        failed = failure(elsewhere, "s3://nowhere-at-all/b.jpg")
        assert failed.reason is Reason.NOT_FOUND
        assert "no bucket" in str(failed)
        assert elsewhere.read(f"s3://{bucket.name}/a.jpg") == b"a.jpg"


def test_the_patience_that_ships_is_what_the_docs_say():
    page = (Path(__file__).parents[2] / "docs/buckets.md").read_text(encoding="utf-8")
    assert f"for up to {stores.PATIENCE.retry_s} seconds" in " ".join(page.split())
    pauses_s = [min(0.1 * 2**i, stores.LONGEST_PAUSE_S) for i in range(stores.PATIENCE.n_retries)]
    assert 10 < sum(pauses_s) < stores.PATIENCE.retry_s


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("drop", "timeout"),
        ("503", "timeout"),
        ("cut", "timeout"),
        ("silent", "timeout"),
        ("403", "no_access"),
        ("404", "not_found"),
    ],
)
def test_what_never_recovers_is_a_bad_image_with_a_reason_and_nothing_hangs(faulty, fault, reason):
    source, _ = faulty(lambda path, n: fault if path.endswith(("7.jpg", "8.jpg")) else None, HASTY)
    uris = list(source.uris())
    start_s = time.monotonic()
    source.prefetch(uris)
    reasons = {}
    for uri in uris:
        try:
            assert uri.endswith(source.read(uri).decode())
        except ImageError as exc:
            reasons[uri[-6:]] = exc.reason
    assert reasons == {f"{i}{j}.jpg": reason for i in range(4) for j in (7, 8)}
    assert time.monotonic() - start_s < 20
    source.close()


def test_a_store_that_is_lost_ends_the_run_with_one_error(faulty, monkeypatch):
    monkeypatch.setattr(object_client, "N_LOST_IN_A_ROW", 5)
    source, _ = faulty(lambda path, n: "drop" if is_object(path) else None, HASTY)
    uris = list(source.uris())
    source.prefetch(uris)
    with pytest.raises(SourceError, match=r"does not answer any more .*: run again to go on from"):
        for uri in uris:
            with pytest.raises(ImageError):
                source.read(uri)
    source.close()


# --- prefetching ----------------------------------------------------------------------------


def test_objects_are_asked_for_ahead_and_once(s3_server, bucket, monkeypatch):
    server, _ = s3_server
    put(bucket, *(f"{i:02}.jpg" for i in range(40)))
    with FaultyProxy(server.port, lambda *_: None) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        source = Opened(f"s3://{bucket.name}/")
        uris = list(source.uris())
        source.prefetch(uris, lambda uri, stamp: uri.endswith("7.jpg"))
        for uri in uris:
            assert source.stamp(uri).size_bytes == 6
            if not uri.endswith("7.jpg"):
                assert source.read(uri, 2) == source.read(uri)[:2]
        start = f"/{bucket.name}/"
        asked = {p[-6:]: n for p, n in proxy.n_requests.items() if p.startswith(start)}
        assert asked == {f"{i:02}.jpg": 1 for i in range(40) if i % 10 != 7}
        source.close()


def test_objects_of_a_list_are_only_stamped_when_their_rows_are_stored(
    s3_server, bucket, monkeypatch
):
    server, _ = s3_server
    put(bucket, "a.jpg", "b.jpg")
    uris = [f"s3://{bucket.name}/a.jpg", f"s3://{bucket.name}/b.jpg"]
    with FaultyProxy(server.port, lambda *_: None) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        source = Opened(uris)
        source.prefetch(uris, lambda uri, stamp: uri == uris[0])
        assert source.stamp(uris[0]) == source.stamp(uris[0])
        assert source.read(uris[1]) == b"b.jpg"
        assert proxy.n_requests[f"/{bucket.name}/b.jpg"] == 2  # its stamp, then its bytes
        source.close()


def test_large_objects_are_not_held(bucket, opened, monkeypatch):
    monkeypatch.setattr(object_reader, "MAX_PREFETCHED_BYTES", 1000)
    (bucket / "large.jpg").write_bytes(bytes(range(256)) * 400)
    url = f"s3://{bucket.name}/large.jpg"
    for given in (f"s3://{bucket.name}/", [url]):
        source = opened(given)
        list(source.uris())
        source.prefetch([url])
        assert source.stamp(url).size_bytes == 102_400
        assert source.read(url, 300) == (bytes(range(256)) * 2)[:300]
        assert len(source.read(url)) == 102_400


def test_a_copy_in_another_process_reads_what_the_original_reads(bucket, opened):
    put(bucket, "a.jpg")
    source = opened(f"s3://{bucket.name}/")
    (uri,) = source.uris()
    source.prefetch([uri])
    copy = pickle.loads(pickle.dumps(source.reader))
    assert copy.read(uri) == b"a.jpg"
    copy.close()


def fetched(uri, skip=None):
    return Fetched((1, 1), uri.encode() * 100)


def test_the_budget_holds_and_nobody_waits_for_it(monkeypatch):
    monkeypatch.setattr("fastdup.sources.objects.prefetcher.BUDGET_BYTES", 1000)
    monkeypatch.setattr("fastdup.sources.objects.prefetcher.FIRST_GUESS_BYTES", 300)
    asked = []

    def fetch(uri, skip=None):
        asked.append(uri)
        return fetched(uri)

    prefetcher = Prefetcher(fetch)
    uris = [f"{i:03}" for i in range(200)]
    prefetcher.prefetch([(uri, None) for uri in uris])
    for n_taken, uri in enumerate((*reversed(uris[100:]), *uris[:100])):
        assert len(asked) - n_taken <= 4  # of 300 bytes each, and one that was asked for by hand
        assert prefetcher.peek(uri).data == uri.encode() * 100
        prefetcher.forget(uri)
    assert sorted(asked) == uris
    assert prefetcher.peek("other") is None
    prefetcher.close()


def test_few_are_asked_for_at_a_time_until_somebody_has_to_wait():
    started, release = threading.Semaphore(0), threading.Event()
    before = set(threading.enumerate())

    def slow(uri, skip=None):
        started.release()
        release.wait(60)
        return fetched(uri)

    prefetcher = Prefetcher(slow)
    uris = [f"{i:03}" for i in range(400)]
    prefetcher.prefetch([(uri, None) for uri in uris])
    for _ in range(FIRST_UNDER_WAY):
        assert started.acquire(timeout=60)
    assert not started.acquire(blocking=False)
    waiting = [threading.Thread(target=prefetcher.peek, args=[uri]) for uri in uris[:200]]
    for thread in waiting:
        thread.start()
    for _ in range(MAX_UNDER_WAY - FIRST_UNDER_WAY):  # by those who wait, and by new threads
        assert started.acquire(timeout=60)
    release.set()
    for thread in waiting:
        thread.join(60)
    n_threads = sum(t.name == "prefetch" for t in set(threading.enumerate()) - before)
    assert FIRST_UNDER_WAY < n_threads <= MAX_UNDER_WAY
    assert all(prefetcher.peek(uri).data for uri in uris)
    prefetcher.close()


def test_a_fault_of_our_own_does_not_leave_anybody_waiting(monkeypatch):
    def broken(*_):
        raise KeyError("a bug")

    prefetcher = Prefetcher(broken)
    monkeypatch.setattr("threading.excepthook", lambda *_: None)
    prefetcher.prefetch([("a", None)])
    try:
        error = prefetcher.peek("a").error
    except KeyError:  # when this thread was the one that asked
        error = "a could not be asked for"
    assert str(error) == "a could not be asked for"
    prefetcher.close()


def test_dates_before_1970_are_stamps_too():
    when = datetime.datetime(1960, 1, 1, tzinfo=datetime.UTC)
    stamp = object_client.stamp_of({"size": 1, "last_modified": when, "e_tag": None})
    assert stamp.mtime_ns < 0
