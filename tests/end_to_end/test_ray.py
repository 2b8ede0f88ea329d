"""A real cluster of several nodes gives the bytes of a run on this machine, whatever dies."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import fastdup
from command import fastdup_command
from composites import page_with
from packed import files_of, tar_of
from pictures import jpeg, photo, scene

if importlib.util.find_spec("ray") is None:
    pytest.skip("ray is not installed: pip install ray", allow_module_level=True)

from ray_cluster import RayCluster

OUTPUTS = (
    *("features.dat", "features.dat.csv", "features.bad.csv", "features.dat.listing"),
    *("stats.csv", "metadata.csv", "similarity.csv", "outliers.csv", "connected_components.csv"),
    *("verdicts.csv", ".verdicts.known", ".insets.known"),
)
#: Searches stored features; its arguments: input, work folder, provider, address.
SEARCH = """
import sys
from fastdup.api import run
from fastdup.index import join
given, work, provider, address = sys.argv[1:]
join.SHARED_FROM = 10
options = {"executor": "ray", "address": address} if address else {}
sys.exit(run(given, work, run_mode=2, nn_provider=provider, **options))
"""
#: Starts a cluster for itself, lets it work, and prints what listens.
LISTENERS = """
import os, sys
from fastdup.executors import ExecutorOptions, open_executor
with open_executor("ray", ExecutorOptions(n_threads=1, folder=sys.argv[1])) as executor:
    assert list(executor.run(abs, [-7])) == [(-7, 7)]
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    print(os.getpid(), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def cluster():
    with RayCluster(2) as running:
        yield running


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """400 pictures, a broken one, the same bytes twice, and 40 more in a tar."""
    folder = tmp_path_factory.mktemp("ray") / "album"
    folder.mkdir()
    for i in range(400):
        (folder / f"{i:03}.jpg").write_bytes(jpeg(scene(i % 390, (320, 240)), 90 - i // 390))
    (folder / "300.jpg").write_bytes(b"broken")
    shutil.copy(folder / "001.jpg", folder / "350.jpg")
    members = list(files_of(folder).items())[:40]
    tar_of(folder / "more.tar", members)
    return folder


@pytest.fixture(scope="module")
def whole(album):
    """What a run on this machine makes of the album."""
    assert fastdup.run(album, album.parent / "whole", verify="auto") == 0
    return contents(album.parent / "whole")


def contents(folder):
    return {name: (folder / name).read_bytes() for name in OUTPUTS}


def words(album, out, cluster):
    judged = ["run", album, "-w", out, "--verify", "auto"]
    return [*judged, "--executor", "ray", "--address", cluster.address]


def start(album, out, cluster):
    command = [sys.executable, "-m", "fastdup", *words(album, out, cluster)]
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=cluster.environment,
    )


def wait_until_shards_are_made(out, process, n_done):
    """Wait until more than so many shards are stored or finished; return how many."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        n_now = n_shards(out)
        if n_now > n_done:
            return n_now
        time.sleep(0.005)
    return n_shards(out)


def n_shards(out):
    try:
        n_stored = os.path.getsize(out / "features.dat.listing") // 24
        names = [name for name in os.listdir(out / ".shards.partial") if len(name) == 25]
    except FileNotFoundError:
        return 0
    # One that is stored already may still be there.
    return n_stored // 64 + sum(int(name[:12]) >= n_stored for name in names)


def test_a_cluster_gives_the_bytes_of_this_machine(album, whole, cluster, tmp_path):
    out = tmp_path / "out"
    done = fastdup_command(*words(album, out, cluster), env=cluster.environment)
    assert done.returncode == 0, done.stderr
    assert contents(out) == whole
    left = {name for name in os.listdir(out) if name.startswith(".")}
    names = ("insets", "near-content", "negatives", "neighbours", "restored", "verdicts")
    known = {f".{name}.known" for name in names}
    assert left == known


def test_parts_are_found_on_a_cluster_as_on_this_machine(cluster, tmp_path):
    album = tmp_path / "album"
    album.mkdir()
    for i in range(70):  # more than two tasks describe
        (album / f"{i:02}.jpg").write_bytes(jpeg(photo(i, (320, 240))))
    tar_of(album / "more.tar", [("page.jpg", jpeg(page_with(photo(2, (320, 240)), 230)))])
    here, out = tmp_path / "here", tmp_path / "out"
    assert fastdup.run(album, here, parts=True) == 0
    done = fastdup_command(*words(album, out, cluster), "--parts", env=cluster.environment)
    assert done.returncode == 0, done.stderr
    assert contents(out) == contents(here)
    for name in (".parts.known", ".places.known"):
        assert (out / name).read_bytes() == (here / name).read_bytes()
    assert "02.jpg" in (out / "similarity.csv").read_text()


def test_a_node_killed_in_the_middle_costs_nothing_but_time(album, whole, cluster, tmp_path):
    cluster.add_node()
    process = start(album, tmp_path / "out", cluster)
    assert wait_until_shards_are_made(tmp_path / "out", process, 0)
    cluster.kill_node()
    _, output = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert contents(tmp_path / "out") == whole


def test_a_driver_stopped_again_and_again_goes_on_from_finished_shards(
    album, whole, cluster, tmp_path
):
    out, n_done = tmp_path / "out", 0
    # Ray may end the process by the signal itself, before Python notices: 130 to a shell, too.
    statuses = {signal.SIGKILL: (-signal.SIGKILL,), signal.SIGINT: (130, -signal.SIGINT)}
    for how, stopped in statuses.items():
        process = start(album, out, cluster)
        n_done = wait_until_shards_are_made(out, process, n_done)
        process.send_signal(how)
        _, output = process.communicate(timeout=120)
        assert process.returncode in (*stopped, 0), output
        assert n_shards(out) >= n_done or process.returncode == 0
    done = fastdup_command(*words(album, out, cluster), env=cluster.environment)
    assert done.returncode == 0, done.stderr
    assert contents(out) == whole


@pytest.mark.parametrize("provider", ["brute_force", "ivf_join"])
@pytest.mark.parametrize("is_inside", [True, False], ids=["mapped", "sent"])
def test_the_cluster_searches_with_the_same_result(cluster, tmp_path, provider, is_inside):
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(300, 32))
    features = centres[rng.integers(0, 300, 6000)] + 0.3 * rng.normal(size=(6000, 32))
    stored, out, here = (tmp_path / name for name in ("stored", "out", "here"))
    fastdup.save_binary_feature(
        out if is_inside else stored, [f"{i}" for i in range(6000)], features
    )
    given = out / "features.dat" if is_inside else stored / "features.dat"
    for work, address in ((here, ""), (out, cluster.address)):
        command = [sys.executable, "-c", SEARCH, given, work, provider, address]
        done = subprocess.run(command, capture_output=True, text=True, env=cluster.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"neighbours by {provider}" in done.stdout
    for name in ("similarity.csv", "outliers.csv", "connected_components.csv"):
        assert (out / name).read_bytes() == (here / name).read_bytes()


def test_a_cluster_started_for_the_run_listens_on_loopback_only(tmp_path):
    command = [sys.executable, "-W", "error", "-c", LISTENERS, tmp_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        try:
            family = descendants(int(run.stdout.readline()))
            places = listening(family)
            assert len(family) > 3
            assert places
            assert set(places) <= {"0100007F", "0000000000000000FFFF00000100007F"}
        finally:
            run.stdin.close()
    assert run.returncode == 0


def descendants(pid):
    """Return a process and all that it started, directly or not."""
    parents = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
        except OSError:  # it ended meanwhile
            continue
    family, n_before = {pid}, 0
    while len(family) > n_before:
        n_before = len(family)
        family |= {child for child, parent in parents.items() if parent in family}
    return family


def listening(family):
    """Return the addresses, in the kernel's hex, on which the processes listen."""
    sockets = set()
    for pid in family:
        try:
            links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        except OSError:
            continue
        sockets |= {link[8:-1] for link in links if link.startswith("socket:[")}
    rows = [
        line.split()
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in open_lines(table)[1:]
    ]
    return [row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[9] in sockets]


def open_lines(path):
    with open(path) as file:
        return file.readlines()


def test_without_ray_one_line_says_what_to_install(photos, tmp_path):
    code = "import sys; sys.modules['ray'] = None; from fastdup.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "run", photos, "-w", tmp_path / "o", "--executor", "ray"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "fastdup: executor='ray' needs an extra package: pip install ray\n"


def test_an_address_where_nobody_listens_is_reported_at_once(photos, tmp_path):
    done = fastdup_command(
        "run", photos, "-w", tmp_path / "o", "--executor", "ray", "--address", "127.0.0.1:9"
    )
    assert done.returncode == 1
    assert done.stderr.startswith("fastdup: no Ray cluster at 127.0.0.1:9: Connection refused")
    assert done.stderr.count("\n") == 1
