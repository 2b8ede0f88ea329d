"""What the packages say of themselves agrees with the code and with each other."""

import email
import re
import subprocess
import sys
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bounds import lower_bounds

import fastdup
from fastdup.errors import EXTRA_PACKAGES

ROOT = Path(__file__).parents[2]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
RECIPE = (ROOT / "packaging/conda/recipe.yaml").read_text(encoding="utf-8")


def test_all_versions_agree():
    assert PROJECT["version"] == fastdup.__version__
    assert f'\n  version: "{fastdup.__version__}"\n' in RECIPE


def test_the_recipe_asks_for_what_the_wheel_asks_for():
    run = RECIPE.partition("\n  run:\n")[2]
    asked = dict(re.findall(r"^    - ([a-z0-9_-]+) >=([\d.]+)$", run, re.MULTILINE))
    wanted = dict(pin.split("==") for pin in lower_bounds(PYPROJECT))
    wanted["ray-core"] = wanted.pop("ray")  # as conda-forge calls it
    assert asked == wanted
    assert f'python_min: "{PROJECT["requires-python"].removeprefix(">=")}"' in RECIPE


def test_the_extra_all_is_every_extra_that_runs_everywhere():
    # Not gpu, which needs CUDA, nor umap, whose compiler comes late to new versions of Python.
    optional = dict(PROJECT["optional-dependencies"])
    (everything,) = optional.pop("all")
    assert everything == f"fastdup[{','.join(sorted(set(optional) - {'gpu', 'umap'}))}]"


def test_messages_name_the_packages_that_an_extra_installs():
    optional = {k: v for k, v in PROJECT["optional-dependencies"].items() if k != "all"}
    bare = {name: tuple(re.split("[><=]", item)[0] for item in v) for name, v in optional.items()}
    assert bare == EXTRA_PACKAGES


def test_nothing_leads_to_the_package_of_the_same_name_on_the_index():
    """That one is somebody else's: what is installed is this folder, a wheel, or other packages."""
    places = [*ROOT.glob("*.*"), ROOT / "Makefile"]
    for room in ("src", "docs", "demo", "packaging", "tests"):
        places += [path for path in (ROOT / room).rglob("*") if "_build" not in path.parts]
    texts = {".py", ".md", ".js", ".html", ".ipynb", ".toml", ".sh", ""}
    install = re.compile(r"pip3? install[^`\n]*?[\s'\"]fastdup(?![\w-]*\.whl)\b")
    found = [
        (path.name, line.strip())
        for path in places
        if path.is_file() and path.suffix in texts and path != Path(__file__)
        for line in path.read_text(encoding="utf-8").splitlines()
        if install.search(line)
    ]
    assert [name for name, _ in found] == ["README.md"]  # the line that warns of it


def test_every_dependency_has_a_lower_bound():
    assert "numpy==2.0" in lower_bounds(PYPROJECT)
    with pytest.raises(ValueError, match="jinja2 has no lower bound: write NAME>=VERSION"):
        lower_bounds('[project]\ndependencies = ["jinja2"]\n[project.optional-dependencies]\n')


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    (path,) = out.iterdir()
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_the_wheel_is_for_every_machine(wheel):
    assert Path(wheel.filename).name == f"fastdup-{fastdup.__version__}-py3-none-any.whl"


def test_the_wheel_holds_the_package_its_data_and_its_pages_alone(wheel):
    names = wheel.namelist()
    head = f"fastdup-{fastdup.__version__}"
    data = {n.removeprefix(f"{head}.data/data/") for n in names if n.startswith(f"{head}.data/")}
    assert data == {
        "share/man/man1/fastdup.1",
        "share/bash-completion/completions/fastdup",
        "share/fish/vendor_completions.d/fastdup.fish",
        "share/zsh/site-functions/_fastdup",
    }
    assert {n.split("/")[0] for n in names} == {"fastdup", f"{head}.data", f"{head}.dist-info"}
    package = ROOT / "src/fastdup"
    files = {
        f"fastdup/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {n for n in names if n.startswith("fastdup/")} == files


def test_the_wheel_states_its_licence_and_extras(wheel):
    text = wheel.read(f"fastdup-{fastdup.__version__}.dist-info/METADATA").decode()
    found = email.message_from_string(text)
    assert found["License-Expression"] == "Apache-2.0"
    assert found.get_all("License-File") == ["LICENSE"]
    assert set(found.get_all("Provides-Extra")) == set(PROJECT["optional-dependencies"])


def test_the_changelog_has_a_section_for_each_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert titles[0] == "Unreleased" or titles[0].startswith(fastdup.__version__)
    assert f"{fastdup.__version__} (" in "\n".join(titles)
    for title in titles[titles[0] == "Unreleased" :]:
        assert re.fullmatch(r"\d+\.\d+\.\d+ \(\d{4}-\d{2}-\d{2}\)", title), title


def test_the_changelog_becomes_a_debian_one(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "packaging/deb")
    from changelog import debian_changelog

    text = "# Changelog\n\n## Unreleased\n\n### Added\n\n- One\n  more\n- Two\n\n## 1\n\n- Old\n"
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert debian_changelog(text, "1.2", "A <a@b.example>", when).splitlines() == [
        "fastdup (1.2) unstable; urgency=medium",
        "",
        "  * One more",
        "  * Two",
        "",
        " -- A <a@b.example>  Fri, 02 Jan 2026 03:04:05 +0000",
    ]
