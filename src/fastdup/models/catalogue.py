"""The list that ``fastdup models`` prints: the built-in model, and the presets with their state."""

from dataclasses import astuple, dataclass

from fastdup.models.cache_folder import models_folder
from fastdup.models.presets import PRESETS, Preset
from fastdup.models.spec import BUILTIN_PATH, file_sha256, load_spec

BUILTIN_LICENCE = "Apache-2.0"
NOT_PINNED = "hash not pinned"


@dataclass(frozen=True)
class CatalogueEntry:
    """One row of the list.

    Attributes
    ----------
    name : str
        The value for ``model_path``.
    dim, size, licence : str
        Width of a feature row, size of the file, licence of the weights.
    state : {"built-in", "downloaded", "not downloaded", "changed"}
        "changed" means that the file differs from the pinned one.
    sha256 : str
        SHA-256 of the downloaded file, else the pinned one.
    """

    name: str
    dim: str
    size: str
    licence: str
    state: str
    sha256: str


def catalogue_lines() -> list[str]:
    """Return the list as lines for a terminal, followed by the commands to type next.

    Reads the disk, never the network.
    """
    head = CatalogueEntry("NAME", "DIM", "SIZE", "LICENCE", "STATE", "SHA256")
    rows = [astuple(entry) for entry in (head, _builtin(), *map(_entry, PRESETS.values()))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return [
        *table,
        f"downloaded models are kept in {models_folder()}",
        "to get one: fastdup models download NAME; to use it: fastdup run INPUT --model-path NAME, "
        "or --content-model NAME",
    ]


def _builtin() -> CatalogueEntry:
    spec = load_spec()
    size = _size(BUILTIN_PATH.stat().st_size)
    return CatalogueEntry("built-in", str(spec.dim), size, BUILTIN_LICENCE, "built-in", spec.sha256)


def _entry(preset: Preset) -> CatalogueEntry:
    path = preset.path
    if not path.is_file():
        state, sha256, n_bytes = "not downloaded", preset.sha256 or NOT_PINNED, preset.n_bytes
    else:
        sha256, n_bytes = file_sha256(str(path)), path.stat().st_size
        state = "downloaded" if preset.sha256 in (None, sha256) else "changed"
        sha256 += "" if preset.sha256 else f" ({NOT_PINNED})"
    return CatalogueEntry(
        preset.name, str(preset.dim), _size(n_bytes), preset.licence, state, sha256
    )


def _size(n_bytes: int) -> str:
    megabytes = n_bytes / 1e6
    return f"{megabytes:.1f} MB" if megabytes < 10 else f"{megabytes:.0f} MB"
