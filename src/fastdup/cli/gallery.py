"""``fastdup gallery``: an HTML page that shows results."""

import argparse
import os
from typing import Any

from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import print_line

#: What a page can show: those kinds for which there is ``create_…_gallery``.
KINDS = ("duplicates", "outliers", "components", "similarity", "stats")


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = "Make an HTML page that shows the results in WORK_DIR, and print its path."
    parser.set_defaults(act=_gallery)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    parser.add_argument(
        "--kind", choices=KINDS, default="duplicates", help="what to show (default: duplicates)"
    )
    parser.add_argument(
        "--output", "-o", metavar="PATH", help="folder or .html file (default: WORK_DIR)"
    )
    parser.add_argument(
        "--num-images", type=int, default=20, metavar="N", help="most cards to show (default: 20)"
    )
    parser.add_argument(
        "--threshold",
        type=float,
        metavar="X",
        help="only pairs, and neighbours, of at least this similarity, 0 to 1; of groups, the mean",
    )
    parser.add_argument(
        "--exact",
        action="store_true",
        help="show exact copies among the duplicates; by default they are listed in one line",
    )
    parser.add_argument(
        "--descending",
        action=argparse.BooleanOptionalAction,
        help="the most similar, or the largest value, first (default: depends on --kind)",
    )
    parser.add_argument(
        "--metric", default="blur", help="with --kind stats: blur, dark, bright, … (default: blur)"
    )


def _gallery(options: argparse.Namespace) -> None:
    from fastdup.actions.keep import check_similarity
    from fastdup.errors import ConfigError
    from fastdup.report import gallery
    from fastdup.runs.finished import stored_labels

    create = getattr(gallery, f"create_{options.kind}_gallery")
    given = options.work_dir  # or a table in it
    folder = (os.path.dirname(given) or ".") if os.path.isfile(given) else given
    chosen: dict[str, Any] = {"get_label_func": stored_labels(folder)}
    if options.kind == "stats":
        chosen["metric"] = options.metric
    if options.threshold is not None:
        if options.kind == "stats":
            raise ConfigError("--threshold is a similarity, and --kind stats shows none")
        check_similarity(options.threshold)
        chosen["threshold"] = options.threshold
    if options.exact:
        chosen["exact"] = True
    if options.descending is not None:
        chosen["descending"] = options.descending
    print_line(create(given, options.output or folder, options.num_images, **chosen))
