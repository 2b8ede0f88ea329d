"""The commands that act on what a run found: clean, undo, export, leaks."""

import argparse
import shlex
import sys
from typing import Any

from fastdup.actions.keep import DEFAULT_KEEP, KEEP_RULES, CopyChoice

#: What these commands are called, and their options, for near misses.
COMMANDS = ("clean", "export", "leaks", "undo")
OPTION_NAMES = (
    "action",
    "apply",
    "exact",
    "format",
    "gallery",
    "keep",
    "last",
    "never",
    "null",
    "plan",
    "prefer",
    "split",
    "test",
    "yes-delete-forever",
)
ACTIONS = ("trash", "move", "hardlink", "symlink", "reflink", "delete", "list")
FORMATS = ("csv", "json", "list", "list0", "fiftyone", "coco")
_MOST_DETAILS = 20
_MOST_SHOWN = 5000


def add_commands(commands: Any) -> None:
    """Add the commands to the parser's."""
    _add_clean(commands)
    _add_undo(commands)
    _add_export(commands)
    _add_leaks(commands)


def _add_clean(commands: Any) -> None:
    clean = commands.add_parser(
        "clean",
        help="put copies away; only plans unless --apply",
        description="Plan which copies among the images of the run in WORK_DIR go, and which one "
        "of each group stays. The plan is written to WORK_DIR/clean-plan.csv, to be read and "
        "changed; --apply carries it out, and fastdup undo WORK_DIR puts everything back. A file "
        "goes only if it is itself similar enough to the one that stays, and unchanged since the "
        "run. Images in archives, buckets and videos are left alone.",
        allow_abbrev=False,
    )
    clean.set_defaults(act=_clean)
    clean.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    add_choice_of_copies(clean)
    clean.add_argument(
        "--action",
        nargs="+",
        action=_ActionOption,
        default=("trash", None),
        metavar=("|".join(ACTIONS), "DIR"),
        help="what becomes of the copies: the trash (default), 'move DIR', a link to the file "
        "that stays (only for copies of the same bytes), deletion for ever, or only a list of "
        "their names",
    )
    clean.add_argument(
        "--plan", metavar="FILE", help="carry out this plan, which may have been changed by hand"
    )
    clean.add_argument(
        "--apply", action="store_true", help="carry the plan out (default: only write it)"
    )
    clean.add_argument(
        "--yes-delete-forever",
        action="store_true",
        help="with --action delete --apply: really delete, which cannot be undone",
    )
    clean.add_argument(
        *("-0", "--null"),
        action="store_true",
        help="with --action list: end each name with a zero byte, for xargs -0",
    )
    clean.add_argument("--verbose", action="store_true", help="show a traceback on errors")


def add_choice_of_copies(parser: argparse.ArgumentParser) -> None:
    """Add the options that decide which files stay and which may go."""
    parser.add_argument(
        "--keep",
        choices=KEEP_RULES,
        default=DEFAULT_KEEP,
        help="which file of a group stays: most pixels then most bytes (default), least blurred, "
        "first or last changed, shortest path",
    )
    parser.add_argument(
        "--prefer",
        action="append",
        default=[],
        metavar="FOLDER",
        help="files in FOLDER stay rather than others, whatever --keep says (repeatable)",
    )
    parser.add_argument(
        "--never",
        action="append",
        default=[],
        metavar="FOLDER",
        help="nothing in FOLDER goes (repeatable)",
    )
    parser.add_argument(
        "--threshold",
        type=float,
        metavar="SIMILARITY",
        help="smallest similarity of what goes with what stays, not below that of the run "
        "(default: 0.98, almost identical)",
    )
    parser.add_argument("--exact", action="store_true", help="only files of the very same bytes")


def _add_undo(commands: Any) -> None:
    undo = commands.add_parser(
        "undo",
        help="put back what clean took away",
        description="Put back what fastdup clean took away: bytes, names, times, permissions. "
        "Nothing is overwritten. May be interrupted and called again.",
        allow_abbrev=False,
    )
    undo.set_defaults(act=_undo)
    undo.add_argument("work_dir", metavar="WORK_DIR", help="the work folder that was cleaned")
    undo.add_argument(
        "--last", action="store_true", help="only the last clean-up (default: all of them)"
    )
    undo.add_argument("--verbose", action="store_true", help="show a traceback on errors")


def _add_export(commands: Any) -> None:
    export = commands.add_parser(
        "export",
        help="write the groups of copies for other tools",
        description="Write the groups of copies among the images of the run in WORK_DIR, and "
        "which file of each stays, for other tools. Nothing is touched.",
        allow_abbrev=False,
    )
    export.set_defaults(act=_export)
    export.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    export.add_argument(
        "--format",
        choices=FORMATS,
        default=FORMATS[0],
        help="csv (default), json, list (names of the copies that may go, a line each), list0 "
        "(each ended by a zero byte, for xargs -0), fiftyone (a FiftyOne image classification "
        "data set), coco (COCO's object format)",
    )
    export.add_argument(
        *("--output", "-o"), metavar="FILE", help="where to write (default: standard output)"
    )
    add_choice_of_copies(export)
    export.add_argument("--plan", metavar="FILE", help="export this plan")
    export.add_argument("--verbose", action="store_true", help="show a traceback on errors")


