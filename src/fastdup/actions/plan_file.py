"""The plan as a CSV file that a person can read, sort, and change with any editor.

The plan of a work folder has a note beside it; see `plan_note`. A plan whose bytes are not those of
the digest there was changed by hand; of one without a note, nobody knows. Neither is overwritten:
see `save_plan`.
"""

import math
import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from fastdup.actions.carried_metadata import Values, from_text, to_text
from fastdup.actions.keep import CopyChoice
from fastdup.actions.links import digest_if_readable
from fastdup.actions.offers import FLAWS
from fastdup.actions.plan import CARRIED, GOES, KEEP, REMOVE, STAYS, Plan, PlannedCompanion, Step
from fastdup.actions.plan_note import read_note, write_note
from fastdup.errors import ActionError, ConfigError
from fastdup.runs.tables import KIND_SEPARATOR
from fastdup.scale import decimal
from fastdup.verify.verdict import Verdict
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import numbered_rows, write_table

PLAN_HEADER = (
    "group", "action", "filename", "kept", "similarity", "same_bytes", "width", "height",
    "size_bytes", "modified", "blur", "verdict", "kinds", "why",
    "warning", "metadata", "companions",
)  # fmt: skip
_NEEDED = ("group", "action", "filename", "kept", "size_bytes", "modified")
SAME_BYTES: Mapping[bool | None, str] = {True: "yes", False: "no", None: ""}
#: No name has it.
_BETWEEN_NAMES = "/"
_NS = 10**9
_WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)
#: Beyond it no size is, and no number fits into 64 bits.
_MOST = 2**63 - 1


def save_plan(plan: Plan, work: WorkDir, choice: CopyChoice) -> str:
    """Write the plan of a work folder, with the choice it was made by, and return its digest.

    Raises
    ------
    ConfigError
        When the plan there was changed since it was written, or may have been. The message says
        how to carry that one out, and how to get rid of it.
    WorkDirError
        When it cannot be written.
    """
    path, noted = work.clean_plan, read_note(work).digest
    if os.path.exists(path) and digest_if_readable(path) != noted:
        unknown = (
            f"has no note beside it ({work.clean_plan_digest}) by which to see whether a person "
            "changed it"
        )
        raise ConfigError(
            f"{path} {'was changed since it was planned' if noted else unknown}: carry it out with "
            f"{apply_command(work.root, path)} (in Python: plan=...), or delete it to plan again"
        )
    write_plan(plan, path)
    return write_note(work, choice)


