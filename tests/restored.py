"""A folder that is made once and put back, where it was, before each test that changes it."""

import shutil
from pathlib import Path


class Restored:
    """A folder as it was when this was made.

    The results of a run have the full paths of its images, so they hold only where it was made.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._copy = folder, folder.with_name(f"{folder.name} as it was")
        shutil.copytree(folder, self._copy, symlinks=True)

    def folder(self) -> Path:
        """Return the folder, put back to the byte and the nanosecond."""
        shutil.rmtree(self._folder)
        shutil.copytree(self._copy, self._folder, symlinks=True)
        return self._folder
