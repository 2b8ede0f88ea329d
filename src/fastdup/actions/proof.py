"""The last look before a file goes: whether the one that stays is still worth what it was."""

from functools import cached_property

from fastdup.actions.companions import PhotoFolders
from fastdup.actions.exact_duplicates import same_bytes
from fastdup.actions.may_go import SAFE
from fastdup.actions.offers import BROKEN
from fastdup.actions.plan import Step, relation_of
from fastdup.actions.relations import Eyes
from fastdup.actions.state import LeftAlone
from fastdup.actions.video_match import compare_videos, has_namesakes, is_video


class Proof:
    """Looks at both files of a step as they are now; sizes and times do not show that bytes rot."""

    def __init__(self) -> None:
        self._whole: dict[str, bool] = {}

    def objection(self, step: Step) -> LeftAlone | None:
        """Return why the step's file must not go, None when it may.

        Files of the same bytes are compared byte by byte. Else the picture that stays must be
        whole, and what goes must be to it what the plan says: the same picture, or one edited in
        the same way. Where a person decided, the picture that stays must be whole.
        """
        if is_video(step.path):
            return _objection_to_video(step)
        if same_bytes(step.path, step.kept):
            return None
        if step.same_bytes:
            return LeftAlone.NOT_THE_SAME
        if not self._is_whole(step.kept):
            return LeftAlone.NO_KEPT
        planned = relation_of(step)
        if planned.verdict not in SAFE and not planned.needs():  # decided by a person
            return None
        now = self._eyes.look(step.kept, step.path)
        return None if now.may_go(planned.needs()) else LeftAlone.NOT_THE_SAME

    def objection_to_flaw(self, step: Step) -> LeftAlone | None:
        """Return why a file must not go for its flaws, None when it may.

        What was broken may be whole to another decoder, or on a disk that is back.
        """
        is_whole = BROKEN in step.kinds and self._is_whole(step.path)
        return LeftAlone.NOT_BROKEN if is_whole else None

    def _is_whole(self, path: str) -> bool:
        if path not in self._whole:
            self._whole[path] = self._eyes.picture(path) is not None
        return self._whole[path]

    @cached_property
    def _eyes(self) -> Eyes:
        return Eyes()


def _objection_to_video(step: Step) -> LeftAlone | None:
    if has_namesakes(step.path, PhotoFolders()):
        return LeftAlone.NAMESAKES
    only_bytes = bool(step.same_bytes)
    now = compare_videos(step.kept, step.path, only_bytes=only_bytes)
    return None if now.verdict in SAFE else LeftAlone.NOT_THE_SAME
