"""Finds duplicate, near-duplicate, odd and broken images in any collection, on an ordinary CPU.

>>> import fastdup
>>> fastdup.run("photos/", "out/")  # doctest: +SKIP

Importing this package is cheap: all but the exceptions is loaded on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from fastdup.actions.apply import Applied
    from fastdup.actions.clean import CleanReport, clean
    from fastdup.actions.export import export
    from fastdup.actions.leaks import Leak, LeakReport, find_leaks
    from fastdup.actions.plan import Plan, Step
    from fastdup.actions.state import LeftAlone
    from fastdup.actions.undo import UndoReport, undo
    from fastdup.api import run
    from fastdup.dataset import Fastdup, Visuals, create
    from fastdup.explorer import Explorer
    from fastdup.index import register_provider
    from fastdup.merging import merge
    from fastdup.progress import Progress
    from fastdup.report.gallery import (
        Gallery,
        create_components_gallery,
        create_duplicates_gallery,
        create_outliers_gallery,
        create_similarity_gallery,
        create_stats_gallery,
    )
    from fastdup.report.gallery import create_components_gallery as generate_components_gallery
    from fastdup.report.gallery import create_duplicates_gallery as generate_duplicates_gallery
    from fastdup.report.gallery import create_outliers_gallery as generate_outliers_gallery
    from fastdup.report.gallery import create_similarity_gallery as generate_similarity_gallery
    from fastdup.report.gallery import create_stats_gallery as generate_stats_gallery
    from fastdup.sources.source_reader import SourceReader, register_source
    from fastdup.workdir.features import load_binary_feature, save_binary_feature
    from fastdup.workdir.features import load_binary_feature as load_binary
    from fastdup.workdir.features import load_binary_feature as load_binary_features

__version__ = "0.25.0"

__all__ = [
    "ActionError",
    "Applied",
    "CleanReport",
    "ConfigError",
    "ExecutorError",
    "Explorer",
    "Fastdup",
    "FastdupError",
    "Gallery",
    "ImageError",
    "Leak",
    "LeakReport",
    "LeftAlone",
    "MissingExtraError",
    "ModelError",
    "NeighbourError",
    "Plan",
    "Progress",
    "Reason",
    "ReportError",
    "SourceError",
    "SourceReader",
    "Step",
    "UndoReport",
    "Visuals",
    "WorkDirError",
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
    "register_provider",
    "register_source",
    "run",
    "save_binary_feature",
    "undo",
]

#: Public name → the module that has it, imported on first use.
_MODULES = {
    "Applied": "fastdup.actions.apply",
    "CleanReport": "fastdup.actions.clean",
    "Explorer": "fastdup.explorer",
    "Fastdup": "fastdup.dataset",
    "Gallery": "fastdup.report.gallery",
    "Leak": "fastdup.actions.leaks",
    "LeakReport": "fastdup.actions.leaks",
    "LeftAlone": "fastdup.actions.state",
    "Plan": "fastdup.actions.plan",
    "Progress": "fastdup.progress",
    "SourceReader": "fastdup.sources.source_reader",
    "Step": "fastdup.actions.plan",
    "UndoReport": "fastdup.actions.undo",
    "Visuals": "fastdup.dataset",
    "clean": "fastdup.actions.clean",
    "create": "fastdup.dataset",
    "create_components_gallery": "fastdup.report.gallery",
    "create_duplicates_gallery": "fastdup.report.gallery",
    "create_outliers_gallery": "fastdup.report.gallery",
    "create_similarity_gallery": "fastdup.report.gallery",
    "create_stats_gallery": "fastdup.report.gallery",
    "export": "fastdup.actions.export",
    "find_leaks": "fastdup.actions.leaks",
    "load_binary_feature": "fastdup.workdir.features",
    "merge": "fastdup.merging",
    "register_provider": "fastdup.index",
    "register_source": "fastdup.sources.source_reader",
    "run": "fastdup.api",
    "save_binary_feature": "fastdup.workdir.features",
    "undo": "fastdup.actions.undo",
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


def __getattr__(name: str) -> Any:
    own_name = _ALIASES.get(name, name)
    if own_name not in _MODULES:
        raise AttributeError(f"module 'fastdup' has no attribute {name!r}")
    value = getattr(import_module(_MODULES[own_name]), own_name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
