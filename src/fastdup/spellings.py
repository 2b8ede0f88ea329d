"""How options are spelt: the manual's names, those of the later releases, and near misses.

`config` holds the table of aliases; this module applies it. Options of later releases that mean
nothing here are accepted with a `DeprecationWarning`, so that old scripts run unchanged; a
misspelt one is a `TypeError` that names the nearest real one.
"""

import dataclasses
import difflib
import sys
import warnings
from collections.abc import Collection, Mapping
from types import FrameType
from typing import Any

from fastdup.config import OPTION_ALIASES, RunConfig
from fastdup.errors import ConfigError

_WHOLE_IMAGES = "whole images are compared"
_NOTHING_SENT = "nothing is ever sent anywhere"
_KEPT = "images are only read, and nothing is downloaded for good"

#: Options of the original's later releases that no longer mean anything → what holds instead.
MEANINGLESS: Mapping[str, str] = {
    "augmentation_additive_margin": _WHOLE_IMAGES,
    "augmentation_horiz": _WHOLE_IMAGES,
    "augmentation_vert": _WHOLE_IMAGES,
    "batch_size": "batches are chosen by the tool",
    "delete_img": _KEPT,
    "delete_tar": _KEPT,
    "find_regex": "every file is looked at, whatever its name",
    "high_accuracy": "there is one built-in model; model_path takes another",
    "is_ordered": "the listing is always sorted",
    "license": "no licence key is needed",
    "min_file_size": "every file is looked at, whatever its size",
    "min_input_image_height": "every image is used, whatever its size",
    "min_input_image_width": "every image is used, whatever its size",
    "no_sort": "the listing is always sorted",
    "print_summary": "summary() returns the lines",
    "print_vl_datasets_ref": "there is no such service",
    "quiet": "the log is Python's: logging.getLogger('fastdup')",
    "resume": "every run goes on where the last one stopped",
    "run_advanced_stats": "the statistics are always whole",
    "run_cc": "groups are always found",
    "run_explain": "there is no such model",
    "run_pagerank": "there is no such ranking",
    "run_sentry": _NOTHING_SENT,
    "run_stats": "statistics are always taken",
    "save_crops": _KEPT,
    "save_thumbnails": _KEPT,
    "store_int": "files hold names",
    "sync_s3_to_local": _KEPT,
    "tar_only": "every file is looked at",
    "use_bounding_box": "boxes are compared where the annotations have them",
}

#: What ``turi_param`` may name besides `MEANINGLESS`; its ``nnmodel`` is a number or a name.
_TURI_OPTIONS = ("ccthreshold", "nnmodel")
_TURI_MODELS = {"0": "brute_force", "1": "ball_tree", "2": "lsh"}


def resolve_options(options: Mapping[str, Any], also: Collection[str] = ()) -> dict[str, Any]:
    """Return `options` under their own names, aliases resolved and the meaningless left out.

    Parameters
    ----------
    options : mapping
        As the user gave them.
    also : collection of str
        Names that the caller knows besides those of `RunConfig`, to be named for near misses.

    Raises
    ------
    TypeError
        When a name is unknown, naming the nearest real one, or given twice.
    ConfigError
        When ``turi_param`` makes no sense.
    """
    known = [f.name for f in dataclasses.fields(RunConfig)]
    resolved: dict[str, Any] = {}
    for given, value in _without_turi_param(options).items():
        name = OPTION_ALIASES.get(given, given)
        if name in MEANINGLESS:
            warn_meaningless(name, MEANINGLESS[name])
            continue
        if name not in known:
            candidates = [*known, *OPTION_ALIASES, "turi_param", *MEANINGLESS, *also]
            raise TypeError(unknown_option("run", given, candidates))
        if name in resolved:
            raise TypeError(f"run() got {name!r} twice, the second time as {given!r}")
        resolved[name] = value
    return resolved


def unknown_option(function: str, given: str, known: Collection[str]) -> str:
    """Return the message for an option that `function` does not know."""
    nearest = difflib.get_close_matches(given, known, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"see help(fastdup.{function})"
    return f"{function}() got an unexpected keyword argument {given!r}; {hint}"


def warn_meaningless(name: str, instead: str) -> None:
    """Tell the script that an option changes nothing, at the line where it is given."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and _is_own(frame):
        level, frame = level + 1, frame.f_back
    warnings.warn(f"{name} has no effect: {instead}", DeprecationWarning, stacklevel=level)


def _is_own(frame: FrameType) -> bool:
    """Return whether it is this package's; ``__package__`` is None in a file given to Python."""
    return str(frame.f_globals.get("__package__")).partition(".")[0] == "fastdup"


def _without_turi_param(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return `options` with what ``turi_param`` names in its place; what is given beside it wins.

    ``"nnmodel=0,ccthreshold=0.96"`` is how later releases spelt such options.
    """
    plain = dict(options)
    text = plain.pop("turi_param", None) or ""
    for item in filter(None, (part.strip() for part in str(text).split(","))):
        name, equals, value = (part.strip() for part in item.partition("="))
        if not equals or name not in (*_TURI_OPTIONS, *MEANINGLESS):
            raise ConfigError(_unknown_turi_param(item, name))
        plain.setdefault(name, _turi_value(name, value))
    return plain


def _turi_value(name: str, value: str) -> object:
    if name == "nnmodel":
        return _TURI_MODELS.get(value, value)
    if name != "ccthreshold":
        return value
    try:
        return float(value)
    except ValueError as exc:
        raise ConfigError(
            f"turi_param: ccthreshold={value!r} is no number; try ccthreshold=0.96"
        ) from exc


def _unknown_turi_param(item: str, name: str) -> str:
    nearest = difflib.get_close_matches(name, [*_TURI_OPTIONS, *MEANINGLESS], n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]}?" if nearest else "try 'nnmodel=0,ccthreshold=0.96'"
    return f"turi_param has {item!r}, which is nothing known; {hint}"
