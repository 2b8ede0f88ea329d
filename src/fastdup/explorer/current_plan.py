"""The plan of a work folder as the page writes it, shows it and carries it out."""

import os
import threading
from collections.abc import Collection as Rows
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from fastdup.actions.clean import carry_out
from fastdup.actions.flawed import plan_flawed
from fastdup.actions.keep import DEFAULT_THRESHOLD, CopyChoice
from fastdup.actions.links import digest_if_readable
from fastdup.actions.may_go import Relation
from fastdup.actions.plan import Plan, Step
from fastdup.actions.plan_file import apply_command, save_plan
from fastdup.actions.plan_note import read_note
from fastdup.actions.planning import make_plan
from fastdup.actions.video_match import is_video
from fastdup.errors import ConfigError, WorkDirError
from fastdup.explorer.collection import Collection
from fastdup.explorer.group_marks import GroupMarks
from fastdup.explorer.params import Page
from fastdup.explorer.views import Views
from fastdup.quantities import size_text
from fastdup.report.wording import in_pieces, similarity_text, split_path
from fastdup.runs.decided_rows import NOTHING_DECIDED, DecidedRows
from fastdup.workdir import WorkDir


class _Written(NamedTuple):
    """A plan as it was written, what it was made by, its plan groups, and its file's digest."""

    plan: Plan
    choice: CopyChoice
    groups: Sequence[Sequence[Step]]
    digest: str


