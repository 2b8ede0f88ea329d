"""``fastdup export``: results for other tools."""

import argparse

from fastdup.actions.offers import BINARY_FORMATS, COPIES, FORMATS, TABLES
from fastdup.cli.copies import add_copy_options, chosen_copies
from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import print_line, write_lines


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Write the groups of copies among the images of the run in WORK_DIR, and which file of "
        "each to keep, or another table of its results, for other tools. No image is touched."
    )
    parser.set_defaults(act=_export)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    parser.add_argument(
        "--output", "-o", metavar="FILE", help="where to write (default: standard output)"
    )
    parser.add_argument(
        "--format",
        default="csv",
        metavar="|".join(FORMATS),  # checked by the library, as in Python
        help="csv (default), parquet, arrow; of the copies also json, list (the copies to remove "
        "and what goes with them, one name per line), list0 (each ended by a zero byte, for "
        "xargs -0), fiftyone (a FiftyOne image classification data set), coco (COCO's object "
        "format)",
    )
    parser.add_argument(
        "--table",
        default=COPIES,
        metavar="NAME",  # checked by the library, as in Python
        help="; ".join(f"{name}: {what}" for name, what in TABLES.items())
        + f" (default: {COPIES}, the only one that the options below are for)",
    )
    add_copy_options(parser)
    parser.add_argument("--plan", metavar="FILE", help="export this plan")


def _export(options: argparse.Namespace) -> None:
    from fastdup.actions.export import export_parts, export_to
    from fastdup.actions.keep import CopyChoice
    from fastdup.errors import ConfigError

    choice = CopyChoice(**chosen_copies(options))
    given = {"table": options.table, "plan": options.plan}
    if options.output is not None:
        print_line(export_to(options.output, options.work_dir, options.format, choice, **given))
    elif options.format in BINARY_FORMATS:
        raise ConfigError(
            f"{options.format} is not text: name a file, -o {options.table}.{options.format}"
        )
    else:
        write_lines(export_parts(options.work_dir, options.format, choice, **given))
