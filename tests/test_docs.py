"""Every code block of the README and the docs runs."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language):
    return [
        pytest.param(found[2], id=f"{page.name}-{number}")
        for page in PAGES
        for number, found in enumerate(BLOCK.finditer(page.read_text()))
        if found[1] == language
    ]


@pytest.fixture
def here(photos, monkeypatch):
    """A current folder that holds the folder photos and the outputs of a run on it."""
    folder = photos.parent
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("code", blocks("python"))
def test_python_blocks_run(code, here):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", blocks("sh"))
def test_shell_blocks_run(code, here):
    for line in code.splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
            continue
        assert words[0] == "fastdup", f"what is {words[0]}?"
        command = [sys.executable, "-m", *words]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}: {done.stderr}"


def test_the_architecture_page_names_every_module():
    page = (ROOT / "docs/architecture.md").read_text()
    for path in (ROOT / "src/fastdup").iterdir():
        if path.suffix == ".py" or path.is_dir():
            name = path.stem if path.suffix else f"{path.name}/"
            if not name.startswith("__") or name == "__main__":
                assert f"`{name}`" in page, name


def test_blocks_are_found():
    assert blocks("python")
    assert blocks("sh")
    assert shutil.which("make")
