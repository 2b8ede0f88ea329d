"""``fastdup advise``: which threshold to take."""

import argparse

from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import print_line


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Print what each threshold means in this collection: how many pairs reach it, which share "
        "of them are copies by the verdicts of the run (with a 95 % interval), and how many files "
        "and bytes would go; and the lowest threshold with a wanted precision. Changes nothing."
    )
    parser.set_defaults(act=_advise)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    parser.add_argument(
        "--precision",
        type=float,
        default=0.99,
        metavar="SHARE",
        help="share of the pairs that should be copies (default: 0.99)",
    )
    parser.add_argument(
        "-k",
        type=int,
        default=10,
        metavar="K",
        help="nearest images of each image to compare again; 0: only the pairs that the run "
        "kept or judged (default: 10)",
    )
    parser.add_argument(
        "--format",
        choices=("table", "csv", "json"),
        default="table",
        help="what is printed (default: table)",
    )
    parser.add_argument(
        "--output",
        "-o",
        action="append",
        default=[],
        metavar="FILE",
        help="write a page (.html), the figure (.svg), the rows (.csv) or all numbers (.json)",
    )


def _advise(options: argparse.Namespace) -> None:
    from fastdup.advice import advise

    advice = advise(options.work_dir, options.precision, k=options.k)
    if options.format == "table":
        for line in advice.lines():
            print_line(line)
    else:
        print(advice.text(options.format), end="")
    for path in options.output:
        advice.write(path)
        if options.format == "table":
            print_line(f"written: {path}")
