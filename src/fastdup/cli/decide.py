"""``fastdup decide``: remember which files are no copies, and which are always kept."""

import argparse

from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import print_line

#: What to do, as in `fastdup.actions.decide.DEEDS`, which takes longer to import.
_DEEDS = ("not-copies", "keep", "remove", "list", "forget", "import", "export")


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Remember decisions on images, in WORK_DIR/decisions.csv: 'not-copies A B …' (they are not "
        "copies of each other), 'keep A …' (never remove them), 'remove A …' (remove each if a "
        "copy of it is kept). They follow the content of the files, wherever it is; 'remove' "
        "is for this file only. 'list' prints them. 'forget A' forgets all decisions on a "
        "file, 'forget A B …' those between several files, and on each of them. 'export FILE' "
        "and 'import FILE' carry decisions to another work folder. Runs, groups, plans, exports, "
        "galleries and the explorer follow them."
    )
    parser.set_defaults(act=_decide)
    parser.add_argument(
        "--work-dir", "-w", required=True, metavar="WORK_DIR", help="the work folder of a run"
    )
    parser.add_argument("what", metavar="WHAT", choices=_DEEDS, help=", ".join(_DEEDS))
    parser.add_argument("files", nargs="*", metavar="FILE", help="images, or the file to import")
    parser.add_argument(
        "--only",
        metavar="not-copies|keep|remove",  # checked by the library, as in Python
        help="with forget: forget only such decisions",
    )


def _decide(options: argparse.Namespace) -> None:
    from fastdup.actions.decide import LIST, decide

    report = decide(options.work_dir, options.what, options.files, only=options.only)
    if options.what == LIST:
        for number, decision, path, _size, _digest, decided in report.decided:
            shown = path if path.isprintable() else repr(path)
            print_line(f"{number:>6}  {decided[:10]:10}  {decision:10}  {shown}")
    for line in report.lines():
        print_line(line)
