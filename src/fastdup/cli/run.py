"""``fastdup run``: find duplicates, near-duplicates, outliers and broken files."""

import argparse
import dataclasses
import logging
import os
import shlex
import warnings
from typing import Any

from fastdup import __version__
from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import print_line
from fastdup.config import RunConfig
from fastdup.config.aliases import LATER_OPTIONS, MEANINGLESS, OPTION_ALIASES
from fastdup.config.checks import type_of
from fastdup.config.options import DefaultFloat
from fastdup.config.resolve import resolve_options

#: Options that are added elsewhere, or are arguments.
_NO_OPTIONS = ("input_dir", "verbose")


def add_arguments(parser: CommandParser) -> None:
    """Add one option for each field of `RunConfig`, under all its names."""
    parser.description = (
        "Find the duplicates and outliers of INPUT; the results go to WORK_DIR. "
        "Run the same command again to resume a run that was stopped."
    )
    parser.set_defaults(act=_run)
    parser.argument_names.add("--input-dir")
    parser.add_argument("--version", action="version", version=__version__)
    fields = RunConfig.__dataclass_fields__
    parser.add_argument(
        "input_dir", metavar="INPUT", nargs="+", help=_help_text(fields["input_dir"])
    )
    for field in fields.values():
        if field.name not in _NO_OPTIONS:
            _add_option(parser, field)
    for name in ("turi_param", *MEANINGLESS):  # of later releases: accepted, and not offered
        flag = "--" + name.replace("_", "-")
        hidden: dict[str, Any] = {"default": argparse.SUPPRESS, "help": argparse.SUPPRESS}
        parser.add_argument(flag, dest=name, nargs="?", const=True, **hidden)


def config_from(options: argparse.Namespace) -> RunConfig:
    """Return what the parsed options ask for.

    Raises
    ------
    ConfigError
        When a value is out of range.
    """
    names = [field.name for field in dataclasses.fields(RunConfig)]
    given = {name: getattr(options, name) for name in names if hasattr(options, name)}
    given |= _of_later_releases(options)
    inputs = given.pop("input_dir")
    return RunConfig(input_dir=inputs[0] if len(inputs) == 1 else inputs, **given)


def _of_later_releases(options: argparse.Namespace) -> dict[str, Any]:
    """Return what options of later releases stand for; those that mean nothing are named."""
    given = {name: value for name, value in vars(options).items() if name in LATER_OPTIONS}
    if not given:
        return {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        resolved = resolve_options(given)
    if caught:
        for warning in caught:
            logging.getLogger("fastdup").warning("%s", warning.message)
    return {**resolved, "compat_files": True}


def _run(options: argparse.Namespace) -> None:
    config = config_from(options)
    from fastdup.pipeline import run_pipeline  # loads the whole machinery
    from fastdup.progress import REPORT_VARIABLE, choose_progress

    if os.environ.get(REPORT_VARIABLE) == "json":
        from fastdup.cli.reported_run import run_reported

        run_reported(config)
        return

    progress = choose_progress()
    try:
        summary = run_pipeline(config, progress)
    finally:
        progress.finish()  # no bar is left behind an error
    for line in summary.lines():
        print_line(line)
    for line in summary.details():
        logging.getLogger("fastdup").debug("%s", line)
    if summary.n_pairs is not None and summary.n_good:
        _print_next_steps(shlex.quote(config.work_dir), has_copies=bool(summary.n_groups))


def _print_next_steps(work_dir: str, *, has_copies: bool) -> None:
    print("what next:")
    print_line(f"  fastdup explore {work_dir}   look through the results in a browser, and decide")
    print_line(f"  fastdup gallery {work_dir}   save them as one page to look at or pass on")
    if has_copies:
        print_line(f"  fastdup clean {work_dir}     plan what to remove; nothing is touched yet")


def _add_option(parser: CommandParser, field: "dataclasses.Field[Any]") -> None:
    names = [field.name, *(alias for alias, name in OPTION_ALIASES.items() if name == field.name)]
    flags = ["-w"] if field.name == "work_dir" else []
    flags += ["--" + name.replace("_", "-") for name in names]
    settings: dict[str, Any] = {"dest": field.name, "help": _help_text(field)}
    if isinstance(field.default, bool):
        settings |= {"action": argparse.BooleanOptionalAction}
    elif isinstance(field.default, tuple):
        settings |= {"action": "append", "metavar": "PATTERN"}
    else:
        is_text = field.default is None or "reads" in field.metadata
        settings |= {"type": str if is_text else type_of(field)}
        settings |= {"metavar": field.name.upper()}
    if choices := field.metadata.get("choices"):  # checked by RunConfig, as in Python
        settings |= {"metavar": "|".join(map(str, choices))}
    parser.add_argument(*flags, default=argparse.SUPPRESS, **settings)


def _help_text(field: "dataclasses.Field[Any]") -> str:
    has_default = field.default not in (None, "", (), dataclasses.MISSING, False)
    has_default = has_default and not isinstance(field.default, DefaultFloat)  # its text says what
    default = f" (default: {field.default})" if has_default else ""
    return f"{field.metadata['help']}{default}".replace("%", "%%")
