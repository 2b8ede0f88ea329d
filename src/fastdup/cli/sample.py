"""``fastdup sample``: a few images that stand for all."""

import argparse

from fastdup.cli.parser import CommandParser
from fastdup.cli.rows_compared import add_rows_option
from fastdup.cli.terminal import print_line


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Choose the N most different images in WORK_DIR, copies counted once, and write them to "
        "WORK_DIR/sample.csv: what to label first, for example. The result is the same each time."
    )
    parser.set_defaults(act=_sample)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    parser.add_argument(
        "-n", type=int, default=100, metavar="N", help="number of images (default: 100)"
    )
    parser.add_argument(
        "--method",
        choices=("farthest", "centres"),
        default="farthest",
        help="farthest: each next image differs most from all before; centres: the image nearest "
        "to each of N k-means centres (default: farthest)",
    )
    parser.add_argument(
        "--balance",
        metavar="COLUMN",
        help="as many images of each label in this column of the annotations",
    )
    add_rows_option(parser)
    parser.add_argument(
        "--output", "-o", metavar="FILE", help="the CSV file (default: WORK_DIR/sample.csv)"
    )


def _sample(options: argparse.Namespace) -> None:
    from fastdup.clustering import sample
    from fastdup.workdir import WorkDir

    chosen = {"balance": options.balance, "by": options.by}
    found = sample(options.work_dir, options.n, options.method, **chosen)
    path = found.write(options.output or WorkDir(options.work_dir).sample)
    print_line(f"{len(found.paths):,} of {found.n_different:,} different images")
    print_line(f"images: {path}")
