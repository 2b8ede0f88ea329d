"""The checks of the options: each looks at one thing and raises a ConfigError."""

import dataclasses
import difflib
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from fastdup.config.amounts import moment_ns
from fastdup.errors import ConfigError

if TYPE_CHECKING:
    from fastdup.config.options import RunConfig

Check: TypeAlias = "Callable[[RunConfig], None]"

EXTRACT_AND_SEARCH, EXTRACT_ONLY, SEARCH_ONLY = range(3)

#: Values of ``bounding_box`` that ask for objects to be detected, which is not done here.
DETECTORS = ("face", "ocr", "rotated", "yolov5s")
_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")


def type_of(option: "dataclasses.Field[Any]") -> type:
    """Return the type of an option's values, besides None where that is the default."""
    default = option.default
    if default is None:
        return str
    return float if isinstance(default, float) else type(default)


def _refuse(name: str, value: object, allowed: str, example: object) -> ConfigError:
    return ConfigError(f"{name}={value!r} is not allowed: {allowed}; try {name}={example!r}")


def _check_types(config: "RunConfig") -> None:
    for f in dataclasses.fields(config):
        if f.name == "input_dir":
            continue
        value = getattr(config, f.name)
        wanted = type_of(f)
        is_flag_as_number = isinstance(value, bool) and wanted is not bool
        accepted = (int, float) if wanted is float else wanted
        optional = value is None and f.default is None
        if not optional and (is_flag_as_number or not isinstance(value, accepted)):
            raise _refuse(
                f.name,
                value,
                f"it must be a{'n' * (wanted is int)} {wanted.__name__}",
                "file" if f.default is None else f.default,
            )


def _check_choices(config: "RunConfig") -> None:
    for f in dataclasses.fields(config):
        choices, value = f.metadata.get("choices"), getattr(config, f.name)
        if not choices or value in choices:
            continue
        registry = f.metadata.get("registry")
        if registry is None or value not in registry:
            names = [*map(str, choices), *(registry.names() if registry is not None else ())]
            nearest = difflib.get_close_matches(str(value), names, n=1)
            example = nearest[0] if nearest else f.default
            allowed = f"choose from {', '.join(dict.fromkeys(names))}"
            raise _refuse(f.name, value, allowed, example)


def _check_whole_numbers(config: "RunConfig") -> None:
    for f in dataclasses.fields(config):
        least, value = f.metadata.get("at_least"), getattr(config, f.name)
        if least is not None and not least <= value <= sys.maxsize:
            raise _refuse(f.name, value, f"it must be at least {least}, and below 2**63", least)


def _check_shares(config: "RunConfig") -> None:
    """Check that what is a share lies between 0 and 1, or is -1 where that is its default."""
    for f in dataclasses.fields(config):
        what, value = f.metadata.get("share"), getattr(config, f.name)
        if what and not 0 <= value <= 1 and value != f.default:  # the first is false for NaN too
            example = value / 100 if 1 < value <= 100 else f.default
            raise _refuse(f.name, value, f"{what} lies between 0 and 1", example)


def _check_patterns(config: "RunConfig") -> None:
    for name in ("exclude", "include"):
        for pattern in getattr(config, name):
            if not isinstance(pattern, str) or not pattern.strip("/"):
                raise _refuse(name, pattern, "each pattern is a text such as '*.gif'", "*.gif")


def _check_dates(config: "RunConfig") -> None:
    for name in ("newer", "older"):
        value = getattr(config, name)
        try:
            moment_ns(value or "2024-05-31")
        except (ValueError, OverflowError, OSError) as exc:
            raise _refuse(name, value, "it must be a date or a time", "2024-05-31") from exc
    if config.newer and config.older and moment_ns(config.newer) >= moment_ns(config.older):
        raise _refuse("older", config.older, f"nothing is before it and since {config.newer}", None)


def _check_threads(config: "RunConfig") -> None:
    if config.num_threads == 0:
        raise _refuse("num_threads", 0, "it must be at least 1, or -1 for all cores", -1)


def _check_memory(config: "RunConfig") -> None:
    if config.max_memory != -1 and not 0 < config.max_memory < float("inf"):
        allowed = "it must be above 0, or -1 for half of what there is"
        raise _refuse("max_memory", config.max_memory, allowed, -1)


