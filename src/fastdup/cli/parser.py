"""The parser of a command: accepts old spellings, and names the nearest option on bad usage."""

import argparse
import sys
from collections.abc import Iterable
from os.path import exists
from typing import Any, NoReturn

BAD_USAGE = 2
_TRUE_WORDS, _FALSE_WORDS = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
#: Smallest ratio of `difflib` at which a name is suggested; one wrong letter of three has 0.67.
_LEAST_RATIO = 0.65
#: Options whose work cannot be undone: who typed a part of the name may have meant anything.
_NEVER_GUESSED = ("--yes-delete-forever",)


class CommandParser(argparse.ArgumentParser):
    """Says in one line what is wrong, and what was probably meant.

    Underscores in the names of options are as good as dashes, and flags may have a value:
    ``--verbose=true``.

    Attributes
    ----------
    argument_names : set of str
        Options that only name the argument after them, as in ``--input-dir PHOTOS``.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)
        self.argument_names: set[str] = set()

    def add_verbose(self) -> None:
        """Add the option that all commands share."""
        self.add_argument(
            "--verbose",
            action=argparse.BooleanOptionalAction,
            default=argparse.SUPPRESS,
            help="log more, and show a traceback on errors",
        )

    def error(self, message: str) -> NoReturn:
        """Print one line, and exit."""
        see = " See" if message.endswith("?") else "; see"
        print(f"fastdup: {message}{see} {self.prog} --help", file=sys.stderr)
        raise SystemExit(BAD_USAGE)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse all of `args`; what is not known is an error of this very command."""
        words = self._usual_spelling(sys.argv[1:] if args is None else args)
        options, unknown = super().parse_known_args(words, namespace)
        if unknown:
            self._refuse(unknown[0])
        return options, []

    def _usual_spelling(self, words: Iterable[str]) -> list[str]:
        if self._subparsers is not None:  # the options are those of the command below
            return list(words)
        words = iter(words)
        spelt: list[str] = []
        for word in words:
            if word == "--":
                return [*spelt, word, *words]
            if spelt and word in ("0", "1") and self._is_flag(spelt[-1]) and not exists(word):
                spelt += self._usual_option(f"{spelt.pop()}={word}")  # --verbose 1
                continue
            spelt += self._usual_option(word) if word.startswith("--") else [word]
        return spelt

    def _is_flag(self, word: str) -> bool:
        action = self._option_string_actions.get(word)
        return isinstance(action, argparse.BooleanOptionalAction)

    def _usual_option(self, word: str) -> list[str]:
        """Return ``--work_dir=x`` as ``--work-dir=x``, ``--verbose=true`` as ``--verbose``."""
        name, equals, value = word.partition("=")
        name = name.replace("_", "-")
        if name in self.argument_names:
            return [value] if equals else []
        action = self._option_string_actions.get(name)
        if action is None and " " not in word:  # argparse takes a word with a space for an argument
            self._refuse(name)
        if isinstance(action, argparse.BooleanOptionalAction):
            if value.lower() in _TRUE_WORDS:
                return [name]
            if value.lower() in _FALSE_WORDS:
                return ["--no-" + name.removeprefix("--")]
        if name == "--version" and equals:
            return [name] if value.lower() in _TRUE_WORDS else []
        return [name + equals + value]

    def _refuse(self, word: str) -> NoReturn:
        if not word.startswith("-"):
            self.error(f"unexpected argument {word!r}")
        known = [name for name in self._option_string_actions if name.startswith("--")]
        known += self.argument_names
        american = word.replace("neighbour", "neighbor")
        guessed = [name for name in known if name not in _NEVER_GUESSED]
        meant = nearest(american, known) or _containing(american, guessed)
        self.error(f"unknown option {word}" + (f", did you mean {meant}?" if meant else ""))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse what is none of the choices; argparse's own words differ by version."""
        if action.choices is None or value in action.choices:
            return
        choices = list(map(str, action.choices))
        meant = nearest(str(value), choices)
        hint = f", did you mean {meant}?" if meant else ""
        if isinstance(action, argparse._SubParsersAction):
            hint = hint or f" (choose from {', '.join(choices)})"
            self.error(f"there is no command {value!r}{hint}")
        message = f"invalid choice: {value!r} (choose from {', '.join(choices)}){hint}"
        raise argparse.ArgumentError(action, message)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return which of the `known` words was probably meant, None when there is none like it."""
    import difflib  # only when something is wrong

    bare, given = {name.lstrip("-"): name for name in known}, word.lstrip("-")
    found = difflib.get_close_matches(given, bare, n=3, cutoff=_LEAST_RATIO)
    # With one letter of two wrong, hardly anything is left to be alike.
    found = found or [name for name in bare if len(name) == 2 and _is_one_slip(given, name)]
    slips = [name for name in found if _is_one_slip(given, name)]
    return bare[(slips or found)[0]] if found else None


def _is_one_slip(word: str, name: str) -> bool:
    """Return whether one letter is wrong, missing, too many, or swapped with the next."""
    while word[:1] == name[:1] != "":
        word, name = word[1:], name[1:]
    while word[-1:] == name[-1:] != "":
        word, name = word[:-1], name[:-1]
    return max(len(word), len(name)) < 2 or (len(word) == 2 and word == name[::-1])


def _containing(word: str, known: Iterable[str]) -> str | None:
    """Return the one name that has the word among its own, None when there are none or several."""
    found = [name for name in known if f"-{word.lstrip('-')}-" in f"{name}-"]
    return found[0] if len(found) == 1 and len(word) > len("--d") else None
