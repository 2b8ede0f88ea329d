"""Finds duplicate, near-duplicate, odd and broken images in any collection, on an ordinary CPU.

>>> import fastdup
>>> fastdup.run("photos/", "out/")  # doctest: +SKIP

Importing this package is cheap: each name is loaded on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastdup.actions.clean import clean
    from fastdup.actions.export import export
    from fastdup.actions.leaks import find_leaks
    from fastdup.actions.undo import undo
    from fastdup.api import run
    from fastdup.dataset import Fastdup, create
    from fastdup.merging import merge
    from fastdup.report import (
        create_components_gallery,
        create_duplicates_gallery,
        create_outliers_gallery,
        create_similarity_gallery,
        create_stats_gallery,
    )
    from fastdup.report import create_components_gallery as generate_components_gallery
    from fastdup.report import create_duplicates_gallery as generate_duplicates_gallery
    from fastdup.report import create_outliers_gallery as generate_outliers_gallery
    from fastdup.report import create_similarity_gallery as generate_similarity_gallery
    from fastdup.report import create_stats_gallery as generate_stats_gallery
    from fastdup.workdir import load_binary_feature, save_binary_feature
    from fastdup.workdir import load_binary_feature as load_binary
    from fastdup.workdir import load_binary_feature as load_binary_features

__version__ = "0.25.0"

__all__ = [
    "Fastdup",
    "__version__",
    "clean",
    "create",
    "create_components_gallery",
    "create_duplicates_gallery",
    "create_outliers_gallery",
    "create_similarity_gallery",
    "create_stats_gallery",
    "export",
    "find_leaks",
    "generate_components_gallery",
    "generate_duplicates_gallery",
    "generate_outliers_gallery",
    "generate_similarity_gallery",
    "generate_stats_gallery",
    "load_binary",
    "load_binary_feature",
    "load_binary_features",
    "merge",
    "run",
    "save_binary_feature",
    "undo",
]

#: Public name → (module, name there).
_HOMES = {
    "Fastdup": ("fastdup.dataset", "Fastdup"),
    "clean": ("fastdup.actions.clean", "clean"),
    "create": ("fastdup.dataset", "create"),
    "export": ("fastdup.actions.export", "export"),
    "find_leaks": ("fastdup.actions.leaks", "find_leaks"),
    "load_binary": ("fastdup.workdir", "load_binary_feature"),
    "load_binary_feature": ("fastdup.workdir", "load_binary_feature"),
    "load_binary_features": ("fastdup.workdir", "load_binary_feature"),
    "merge": ("fastdup.merging", "merge"),
    "run": ("fastdup.api", "run"),
    "save_binary_feature": ("fastdup.workdir", "save_binary_feature"),
    "undo": ("fastdup.actions.undo", "undo"),
    **{
        f"{verb}_{kind}_gallery": ("fastdup.report", f"create_{kind}_gallery")
        for kind in ("components", "duplicates", "outliers", "similarity", "stats")
        for verb in ("create", "generate")
    },
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'fastdup' has no attribute {name!r}")
    module, name_there = _HOMES[name]
    value = getattr(import_module(module), name_there)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
