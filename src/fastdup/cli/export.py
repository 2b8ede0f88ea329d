"""``fastdup export``: the groups of copies for other tools."""

import argparse

from fastdup.actions.offers import FORMATS
from fastdup.cli.copies import add_copy_options, chosen_copies
from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import print_line, write_lines


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Write the groups of copies among the images of the run in WORK_DIR, and which file of "
        "each stays, for other tools. Nothing is touched."
    )
    parser.set_defaults(act=_export)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    parser.add_argument(
        "--format",
        default="csv",
        metavar="|".join(FORMATS),  # checked by the library, as in Python
        help="csv (default), json, list (names of the copies that may go, and of what goes with "
        "them, a line each), list0 (each ended by a zero byte, for xargs -0), fiftyone (a FiftyOne "
        "image classification data set), coco (COCO's object format)",
    )
    parser.add_argument(
        "--output", "-o", metavar="FILE", help="where to write (default: standard output)"
    )
    add_copy_options(parser)
    parser.add_argument("--plan", metavar="FILE", help="export this plan")


def _export(options: argparse.Namespace) -> None:
    from fastdup.actions.export import exported
    from fastdup.actions.keep import CopyChoice
    from fastdup.workdir.csv_files import write_atomically

    choice = CopyChoice(**chosen_copies(options))
    data = exported(options.work_dir, options.format, choice, plan=options.plan)
    if options.output is None:
        write_lines(data.splitlines(keepends=True))
    else:
        write_atomically(options.output, lambda file: file.write(data))
        print_line(options.output)
