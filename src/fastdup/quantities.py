"""Numbers with their nouns and units, as people read them."""


def counted(n: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: 1 file, 2,000 files.

    Parameters
    ----------
    n : int
        How many.
    noun : str
        What one of them is called.
    plural : str
        What several are called; empty: the noun with an s.
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def size_text(n_bytes: int) -> str:
    """Return a size in decimal units, as file managers show it: 512 bytes, 1.5 kB, 24 MB.

    Parameters
    ----------
    n_bytes : int
    """
    if n_bytes < 1000:
        return counted(n_bytes, "byte")
    size, unit = n_bytes / 1000, "kB"
    for larger_unit in ("MB", "GB"):
        if size >= 999.5:
            size, unit = size / 1000, larger_unit
    return f"{size:.1f} {unit}" if size < 9.95 else f"{size:.0f} {unit}"
