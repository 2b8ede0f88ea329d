"""Archives made on the spot."""

import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path


def tar_of(path: Path, members: Iterable[tuple[str, bytes]], mode: str = "w") -> Path:
    """Write a tar of (name, content); `mode` as for ``tarfile.open``."""
    with tarfile.open(path, mode) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def zip_of(path: Path, members: Iterable[tuple[str, bytes]], method: int = 8) -> Path:
    """Write a zip of (name, content), packed by `method`."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), data, method)
    return path


def files_of(folder: Path) -> Mapping[str, bytes]:
    """Return the files below a folder by their relative path, in the order of a listing."""
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return dict(sorted(found.items(), key=lambda item: item[0].encode()))
