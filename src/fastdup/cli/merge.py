"""``fastdup merge``: the extractions of several nodes as one work folder."""

import argparse
import shlex

from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import print_line


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Join the extractions in the folders WORK_DIR into the folder OUT. Each was made with "
        "--run-mode 1 over its own --min-offset and --max-offset of the same input."
    )
    parser.set_defaults(act=_merge)
    parser.add_argument("work_dirs", metavar="WORK_DIR", nargs="+", help="the parts, in any order")
    parser.add_argument(
        "-w", "--work-dir", dest="output", metavar="OUT", required=True, help="the result"
    )


def _merge(options: argparse.Namespace) -> None:
    from fastdup.merging import merge_runs

    for line in merge_runs(options.work_dirs, options.output).lines():
        print_line(line)
    out = shlex.quote(options.output)
    print_line(f"to find the duplicates: fastdup run {out} -w {out} --run-mode 2")
