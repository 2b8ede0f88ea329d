"""``fastdup search``: the images of a finished run that are most similar to new ones."""

import argparse

from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import write_lines


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Print, as CSV, which images of the finished run in WORK_DIR are most similar to each "
        "image file QUERY."
    )
    parser.set_defaults(act=_search)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    parser.add_argument("queries", metavar="QUERY", nargs="+", help="image files")
    parser.add_argument(
        "-k",
        "--neighbors",
        "--neighbours",
        dest="k",
        type=int,
        default=5,
        metavar="K",
        help="images to list for each query (default: 5)",
    )


def _search(options: argparse.Namespace) -> None:
    from fastdup.image_search import search_images
    from fastdup.scale import decimal
    from fastdup.workdir.csv_files import csv_line

    hits = search_images(options.work_dir, options.queries, options.k)
    table = [("query", "image", "similarity")]
    table += [(hit.query, hit.path, decimal(hit.similarity)) for hit in hits]
    write_lines(map(csv_line, table))
