"""What is misspelt on the command line is refused with the nearest name of that very command."""

import argparse

import pytest

from fastdup.cli import build_parser, main
from fastdup.config.aliases import OPTION_ALIASES

#: An argument for each that a command demands.
ARGUMENTS = {
    "run": ["INPUT"],
    "merge": ["PART", "-w", "OUT"],
    "models": [],
    "models download": ["NAME"],
    "search": ["WORK_DIR", "QUERY"],
}


def parsers_of(parser, words=()):
    """Yield (words of the command, its parser) of every command and every command below it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield (*words, name), below
                yield from parsers_of(below, (*words, name))


COMMANDS = dict(parsers_of(build_parser()))


@pytest.fixture(autouse=True)
def in_an_empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def options_of(parser):
    """Return option as it is spelt → the action it stands for."""
    return {name: a for name, a in parser._option_string_actions.items() if name.startswith("--")}


def misspellings(name):
    """Yield every spelling with one letter dropped, doubled, wrong, or swapped with the next."""
    for i, letter in enumerate(name):
        yield name[:i] + name[i + 1 :]
        yield name[:i] + 2 * letter + name[i + 1 :]
        yield name[:i] + ("x" if letter != "x" else "q") + name[i + 1 :]
        if name[i + 1 : i + 2] not in ("", letter):
            yield name[:i] + name[i + 1] + letter + name[i + 2 :]


def refusal(words, capsys, parse=main):
    """Return the one line that refuses the words."""
    try:
        code = parse(words)
    except SystemExit as exc:
        code = exc.code
    assert code == 2
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    return line


def hint_in(line):
    return line.partition("did you mean ")[2].partition("?")[0]


@pytest.mark.parametrize(
    ("command", "option"),
    [
        pytest.param(command, option, id=f"{' '.join(command)} {option}")
        for command, parser in COMMANDS.items()
        for option in options_of(parser)
        if len(option) > len("--d")  # nothing is like a single letter
    ],
)
def test_an_option_with_one_wrong_letter_is_the_one_suggested(command, option, capsys):
    options = options_of(COMMANDS[command])
    arguments = ARGUMENTS.get(" ".join(command), ["WORK_DIR"])
    for bare in misspellings(option.removeprefix("--")):
        word = f"--{bare}"
        if word in options or word == "--":
            continue
        line = refusal([*arguments, word], capsys, COMMANDS[command].parse_args)
        assert line.startswith(f"fastdup: unknown option {word}, did you mean ")
        assert line.endswith(f"? See fastdup {' '.join(command)} --help")
        assert options[hint_in(line)] is options[option], line


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_option_of_another_command_is_suggested(command, capsys):
    own = options_of(COMMANDS[command])
    others = {name for parser in COMMANDS.values() for name in options_of(parser)} - set(own)
    arguments = ARGUMENTS.get(" ".join(command), ["WORK_DIR"])
    for word in sorted(others):
        hint = hint_in(refusal([*arguments, word], capsys, COMMANDS[command].parse_args))
        assert hint == "" or hint in {*own, "--input-dir"}, word


NAMES = [command[0] for command in COMMANDS if len(command) == 1]


@pytest.mark.parametrize("name", NAMES)
def test_a_command_with_one_wrong_letter_is_the_one_suggested(name, capsys):
    for word in misspellings(name):
        line = refusal([word, "WORK_DIR"], capsys)
        named = [other for other in NAMES if word in misspellings(other)]  # xeport: two of them
        assert any(
            f"no command and no input {word!r}, did you mean {other}? See fastdup --help" in line
            for other in named
        )


CHOICES = [
    (command, max(action.option_strings, key=len), value)
    for command, parser in COMMANDS.items()
    for action in options_of(parser).values()
    for value in action.choices or ()
]


@pytest.mark.parametrize(("command", "option", "value"), CHOICES)
def test_a_choice_with_one_wrong_letter_is_the_one_suggested(command, option, value, capsys):
    choices = [name for at, other, name in CHOICES if (at, other) == (command, option)]
    for word in set(misspellings(value)) - set(choices):
        line = refusal(["WORK_DIR", option, word], capsys, COMMANDS[command].parse_args)
        assert f"argument {option}: invalid choice: {word!r} (choose from " in line
        # One letter wrong at the end of a longer name is one letter too many of the shorter one.
        assert hint_in(line) in {value, *(name for name in choices if value.startswith(name))}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("gallery W --desending", "unknown option --desending, did you mean --descending?"),
        ("gallery W --kepp x", "unknown option --kepp; see fastdup gallery --help"),
        ("clean W --yes", "unknown option --yes; see fastdup clean --help"),  # forever is not meant
        ("undo W --no-browser", "unknown option --no-browser; see fastdup undo --help"),
        ("undo W --no_browser", "unknown option --no-browser; see fastdup undo --help"),
        ("run x --inptu_dir y", "unknown option --inptu-dir, did you mean --input-dir?"),
        ("run x --neighbors 3", "unknown option --neighbors, did you mean --nearest-neighbors-k?"),
        ("run x --neighbours 3", "option --neighbours, did you mean --nearest-neighbors-k?"),
        ("run x --nn 3", "unknown option --nn; see fastdup run --help"),  # one of several
        ("run x -z", "unknown option -z; see fastdup run --help"),
        ("gallery W more", "unexpected argument 'more'; see fastdup gallery --help"),
        ("models uplaod x", "no command 'uplaod' (choose from download); see fastdup models"),
        ("models downlaod x", "no command 'downlaod', did you mean download? See fastdup"),
        ("clean W --keep larges", "keep='larges' is not allowed: choose from original, largest"),
        ("clean W --keep larges", "try keep='largest'"),
        ("clean W --action thrash", "action='thrash' is not allowed: choose from trash, move"),
        ("clean W --action thrash", "try action='trash'"),
        ("clean --action move there W", "takes one folder, --action move DIR; write WORK_DIR"),
        ("export W --format jsn", "format='jsn' is not allowed: choose from csv, parquet"),
        ("export W --format jsn", "try format='json'"),
        ("export W --format arrow --table stats", "arrow is not text: name a file, -o stats.arrow"),
        ("run x --distance cosin", "choose from cosine, euclidean"),
        ("run x --distance cosin", "try distance='cosine'"),
    ],
)
def test_bad_usage_is_answered_with_what_helps(words, expected, capsys):
    assert expected in refusal(words.split(), capsys)


def test_the_british_and_the_american_spelling_are_the_same_option():
    names = {name for parser in COMMANDS.values() for name in options_of(parser)}
    names |= {f"--{alias.replace('_', '-')}" for alias in OPTION_ALIASES}
    american = {name for name in names if "neighbor" in name}
    assert american == {"--neighbors", "--nearest-neighbors-k"}
    for parser in COMMANDS.values():
        options = options_of(parser)
        for name in american & set(options):
            assert options[name.replace("neighbor", "neighbour")] is options[name]
