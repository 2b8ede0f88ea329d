"""The table of commands. A command is a row here and a module, imported only when asked for."""

import importlib
from collections.abc import Collection, Mapping
from typing import NamedTuple

from fastdup import __version__
from fastdup.cli.parser import CommandParser


class Command(NamedTuple):
    """A command: its module, which has ``add_arguments(parser)``, and its line in the help."""

    module: str
    help: str


#: Name → command, in the order in which the help lists them.
COMMANDS: Mapping[str, Command] = {
    "run": Command("fastdup.cli.run", "find the duplicates and outliers of INPUT"),
    "gallery": Command(
        "fastdup.cli.gallery", "make an HTML page that shows the results in WORK_DIR"
    ),
    "explore": Command(
        "fastdup.cli.explore", "look through the results in WORK_DIR and choose, in a browser"
    ),
    "merge": Command("fastdup.cli.merge", "join extract-only runs of several nodes"),
    "models": Command("fastdup.cli.models", "list the models, or download one"),
    "search": Command("fastdup.cli.search", "find the images most similar to new ones"),
    "clean": Command("fastdup.cli.clean", "put copies away; without --apply, only plan it"),
    "undo": Command("fastdup.cli.undo", "put back what clean took away"),
    "export": Command("fastdup.cli.export", "write the groups of copies for other tools"),
    "leaks": Command("fastdup.cli.leaks", "find test images that are in the training set too"),
}


def build_parser(names: Collection[str] = tuple(COMMANDS)) -> CommandParser:
    """Return the parser of the command line; man page and completions are made from it.

    Parameters
    ----------
    names : collection of str
        The commands whose arguments are needed. The others are listed in the help, no more.
    """
    parser = CommandParser(
        prog="fastdup",
        description="Find duplicate, near-duplicate, odd and broken images.",
        epilog="A first word that is no command is an INPUT to run: fastdup PHOTOS -w OUT",
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        below = subparsers.add_parser(name, help=command.help)
        if name in names:
            importlib.import_module(command.module).add_arguments(below)
            below.add_verbose()
    return parser
