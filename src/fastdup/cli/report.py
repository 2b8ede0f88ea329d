"""``fastdup report``: all that a run found, on one page."""

import argparse

from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import print_line


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Write all that the run in WORK_DIR found to one HTML page, with numbers, charts and "
        "pictures, and print its path."
    )
    parser.set_defaults(act=_report)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    parser.add_argument(
        "--output", "-o", metavar="PATH", help="folder or .html file (default: WORK_DIR)"
    )


def _report(options: argparse.Namespace) -> None:
    from fastdup.run_report.report_page import create_report

    print_line(create_report(options.work_dir, options.output))
