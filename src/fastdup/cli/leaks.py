"""``fastdup leaks``: similar images in different splits."""

import argparse

from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import print_line

#: Most pairs that the page shows.
_MOST_SHOWN = 5000


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Find similar images of the run in WORK_DIR that lie in different splits, such as train "
        "and test; write the pairs to WORK_DIR/leaks.csv, the most similar first, and print how "
        "many there are. The splits are given by --test, else by a column of the run's "
        "annotations, else by its --test-dir."
    )
    parser.set_defaults(act=_leaks)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    parser.add_argument(
        "--test",
        action="append",
        default=[],
        metavar="FOLDER",
        help="images in FOLDER are the test split, all others the training split (repeatable)",
    )
    parser.add_argument(
        "--split",
        default="split",
        metavar="COLUMN",
        help="column of the annotations that holds the split (default: split)",
    )
    parser.add_argument(
        "--threshold",
        type=float,
        metavar="SIMILARITY",
        help="lowest similarity to report (default: that of the run)",
    )
    parser.add_argument(
        "--gallery",
        action="store_true",
        help="make the page WORK_DIR/leaks.html too, of the 5,000 most similar pairs",
    )


def _leaks(options: argparse.Namespace) -> None:
    from fastdup.actions.leaks import find_leaks
    from fastdup.workdir import WorkDir

    report = find_leaks(
        options.work_dir, test=options.test, split=options.split, threshold=options.threshold
    )
    work = WorkDir(options.work_dir)
    path = report.write(work.leaks)
    for line in report.lines():
        print_line(line)
    print_line(f"pairs: {path}")
    if options.gallery:
        from fastdup.report.gallery import create_duplicates_gallery

        splits = {leak.path: leak.split for leak in report.leaks}
        splits |= {leak.other: leak.other_split for leak in report.leaks}
        n_shown = max(1, min(len(report.leaks), _MOST_SHOWN))
        print_line(create_duplicates_gallery(path, work.leaks_page, n_shown, get_label_func=splits))
