"""The project's own habits, as CONTRIBUTING.md has them, are kept."""

import ast
import re
import subprocess
import sys
import tomllib

import yaml

from conftest import SLOW, TESTS

ROOT = TESTS.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PYTEST = re.search(r"^PYTEST := (.*)", MAKEFILE, re.MULTILINE)[1]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
#: Rooms whose tests are whole runs, pages, or the same for each provider: slow by their nature.
WHOLE_ROOMS = {"browser", "contracts", "end_to_end"}


def recipe(target):
    return re.search(rf"^{target}:.*\n((?:\t.*\n)*)", MAKEFILE, re.MULTILINE)[1]


def test_what_the_quick_tests_leave_out_is_there():
    assert [name for name in SLOW if not (TESTS / name).exists()] == []


def test_the_quick_tests_look_into_every_room():
    files = {path.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    quick = {f for f in files if not {f.as_posix(), f.parts[0]} & set(SLOW)}
    rooms = {f.parts[0] for f in files if len(f.parts) > 1}
    assert rooms - {f.parts[0] for f in quick} == WHOLE_ROOMS


def test_make_test_leaves_no_test_out():
    assert "\ntest: lint types layers unit\n" in MAKEFILE
    chosen = recipe("unit") + PYTEST + PROJECT["tool"]["pytest"]["ini_options"]["addopts"]
    assert re.findall(r"--quick|--ignore|--deselect|-[mk]\b|--last-failed|--co\b", chosen) == []


def test_a_release_is_of_what_all_tests_cover():
    assert re.search(r"^release: .*\blint types layers coverage\b", MAKEFILE, re.MULTILINE)
    assert recipe("coverage").startswith(recipe("unit").rstrip("\n") + " --cov ")
    assert PROJECT["tool"]["coverage"]["report"]["fail_under"] >= 93


def test_the_hooks_are_valid_and_run_the_tools_that_make_runs():
    command = [
        sys.executable,
        "-m",
        "pre_commit",
        "validate-config",
        ROOT / ".pre-commit-config.yaml",
    ]
    subprocess.run(command, check=True)
    (repo,) = HOOKS["repos"]
    assert repo["repo"] == "local"  # nothing is fetched, no second list of versions
    tools = {hook["entry"].split()[0].removeprefix(".venv/bin/") for hook in repo["hooks"]}
    assert tools == {"ruff", "mypy", "lint-imports"}
    for tool in tools:
        assert f"$(BIN)/{tool}" in recipe("lint") + recipe("types") + recipe("layers")


def test_ci_runs_the_lowest_python_on_linux_macos_and_windows():
    jobs = WORKFLOW["jobs"]
    lowest = PROJECT["project"]["requires-python"].removeprefix(">=")
    for job in jobs.values():
        versions = job["strategy"]["matrix"]["python"]
        assert versions[0] == lowest
        assert len(versions) > 1
    assert {job["runs-on"] for job in jobs.values()} == {"ubuntu-latest", "${{ matrix.os }}"}
    assert jobs["others"]["strategy"]["matrix"]["os"] == ["macos-latest", "windows-latest"]
    assert {"run": ".ci/run"} in jobs["linux"]["steps"]


#: Of named tuples, whose names these are to the public, and of argparse.
OTHERS = {"_SubParsersAction", "_actions", "_asdict", "_option_string_actions", "_replace"}


def private(name):
    return name.startswith("_") and not name.endswith("_")  # nor _repr_html_, which is Jupyter's


def reaches_behind(node):
    """Return the private name of fastdup that a piece of a test patches or takes, if any."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fastdup"):
        names = [*node.module.split("."), *(alias.name for alias in node.names)]
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("setattr", "delattr"):
        words = [a.value for a in node.args[:2] if isinstance(a, ast.Constant)]
        names = [part for word in words if isinstance(word, str) for part in word.split(".")]
    elif isinstance(node, ast.Attribute) and not isinstance(node.value, ast.Call):
        is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
        names = [] if is_own or node.attr in OTHERS else [node.attr]
    else:
        return None
    return next(filter(private, names), None)


def found_behind(text):
    return [found for node in ast.walk(ast.parse(text)) if (found := reaches_behind(node))]


def test_no_test_reaches_behind_what_is_public():
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in sorted(TESTS.rglob("*.py"))
        if (names := found_behind(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_reaching_behind_is_noticed_in_each_form():
    assert found_behind("monkeypatch.setattr('fastdup.index.join._LIMIT', 1)") == ["_LIMIT"]
    assert found_behind("monkeypatch.setattr(join, '_LIMIT', 1)") == ["_LIMIT"]
    assert found_behind("mp.delattr(join, '_LIMIT')") == ["_LIMIT"]
    assert found_behind("from fastdup.index.join import _LIMIT") == ["_LIMIT"]
    assert found_behind("join._LIMIT = 1") == ["_LIMIT"]
    assert found_behind("monkeypatch.setattr(Player, '__init__', noted)") == []
    assert found_behind("self._own = row._replace(a=1)") == []


def asserts(function, helpers):
    """Tell whether a test compares something, itself or by a function that does."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if "assert" in name or name in {"raises", "warns", "expect"} | helpers:
                return True
    return False


def functions_of(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def test_every_test_asserts_something():
    silent = []
    for path in TESTS.rglob("test_*.py"):
        functions = functions_of(ast.parse(path.read_text(encoding="utf-8")))
        helpers = {f.name for f in functions if asserts(f, set())}
        silent += [f.name for f in functions if f.name[:5] == "test_" and not asserts(f, helpers)]
    assert silent == []