def apply_command(work_dir: str, path: str) -> str:
    """Return the command that carries out the plan at `path`, for a shell."""
    return shlex.join(["fastdup", "clean", work_dir, "--plan", path, "--apply"])


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

    Rows may be deleted, and ``keep`` and ``remove`` swapped. A file is a copy of the one in its
    column ``kept`` if that stays, else of the first file of its plan group that stays. One that
    goes for its flaws has nothing there, and flaws for ``kinds``.

    Raises
    ------
    ActionError
        When a group would lose its last copy, or a row makes no sense; the message says which.
    WorkDirError
        When the file cannot be read.
    """
    rows = [_Row(path, line, fields) for line, fields in _rows_by_line(path)]
    kept_of_path, kept_of_group, seen = set(), dict[int, str](), set()
    for row in rows:
        if row.path in seen:
            raise row.error(f"{row.path!r:.200} is in the plan twice: keep one of the rows")
        seen.add(row.path)
        if row.action == KEEP:
            kept_of_path.add(row.path)
            kept_of_group.setdefault(row.group, row.path)
    steps = []
    for row in rows:
        kept = row.path if row.action == KEEP else row.fields["kept"]
        if kept not in kept_of_path and not row.is_flawed():
            if row.group not in kept_of_group:
                raise row.error(
                    f"group {row.group} would lose its last copy: write keep for one of its files"
                )
            kept = kept_of_group[row.group]
        steps.append(row.step(kept))
    return Plan(steps=tuple(steps))


class _Row:
    def __init__(self, plan: str, line: int, fields: Mapping[str, str]) -> None:
        self._plan, self._line = plan, line
        self.fields = fields
        self.path = fields["filename"]
        self.action = fields["action"].strip().lower()
        if self.action not in (KEEP, REMOVE):
            raise self.error(
                f"the action {fields['action']!r:.200} is unknown: write keep or remove"
            )
        if not os.path.isabs(self.path):
            raise self.error(f"the filename {self.path!r:.200} is not a full path")
        self.group = self._whole("group")

    def is_flawed(self) -> bool:
        """Return whether the file goes for its flaws, and nothing stands for it."""
        kinds = self._kinds()
        is_alone = self.action == REMOVE and not self.fields["kept"]
        return is_alone and bool(kinds) and FLAWS.keys() >= set(kinds)

    def step(self, kept: str) -> Step:
        is_first_kept = kept == self.fields["kept"]
        same = self.fields.get("same_bytes", "") == SAME_BYTES[True]
        try:
            modified_ns = _parse_time(self.fields["modified"])
        except ValueError as exc:
            raise self.error(
                f"the time {self.fields['modified']!r:.200} is not as it was written: plan again"
            ) from exc
        return Step(
            group=self.group,
            action=self.action,
            path=self.path,
            kept=kept,
            similarity=self._number_of("similarity") if is_first_kept else 0.0,
            same_bytes=same if is_first_kept and self.fields.get("same_bytes") else None,
            width=int(self._number_of("width")),
            height=int(self._number_of("height")),
            size_bytes=self._whole("size_bytes"),
            mtime_ns=modified_ns,
            blur=self._number_of("blur"),
            verdict=self._verdict() if is_first_kept else Verdict.UNVERIFIED.value,
            kinds=self._kinds() if is_first_kept else (),
            why=self.fields.get("why", "") if is_first_kept else "",
            warning=self.fields.get("warning", "") if is_first_kept else "",
            metadata=self._metadata() if is_first_kept else {},
            companions=self._companions(),
        )

    def _companions(self) -> tuple[PlannedCompanion, ...]:
        texts = filter(None, self.fields.get("companions", "").split(_BETWEEN_NAMES))
        return tuple(map(self._companion, texts))

    def _companion(self, text: str) -> PlannedCompanion:
        try:
            fate, size_bytes, modified, name = text.split(" ", 3)
            one = PlannedCompanion(fate, int(size_bytes), _parse_time(modified), name)
        except ValueError:
            one = PlannedCompanion("", 0, 0, "")
        if one.fate not in (GOES, CARRIED, STAYS) or one.name in ("", ".", ".."):
            raise self.error(f"the companion {text!r:.200} is not as it was written: plan again")
        follows = one.fate if one.fate == CARRIED else GOES
        return one._replace(fate=STAYS if self.action == KEEP else follows)

    def _metadata(self) -> Values:
        text = self.fields.get("metadata", "") if self.action == REMOVE else ""
        try:
            return from_text(text)
        except ValueError as exc:
            raise self.error(f"the metadata {text!r:.200} is not as it was written") from exc

    def _verdict(self) -> str:
        given = self.fields.get("verdict", "").strip() or Verdict.UNVERIFIED.value
        if given not in set(Verdict):
            raise self.error(f"the verdict {given!r:.200} is unknown: plan again")
        return given

    def _kinds(self) -> tuple[str, ...]:
        return tuple(filter(None, self.fields.get("kinds", "").split(KIND_SEPARATOR)))

    def error(self, message: str) -> ActionError:
        return ActionError(f"{self._plan}, line {self._line}: {message}")

    def _whole(self, column: str) -> int:
        text = self.fields[column]
        if not _WHOLE.fullmatch(text.strip()) or abs(int(text)) > _MOST:
            raise self.error(f"{column} is {text!r:.200}, not a whole number")
        return int(text)

    def _number_of(self, column: str) -> float:
        text = self.fields.get(column) or "0"
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise self.error(f"{column} is {text!r:.200}, not a number")
        return number


def _rows_by_line(path: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    rows = numbered_rows(path)
    _, names = next(rows, (1, []))
    header = [name.lstrip("\ufeff") for name in names]  # spreadsheets write a mark
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise ActionError(f"{path} is not a plan: the column {missing[0]!r} is missing")
    for line, fields in rows:
        if fields:
            if len(fields) != len(header):
                raise ActionError(f"{path}, line {line}: {len(fields)} of {len(header)} columns")
            yield line, dict(zip(header, fields, strict=True))


def _fields(step: Step) -> Sequence[object]:
    return (
        step.group,
        step.action,
        step.path,
        step.kept,
        decimal(step.similarity),
        SAME_BYTES[step.same_bytes],
        step.width,
        step.height,
        step.size_bytes,
        _time(step.mtime_ns),
        step.blur,
        step.verdict if step.action == REMOVE else "",
        KIND_SEPARATOR.join(step.kinds),
        step.why,
        step.warning,
        to_text(step.metadata),
        _BETWEEN_NAMES.join(map(_beside_text, step.companions)),
    )


def _beside_text(one: PlannedCompanion) -> str:
    # The name comes last: it may have spaces, and none is taken for a formula.
    return f"{one.fate} {one.size_bytes} {_time(one.mtime_ns)} {one.name}"


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
