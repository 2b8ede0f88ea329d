"""From what was chosen in the page to a written plan, and what it says."""

import hashlib
import os
import shlex
import threading
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from fastdup.actions import Plan, Step, clean, make_plan, write_plan
from fastdup.errors import ConfigError, WorkDirError
from fastdup.explorer.choices import Choices
from fastdup.explorer.collection import Collection
from fastdup.explorer.views import Page, Views
from fastdup.report.wording import in_pieces, similarity_text, size_text


class _Written(NamedTuple):
    """A plan as it was written, group by group, and the digest of its file."""

    plan: Plan
    groups: Sequence[Sequence[Step]]
    digest: str


class Planner:
    """Writes plans to the work folder, and tells what the last one says.

    Parameters
    ----------
    collection : Collection
    choices : Choices
        The rule, and what was decided by hand.
    views : Views
        Tell about images.
    """

    def __init__(self, collection: Collection, choices: Choices, views: Views) -> None:
        self._collection = collection
        self._choices = choices
        self._views = views
        self._row_of = {path: row for row, path in enumerate(collection.paths)}
        self._written: _Written | None = None
        self._lock = threading.Lock()

    @property
    def path(self) -> str:
        """Full path of the plan's file."""
        return os.path.abspath(self._collection.work.clean_plan)

    def make(self, threshold: float) -> dict[str, Any]:
        """Write the plan by what was chosen, and return what it comes to.

        Raises
        ------
        ConfigError
            When the threshold is out of range.
        WorkDirError
            When the plan cannot be written, or there was another run meanwhile.
        """
        choices = self._choices
        with self._lock:
            plan = make_plan(
                self._collection.work.root,
                keep=choices.keep,
                threshold=threshold,
                never=choices.never,
                prefer=choices.prefer,
                by_hand=choices.by_hand(),
            )
            if not all(step.path in self._row_of for step in plan.steps):
                raise WorkDirError("there was another run meanwhile: open the explorer anew")
            write_plan(plan, self.path)
            groups = [tuple(steps) for _, steps in groupby(plan.steps, lambda step: step.group)]
            self._written = _Written(plan, groups, self._digest())
        return self.summary()

    def summary(self) -> dict[str, Any]:
        """Return what the last plan comes to; ``written`` is false without one."""
        if self._written is None:
            return {"written": False}
        plan, groups, digest = self._written
        removals = plan.removals()
        return {
            "written": True,
            "digest": digest,
            "path": in_pieces(self.path),
            "command": in_pieces(self.command()),
            "threshold": plan.threshold,
            "groups": len(groups),
            "removals": len(removals),
            "size": size_text(sum(step.size_bytes for step in removals)),
            "left_alone": [[str(why), n] for why, n in sorted(plan.left_alone.items()) if n],
        }

    def command(self) -> str:
        """Return the command that does what the plan says."""
        work_dir = os.path.abspath(self._collection.work.root)
        words = ["fastdup", "clean", work_dir, "--plan", self.path, "--apply"]
        return shlex.join(words)

    def apply(self, digest: str) -> dict[str, Any]:
        """Do what the last plan says.

        Parameters
        ----------
        digest : str
            Of the plan that was seen and agreed to.

        Returns
        -------
        dict
            ``lines`` that tell what was done.

        Raises
        ------
        ConfigError
            When the plan is another one by now.
        FastdupError
            As `fastdup.actions.clean` does.
        """
        with self._lock:
            if self._written is None or not digest or digest != self._digest():
                raise ConfigError(
                    "nothing was done: the plan is not the one that was shown; write it anew"
                )
            report = clean(self._collection.work.root, plan=self.path, apply=True)
            self._written = None
        return {"lines": [in_pieces(line) for line in report.lines()]}

    def groups(self, page: Page) -> dict[str, Any]:
        """Return the groups of the last plan: what stays, then what goes."""
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
            return Path(self.path).read_bytes()
        except OSError as exc:
            raise ConfigError(f"there is no plan: {exc.strerror}; write one first") from exc

    def _group(self, group: Sequence[Step]) -> dict[str, Any]:
        images = []
        for step in group:
            told = self._views.image(self._row_of[step.path])
            told |= {"stays": step.path == step.kept, "s": similarity_text(float(step.similarity))}
            images.append(told | {"same": int(bool(step.same_bytes))})
        return {"images": images}

    def _digest(self) -> str:
        return hashlib.sha256(self.content()).hexdigest()
