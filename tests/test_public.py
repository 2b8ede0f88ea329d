"""The public names: exactly those listed here, and all that public functions return and raise."""

import builtins
import inspect
import re
import subprocess
import sys
import typing
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy.typing import ArrayLike, NDArray

import fastdup
from fastdup import errors

#: A name added or removed here is a change of what users may rely on: note it in the changelog.
PUBLIC = {
    "ActionError",
    "Advice",
    "Applied",
    "CleanReport",
    "ConfigError",
    "DecideReport",
    "DecidedFile",
    "Evaluation",
    "ExecutorError",
    "Explorer",
    "Fastdup",
    "FastdupError",
    "FastdupTransformer",
    "Gallery",
    "ImageClusters",
    "ImageError",
    "KindScore",
    "Leak",
    "LeakReport",
    "LeftAlone",
    "MissingExtraError",
    "ModelError",
    "NeighbourError",
    "Plan",
    "PlannedCompanion",
    "Progress",
    "Reason",
    "ReportError",
    "Sample",
    "SourceError",
    "SourceReader",
    "Step",
    "ThresholdRow",
    "UndoReport",
    "Visuals",
    "WorkDirError",
    "__version__",
    "advise",
    "clean",
    "create",
    "create_components_gallery",
    "create_duplicates_gallery",
    "create_outliers_gallery",
    "create_similarity_gallery",
    "create_stats_gallery",
    "decide",
    "evaluate",
    "export",
    "filter_dataset",
    "find_leaks",
    "generate_components_gallery",
    "generate_duplicates_gallery",
    "generate_outliers_gallery",
    "generate_similarity_gallery",
    "generate_stats_gallery",
    "kmeans",
    "load_binary",
    "load_binary_feature",
    "load_binary_features",
    "merge",
    "register_provider",
    "register_source",
    "run",
    "sample",
    "save_binary_feature",
    "undo",
}

#: Names that annotations use and only type checkers import.
NAMES = {"np": np, "pa": pa, "pd": pd, "NDArray": NDArray, "ArrayLike": ArrayLike}
#: Words with a capital letter in the types of docstrings that name no class of fastdup.
OTHER_WORDS = {"None", "Counter", "COCO", "CSV", "HTML"}
CALLABLES = [n for n in sorted(PUBLIC) if callable(getattr(fastdup, n))]


def test_the_public_names_are_those_listed():
    assert set(fastdup.__all__) == PUBLIC
    assert len(fastdup.__all__) == len(PUBLIC)
    assert set(dir(fastdup)) == PUBLIC


def test_every_public_name_is_loaded_on_first_use():
    code = "import fastdup; print(*(n for n in fastdup.__all__ if getattr(fastdup, n) is not None))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (set(done.stdout.split()), done.stderr) == (PUBLIC, "")


def test_what_is_not_public_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'rum'"):
        fastdup.rum  # noqa: B018


def test_the_errors_are_there_after_a_bare_import():
    code = "import fastdup; print(fastdup.errors.ConfigError is fastdup.ConfigError)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_every_error_is_public():
    classes = dict(inspect.getmembers(errors, inspect.isclass))
    kinds = {name for name, kind in classes.items() if issubclass(kind, errors.FastdupError)}
    assert kinds
    assert kinds <= PUBLIC


def test_the_reference_names_every_public_name():
    page = (Path(__file__).parents[1] / "docs/api.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bfastdup\.(\w+)", page))
    assert PUBLIC - {"__version__"} <= named
    assert named - {"errors"} <= PUBLIC


def public_classes():
    return {getattr(fastdup, name) for name in PUBLIC if inspect.isclass(getattr(fastdup, name))}


def members_of(name):
    """Yield the public object of that name, and the public methods and properties of a class."""
    value = getattr(fastdup, name)
    yield name, value
    if inspect.isclass(value):
        for member_name, member in inspect.getmembers(value):
            member = member.fget if isinstance(member, property) else member
            is_own = str(getattr(member, "__module__", "")).startswith("fastdup.")
            if not member_name.startswith("_") and inspect.isroutine(member) and is_own:
                yield f"{name}.{member_name}", member


def classes_in(annotation):
    """Yield the classes that an annotation is made of."""
    if isinstance(annotation, list | tuple):
        for part in annotation:
            yield from classes_in(part)
    elif (origin := typing.get_origin(annotation)) is not None:
        yield from classes_in([origin, *typing.get_args(annotation)])
    elif inspect.isclass(annotation):
        yield annotation


@pytest.mark.parametrize("name", CALLABLES)
def test_what_public_functions_return_and_results_hold_is_public(name):
    names = NAMES | {n: getattr(fastdup, n) for n in PUBLIC}
    for where, member in members_of(name):
        hints = typing.get_type_hints(member, None, names)
        given = hints if inspect.isclass(member) else {"return": hints.get("return")}
        for label, annotation in given.items():
            for kind in classes_in(annotation):
                is_own = kind.__module__.startswith("fastdup.")
                assert not is_own or kind in public_classes(), f"{where}: {label}"


def entries_of(member):
    """Return title of a numpydoc section → the first lines of its entries."""
    parts = re.split(r"^(\w+)\n-+\n", inspect.getdoc(member) or "", flags=re.MULTILINE)
    return {
        title: re.findall(r"^\w.*$", text, re.MULTILINE)
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def is_exception(name):
    kind = getattr(fastdup, name) if name in PUBLIC else getattr(builtins, name, None)
    return inspect.isclass(kind) and issubclass(kind, Exception)


@pytest.mark.parametrize("name", CALLABLES)
def test_what_docstrings_name_is_public(name):
    for where, member in members_of(name):
        entries = entries_of(member)
        assert [e for e in entries.get("Raises", ()) if not is_exception(e)] == [], where
        # Classes are made by functions, so what their constructors take is of no concern.
        titles = {"Parameters", "Attributes", "Returns"}
        for title in titles - ({"Parameters"} if inspect.isclass(member) else set()):
            types = [entry.rpartition(" : ")[2] for entry in entries.get(title, ())]
            named = set(re.findall(r"\b[A-Z]\w+", " ".join(types)))
            assert named <= PUBLIC | OTHER_WORDS, f"{where}: {title}"
