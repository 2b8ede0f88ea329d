"""What a person chose on the page: which folders, how similar, and where results go."""

import hashlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fastdup.config import RunConfig
from fastdup.errors import ConfigError
from fastdup.explorer.params import Params
from fastdup.sources.kinds import ARCHIVES, VIDEOS
from fastdup.workdir import WorkDir

#: How similar, as the page names it → options of a run. What is left out is as by default.
SIMILAR: Mapping[str, Mapping[str, Any]] = {
    "exact": {"threshold": 1.0},
    "same": {"threshold": 0.98},
    "edited": {},
    "parts": {"parts": True},
}
#: The longest name taken over from a folder.
_NAME_CHARACTERS = 40


@dataclass(frozen=True, kw_only=True)
class RunChoices:
    """What to run on. All paths are absolute.

    Attributes
    ----------
    folders : tuple of str
        Where the images are: at least one.
    reference : str
        A folder whose images are only compared against; empty: none, and all are compared.
    similar : {"exact", "same", "edited", "parts"}
        What counts as a copy.
    hidden, videos, archives : bool
        Whether to look into hidden folders, videos and archives.
    work_dir : str
        Where results go.
    """

    folders: tuple[str, ...]
    reference: str = ""
    similar: str = "edited"
    hidden: bool = False
    videos: bool = True
    archives: bool = True
    work_dir: str = ""

    @classmethod
    def of(cls, params: Params, state: Path) -> "RunChoices":
        """Return what a request, or what was remembered, asks for.

        Parameters
        ----------
        params : Params
            The attributes by name.
        state : Path
            Where the results go by default, in a folder named for the images.

        Raises
        ------
        ConfigError
            When something makes no sense: what, and what to do.
        """
        folders = tuple(dict.fromkeys(map(_normal, params.texts("folders"))))
        if not folders:
            raise ConfigError("choose a folder first")
        reference = path_given(params, "reference")
        similar = params.text("similar", "edited")
        if similar not in SIMILAR:
            raise ConfigError.not_among("similar", similar, SIMILAR, "edited")
        for path in (*folders, *filter(None, [reference])):
            if not os.path.exists(path):
                raise ConfigError(f"there is no folder {path}: choose another")
        if reference:
            _check_reference(reference, folders)
        return cls(
            folders=folders,
            reference=reference,
            similar=similar,
            hidden=params.flag("hidden"),
            videos=params.flag("videos") or not params.has("videos"),
            archives=params.flag("archives") or not params.has("archives"),
            work_dir=path_given(params, "work_dir") or _proposed(folders, reference, state),
        )

    def options(self) -> dict[str, Any]:
        """Return the options of the run that are not as by default, by the names of `RunConfig`."""
        options: dict[str, Any] = {"work_dir": self.work_dir, **SIMILAR[self.similar]}
        if self.reference:
            options["test_dir"] = self.reference
        if self.hidden:
            options["include_hidden"] = True
        kinds = [*([] if self.videos else [VIDEOS]), *([] if self.archives else [ARCHIVES])]
        if kinds:
            options["exclude"] = tuple(f"*{ending}" for kind in kinds for ending in kind.endings)
        return options

    def check(self) -> None:
        """Refuse what a run would refuse.

        Raises
        ------
        ConfigError
            What, and what to do.
        """
        RunConfig(input_dir=list(self.folders), **self.options())

    def words(self) -> list[str]:
        """Return the words of the command line after ``fastdup``."""
        words = ["run", *self.folders]
        for name, value in self.options().items():
            flag = f"--{name.replace('_', '-')}"
            if value is True:
                words.append(flag)
            elif isinstance(value, tuple):
                words += [f"{flag}={pattern}" for pattern in value]
            else:
                words += [flag, f"{value:g}" if isinstance(value, float) else value]
        return words

    def command(self) -> str:
        """Return the command that does the same, to be pasted into a terminal."""
        words = ["fastdup", *self.words()]
        return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)

    def question(self) -> str:
        """Return what to ask before results go to the work folder; empty: nothing."""
        work, place = self.work_dir, os.path.realpath(self.work_dir)
        for folder in (*self.folders, *filter(None, [self.reference])):
            if _is_within(place, os.path.realpath(folder)):
                return f"{work} would be among the images. Put the results there?"
        if _holds_other_files(work):
            return f"{work} has other files in it. Put the results among them?"
        return ""

    def to_json(self) -> dict[str, Any]:
        """Return the choices as JSON values."""
        return asdict(self) | {"folders": list(self.folders)}


def _check_reference(reference: str, folders: tuple[str, ...]) -> None:
    """Refuse a reference that leaves nothing to compare of a folder."""
    real = os.path.realpath(reference)
    for folder in folders:
        if os.path.realpath(folder) == real:
            raise ConfigError(f"{folder} cannot be both: compare it, or compare against it")
        if _is_within(os.path.realpath(folder), real):
            raise ConfigError(
                f"{folder} is inside {reference}, which is only compared against: choose one "
                "outside it"
            )


def path_given(params: Params, name: str) -> str:
    """Return an absolute path, empty when none is given.

    Raises
    ------
    ConfigError
        When it cannot be a path of this machine.
    """
    text = params.text(name)
    (path,) = Params({name: [text]}, 0).texts(name) or [""]
    return _normal(path) if path else ""


def _normal(path: str) -> str:
    path = os.path.expanduser(path)
    if "\0" in path or not os.path.isabs(path):
        raise ConfigError(f"{path!r} is not a full path: begin with {os.path.abspath(os.sep)}")
    return os.path.normpath(path)


def _proposed(folders: tuple[str, ...], reference: str, state: Path) -> str:
    """Return a folder of its own for these images: the same each time, so that a run goes on."""
    digest = hashlib.sha256(os.fsencode("\0".join([*folders, "", reference]))).hexdigest()[:8]
    name = re.sub(r"[^\w-]+", "-", os.path.basename(folders[0])).strip("-")
    name = name.encode("ascii", "ignore").decode()[:_NAME_CHARACTERS]
    return str(state / "results" / f"{name or 'images'}-{digest}")


def _is_within(path: str, folder: str) -> bool:
    try:
        return os.path.commonpath([path, folder]) == folder
    except ValueError:  # on different drives
        return False


def _holds_other_files(work_dir: str) -> bool:
    work = WorkDir(work_dir)
    if os.path.exists(work.journal) or os.path.exists(work.config):
        return False
    try:
        with os.scandir(work_dir) as entries:
            return any(entry.path != work.lock for entry in entries)
    except OSError:  # the run reports what is wrong
        return False
