"""The house rules that a reader relies on: sizes, names and words of the source and the docs."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "src/fastdup").rglob("*.py"))
CODE = [
    *MODULES,
    *(
        p
        for room in ("benchmarks", "demo", "packaging", "tests", "training")
        for p in sorted((ROOT / room).rglob("*.py"))
    ),
]
PAGES = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "docs/story.ipynb",
]

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60
#: Words that nobody else uses for what they meant here. The plain ones are "reported", "listed",
#: "given by", "logged" and "released". `file.tell()` is Python's own.
PRIVATE_WORDS = re.compile(
    r"\b(told|telling|hears?|heard|lets? go)\b"
    r"|(?<![.\w])(?<!def )tells?\b(?!\()"
    r"|\b(tell|say|hear)_\w+|\blet_go\b",
    re.IGNORECASE,
)


def id_of(path):
    return str(path.relative_to(ROOT))


def functions_of(tree):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def n_lines_without_docstring(function):
    first = function.body[0]
    last = function.end_lineno
    if ast.get_docstring(function) is None:
        return last - function.lineno + 1
    return last - function.lineno + 1 - (first.end_lineno - first.lineno + 1)


def test_no_module_has_more_than_400_lines():
    n_lines = {id_of(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: n for name, n in n_lines.items() if n > MOST_LINES} == {}


def test_no_function_has_more_than_60_lines_besides_its_docstring():
    long = {
        f"{id_of(path)}:{function.name}": n
        for path in MODULES
        for function in functions_of(ast.parse(path.read_text()))
        if (n := n_lines_without_docstring(function)) > MOST_LINES_OF_A_FUNCTION
    }
    assert long == {}


def test_every_module_begins_with_a_docstring_of_what_it_is():
    bare = [id_of(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert bare == []


def test_files_that_mean_different_things_have_different_names():
    """All names differ, but for those that mean the same everywhere.

    ``base.py`` holds the protocol of its folder, and a module of ``cli/`` is named for its command.
    """
    places = defaultdict(list)
    for path in MODULES:
        if path.name not in ("__init__.py", "base.py") and path.parent.name != "cli":
            places[path.name].append(id_of(path))
    assert [found for found in places.values() if len(found) > 1] == []


def test_arguments_are_spelled_out_and_not_unpacked_from_a_tuple_on_the_spot():
    bundles = [
        f"{id_of(path)}:{argument.lineno}"
        for path in CODE
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        for argument in call.args
        if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.Tuple | ast.List)
    ]
    assert bundles == []


@pytest.mark.parametrize("path", [*MODULES, *PAGES], ids=id_of)
def test_the_words_are_those_of_everybody(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [f"{n}: {line}" for n, line in enumerate(lines, 1) if PRIVATE_WORDS.search(line)]
    assert found == []
