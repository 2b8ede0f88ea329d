"""The table of commands. A command is a row here and a module, imported only when asked for."""

import importlib
from collections.abc import Collection, Mapping

from fastdup import __version__
from fastdup.cli.parser import CommandParser

#: Command → its line in the help, in this order. The module of the same name beside this one has
#: its ``add_arguments(parser)``.
COMMANDS: Mapping[str, str] = {
    "run": "find the duplicates and outliers of INPUT",
    "gallery": "make an HTML page that shows the results in WORK_DIR",
    "report": "write all that was found to one HTML page",
    "explore": "choose folders, run and look through the results in a browser",
    "merge": "join extractions of several machines",
    "models": "list the models, or download one",
    "search": "find the images most similar to new ones",
    "clean": "remove copies; only plans it unless you add --apply",
    "undo": "put back what clean removed",
    "decide": "remember which images are not copies, and which to keep",
    "export": "write the groups of copies, or other results, for other tools",
    "advise": "show what each threshold means, and which one to take",
    "evaluate": "measure how well copies are found",
    "kmeans": "put the images into clusters",
    "sample": "choose the most different images, such as those to label first",
    "leaks": "find test images that are also in the training set",
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
        epilog="A first word that is not a command is the INPUT of a run: fastdup PHOTOS -w OUT. "
        "On a terminal, fastdup alone opens a page to choose folders and run.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, line in COMMANDS.items():
        below = subparsers.add_parser(name, help=line)
        if name in names:
            importlib.import_module(f"fastdup.cli.{name}").add_arguments(below)
            below.add_verbose()
    return parser
