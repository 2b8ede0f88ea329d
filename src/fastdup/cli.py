"""The command ``fastdup``: options → `RunConfig` → pipeline."""

import argparse
import dataclasses
import difflib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from fastdup import __version__, cli_actions, cli_explorer, terminal
from fastdup.config import OPTION_ALIASES, RunConfig
from fastdup.errors import ConfigError, FastdupError

SUCCESS, FAILED, BAD_USAGE = 0, 1, 2
INTERRUPTED = 130
FIRST_WORDS = (
    *("run", "explore", "gallery", "merge", "models", "search"),
    *cli_actions.COMMANDS,
    *("-h", "--help", "--version"),
)
GALLERY_KINDS = ("duplicates", "outliers", "components", "similarity", "stats")
INPUT_NAME = "--input-dir"
TRUE_WORDS, FALSE_WORDS = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 1 failed, 2 bad usage.

    Parameters
    ----------
    arguments : sequence of str or None
        The words after the command's name; None: those of this process.
    """
    terminal.let_any_name_be_printed()
    # The BLAS's own threads are never used (fastdup splits the work itself) and cost start-up time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = build_parser()
    try:
        _check_first(words, parser)
        options = parser.parse_args(_usual_spelling(words))
    except SystemExit as exc:  # argparse exits by itself, after --help too
        return int(exc.code or 0)
    verbose = bool(getattr(options, "verbose", False))
    terminal.show_log(verbose=verbose)
    try:
        options.act(options)
        print(end="", flush=True)
    except FastdupError as exc:
        terminal.tell_error(exc, verbose=verbose)
        return BAD_USAGE if isinstance(exc, ConfigError) else FAILED
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away: `fastdup run … | head`
        terminal.drop_output()
        return SUCCESS
    except OSError as exc:  # the disk that our output goes to is full, the current folder is gone
        terminal.tell_error(exc, verbose=verbose)
        terminal.drop_output()
        return FAILED
    return SUCCESS


def _run(options: argparse.Namespace) -> None:
    names = [f.name for f in dataclasses.fields(RunConfig)]
    given = {name: getattr(options, name) for name in names if hasattr(options, name)}
    inputs = given.pop("input_dir")
    config = RunConfig(input_dir=inputs[0] if len(inputs) == 1 else inputs, **given)
    from fastdup.pipeline import run_pipeline  # loads the whole machinery
    from fastdup.progress import choose_progress

    summary = run_pipeline(config, choose_progress())
    for line in summary.lines():
        print(line)
    if summary.n_pairs is not None:
        print(f"to see them: fastdup gallery {_quoted(config.work_dir)}")


def _gallery(options: argparse.Namespace) -> None:
    from fastdup import report

    create = getattr(report, f"create_{options.kind}_gallery")
    given = options.work_dir  # or a table in it
    folder = (os.path.dirname(given) or ".") if os.path.isfile(given) else given
    chosen: dict[str, Any] = {"get_label_func": report.stored_labels(folder)}
    if options.kind == "stats":
        chosen["metric"] = options.metric
    if options.descending is not None:
        chosen["descending"] = options.descending
    print(create(given, options.output or folder, options.num_images, **chosen))


def _merge(options: argparse.Namespace) -> None:
    from fastdup.merging import merge_runs

    for line in merge_runs(options.work_dirs, options.output).lines():
        print(line)
    out = _quoted(options.output)
    print(f"to search it: fastdup run {out} -w {out} --run-mode 2")


def _search(options: argparse.Namespace) -> None:
    from fastdup.search import search_images
    from fastdup.workdir import csv_line

    hits = search_images(options.work_dir, options.queries, options.neighbours)
    table = [("query", "image", "similarity")]
    table += [(hit.query, hit.path, f"{hit.similarity:.6f}") for hit in hits]
    sys.stdout.flush()
    sys.stdout.buffer.writelines(map(csv_line, table))


def _list_models(_options: argparse.Namespace) -> None:
    from fastdup.models.catalogue import catalogue_lines

    for line in catalogue_lines():
        print(line)


def _download_model(options: argparse.Namespace) -> None:
    from fastdup.models.download import download_preset
    from fastdup.models.presets import find_preset
    from fastdup.progress import choose_progress

    preset = find_preset(options.name)
    sha256 = download_preset(preset, choose_progress(unit="B"))
    pinned = "as pinned" if preset.sha256 else "hash not pinned; the card remembers this one"
    print(f"{preset.path}\nsha256: {sha256} ({pinned})\nlicence: {preset.licence}")
    print(f"to use it: fastdup run INPUT --model-path {preset.name}")


def _quoted(path: str) -> str:
    import shlex

    return shlex.quote(path)


# --- the parser -----------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, and what was probably meant."""

    def error(self, message: str) -> NoReturn:
        print(f"fastdup: {message}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(BAD_USAGE)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            self.error(self._unknown_option(unknown[0]))
        return options

    def _unknown_option(self, word: str) -> str:
        known = [f"--{name}" for name in _option_names()]
        nearest = difflib.get_close_matches(word.split("=")[0], known, n=1, cutoff=0.5)
        hint = f", did you mean {nearest[0]}?" if nearest else ""
        return f"unknown option {word}{hint}"


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; man page and completions are made from it."""
    parser = _Parser(
        prog="fastdup",
        description="Find duplicate, near-duplicate, odd and broken images.",
        epilog="A first word that is no command is an INPUT to run: fastdup PHOTOS -w OUT",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_run(commands)
    _add_gallery(commands)
    cli_explorer.add_command(commands)
    _add_merge(commands)
    _add_models(commands)
    _add_search(commands)
    cli_actions.add_commands(commands)
    return parser


def _add_run(commands: Any) -> None:
    run = commands.add_parser(
        "run",
        help="find the duplicates and outliers of INPUT",
        description="Find the duplicates and outliers of INPUT; the results go to WORK_DIR. "
        "The same command again goes on where it was stopped.",
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    run.set_defaults(act=_run)
    run.add_argument("--version", action="version", version=__version__)
    for field in dataclasses.fields(RunConfig):
        if field.name == "input_dir":
            run.add_argument("input_dir", metavar="INPUT", nargs="+", help=_help_text(field))
        else:
            _add_option(run, field)


def _add_option(parser: argparse.ArgumentParser, field: "dataclasses.Field[Any]") -> None:
    names = [f"--{_kebab(field.name)}"]
    names += [f"--{_kebab(alias)}" for alias, name in OPTION_ALIASES.items() if name == field.name]
    names += ["-w"] if field.name == "work_dir" else []
    settings: dict[str, Any] = {"dest": field.name, "help": _help_text(field)}
    if isinstance(field.default, bool):
        settings |= {"action": argparse.BooleanOptionalAction}
    else:
        settings |= {"type": str if field.default is None else type(field.default)}
        settings |= {"metavar": field.name.upper()}
    if choices := field.metadata.get("choices"):
        settings |= {"metavar": "|".join(map(str, choices))}
    parser.add_argument(*sorted(names, key=len), **settings)


def _add_gallery(commands: Any) -> None:
    gallery = commands.add_parser(
        "gallery",
        help="make an HTML page that shows the results in WORK_DIR",
        description="Make an HTML page that shows the results in WORK_DIR, and print its path.",
        allow_abbrev=False,
    )
    gallery.set_defaults(act=_gallery)
    gallery.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    gallery.add_argument("--kind", choices=GALLERY_KINDS, default="duplicates", help="what to show")
    gallery.add_argument(
        "--output", "-o", metavar="PATH", help="folder or .html file (default: WORK_DIR)"
    )
    gallery.add_argument(
        "--num-images", type=int, default=20, metavar="N", help="most pairs to show (default: 20)"
    )
    gallery.add_argument(
        "--descending",
        action=argparse.BooleanOptionalAction,
        help="the most similar, or the largest value, first (default: depends on --kind)",
    )
    gallery.add_argument(
        "--metric", default="blur", help="of --kind stats: blur, dark, bright, … (default: blur)"
    )
    gallery.add_argument("--verbose", action="store_true", help="show a traceback on errors")


def _add_merge(commands: Any) -> None:
    merge = commands.add_parser(
        "merge",
        help="join extract-only runs of several nodes",
        description="Join the runs in the folders WORK_DIR, each made with --run-mode 1 over its "
        "own --min-offset and --max-offset of the same input, in any order, into the folder OUT.",
        allow_abbrev=False,
    )
    merge.set_defaults(act=_merge)
    merge.add_argument("work_dirs", metavar="WORK_DIR", nargs="+", help="the parts, in any order")
    merge.add_argument(
        *("-w", "--work-dir"), dest="output", metavar="OUT", required=True, help="the result"
    )
    merge.add_argument("--verbose", action="store_true", help="show a traceback on errors")


def _add_search(commands: Any) -> None:
    search = commands.add_parser(
        "search",
        help="find the images most similar to new ones",
        description="Tell, as CSV, which images of the finished run in WORK_DIR are most "
        "similar to each image file QUERY.",
        allow_abbrev=False,
    )
    search.set_defaults(act=_search)
    search.add_argument("work_dir", metavar="WORK_DIR")
    search.add_argument("queries", metavar="QUERY", nargs="+", help="image files")
    search.add_argument(
        *("-k", "--neighbours"), type=int, default=5, help="images to tell for each query"
    )
    search.add_argument("--verbose", action="store_true", help="show a traceback on errors")


def _add_models(commands: Any) -> None:
    models = commands.add_parser(
        "models",
        help="list the models, or download one",
        description="List the built-in model and the presets: public models that you may download.",
        allow_abbrev=False,
    )
    models.set_defaults(act=_list_models)
    models.add_argument("--verbose", action="store_true", help="show a traceback on errors")
    download = models.add_subparsers(metavar="download NAME").add_parser(
        "download",
        description="Download the preset NAME and verify it. Its licence is that of the list.",
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    download.set_defaults(act=_download_model)
    download.add_argument("name", metavar="NAME", help="a name from the list")
    download.add_argument("--verbose", action="store_true", help="show a traceback on errors")


def _help_text(field: "dataclasses.Field[Any]") -> str:
    has_default = field.default not in (None, "", dataclasses.MISSING, False)
    default = f" (default: {field.default})" if has_default else ""
    return f"{field.metadata['help']}{default}".replace("%", "%%")


def _kebab(name: str) -> str:
    return name.replace("_", "-")


def _option_names() -> list[str]:
    names = [f.name for f in dataclasses.fields(RunConfig)] + list(OPTION_ALIASES)
    more = ("kind", "metric", "output", "help", "version")
    return [*map(_kebab, names), *more, *cli_actions.OPTION_NAMES, *cli_explorer.OPTION_NAMES]


def _check_first(words: list[str], parser: argparse.ArgumentParser) -> None:
    """Refuse a first word that is nothing to run on, and nearly a command."""
    first = words[0] if words else "-"
    if first in FIRST_WORDS or first.startswith("-") or os.path.lexists(first):
        return
    for meant in difflib.get_close_matches(first, FIRST_WORDS, n=1, cutoff=0.75):
        parser.error(f"there is no command and no input {first!r}, did you mean {meant}?")


def _usual_spelling(words: list[str]) -> list[str]:
    """Return the words with dashes in option names, and ``run`` where no command is named.

    The name of the input, ``--input_dir``, may be said and is left out.
    """
    spelt = [_usual_option(word) if word.startswith("--") else word for word in words]
    spelt = [word.removeprefix(f"{INPUT_NAME}=") for word in spelt if word != INPUT_NAME]
    first_is_command = words and words[0] in FIRST_WORDS
    return spelt if first_is_command or not words else ["run", *spelt]


def _usual_option(word: str) -> str:
    """Return ``--work_dir=x`` as ``--work-dir=x``, ``--verbose=true`` as ``--verbose``."""
    name, equals, value = word.partition("=")
    name = _kebab(name)
    if name in _flags() and value.lower() in TRUE_WORDS + FALSE_WORDS:
        return name if value.lower() in TRUE_WORDS else "--no-" + name.removeprefix("--")
    return name + equals + value


def _flags() -> list[str]:
    fields = dataclasses.fields(RunConfig)
    return [f"--{_kebab(f.name)}" for f in fields if isinstance(f.default, bool)]
