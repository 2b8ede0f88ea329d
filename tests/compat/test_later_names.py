"""Every name of later releases is in the table, does what it says, and is in docs/moving.md."""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from later_pages import later_table

import fastdup
from fastdup.compat import later_names
from fastdup.compat.later_names import COLUMNS, FILES, FUNCTIONS, METHODS, MODULES, PAGES, Later
from fastdup.config.aliases import MEANINGLESS, OPTION_ALIASES
from fastdup.config.resolve import resolve_options
from fastdup.models.presets import NO_PRESETS, PRESET_ALIASES, PRESETS, find_preset
from fastdup.report import gallery_options

PAGE = Path(__file__).parents[2] / "docs" / "moving.md"
#: What is known by its own name.
HERE = [name for name, row in FUNCTIONS.items() if row.target]
NOT_HERE = [name for name, row in FUNCTIONS.items() if not row.target]


@pytest.mark.parametrize("name", HERE)
def test_a_function_is_an_attribute_and_says_what_it_returns(name):
    function = getattr(fastdup, name)
    assert function.__name__ == name
    assert inspect.getdoc(function)
    assert getattr(fastdup, name) is function


@pytest.mark.parametrize("name", NOT_HERE)
def test_a_function_that_is_not_here_says_what_does_its_work(name):
    with pytest.raises(NotImplementedError, match=f"fastdup.{name} is not here: it ") as refusal:
        getattr(fastdup, name)("out", k=1)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_there_or_says_what_does_its_work(name, tmp_path):
    value = fastdup.create(tmp_path / "out")
    for part in name.split("."):
        value = getattr(value, part)
    if METHODS[name].target:
        assert callable(value)
    else:
        with pytest.raises(NotImplementedError, match=f"fastdup.{name} is not here: it "):
            value()


@pytest.mark.parametrize("name", MODULES)
def test_a_submodule_can_be_imported_or_says_what_does_its_work(name):
    content = MODULES[name]
    if isinstance(content, Later):
        with pytest.raises(ImportError, match=f"there is no fastdup.{name} here: it "):
            importlib.import_module(f"fastdup.{name}")
        return
    module = importlib.import_module(f"fastdup.{name}")
    with pytest.raises(AttributeError, match="has no attribute 'nothing_of_this_name'"):
        module.nothing_of_this_name  # noqa: B018
    for attribute, row in content.items():
        if row.target:
            value = getattr(module, attribute)
            assert inspect.isclass(value) or callable(value) or f"`{value}`" == row.words
        else:
            with pytest.raises(ImportError, match=f"has no {attribute} here: it "):
                getattr(module, attribute)


def test_a_submodule_of_no_release_is_missing_as_any_other():
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'fastdup\.engines'"):
        importlib.import_module("fastdup.engines")


@pytest.mark.parametrize("name", MEANINGLESS)
def test_an_option_without_a_meaning_is_named_in_a_warning(name):
    with pytest.warns(DeprecationWarning, match=f"^{name} has no effect: ."):
        assert resolve_options({name: 1}) == {}


@pytest.mark.parametrize(("alias", "name"), OPTION_ALIASES.items())
def test_another_spelling_of_an_option_is_the_option(alias, name):
    assert resolve_options({alias: "x"}) == {name: "x"}


@pytest.mark.parametrize("name", gallery_options.MEANINGLESS)
def test_an_option_of_galleries_without_a_meaning_is_named_in_a_warning(name):
    with pytest.warns(DeprecationWarning, match=f"^{name} has no effect: ."):
        gallery_options.gallery_options("create_duplicates_gallery", {name: 1})


@pytest.mark.parametrize(("alias", "name"), PRESET_ALIASES.items())
def test_a_model_is_known_by_its_other_name(alias, name):
    assert find_preset(alias) is PRESETS[name]


@pytest.mark.parametrize("name", NO_PRESETS)
def test_a_model_that_is_not_there_says_which_is(name):
    with pytest.raises(fastdup.ModelError, match=f"no preset named {name!r}: .* is "):
        find_preset(name)


def test_the_page_shows_the_table():
    text = PAGE.read_text(encoding="utf-8")
    assert later_table() in text
    shown = set(re.findall(r"^\| `([^`]+)`", later_table(), re.MULTILINE))
    rows = [*FUNCTIONS, *METHODS, *MODULES, *COLUMNS, *FILES, *PAGES, *PRESET_ALIASES, *NO_PRESETS]
    rows += [*MEANINGLESS, *OPTION_ALIASES, *gallery_options.MEANINGLESS]
    assert {row.removeprefix("vis.") for row in rows} <= {
        name.removeprefix("fastdup.").removeprefix("fd.").removeprefix("vis.").removesuffix("()")
        for name in shown
    }


def test_looking_for_a_name_loads_the_table_alone():
    code = "import fastdup; hasattr(fastdup, 'no_such_name'); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.startswith("fastdup")}
    names = ("", ".compat", ".compat.later_modules", ".compat.later_names")
    assert loaded == {f"fastdup{name}" for name in names}
    assert later_names.FUNCTIONS
