"""Completions for bash, zsh and fish, by shtab, of the parser of the command line."""

import argparse
from collections.abc import Iterator

import shtab

#: Shell → where its completions lie below ``share``.
PLACES = {
    "bash": "bash-completion/completions/fastdup",
    "fish": "fish/vendor_completions.d/fastdup.fish",
    "zsh": "zsh/site-functions/_fastdup",
}

#: Names of values that are files or folders.
FILES = {"INPUT", "MODEL_PATH", "PATH", "FEATURES_OUT_FILE", "QUERY", "FILE"}
FOLDERS = {"WORK_DIR", "OUT", "TEST_DIR", "DIR", "FOLDER"}


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script that completes the command line in `shell`.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        A fresh one: it is marked with what its values may be, and good for nothing else after.
    shell : str
        One of `PLACES`.
    """
    for action in _actions(parser):
        _mark(action)
    return shtab.complete(parser, shell)


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _actions(below)


def _mark(action: argparse.Action) -> None:
    name = action.metavar
    if not isinstance(name, str) or isinstance(action, argparse._SubParsersAction):
        return
    if name in FILES:
        action.complete = shtab.FILE
    elif name in FOLDERS:
        action.complete = shtab.DIRECTORY
    elif "|" in name:
        action.choices = name.split("|")
