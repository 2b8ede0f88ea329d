"""Finds duplicate, near-duplicate, odd and broken images in any collection, on an ordinary CPU.

>>> import fastdup
>>> fastdup.run("photos/", "out/")  # doctest: +SKIP

Importing this package is cheap: everything in it is loaded on first use.
"""

from sys import meta_path

#: As in `typing`, true for type checkers alone; importing that module takes 4 ms.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from fastdup.actions.apply import Applied
    from fastdup.actions.clean import CleanReport, clean
    from fastdup.actions.decide import DecideReport, decide
    from fastdup.actions.export import export
    from fastdup.actions.filter_dataset import filter_dataset
    from fastdup.actions.leaks import Leak, LeakReport, find_leaks
    from fastdup.actions.plan import Plan, PlannedCompanion, Step
    from fastdup.actions.state import LeftAlone
    from fastdup.actions.undo import UndoReport, undo
    from fastdup.advice import Advice, ThresholdRow, advise
    from fastdup.api import run
    from fastdup.clustering import ImageClusters, Sample, kmeans, sample
    from fastdup.compat.later_galleries import create_components_gallery, create_similarity_gallery
    from fastdup.compat.later_galleries import (
        create_components_gallery as generate_components_gallery,
    )
    from fastdup.compat.later_galleries import (
        create_similarity_gallery as generate_similarity_gallery,
    )
    from fastdup.compat.later_object import Fastdup, create
    from fastdup.compat.later_visuals import Visuals
    from fastdup.dataset.transformer import FastdupTransformer
    from fastdup.errors import (
        ActionError,
        ConfigError,
        ExecutorError,
        FastdupError,
        ImageError,
        MissingExtraError,
        ModelError,
        NeighbourError,
        Reason,
        ReportError,
        SourceError,
        WorkDirError,
    )
    from fastdup.evaluation import Evaluation, KindScore, evaluate
    from fastdup.explorer import Explorer
    from fastdup.index.provider_choice import register_provider
    from fastdup.merging import merge
    from fastdup.progress import Progress
    from fastdup.report.gallery import (
        create_duplicates_gallery,
        create_outliers_gallery,
        create_stats_gallery,
    )
    from fastdup.report.gallery import create_duplicates_gallery as generate_duplicates_gallery
    from fastdup.report.gallery import create_outliers_gallery as generate_outliers_gallery
    from fastdup.report.gallery import create_stats_gallery as generate_stats_gallery
    from fastdup.report.gallery_file import Gallery
    from fastdup.sources.source_reader import SourceReader, register_source
    from fastdup.workdir.decision_file import DecidedFile
    from fastdup.workdir.features import load_binary_feature, save_binary_feature
    from fastdup.workdir.features import load_binary_feature as load_binary
    from fastdup.workdir.features import load_binary_feature as load_binary_features

__version__ = "0.25.0"

__all__ = [
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
]

#: Module → the public names in it; it is imported on the first use of one of them.
_MODULES = {
    "fastdup.actions.apply": ("Applied",),
    "fastdup.actions.clean": ("CleanReport", "clean"),
    "fastdup.actions.decide": ("DecideReport", "decide"),
    "fastdup.actions.export": ("export",),
    "fastdup.actions.filter_dataset": ("filter_dataset",),
    "fastdup.actions.leaks": ("Leak", "LeakReport", "find_leaks"),
    "fastdup.actions.plan": ("Plan", "PlannedCompanion", "Step"),
    "fastdup.actions.state": ("LeftAlone",),
    "fastdup.actions.undo": ("UndoReport", "undo"),
    "fastdup.advice": ("Advice", "ThresholdRow", "advise"),
    "fastdup.api": ("run",),
    "fastdup.clustering": ("ImageClusters", "Sample", "kmeans", "sample"),
    "fastdup.compat.later_galleries": ("create_components_gallery", "create_similarity_gallery"),
    "fastdup.compat.later_object": ("Fastdup", "create"),
    "fastdup.compat.later_visuals": ("Visuals",),
    "fastdup.dataset.transformer": ("FastdupTransformer",),
    "fastdup.errors": (
        "ActionError",
        "ConfigError",
        "ExecutorError",
        "FastdupError",
        "ImageError",
        "MissingExtraError",
        "ModelError",
        "NeighbourError",
        "Reason",
        "ReportError",
        "SourceError",
        "WorkDirError",
    ),
    "fastdup.evaluation": ("Evaluation", "KindScore", "evaluate"),
    "fastdup.explorer": ("Explorer",),
    "fastdup.index.provider_choice": ("register_provider",),
    "fastdup.merging": ("merge",),
    "fastdup.progress": ("Progress",),
    "fastdup.report.gallery": (
        "create_duplicates_gallery",
        "create_outliers_gallery",
        "create_stats_gallery",
    ),
    "fastdup.report.gallery_file": ("Gallery",),
    "fastdup.sources.source_reader": ("SourceReader", "register_source"),
    "fastdup.workdir.decision_file": ("DecidedFile",),
    "fastdup.workdir.features": ("load_binary_feature", "save_binary_feature"),
}
#: The manual's other names of the same functions.
_ALIASES = {
    "generate_components_gallery": "create_components_gallery",
    "generate_duplicates_gallery": "create_duplicates_gallery",
    "generate_outliers_gallery": "create_outliers_gallery",
    "generate_similarity_gallery": "create_similarity_gallery",
    "generate_stats_gallery": "create_stats_gallery",
    "load_binary": "load_binary_feature",
    "load_binary_features": "load_binary_feature",
}


def __getattr__(name: str) -> "Any":
    from importlib import import_module

    if name == "errors":
        return import_module("fastdup.errors")
    own_name = _ALIASES.get(name, name)
    for module, names in _MODULES.items():
        if own_name in names:
            value = globals()[name] = getattr(import_module(module), own_name)
            return value
    if not name.startswith("_"):
        later = import_module("fastdup.compat.later_modules").find_function(name)
        if later is not None:
            globals()[name] = later
            return later
    raise AttributeError(f"module 'fastdup' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


class _LaterModules:
    """Finds the submodules of later releases, when Python finds no file of such a name."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> "Any":
        if not name.startswith("fastdup.") or name.startswith("fastdup.compat"):
            return None
        from importlib import import_module

        return import_module("fastdup.compat.later_modules").find_module(name)


if not any(finder.__name__ == "_LaterModules" for finder in meta_path if isinstance(finder, type)):
    meta_path.append(_LaterModules)
