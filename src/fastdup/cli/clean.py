"""``fastdup clean``: plan which copies go, and put them away."""

import argparse
import shlex
from typing import Any

from fastdup.actions.offers import ACTIONS, FLAWS
from fastdup.cli.copies import add_copy_options, chosen_copies
from fastdup.cli.parser import CommandParser
from fastdup.cli.terminal import print_line, write_lines

#: Most files that were left alone to print, each with the reason.
_MOST_DETAILS = 20


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Plan which copies among the images of the run in WORK_DIR to remove, and which file of "
        "each group to keep. The plan is written to WORK_DIR/clean-plan.csv, where you can read "
        "and change it; --apply carries it out, and fastdup undo WORK_DIR puts it all back. A file "
        "is removed only if it is itself similar enough to the one that is kept, and has not "
        "changed since the run. Images in archives, buckets and videos are left alone."
    )
    parser.set_defaults(act=_clean)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    add_copy_options(parser)
    _add_what_goes(parser)
    parser.add_argument(
        "--action",
        nargs="+",
        action=_ActionOption,
        default=("trash", None),
        metavar=("|".join(ACTIONS), "DIR"),
        help="what to do with the copies: trash them (default), 'move DIR', put a link to the kept "
        "file in their place (exact copies only), delete them permanently, or only list their "
        "names",
    )
    parser.add_argument(
        "--plan", metavar="FILE", help="carry out this plan, which may have been changed by hand"
    )
    parser.add_argument(
        "--apply", action="store_true", help="carry the plan out (default: only write it)"
    )
    parser.add_argument(
        "--yes-delete-forever",
        action="store_true",
        help="with --action delete --apply: delete permanently; this cannot be undone",
    )
    parser.add_argument(
        "-0",
        "--null",
        action="store_true",
        help="with --action list: end each name with a zero byte, for xargs -0",
    )


def _add_what_goes(parser: CommandParser) -> None:
    parser.add_argument(
        "--videos",
        action="store_true",
        help="also whole videos: exact copies, and those that are the same from start to end",
    )
    parser.add_argument(
        "--what",
        action="append",
        default=[],
        metavar="FLAW,…",
        help="instead of copies, remove files with these flaws: "
        + "; ".join(f"{name} ({words})" for name, words in FLAWS.items())
        + "; 'blurry=0.05' sets a limit",
    )
    parser.add_argument(
        "--carry-companions",
        action="store_true",
        help="move a companion of a copy, such as a sidecar, to the kept file if that has none "
        "(default: such a copy is left alone)",
    )
    parser.add_argument(
        "--carry-metadata",
        action="store_true",
        help="write what only a copy has (date, camera, lens, place, rating, keywords) to a new "
        "sidecar beside the kept file",
    )


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
        if len(rest) != n_wanted:
            takes = "one folder, --action move DIR" if n_wanted else "nothing more"
            parser.error(f"--action {action} takes {takes}; write WORK_DIR before it")
        setattr(namespace, self.dest, (action, rest[0] if rest else None))


def _clean(options: argparse.Namespace) -> None:
    from fastdup.actions.clean import clean
    from fastdup.actions.export import name_list
    from fastdup.actions.plan import GOES
    from fastdup.errors import ActionError
    from fastdup.progress import choose_progress
    from fastdup.quantities import counted

    action, to = options.action
    report = clean(
        options.work_dir,
        **chosen_copies(options),
        videos=options.videos,
        what=tuple(options.what),
        carry_companions=options.carry_companions,
        carry_metadata=options.carry_metadata,
        action=action,
        to=to,
        plan=options.plan,
        apply=options.apply,
        yes_delete_forever=options.yes_delete_forever,
        progress=choose_progress(unit=" files"),
    )
    if action == "list":
        names = [path for step in report.plan.removals() for path in step.paths(GOES)]
        write_lines([name_list([name], null=options.null) for name in names])
        return
    for line in report.lines():
        print_line(line)
    if report.applied is None:
        if report.plan.removals():
            _print_next_step(options, report.plan_file)
        return
    for path, why in report.applied.details[:_MOST_DETAILS]:
        print_line(f"  {path!r}: {why}")
    if action != "delete":
        print_line(f"to put everything back: fastdup undo {shlex.quote(options.work_dir)}")
    if n_refused := sum(reason.is_failure for reason in report.applied.left_alone.elements()):
        raise ActionError(f"not put away: {counted(n_refused, 'file')}; see above")


def _print_next_step(options: argparse.Namespace, plan_file: str) -> None:
    work_dir = shlex.quote(options.work_dir)
    words = ["fastdup", "clean", work_dir, "--plan", shlex.quote(plan_file)]
    action, to = options.action
    if action != "trash":
        words += ["--action", action, *([shlex.quote(to)] if to else [])]
    if action == "delete":
        words.append("--yes-delete-forever")
    print("nothing was touched; read the plan, change it if you like, then carry it out:")
    print_line(" ".join([*words, "--apply"]))
