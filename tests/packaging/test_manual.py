"""Every parameter of the FastDup 0.25 manual is found by its name: in Python, shell and docs.

manual_parameters.csv lists them with the section and the function they come from. In its prose the
manual also says image_dir and data_dir where it means input_dir; these are no parameters.
"""

import argparse
import csv
import inspect
import re
from pathlib import Path

import pytest

import fastdup
from fastdup.cli import build_parser
from fastdup.config.aliases import OPTION_ALIASES
from pictures import SHARED

ROOT = Path(__file__).parents[2]
MANUAL = SHARED / "manual" / "fastdup-0.25-manual.md"
LIST = Path(__file__).with_name("manual_parameters.csv")
LISTED = [
    tuple(row.values()) for row in csv.DictReader(LIST.read_text(encoding="utf-8").splitlines())
]
OF_RUN = sorted({name for _, function, name in LISTED if function == "run"})

HEADING = re.compile(r"^#+\s*(.+?)\s*$")
FUNCTION = re.compile(r"^\s*def (\w+)\(")
PARAMETER = re.compile(r"^\s*(\w+)\s?\((?:str|string|bool|boolean|int|float)\):")
#: Parameters that the manual names in its prose alone.
IN_PROSE = re.compile(r"\b(features?_out_file)\b")


def parameters_of_the_manual(text):
    """Return (section, function, parameter) of each, as the manual has them."""
    section, function, found = "", "run", set()
    for line in text.splitlines():
        if heading := HEADING.match(line):
            section, function = heading[1], "run"
        if definition := FUNCTION.match(line):
            function = definition[1]
        if parameter := PARAMETER.match(line):
            found.add((section, function, parameter[1]))
        found |= {(section, "run", name) for name in IN_PROSE.findall(line)}
    return found


def test_the_list_is_that_of_the_manual():
    if not MANUAL.is_file():
        pytest.skip("the manual is not beside this clone")
    assert set(LISTED) == parameters_of_the_manual(MANUAL.read_text(encoding="utf-8"))


def test_the_list_is_whole():
    assert len(LISTED) == len(set(LISTED))
    assert {function for _, function, _ in LISTED} >= {"run", "load_binary_feature"}
    assert len(OF_RUN) == 21


@pytest.mark.parametrize(("section", "function", "name"), LISTED)
def test_every_function_takes_the_parameter_by_its_name(section, function, name):
    parameters = inspect.signature(getattr(fastdup, function)).parameters
    known = OPTION_ALIASES.get(name, name) if function == "run" else name
    assert known in parameters, section


@pytest.mark.parametrize("name", OF_RUN)
def test_run_takes_every_parameter_by_its_name(name, photos, tmp_path):
    values = {"input_dir": photos, "work_dir": tmp_path, "compute": "cpu", "nnmodel": "lsh"}
    values |= {"distance": "euclidean", "nn_provider": "turi", "faiss_mode": "HSNW32"}
    values |= {"faiss_param": "efSearch=175", "model_path": None, "version": True, "verbose": True}
    values |= {"features_out_file": None, "feature_out_file": None}
    given = {"input_dir": photos, "work_dir": tmp_path, "run_mode": 1, name: values.get(name, 1)}
    assert fastdup.run(**given) == 0


@pytest.mark.parametrize("name", OF_RUN)
def test_the_command_line_has_every_parameter_by_its_name(name):
    actions = {
        word: action
        for parser in _parsers(build_parser())
        for action in parser._actions
        for word in (*action.option_strings, action.dest)
    }
    assert name == "input_dir" or f"--{name.replace('_', '-')}" in actions
    assert name in actions or name in OPTION_ALIASES


def _parsers(parser):
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _parsers(below)


@pytest.mark.parametrize("name", sorted({name for _, _, name in LISTED}))
def test_the_docs_name_every_parameter(name):
    pages = [*sorted((ROOT / "docs").glob("**/*.md")), ROOT / "README.md"]
    word = re.compile(rf"(?<![\w-])(--)?{name.replace('_', '[_-]')}(?![\w-])")
    assert any(word.search(page.read_text(encoding="utf-8")) for page in pages)