def _add_leaks(commands: Any) -> None:
    leaks = commands.add_parser(
        "leaks",
        help="find test images that are in the training set too",
        description="Find similar images of the run in WORK_DIR that lie in different splits, "
        "such as train and test; write the pairs to WORK_DIR/leaks.csv, the most similar first, "
        "and tell how many there are. The splits are told by --test, else by a column of the "
        "run's annotations, else by its --test-dir.",
        allow_abbrev=False,
    )
    leaks.set_defaults(act=_leaks)
    leaks.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    leaks.add_argument(
        "--test",
        action="append",
        default=[],
        metavar="FOLDER",
        help="images in FOLDER are the split test, all others train (repeatable)",
    )
    leaks.add_argument(
        "--split",
        default="split",
        metavar="COLUMN",
        help="column of the annotations that tells the split (default: split)",
    )
    leaks.add_argument(
        "--threshold",
        type=float,
        metavar="SIMILARITY",
        help="smallest similarity told (default: that of the run)",
    )
    leaks.add_argument(
        "--gallery",
        action="store_true",
        help="make the page WORK_DIR/leaks.html too, of the 5,000 most similar pairs",
    )
    leaks.add_argument("--verbose", action="store_true", help="show a traceback on errors")


class _ActionOption(argparse.Action):
    """Takes ``trash`` or ``move DIR``."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        action, *rest = values
        n_wanted = 1 if action == "move" else 0
        if action not in ACTIONS:
            parser.error(f"--action {action!r}: choose from {', '.join(ACTIONS)}")
        if len(rest) != n_wanted:
            takes = "one folder, --action move DIR" if n_wanted else "nothing more"
            parser.error(f"--action {action} takes {takes}; write WORK_DIR before it")
        setattr(namespace, self.dest, (action, *rest, None)[:2])


def _clean(options: argparse.Namespace) -> None:
    from fastdup.actions.clean import clean_by_choice
    from fastdup.actions.export import name_list
    from fastdup.errors import ActionError
    from fastdup.progress import choose_progress

    action, to = options.action
    report = clean_by_choice(
        options.work_dir,
        _choice_of_copies(options),
        action=action,
        to=to,
        plan=options.plan,
        apply=options.apply,
        yes_delete_forever=options.yes_delete_forever,
        progress=choose_progress(unit=" files"),
    )
    if action == "list":
        names = [step.path for step in report.plan.removals()]
        _write(name_list(names, null=options.null))
        return
    for line in report.lines():
        print(line)
    if report.applied is None:
        _tell_next(options, report.plan_file)
        return
    for path, why in report.applied.details[:_MOST_DETAILS]:
        print(f"  {path!r}: {why}")
    if action != "delete":
        print(f"to put everything back: fastdup undo {shlex.quote(options.work_dir)}")
    if n_refused := sum(reason.is_failure for reason in report.applied.left_alone.elements()):
        raise ActionError(f"{n_refused:,} files could not be put away: see above")


def _choice_of_copies(options: argparse.Namespace) -> CopyChoice:
    return CopyChoice(
        keep=options.keep,
        threshold=options.threshold,
        never=tuple(options.never),
        prefer=tuple(options.prefer),
        exact=options.exact,
    )


def _tell_next(options: argparse.Namespace, plan_file: str) -> None:
    work_dir = shlex.quote(options.work_dir)
    words = ["fastdup", "clean", work_dir, "--plan", shlex.quote(plan_file)]
    action, to = options.action
    if action != "trash":
        words += ["--action", action, *([shlex.quote(to)] if to else [])]
    if action == "delete":
        words.append("--yes-delete-forever")
    print("nothing was touched; read the plan, change it where it is wrong, then:")
    print(" ".join([*words, "--apply"]))


def _undo(options: argparse.Namespace) -> None:
    from fastdup.actions.undo import undo
    from fastdup.errors import ActionError
    from fastdup.progress import choose_progress

    report = undo(options.work_dir, last=options.last, progress=choose_progress(unit=" files"))
    for line in report.lines():
        print(line)
    if report.details:
        raise ActionError(f"{len(report.details):,} files were not put back: see above")


def _export(options: argparse.Namespace) -> None:
    from fastdup.actions.export import exported
    from fastdup.workdir import write_atomically

    choice = _choice_of_copies(options)
    data = exported(options.work_dir, options.format, choice, plan=options.plan)
    if options.output is None:
        _write(data)
    else:
        write_atomically(options.output, lambda file: file.write(data))
        print(options.output)


def _leaks(options: argparse.Namespace) -> None:
    from fastdup.actions.leaks import find_leaks
    from fastdup.workdir import WorkDir

    report = find_leaks(
        options.work_dir, test=options.test, split=options.split, threshold=options.threshold
    )
    work = WorkDir(options.work_dir)
    path = report.write(work.leaks)
    for line in report.lines():
        print(line)
    print(f"pairs: {path}")
    if options.gallery:
        from fastdup.report import create_duplicates_gallery

        splits = {leak.path: leak.split for leak in report.leaks}
        splits |= {leak.other: leak.other_split for leak in report.leaks}
        n_shown = max(1, min(len(report.leaks), _MOST_SHOWN))
        print(create_duplicates_gallery(path, work.leaks_page, n_shown, get_label_func=splits))


def _write(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
