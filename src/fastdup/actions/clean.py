"""Cleaning up: the plan first, and only when asked to, carrying it out."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from fastdup.actions.apply import Applied, apply_plan
from fastdup.actions.decided_plan import without_decided
from fastdup.actions.flawed import broken_paths, decided_bad_paths, plan_flawed
from fastdup.actions.journal import Journal
from fastdup.actions.keep import DEFAULT_KEEP, CopyChoice, Folders, folder_names, kind_names
from fastdup.actions.offers import ACTIONS, LINK_ACTIONS
from fastdup.actions.plan import REMOVE, Plan
from fastdup.actions.plan_file import read_plan, save_plan
from fastdup.actions.plan_note import is_of, read_note
from fastdup.actions.planning import make_plan
from fastdup.actions.recovery import recover
from fastdup.actions.trash import Trash
from fastdup.actions.video_match import is_video
from fastdup.errors import ConfigError
from fastdup.printable import ShownAsLines
from fastdup.progress import Progress
from fastdup.quantities import counted, size_text
from fastdup.runs import FinishedRun
from fastdup.runs.config_file import read_options
from fastdup.videos import Videos
from fastdup.workdir import WorkDir
from fastdup.workdir.lock import exclusive

_PAST = {
    "trash": "moved to the trash",
    "move": "moved",
    "delete": "deleted",
    **dict.fromkeys(LINK_ACTIONS, "replaced by links"),
}


@dataclass(frozen=True, kw_only=True)
class CleanReport(ShownAsLines):
    """What is planned, and what was done.

    Attributes
    ----------
    plan : Plan
    plan_file : str
        Where it is written.
    action : str
        A name in `ACTIONS`.
    applied : Applied or None
        What became of the files; None when only planned.
    trash_folder : str
        The folder that takes the place of the desktop's trash; empty when none does, or nothing
        was done.
    """

    plan: Plan
    plan_file: str
    action: str
    applied: Applied | None = None
    trash_folder: str = ""

    def lines(self) -> Iterator[str]:
        """Yield the lines that a person reads."""
        if self.applied is None:
            yield from self.plan.lines()
        else:
            yield from self._done_lines(self.applied)
            yield from self.plan.without_files(self.applied.stayed()).notes()
        yield f"plan: {self.plan_file}"

    def _done_lines(self, done: Applied) -> Iterator[str]:
        also = f" and {counted(done.n_companions, 'companion')}" if done.n_companions else ""
        files = counted(done.n_done, "file")
        yield f"{files}{also} {_PAST[self.action]}, {size_text(done.freed_bytes)}"
        if done.n_carried:
            yield f"{counted(done.n_carried, 'companion')} moved to the kept files"
        if done.n_sidecars:
            yield f"{counted(done.n_sidecars, 'sidecar')} written beside the kept files"
        if self.action == "trash" and self.trash_folder:
            yield f"  in {self.trash_folder}, which takes the place of this system's trash"
        for reason, count in sorted(done.left_alone.items()):
            yield f"  left alone: {reason.of(count)}"


def clean(
    work_dir: str | os.PathLike[str],
    keep: str = DEFAULT_KEEP,
    *,
    threshold: float | None = None,
    never: Folders = (),
    prefer: Folders = (),
    by_hand: Mapping[str, str] | None = None,
    exact: bool = False,
    also: str | Collection[str] = (),
    videos: bool = False,
    what: str | Collection[str] = (),
    across: bool = False,
    within: bool = False,
    carry_companions: bool = False,
    carry_metadata: bool = False,
    action: str = "trash",
    to: str | os.PathLike[str] | None = None,
    plan: str | os.PathLike[str] | None = None,
    apply: bool = False,
    yes_delete_forever: bool = False,
    progress: Progress | None = None,
) -> CleanReport:
    """Plan which copies go and which file of each group stays; carry it out if asked to.

    The plan is always written first, to ``clean-plan.csv`` in the work folder, or read from
    `plan`. Without `apply` nothing else happens. A plan there that was changed by hand is neither
    overwritten nor passed over.

    Parameters
    ----------
    work_dir : path
        The folder of a finished run.
    keep : str
        Which file of a group stays: "original", "largest", "largest-file", "sharpest", "oldest",
        "newest", "most-metadata" or "shortest-path". Ties go to what looks like the original.
    threshold : float or None
        Smallest similarity of what goes with what stays, 0 to 1, inclusive, not below that of the
        run. None: 0.98, almost identical.
    never : path or collection of paths
        Folders in which nothing is touched.
    prefer : path or collection of paths
        Folders whose files stay rather than others, whatever `keep` says.
    by_hand : mapping of str to {"keep", "remove"} or None
        Full path → what a person decided.
    exact : bool
        Only files of the very same bytes; always so for links.
    also : str or collection of str
        Kinds of edited copies that may go too, such as "cropped,framed"; "all" stands for each of
        them. Else only the same picture goes, saved again or resized. What was altered or is only
        alike never goes but by hand. With it the threshold is by default that of the run.
    videos : bool
        Whole videos too: those of the same bytes as one that stays, and those that are the same all
        along; see docs/cleaning.md. False: videos are left alone.
    what : str or collection of str
        Instead of copies, files with these flaws, such as "broken,tiny"; docs/cleaning.md has them
        all. Each but "broken" may have a limit of its own, "blurry=0.05". Nothing stands for such
        a file, so look at the plan.
    across, within : bool
        Only copies of what is in another top folder, or only of what is in the same one. That is
        the input, where the run had several; else the first folder below the input.
    carry_companions : bool
        A file that belongs to a copy, such as a sidecar, goes with it when the kept file has the
        same one. One that the kept file lacks is moved to it; False: such a copy is left alone.
    carry_metadata : bool
        What only a copy's file says of the picture (date, camera, lens, place, rating, keywords)
        is written to a new sidecar beside the kept file, ``a.jpg.xmp``. Where that has a sidecar
        which does not say it, the copy is left alone. Undoing removes the new sidecars.
    action : {"trash", "move", "hardlink", "symlink", "reflink", "delete", "list"}
        What becomes of the copies.
    to : path or None
        For ``move``: the folder; copies keep their place below it. Nothing in it is overwritten.
    plan : path or None
        A plan written earlier, which may have been changed by hand, to take instead of planning.
    apply : bool
        Carry the plan out; False: only write it.
    yes_delete_forever : bool
        Needed to carry out ``delete``.
    progress : Progress or None

    Returns
    -------
    CleanReport
        The plan, where it is, and what was done; ``lines()`` says it in words.

    Raises
    ------
    ConfigError
        When an option is out of range, or a plan that was changed by hand is in the way.
    WorkDirError
        When there is no finished run, or one is at work.
    ActionError
        When the plan makes no sense or the journal cannot be written.
    """
    _check_action(action, to, what, apply=apply, yes_delete_forever=yes_delete_forever)
    choice = CopyChoice(
        keep=keep,
        threshold=threshold,
        never=folder_names(never),
        prefer=folder_names(prefer),
        exact=exact or action in LINK_ACTIONS,
        also=kind_names(also),
        videos=videos,
        what=kind_names(what),
        across=across,
        within=within,
        carry_companions=carry_companions,
        carry_metadata=carry_metadata,
    )
    work = WorkDir(os.fspath(work_dir))
    if apply:
        _settle_interrupted(work)
    if plan is None:
        if choice.what:
            chosen = plan_flawed(work.root, choice, by_hand=by_hand)
        else:
            takes = action not in LINK_ACTIONS
            chosen = make_plan(work.root, choice, by_hand=by_hand, takes_companions=takes)
        file = work.clean_plan
        save_plan(chosen, work, choice)
    else:
        file = os.fspath(plan)
        if is_of(work, file):
            read_note(work).check(replace(choice, exact=exact), work)
        chosen = _obeying(read_plan(file).without(choice.protected()), FinishedRun(work.root))
    if not apply:
        return CleanReport(plan=chosen, plan_file=file, action=action)
    return carry_out(chosen, file, work, action, to=to, progress=progress)


def carry_out(
    plan: Plan,
    plan_file: str,
    work: WorkDir,
    action: str = "trash",
    *,
    to: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> CleanReport:
    """Carry out a plan, and return what was done; parameters as for `clean`."""
    trash = Trash(os.path.abspath(work.clean_trash))
    target_of = _targets(work.root, os.path.abspath(to)) if to is not None else None
    with exclusive(work.root), Journal(work.clean_journal) as journal:
        applied = apply_plan(
            plan, journal, action, target_of=target_of, trash=trash, progress=progress
        )
    return CleanReport(
        plan=plan, plan_file=plan_file, action=action, applied=applied, trash_folder=trash.folder
    )


def _check_action(
    action: str,
    to: str | os.PathLike[str] | None,
    what: str | Collection[str],
    *,
    apply: bool,
    yes_delete_forever: bool,
) -> None:
    if action not in ACTIONS:
        raise ConfigError.not_among("action", action, ACTIONS, "trash")
    if (action == "move") != (to is not None):
        raise ConfigError(f"action={action!r} with to={to!r}: to= is the folder for action='move'")
    if what and action in LINK_ACTIONS:
        raise ConfigError(
            f"what={what!r} with action={action!r}: no copy of such files is kept, so there "
            "is nothing to link to"
        )
    if apply and action == "list":
        raise ConfigError("action='list' only lists: leave out apply, or choose another action")
    if apply and action == "delete" and not yes_delete_forever:
        raise ConfigError(
            "action='delete' cannot be undone: add yes_delete_forever=True "
            "(--yes-delete-forever), or take action='trash'"
        )


def _settle_interrupted(work: WorkDir) -> None:
    """Settle what a killed clean-up left open, so that what comes back is in the plan."""
    if os.path.exists(work.clean_journal):
        with exclusive(work.root), Journal(work.clean_journal) as journal:
            recover(journal)


def _obeying(plan: Plan, run: FinishedRun) -> Plan:
    """Return a plan without what a person decided otherwise; refuse one over unlisted files."""
    unknown = [step for step in plan.steps if step.path not in run.row_of]
    listed = (
        {*broken_paths(run), *decided_bad_paths(run), *Videos.among(run.paths).paths}
        if unknown
        else ()
    )
    for step in unknown:
        is_out_of_place = step.action == REMOVE and is_video(step.path) is step.is_flawed
        if step.path not in listed or is_out_of_place:
            raise ConfigError(
                f"nothing was done: the plan names {step.path!r:.300}, which the run in "
                f"{run.work.root} did not list; plan again"
            )
    return without_decided(plan, run)


def _targets(work_dir: str, folder: str) -> Callable[[str], str]:
    """Return full path → where it goes: below `folder`, in its place below the run's input."""
    given = read_options(work_dir).get("input_dir", "")
    root = os.path.abspath(given) if isinstance(given, str) and os.path.isdir(given) else ""

    def target(path: str) -> str:
        if root and path.startswith(os.path.join(root, "")):
            return os.path.join(folder, os.path.relpath(path, root))
        return os.path.join(folder, os.path.splitdrive(path)[1].lstrip("/\\"))

    return target
