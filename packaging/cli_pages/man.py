"""The man page ``fastdup.1``: one page for the program and all its commands."""

import argparse
from collections.abc import Iterator, Sequence

from cli_pages.commands import Argument, Command, walk_commands

FILES = (
    ("similarity.csv", "pairs of images, most similar first; the column distance: 1 is identical"),
    ("outliers.csv", "images that resemble no other, least similar first"),
    ("connected_components.csv", "groups of images connected by pairs"),
    ("features.bad.csv", "every file that could not be used, and why"),
    ("stats.csv", "size, brightness, contrast and blur of each image"),
    ("features.dat, features.dat.csv", "the features, and the names of the images"),
    ("config.json", "options, versions, counts and seconds of the run"),
)
EXIT_STATUS = (
    ("0", "done"),
    ("1", "failed; one line on standard error says why"),
    ("2", "bad usage"),
    ("130", "interrupted; the same command goes on from there"),
)


def man_page(parser: argparse.ArgumentParser, version: str) -> str:
    """Return the page as roff source.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        That of the whole command line.
    version : str
        Version to show in the footer of the page.
    """
    program, *commands = walk_commands(parser)
    lines = [
        f'.TH {_quoted(program.name.upper())} 1 "" {_quoted(f"{program.name} {version}")} '
        '"User Commands"',
        ".nh",
        ".SH NAME",
        rf"{program.name} \- {_text(_uncapitalised(program.description))}",
        ".SH SYNOPSIS",
        *_synopsis([program, *commands]),
        ".SH DESCRIPTION",
        _text(program.description),
        *([".PP", _text(program.epilog)] if program.epilog else []),
        *_arguments(program.options),
        ".SH COMMANDS",
        _text("Each command takes --help too."),
    ]
    for command in commands:
        lines += _section(command)
    lines += [".SH FILES", "Results in the work folder:", *_table(FILES)]
    lines += [".SH EXIT STATUS", *_table(EXIT_STATUS)]
    return "\n".join(lines) + "\n"


def _synopsis(commands: Sequence[Command]) -> Iterator[str]:
    for number, command in enumerate(commands):
        if number:
            yield ".br"
        rest = command.usage.removeprefix(command.name)
        yield rf"\fB{_text(command.name)}\fR{_text(rest)}"


def _section(command: Command) -> Iterator[str]:
    yield f".SS {_quoted(command.usage)}"
    yield _text(command.description)
    yield from _arguments([*command.arguments, *command.options])


def _arguments(arguments: Sequence[Argument]) -> Iterator[str]:
    for argument in arguments:
        names = ", ".join(rf"\fB{_text(name)}\fR" for name in argument.names)
        value = rf" \fI{_text(argument.value)}\fR" if argument.value else ""
        yield ".TP"
        yield names + value
        yield _text(argument.help)


def _table(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    for name, meaning in rows:
        yield from (".TP", rf"\fB{_text(name)}\fR", _text(meaning))


def _text(text: str) -> str:
    """Return `text` so that roff prints it as it is, hyphens to be copied and pasted included."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    for character, name in (("…", r"\&..."), ("×", r"\(mu"), ("–", r"\(en"), ("→", r"\(->")):
        escaped = escaped.replace(character, name)
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _quoted(text: str) -> str:
    return '"' + _text(text).replace('"', r"\(dq") + '"'


def _uncapitalised(sentence: str) -> str:
    return (sentence[:1].lower() + sentence[1:]).rstrip(".")
