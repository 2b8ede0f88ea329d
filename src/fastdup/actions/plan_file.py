"""The plan as a CSV file that a person can read, sort, and change with any editor."""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from fastdup.actions.plan import KEEP, REMOVE, Plan, Step
from fastdup.errors import ActionError
from fastdup.workdir import read_table, write_table

PLAN_HEADER = (
    "group",
    "action",
    "filename",
    "kept",
    "similarity",
    "same_bytes",
    "width",
    "height",
    "size_bytes",
    "modified",
    "blur",
)
_NEEDED = ("group", "action", "filename", "kept", "size_bytes", "modified")
_TOLD: Mapping[bool | None, str] = {True: "yes", False: "no", None: ""}
_NS = 10**9


def write_plan(plan: Plan, path: str) -> str:
    """Write the plan to the file `path`, whole or not at all, and return `path`.

    Raises
    ------
    WorkDirError
        When it cannot be written.
    """
    write_table(path, PLAN_HEADER, map(_fields, plan.steps))
    return path


def read_plan(path: str) -> Plan:
    """Return the plan in a file, which a person may have changed.

    Rows may be taken away, and ``keep`` and ``remove`` swapped. A file goes in favour of the one
    in its column ``kept`` if that stays, else of the first of its group that stays.

    Raises
    ------
    ActionError
        When a group would lose its last copy, or a row makes no sense; the message says which.
    WorkDirError
        When the file cannot be read.
    """
    rows = [_Row(path, number, told) for number, told in _told(path)]
    kept_of_path, kept_of_group, seen = set(), dict[int, str](), set()
    for row in rows:
        if row.path in seen:
            raise row.error(f"{row.path!r} is in the plan twice: keep one of the rows")
        seen.add(row.path)
        if row.action == KEEP:
            kept_of_path.add(row.path)
            kept_of_group.setdefault(row.group, row.path)
    steps = []
    for row in rows:
        kept = row.path if row.action == KEEP else row.told["kept"]
        if kept not in kept_of_path:
            if row.group not in kept_of_group:
                raise row.error(
                    f"group {row.group} would lose its last copy: write keep for one of its files"
                )
            kept = kept_of_group[row.group]
        steps.append(row.step(kept))
    return Plan(steps=tuple(steps))


class _Row:
    def __init__(self, plan: str, number: int, told: Mapping[str, str]) -> None:
        self._plan, self._number = plan, number
        self.told = told
        self.path = told["filename"]
        self.action = told["action"].strip().lower()
        if self.action not in (KEEP, REMOVE):
            raise self.error(f"the action {told['action']!r} is unknown: write keep or remove")
        if not os.path.isabs(self.path):
            raise self.error(f"the filename {self.path!r} is not a full path")
        self.group = self._whole("group")

    def step(self, kept: str) -> Step:
        is_first_kept = kept == self.told["kept"]
        same = self.told.get("same_bytes", "") == _TOLD[True]
        try:
            modified_ns = _parse_time(self.told["modified"])
        except ValueError as exc:
            raise self.error(
                f"the time {self.told['modified']!r} is not as it was written: plan again"
            ) from exc
        return Step(
            group=self.group,
            action=self.action,
            path=self.path,
            kept=kept,
            similarity=self._number_of("similarity") if is_first_kept else 0.0,
            same_bytes=same if is_first_kept and self.told.get("same_bytes") else None,
            width=int(self._number_of("width")),
            height=int(self._number_of("height")),
            size_bytes=self._whole("size_bytes"),
            mtime_ns=modified_ns,
            blur=self._number_of("blur"),
        )

    def error(self, message: str) -> ActionError:
        return ActionError(f"{self._plan}, row {self._number}: {message}")

    def _whole(self, column: str) -> int:
        try:
            return int(self.told[column])
        except ValueError as exc:
            raise self.error(f"{column} is {self.told[column]!r}, not a whole number") from exc

    def _number_of(self, column: str) -> float:
        try:
            return float(self.told.get(column) or 0)
        except ValueError as exc:
            raise self.error(f"{column} is {self.told[column]!r}, not a number") from exc


def _told(path: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    rows = read_table(path)
    header = [name.lstrip("\ufeff") for name in next(rows, [])]  # spreadsheets write a mark
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise ActionError(f"{path} is no plan: the column {missing[0]!r} is missing")
    for number, fields in enumerate(rows, 2):
        if fields:
            if len(fields) != len(header):
                raise ActionError(f"{path}, row {number}: {len(fields)} of {len(header)} columns")
            yield number, dict(zip(header, fields, strict=True))


def _fields(step: Step) -> Sequence[object]:
    return (
        step.group,
        step.action,
        step.path,
        step.kept,
        f"{step.similarity:.6f}",
        _TOLD[step.same_bytes],
        step.width,
        step.height,
        step.size_bytes,
        _time(step.mtime_ns),
        step.blur,
    )


def _time(mtime_ns: int) -> str:
    """Return a time in UTC as text that no spreadsheet takes for a number and rounds."""
    seconds, nanoseconds = divmod(mtime_ns, _NS)
    try:
        moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    except OverflowError:  # beyond the years that Python knows
        return f"@{mtime_ns}"
    return f"{moment.isoformat()}.{nanoseconds:09}Z"


def _parse_time(text: str) -> int:
    if text.startswith("@"):
        return int(text[1:])
    whole, _, fraction = text.strip().removesuffix("Z").partition(".")
    if len(fraction) != 9 or not fraction.isdigit():
        raise ValueError(text)
    since_1970 = datetime.fromisoformat(whole) - datetime(1970, 1, 1)
    return (since_1970.days * 86_400 + since_1970.seconds) * _NS + int(fraction)