class CurrentPlan:
    """The last plan that the page wrote; safe to use from several threads.

    Parameters
    ----------
    collection : Collection
    views : Views
        Describe images.

    Attributes
    ----------
    copies_from : float
        Smallest similarity of what goes with what stays, where none is chosen.
    """

    def __init__(self, collection: Collection, views: Views) -> None:
        self._work = WorkDir(os.path.abspath(collection.work.root))
        self._views = views
        self._row_of = {path: row for row, path in enumerate(collection.paths)}
        self.copies_from = max(DEFAULT_THRESHOLD, collection.lowest)
        self._written: _Written | None = None
        self._decided: DecidedRows = NOTHING_DECIDED
        self._marked: tuple[object, Rows[int]] = (None, ())
        self._group_marks = GroupMarks(self._work.root)
        self._known: tuple[object, dict[tuple[int, int], Relation]] = (None, {})
        self._lock = threading.Lock()

    def obey(self, decided: DecidedRows) -> None:
        """Mark what a plan would take by what is decided from now on."""
        self._decided = decided
        self._group_marks.obey(decided)

    def forget(self) -> None:
        """Look at all files anew from now on: they were changed."""
        with self._lock:
            self._marked = (None, ())
            self._group_marks.forget()

    def marks(self, choice: CopyChoice, rows: Rows[int]) -> list[int]:
        """Return which of some images would go by a plan made now; nothing is written."""
        with self._lock:
            choice = self._settled(choice)
            if not choice.what and not choice.videos:
                going: Rows[int] = self._group_marks.of(choice, rows)
                return [row for row in rows if row in going]
            asked = (choice, self._decided)
            if self._marked[0] != asked:
                removals = self._make(choice).removals()
                known = (self._row_of.get(step.path, -1) for step in removals)
                self._marked = (asked, frozenset(known))
            return [row for row in rows if row in self._marked[1]]

    def write(self, choice: CopyChoice) -> dict[str, Any]:
        """Write the plan by what was decided, and return its summary.

        Parameters
        ----------
        choice : CopyChoice
            What goes and what is kept.

        Raises
        ------
        ConfigError
            When the threshold is out of range, or the plan there was changed by hand.
        WorkDirError
            When the plan cannot be written, or there was another run meanwhile.
        """
        with self._lock:
            choice = self._settled(choice)
            plan = self._make(choice)
            if not all(map(self._is_known, plan.steps)):
                raise WorkDirError("there has been another run since: start the explorer again")
            digest = save_plan(plan, self._work, choice)
            groups = [tuple(steps) for _, steps in groupby(plan.steps, lambda step: step.group)]
            self._written = _Written(plan, choice, groups, digest)
        return self.summary()

    def summary(self) -> dict[str, Any]:
        """Return what the plan comes to; ``written`` is false without one."""
        if self._written is None:
            return {"written": False}
        written = self._written
        plan = written.plan
        removals = plan.removals()
        return {
            "written": True,
            "digest": written.digest,
            "path": in_pieces(self._work.clean_plan),
            "command": in_pieces(self._command()),
            "threshold": plan.threshold,
            "groups": len(written.groups),
            "removals": len(removals),
            "size": size_text(sum(step.size_bytes for step in removals)),
            "companions": plan.companions_line(),
            "warning": plan.warning_line(),
            "also": list(written.choice.also),
            "what": list(written.choice.what),
            "classes": [
                [words, len(steps), size_text(sum(step.size_bytes for step in steps))]
                for words, steps in plan.by_class().items()
            ],
            "left_alone": [why.of(n) for why, n in sorted(plan.left_alone.items()) if n],
        }

    def groups(self, page: Page) -> dict[str, Any]:
        """Return the plan groups: what stays, then what goes."""
        groups = self._written.groups if self._written else ()
        return {"total": len(groups), "items": [self._group(group) for group in page.of(groups)]}

    def content(self) -> bytes:
        """Return the bytes of the plan's file.

        Raises
        ------
        ConfigError
            When there is none.
        """
        try:
            return Path(self._work.clean_plan).read_bytes()
        except OSError as exc:
            raise ConfigError(f"there is no plan: {exc.strerror}; write one first") from exc

    def apply(self, digest: str, choice: CopyChoice) -> dict[str, Any]:
        """Carry the plan out.

        Parameters
        ----------
        digest : str
            Of the plan that was shown and agreed to.
        choice : CopyChoice
            As the page shows it now.

        Returns
        -------
        dict
            ``lines`` that say what was done.

        Raises
        ------
        ConfigError
            When the plan is another one by now.
        FastdupError
            As `fastdup.clean` does.
        """
        with self._lock:
            path = self._work.clean_plan
            if self._written is None or digest != self._written.digest:
                raise ConfigError(
                    "nothing was done: the plan is not the one that was shown; write it again"
                )
            self._refuse_stale(self._written, self._settled(choice))
            if digest_if_readable(path) != digest:
                raise ConfigError(
                    f"nothing was done: {path} was changed since it was shown; carry it out with "
                    f"{self._command()}, or delete it and write the plan again"
                )
            # The steps that were shown, whatever becomes of the file from now on.
            shown = Plan(steps=self._written.plan.steps)
            report = carry_out(shown, path, self._work)
            self._written = None
        return {"lines": [in_pieces(line) for line in report.lines()]}

    def _settled(self, choice: CopyChoice) -> CopyChoice:
        """Return a choice of copies with the usual threshold, where it has none."""
        if choice.what or choice.threshold is not None:
            return choice
        return replace(choice, threshold=self.copies_from)

    def _make(self, choice: CopyChoice) -> Plan:
        if choice.what:
            return plan_flawed(self._work.root, choice)
        run = os.stat(self._work.config).st_mtime_ns
        if self._known[0] != run:
            self._known = (run, {})
        return make_plan(self._work.root, choice, known=self._known[1])

    def _is_known(self, step: Step) -> bool:
        """Return whether a step is about an image of this run, or a file that is none."""
        return step.path in self._row_of or step.is_flawed or is_video(step.path)

    def _refuse_stale(self, written: _Written, choice: CopyChoice) -> None:
        if choice != written.choice:
            raise ConfigError(
                "nothing was done: settings or decisions were changed since the plan was written; "
                "write it again"
            )
        read_note(self._work).check(CopyChoice(), self._work)

    def _command(self) -> str:
        return apply_command(self._work.root, self._work.clean_plan)

    def _group(self, group: Sequence[Step]) -> dict[str, Any]:
        images = []
        for step in group:
            image = self._file(step.path) | {"stays": step.path == step.kept}
            if not step.is_flawed:
                image["s"] = similarity_text(float(step.similarity))
            image |= {"companions": [in_pieces(one.name) for one in step.companions]}
            if step.is_flawed or image["stays"]:
                image["why"] = in_pieces(step.why)
            image |= {"warning": in_pieces(step.warning)} if step.warning else {}
            images.append(image | {"same": int(bool(step.same_bytes))})
        return {"images": images}

    def _file(self, path: str) -> dict[str, Any]:
        """Return what is known of a file; one that is no image has no ``row``."""
        if (row := self._row_of.get(path)) is not None:
            return self._views.image(row)
        folder, name = split_path(path)
        return {"name": in_pieces(name), "dir": in_pieces(folder)}
