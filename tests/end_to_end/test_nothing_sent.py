"""What runs asks no network: no socket but those between its own processes; and little else."""

import re
import shutil
import subprocess
import sys

import onnx
import pytest
from onnx.external_data_helper import set_external_data

import fastdup
from fastdup.errors import ModelError
from fastdup.models.session import open_session
from films import film_of, scenes
from onnx_models import make_model
from packed import files_of, tar_of, zip_of
from tables import images_of, parquet_of

COMMAND = (sys.executable, "-m", "fastdup")
#: A socket, or an address, of a network.
_NETWORK = re.compile(r"AF_(?:INET6?|PACKET|VSOCK|BLUETOOTH|NETLINK)|sin6?_addr")


def works(*words):
    """Return whether a program is there and does its work, which may be forbidden."""
    if shutil.which(words[0]) is None:
        return False
    return subprocess.run(words, capture_output=True).returncode == 0


@pytest.fixture
def album(photos):
    """The photos, and one of each kind of file that holds some."""
    files = files_of(photos)
    tar_of(photos / "a.tgz", files.items(), "w:gz")
    zip_of(photos / "b.zip", files.items())
    parquet_of(photos / "c.parquet", {"image": images_of(files)})
    film_of(photos / "d.mp4", scenes(range(3)))
    return photos


def jobs(album, out):
    """Return the words of a whole day: run, look, search, clean and undo."""
    return [
        ("run", album, "-w", out),
        ("gallery", out),
        ("search", out, album / "00.jpg"),
        ("clean", out),
        ("clean", out, "--plan", out / "clean-plan.csv", "--apply"),
        ("undo", out),
        ("run", album, "-w", out),
    ]


#: What shows the calls for a network, and what takes the network away.
TRACE = ("strace", "-f", "-qq", "-e", "trace=%network")
APART = ("unshare", "-rn")


def test_all_jobs_are_done_without_a_network_and_open_no_socket_of_one(album, tmp_path):
    log = tmp_path / "calls"
    is_traced, is_apart = works(*TRACE, "-o", log, "true"), works(*APART, "true")
    if not (is_traced or is_apart):
        pytest.skip("neither strace nor a namespace without a network is to be had")
    before = [*(APART if is_apart else ()), *((*TRACE, "-o", log) if is_traced else ())]
    for words in jobs(album, tmp_path / "out"):
        done = subprocess.run([*before, *COMMAND, *words], capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr
        calls = log.read_text(errors="replace").splitlines() if is_traced else []
        assert [call for call in calls if _NETWORK.search(call)] == [], words[0]


@pytest.mark.skipif(
    not works("unshare", "-rm", "mount", "-t", "tmpfs", "none", "/dev/shm"),
    reason="no namespace without shared memory can be had",
)
def test_a_run_needs_no_shared_memory(album, tmp_path):
    inside = 'mount -t tmpfs -o ro none /dev/shm && ! touch /dev/shm/x 2>/dev/null && exec "$@"'
    words = [*COMMAND, "run", album, "-w", tmp_path / "out", "--num-threads", "5"]
    command = ["unshare", "-rm", "sh", "-c", inside, "sh", *words]
    done = subprocess.run(command, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr


_UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override")


@pytest.mark.skipif(not works(*_UNPRIVILEGED, "true"), reason="nobody can be made unprivileged")
def test_a_work_folder_that_may_not_be_written_is_one_line(photos, tmp_path):
    out = tmp_path / "out"
    out.mkdir(mode=0o555)
    command = [*_UNPRIVILEGED, *COMMAND, "run", photos, "-w"]
    for work_dir in (out, out / "below"):
        done = subprocess.run([*command, work_dir], capture_output=True, text=True, timeout=120)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert done.stderr.splitlines()[-1].startswith("fastdup: cannot ")
        assert "permission" in done.stderr.splitlines()[-1].lower()


@pytest.mark.parametrize("is_absolute", [True, False])
def test_a_model_whose_weights_are_in_another_folder_is_refused(tmp_path, photos, is_absolute):
    (tmp_path / "models").mkdir()
    path = make_model(tmp_path / "models" / "model.onnx")
    model = onnx.load(path)
    (weights,) = model.graph.initializer
    (tmp_path / "secret").write_bytes(weights.raw_data)  # what would fit
    (tmp_path / "models" / "beside").write_bytes(weights.raw_data)
    set_external_data(weights, "beside", offset=0, length=len(weights.raw_data))
    weights.ClearField("raw_data")
    path.write_bytes(model.SerializeToString())
    assert open_session(str(path)).get_inputs()
    location = str(tmp_path / "secret") if is_absolute else "../secret"
    weights.external_data[0].value = location
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"(?i)external"):
        open_session(str(path))
    assert fastdup.run(photos, tmp_path / "out", model_path=path) == 1
