"""``fastdup undo``: what clean took away, put back."""

import argparse

from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import print_line


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Put back the files that fastdup clean took away, with their bytes, names, times and "
        "permissions. Nothing is overwritten. You can interrupt it and run it again."
    )
    parser.set_defaults(act=_undo)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder that was cleaned")
    parser.add_argument(
        "--last", action="store_true", help="only the last clean-up (default: all of them)"
    )
    parser.add_argument(
        "--trust-journal",
        action="store_true",
        help="trust a journal that was not written by you on this machine, such as that of a work "
        "folder moved here; it may name any file",
    )


def _undo(options: argparse.Namespace) -> None:
    from fastdup.actions.undo import undo
    from fastdup.errors import ActionError
    from fastdup.progress import choose_progress
    from fastdup.quantities import counted

    report = undo(
        options.work_dir,
        last=options.last,
        trust_journal=options.trust_journal,
        progress=choose_progress(unit=" files"),
    )
    for line in report.lines():
        print_line(line)
    if report.details:
        raise ActionError(f"not put back: {counted(len(report.details), 'file')}; see above")
