"""Keyword arguments under their own names: aliases resolved, misspelt ones refused.

Options of later releases that mean nothing here are accepted with a `DeprecationWarning`, so that
old scripts run unchanged; a misspelt one is a `TypeError` that names the nearest real one.
"""

import dataclasses
import difflib
import numbers
import sys
import warnings
from collections.abc import Callable, Collection, Mapping
from types import FrameType
from typing import Any

from fastdup.config.aliases import MEANINGLESS, OPTION_ALIASES, TURI_MODELS, TURI_OPTIONS
from fastdup.config.options import RunConfig
from fastdup.errors import ConfigError

#: Options of ``turi_param`` that are numbers.
_TURI_NUMBERS: Mapping[str, Callable[[str], object]] = {
    "ccthreshold": float,
    "min_input_image_height": int,
    "min_input_image_width": int,
}
#: The run mode of later releases that compares `test_dir` with stored features.
_AGAINST_STORED = 3
#: Options that may be given as a number.
_FLAGS = ("verbose",)


def resolve_options(options: Mapping[str, Any], also: Collection[str] = ()) -> dict[str, Any]:
    """Return `options` under their own names, aliases resolved and the meaningless left out.

    Parameters
    ----------
    options : mapping
        As the user gave them.
    also : collection of str
        Names that the caller knows besides those of `RunConfig`, to be suggested too.

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
        resolved[name] = _as_flag(value) if name in _FLAGS else value
    if resolved.get("run_mode") == _AGAINST_STORED and resolved.get("test_dir") is not None:
        resolved["run_mode"] = 0  # stored rows are reused, so only `test_dir` is read
    return resolved


def _as_flag(value: Any) -> Any:
    """Return a number as a flag: scripts for later releases have ``verbose=1``."""
    return bool(value) if isinstance(value, numbers.Integral) else value


def unknown_option(function: str, given: str, known: Collection[str]) -> str:
    """Return the message for an option that `function` does not know."""
    nearest = difflib.get_close_matches(given, known, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"see help(fastdup.{function})"
    return f"{function}() got an unexpected keyword argument {given!r}; {hint}"


def warn_meaningless(name: str, instead: str) -> None:
    """Warn that an option has no effect, at the line of the script that gives it."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and _is_own(frame):
        level, frame = level + 1, frame.f_back
    warnings.warn(f"{name} has no effect: {instead}", DeprecationWarning, stacklevel=level)


def _is_own(frame: FrameType) -> bool:
    """Return whether the frame is this package's; a script's ``__package__`` is None."""
    return str(frame.f_globals.get("__package__")).partition(".")[0] == "fastdup"


def _without_turi_param(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return `options` with those that ``turi_param`` names in its place; explicit ones win.

    ``"nnmodel=0,ccthreshold=0.96"`` is how later releases spelt such options.
    """
    plain = dict(options)
    text = plain.pop("turi_param", None) or ""
    for item in filter(None, (part.strip() for part in str(text).split(","))):
        name, equals, value = (part.strip() for part in item.partition("="))
        if not equals or name not in (*TURI_OPTIONS, *MEANINGLESS):
            raise ConfigError(_unknown_turi_param(item, name))
        plain.setdefault(name, _turi_value(name, value))
    return plain


def _turi_value(name: str, value: str) -> object:
    if name == "nnmodel":
        return TURI_MODELS.get(value, value)
    kind = _TURI_NUMBERS.get(name, str)
    try:
        return kind(value)
    except ValueError as exc:
        raise ConfigError(
            f"turi_param: {name}={value!r} is not a number; try 'ccthreshold=0.96'"
        ) from exc


def _unknown_turi_param(item: str, name: str) -> str:
    nearest = difflib.get_close_matches(name, [*TURI_OPTIONS, *MEANINGLESS], n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]}?" if nearest else "try 'nnmodel=0,ccthreshold=0.96'"
    return f"turi_param has {item!r}, which is not known; {hint}"
