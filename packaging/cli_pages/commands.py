"""What a parser accepts: its commands, their arguments and options, as plain records."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice


@dataclass(frozen=True)
class Argument:
    """One argument or option, and what its help says.

    Attributes
    ----------
    names : tuple of str
        Spellings of an option, as ``("-w", "--work-dir")``; of an argument its name alone.
    value : str
        What stands after the option's name; empty for a flag and for an argument.
    help : str
        The help text, with its defaults filled in.
    """

    names: tuple[str, ...]
    value: str
    help: str


@dataclass(frozen=True)
class Command:
    """A command: the whole program, or one of its subcommands."""

    name: str
    usage: str
    description: str
    epilog: str
    arguments: tuple[Argument, ...]
    options: tuple[Argument, ...]


def walk_commands(parser: argparse.ArgumentParser) -> Iterator[Command]:
    """Yield the command of `parser` and, in order of their declaration, those below it.

    ``--help`` is listed for the first command only.
    """
    yield _command(parser, parser._actions)
    for below in _parsers_below(parser):
        others = [a for a in below._actions if not isinstance(a, argparse._HelpAction)]
        yield _command(below, others)
        yield from islice(walk_commands(below), 1, None)


def _command(parser: argparse.ArgumentParser, actions: Sequence[argparse.Action]) -> Command:
    actions = [action for action in actions if action.help != argparse.SUPPRESS]
    return Command(
        name=parser.prog,
        usage=_usage(parser, actions),
        description=parser.description or "",
        epilog=parser.epilog or "",
        arguments=tuple(_arguments(parser, actions)),
        options=tuple(_option(parser, action) for action in actions if action.option_strings),
    )


def _parsers_below(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()


def _usage(parser: argparse.ArgumentParser, actions: Sequence[argparse.Action]) -> str:
    """Return one line; argparse's own differs between versions of Python."""
    words = [parser.prog]
    words += ["[OPTION]…"] if any(action.option_strings for action in actions) else []
    for action in actions:
        if action.option_strings and action.required:
            words.append(f"{max(action.option_strings, key=len)} {_metavar(action)}")
        elif not action.option_strings:
            name = _metavar(action)
            repeated = "…" if action.nargs in ("+", "*") else ""
            words.append(f"{name}{repeated}" if action.required else f"[{name}{repeated}]")
    return " ".join(words)


def _arguments(
    parser: argparse.ArgumentParser, actions: Sequence[argparse.Action]
) -> Iterator[Argument]:
    for action in actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                yield Argument((choice.dest,), "", _help(parser, choice))
        elif not action.option_strings:
            yield Argument((_metavar(action),), "", _help(parser, action))


def _option(parser: argparse.ArgumentParser, action: argparse.Action) -> Argument:
    value = "" if action.nargs == 0 else _metavar(action)
    return Argument(tuple(action.option_strings), value, _help(parser, action))


def _metavar(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    if action.choices is not None:
        return "|".join(map(str, action.choices))
    return action.dest.upper()


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    if not action.help:
        return ""
    return parser._get_formatter()._expand_help(action)
