"""The reference of the command line as a page of Markdown."""

import argparse
from collections.abc import Iterator, Sequence

from cli_pages.commands import Argument, Command, walk_commands


def markdown_page(parser: argparse.ArgumentParser) -> str:
    """Return the page: a section for each command, a table for its arguments and options."""
    program, *commands = walk_commands(parser)
    lines = ["# Command line", "", program.description, ""]
    if program.epilog:
        lines += [_escaped(program.epilog), ""]
    lines += [*_table(program.arguments, "command"), *_table(program.options, "option")]
    for command in commands:
        lines += _section(command)
    return "\n".join(lines).rstrip() + "\n"


def _section(command: Command) -> Iterator[str]:
    yield from (f"## {command.name}", "")
    yield from ("```text", command.usage, "```", "")
    if command.description:
        yield from (_escaped(command.description), "")
    yield from _table(command.arguments, "argument")
    yield from _table(command.options, "option")


def _table(arguments: Sequence[Argument], kind: str) -> Iterator[str]:
    if not arguments:
        return
    yield from (f"| {kind} | meaning |", "|---|---|")
    for argument in arguments:
        names = ", ".join(f"`{name}`" for name in argument.names)
        value = " `" + argument.value.replace("|", r"\|") + "`" if argument.value else ""
        yield f"| {names}{value} | {_escaped(argument.help)} |"
    yield ""


def _escaped(text: str) -> str:
    """Return `text` so that Markdown shows it as it is, in a table too."""
    for character in "\\`*_<>|[]":
        text = text.replace(character, "\\" + character)
    return text