def _check_bounding_box(config: "RunConfig") -> None:
    given = config.bounding_box
    if given in DETECTORS:
        raise ConfigError(
            f"bounding_box={given!r} is not possible: fastdup detects no objects; give boxes by "
            "fd.run(annotations=…), upright ones, as filename, col_x, row_y, width, height"
        )
    try:
        crop = config.crop
        is_right = crop is None or (min(crop[:2]) >= 0 and min(crop[2:]) > 0)
    except (KeyError, ValueError):
        is_right = False
    if not is_right:
        allowed = "it names col_x and row_y from 0, width and height above 0, in pixels"
        raise _refuse("bounding_box", given, allowed, "row_y=0,col_x=0,height=100,width=100")


def _check_video_interval(config: "RunConfig") -> None:
    if config.video_interval != -1 and not 0.001 <= config.video_interval < float("inf"):
        allowed = "it must be at least 0.001 seconds, or -1 for the key frames"
        raise _refuse("video_interval", config.video_interval, allowed, 1.0)


def _check_address(config: "RunConfig") -> None:
    address = config.address
    if address is None:
        return
    if config.executor != "ray":
        raise ConfigError(f"address={address!r} is that of a Ray cluster: add executor='ray'")
    if address.startswith("ray://"):
        raise ConfigError(
            f"address={address!r} is that of a Ray client: run fastdup on a machine of the cluster "
            "and try address='auto'"
        )
    host, _, port = address.rpartition(":")
    is_place = _HOST.fullmatch(host) and port.isdecimal() and 0 < int(port) < 2**16
    if address not in ("auto", "local") and not is_place:
        allowed = "it must be HOST:PORT, auto (the cluster of this machine) or local"
        raise _refuse("address", address, allowed, "10.0.0.1:6379")


def _check_parts(config: "RunConfig") -> None:
    if config.parts and config.verify == "none":
        raise ConfigError(
            "parts=True brings pairs to judge, and verify='none' judges none: add verify='auto'"
        )


def _check_offsets(config: "RunConfig") -> None:
    if config.max_offset >= 0 and config.max_offset < max(config.min_offset, 0):
        raise _refuse(
            "max_offset",
            config.max_offset,
            f"it must not be below min_offset={config.min_offset}",
            max(config.min_offset, 0) + 1,
        )


def _check_outputs(config: "RunConfig") -> None:
    """Refuse a URL, which would become a folder of that name in the current one."""
    for name in ("work_dir", "features_out_file"):
        place = getattr(config, name)
        if place is not None and (not place or "://" in place or "\0" in place):
            raise _refuse(name, place, "results go to a place on this machine", "out")


def _check_content_model(config: "RunConfig") -> None:
    if config.content_model is None:
        return
    if not config.content:
        raise ConfigError("content_model makes the rows that content=False leaves out: drop one")
    if config.model_path is not None:
        raise ConfigError(
            "content_model goes beside the built-in model, which finds the copies: leave out "
            "model_path, or give it alone to do both by one model"
        )


def _check_input(config: "RunConfig") -> None:
    given = config.input_dir
    if config.run_mode == SEARCH_ONLY:  # the images are named beside the stored features
        return
    if isinstance(given, (str, os.PathLike)):
        if not os.fspath(given):
            raise ConfigError("input_dir is empty: name a folder, a list file or a list of files")
        return
    if not isinstance(given, Sequence) or isinstance(given, (bytes, bytearray)):
        raise ConfigError(
            f"input_dir is a {type(given).__name__}: name a folder, a list file or a list of files"
        )
    for item in given:
        if not isinstance(item, (str, os.PathLike)):
            raise ConfigError(f"input_dir holds {item!r}: each item must be a path")


#: All of them, in order.
CHECKS: tuple[Check, ...] = (
    _check_types,
    _check_choices,
    _check_input,
    _check_outputs,
    _check_threads,
    _check_whole_numbers,
    _check_shares,
    _check_offsets,
    _check_memory,
    _check_patterns,
    _check_dates,
    _check_video_interval,
    _check_bounding_box,
    _check_address,
    _check_parts,
    _check_content_model,
)
