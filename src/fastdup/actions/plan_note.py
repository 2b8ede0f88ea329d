"""The note beside a plan: its digest, the settings that it was made with, and by what results.

A plan whose bytes are not those of the digest was changed by a person. One that was made of other
results than those of the work folder now is stale.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from fastdup.actions.keep import CopyChoice
from fastdup.actions.links import digest_if_readable
from fastdup.errors import ConfigError
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import write_atomically

#: Settings that make another plan; `never` only takes files out of one.
_DECIDING = (
    "keep", "threshold", "prefer", "exact", "also", "carry_companions", "carry_metadata", "what",
    "across", "within", "videos",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PlanNote:
    """What is known of the plan of a work folder.

    Attributes
    ----------
    digest : str
        Of its file as it was written.
    settings : dict
        The fields of the `CopyChoice` as JSON values; empty where they are not known.
    results : str
        Digest of the results that it was made of; empty where that is not known.
    """

    digest: str
    settings: dict[str, Any] = field(default_factory=dict)
    results: str = ""

    def check(self, choice: CopyChoice, work: WorkDir) -> None:
        """Refuse a plan that is stale.

        Raises
        ------
        ConfigError
            When there are other results by now, or `choice` asks for what is not in the plan. What
            it leaves at its default is not asked for.
        """
        if self.results and self.results != results_digest(work):
            raise ConfigError(
                "nothing was done: the plan was made from earlier results or decisions; plan again"
            )
        asked, default = _plain(choice), _plain(CopyChoice())
        for name in _DECIDING if self.settings else ():
            planned = self.settings.get(name, default[name])
            if asked[name] not in (planned, default[name]):
                raise ConfigError(
                    f"nothing was done: the plan was made with {name}={planned!r}, not "
                    f"{asked[name]!r}; plan again"
                )


def read_note(work: WorkDir) -> PlanNote:
    """Return the note beside the plan; without a digest where there is none that can be read."""
    try:
        with open(work.clean_plan_digest, encoding="utf-8") as file:
            digest, more = file.readline().strip(), file.read()
        known = json.loads(more) if more.strip() else {}
        return PlanNote(
            digest=digest, settings=dict(known["settings"]), results=str(known["results"])
        )
    except (OSError, KeyError):
        return PlanNote(digest=_first_line(work.clean_plan_digest))
    except (ValueError, TypeError, RecursionError):
        return PlanNote(digest="")


def write_note(work: WorkDir, choice: CopyChoice) -> str:
    """Write the note beside the plan that was written now, and return the plan's digest.

    Raises
    ------
    WorkDirError
        When it cannot be written.
    """
    digest = digest_if_readable(work.clean_plan)
    known = {"settings": _plain(choice), "results": results_digest(work)}
    text = f"{digest}\n{json.dumps(known)}\n"
    write_atomically(work.clean_plan_digest, lambda file: file.write(text.encode()))
    return digest


def results_digest(work: WorkDir) -> str:
    """Return one digest of all tables that plans are made of, and of a person's decisions."""
    tables = work.similarity, work.verdicts, work.stats, work.metadata, work.bad_csv
    parts = list(map(digest_if_readable, tables))
    if os.path.lexists(work.decisions):
        parts.append(digest_if_readable(work.decisions))
    return sha256("\n".join(parts).encode()).hexdigest()


def is_of(work: WorkDir, plan_file: str) -> bool:
    """Return whether a file is the plan of the work folder, which has the note."""
    return os.path.realpath(plan_file) == os.path.realpath(work.clean_plan)


def _plain(choice: CopyChoice) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(json.dumps(asdict(choice)))
    return values


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.readline().strip()
    except (OSError, ValueError):
        return ""
