"""The files of a work folder: names, formats, reading, writing, recovery after a crash."""

from fastdup.workdir.paths import WorkDir

__all__ = ["WorkDir"]
