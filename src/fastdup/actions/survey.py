"""The files in pairs as they are now: which can be acted on, and the steps made of them."""

import dataclasses
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fastdup.actions.candidate import Candidate
from fastdup.actions.companions import PhotoFolders
from fastdup.actions.evidence import add_evidence
from fastdup.actions.found import FoundImages
from fastdup.actions.keep import CopyChoice, is_protected
from fastdup.actions.known_gains import keep_gains, read_gains
from fastdup.actions.original import warning_for
from fastdup.actions.plan import KEEP, REMOVE, Compare, Step
from fastdup.actions.state import LeftAlone, state_of
from fastdup.analysis.pairs import Pairs
from fastdup.analysis.stars import Star
from fastdup.metadata import Metadata
from fastdup.verify.verdict import Verdict

#: What is no file of its own, but may be listed all the same.
_NO_FILES = (LeftAlone.ELSEWHERE, LeftAlone.LINK)


class Survey:
    """The images in pairs, and which of their files are still as the run saw them."""

    def __init__(
        self, found: FoundImages, pairs: Pairs, folders: PhotoFolders, *, only_files: bool
    ) -> None:
        self._work, self._paths = found.work, found.paths
        self._kept_always = found.decided.keeps
        self.left_alone: Counter[LeftAlone] = Counter()
        rows = set(pairs.sources.tolist()) | set(pairs.targets.tolist())
        features_ns = os.stat(found.work.features).st_mtime_ns
        self._files: dict[int, Candidate] = {}
        inodes = set()
        for row, known in sorted(found.candidates(rows).items()):
            state = state_of(known, not_after_ns=features_ns)
            if isinstance(state, LeftAlone):
                if state in _NO_FILES and not only_files:
                    self._files[row] = known
                else:
                    self.left_alone[state] += 1
                continue
            inode = (state.st_dev, state.st_ino)
            if inode in inodes:
                self.left_alone[LeftAlone.SAME_FILE] += 1
                continue
            inodes.add(inode)
            self._files[row] = known._replace(
                size_bytes=state.st_size,
                mtime_ns=state.st_mtime_ns,
                companions=frozenset(one.kind for one in folders.of(known.path)),
            )

    def add_evidence(self, pairs: Pairs, between: Compare) -> None:
        """Look at the pixels where they show which file is the original."""
        known = read_gains(self._work, self._files)
        gains = dict(known)
        self._files = add_evidence(self._files, pairs, between, gains)
        keep_gains(self._work, self._files, gains, known)

    def metadata(self) -> dict[str, Metadata]:
        """Return full path → what the file says beside its pixels."""
        return {file.path: file.metadata for file in self._files.values()}

    def order(self, choice: CopyChoice, hand: Mapping[str, str]) -> list[int]:
        """Return the rows that may stay or go, the one to keep first."""
        by_rule = choice.sort_key()
        place = {KEEP: 0, REMOVE: 2}

        def key(row: int) -> tuple[object, ...]:
            return place.get(hand.get(self._paths[row], ""), 1), by_rule(self._files[row])

        return sorted(self._files, key=key)

    def stays(self, never: Sequence[str], hand: Mapping[str, str]) -> set[int]:
        """Return the rows that must not go."""
        return {
            row
            for row, file in self._files.items()
            if hand.get(file.path) == KEEP or is_protected(file.path, never)
        }

    def steps(
        self,
        stars: Sequence[Star],
        compare: Compare,
        choice: CopyChoice,
        hand: Mapping[str, str],
    ) -> tuple[Step, ...]:
        """Return the steps, plan groups of the same bytes first, then the most similar."""
        groups = []
        for star in stars:
            self.left_alone.update(map(self._reason_spared, star.spared))
            if star.copies:
                groups.append(self._group(star, compare, choice, hand))
        groups.sort(key=_group_order)
        return tuple(
            dataclasses.replace(step, group=number)
            for number, group in enumerate(groups)
            for step in group
        )

    def _reason_spared(self, row: int) -> LeftAlone:
        return LeftAlone.KEPT_ALWAYS if row in self._kept_always else LeftAlone.NEVER

    def _why(self, kept: int, row: int, choice: CopyChoice) -> str:
        if kept in self._kept_always and row not in self._kept_always:
            return "it is always kept, as you decided"
        return choice.reason(self._files[kept], self._files[row])

    def _group(
        self, star: Star, compare: Compare, choice: CopyChoice, hand: Mapping[str, str]
    ) -> list[Step]:
        kept = self._files[star.kept]
        copies = []
        for row, similarity in star.copies.items():
            relation = compare(star.kept, row)
            step = _step(
                self._files[row],
                kept,
                REMOVE,
                similarity=similarity,
                same_bytes=relation.verdict is Verdict.SAME_BYTES,
                verdict=relation.verdict.value,
                kinds=relation.kinds,
                why=self._why(star.kept, row, choice),
                warning=self._warning(row, kept, hand),
            )
            copies.append(step)
        copies.sort(key=lambda step: (-step.similarity, os.fsencode(step.path)))
        reasons = dict.fromkeys(step.why for step in copies if step.why)
        return [_step(kept, kept, KEEP, why="; ".join(reasons)), *copies]

    def _warning(self, row: int, kept: Candidate, hand: Mapping[str, str]) -> str:
        file = self._files[row]
        is_by_hand = file.path in hand or kept.path in hand
        return "" if is_by_hand else warning_for(file, kept)


def _step(file: Candidate, kept: Candidate, action: str, **fields: Any) -> Step:
    known = {name: getattr(file, name) for name in _OF_FILE}
    return Step(group=0, action=action, kept=kept.path, **known, **fields)


_OF_FILE = ("path", "width", "height", "size_bytes", "mtime_ns", "blur")


def _group_order(group: Sequence[Step]) -> tuple[object, ...]:
    has_same = any(step.same_bytes for step in group)
    return not has_same, -group[1].similarity, os.fsencode(group[0].path)
