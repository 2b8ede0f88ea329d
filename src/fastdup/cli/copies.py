"""The options that decide which copies stay and which may go, shared by several commands."""

import argparse
from typing import Any

from fastdup.actions.keep import DEFAULT_KEEP, KEEP_RULES, kind_names
from fastdup.actions.offers import ALL, ALSO
from fastdup.cli.parser import CommandParser


def add_copy_options(parser: CommandParser) -> None:
    """Add the options to the parser of a command."""
    parser.add_argument(
        "--keep",
        default=DEFAULT_KEEP,
        metavar="RULE",  # checked by the library, as in Python
        help=f"which file of each group to keep: {', '.join(KEEP_RULES)} (default: {DEFAULT_KEEP})",
    )
    parser.add_argument(
        "--prefer",
        action="append",
        default=[],
        metavar="FOLDER",
        help="prefer to keep files in FOLDER, whatever --keep says (repeatable)",
    )
    parser.add_argument(
        "--never",
        action="append",
        default=[],
        metavar="FOLDER",
        help="never remove anything in FOLDER (repeatable)",
    )
    parser.add_argument(
        "--threshold",
        type=float,
        metavar="SIMILARITY",
        help="lowest similarity of a removed file to the kept one, not below that of the run "
        "(default: 0.98, almost identical)",
    )
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="KIND,…",
        help="also remove edited copies of these kinds: " + ", ".join((*ALSO, ALL)),
    )
    parser.add_argument(
        "--across",
        action="store_true",
        help="only copies across top folders: across inputs or, with one input, across the folders "
        "directly below it",
    )
    parser.add_argument(
        "--within", action="store_true", help="only copies within the same top folder"
    )
    parser.add_argument(
        "--exact", action="store_true", help="only exact copies: files with the same bytes"
    )


def chosen_copies(options: argparse.Namespace) -> dict[str, Any]:
    """Return what the parsed options choose, as the arguments of a `CopyChoice`."""
    return {
        "keep": options.keep,
        "threshold": options.threshold,
        "never": tuple(options.never),
        "prefer": tuple(options.prefer),
        "exact": options.exact,
        "also": kind_names(options.also),
        "across": options.across,
        "within": options.within,
    }
