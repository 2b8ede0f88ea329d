"""The files of a folder and of all below it, by their names."""

import os


def files_below(folder: str, endings: tuple[str, ...] = ("",)) -> list[str]:
    """Return the paths of all files, in the order of their bytes.

    Parameters
    ----------
    folder : str
    endings : tuple of str
        In small letters; a file counts if its name ends in one, in small letters or capitals.
    """
    found = (os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)
    return sorted((path for path in found if path.lower().endswith(endings)), key=os.fsencode)
