"""Every code block of the README and the docs runs."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from command import as_at_first, fastdup_command, fastdup_process
from fastdup.errors import EXTRA_PACKAGES
from films import film_of, scenes
from packed import files_of, tar_of, zip_of
from s3_server import KEY, SECRET
from tables import images_of, parquet_of, saved_of

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
#: A folder by which packages are hidden from the processes that a test starts.
HIDING = "as-installed"
_WHOLE = re.MULTILINE | re.DOTALL
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", _WHOLE)


def blocks(language):
    return [
        pytest.param(found[2], id=f"{page.name}-{number}")
        for page in PAGES
        for number, found in enumerate(BLOCK.finditer(page.read_text()))
        if found[1] == language
    ]


@pytest.fixture
def here(photos, monkeypatch, request):
    """A current folder that holds the folder photos, copies of it in archives, and lists."""
    folder = photos.parent
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))  # a trash of its own
    shutil.copytree(photos, "more-photos")
    for split in ("train", "test"):
        shutil.copytree(photos, split)
    Path("photos/masters").mkdir()
    shutil.copy(photos / "00.jpg", "new.jpg")
    for name in ("photos.tar", *(f"shard-{i:03}.tar" for i in range(3))):
        tar_of(folder / name, files_of(photos).items())
    zip_of(folder / "photos.zip", files_of(photos).items())
    film_of(folder / "clip.mp4", scenes(range(3)))
    film_of(folder / "smaller.mkv", [p.resize((128, 96)) for p in scenes(range(3))])
    images = {"image": images_of(files_of(photos)), "label": ["a", "b"] * 7}
    parquet_of(folder / "train.parquet", images)
    saved_of(folder / "saved", images)
    Path("labels").mkdir()
    Path("labels/00.txt").write_text("0 0.5 0.5 0.4 0.4\n")
    box = {"image_id": 1, "bbox": [10, 20, 90, 80]}
    content = {"images": [{"id": 1, "file_name": "00.jpg"}], "annotations": [box]}
    Path("instances.json").write_text(json.dumps(content))
    Path("files.txt").write_text("# a comment\nphotos/00.jpg\nphotos/01.jpg\n")
    Path("objects.txt").write_text("s3://my-bucket/photos/00.jpg\n")
    if request.node.callspec.id.startswith("README"):
        hide_what_its_install_line_leaves_out(folder / HIDING, monkeypatch)
    return folder


def hide_what_its_install_line_leaves_out(folder, monkeypatch):
    """Make all packages fail to import that the README's line does not install."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = (ROOT / "README.md").read_text()
    extras = re.search(r"^pip install '\.\[([\w,]+)\]'$", text, re.MULTILINE)[1].split(",")
    installed = {re.split("[><=]", item)[0] for item in project["dependencies"]}
    installed |= {name for extra in extras for name in EXTRA_PACKAGES[extra]}
    optional = {name for names in EXTRA_PACKAGES.values() for name in names}
    left_out = [name.replace("-", "_") for name in sorted(optional - installed)]
    assert "av" in left_out
    folder.mkdir()
    hide = f"import sys\nsys.modules.update(dict.fromkeys({[*left_out, 'umap']!r}))\n"
    (folder / "sitecustomize.py").write_text(hide)
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.fixture
def bucket(s3, photos, monkeypatch):
    """The folder photos in a bucket, which an alias of mc reaches too."""
    shutil.copytree(photos, s3 / "my-bucket" / "photos", dirs_exist_ok=True)
    place = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    monkeypatch.setenv("MC_HOST_play", f"http://{KEY}:{SECRET}@{place}")


#: Python that leaves something behind in its process: a class, a cluster, a server.
_NEEDS_A_PROCESS = re.compile(r"\bclass |\bray\b|explore\(")


@pytest.mark.parametrize("code", blocks("python"))
def test_python_blocks_run(code, here):
    for name in re.findall(r"^import (datasets|duckdb|polars)\b", code, re.MULTILINE):
        pytest.importorskip(name, reason=f"{name} is not installed: pip install --group interop")
    is_as_installed = os.environ.get("PYTHONPATH", "").endswith(HIDING)
    if not is_as_installed and not _NEEDS_A_PROCESS.search(code):
        with as_at_first():
            exec(compile(code, "<block>", "exec"), {"__name__": "__main__"})
        return
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", blocks("sh"))
def test_shell_blocks_run(code, here, request):
    if "://" in code:
        request.getfixturevalue("bucket")
    if re.match(r"fastdup (?!run)\w+ out\b", code):
        run_fastdup("fastdup run photos --work-dir out")  # a block before this one did
    for line in code.splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        if words[:2] == ["pip", "install"]:  # its extras are known, or the run below fails
            assert re.fullmatch(r"\.(\[[\w,]+\])?", words[2]), line
            continue
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
            continue
        run_fastdup(line)


def test_the_quickstart_shows_what_a_run_prints(photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    text = (ROOT / "docs/quickstart.md").read_text()
    sample = re.search(r"^```text\n(14 files.*?)^```", text, _WHOLE)
    done = fastdup_command("run", "photos", "--work-dir", "out")
    assert without_numbers(done.stdout) == without_numbers(sample[1])


def without_numbers(text):
    return re.sub(r"[\d.]+(?= )", "N", text)


def run_fastdup(line):
    words = shlex.split(line, comments=True)
    assert words[0] == "fastdup", f"what is {words[0]}?"
    if words[1] == "explore":
        serve_for_a_moment([sys.executable, "-m", *words])
        return
    is_as_installed = os.environ.get("PYTHONPATH", "").endswith(HIDING)
    needs_process = is_as_installed or "ray" in words
    done = (fastdup_process if needs_process else fastdup_command)(*words[1:])
    assert done.returncode == 0, f"{line}: {done.stderr}"


def serve_for_a_moment(command):
    """Run a command that serves until Ctrl-C."""
    quiet = {**os.environ, "BROWSER": "true"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=quiet) as server:
        assert server.stdout.readline().startswith("http://127.0.0.1:")
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)
    assert server.returncode == 0


def test_the_architecture_page_names_every_module():
    page = (ROOT / "docs/architecture.md").read_text()
    for path in (ROOT / "src/fastdup").iterdir():
        if path.suffix == ".py" or path.is_dir():
            name = path.stem if path.suffix else f"{path.name}/"
            if not name.startswith("__") or name == "__main__":
                assert f"`{name}`" in page, name


def test_the_table_of_where_to_put_what_names_files_that_exist():
    page = (ROOT / "docs/architecture.md").read_text()
    table = page.partition("## Where to put a new …")[2].partition("\n## ")[0]
    named = {name for name in re.findall(r"`([a-z_]+(?:/[\w.]+)+)`", table) if "NAME" not in name}
    assert "config/providers.py" in named
    package = ROOT / "src/fastdup"
    missing = [n for n in named if not (package / n).exists() and not (ROOT / n).exists()]
    assert missing == []


def test_the_architecture_page_stays_within_two_screens():
    page = (ROOT / "docs/architecture.md").read_text()
    assert len(page.splitlines()) <= 110
    assert len(page) <= 10_500


def test_blocks_are_found():
    assert blocks("python")
    assert blocks("sh")
    assert shutil.which("make")
